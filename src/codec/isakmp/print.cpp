#include "codec/isakmp/print.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/vendor.hpp"

namespace causeway::isakmp {

namespace {

/// Octets without structure are cut here: a key exchange value is rarely read digit by digit.
constexpr std::size_t hex_limit = 32;

std::string hex(ByteView octets) {
    return octets.size() <= hex_limit
               ? to_hex(octets)
               : fmt::format("{}... ({} octets)", to_hex(octets.first(hex_limit)), octets.size());
}

class Printer {
 public:
    template <class... Args>
    void line(unsigned depth, fmt::format_string<Args...> format, Args&&... args) {
        text_.append(std::size_t{2} * depth, ' ');
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        text_ += '\n';
    }
    std::string take() { return std::move(text_); }

 private:
    std::string text_;
};

std::string flags_text(std::uint8_t flags) {
    std::string text;
    const auto add = [&](bool on, std::string_view name) {
        if (on) {
            text += (text.empty() ? "" : "+");
            text += name;
        }
    };
    add((flags & flag::encryption) != 0, "encrypted");
    add((flags & flag::commit) != 0, "commit");
    add((flags & flag::authentication_only) != 0, "authentication-only");
    constexpr std::uint8_t known = flag::encryption | flag::commit | flag::authentication_only;
    add((flags & ~known) != 0, fmt::format("{:#04x}", flags & ~known));
    return text.empty() ? "clear" : text;
}

std::string attribute_value(const Attribute& attribute) {
    const auto number = attribute.as_number();
    return number ? std::to_string(*number) : hex(attribute.value);
}

template <class Names>
std::string attributes_text(const std::vector<Attribute>& attributes) {
    std::string text;
    for (const auto& attribute : attributes) {
        fmt::format_to(std::back_inserter(text), "{}{} {}", text.empty() ? "" : ", ",
                       name_of(static_cast<Names>(attribute.type)), attribute_value(attribute));
    }
    return text.empty() ? "no attributes" : text;
}

void print_sa(Printer& out, unsigned depth, ByteView body) {
    const auto sa = decode_sa(body);
    if (!sa) {
        return out.line(depth, "cannot be read: {}: {}", sa.error().what, hex(body));
    }
    if (sa->doi != doi_ipsec || sa->situation != situation_identity_only) {
        out.line(depth, "DOI {}, situation {}", sa->doi, sa->situation);
    }
    for (const auto& proposal : sa->proposals) {
        const std::size_t count = proposal.transforms.size();
        out.line(depth, "proposal {} {}{}: {} transform{}", proposal.number, name_of(proposal.protocol),
                 proposal.spi.empty() ? "" : " SPI " + to_hex(proposal.spi), count, count == 1 ? "" : "s");
        for (const auto& transform : proposal.transforms) {
            out.line(depth + 1, "transform {} id {}: {}", transform.number, transform.id,
                     proposal.protocol == Protocol::isakmp
                         ? attributes_text<Phase1Attribute>(transform.attributes)
                         : attributes_text<Phase2Attribute>(transform.attributes));
        }
    }
}

std::string identity_value(const Identification& id) {
    const auto address = [](ByteView octets) {
        const auto parsed = IpAddress::from_octets(octets);
        return parsed ? parsed->text() : hex(octets);
    };
    const ByteView data = id.data;
    switch (id.type) {
        case IdType::ipv4_addr:
        case IdType::ipv6_addr:
            return address(data);
        case IdType::fqdn:
        case IdType::user_fqdn:
            return printable(as_text(data));
        case IdType::ipv4_addr_subnet:
        case IdType::ipv6_addr_subnet:
        case IdType::ipv4_addr_range:
        case IdType::ipv6_addr_range: {
            const bool range = id.type == IdType::ipv4_addr_range || id.type == IdType::ipv6_addr_range;
            const std::size_t half = data.size() / 2;
            return data.size() % 2 == 0
                       ? address(data.first(half)) + (range ? " to " : "/") + address(data.subspan(half))
                       : hex(data);
        }
        default:
            return hex(data);
    }
}

void print_notification(Printer& out, unsigned depth, ByteView body) {
    const auto notification = decode_notification(body);
    if (!notification) {
        return out.line(depth, "cannot be read: {}: {}", notification.error().what, hex(body));
    }
    out.line(depth, "{} about {}{}", name_of(notification->type), name_of(notification->protocol),
             notification->spi.empty() ? "" : ", SPI " + to_hex(notification->spi));
    if (!notification->data.empty()) {
        out.line(depth, "data {}", hex(notification->data));
    }
}

void print_body(Printer& out, unsigned depth, const Payload& payload) {
    const ByteView body = payload.body;
    switch (payload.type) {
        case PayloadType::sa:
            return print_sa(out, depth, body);
        case PayloadType::identification: {
            const auto id = decode_identification(body);
            if (!id) {
                return out.line(depth, "cannot be read: {}: {}", id.error().what, hex(body));
            }
            return out.line(depth, "{} {}{}", name_of(id->type), identity_value(*id),
                            id->protocol == 0 && id->port == 0
                                ? ""
                                : fmt::format(", protocol {} port {}", id->protocol, id->port));
        }
        case PayloadType::notification:
            return print_notification(out, depth, body);
        case PayloadType::delete_: {
            const auto deletion = decode_delete(body);
            if (!deletion) {
                return out.line(depth, "cannot be read: {}: {}", deletion.error().what, hex(body));
            }
            out.line(depth, "{}, {} SPIs", name_of(deletion->protocol), deletion->spis.size());
            for (const auto& spi : deletion->spis) {
                out.line(depth + 1, "{}", to_hex(spi));
            }
            return;
        }
        case PayloadType::vendor_id: {
            const auto vendor = recognise_vendor(body);
            return out.line(depth, "{}{}", hex(body), vendor ? fmt::format(" ({})", name_of(*vendor)) : "");
        }
        default:
            return out.line(depth, "{}", body.empty() ? "empty" : hex(body));
    }
}

}  // namespace

std::string print_message(ByteView datagram) {
    Printer out;
    const auto header = decode_header(datagram);
    if (!header) {
        out.line(0, "no ISAKMP message: {}: {}", header.error().what, hex(datagram));
        return out.take();
    }
    out.line(0, "{}, version {}.{}, {}, message id {:08x}, {} octets", name_of(header->exchange),
             header->version >> 4, header->version & 15, flags_text(header->flags), header->message_id,
             header->length);
    out.line(0, "CKY-I {}, CKY-R {}", to_hex(header->cky_i), to_hex(header->cky_r));
    const ByteView body = datagram.first(header->length).subspan(header_octets);
    if (header->encrypted()) {
        out.line(1, "{} octets, encrypted; the first payload is {}", body.size(),
                 name_of(header->next_payload));
    } else if (const auto chain = decode_payloads(header->next_payload, body, Trailing::none)) {
        for (const auto& payload : chain->payloads) {
            out.line(1, "{}, {} octets", name_of(payload.type), payload.body.size());
            print_body(out, 2, payload);
        }
    } else {
        out.line(1, "the payloads cannot be read: {}: {}", chain.error().what, hex(body));
    }
    if (datagram.size() > header->length) {
        out.line(1, "{} octets behind the message", datagram.size() - header->length);
    }
    return out.take();
}

}  // namespace causeway::isakmp
