// What the daemon adds to the engine's status, and its replies to finished commands.
#include "daemon/status.hpp"

#include <chrono>
#include <gtest/gtest.h>

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
