// A story of two gateways, told by the octets of one input (engine.cpp), and what must hold in it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "story_input.hpp"
#include "story_memory.hpp"
#include "world/world.hpp"

namespace causeway::fuzzing {

using isakmp::ExchangeType;
using isakmp::Payload;
using isakmp::PayloadType;
using world::Flight;
using world::Gateway;
using world::World;

/// Counts what an input brings about. Set up before, asked after.
class Story {
 public:
    explicit Story(std::uint8_t shape);
    void step(Input& input);
    void end();

 private:
    struct Sent {
        std::string from;
        Endpoint to{};
        std::size_t octets = 0;
        isakmp::Header header{};
    };

    Gateway& other(const Gateway& one) { return world_->gateway(one.name == "west" ? "east" : "west"); }
    void give(Gateway& who, ike::Input input);
    void deliver(const Flight& flight);
    void pass(Duration duration);
    void forged(Gateway& who, const Endpoint& from, Bytes octets);
    void on_the_wire(Input& input);
    void from_memory(Input& input);
    void burst(Gateway& who, Input& input);
    void grow_old(Gateway& who);
    void charge(const Gateway& who, std::size_t computed, std::size_t octets);
    void change_inside(Flight& flight, Input& input);
    void made_by_a_stranger(Gateway& who, Input& input);
    void made_with_the_keys(Gateway& who, Input& input);
    std::optional<Payload> odd_payload(const Gateway& who, Input& input);
    void data_plane(Gateway& who, Input& input);
    void names_and_addresses(Gateway& who, Input& input);
    void commands(Gateway& who, Input& input);
    void check(const Gateway& one);
    void look(const Gateway& one);

    std::unique_ptr<World> world_;
    Instant begin_{};
    bool honest_ = true;                           ///< nobody who knows the keys has changed a message
    std::vector<Sent> sent_;                       ///< since the last input
    std::map<isakmp::Cookie, std::string> begun_;  ///< who has begun an exchange of Phase 1
    Bytes known_datagram_;                         ///< of a session whose keys the observer may have
    Memory memory_;
    std::map<std::string, Charge> charged_;  ///< what strangers have cost each gateway
    std::uint32_t drawn_ = 0;                ///< what the input does not say of many messages alike
    unsigned steps_ = 0;
};

}  // namespace causeway::fuzzing
