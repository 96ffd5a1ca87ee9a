#include "base/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <bit>
#include <charconv>
#include <fmt/format.h>

namespace causeway {

IpAddress IpAddress::v4(std::uint32_t host_order) {
    IpAddress address;
    for (unsigned i = 0; i < 4; ++i) {
        address.octets_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    }
    return address;
}

IpAddress IpAddress::v6(const std::array<std::uint8_t, 16>& octets) {
    IpAddress address;
    address.is_v4_ = false;
    address.octets_ = octets;
    return address;
}

std::optional<IpAddress> IpAddress::from_octets(ByteView octets) {
    if (octets.size() != 4 && octets.size() != 16) {
        return std::nullopt;
    }
    IpAddress address;
    address.is_v4_ = octets.size() == 4;
    std::ranges::copy(octets, address.octets_.begin());
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    std::array<std::uint8_t, 16> octets{};
    if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) {
        return from_octets(ByteView(octets).first(4));
    }
    if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) {
        return v6(octets);
    }
    return std::nullopt;
}

bool IpAddress::is_unspecified() const {
    return std::ranges::all_of(octets_, [](auto octet) { return octet == 0; });
}

bool IpAddress::is_loopback() const {
    if (is_v4_) {
        return octets_[0] == 127;
    }
    return octets_[15] == 1 &&
           std::all_of(octets_.begin(), octets_.end() - 1, [](auto octet) { return octet == 0; });
}

bool IpAddress::is_private() const {
    if (is_v4_) {
        return octets_[0] == 10 || (octets_[0] == 172 && (octets_[1] & 0xf0) == 16) ||
               (octets_[0] == 192 && octets_[1] == 168) || (octets_[0] == 100 && (octets_[1] & 0xc0) == 64) ||
               is_link_local();
    }
    return (octets_[0] & 0xfe) == 0xfc || is_link_local();
}

bool IpAddress::is_no_host() const {
    return is_unspecified() || (is_v4_ ? octets_[0] == 0 || octets_[0] >= 224 : octets_[0] == 0xff);
}

bool IpAddress::is_link_local() const {
    return is_v4_ ? octets_[0] == 169 && octets_[1] == 254
                  : octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80;
}

std::uint32_t IpAddress::v4_number() const {
    return std::uint32_t{octets_[0]} << 24 | std::uint32_t{octets_[1]} << 16 |
           std::uint32_t{octets_[2]} << 8 | octets_[3];
}

std::string IpAddress::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    const char* text = inet_ntop(is_v4_ ? AF_INET : AF_INET6, octets_.data(), buffer.data(), buffer.size());
    return text != nullptr ? text : "?";
}

std::string Endpoint::text() const {
    return fmt::format("{}[{}]", address.text(), port);
}

std::optional<Ipv4Net> Ipv4Net::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address || !address->is_v4()) {
        return std::nullopt;
    }
    unsigned prefix = 32;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (error != std::errc{} || end != digits.data() + digits.size() || prefix > 32 || digits.empty()) {
            return std::nullopt;
        }
    }
    const Ipv4Net net{address->v4_number(), static_cast<std::uint8_t>(prefix)};
    if ((net.network & ~net.mask()) != 0) {
        return std::nullopt;
    }
    return net;
}

std::optional<Ipv4Net> Ipv4Net::from_mask(std::uint32_t address, std::uint32_t mask) {
    const int ones = std::countl_one(mask);
    if (std::popcount(mask) != ones) {
        return std::nullopt;
    }
    return Ipv4Net{address & mask, static_cast<std::uint8_t>(ones)};
}

std::string Ipv4Net::text() const {
    return fmt::format("{}/{}", IpAddress::v4(network).text(), prefix);
}

std::string TrafficSelector::text() const {
    if (protocol == 0 && port == 0) {
        return net.text();
    }
    return fmt::format("{}[{}/{}]", net.text(), protocol, port);
}

}  // namespace causeway
