#include "config/vpncfg/accesslist.hpp"

#include <cstdint>
#include <span>
#include <vector>

#include "config/words.hpp"

namespace causeway::config::vpncfg {
namespace {

/// "any", "host A" or "NET MASK" from the front of the words.
std::optional<Ipv4Net> take_network(std::span<const std::string_view>& words) {
    const auto take = [&](std::size_t count) { words = words.subspan(count); };
    if (!words.empty() && words[0] == "any") {
        take(1);
        return Ipv4Net{};
    }
    if (words.size() < 2) {
        return std::nullopt;
    }
    const bool host = words[0] == "host";
    const auto address = IpAddress::parse(words[host ? 1 : 0]);
    const auto mask = host ? IpAddress::v4(~std::uint32_t{0}) : IpAddress::parse(words[1]);
    if (!address || !mask || !address->is_v4() || !mask->is_v4()) {
        return std::nullopt;
    }
    take(2);
    return Ipv4Net::from_mask(address->v4_number(), mask->v4_number());
}

}  // namespace

std::optional<AccessRule> parse_access_rule(std::string_view text) {
    const auto words = split_words(text);
    if (words.size() < 4 || words[0] != "permit" || words[1] != "ip") {
        return std::nullopt;
    }
    auto rest = std::span(words).subspan(2);
    const auto source = take_network(rest);
    const auto destination = take_network(rest);
    if (!source || !destination || !rest.empty()) {
        return std::nullopt;
    }
    return AccessRule{source->prefix == 0 ? std::nullopt : source, *destination};
}

}  // namespace causeway::config::vpncfg
