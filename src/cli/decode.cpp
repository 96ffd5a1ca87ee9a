#include "cli/decode.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "base/event.hpp"
#include "base/ports.hpp"
#include "cli/dissect.hpp"
#include "cli/pcap.hpp"
#include "cli/words.hpp"
#include "codec/esp/header.hpp"
#include "codec/isakmp/numbers.hpp"
#include "codec/isakmp/print.hpp"

namespace causeway::cli {
namespace {

constexpr std::size_t marker_octets = 4;

struct Sums {
    std::size_t packets = 0;
    std::size_t ike = 0;
    std::size_t esp = 0;
    std::size_t keepalives = 0;
    std::size_t fragments = 0;
};

std::string indented(std::string_view lines) {
    std::string text;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size() - 1);
        text += "    ";
        text += lines.substr(0, end + 1);
        lines.remove_prefix(end + 1);
    }
    return text;
}

std::string esp_line(std::string_view what, ByteView packet, std::size_t octets) {
    const auto header = esp::decode_header(packet);
    if (!header) {
        return fmt::format("{}, {} octets: too short for SPI and sequence number\n", what, octets);
    }
    return fmt::format("{}, SPI {:08x}, seq {}, {} octets\n", what, header->spi, header->sequence, octets);
}

std::string ike_lines(ByteView message, std::size_t octets) {
    return fmt::format("IKE, {} octets\n", octets) + indented(isakmp::print_message(message));
}

/// The content of a UDP datagram; `missing` octets of it were not captured.
std::string udp_lines(ByteView payload, bool nat_t, std::size_t missing, Sums& sums) {
    const std::size_t octets = payload.size() + missing;
    if (!nat_t) {
        ++sums.ike;
        return ike_lines(payload, octets);
    }
    switch (esp::classify(payload)) {
        case esp::Kind::keepalive:
            ++sums.keepalives;
            return "NAT keepalive\n";
        case esp::Kind::ike:
            ++sums.ike;
            return ike_lines(payload.subspan(marker_octets), octets - marker_octets);
        case esp::Kind::esp:
            ++sums.esp;
            return esp_line("ESP in UDP", payload, octets);
        case esp::Kind::runt:
            break;
    }
    return fmt::format("{} octets: neither IKE nor ESP\n", octets);
}

std::string addresses(const Parcel& parcel) {
    const auto side = [](const Endpoint& end) { return end.port == 0 ? end.address.text() : end.text(); };
    return fmt::format("{} -> {}", side(parcel.source), side(parcel.destination));
}

std::string parcel_lines(const Parcel& parcel, Sums& sums) {
    switch (parcel.kind) {
        case Parcel::Kind::udp: {
            // RFC 3948 4: the marker is used on port 4500 and nowhere else.
            const bool nat_t = parcel.source.port == nat_t_port || parcel.destination.port == nat_t_port;
            return udp_lines(parcel.payload, nat_t, parcel.missing, sums);
        }
        case Parcel::Kind::esp:
            ++sums.esp;
            return esp_line("ESP", parcel.payload, parcel.payload.size() + parcel.missing);
        case Parcel::Kind::fragment:
            break;
    }
    ++sums.fragments;
    return fmt::format("fragment of an IP packet, {} octets: not put together\n",
                       parcel.payload.size() + parcel.missing);
}

std::string packet_lines(const PcapPacket& packet, const Parcel& parcel, Sums& sums) {
    std::string text =
        fmt::format("{}  {}  ", utc_time(packet.seconds, packet.nanoseconds), addresses(parcel));
    text += parcel_lines(parcel, sums);
    if (parcel.missing > 0) {
        text += fmt::format("    the capture lacks the last {} octets\n", parcel.missing);
    }
    return text;
}

std::string sums_line(const Sums& sums) {
    std::string text =
        fmt::format("{}: {}, {}, {}", counted(sums.packets, "packet"), counted(sums.ike, "IKE message"),
                    counted(sums.esp, "ESP packet"), counted(sums.keepalives, "keepalive"));
    if (sums.fragments > 0) {
        text += fmt::format(", {}", counted(sums.fragments, "fragment"));
    }
    return text + '\n';
}

}  // namespace

Decoded decode_capture(ByteView file) {
    auto reader = PcapReader::open(file);
    if (!reader) {
        return {.text = {}, .error = reader.error()};
    }
    if (!is_known_link_type(reader->link_type())) {
        return {.text = {},
                .error = Error{
                    .code = Errc::unsupported,
                    .what = fmt::format("frames of link type {} are not understood", reader->link_type()),
                    .place = {},
                    .remedy = "capture on an Ethernet, PPP or TUN device, or on `any`"}};
    }
    Decoded decoded;
    Sums sums;
    for (;;) {
        auto packet = reader->next();
        if (!packet) {
            decoded.error = std::move(packet.error());
            break;
        }
        if (!*packet) {
            break;
        }
        ++sums.packets;
        if (const auto parcel = dissect(reader->link_type(), (*packet)->octets)) {
            decoded.text += packet_lines(**packet, *parcel, sums);
        }
    }
    decoded.text += sums_line(sums);
    return decoded;
}

std::string decode_datagram(ByteView datagram) {
    // Port 500 or 4500 is not known here. An ISAKMP message begins with the initiator's cookie, which is
    // never zero (RFC 2408 2.5.3): four zero octets are the marker.
    const bool marked =
        datagram.size() >= marker_octets &&
        std::all_of(datagram.begin(), datagram.begin() + marker_octets, [](auto o) { return o == 0; });
    const ByteView message = marked ? datagram.subspan(marker_octets) : datagram;
    return isakmp::print_message(message);
}

Result<Bytes> octets_of_hex(std::string_view text) {
    std::string digits;
    std::size_t at = 0;
    const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    if (text.substr(begin, 2) == "0x" || text.substr(begin, 2) == "0X") {
        at = begin + 2;
    }
    for (; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (std::isxdigit(c) != 0) {
            digits += text[at];
        } else if (std::isspace(c) == 0 && c != ':') {
            return fail(Errc::malformed, fmt::format("character {} ('{}') is not a hexadecimal digit", at + 1,
                                                     printable(text.substr(at, 1))));
        }
    }
    if (digits.empty()) {
        return fail(Errc::malformed, "no hexadecimal digits");
    }
    if (digits.size() % 2 != 0) {
        return fail(Errc::malformed,
                    fmt::format("{} hexadecimal digits: the last octet lacks one", digits.size()));
    }
    return *from_hex(digits);
}

}  // namespace causeway::cli
