// IP addresses, networks, UDP endpoints and traffic selectors as values. Pure: nothing here asks the system.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace causeway {

/// An IPv4 or IPv6 address in network byte order. The default is IPv4 0.0.0.0, "unspecified".
class IpAddress {
 public:
    constexpr IpAddress() = default;
    /// IPv4 from its number in host order: v4(0xc0a80101) is 192.168.1.1.
    static IpAddress v4(std::uint32_t host_order);
    static IpAddress v6(const std::array<std::uint8_t, 16>& octets);
    /// 4 or 16 octets in network order; nothing for any other length.
    static std::optional<IpAddress> from_octets(ByteView octets);
    /// Dotted quad or RFC 4291 text, no prefix, no scope.
    static std::optional<IpAddress> parse(std::string_view text);

    [[nodiscard]] bool is_v4() const { return is_v4_; }
    [[nodiscard]] bool is_v6() const { return !is_v4_; }
    /// True for 0.0.0.0 and for ::.
    [[nodiscard]] bool is_unspecified() const;
    [[nodiscard]] bool is_loopback() const;
    [[nodiscard]] bool is_link_local() const;
    /// RFC 1918, RFC 6598 (behind a carrier's NAT), link-local, and fc00::/7: an address that no peer on the
    /// Internet can reach.
    [[nodiscard]] bool is_private() const;
    /// Multicast, limited broadcast, reserved (RFC 1112 4), "this network" (RFC 6890): nobody can be there.
    [[nodiscard]] bool is_no_host() const;
    /// IPv4 only: the number in host order.
    [[nodiscard]] std::uint32_t v4_number() const;
    /// 4 or 16 octets, network order; valid as long as the object.
    [[nodiscard]] ByteView octets() const {
        return {octets_.data(), is_v4_ ? std::size_t{4} : std::size_t{16}};
    }
    [[nodiscard]] std::string text() const;

    friend bool operator==(const IpAddress&, const IpAddress&) = default;
    friend std::strong_ordering operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
    bool is_v4_ = true;
    std::array<std::uint8_t, 16> octets_{};
};

/// Address and UDP port (host order).
struct Endpoint {
    IpAddress address{};
    std::uint16_t port = 0;

    /// "192.0.2.1[500]" and "2001:db8::1[500]", as IKE logs print it.
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
    friend std::strong_ordering operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// An IPv4 network: an address whose host bits are zero, and a prefix length of 0 to 32.
struct Ipv4Net {
    std::uint32_t network = 0;  ///< host order, host bits zero
    std::uint8_t prefix = 0;

    /// "192.168.1.0/24", or an address alone (/32). Host bits are an error, so that a slip is seen and not
    /// guessed at.
    static std::optional<Ipv4Net> parse(std::string_view text);
    /// From address and contiguous mask; nothing when the mask has holes. Host bits are cleared.
    static std::optional<Ipv4Net> from_mask(std::uint32_t address, std::uint32_t mask);

    [[nodiscard]] std::uint32_t mask() const { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }
    [[nodiscard]] std::uint32_t first() const { return network; }
    [[nodiscard]] std::uint32_t last() const { return network | ~mask(); }
    [[nodiscard]] bool contains(std::uint32_t address) const { return (address & mask()) == network; }
    [[nodiscard]] bool overlaps(const Ipv4Net& other) const {
        return contains(other.network) || other.contains(network);
    }
    [[nodiscard]] std::string text() const;
    friend bool operator==(const Ipv4Net&, const Ipv4Net&) = default;
    friend std::strong_ordering operator<=>(const Ipv4Net&, const Ipv4Net&) = default;
};

/// One side of what an SA carries (RFC 4301 4.4.1.1): a network, and a protocol and port where 0 means any.
struct TrafficSelector {
    Ipv4Net net{};
    std::uint8_t protocol = 0;
    std::uint16_t port = 0;

    /// "192.168.1.0/24", "192.168.1.0/24[6/80]".
    [[nodiscard]] std::string text() const;
    friend bool operator==(const TrafficSelector&, const TrafficSelector&) = default;
    friend std::strong_ordering operator<=>(const TrafficSelector&, const TrafficSelector&) = default;
};

}  // namespace causeway
