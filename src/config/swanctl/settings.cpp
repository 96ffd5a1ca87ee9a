#include "config/swanctl/settings.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "base/findings.hpp"
#include "config/limits.hpp"
#include "config/swanctl/parse.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

/// Real files include folders that include nothing.
constexpr unsigned max_include_depth = 8;
constexpr std::size_t max_files = 4096;
/// What one section may inherit from; a chain of defaults has three or four.
constexpr std::size_t max_inherited = 64;

const Node* at_path(const Node& top, std::string_view path) {
    const auto* node = &top;
    while (node != nullptr && !path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        node = node->section(path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return node;
}

/// `node`, and what it refers to, left to right and each once: of a circle strongSwan takes no notice either.
void with_references(const Node& top, const Node& node, std::vector<const Node*>& nodes) {
    if (nodes.size() >= max_inherited || std::ranges::find(nodes, &node) != nodes.end()) {
        return;
    }
    nodes.push_back(&node);
    for (const auto& reference : node.references) {
        if (const auto* const other = at_path(top, reference.value)) {
            with_references(top, *other, nodes);
        }
    }
}

/// Joins files into one tree.
class Joiner {
 public:
    Joiner(const Source& source, Report& report, std::size_t& unread)
        : companions_(source.companions), report_(report), unread_(unread) {}

    Result<> file(std::string_view text, FileName name, Node& into, unsigned depth) {
        octets_ += text.size();
        if (octets_ > max_text || ++files_ > max_files) {
            return fail(Error{Errc::limit, "the file and those that it includes are too many or too large",
                              Place{name, 0, 0}, "split the configuration"});
        }
        const auto document = CAUSEWAY_TRY(in_file(parse(text), name));
        const std::size_t outer = std::exchange(reading_, files_);
        auto done = entries(document, name, into, depth);
        reading_ = outer;
        return done;
    }

 private:
    Result<> entries(const std::vector<Entry>& entries, FileName file, Node& into, unsigned depth) {
        for (const auto& entry : entries) {
            const Place place{file, entry.at.line, entry.at.column};
            switch (entry.kind) {
                case Entry::Kind::setting:
                    setting(entry, place, into);
                    break;
                case Entry::Kind::section:
                    CAUSEWAY_CHECK(section(entry, place, into, depth));
                    break;
                case Entry::Kind::include:
                    CAUSEWAY_CHECK(include(entry.name, place, into, depth));
                    break;
            }
        }
        return {};
    }

    void setting(const Entry& entry, const Place& place, Node& into) {
        const Place at{place.file, entry.value.at.line, entry.value.at.column};
        Setting read{entry.name, entry.value, entry.value.set ? at : place, place, reading_};
        // Of a key it is an error of its own.
        if (entry.value.last_line > entry.value.at.line && entry.name != "secret") {
            report_.say(
                finding<FindingId::value_spans_lines>(place, field<"option">(printable_name(entry.name)),
                                                      field<"first">(std::to_string(entry.value.at.line)),
                                                      field<"last">(std::to_string(entry.value.last_line))));
        }
        const auto [known, fresh] = into.setting_of.try_emplace(entry.name, into.settings.size());
        if (fresh) {
            into.settings.push_back(std::move(read));
            return;
        }
        auto& before = into.settings[known->second];
        // What another file sets anew is meant to be, and so is the same file that is included again.
        if (before.inclusion == reading_) {
            report_.say(finding<FindingId::setting_again>(std::vector{place, before.place},
                                                          field<"option">(printable_name(entry.name)),
                                                          field<"line">(std::to_string(before.place.line))));
        }
        before = std::move(read);
    }

    Result<> section(const Entry& entry, const Place& place, Node& into, unsigned depth) {
        const auto [known, fresh] = into.section_of.try_emplace(entry.name, into.sections.size());
        if (fresh) {
            into.sections.push_back(std::make_unique<Node>());
            into.sections.back()->name = entry.name;
            into.sections.back()->place = place;
            into.sections.back()->inclusion = reading_;
        }
        auto& node = *into.sections[known->second];
        const bool at_top = into.place.line == 0;
        if (!fresh && !at_top && node.inclusion == reading_) {
            report_.say(finding<FindingId::setting_section_again>(
                std::vector{place, node.place}, field<"section">(printable(entry.name, 60)),
                field<"line">(std::to_string(node.place.line))));
        }
        for (const auto& reference : entry.references) {
            node.references.push_back(
                {reference.name, Place{place.file, reference.at.line, reference.at.column}});
        }
        return entries(entry.entries, place.file, node, depth);
    }

    template <FindingId id>
    void not_read(const Place& place, std::string_view pattern, std::string why) {
        ++unread_;
        report_.dropped(
            finding<id>(place, field<"pattern">(printable(pattern, 80)), field<"why">(std::move(why))));
    }

    Result<> include(const std::string& pattern, const Place& place, Node& into, unsigned depth) {
        if (!companions_) {
            not_read<FindingId::include_not_followed>(place, pattern, "this file alone is read");
            return {};
        }
        if (depth == max_include_depth) {
            not_read<FindingId::include_too_deep>(place, pattern, std::to_string(max_include_depth));
            return {};
        }
        const auto found = companions_(pattern, place.file ? *place.file : std::string());
        if (!found) {
            not_read<FindingId::include_not_followed>(place, pattern, found.error().what);
            return {};
        }
        if (found->empty() && pattern.find_first_of("*?[") == std::string::npos) {
            not_read<FindingId::include_not_followed>(place, pattern, "there is no such file");
        }
        for (const auto& one : *found) {
            CAUSEWAY_CHECK(file(one.text, FileName(one.name), into, depth + 1));
        }
        return {};
    }

    const Companions& companions_;
    Report& report_;
    std::size_t& unread_;
    std::size_t octets_ = 0;
    std::size_t reading_ = 0;  ///< the number of the file that it is in: each inclusion has one
    std::size_t files_ = 0;
};

/// Calls `see` with each reference of the tree.
template <class See>
void each_reference(const Node& node, const See& see) {
    for (const auto& reference : node.references) {
        see(reference);
    }
    for (const auto& section : node.sections) {
        each_reference(*section, see);
    }
}

}  // namespace

const Node* Node::section(std::string_view wanted) const {
    const auto found = section_of.find(wanted);
    return found != section_of.end() ? sections[found->second].get() : nullptr;
}

std::vector<Sourced<std::string>> Setting::list() const {
    std::vector<Sourced<std::string>> parts;
    const std::string_view text = value.text;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find(',', begin), text.size());
        const auto first = std::min(text.find_first_not_of(' ', begin), end);
        const auto last = text.substr(first, end - first).find_last_not_of(' ');
        if (last != std::string_view::npos) {
            auto at = place;
            at.column += value.exact ? static_cast<std::uint32_t>(first) : 0;
            parts.push_back({std::string(text.substr(first, last + 1)), std::move(at)});
        }
        begin = end + 1;
    }
    return parts;
}

View::View(const Node& top, std::vector<const Node*> nodes) : top_(&top), nodes_(std::move(nodes)) {}

const Setting* View::find(std::string_view name) const {
    for (const auto* const node : nodes_) {
        if (const auto known = node->setting_of.find(name); known != node->setting_of.end()) {
            const auto& setting = node->settings[known->second];
            return setting.value.set ? &setting : nullptr;
        }
    }
    return nullptr;
}

std::vector<const Setting*> View::settings() const {
    std::vector<const Setting*> settings;
    for (const auto* const node : nodes_) {
        for (const auto& setting : node->settings) {
            if (find(setting.name) == &setting) {
                settings.push_back(&setting);
            }
        }
    }
    return settings;
}

View View::inside(std::string_view name) const {
    std::vector<const Node*> nodes;
    for (const auto* const node : nodes_) {
        if (const auto* const section = node->section(name)) {
            with_references(*top_, *section, nodes);
        }
    }
    return {*top_, std::move(nodes)};
}

std::vector<View> View::sections() const {
    std::vector<View> sections;
    std::set<std::string_view> names;
    for (const auto* const node : nodes_) {
        for (const auto& section : node->sections) {
            if (names.insert(section->name).second) {
                sections.push_back(inside(section->name));
            }
        }
    }
    return sections;
}

Place View::place_of(std::string_view setting) const {
    const auto* const found = find(setting);
    return found != nullptr ? found->place : place();
}

Result<Settings> Settings::read(const Source& source, Report& report) {
    Settings settings;
    CAUSEWAY_CHECK(
        Joiner(source, report, settings.unread_).file(source.text, source.file, *settings.top_, 0));
    each_reference(*settings.top_, [&](const Sourced<std::string>& reference) {
        settings.referred_to_.try_emplace(reference.value.substr(0, reference.value.find('.')), true);
        if (at_path(*settings.top_, reference.value) == nullptr) {
            report.dropped(finding<FindingId::reference_to_nothing>(
                reference.place, field<"name">(printable(reference.value, 80))));
        }
    });
    return settings;
}

std::optional<View> Settings::section(std::string_view name) const {
    const auto* const node = top_->section(name);
    if (node == nullptr) {
        return std::nullopt;
    }
    std::vector<const Node*> nodes;
    with_references(*top_, *node, nodes);
    return View(*top_, std::move(nodes));
}

}  // namespace causeway::config::swanctl
