#include "doctor/routing.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "config/words.hpp"

namespace causeway::doctor {
namespace {

std::optional<std::uint32_t> number(std::string_view text, int base) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() && end == text.data() + text.size()
               ? std::optional(static_cast<std::uint32_t>(value))
               : std::nullopt;
}

/// The kernel prints the four octets as a number of the processor's own order.
std::uint32_t host_order(std::uint32_t printed) {
    const auto octets = std::bit_cast<std::array<std::uint8_t, 4>>(printed);
    return std::uint32_t{octets[0]} << 24U | std::uint32_t{octets[1]} << 16U |
           std::uint32_t{octets[2]} << 8U | octets[3];
}

/// A line: device, destination, gateway, flags, references, use, metric, mask, ...; addresses, flags and mask are
/// hexadecimal, and the metric is printed with a sign: -1 is the highest one.
std::optional<Route> parse_row(std::string_view line) {
    constexpr std::uint32_t is_up = 0x0001;  // linux/route.h
    constexpr std::uint32_t is_reject = 0x0200;
    const auto words = config::split_words(line);
    if (words.size() < 8) {
        return std::nullopt;
    }
    const auto destination = number(words[1], 16);
    const auto flags = number(words[3], 16);
    const auto metric = number(words[6], 10);
    const auto mask = number(words[7], 16);
    if (!destination || !flags || !metric || !mask || (*flags & is_up) == 0) {
        return std::nullopt;
    }
    const auto net = Ipv4Net::from_mask(host_order(*destination), host_order(*mask));
    return net ? std::optional(Route{std::string(words[0]), *net, *metric, (*flags & is_reject) != 0})
               : std::nullopt;
}

}  // namespace

std::vector<Route> parse_routes(std::string_view table) {
    std::vector<Route> routes;
    while (!table.empty()) {
        const auto end = std::min(table.find('\n'), table.size());
        if (auto route = parse_row(table.substr(0, end))) {
            routes.push_back(std::move(*route));
        }
        table.remove_prefix(std::min(end + 1, table.size()));
    }
    return routes;
}

const Route* route_to(const std::vector<Route>& routes, const IpAddress& address) {
    const Route* best = nullptr;
    for (const Route& route : routes) {
        const bool fits = address.is_v4() && route.net.contains(address.v4_number());
        if (fits && (best == nullptr || route.net.prefix > best->net.prefix ||
                     (route.net.prefix == best->net.prefix && route.metric < best->metric))) {
            best = &route;
        }
    }
    return best;
}

}  // namespace causeway::doctor
