#include "config/identity.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "base/event.hpp"

namespace causeway::config {
namespace {

Identity of_text(isakmp::IdType type, std::string_view text) {
    return {type, to_bytes(as_bytes(text)), false};
}

ByteView without_last_dot(ByteView name) {
    return !name.empty() && name.back() == '.' ? name.first(name.size() - 1) : name;
}

std::uint8_t lower(std::uint8_t octet) {
    return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet - 'A' + 'a') : octet;
}

}  // namespace

Identity Identity::of_address(const IpAddress& address) {
    return {address.is_v4() ? isakmp::IdType::ipv4_addr : isakmp::IdType::ipv6_addr,
            to_bytes(address.octets()), false};
}

Identity Identity::fqdn(std::string_view name) {
    return of_text(isakmp::IdType::fqdn, name);
}

Identity Identity::user_fqdn(std::string_view name) {
    return of_text(isakmp::IdType::user_fqdn, name);
}

Identity Identity::key_id(ByteView octets) {
    return {isakmp::IdType::key_id, to_bytes(octets), false};
}

bool Identity::same_as(const Identity& other) const {
    if (type != other.type || (type != isakmp::IdType::fqdn && type != isakmp::IdType::user_fqdn)) {
        return *this == other;
    }
    const auto a = without_last_dot(data);
    const auto b = without_last_dot(other.data);
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](auto x, auto y) { return lower(x) == lower(y); });
}

bool Identity::admits(const Identity& received) const {
    if (!pattern) {
        return received.same_as(*this);
    }
    if (received.type != type) {
        return false;
    }
    // The asterisk stands for one octet at least, as strongSwan has it.
    const auto name = without_last_dot(received.data);
    const auto end = without_last_dot(ByteView(data).subspan(1));
    return name.size() > end.size() &&
           std::equal(end.begin(), end.end(), name.end() - static_cast<std::ptrdiff_t>(end.size()),
                      [](auto x, auto y) { return lower(x) == lower(y); });
}

Identity Identity::from_payload(const isakmp::Identification& payload) {
    return {payload.type, payload.data, false};
}

isakmp::Identification Identity::payload() const {
    return {type, 0, 0, data};
}

std::string Identity::text() const {
    switch (type) {
        case isakmp::IdType::fqdn:
        case isakmp::IdType::user_fqdn:
            return printable(as_text(data));
        case isakmp::IdType::ipv4_addr:
        case isakmp::IdType::ipv6_addr:
            if (const auto address = IpAddress::from_octets(data);
                address && address->is_v4() == (type == isakmp::IdType::ipv4_addr)) {
                return address->text();
            }
            break;
        case isakmp::IdType::key_id:
            return printable("keyid:" + to_hex(data));
        default:
            break;
    }
    return printable(fmt::format("id{}:{}", static_cast<unsigned>(type), to_hex(data)));
}

std::string Identity::text_with_type() const {
    switch (type) {
        case isakmp::IdType::fqdn:
            return "FQDN " + text();
        case isakmp::IdType::user_fqdn:
            return "USER-FQDN " + text();
        case isakmp::IdType::ipv4_addr:
            return "IPv4 address " + text();
        case isakmp::IdType::ipv6_addr:
            return "IPv6 address " + text();
        case isakmp::IdType::key_id:
            return "KEY-ID " + printable(to_hex(data));
        case isakmp::IdType::der_asn1_dn:
            return "ASN.1 DN " + printable(to_hex(data));
        default:
            return fmt::format("identity type {} {}", static_cast<unsigned>(type), printable(to_hex(data)));
    }
}

}  // namespace causeway::config
