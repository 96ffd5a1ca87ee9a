#include "config/identity.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "base/event.hpp"

namespace causeway::config {
namespace {

/// "keyid:office": the kind in front, as strongSwan lets people write it.
struct Prefix {
    std::string_view text;
    isakmp::IdType type;
};

constexpr Prefix prefixes[] = {
    {"fqdn:", isakmp::IdType::fqdn},           {"dns:", isakmp::IdType::fqdn},
    {"userfqdn:", isakmp::IdType::user_fqdn},  {"user_fqdn:", isakmp::IdType::user_fqdn},
    {"rfc822:", isakmp::IdType::user_fqdn},    {"email:", isakmp::IdType::user_fqdn},
    {"ipv4:", isakmp::IdType::ipv4_addr},      {"ipv6:", isakmp::IdType::ipv6_addr},
    {"keyid:", isakmp::IdType::key_id},        {"asn1dn:", isakmp::IdType::der_asn1_dn},
    {"xmppaddr:", isakmp::IdType::der_asn1_gn}};

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() &&
           std::equal(start.begin(), start.end(), text.begin(),
                      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

Identity of_text(isakmp::IdType type, std::string_view text) {
    return {type, to_bytes(as_bytes(text))};
}

ByteView without_last_dot(ByteView name) {
    return !name.empty() && name.back() == '.' ? name.first(name.size() - 1) : name;
}

std::uint8_t lower(std::uint8_t octet) {
    return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet - 'A' + 'a') : octet;
}

Result<Identity> hexadecimal(isakmp::IdType type, std::string_view digits) {
    auto octets = from_hex(digits);
    if (!octets || octets->empty()) {
        return fail(Errc::malformed, fmt::format("'#{}' is not an identity in hexadecimal digits", digits));
    }
    return Identity{type, std::move(*octets)};
}

Result<Identity> prefixed(const Prefix& prefix, std::string_view rest) {
    if (rest.empty()) {
        return fail(Errc::malformed, fmt::format("nothing follows '{}'", prefix.text));
    }
    switch (prefix.type) {
        case isakmp::IdType::der_asn1_dn:
        case isakmp::IdType::der_asn1_gn:
            return fail(Errc::unsupported, fmt::format("identities of the kind '{}' belong to certificates, "
                                                       "which are not supported",
                                                       prefix.text));
        case isakmp::IdType::ipv4_addr:
        case isakmp::IdType::ipv6_addr: {
            const auto address = IpAddress::parse(rest);
            if (!address || address->is_v4() != (prefix.type == isakmp::IdType::ipv4_addr)) {
                return fail(Errc::malformed, fmt::format("'{}' is no address of that kind", rest));
            }
            return Identity::of_address(*address);
        }
        default:
            return rest.front() == '#' ? hexadecimal(prefix.type, rest.substr(1))
                                       : of_text(prefix.type, rest);
    }
}

}  // namespace

Identity Identity::of_address(const IpAddress& address) {
    return {address.is_v4() ? isakmp::IdType::ipv4_addr : isakmp::IdType::ipv6_addr,
            to_bytes(address.octets())};
}

Identity Identity::fqdn(std::string_view name) {
    return of_text(isakmp::IdType::fqdn, name);
}

Identity Identity::user_fqdn(std::string_view name) {
    return of_text(isakmp::IdType::user_fqdn, name);
}

Identity Identity::key_id(ByteView octets) {
    return {isakmp::IdType::key_id, to_bytes(octets)};
}

Result<Identity> Identity::parse(std::string_view text) {
    if (text.empty()) {
        return fail(Errc::malformed, "an identity must not be empty");
    }
    if (text.front() == '@') {
        const auto rest = text.substr(1);
        if (rest.empty()) {
            return fail(Errc::malformed, "nothing follows the '@' of the identity");
        }
        if (rest.front() == '#') {
            return hexadecimal(isakmp::IdType::key_id, rest.substr(1));
        }
        if (rest.front() == '@' && rest.size() > 1) {
            return user_fqdn(rest.substr(1));
        }
        return fqdn(rest);
    }
    for (const auto& prefix : prefixes) {
        if (starts_with_ignoring_case(text, prefix.text)) {
            return prefixed(prefix, text.substr(prefix.text.size()));
        }
    }
    if (text.find('=') != std::string_view::npos) {
        return fail(Errc::unsupported,
                    fmt::format("'{}' reads as a distinguished name, which belongs to certificates; "
                                "they are not supported",
                                text));
    }
    if (const auto address = IpAddress::parse(text)) {
        return of_address(*address);
    }
    if (text.find('@') != std::string_view::npos) {
        return user_fqdn(text);
    }
    return fqdn(text);
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

Identity Identity::from_payload(const isakmp::Identification& payload) {
    return {payload.type, payload.data};
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
