#include "codec/isakmp/payloads.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string_view>
#include <utility>

#include "codec/reader.hpp"
#include "codec/writer.hpp"

namespace causeway::isakmp {

namespace {

constexpr std::uint16_t basic_flag = 0x8000;
constexpr std::uint8_t more_proposals = 2;
constexpr std::uint8_t more_transforms = 3;

Result<Transform> decode_transform(ByteView body) {
    Reader reader(body);
    Transform transform;
    transform.number = reader.u8();
    transform.id = reader.u8();
    reader.u16();
    if (reader.failed()) {
        return fail(Errc::malformed, fmt::format("a transform of {} octets is too short", body.size()));
    }
    transform.attributes = CAUSEWAY_TRY(decode_attributes(reader.take_rest()));
    return transform;
}

/// Reads one substructure (RFC 2408 3.5, 3.6: last/more octet, reserved, length) and gives its body.
struct Substructure {
    std::uint8_t more = 0;
    ByteView body;
};
Result<Substructure> take_substructure(Reader& reader, std::string_view what) {
    const std::size_t left = reader.left();
    Substructure sub;
    sub.more = reader.u8();
    reader.u8();
    const std::size_t length = reader.u16();
    if (reader.failed() || length < generic_header_octets || length > left) {
        return fail(Errc::malformed,
                    fmt::format("{}: length {} does not fit into the {} octets left", what, length, left));
    }
    sub.body = reader.take(length - generic_header_octets);
    return sub;
}

Result<Proposal> decode_proposal(ByteView body) {
    Reader reader(body);
    Proposal proposal;
    proposal.number = reader.u8();
    proposal.protocol = static_cast<Protocol>(reader.u8());
    const std::size_t spi_octets = reader.u8();
    const std::size_t transforms = reader.u8();
    proposal.spi = to_bytes(reader.take(spi_octets));
    if (reader.failed()) {
        return fail(Errc::malformed, fmt::format("a proposal of {} octets has no room for its SPI of {}",
                                                 body.size(), spi_octets));
    }
    for (std::size_t i = 0; i < transforms; ++i) {
        const auto sub = CAUSEWAY_TRY(take_substructure(reader, "transform"));
        proposal.transforms.push_back(CAUSEWAY_TRY(decode_transform(sub.body)));
    }
    if (reader.left() != 0) {
        return fail(Errc::malformed,
                    fmt::format("{} octets behind the last of {} transforms", reader.left(), transforms));
    }
    return proposal;
}

}  // namespace

Attribute Attribute::tv(std::uint16_t type, std::uint16_t value) {
    return {type, true, {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)}};
}

Attribute Attribute::number(std::uint16_t type, std::uint64_t value) {
    if (value <= 0xffff) {
        return tv(type, static_cast<std::uint16_t>(value));
    }
    Writer writer;
    if (value > 0xffffffff) {
        writer.u32(static_cast<std::uint32_t>(value >> 32));
    }
    writer.u32(static_cast<std::uint32_t>(value));
    return {type, false, std::move(writer).finish()};
}

std::optional<std::uint64_t> Attribute::as_number() const {
    // Leading zeros change no number (RFC 2408 3.3 sets no length).
    const auto first = std::find_if(value.begin(), value.end(), [](auto octet) { return octet != 0; });
    if (value.empty() || value.end() - first > 8) {
        return std::nullopt;
    }
    std::uint64_t number = 0;
    for (auto octet = first; octet != value.end(); ++octet) {
        number = number << 8 | *octet;
    }
    return number;
}

const Attribute* Transform::find(std::uint16_t type) const {
    for (const auto& attribute : attributes) {
        if (attribute.type == type) {
            return &attribute;
        }
    }
    return nullptr;
}

Result<std::vector<Attribute>> decode_attributes(ByteView octets) {
    std::vector<Attribute> attributes;
    Reader reader(octets);
    while (reader.left() != 0) {
        if (attributes.size() == max_attributes) {
            return fail(Errc::limit, fmt::format("more than {} attributes", max_attributes));
        }
        Attribute attribute;
        const std::uint16_t type = reader.u16();
        attribute.basic = (type & basic_flag) != 0;
        attribute.type = static_cast<std::uint16_t>(type & ~basic_flag);
        const std::size_t length = attribute.basic ? 2 : reader.u16();
        attribute.value = to_bytes(reader.take(length));
        if (reader.failed()) {
            return fail(Errc::malformed, fmt::format("attribute {} runs beyond the end", attribute.type));
        }
        attributes.push_back(std::move(attribute));
    }
    return attributes;
}

Bytes encode(std::span<const Attribute> attributes) {
    Writer writer;
    for (const auto& attribute : attributes) {
        if (attribute.basic) {
            writer.u16(static_cast<std::uint16_t>(attribute.type | basic_flag));
        } else {
            writer.u16(attribute.type).u16(static_cast<std::uint16_t>(attribute.value.size()));
        }
        writer.octets(attribute.value);
    }
    return std::move(writer).finish();
}

Result<SaPayload> decode_sa(ByteView body) {
    Reader reader(body);
    SaPayload sa;
    sa.doi = reader.u32();
    sa.situation = reader.u32();
    if (reader.failed()) {
        return fail(Errc::malformed, fmt::format("an SA payload of {} octets is too short", body.size()));
    }
    if (sa.doi != doi_ipsec) {
        return fail(Errc::unsupported, fmt::format("DOI {}", sa.doi));
    }
    if (sa.situation != situation_identity_only) {
        // Labels would follow (RFC 2407 4.6.1); nobody sends them, and their lengths are not to be trusted.
        return fail(Errc::unsupported, fmt::format("situation {:#x}", sa.situation));
    }
    std::size_t transforms = 0;
    while (reader.left() != 0) {
        if (sa.proposals.size() == max_proposals) {
            return fail(Errc::limit, fmt::format("more than {} proposals", max_proposals));
        }
        const auto sub = CAUSEWAY_TRY(take_substructure(reader, "proposal"));
        sa.proposals.push_back(CAUSEWAY_TRY(decode_proposal(sub.body)));
        transforms += sa.proposals.back().transforms.size();
        if (transforms > max_transforms) {
            return fail(Errc::limit, fmt::format("more than {} transforms", max_transforms));
        }
    }
    return sa;
}

Bytes encode(const SaPayload& sa) {
    Writer writer;
    writer.u32(sa.doi).u32(sa.situation);
    for (std::size_t p = 0; p < sa.proposals.size(); ++p) {
        const auto& proposal = sa.proposals[p];
        const std::size_t proposal_at = writer.size();
        writer.u8(p + 1 < sa.proposals.size() ? more_proposals : 0).u8(0).u16(0);
        writer.u8(proposal.number).u8(static_cast<std::uint8_t>(proposal.protocol));
        writer.u8(static_cast<std::uint8_t>(proposal.spi.size()));
        writer.u8(static_cast<std::uint8_t>(proposal.transforms.size()));
        writer.octets(proposal.spi);
        for (std::size_t t = 0; t < proposal.transforms.size(); ++t) {
            const auto& transform = proposal.transforms[t];
            const Bytes attributes = encode(transform.attributes);
            writer.u8(t + 1 < proposal.transforms.size() ? more_transforms : 0).u8(0);
            writer.u16(static_cast<std::uint16_t>(attributes.size() + 8));
            writer.u8(transform.number).u8(transform.id).u16(0);
            writer.octets(attributes);
        }
        writer.patch_u16(proposal_at + 2, static_cast<std::uint16_t>(writer.size() - proposal_at));
    }
    return std::move(writer).finish();
}

Result<Identification> decode_identification(ByteView body) {
    Reader reader(body);
    Identification id;
    id.type = static_cast<IdType>(reader.u8());
    id.protocol = reader.u8();
    id.port = reader.u16();
    if (reader.failed()) {
        return fail(Errc::malformed, fmt::format("an ID payload of {} octets is too short", body.size()));
    }
    id.data = to_bytes(reader.take_rest());
    return id;
}

Bytes encode(const Identification& id) {
    Writer writer;
    writer.u8(static_cast<std::uint8_t>(id.type)).u8(id.protocol).u16(id.port).octets(id.data);
    return std::move(writer).finish();
}

Result<Notification> decode_notification(ByteView body) {
    Reader reader(body);
    Notification notification;
    notification.doi = reader.u32();
    notification.protocol = static_cast<Protocol>(reader.u8());
    const std::size_t spi_octets = reader.u8();
    notification.type = static_cast<NotifyType>(reader.u16());
    notification.spi = to_bytes(reader.take(spi_octets));
    if (reader.failed()) {
        return fail(Errc::malformed, fmt::format("a notification of {} octets is too short", body.size()));
    }
    notification.data = to_bytes(reader.take_rest());
    return notification;
}

Bytes encode(const Notification& notification) {
    Writer writer;
    writer.u32(notification.doi).u8(static_cast<std::uint8_t>(notification.protocol));
    writer.u8(static_cast<std::uint8_t>(notification.spi.size()));
    writer.u16(static_cast<std::uint16_t>(notification.type));
    writer.octets(notification.spi).octets(notification.data);
    return std::move(writer).finish();
}

Result<Delete> decode_delete(ByteView body) {
    Reader reader(body);
    Delete payload;
    payload.doi = reader.u32();
    payload.protocol = static_cast<Protocol>(reader.u8());
    payload.spi_octets = reader.u8();
    const std::size_t count = reader.u16();
    if (reader.failed() || count * payload.spi_octets != reader.left()) {
        return fail(Errc::malformed, fmt::format("{} SPIs of {} octets are not the {} octets there", count,
                                                 payload.spi_octets, reader.left()));
    }
    if (count > max_deleted_spis) {
        return fail(Errc::limit, fmt::format("more than {} SPIs in one DELETE", max_deleted_spis));
    }
    for (std::size_t i = 0; i < count; ++i) {
        payload.spis.push_back(to_bytes(reader.take(payload.spi_octets)));
    }
    return payload;
}

Bytes encode(const Delete& payload) {
    Writer writer;
    writer.u32(payload.doi).u8(static_cast<std::uint8_t>(payload.protocol)).u8(payload.spi_octets);
    writer.u16(static_cast<std::uint16_t>(payload.spis.size()));
    for (const auto& spi : payload.spis) {
        writer.octets(spi);
    }
    return std::move(writer).finish();
}

}  // namespace causeway::isakmp
