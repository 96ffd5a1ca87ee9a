#include "agreement/pairs.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <fmt/format.h>
#include <random>
#include <stdexcept>
#include <string_view>

#include "check/check.hpp"
#include "world/world.hpp"

namespace causeway::agreement {
namespace {

using world::Settings;
using world::World;

/// A pair of configurations: right, and then perhaps bent.
class Pair {
 public:
    explicit Pair(std::uint64_t seed) : random_(seed) {
        west.peer = "east";
        west.address = "198.51.100.1";
        east.peer = "west";
        east.address = "192.0.2.1";
        east.local_net = "10.2.0.0/16";
        east.remote_net = "10.1.0.0/16";
        west.values["start"] = "start";
        east.values["start"] = "start";
        for (auto* side : {&west, &east}) {
            bend(*side);
        }
        if (one_in(6)) {
            const std::string both = one_in(2) ? "aggressive" : "main";
            west.values["mode"] = both;
            east.values["mode"] = both;
        }
        const auto tunnels = std::to_string(1 + pick(2));
        west.values["tunnels"] = tunnels;
        east.values["tunnels"] = one_in(8) ? std::to_string(1 + pick(3)) : tunnels;
        if (one_in(3)) {
            identify();
        }
    }

    Settings west;
    Settings east;

    [[nodiscard]] std::string text() const {
        std::string all;
        for (const auto* side : {&west, &east}) {
            all += fmt::format("[to {}, {} === {}", side->address, side->local_net, side->remote_net);
            for (const auto& [key, value] : side->values) {
                all += fmt::format(", {} {}", key, value);
            }
            all += "] ";
        }
        return all;
    }

 private:
    std::size_t pick(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }
    bool one_in(std::size_t number) { return pick(number) == 0; }
    template <std::size_t size>
    std::string one_of(const std::array<std::string_view, size>& words) {
        return std::string(words.at(pick(size)));
    }
    template <std::size_t size>
    std::string some_of(const std::array<std::string_view, size>& words) {
        std::string list = one_of(words);
        while (one_in(2)) {
            list += " " + one_of(words);
        }
        return list;
    }

    void bend(Settings& side) {
        constexpr std::array<std::string_view, 7> ike{"aes128-sha1-modp1024",   "aes256-sha512-modp1024",
                                                      "aes256-sha256-modp2048", "aes128-sha256-modp1024",
                                                      "aes128-sha1-modp2048",   "3des-sha1-modp1024",
                                                      "aes256-sha256-ecp256"};
        constexpr std::array<std::string_view, 7> esp{
            "aes128-sha1-modp1024", "aes256-sha512-modp1024", "aes128-sha1",         "aes256gcm16-modp2048",
            "aes128-sha1-modp2048", "aes256-sha256",          "aes256-sha1-modp1024"};
        if (one_in(3)) {
            side.values["ike"] = some_of(ike);
        }
        if (one_in(3)) {
            side.values["esp"] = some_of(esp);
        }
        if (one_in(8)) {
            side.values["mode"] = one_in(2) ? "aggressive" : "main";
        }
        if (one_in(8)) {
            side.values["either-mode"] = "yes";
        }
        if (one_in(12)) {
            side.values["psk"] = "sailfish";
        }
        if (one_in(4)) {
            side.values["start"] = one_of(std::array<std::string_view, 3>{"start", "traffic", "add"});
        }
        if (one_in(8)) {
            side.address = "any";
        }
        if (one_in(12)) {
            side.remote_net =
                one_of(std::array<std::string_view, 3>{"10.1.0.0/16", "10.2.0.0/15", "10.3.0.0/16"});
        }
        if (one_in(10)) {
            side.values["ike-lifetime"] = "1800";
        }
        if (one_in(10)) {
            side.values["esp-lifetime"] = "1200";
        }
    }

    void identify() {
        west.values["id"] = "@west.example";
        east.values["peer-id"] = "@west.example";
        east.values["id"] = "@east.example";
        west.values["peer-id"] = "@east.example";
        for (auto* side : {&west, &east}) {
            if (one_in(6)) {
                side->values["peer-id"] = one_of(
                    std::array<std::string_view, 4>{"any", "@west.example", "@WEST.example", "192.0.2.1"});
            }
            if (one_in(12)) {
                side->values.erase("id");
            }
            if (one_in(12)) {
                side->values.erase("peer-id");
            }
        }
    }

    std::mt19937_64 random_;
};

/// Both directions of every tunnel carry a packet at some moment of an hour.
bool engines_connect(World& world, const config::Model& west_model, const config::Model& east_model) {
    auto& west = world.gateway("west");
    auto& east = world.gateway("east");
    bool any = false;
    const auto carried = [&](const config::Tunnel& tunnel, const config::Model& other, world::Gateway& from,
                             world::Gateway& to) {
        const bool has_counterpart =
            std::ranges::any_of(other.peers.front().tunnels, [&](const auto& theirs) {
                return theirs.local == tunnel.remote && theirs.remote == tunnel.local;
            });
        // One that a side has alone and asks for never is nobody's loss, but something has to be carried.
        any = any || has_counterpart;
        return has_counterpart ? world.packet(from, to, tunnel.reqid).has_value()
                               : tunnel.start == config::StartAction::none;
    };
    for (int minute = 0; minute < 60; ++minute) {
        bool all = true;
        for (const auto& tunnel : west_model.peers.front().tunnels) {
            all = carried(tunnel, east_model, west, east) && all;
        }
        for (const auto& tunnel : east_model.peers.front().tunnels) {
            all = carried(tunnel, west_model, east, west) && all;
        }
        if (all && any) {
            return true;
        }
        for (auto* side : {&west, &east}) {
            const auto& model = side == &west ? west_model : east_model;
            for (const auto& tunnel : model.peers.front().tunnels) {
                if (tunnel.start == config::StartAction::traffic) {
                    world.packet_without_sa(*side, tunnel.reqid);
                }
            }
        }
        world.settle();
        world.pass(std::chrono::minutes(1), true);
    }
    return false;
}

}  // namespace

Verdict play(std::uint64_t seed) {
    const Pair pair(seed);
    const auto west_model = make_model(pair.west);
    const auto east_model = make_model(pair.east);
    const auto world = World::west_and_east(seed, World::DiffieHellman::toy);
    world->gateway("west").settings = pair.west;
    world->gateway("east").settings = pair.east;
    if (!west_model || !east_model || !world->start(world->gateway("west")) ||
        !world->start(world->gateway("east"))) {
        throw std::runtime_error("no configuration: " + pair.text());
    }
    const auto outcome = check::check(**west_model, **east_model);
    Verdict verdict;
    verdict.connects = engines_connect(*world, **west_model, **east_model);
    const bool named = std::ranges::any_of(
        outcome.findings, [](const Finding& one) { return one.severity == Severity::error; });
    verdict.agrees = outcome.connects == (verdict.connects ? check::Connects::yes : check::Connects::no) &&
                     named != verdict.connects;
    verdict.text = fmt::format("seed {}: the engines {}, the check says {} {} error; {}", seed,
                               verdict.connects ? "connect" : "do not connect", word(outcome.connects),
                               named ? "with an" : "without an", pair.text());
    for (const auto& one : outcome.findings) {
        verdict.text += "\n    " + one.text();
    }
    return verdict;
}

}  // namespace causeway::agreement
