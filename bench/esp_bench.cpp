// Sealing and opening, per packet: the whole way through the SA table (look-up, selectors, padding, cipher,
// ICV, window), for each suite, of 1400-octet inner packets, in batches of 1 and 64. An iteration is 64
// packets; per_packet is the time of one.
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "esp/sa_table.hpp"

namespace causeway {
namespace {

constexpr std::uint32_t spi = 0xc0000001;
constexpr std::size_t round_packets = 64;

struct Suite {
    const char* name;
    crypto::CipherId cipher;
    crypto::IntegrityId integrity;
};
constexpr Suite suites[] = {
    {"aes128_sha1", crypto::CipherId::aes_cbc_128, crypto::IntegrityId::hmac_sha1_96},
    {"aes256_sha1", crypto::CipherId::aes_cbc_256, crypto::IntegrityId::hmac_sha1_96},
    {"aes256_sha256", crypto::CipherId::aes_cbc_256, crypto::IntegrityId::hmac_sha2_256_128},
    {"aes256_sha512", crypto::CipherId::aes_cbc_256, crypto::IntegrityId::hmac_sha2_512_256},
    {"3des_sha1", crypto::CipherId::tdes_cbc, crypto::IntegrityId::hmac_sha1_96},
    {"aes128gcm16", crypto::CipherId::aes_gcm16_128, crypto::IntegrityId::none},
    {"aes256gcm16", crypto::CipherId::aes_gcm16_256, crypto::IntegrityId::none},
};

sa::EspSa half(const Suite& suite) {
    const auto& cipher = crypto::info(suite.cipher);
    const std::size_t integrity_octets =
        suite.integrity == crypto::IntegrityId::none ? 0 : crypto::info(suite.integrity).key_octets;
    return {spi, Secret(std::size_t{cipher.key_octets} + cipher.salt_octets), Secret(integrity_octets)};
}

// A table that sends to itself: any to any.
void set_up(esp::SaTable& table, const Suite& suite) {
    sa::SaPair pair;
    pair.id = sa::SaId{1};
    pair.reqid = 1;
    pair.cipher = suite.cipher;
    pair.integrity = suite.integrity;
    pair.inbound = half(suite);
    pair.outbound = half(suite);
    const esp::Tunnel tunnel{1, pair.local, pair.remote, false};
    table.set_tunnels({&tunnel, 1});
    if (!table.install(std::make_shared<const sa::SaPair>(std::move(pair)), true)) {
        std::abort();
    }
}

Bytes inner_packet(std::size_t size) {
    Bytes packet(size);
    packet[0] = 0x45;
    packet[2] = static_cast<std::uint8_t>(size >> 8);
    packet[3] = static_cast<std::uint8_t>(size);
    packet[9] = 17;
    packet[12] = packet[16] = 10;
    packet[19] = 1;
    return packet;
}

void count(benchmark::State& state, std::size_t size) {
    const auto packets =
        static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(round_packets);
    state.SetBytesProcessed(packets * static_cast<std::int64_t>(size));
    state.counters["per_packet"] = benchmark::Counter(
        static_cast<double>(packets), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void seal(benchmark::State& state, const Suite& suite, std::size_t size, std::size_t batch_packets) {
    esp::SaTable table;
    set_up(table, suite);
    const Bytes packet = inner_packet(size);
    const std::vector<ByteView> views(batch_packets, packet);
    esp::SealBatch batch;
    for (auto unused : state) {
        for (std::size_t i = 0; i < round_packets; i += batch_packets) {
            batch.clear();
            table.seal(views, batch, Instant{});
        }
    }
    count(state, size);
}

void open(benchmark::State& state, const Suite& suite, std::size_t size, std::size_t batch_packets) {
    esp::SaTable table;
    set_up(table, suite);
    const Bytes packet = inner_packet(size);
    const std::vector<ByteView> views(round_packets, packet);
    esp::SealBatch sealed;
    for (auto unused : state) {
        sealed.clear();
        table.seal(views, sealed, Instant{});
        std::vector<esp::Arrival> arrivals(round_packets);
        for (std::size_t i = 0; i < round_packets; ++i) {
            arrivals[i].packet = sealed.packets()[i].packet;
        }
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t i = 0; i < round_packets; i += batch_packets) {
            table.open(std::span(arrivals).subspan(i, batch_packets), Instant{});
        }
        const auto end = std::chrono::steady_clock::now();
        state.SetIterationTime(std::chrono::duration<double>(end - begin).count());
        if (arrivals.back().inner.size() != size) {
            state.SkipWithError("a packet was not opened");
        }
    }
    count(state, size);
}

const bool registered = [] {
    for (const Suite& suite : suites) {
        for (const std::size_t batch : {std::size_t{1}, round_packets}) {
            const std::string tail = "/" + std::string(suite.name) + "/batch:" + std::to_string(batch);
            benchmark::RegisterBenchmark(("esp_seal" + tail).c_str(),
                                         [=](benchmark::State& s) { seal(s, suite, 1400, batch); });
            benchmark::RegisterBenchmark(("esp_open" + tail).c_str(), [=](benchmark::State& s) {
                open(s, suite, 1400, batch);
            })->UseManualTime();
        }
    }
    return true;
}();

}  // namespace
}  // namespace causeway
