#include "doctor/mask_addresses.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>

#include "base/sort.hpp"

namespace causeway::doctor {
namespace {

constexpr std::uint8_t host_bits = 32;
/// A network of fewer bits has more than a quarter of a hundred million addresses: it says nothing of anybody.
constexpr std::uint8_t shortest_prefix = 5;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter_or_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The longest beginning of `run` that is an address.
std::optional<AddressToken> longest(std::string_view run) {
    for (std::size_t length = run.size(); length >= 2; --length) {
        const bool cut_in_number = length < run.size() && is_hex(run[length]) && is_hex(run[length - 1]);
        if (cut_in_number) {
            continue;
        }
        if (const auto address = IpAddress::parse(run.substr(0, length))) {
            return AddressToken{*address, std::nullopt, length};
        }
    }
    return std::nullopt;
}

/// Whose host part is zero, as that of a network is.
std::optional<Ipv4Net> net_of(const AddressToken& token) {
    if (!token.address.is_v4()) {
        return std::nullopt;
    }
    const auto prefix = static_cast<std::uint8_t>(token.prefix.value_or(host_bits));
    const Ipv4Net net{token.address.v4_number(), prefix};
    return Ipv4Net{net.network & net.mask(), prefix};
}

bool is_left_alone(const IpAddress& address) {
    return address.is_unspecified() || address.is_loopback();
}

bool holds(const Ipv4Net& outer, const Ipv4Net& inner) {
    return outer.prefix <= inner.prefix && outer.contains(inner.network);
}

}  // namespace

std::optional<AddressToken> address_at(std::string_view text, std::size_t at) {
    if (!is_hex(text[at]) && text[at] != ':') {
        return std::nullopt;
    }
    if (at > 0 && (is_letter_or_digit(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == ':')) {
        return std::nullopt;
    }
    std::size_t end = at;
    while (end < text.size() && (is_hex(text[end]) || text[end] == '.' || text[end] == ':')) {
        ++end;
    }
    auto token = longest(text.substr(at, end - at));
    if (!token) {
        return std::nullopt;
    }
    const std::size_t behind = at + token->length;
    if (behind < text.size() && (is_letter_or_digit(text[behind]) || text[behind] == '_')) {
        return std::nullopt;
    }
    if (behind + 1 < text.size() && text[behind] == '/' && is_digit(text[behind + 1])) {
        unsigned prefix = 0;
        std::size_t digit = behind + 1;
        for (; digit < text.size() && is_digit(text[digit]) && prefix <= 128; ++digit) {
            prefix = prefix * 10 + static_cast<unsigned>(text[digit] - '0');
        }
        if (prefix <= (token->address.is_v4() ? 32U : 128U)) {
            token->prefix = prefix;
            token->length = digit - at;
        }
    }
    return token;
}

AddressMask::AddressMask(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        for (std::size_t at = 0; at < text.size();) {
            const auto token = address_at(text, at);
            if (token) {
                collect(*token);
            }
            at += token ? token->length : 1;
        }
    }
    assign_networks();
    assign_hosts();
}

void AddressMask::collect(const AddressToken& token) {
    if (is_left_alone(token.address)) {
        return;
    }
    if (token.address.is_v6()) {
        v6_.push_back(token.address);
        return;
    }
    const auto net = net_of(token);
    if (net && net->prefix >= shortest_prefix) {
        networks_.push_back(*net);
    }
    // What stands there may have host bits: "192.168.1.1/24".
    if (net && token.address.v4_number() != net->network) {
        networks_.push_back({token.address.v4_number(), host_bits});
    }
}

std::optional<Ipv4Net> AddressMask::taken(const Ipv4Net& net) const {
    for (const Ipv4Net& one : networks_) {
        if (one.overlaps(net)) {
            return one;
        }
    }
    const auto pair = std::ranges::find_if(pairs_, [&](const Pair& one) { return one.to.overlaps(net); });
    return pair != pairs_.end() ? std::optional(pair->to) : std::nullopt;
}

std::optional<Ipv4Net> AddressMask::free_net(std::uint32_t from, std::uint32_t to, std::uint32_t step,
                                             std::uint8_t prefix) const {
    for (std::uint64_t at = from; at <= to;) {
        const Ipv4Net net{static_cast<std::uint32_t>(at), prefix};
        const auto other = taken(net);
        if (!other) {
            return net;
        }
        // The first step behind it, however large it is.
        const std::uint64_t behind = std::max<std::uint64_t>(other->last(), at) + 1;
        at = from + (behind - from + step - 1) / step * step;
    }
    return std::nullopt;
}

void AddressMask::assign_networks() {
    auto roots = networks_;
    std::erase_if(roots, [](const Ipv4Net& net) { return net.prefix == host_bits; });
    sort_stably_by(roots, [](const Ipv4Net& net) { return net.prefix; });
    for (const Ipv4Net& net : roots) {
        if (std::ranges::any_of(pairs_, [&](const Pair& one) { return holds(one.from, net); })) {
            continue;
        }
        // Private ones in 10.0.0.0/8, public ones in 198.18.0.0/15 (RFC 2544), large ones in 240.0.0.0/4, which nobody has.
        const bool is_private = IpAddress::v4(net.network).is_private();
        std::optional<Ipv4Net> mask;
        if (net.prefix >= 16 && is_private) {
            mask = free_net(0x0a010000, 0x0aff0000, 0x00010000, net.prefix);
        } else if (net.prefix >= 24) {
            mask = free_net(0xc6120000, 0xc613ff00, 0x00000100, net.prefix);
        }
        const auto size = std::uint64_t{1} << (32U - net.prefix);
        if (!mask) {
            mask = free_net(0xf0000000, 0xffffffff, static_cast<std::uint32_t>(size), net.prefix);
        }
        pairs_.push_back({net, mask.value_or(Ipv4Net{0xf0000000, net.prefix})});
    }
}

void AddressMask::assign_hosts() {
    for (const Ipv4Net& host : networks_) {
        if (host.prefix != host_bits ||
            std::ranges::any_of(pairs_, [&](const Pair& one) { return holds(one.from, host); })) {
            continue;
        }
        // Documentation's (RFC 5737); private and a carrier's (RFC 6598) ones keep their kind.
        const auto address = IpAddress::v4(host.network);
        const bool carrier = Ipv4Net{0x64400000, 10}.contains(host.network);
        auto mask = carrier                ? free_net(0x64400001, 0x647fffff, 1, host_bits)
                    : address.is_private() ? free_net(0xac100001, 0xac1fffff, 1, host_bits)
                                           : free_net(0xcb007101, 0xcb0071fe, 1, host_bits);
        if (!mask && !address.is_private()) {
            mask = free_net(0xc6336401, 0xc63364fe, 1, host_bits);
        }
        if (!mask) {
            mask = free_net(0xf0000001, 0xfffffffe, 1, host_bits);
        }
        pairs_.push_back({host, mask.value_or(Ipv4Net{0xf0000001, host_bits})});
    }
    unsigned next = 1;
    for (const IpAddress& address : v6_) {
        if (v6_masks_.contains(address)) {
            continue;
        }
        std::string mask;
        do {
            mask = fmt::format("2001:db8::{:x}", next++);
        } while (std::ranges::find(v6_, IpAddress::parse(mask).value_or(IpAddress{})) != v6_.end());
        v6_masks_.emplace(address, std::move(mask));
    }
}

std::string AddressMask::masked(const AddressToken& token) const {
    const std::string behind = token.prefix ? fmt::format("/{}", *token.prefix) : std::string();
    if (const auto v6 = v6_masks_.find(token.address); v6 != v6_masks_.end()) {
        return v6->second + behind;
    }
    if (token.address.is_v4()) {
        const Ipv4Net host{token.address.v4_number(), host_bits};
        const auto net = net_of(token).value_or(host);
        for (const Pair& pair : pairs_) {
            if (holds(pair.from, net.prefix >= pair.from.prefix ? net : host)) {
                return IpAddress::v4(pair.to.network | (host.network & ~pair.from.mask())).text() + behind;
            }
        }
    }
    return token.address.text() + behind;
}

}  // namespace causeway::doctor
