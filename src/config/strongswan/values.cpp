#include "config/strongswan/values.hpp"

#include <algorithm>
#include <bit>

#include "config/words.hpp"

namespace causeway::config::strongswan {
namespace {

bool same_word(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// Addresses from here on are nobody's: what stands there is a mask that got lost.
constexpr std::uint32_t class_e = 0xf0000000;

/// "24".
std::optional<std::uint8_t> bits_of(std::string_view text) {
    const auto number = parse_number(text);
    return number && *number <= 32 ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
}

/// "255.255.255.0".
std::optional<std::uint8_t> bits_of_mask(std::string_view text) {
    const auto mask = IpAddress::parse(text);
    const auto net = mask && mask->is_v4() ? Ipv4Net::from_mask(0, mask->v4_number()) : std::nullopt;
    return net ? std::optional(net->prefix) : std::nullopt;
}

/// "10.1.0.0-10.1.0.255".
Selector range(std::string_view first, std::string_view last) {
    const auto low = IpAddress::parse(first);
    const auto high = IpAddress::parse(last);
    if (!low || !high || low->is_v4() != high->is_v4()) {
        return {};
    }
    if (low->is_v6()) {
        return {Selector::Kind::of_ipv6};
    }
    const auto span = low->v4_number() ^ high->v4_number();
    const Ipv4Net net{low->v4_number(), static_cast<std::uint8_t>(std::countl_zero(span))};
    const bool whole = (low->v4_number() & ~net.mask()) == 0 && high->v4_number() == net.last();
    return whole ? Selector{Selector::Kind::network, net} : Selector{Selector::Kind::no_network};
}

}  // namespace

std::optional<bool> parse_switch(std::string_view text) {
    for (const std::string_view yes : {"yes", "true", "enabled", "1"}) {
        if (same_word(text, yes)) {
            return true;
        }
    }
    for (const std::string_view no : {"no", "false", "disabled", "0"}) {
        if (same_word(text, no)) {
            return false;
        }
    }
    return std::nullopt;
}

std::optional<Address> parse_address(std::string_view text) {
    if (text == "%any" || text == "%any4" || text == "%any6") {
        return Address{AnyAddress{}};
    }
    if (const auto address = IpAddress::parse(text)) {
        return address->is_unspecified() ? Address{AnyAddress{}} : Address{*address};
    }
    const auto slash = text.find('/');
    const auto dash = text.find('-');
    if (slash != std::string_view::npos) {
        const auto network = IpAddress::parse(text.substr(0, slash));
        const auto bits = parse_number(text.substr(slash + 1));
        return network && bits && *bits <= 128 ? std::optional(Address{AnyAddress{}, true}) : std::nullopt;
    }
    if (dash != std::string_view::npos && IpAddress::parse(text.substr(0, dash))) {
        return IpAddress::parse(text.substr(dash + 1)) ? std::optional(Address{AnyAddress{}, true})
                                                       : std::nullopt;
    }
    // "192.168.1" is a slip, not a name: no top-level domain is a number.
    const auto last = text.find_last_not_of("0123456789");
    const bool number_at_end =
        last == std::string_view::npos || (last + 1 < text.size() && text[last] == '.');
    return is_host_name(text) && !number_at_end ? std::optional(Address{HostName{std::string(text)}})
                                                : std::nullopt;
}

Selector parse_selector(std::string_view text) {
    if (text.find('[') != std::string_view::npos) {
        return {Selector::Kind::with_ports};
    }
    if (text == "dynamic" || text == "%dynamic") {
        return {Selector::Kind::dynamic};
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        return range(text.substr(0, dash), text.substr(dash + 1));
    }
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (address && address->is_v6()) {
        return {Selector::Kind::of_ipv6};
    }
    const auto mask = slash == std::string_view::npos ? "32" : text.substr(slash + 1);
    const auto dotted = bits_of_mask(mask);
    const auto bits = dotted ? std::optional<std::uint8_t>(*dotted == 0 ? 0 : 32) : bits_of(mask);
    if (!address || !bits || address->v4_number() >= class_e) {
        return {};
    }
    Selector selector{Selector::Kind::network};
    selector.net = {address->v4_number() & Ipv4Net{0, *bits}.mask(), *bits};
    selector.is_host = selector.net.network != address->v4_number();
    selector.dotted = dotted;
    selector.maskless = slash == std::string_view::npos && (selector.net.network & 0xff) == 0;
    return selector;
}

std::size_t proposed(std::span<const Selector> selectors) {
    const auto lies_in_another = [&](std::size_t at) {
        const auto& one = selectors[at];
        for (std::size_t i = 0; one.kind == Selector::Kind::network && i < selectors.size(); ++i) {
            const auto& other = selectors[i];
            // Of two that are the same the first one stays.
            if (i != at && other.kind == Selector::Kind::network && other.net.contains(one.net.network) &&
                (other.net.prefix < one.net.prefix || (other.net.prefix == one.net.prefix && i < at))) {
                return true;
            }
        }
        return false;
    };
    std::size_t at = 0;
    while (at + 1 < selectors.size() && lies_in_another(at)) {
        ++at;
    }
    return at;
}

}  // namespace causeway::config::strongswan
