// What the daemon adds to the engine's status, and its replies to finished commands.
#include "daemon/status.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <string>

#include "config/model.hpp"
#include "control/exit.hpp"
#include "status/status.hpp"

namespace causeway::daemon {
namespace {

constexpr Instant now{std::chrono::seconds(2000)};

status::Engine engine_status() {
    status::Engine engine;
    status::Peer& peer = engine.peers.emplace_back();
    peer.name = "Site2Site";
    status::Tunnel& tunnel = peer.tunnels.emplace_back();
    tunnel.display_name = "ipsec-site2site_lan";
    tunnel.sas.emplace_back();
    return engine;
}

config::Model model() {
    config::Model model;
    config::Peer& peer = model.peers.emplace_back();
    peer.name = "Site2Site";
    peer.mode = config::ExchangeMode::aggressive;
    peer.lifetime = {10800, 0};
    peer.liveness.idle = std::chrono::seconds(20);
    config::Tunnel& tunnel = peer.tunnels.emplace_back();
    tunnel.display_name = "ipsec-site2site_lan";
    tunnel.lifetime = {1200, 0};
    tunnel.start = config::StartAction::traffic;
    return model;
}

TEST(Status, AddsWhatIsConfigured) {
    const auto status = make_status({}, engine_status(), model(), now);
    EXPECT_EQ(status.taken, now);
    const status::Peer& peer = status.engine.peers.at(0);
    EXPECT_EQ(peer.mode, "Aggressive Mode");
    EXPECT_EQ(peer.dpd_idle_seconds, 20U);
    EXPECT_EQ(peer.lifetime_seconds, 10800U);
    EXPECT_EQ(peer.tunnels.at(0).lifetime_seconds, 1200U);
    EXPECT_EQ(peer.tunnels.at(0).start, config::StartAction::traffic);
}

TEST(Status, ManagesWithoutTheModelsPeer) {
    const auto status = make_status({}, engine_status(), config::Model{}, now);
    const status::Peer& peer = status.engine.peers.at(0);
    EXPECT_EQ(peer.name, "Site2Site");
    EXPECT_EQ(peer.lifetime_seconds, 0U);
    EXPECT_FALSE(peer.tunnels.at(0).start);
    EXPECT_EQ(peer.tunnels.at(0).sas.size(), 1U);
}

status::Tunnel tunnel(const char* name, bool up, const char* remote = "10.0.0.0/8") {
    status::Tunnel one;
    one.display_name = name;
    one.local = "192.168.1.0/24";
    one.remote = remote;
    if (up) {
        one.sas.emplace_back().state = status::ChildSaState::installed;
    }
    return one;
}

// One peer for each of three tunnels with the same networks, and one that has only the remote one in common.
TEST(Status, SaysWhichTunnelCarriesAndWhichStandsBy) {
    const auto seen = [](bool first, bool second, bool third, bool first_is_doubted = false) {
        status::Engine engine;
        for (const auto& one : {tunnel("a", first), tunnel("b", second), tunnel("c", third)}) {
            engine.peers.emplace_back().tunnels.push_back(one);
        }
        engine.peers.front().tunnels.front().doubted = first_is_doubted;
        engine.peers.front().tunnels.push_back(tunnel("other", true, "10.1.0.0/16"));
        std::string text;
        for (const auto& peer : make_status({}, engine, config::Model{}, now).engine.peers) {
            for (const auto& one : peer.tunnels) {
                text += one.carries_in_place_of.empty()
                            ? ""
                            : one.display_name + " carries in place of " + one.carries_in_place_of + "\n";
                text += one.stands_by_for.empty()
                            ? ""
                            : one.display_name + " stands by for " + one.stands_by_for + "\n";
            }
        }
        return text;
    };
    EXPECT_EQ(seen(true, false, false), "");
    EXPECT_EQ(seen(false, false, false), "");
    EXPECT_EQ(seen(true, true, true), "b stands by for a\nc stands by for a\n");
    EXPECT_EQ(seen(false, true, true), "b carries in place of a\nc stands by for b\n");
    EXPECT_EQ(seen(false, false, true), "c carries in place of a\n");
    EXPECT_EQ(seen(true, false, true), "c stands by for a\n");
    EXPECT_EQ(seen(true, true, false, true), "a stands by for b\nb carries in place of a\n");
    EXPECT_EQ(seen(true, false, false, true), "");
}

TEST(Lamps, SayWhatIsUpAndWhatIsOnItsWay) {
    using status::TunnelLamp;
    const auto lit = [](const status::Peer& peer) {
        status::Engine engine;
        engine.peers.push_back(peer);
        add_lamps(engine, {});
        return engine.peers.front().tunnels.front().lamps.tunnel;
    };
    status::Peer peer;
    peer.tunnels.push_back(tunnel("lan", true));
    peer.ike_sas.emplace_back();  // another one, for its successor
    EXPECT_EQ(lit(peer), TunnelLamp::up);
    peer.tunnels.front().sas.front().state = status::ChildSaState::rekeyed;
    EXPECT_EQ(lit(peer), TunnelLamp::negotiating);
    peer.tunnels.front().wanted = false;
    EXPECT_EQ(lit(peer), TunnelLamp::down);
    peer.tunnels.front().sas.front().state = status::ChildSaState::negotiating;
    EXPECT_EQ(lit(peer), TunnelLamp::negotiating);
    peer.tunnels.front() = tunnel("lan", false);
    peer.ike_sas.front().state = status::IsakmpSaState::established;
    EXPECT_EQ(lit(peer), TunnelLamp::down);
}

TEST(Lamps, AreThoseOfTheTunnelsOwnPackets) {
    status::Engine engine;
    engine.peers.emplace_back().tunnels = {tunnel("a", true), tunnel("b", true), tunnel("gone", false)};
    add_lamps(
        engine,
        {{"a", {status::RouteLamp::placed, "", status::FirewallLamp::open}},
         {"b",
          {status::RouteLamp::shadowed, "the route 10.1.0.0/16 dev wan", status::FirewallLamp::blocked}}});
    const auto& tunnels = engine.peers.front().tunnels;
    EXPECT_EQ(tunnels[0].lamps,
              (status::Lamps{status::TunnelLamp::up, status::RouteLamp::placed, status::FirewallLamp::open}));
    EXPECT_TRUE(tunnels[0].findings.empty());
    EXPECT_EQ(tunnels[1].lamps, (status::Lamps{status::TunnelLamp::up, status::RouteLamp::shadowed,
                                               status::FirewallLamp::blocked}));
    ASSERT_EQ(tunnels[1].findings.size(), 1U);
    EXPECT_EQ(tunnels[1].findings[0].what.code, "route-shadowed");
    EXPECT_EQ(tunnels[1].findings[0].what.message,
              "packets for 10.0.0.0/8 do not all reach the tunnel: the route 10.1.0.0/16 dev wan takes them");
    EXPECT_EQ(tunnels[2].lamps, status::Lamps{});
}

TEST(Outcome, BecomesTheFinalReply) {
    using control::Exit;
    EXPECT_EQ(reply_to({.name = "lan", .up = true, .done = true, .why = {}}).message, "'lan' is up");
    EXPECT_EQ(reply_to({.name = "lan", .up = true, .done = true, .why = {}}).exit, Exit::done);
    const auto refused = reply_to({.name = "", .up = false, .done = false, .why = "nobody answers"});
    EXPECT_EQ(refused.message, "everything is not down: nobody answers");
    EXPECT_EQ(refused.exit, Exit::no);
}

}  // namespace
}  // namespace causeway::daemon
