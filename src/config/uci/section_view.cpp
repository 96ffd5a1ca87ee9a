#include "config/uci/section_view.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <string>

#include "base/event.hpp"
#include "config/words.hpp"

namespace causeway::config::uci {

std::string SectionView::title() const {
    std::string title;
    title.reserve(section_.type.size() + section_.name.size() + sizeof("the unnamed  section"));
    if (section_.anonymous) {
        return title.append("the unnamed ").append(section_.type).append(" section");
    }
    return title.append(section_.type).append(" '").append(section_.name).append("'");
}

const Option* SectionView::find(std::string_view option) const {
    const auto* const found = section_.find(option);
    const auto other = found == nullptr ? other_name(option) : std::string_view();
    return other.empty() ? found : section_.find(other);
}

Place SectionView::place(std::string_view option) const {
    const auto* found = find(option);
    return found == nullptr ? place() : place_of(found->values.front().at);
}

std::optional<Sourced<std::string>> SectionView::text(std::string_view option) const {
    const auto* found = find(option);
    if (found == nullptr || found->values.front().text.empty()) {
        return std::nullopt;
    }
    const auto& first = found->values.front();
    if (found->values.size() > 1) {
        report_.dropped(Severity::warning, place_of(found->values[1].at),
                        fmt::format("'{}' of {} has {} values", found->name, title(), found->values.size()),
                        fmt::format("only the first, in line {}, counts", first.at.line),
                        "remove the others");
    }
    return Sourced<std::string>{std::string(first.text), place_of(first.at)};
}

std::vector<Sourced<std::string>> SectionView::words(std::string_view option, std::string_view also) const {
    const auto* found = find(option);
    if (found == nullptr) {
        return {};
    }
    const auto* rule = find_rule(kind_, found->name);
    if (!found->is_list && rule != nullptr && (rule->list_in & generation_) != 0) {
        report_.note(place_of(found->values.front().at),
                     fmt::format("'option {}' stands where this schema has a list", option),
                     "it is read as a list; other programs may ignore it",
                     fmt::format("write 'list {}'", option));
    }
    std::vector<Sourced<std::string>> all;
    for (const auto& value : found->values) {
        for (const auto word : split_words(value.text, also)) {
            auto at = value.at;
            at.column += static_cast<std::uint32_t>(word.data() - value.text.data());
            all.push_back({std::string(word), place_of(at)});
        }
    }
    return all;
}

void SectionView::unreadable(const Sourced<std::string>& value, std::string_view option,
                             std::string_view wanted) const {
    report_.dropped(Severity::warning, value.place,
                    fmt::format("'{}' of {} is '{}'", written(option), title(), printable(value.value)),
                    "the value is not understood and the default counts", fmt::format("write {}", wanted));
}

std::optional<Sourced<bool>> SectionView::boolean(std::string_view option) const {
    const auto value = text(option);
    if (!value) {
        return std::nullopt;
    }
    const auto boolean = parse_boolean(value->value);
    if (!boolean) {
        unreadable(*value, option, "1 or 0");
        return std::nullopt;
    }
    return Sourced<bool>{*boolean, value->place};
}

std::optional<Sourced<std::uint64_t>> SectionView::number(std::string_view option) const {
    const auto value = text(option);
    if (!value) {
        return std::nullopt;
    }
    const auto number = parse_number(value->value);
    const auto* const rule = find_rule(kind_, option);
    if (!number || (rule != nullptr && !rule->range.holds(*number))) {
        unreadable(*value, option,
                   fmt::format("a number from {}", rule != nullptr ? range_text(*rule) : "0"));
        return std::nullopt;
    }
    return Sourced<std::uint64_t>{*number, value->place};
}

std::optional<Sourced<Duration>> SectionView::duration(std::string_view option) const {
    const auto value = text(option);
    if (!value) {
        return std::nullopt;
    }
    const auto duration = parse_duration(value->value);
    // strongSwan's vici takes a number with a leading zero for an octal one, its
    // ipsec.conf does not.
    const bool octal = (generation_ & (g2 | g3 | g4)) != 0 && value->value.size() > 1 &&
                       value->value[0] == '0' && value->value[1] >= '0' && value->value[1] <= '9';
    const auto* const rule = find_rule(kind_, option);
    const auto in_seconds = [](Duration value) {
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(value).count());
    };
    if (!duration || octal || rule == nullptr || !rule->range.holds(in_seconds(*duration))) {
        unreadable(*value, option,
                   fmt::format("seconds, or a number with s, m, h or d, from {}",
                               rule != nullptr ? range_text(*rule) : "0s"));
        return std::nullopt;
    }
    return Sourced<Duration>{*duration, value->place};
}

std::optional<Sourced<std::uint64_t>> SectionView::octets(std::string_view option) const {
    const auto value = text(option);
    if (!value) {
        return std::nullopt;
    }
    const auto octets = parse_octets(value->value);
    if (!octets) {
        unreadable(*value, option, "a number of octets, at most 2^50, or one with k, m or g");
        return std::nullopt;
    }
    return Sourced<std::uint64_t>{*octets, value->place};
}

namespace {

/// A value that asks for nothing, in whichever spelling.
bool is_quiet(const OptionRule& rule, const Option& option) {
    if (rule.quiet_value.empty() || option.values.size() != 1) {
        return false;
    }
    const auto& text = option.values.front().text;
    if (text == rule.quiet_value) {
        return true;
    }
    if (rule.holds == Holds::duration) {
        return rule.quiet_value == "0" && parse_duration(text) == Duration{};
    }
    const auto wanted = parse_boolean(rule.quiet_value);
    return (rule.holds == Holds::boolean || rule.holds == Holds::text) && wanted &&
           parse_boolean(text) == wanted;
}

}  // namespace

void SectionView::check_options() const {
    for (const auto& option : section_.options) {
        const auto* rule = find_rule(kind_, option.name);
        if (rule == nullptr && report_.full(Severity::warning)) {
            report_.count(Severity::warning);
            continue;
        }
        if (rule == nullptr) {
            report_.dropped(Severity::warning, place_of(option.at),
                            fmt::format("unknown option '{}' in {}", printable_name(option.name), title()),
                            "it has no effect", suggestion(kind_, option.name));
            continue;
        }
        // Most options do what they say: nothing is composed for them.
        if (rule->standing == Standing::used || is_quiet(*rule, option)) {
            continue;
        }
        const auto what = fmt::format("'{}' of {}", option.name, title());
        if (rule->standing == Standing::unsupported) {
            report_.dropped(Severity::warning, place_of(option.at), what + " is not supported",
                            std::string(rule->meaning));
        } else if (rule->standing == Standing::unneeded) {
            report_.dropped(Severity::note, place_of(option.at), what + " has no effect",
                            std::string(rule->meaning));
        }
    }
}

}  // namespace causeway::config::uci
