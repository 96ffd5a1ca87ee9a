// Reading and writing a first message of the usual size: an SA of eight transforms and five vendor IDs.
#include <benchmark/benchmark.h>
#include <cstdint>
#include <utility>
#include <vector>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "codec/isakmp/vendor.hpp"

namespace {

using namespace causeway;  // NOLINT(google-build-using-namespace)

Bytes first_message() {
    isakmp::SaPayload sa;
    isakmp::Proposal proposal;
    for (std::uint8_t number = 1; number <= 8; ++number) {
        isakmp::Transform transform{number, isakmp::transform_key_ike, {}};
        for (const std::uint16_t type : {1, 2, 3, 4, 11, 14}) {
            transform.attributes.push_back(isakmp::Attribute::tv(type, number));
        }
        transform.attributes.push_back(isakmp::Attribute::number(12, 86400));
        proposal.transforms.push_back(std::move(transform));
    }
    sa.proposals.push_back(std::move(proposal));
    std::vector<isakmp::Payload> payloads{{isakmp::PayloadType::sa, isakmp::encode(sa)}};
    for (const auto vendor :
         {isakmp::Vendor::nat_t_rfc3947, isakmp::Vendor::nat_t_draft_02, isakmp::Vendor::dpd}) {
        payloads.push_back({isakmp::PayloadType::vendor_id, to_bytes(isakmp::vendor_id(vendor))});
    }
    isakmp::Header header;
    header.exchange = isakmp::ExchangeType::main;
    return isakmp::encode_message(header, payloads);
}

void decode(benchmark::State& state) {
    const Bytes message = first_message();
    for (auto _ : state) {
        const auto header = isakmp::decode_header(message);
        const auto chain = isakmp::decode_payloads(
            header->next_payload, ByteView(message).subspan(isakmp::header_octets), isakmp::Trailing::none);
        benchmark::DoNotOptimize(isakmp::decode_sa(chain->payloads.front().body));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
}
BENCHMARK(decode);

void encode(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(first_message());
    }
}
BENCHMARK(encode);

}  // namespace
