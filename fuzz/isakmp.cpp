// The ISAKMP decoder on hostile octets: what can be read must be writable again and read the same, and can be
// printed.
#include <cstdint>
#include <cstdlib>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/print.hpp"

namespace {

using namespace causeway;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

template <class Decode>
void reads_what_it_writes(ByteView body, Decode decode) {
    if (const auto value = decode(body)) {
        const auto again = decode(isakmp::encode(*value));
        require(again.has_value() && *again == *value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView octets(data, size);
    require(!isakmp::print_message(octets).empty());
    const auto header = isakmp::decode_header(octets);
    if (!header) {
        return 0;
    }
    const ByteView body = octets.first(header->length).subspan(isakmp::header_octets);
    for (const auto trailing : {isakmp::Trailing::none, isakmp::Trailing::padding}) {
        const auto chain = isakmp::decode_payloads(header->next_payload, body, trailing);
        if (!chain) {
            continue;
        }
        require(chain->octets <= body.size() && chain->payloads.size() <= isakmp::max_payloads);
        const Bytes written = isakmp::encode_payloads(chain->payloads);
        require(written.size() == chain->octets);
        const auto again = isakmp::decode_payloads(header->next_payload, written, isakmp::Trailing::none);
        require(again.has_value() && again->payloads == chain->payloads);
        for (const auto& payload : chain->payloads) {
            reads_what_it_writes(payload.body, isakmp::decode_sa);
            reads_what_it_writes(payload.body, isakmp::decode_identification);
            reads_what_it_writes(payload.body, isakmp::decode_notification);
            reads_what_it_writes(payload.body, isakmp::decode_delete);
        }
    }
    return 0;
}
