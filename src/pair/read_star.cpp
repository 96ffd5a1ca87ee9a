#include "pair/read_star.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/findings.hpp"
#include "base/sort.hpp"
#include "config/model.hpp"
#include "config/naming.hpp"
#include "config/report.hpp"
#include "config/uci/document.hpp"
#include "config/uci/parse.hpp"
#include "config/words.hpp"

namespace causeway::pair {
namespace {

using config::uci::Option;
using config::uci::Section;

/// A folder is called so, and a file system has its bounds; nobody needs as much.
constexpr std::size_t longest_title = 63;

enum class Role { hub, spoke };

/// A site with the places of what others are compared with.
struct Read {
    NamedSite site;
    std::optional<Role> role;
    std::set<std::string_view> meant;  ///< by options that are misspelt: one fault, not two
    bool has_name = false;
    bool has_lan = false;
    Place at;
    Place name_at;
    Place lan_at;
    Place role_at;
};

std::string title_of(std::string_view section) {
    return fmt::format("site '{}'", section);
}

/// As Identity::same_as() compares: neither case nor a dot at the end counts.
std::string plain_name(std::string_view name) {
    std::string plain(name.ends_with('.') ? name.substr(0, name.size() - 1) : name);
    std::ranges::transform(plain, plain.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return plain;
}

Result<Role> role_from(std::string_view text) {
    if (text == "hub" || text == "spoke") {
        return text == "hub" ? Role::hub : Role::spoke;
    }
    return fail(Error{Errc::unacceptable,
                      fmt::format("'{}' is no role", config::printable(text)),
                      {},
                      "write hub or spoke"});
}

struct OptionOfSite {
    std::string_view name;
    std::string_view missing;  ///< what to write where it is missing; empty: it has a default
    std::string_view several;  ///< what to do where there are more
};
constexpr std::array<OptionOfSite, 4> options_of_site{{
    {"name", "write option name 'office.example.org', the DNS name of this site", "keep one"},
    {"lan", "write option lan '192.168.1.0/24', the network of this site",
     "write one network that holds them all"},
    {"kind", "", "keep one"},
    {"role", "write option role 'hub' in one site, and option role 'spoke' in all others", "keep one"},
}};

class Reader {
 public:
    Reader(std::string_view file, config::Model& kept) : file_(file), report_(file_, kept) {}

    std::optional<Star> run(std::string_view text) {
        const auto document = config::uci::parse(text);
        if (!document) {
            const auto& error = document.error();
            report_.say(finding<FindingId::file_unusable>(Place{file_, error.place.line, error.place.column},
                                                          field<"what">(error.what),
                                                          field<"remedy">(error.remedy)));
            return std::nullopt;
        }
        for (const auto& surprise : document->surprises) {
            say(surprise);
        }
        for (const auto& section : document->sections) {
            read(section);
        }
        compare_names();
        compare_networks();
        return star();
    }

 private:
    [[nodiscard]] Place place(config::uci::Position at) const { return report_.place(at.line, at.column); }

    /// libuci goes on here; but what a line of a description loses, a tunnel lacks.
    void say(Finding surprise) {
        for (auto& one : surprise.places) {
            one.file = file_;
        }
        if (surprise.id != FindingId::section_again) {
            surprise.severity = Severity::error;
            report_.say(std::move(surprise));
            return;
        }
        const auto name =
            std::ranges::find(surprise.fields, "section", &std::pair<std::string_view, std::string>::first);
        report_.say(finding<FindingId::sites_section_again>(
            surprise.places, field<"section">(title_of(name->second)),
            field<"line">(std::to_string(surprise.places.back().line))));
    }

    void read(const Section& section) {
        if (section.type != "site") {
            report_.say(finding<FindingId::sites_other_section>(
                place(section.at), field<"type">(config::printable(section.type, 40)),
                field<"remedy">("write config site 'NAME', or remove it")));
            return;
        }
        if (section.anonymous) {
            report_.say(finding<FindingId::sites_nameless>(place(section.at)));
        } else if (section.name.size() > longest_title) {
            report_.say(finding<FindingId::sites_name_too_long>(
                place(section.at), field<"length">(std::to_string(section.name.size())),
                field<"most">(std::to_string(longest_title))));
        }
        Read site;
        site.at = place(section.at);
        site.site.title = section.name;
        for (const auto& option : section.options) {
            read(site, section, option);
        }
        for (const auto& rule : options_of_site) {
            if (!rule.missing.empty() && section.find(rule.name) == nullptr &&
                !site.meant.contains(rule.name)) {
                report_.say(finding<FindingId::sites_option_missing>(
                    site.at, field<"section">(title_of(section.name)),
                    field<"option">(std::string(rule.name)), field<"remedy">(std::string(rule.missing))));
            }
        }
        sites_.push_back(std::move(site));
    }

    void read(Read& site, const Section& section, const Option& option) {
        const auto* const rule = std::ranges::find(options_of_site, option.name, &OptionOfSite::name);
        if (rule == options_of_site.end()) {
            unknown(site, section, option);
            return;
        }
        if (option.values.size() > 1) {
            report_.say(finding<FindingId::sites_several_values>(
                place(option.values[1].at), field<"section">(title_of(section.name)),
                field<"option">(std::string(option.name)),
                field<"count">(std::to_string(option.values.size())),
                field<"remedy">(std::string(rule->several))));
        }
        const auto& value = option.values.front();
        const auto at = place(value.at);
        if (option.name == "name") {
            site.has_name = take(site.site.site.name, name_from(value.text), section, option);
            site.name_at = at;
        } else if (option.name == "lan") {
            site.has_lan = take(site.site.site.lan, lan_from(value.text), section, option);
            site.lan_at = at;
        } else if (option.name == "kind") {
            take(site.site.site.kind, kind_from(value.text), section, option);
        } else {
            take(site.role, role_from(value.text), section, option);
            site.role_at = at;
        }
    }

    template <class Target, class T>
    bool take(Target& target, Result<T> value, const Section& section, const Option& option) {
        if (value) {
            target = std::move(*value);
            return true;
        }
        report_.say(finding<FindingId::sites_value_wrong>(
            place(option.values.front().at), field<"section">(title_of(section.name)),
            field<"option">(std::string(option.name)), field<"what">(value.error().what),
            field<"remedy">(value.error().remedy)));
        return false;
    }

    void unknown(Read& site, const Section& section, const Option& option) {
        std::vector<std::string_view> known;
        for (const auto& rule : options_of_site) {
            known.push_back(rule.name);
        }
        const auto near = config::nearest(option.name, known);
        if (near) {
            site.meant.insert(*near);
        }
        report_.say(finding<FindingId::sites_option_unknown>(
            place(option.at), field<"section">(title_of(section.name)),
            field<"option">(config::printable_name(option.name)),
            field<"remedy">(near ? fmt::format("did you mean '{}'?", *near)
                                 : "a site has name, lan, kind and role")));
    }

    void compare_names() {
        std::map<std::string, const Read*> first;
        for (const auto& site : sites_) {
            if (!site.has_name) {
                continue;
            }
            const auto [found, is_new] = first.try_emplace(plain_name(site.site.site.name), &site);
            if (!is_new) {
                report_.say(finding<FindingId::sites_same_name>(
                    std::vector{site.name_at, found->second->name_at},
                    field<"section">(title_of(site.site.title)),
                    field<"other">(title_of(found->second->site.title)), field<"name">(site.site.site.name)));
            }
        }
    }

    /// Of two networks that overlap one holds the other: in the order of their beginnings each is compared with the one
    /// before it that reaches furthest.
    void compare_networks() {
        std::vector<const Read*> all;
        for (const auto& site : sites_) {
            if (site.has_lan) {
                all.push_back(&site);
            }
        }
        sort_stably_by(all, [](const Read* one) { return one->site.site.lan; });
        const Read* furthest = nullptr;
        for (const auto* one : all) {
            if (furthest != nullptr && furthest->site.site.lan.overlaps(one->site.site.lan)) {
                tell_of_overlap(*one, *furthest);
            }
            if (furthest == nullptr || one->site.site.lan.last() > furthest->site.site.lan.last()) {
                furthest = one;
            }
        }
    }

    /// The later one in the file is the one to look at.
    void tell_of_overlap(const Read& a, const Read& b) {
        const bool in_order = a.lan_at.line < b.lan_at.line;
        const auto& later = in_order ? b : a;
        const auto& earlier = in_order ? a : b;
        report_.say(finding<FindingId::sites_networks_overlap>(
            std::vector{later.lan_at, earlier.lan_at}, field<"section">(title_of(later.site.title)),
            field<"network">(later.site.site.lan.text()), field<"other">(title_of(earlier.site.title)),
            field<"other_network">(earlier.site.site.lan.text())));
    }

    std::optional<Star> star() {
        const Read* hub = nullptr;
        Star star;
        for (auto& site : sites_) {
            if (site.role == Role::spoke) {
                star.spokes.push_back(site.site);
            } else if (site.role == Role::hub && hub != nullptr) {
                report_.say(finding<FindingId::sites_second_hub>(
                    std::vector{site.role_at, hub->role_at}, field<"section">(title_of(site.site.title)),
                    field<"other">(title_of(hub->site.title)),
                    field<"line">(std::to_string(hub->role_at.line))));
            } else if (site.role == Role::hub) {
                hub = &site;
            }
        }
        // A role that is missing or misspelt has been said.
        const bool all_known =
            std::ranges::all_of(sites_, [](const Read& one) { return one.role.has_value(); });
        if (hub == nullptr && all_known) {
            report_.say(
                finding<FindingId::sites_no_hub>(sites_.empty() ? report_.place(1, 1) : sites_.front().at));
        } else if (hub != nullptr && star.spokes.empty() && sites_.size() == 1) {
            report_.say(finding<FindingId::sites_no_spoke>(hub->role_at));
        }
        if (hub == nullptr) {
            return std::nullopt;
        }
        star.hub = hub->site;
        return star;
    }

    FileName file_;
    config::Report report_;
    std::vector<Read> sites_;
};

}  // namespace

std::optional<Star> read_star(std::string_view text, std::string_view file, std::vector<Finding>& findings) {
    config::Model kept;
    auto star = Reader(file, kept).run(text);
    config::put_in_order(kept.findings);
    const bool faulty = !kept.findings.empty();
    std::ranges::move(kept.findings, std::back_inserter(findings));
    return faulty ? std::nullopt : std::move(star);
}

}  // namespace causeway::pair
