#include "config/default_file.hpp"

#include <algorithm>

#include "config/load.hpp"
#include "config/uci/parse.hpp"
#include "config/words.hpp"

namespace causeway::config {

bool holds_enabled_remote(std::string_view text) {
    if (recognise(text) != Format::uci) {
        return true;
    }
    const auto document = uci::parse(text);
    return !document || std::ranges::any_of(document->sections, [](const uci::Section& section) {
        const auto* const enabled = section.type == "remote" ? section.find("enabled") : nullptr;
        return enabled != nullptr && parse_boolean(enabled->values.front().text).value_or(false);
    });
}

std::optional<ChosenFile> choose_file(std::span<const Candidate> candidates) {
    if (candidates.empty()) {
        return std::nullopt;
    }
    ChosenFile chosen;
    for (const auto& candidate : candidates) {
        if (candidate.text && !holds_enabled_remote(*candidate.text)) {
            continue;
        }
        if (chosen.path.empty()) {
            chosen.path = candidate.path;
        } else {
            chosen.others.push_back(candidate.path);
        }
    }
    if (chosen.path.empty()) {
        chosen.path = candidates.front().path;
    }
    return chosen;
}

}  // namespace causeway::config
