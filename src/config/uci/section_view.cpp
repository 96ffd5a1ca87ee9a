#include "config/uci/section_view.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
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
        report_.dropped(finding<FindingId::several_values>(
            std::vector{place_of(found->values[1].at), place_of(first.at)},
            field<"option">(std::string(found->name)), field<"section">(title()),
            field<"count">(std::to_string(found->values.size())),
            field<"line">(std::to_string(first.at.line))));
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
        report_.say(finding<FindingId::option_for_list>(place_of(found->values.front().at),
                                                        field<"option">(std::string(option))));
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
                             std::string wanted) const {
    report_.dropped(finding<FindingId::value_unreadable>(
        value.place, field<"option">(std::string(written(option))), field<"section">(title()),
        field<"value">(printable(value.value)), field<"wanted">(std::move(wanted))));
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
    const auto in_seconds = [](Duration time) {
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
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

template <FindingId id>
Finding SectionView::of_option(const Option& option, std::string_view consequence) const {
    return finding<id>(place_of(option.at), field<"option">(std::string(option.name)),
                       field<"section">(title()), field<"consequence">(std::string(consequence)));
}

void SectionView::check_options() const {
    for (const auto& option : section_.options) {
        const auto* rule = find_rule(kind_, option.name);
        if (rule == nullptr && report_.full(Severity::warning)) {
            report_.count(Severity::warning);
            continue;
        }
        if (rule == nullptr) {
            report_.dropped(finding<FindingId::option_not_known>(
                place_of(option.at), field<"option">(printable_name(option.name)), field<"section">(title()),
                field<"remedy">(suggestion(kind_, option.name))));
            continue;
        }
        // Most options do what they say: nothing is composed for them.
        if (rule->standing == Standing::used || is_quiet(*rule, option)) {
            continue;
        }
        if (rule->standing == Standing::unsupported) {
            report_.dropped(of_option<FindingId::option_not_supported>(option, rule->meaning));
        } else if (rule->standing == Standing::unneeded) {
            report_.dropped(of_option<FindingId::option_not_needed>(option, rule->meaning));
        }
    }
}

}  // namespace causeway::config::uci
