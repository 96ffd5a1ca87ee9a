// The engine as a state machine: the input's octets become a story of two gateways. Datagrams are delivered,
// lost, doubled, swapped, cut, damaged in clear, or opened with the right keys, changed inside and sealed
// again; time passes; names move; commands come. Whatever happens: no crash, bounded state, and two ends that
// believe in one SA pair hold the same keys.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <source_location>

#include "world/world.hpp"

namespace {

using namespace causeway;
using world::Gateway;
using world::World;

void require(bool condition, std::source_location where = std::source_location::current()) {
    if (!condition) {
        std::fprintf(stderr, "line %u does not hold\n", where.line());
        std::abort();
    }
}

class Input {
 public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    [[nodiscard]] bool empty() const { return at_ >= size_; }
    std::uint8_t next() { return empty() ? std::uint8_t{0} : data_[at_++]; }

 private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

/// `honest`: nobody who knows the keys has changed a message; only then must the two ends agree.
void check(const World& world, bool honest) {
    for (const char* name : {"west", "east"}) {
        Gateway& one = world.gateway(name);
        const auto status = one.engine->status(world.now());
        require(one.installed.size() <= 12);
        require(status.half_open <= 16);
        require(status.peers.front().ike_sas.size() <= 64);
        Gateway& other = world.gateway(one.name == "west" ? "east" : "west");
        for (const auto& [id, mine] : one.installed) {
            for (const auto& [other_id, theirs] : other.installed) {
                // One SPI, chosen by a receiver, never stands for two keys.
                if (honest && mine.pair->outbound.spi == theirs.pair->inbound.spi &&
                    mine.pair->inbound.spi == theirs.pair->outbound.spi) {
                    require(mine.pair->outbound.encryption_key == theirs.pair->inbound.encryption_key);
                    require(mine.pair->inbound.encryption_key == theirs.pair->outbound.encryption_key);
                    require(mine.pair->local == theirs.pair->remote);
                }
            }
        }
    }
}

/// The payloads of a datagram, changed somewhere, under the right keys.
void change_inside(World& world, world::Flight& flight, Input& input) {
    auto payloads = flight.seen.payloads;
    if (!flight.seen.readable || payloads.empty()) {
        return;
    }
    auto& payload = payloads[input.next() % payloads.size()];
    switch (input.next() % 6) {
        case 0:
            payload.type = static_cast<isakmp::PayloadType>(input.next());
            break;
        case 1:
            payload.body.resize(payload.body.size() / 2);
            break;
        case 2:
            payload.body.resize(payload.body.size() + input.next(), input.next());
            break;
        case 3:
            payloads.push_back(payload);
            break;
        case 4:
            payloads.erase(payloads.begin() + static_cast<std::ptrdiff_t>(input.next() % payloads.size()));
            break;
        default:
            if (!payload.body.empty()) {
                payload.body[input.next() % payload.body.size()] = input.next();
            }
    }
    if (const auto changed = world.observer().rewritten(
            flight.payload, payloads,
            input.next() % 8 == 0 ? world::Observer::Hash::keep : world::Observer::Hash::renew)) {
        flight.payload = *changed;
    }
}

/// False when a message was changed with the keys in hand.
bool on_the_wire(World& world, Input& input) {
    auto& wire = world.wire();
    if (wire.empty()) {
        return true;
    }
    const std::size_t at = input.next() % std::min<std::size_t>(wire.size(), 4);
    world::Flight flight = wire[at];
    const auto what = input.next() % 10;
    if (what != 9) {
        wire.erase(wire.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (what == 5 && !flight.payload.empty()) {
        flight.payload[input.next() % flight.payload.size()] = input.next();
    } else if (what == 6) {
        flight.payload.resize(input.next());
    } else if (what == 7 || what == 8) {
        change_inside(world, flight, input);
    }
    if (what != 4) {
        world.deliver(flight);
    }
    return what != 7 && what != 8;
}

void step(World& world, Input& input, bool& honest) {
    const std::uint8_t choice = input.next();
    Gateway& who = world.gateway((choice & 0x80U) != 0 ? "east" : "west");
    switch (choice & 0x1fU) {
        case 0:
            world.pass(std::chrono::milliseconds(input.next() * 20));
            break;
        case 1:
            world.pass(std::chrono::seconds(input.next()));
            break;
        case 2:
            world.input(who, ike::CommandUp{});
            break;
        case 3:
            world.input(who, ike::CommandDown{});
            break;
        case 4:
            world.input(who, sa::Acquire{1});
            break;
        case 5:
            require(world.start(who).has_value());
            break;
        case 6:
            world.settle(64);
            break;
        case 7:
            world.move(who, who.name == "west" ? "192.0.2.7" : "198.51.100.7");
            break;
        case 8:
            if (auto model = world::make_model(who.settings)) {
                world.input(who, ike::Reload{*model});
            }
            break;
        case 9:
            if (!who.installed.empty()) {
                world.input(who, sa::Exhausted{who.installed.begin()->first, input.next() % 2 == 0});
            }
            break;
        case 10: {
            Bytes octets(input.next());
            std::generate(octets.begin(), octets.end(), [&] { return input.next(); });
            world.input(who, ike::Datagram{{who.address, 500}, {IpAddress::v4(0xcb007101), 500}, octets});
            break;
        }
        default:
            honest = on_the_wire(world, input) && honest;
    }
    if (world.wire().size() > 200) {
        world.wire().clear();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, std::min<std::size_t>(size, 600));
    auto world = World::west_and_east(1, World::DiffieHellman::toy);
    const std::uint8_t shape = input.next();
    for (const char* name : {"west", "east"}) {
        auto& values = world->gateway(name).settings.values;
        values["mode"] = (shape & 1U) != 0 ? "aggressive" : "main";
        values["esp"] = (shape & 2U) != 0 ? "aes128-sha1" : "aes128-sha1-modp1024";
        values["encap"] = (shape & 4U) != 0 ? "yes" : "no";
        values["start"] = (shape & 8U) != 0 ? "start" : "none";
        values["tunnels"] = (shape & 16U) != 0 ? "2" : "1";
        values["esp-lifetime"] = "600";
        values["ike-lifetime"] = "900";
        require(world->start(world->gateway(name)).has_value());
    }
    bool honest = true;
    while (!input.empty()) {
        step(*world, input, honest);
        check(*world, honest);
    }
    return 0;
}
