#include "config/key_strength.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/findings.hpp"

namespace causeway::config {
namespace {

/// A third of the bits of other characters in each.
bool is_of_digits(const Secret& key) {
    return std::ranges::all_of(key.view(), [](std::uint8_t octet) { return std::isdigit(octet) != 0; });
}

template <FindingId id>
void warn(const Peer& peer, const std::string& title, Report& report) {
    report.say(finding<id>(
        peer.pre_shared_key_place, field<"peer">(title),
        field<"wanted">(
            std::to_string(is_of_digits(peer.pre_shared_key) ? key_octets_of_digits : key_octets_wanted))));
}

}  // namespace

void warn_of_short_key(const Peer& peer, const std::string& title, Report& report) {
    const auto octets = peer.pre_shared_key.view();
    // U+2018 to U+201F in UTF-8.
    if (octets.size() > 2 && octets[0] == 0xE2 && octets[1] == 0x80 && octets[2] >= 0x98 &&
        octets[2] <= 0x9F) {
        report.say(finding<FindingId::key_in_curly_quotes>(peer.pre_shared_key_place, field<"peer">(title)));
    }
    const auto wanted = is_of_digits(peer.pre_shared_key) ? key_octets_of_digits : key_octets_wanted;
    if (peer.pre_shared_key.empty() || peer.pre_shared_key.size() >= wanted) {
        return;
    }
    const bool answers_aggressive_mode =
        peer.mode == ExchangeMode::aggressive || peer.quirks.accept_any_mode_as_responder;
    answers_aggressive_mode ? warn<FindingId::key_short_in_aggressive_mode>(peer, title, report)
                            : warn<FindingId::key_short>(peer, title, report);
}

bool looks_like_placeholder(std::string_view key) {
    constexpr std::string_view words[] = {"changeme", "change_me", "secret",       "password", "yourkey",
                                          "your_key", "your_psk",  "presharedkey", "psk",      "xxx"};
    std::string lower(key);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return key.find("###") != std::string_view::npos || key.starts_with("${") ||
           (key.starts_with('<') && key.ends_with('>')) || lower.find("xxxx") != std::string::npos ||
           std::ranges::find(words, lower) != std::end(words);
}

}  // namespace causeway::config
