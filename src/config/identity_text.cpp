#include "config/identity_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <utility>

#include "base/event.hpp"

namespace causeway::config {
namespace {

using isakmp::IdType;

/// "keyid:office": the type in front, in letters of either case.
struct Prefix {
    std::string_view text;
    IdType type;
};

constexpr std::array prefixes{
    Prefix{"ipv4:", IdType::ipv4_addr},
    Prefix{"ipv6:", IdType::ipv6_addr},
    Prefix{"ipv4net:", IdType::ipv4_addr_subnet},
    Prefix{"ipv6net:", IdType::ipv6_addr_subnet},
    Prefix{"ipv4range:", IdType::ipv4_addr_range},
    Prefix{"ipv6range:", IdType::ipv6_addr_range},
    Prefix{"rfc822:", IdType::user_fqdn},
    Prefix{"email:", IdType::user_fqdn},
    Prefix{"userfqdn:", IdType::user_fqdn},
    Prefix{"fqdn:", IdType::fqdn},
    Prefix{"dns:", IdType::fqdn},
    Prefix{"asn1dn:", IdType::der_asn1_dn},
    Prefix{"asn1gn:", IdType::der_asn1_gn},
    Prefix{"xmppaddr:", IdType::der_asn1_gn},
    Prefix{"keyid:", IdType::key_id},
};

constexpr std::array any_identity{"%any", "%any6", "*", "0.0.0.0", "::", "0::0"};

using enum FormMeaning;

constexpr std::string_view by_text = "identification.c, identification_create_from_string()";
constexpr std::string_view by_prefix = "identification.c, create_from_string_with_prefix_type()";
constexpr std::string_view by_number = "identification.c, create_from_string_with_num_type()";
constexpr std::string_view by_address = "identification.c, create_ip_address_from_string()";
constexpr std::string_view by_match = "identification.c, matches_string()";

constexpr std::array forms{
    IdentityForm{"`gw.example.org`, `@gw.example.org`", identity, "FQDN", by_text,
                 "gw.example.org @gw.example.org @192.0.2.1"},
    IdentityForm{"`fqdn:gw.example.org`, `dns:gw.example.org`", identity, "FQDN", by_prefix,
                 "fqdn:gw.example.org dns:gw.example.org FQDN:gw.example.org"},
    IdentityForm{"`user@example.org`, `@@user@example.org`", identity, "USER-FQDN", by_text,
                 "user@example.org @@user@example.org"},
    IdentityForm{"`userfqdn:user@example.org`, `email:...`, `rfc822:...`", identity, "USER-FQDN", by_prefix,
                 "userfqdn:user@example.org email:user@example.org rfc822:user@example.org"},
    IdentityForm{"`192.0.2.1`, `2001:db8::1`", identity, "IPv4 address, IPv6 address", by_address,
                 "192.0.2.1 2001:db8::1"},
    IdentityForm{
        "`ipv4:192.0.2.1`, `ipv6:2001:db8::1`", identity,
        "the address, with a warning: strongSwan sends the letters behind the colon as they are, which no "
        "other peer understands",
        by_prefix, "ipv4:192.0.2.1 ipv6:2001:db8::1"},
    IdentityForm{"`keyid:office`", identity, "KEY-ID, the letters", by_prefix, "keyid:office"},
    IdentityForm{"`@#6f66`, `keyid:#6f66`", identity,
                 "KEY-ID, octets in hexadecimal digits; `0x` in front and `:` between them may be there",
                 by_text, "@#6f66 keyid:#6f66 @#0x6f:66 @#f66"},
    IdentityForm{"`fqdn:#...`, `userfqdn:#...`, `ipv4:#c0000201`, `ipv6:#...`", identity,
                 "the type with octets in hexadecimal digits", by_prefix,
                 "fqdn:#6777 userfqdn:#614062 ipv4:#c0000201"},
    IdentityForm{"`{2}:gw`, `{11}:#6f66`", identity,
                 "the type by its number: 1 and 5 (addresses), 2 (FQDN), 3 (USER-FQDN), 11 (KEY-ID)",
                 by_number, "{2}:gw {3}:a@b {11}:#6f66 {0xb}:office {1}:#c0000201"},
    IdentityForm{"`office:1`, anything else with a colon and without `@`", identity,
                 "KEY-ID, all of the letters; noted", by_text, "office:1 aa:bb:cc:dd:ee:ff"},
    IdentityForm{"`%any`, `%any6`, `*`, `0.0.0.0`, `::`, `0::0`", any,
                 "remote: every identity; local: our address", by_text, "%any %any6 * 0.0.0.0 :: 0::0"},
    IdentityForm{"`*.example.org`, `@*.example.org`, `fqdn:*`", pattern,
                 "remote: every FQDN that ends so; local: refused", by_match,
                 "*.example.org @*.example.org fqdn:*.example.org fqdn:*"},
    IdentityForm{"`*@example.org`, `email:*@example.org`", pattern,
                 "remote: every USER-FQDN that ends so; local: refused", by_match,
                 "*@example.org email:*@example.org"},
    IdentityForm{
        "`192.0.2.0/24`, `192.0.2.1-192.0.2.9`, `ipv4net:...`, `ipv6range:...`", refused,
        "a network or a range, which is not the identity of one peer", by_address,
        "192.0.2.0/24 0.0.0.0/0 192.0.2.1-192.0.2.9 2001:db8::/32 ipv4net:192.0.2.0/24 ipv6net:x ipv4range:x "
        "ipv6range:x {4}:x"},
    IdentityForm{"`C=DE,CN=gw`, `asn1dn:...`, anything else with `=`", refused,
                 "a distinguished name, which belongs to certificates", by_text,
                 "C=DE,CN=gw asn1dn:#3000 {9}:x office=1"},
    IdentityForm{"`asn1gn:...`, `xmppaddr:...`", refused, "a general name, which belongs to certificates",
                 by_prefix, "asn1gn:x xmppaddr:a@b {10}:x"},
    IdentityForm{"`%gw.example.org`, `%any4`", refused,
                 "in front of an identity the percent sign asks for one that a certificate confirms",
                 "stroke_config.c, build_auth_cfg()", "%gw.example.org %any4"},
    IdentityForm{"`user_fqdn:user@example.org`", refused,
                 "racoon's word, which strongSwan takes as part of the name", by_text,
                 "user_fqdn:user@example.org"},
    IdentityForm{"`@`, `keyid:`, `@#xyz`, `ipv4:gw`", refused,
                 "nothing behind the sign, or nothing of its kind", by_text,
                 "@ @@ keyid: @# @#xyz keyid:# ipv4:gw ipv4:#c000 ipv6:192.0.2.1 {2}:"},
};

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() &&
           std::equal(start.begin(), start.end(), text.begin(),
                      [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

tl::unexpected<Error> refuse(Errc code, std::string what, std::string remedy) {
    return fail(Error{code, std::move(what), {}, std::move(remedy)});
}

/// strongSwan's chunk_from_hex(): "0x" in front, colons anywhere, an odd number of digits; but a letter that
/// is no digit is an error here.
Result<Bytes> octets_of(std::string_view digits) {
    if (digits.starts_with("0x")) {
        digits.remove_prefix(2);
    }
    std::string bare;
    std::ranges::copy_if(digits, std::back_inserter(bare), [](char c) { return c != ':'; });
    if (bare.size() % 2 != 0) {
        bare.insert(bare.begin(), '0');
    }
    auto octets = from_hex(bare);
    if (!octets || octets->empty()) {
        return refuse(Errc::malformed, "what follows the '#' of the identity is not hexadecimal",
                      "write pairs of the digits 0 to 9 and a to f");
    }
    return std::move(*octets);
}

IdentityText plain(IdType type, Bytes data) {
    return {Identity{type, std::move(data), false}, {}, {}};
}

/// A name, or with an asterisk in front a pattern.
IdentityText name_or_pattern(IdType type, std::string_view name) {
    auto text = plain(type, to_bytes(as_bytes(name)));
    text.identity->pattern = name.starts_with('*');
    return text;
}

Result<IdentityText> address_of_type(IdType type, std::string_view rest) {
    const auto address = IpAddress::parse(rest);
    if (!address || address->is_v4() != (type == IdType::ipv4_addr)) {
        return refuse(Errc::malformed, fmt::format("'{}' is not an address of that type", printable(rest)),
                      "write the address alone, without a type in front");
    }
    return IdentityText{
        Identity::of_address(*address),
        "it is read as the address; strongSwan would send the letters as they stand",
        fmt::format("write {} without a type in front, at strongSwan's end too", address->text())};
}

Result<IdentityText> of_type(IdType type, std::string_view rest) {
    switch (type) {
        case IdType::der_asn1_dn:
            return refuse(Errc::unsupported,
                          "a distinguished name belongs to certificates, which are not supported",
                          "write a name, an address or 'keyid:...', and the same at the other end");
        case IdType::der_asn1_gn:
            return refuse(Errc::unsupported,
                          "a general name belongs to certificates, which are not supported",
                          "write a name, an address or 'keyid:...', and the same at the other end");
        case IdType::ipv4_addr:
        case IdType::ipv6_addr:
        case IdType::fqdn:
        case IdType::user_fqdn:
        case IdType::key_id:
            break;
        default:
            return refuse(Errc::unsupported, "a network or a range is not the identity of one peer",
                          "write the peer's own address or name, or '%any' if every identity is welcome");
    }
    if (rest.empty()) {
        return refuse(Errc::malformed, "nothing follows the type of the identity",
                      "write what the other end has");
    }
    const bool address = type == IdType::ipv4_addr || type == IdType::ipv6_addr;
    if (rest.front() == '#') {
        auto octets = CAUSEWAY_TRY(octets_of(rest.substr(1)));
        const std::size_t wanted = type == IdType::ipv4_addr ? 4 : 16;
        if (address && octets.size() != wanted) {
            return refuse(Errc::malformed, fmt::format("an address of that type has {} octets", wanted),
                          "write the address alone, without a type in front");
        }
        return plain(type, std::move(octets));
    }
    if (address) {
        return address_of_type(type, rest);
    }
    return type == IdType::key_id ? plain(type, to_bytes(as_bytes(rest))) : name_or_pattern(type, rest);
}

/// "{11}:office"; nothing when the text is of another form.
std::optional<Result<IdentityText>> numbered(std::string_view text) {
    const auto end = text.find("}:");
    if (!text.starts_with('{') || end == std::string_view::npos) {
        return std::nullopt;
    }
    auto digits = text.substr(1, end - 1);
    const int base = digits.starts_with("0x") ? 16 : 10;
    digits.remove_prefix(base == 16 ? 2 : 0);
    unsigned number = 0;
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error != std::errc{} || last != digits.data() + digits.size()) {
        return std::nullopt;
    }
    if (number < 1 || number > 11) {
        return refuse(Errc::unsupported, fmt::format("there is no identity of type {}", number),
                      "use 2 (FQDN), 3 (USER-FQDN) or 11 (KEY-ID)");
    }
    return of_type(static_cast<IdType>(number), text.substr(end + 2));
}

/// "@name", "@@user", "@#hex", "user@name".
Result<IdentityText> with_at(std::string_view text) {
    if (text.front() != '@') {
        return name_or_pattern(IdType::user_fqdn, text);
    }
    text.remove_prefix(1);
    if (text.starts_with('#')) {
        return plain(IdType::key_id, CAUSEWAY_TRY(octets_of(text.substr(1))));
    }
    const auto type = text.starts_with('@') ? IdType::user_fqdn : IdType::fqdn;
    text.remove_prefix(type == IdType::user_fqdn ? 1 : 0);
    if (text.empty()) {
        return refuse(Errc::malformed, "nothing follows the '@' of the identity",
                      "write what the other end has");
    }
    return name_or_pattern(type, text);
}

/// "192.0.2.0/24", "192.0.2.1-192.0.2.9".
bool is_several_addresses(std::string_view text) {
    const auto at = text.find_first_of("/-");
    return at != std::string_view::npos && IpAddress::parse(text.substr(0, at)).has_value();
}

std::string_view meaning_text(FormMeaning meaning) {
    return meaning == refused ? "**refused**: " : "";
}

}  // namespace

Result<IdentityText> read_identity(std::string_view text) {
    if (text.empty()) {
        return refuse(Errc::malformed, "an identity must not be empty", "write what the other end has");
    }
    for (const auto& prefix : prefixes) {
        if (starts_with_ignoring_case(text, prefix.text)) {
            return of_type(prefix.type, text.substr(prefix.text.size()));
        }
    }
    if (starts_with_ignoring_case(text, "user_fqdn:")) {
        return refuse(Errc::malformed, "'user_fqdn:' is not a type that strongSwan knows",
                      "write 'userfqdn:...'");
    }
    if (auto typed = numbered(text)) {
        return std::move(*typed);
    }
    if (text.find('=') != std::string_view::npos) {
        return refuse(Errc::unsupported,
                      "an identity with '=' reads as a distinguished name, which belongs to certificates; "
                      "they are not supported",
                      "if it is a plain text, write 'keyid:' in front");
    }
    if (std::ranges::find(any_identity, text) != any_identity.end()) {
        return IdentityText{};
    }
    if (text.front() == '%') {
        return refuse(Errc::unsupported,
                      "a percent sign in front asks for an identity that a certificate confirms, and "
                      "certificates are not supported",
                      "write the identity without it, or '%any' if every identity is welcome");
    }
    if (text.find('@') != std::string_view::npos) {
        return with_at(text);
    }
    if (const auto address = IpAddress::parse(text)) {
        return IdentityText{Identity::of_address(*address), {}, {}};
    }
    if (is_several_addresses(text)) {
        return of_type(IdType::ipv4_addr_subnet, text);
    }
    if (text.find(':') != std::string_view::npos) {
        auto key_id = plain(IdType::key_id, to_bytes(as_bytes(text)));
        key_id.remark = "with a colon and no type in front it is a KEY-ID, as strongSwan reads it";
        key_id.remedy = "write 'keyid:' in front to say so";
        return key_id;
    }
    return name_or_pattern(IdType::fqdn, text);
}

Result<Identity> Identity::parse(std::string_view text) {
    auto read = CAUSEWAY_TRY(read_identity(text));
    if (!read.identity || read.identity->pattern) {
        return refuse(Errc::malformed, "that is not one identity", "write a name, an address or 'keyid:...'");
    }
    return std::move(*read.identity);
}

std::span<const IdentityForm> identity_forms() {
    return forms;
}

std::string identity_forms_text() {
    std::string text = "\n| Written | Read as | Source in strongSwan 5.9.8 |\n| --- | --- | --- |\n";
    for (const auto& form : forms) {
        text += fmt::format("| {} | {}{} | {} |\n", form.written, meaning_text(form.meaning), form.says,
                            form.source);
    }
    return text;
}

}  // namespace causeway::config
