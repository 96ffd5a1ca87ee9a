#include "codec/isakmp/version2.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace causeway::isakmp::version2 {

namespace {

constexpr std::uint8_t flag_response = 0x20;
constexpr auto notify = static_cast<PayloadType>(41);
constexpr std::size_t notify_octets = 4;  ///< protocol, SPI size, type; no SPI, no data
constexpr auto invalid_major = static_cast<std::uint8_t>(NotifyType::invalid_major_version);

}  // namespace

bool is_request(const Header& header) {
    return (header.flags & flag_response) == 0;
}

Bytes invalid_major_version(const Header& request) {
    // Every version of the header is laid out alike (RFC 5996 3.1). Not from the original initiator: no I
    // bit.
    Header header = request;
    header.version = version_2_0;
    header.flags = flag_response;
    const std::vector<Payload> payloads{{notify, Bytes{0, 0, 0, invalid_major}}};
    return encode_message(header, payloads);
}

bool says_invalid_major_version(const Header& header, ByteView datagram) {
    const auto chain = decode_payloads(header.next_payload,
                                       datagram.first(header.length).subspan(header_octets), Trailing::none);
    return chain && std::ranges::any_of(chain->payloads, [](const Payload& payload) {
               return payload.type == notify && payload.body.size() >= notify_octets &&
                      payload.body[2] == 0 && payload.body[3] == invalid_major;
           });
}

}  // namespace causeway::isakmp::version2
