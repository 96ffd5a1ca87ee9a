// A full Main Mode and Quick Mode in memory: both engines, real Diffie-Hellman, no socket. The time is that
// of both ends together.
#include <benchmark/benchmark.h>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>

#include "world/world.hpp"

namespace {

using namespace causeway;  // NOLINT(google-build-using-namespace)

struct Suite {
    const char* ike;
    const char* esp;
};
constexpr Suite suites[] = {
    {"aes128-sha1-modp1024", "aes128-sha1-modp1024"},
    {"aes128-sha1-modp1024", "aes128-sha1"},
    {"aes256-sha256-modp2048", "aes256-sha256-modp2048"},
    {"aes256-sha512-modp3072", "aes256-sha512-modp3072"},
    {"aes256-sha256-ecp256", "aes256gcm16-ecp256"},
    {"aes256-sha256-x25519", "aes256gcm16-x25519"},
};

void handshake(benchmark::State& state) {
    const Suite& suite = suites[state.range(0)];
    state.SetLabel(fmt::format("{} / {}", suite.ike, suite.esp));
    std::uint64_t seed = 0;
    for (auto _ : state) {
        auto world = world::World::west_and_east(++seed);
        for (const char* name : {"west", "east"}) {
            auto& gateway = world->gateway(name);
            gateway.settings.values["ike"] = suite.ike;
            gateway.settings.values["esp"] = suite.esp;
            if (!world->start(gateway)) {
                state.SkipWithError("cannot start");
                return;
            }
        }
        world->input(world->gateway("west"), ike::CommandUp{});
        world->settle();
        if (world->gateway("west").sending() == nullptr || world->gateway("east").sending() == nullptr) {
            state.SkipWithError("no tunnel");
            return;
        }
    }
}
BENCHMARK(handshake)->DenseRange(0, std::size(suites) - 1)->Unit(benchmark::kMillisecond);

}  // namespace
