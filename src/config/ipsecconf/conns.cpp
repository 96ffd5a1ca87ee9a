#include "config/ipsecconf/conns.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/ipsecconf/keys.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

/// Of conns that take over conns, and of what one takes over in all. Real files have two or three.
constexpr std::size_t max_depth = 32;
constexpr std::size_t max_parents = 64;

constexpr std::string_view default_name = "%default";

}  // namespace

std::string title_of(std::string_view name) {
    return fmt::format("conn '{}'", printable(name, 60));
}

Conns::Conns(const Document& document, Report& report) : document_(document), report_(report) {
    conns_.reserve(static_cast<std::size_t>(std::ranges::count(
        document.sections, Section::Kind::conn, &Section::kind)));  // by_name_ points into names
    for (const auto& section : document.sections) {
        add(section);
    }
    state_.resize(conns_.size());
    for (std::size_t i = 0; i < conns_.size(); ++i) {
        resolve(i, 0);
    }
}

void Conns::add(const Section& section) {
    if (section.kind == Section::Kind::include) {
        return;
    }
    const auto title = section.kind == Section::Kind::conn ? title_of(section.name)
                       : section.kind == Section::Kind::ca
                           ? fmt::format("ca '{}'", printable(section.name, 60))
                           : std::string("config setup");
    Conn* conn = nullptr;
    if (section.kind == Section::Kind::conn) {
        if (const auto known = by_name_.find(section.name); known != by_name_.end()) {
            conn = &conns_[known->second];
            report_.say(finding<FindingId::ipsec_conn_again>(
                std::vector{document_.place(section.at), document_.place(conn->at)}, field<"conn">(title),
                field<"line">(std::to_string(conn->at.line))));
        } else {
            conn = &conns_.emplace_back(Conn{section.name, section.at});
            by_name_.emplace(conn->name, conns_.size() - 1);
        }
    }
    for (const auto& setting : section.settings) {
        const bool refused = check(section, setting, title);
        if (conn != nullptr) {
            conn->broken |= refused;
        }
        const auto* const rule = find_key(section.kind, setting.key);
        if (conn == nullptr || rule == nullptr) {
            continue;
        }
        if (rule->name == "also" && rule->home == Home::conn) {
            // Everybody takes over %default as it is.
            if (!setting.value.empty() && setting.value != default_name) {
                conn->also.push_back(&setting);
            }
            continue;
        }
        const auto [known, first] = conn->own.emplace(first_name(setting.key, *rule), &setting);
        if (!first) {
            report_.say(finding<FindingId::ipsec_setting_again>(
                std::vector{document_.place(setting.key_at), document_.place(known->second->key_at)},
                field<"option">(setting.key), field<"conn">(title),
                field<"line">(std::to_string(known->second->key_at.line))));
            known->second = &setting;
        }
    }
}

bool Conns::check(const Section& section, const Setting& setting, std::string_view title) {
    const auto* const rule = find_key(section.kind, setting.key);
    libreswan_ |= rule != nullptr && rule->libreswan;
    const bool quiet =
        rule != nullptr && (rule->use != Use::unsupported || setting.value == rule->quiet_value);
    if (quiet) {
        return false;
    }
    auto option = field<"option">(printable_name(setting.key));
    auto where = field<"conn">(std::string(title));
    const auto home = rule == nullptr ? other_home(section.kind, setting.key) : std::string_view();
    if (!home.empty()) {
        // confread.c: one that it knows elsewhere counts as an error, one that it knows nowhere does not.
        report_.dropped(finding<FindingId::ipsec_setting_misplaced>(document_.place(setting.key_at),
                                                                    std::move(option), std::move(where),
                                                                    field<"home">(std::string(home))));
        return section.kind == Section::Kind::conn;
    }
    if (report_.full(Severity::warning)) {
        report_.count(Severity::warning);
        return false;
    }
    if (rule == nullptr) {
        report_.dropped(finding<FindingId::ipsec_setting_unknown>(
            document_.place(setting.key_at), std::move(option), std::move(where),
            field<"remedy">(suggestion(section.kind, setting.key))));
    } else if (setting.key.starts_with("sha2")) {
        report_.dropped(finding<FindingId::ipsec_sha256_truncated>(document_.place(setting.key_at),
                                                                   std::move(option), std::move(where)));
    } else {
        report_.dropped(finding<FindingId::ipsec_setting_unsupported>(
            document_.place(setting.key_at), std::move(option), std::move(where),
            field<"consequence">(std::string(rule->consequence))));
    }
    return false;
}

const Setting* Conns::find(const Conn& conn, std::string_view key) const {
    const std::string name(key);
    const auto in = [&](const Conn& where) -> const Setting* const* {
        const auto found = where.own.find(name);
        return found != where.own.end() ? &found->second : nullptr;
    };
    const auto* found = in(conn);
    for (auto parent = conn.parents.begin(); found == nullptr && parent != conn.parents.end(); ++parent) {
        found = in(conns_[*parent]);
    }
    return found != nullptr && !(*found)->value.empty() ? *found : nullptr;
}

/// The last `also=` counts most. What is met twice counts where it is met last, so that what two take over is behind
/// both of them.
void Conns::resolve(std::size_t index, std::size_t depth) {
    if (state_[index] != 0) {
        return;
    }
    auto& conn = conns_[index];
    if (conn.name == default_name) {
        state_[index] = 2;  // it takes over nobody, whatever it says
        return;
    }
    state_[index] = 1;
    std::vector<std::size_t> met;
    for (auto also = conn.also.rbegin(); also != conn.also.rend() && met.size() <= max_parents; ++also) {
        conn.broken = !add_parent(index, **also, depth, met) || conn.broken;
    }
    if (const auto last = by_name_.find(default_name);
        last != by_name_.end() && last->second != index && met.empty()) {
        conn.broken |= conns_[last->second].broken;
        met.push_back(last->second);
    }
    for (std::size_t i = 0; i < met.size(); ++i) {
        if (std::find(met.begin() + static_cast<std::ptrdiff_t>(i) + 1, met.end(), met[i]) == met.end()) {
            conn.parents.push_back(met[i]);
        }
    }
    state_[index] = 2;
}

bool Conns::add_parent(std::size_t index, const Setting& also, std::size_t depth,
                       std::vector<std::size_t>& parents) {
    const auto& conn = conns_[index];
    const auto place = document_.place(also.at);
    const auto title = field<"conn">(title_of(conn.name));
    const auto name = field<"name">(printable(also.value, 60));
    const auto found = by_name_.find(also.value);
    if (found == by_name_.end()) {
        report_.dropped(finding<FindingId::ipsec_also_undefined>(place, title, name));
        return false;
    }
    const auto parent = found->second;
    conns_[parent].taken_over = true;
    if (state_[parent] == 1 || depth >= max_depth) {
        report_.dropped(finding<FindingId::ipsec_also_in_circle>(
            std::vector{place, document_.place(conns_[parent].at)}, title, name));
        return false;
    }
    resolve(parent, depth + 1);
    if (conns_[parent].broken) {
        report_.dropped(finding<FindingId::ipsec_also_of_refused>(
            std::vector{place, document_.place(conns_[parent].at)}, title, name));
        return false;
    }
    parents.push_back(parent);
    parents.insert(parents.end(), conns_[parent].parents.begin(), conns_[parent].parents.end());
    if (parents.size() > max_parents) {
        report_.dropped(finding<FindingId::ipsec_also_too_much>(place, title,
                                                                field<"most">(std::to_string(max_parents))));
        return false;
    }
    return true;
}

}  // namespace causeway::config::ipsecconf
