// Splitting a train of TCP and joining its packets again: 45 segments of 1400 octets an iteration, checksums
// included; per_packet is the time of one. Next to them the checksum of as many octets.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"
#include "esp/checksum.hpp"
#include "esp/merger.hpp"
#include "esp/splitter.hpp"

namespace causeway {
namespace {

constexpr std::size_t segments = 45;
constexpr std::size_t payload = 1400;
constexpr std::size_t headers = 40;

vnet::Header header() {
    return {true, false, vnet::Segmentation::tcp4, headers, payload, 20, 16};
}

Bytes frame() {
    Bytes octets(headers + segments * payload, 0x5a);
    std::fill_n(octets.begin(), headers, std::uint8_t{0});
    octets[0] = 0x45;
    octets[2] = static_cast<std::uint8_t>(octets.size() >> 8);
    octets[3] = static_cast<std::uint8_t>(octets.size());
    octets[8] = 64;
    octets[9] = 6;
    octets[12] = octets[16] = 10;
    octets[32] = 0x50;
    octets[33] = 0x10;
    return octets;
}

void count(benchmark::State& state) {
    const auto packets = static_cast<double>(state.iterations()) * static_cast<double>(segments);
    state.counters["per_packet"] =
        benchmark::Counter(packets, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void split(benchmark::State& state) {
    Bytes train = frame();
    const Bytes head(train.begin(), train.begin() + headers);
    esp::Splitter splitter;
    std::vector<ByteView> packets;
    for (auto unused : state) {
        std::copy(head.begin(), head.end(), train.begin());
        packets.clear();
        splitter.release();
        if (!splitter.begin(train, header())) {
            std::abort();
        }
        splitter.next(packets);
    }
    if (packets.size() != segments) {
        state.SkipWithError("the train was not split");
    }
    count(state);
}
BENCHMARK(split);

void merge(benchmark::State& state) {
    Bytes train = frame();
    esp::Splitter splitter;
    std::vector<ByteView> views;
    if (!splitter.begin(train, header())) {
        std::abort();
    }
    splitter.next(views);
    std::vector<Bytes> packets;
    for (const ByteView view : views) {
        packets.push_back(to_bytes(view));
    }
    const Bytes head(packets[0].begin(), packets[0].begin() + headers);
    esp::Merger merger;
    std::size_t runs = 0;
    for (auto unused : state) {
        std::copy(head.begin(), head.end(), packets[0].begin());
        merger.clear();
        for (Bytes& packet : packets) {
            merger.add(packet);
        }
        runs = merger.finish().size();
    }
    if (runs != 1) {
        state.SkipWithError("the packets were not joined");
    }
    count(state);
}
BENCHMARK(merge);

void checksum(benchmark::State& state) {
    const Bytes octets(payload, 0x5a);
    for (auto unused : state) {
        for (std::size_t i = 0; i < segments; ++i) {
            benchmark::DoNotOptimize(esp::internet_checksum(octets));
        }
    }
    count(state);
}
BENCHMARK(checksum);

}  // namespace
}  // namespace causeway
