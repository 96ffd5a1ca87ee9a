#include "control/status.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "unit/control/arbitrary_status.hpp"

namespace causeway::control {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant at(std::int64_t s) {
    return Instant(seconds(s));
}

/// One peer with one SA of each phase, seen at second 2000.
ike::EngineStatus engine_status() {
    ike::EngineStatus engine;
    engine.messages_in = 9;
    engine.half_open = 1;
    ike::PeerStatus& peer = engine.peers.emplace_back();
    peer.name = "Site2Site";
    peer.display_name = "ipsec-site2site_lan";
    peer.last_error = "no answer";
    peer.last_error_at = at(1900);
    ike::IkeSaStatus& sa = peer.ike_sas.emplace_back();
    sa.number = 12;
    sa.state = "ESTABLISHED";
    sa.established = at(500);
    sa.rekey_at = at(2090);
    ike::TunnelStatus& tunnel = peer.tunnels.emplace_back();
    tunnel.name = "site2site_lan";
    tunnel.display_name = "ipsec-site2site_lan";
    ike::ChildSaStatus& child = tunnel.sas.emplace_back();
    child.number = 13;
    child.state = "INSTALLED";
    child.spi_in = 0xbad70c18;
    child.usage.bytes_in = 4096;
    child.usage.last_in = at(1999) + milliseconds(1);
    return engine;
}

config::Model model() {
    config::Model model;
    config::Peer& peer = model.peers.emplace_back();
    peer.name = "Site2Site";
    peer.mode = config::ExchangeMode::aggressive;
    peer.lifetime = {10800, 0};
    peer.liveness.idle = seconds(20);
    config::Tunnel& tunnel = peer.tunnels.emplace_back();
    tunnel.display_name = "ipsec-site2site_lan";
    tunnel.lifetime = {1200, 0};
    tunnel.start = config::StartAction::traffic;
    return model;
}

TEST(Status, SeesInstantsFromNow) {
    const Status status = make_status({}, engine_status(), model(), at(2000));
    const Peer& peer = status.peers.at(0);
    EXPECT_EQ(peer.ike_sas.at(0).established_seconds_ago, 1500);
    EXPECT_EQ(peer.ike_sas.at(0).rekey_in_seconds, 90);
    EXPECT_EQ(peer.ike_sas.at(0).expires_in_seconds, std::nullopt);
    EXPECT_EQ(peer.last_error_seconds_ago, 100);
    EXPECT_EQ(peer.tunnels.at(0).sas.at(0).last_in_seconds_ago, 0);
    EXPECT_EQ(status.messages_in, 9U);
    EXPECT_EQ(status.half_open, 1U);
}

TEST(Status, OverdueIsNegativeAndAnAgeNeverIs) {
    const Status late = make_status({}, engine_status(), model(), at(2100));
    EXPECT_EQ(late.peers.at(0).ike_sas.at(0).rekey_in_seconds, -10);
    const Status early = make_status({}, engine_status(), model(), at(100));
    EXPECT_EQ(early.peers.at(0).ike_sas.at(0).established_seconds_ago, 0);
}

TEST(Status, AddsWhatIsConfigured) {
    const Peer peer = make_status({}, engine_status(), model(), at(2000)).peers.at(0);
    EXPECT_EQ(peer.dpd_idle_seconds, 20U);
    EXPECT_EQ(peer.lifetime_seconds, 10800U);
    EXPECT_EQ(peer.tunnels.at(0).lifetime_seconds, 1200U);
    EXPECT_EQ(peer.tunnels.at(0).start, "traffic");
}

TEST(Status, ManagesWithoutTheModelsPeer) {
    const Peer peer = make_status({}, engine_status(), config::Model{}, at(2000)).peers.at(0);
    EXPECT_EQ(peer.name, "Site2Site");
    EXPECT_EQ(peer.lifetime_seconds, 0U);
    EXPECT_EQ(peer.tunnels.at(0).sas.size(), 1U);
}

TEST(Status, WritesTheDocumentedKeys) {
    DaemonFacts facts;
    facts.version = "0.1.0";
    facts.listening = {{IpAddress::v4(0xc6336470), 500}};
    const auto json = nlohmann::json::parse(to_json(make_status(facts, engine_status(), model(), at(2000))));
    EXPECT_EQ(json.at("version"), "0.1.0");
    EXPECT_EQ(json.at("listening").at(0).at("address"), "198.51.100.112");
    const auto& peer = json.at("peers").at(0);
    EXPECT_EQ(peer.at("ike_sas").at(0).at("number"), 12);
    EXPECT_TRUE(peer.at("ike_sas").at(0).at("expires_in_seconds").is_null());
    EXPECT_EQ(peer.at("tunnels").at(0).at("up"), true);
    EXPECT_EQ(peer.at("tunnels").at(0).at("sas").at(0).at("spi_in"), "bad70c18");
}

TEST(Status, IgnoresUnknownKeysAndKeepsDefaultsForAbsentOnes) {
    const auto status =
        status_from_json(R"({"version":"9","tomorrow":[1],"peers":[{"name":"a","colour":"red"}]})");
    ASSERT_TRUE(status) << status.error().text();
    EXPECT_EQ(status->daemon.version, "9");
    EXPECT_EQ(status->peers.at(0).name, "a");
    EXPECT_EQ(status->messages_in, 0U);
}

TEST(Status, NamesTheKeyThatIsWrong) {
    const auto error = [](std::string_view text) {
        const auto status = status_from_json(text);
        return status ? std::string("none") : status.error().text();
    };
    EXPECT_EQ(error(R"({"pid":"1"})"), "status: 'pid' is not a whole number in its range");
    EXPECT_EQ(error(R"({"messages_in":-1})"), "status: 'messages_in' is not a whole number in its range");
    EXPECT_EQ(error(R"({"data_plane":{"mtu":4294967296}})"),
              "status: 'data_plane' 'mtu' is not a whole number in its range");
    EXPECT_EQ(error(R"({"pid":1.5})"), "status: 'pid' is not a whole number in its range");
    EXPECT_EQ(error(R"({"peers":{}})"), "status: 'peers' is not a list");
    EXPECT_EQ(error(R"({"peers":[{"ike_sas":[{"local_address":"x"}]}]})"),
              "status: 'peers[0]' 'ike_sas[0]' 'local_address' is not an IP address");
    EXPECT_EQ(error(R"({"peers":[{"tunnels":[{"sas":[{"spi_in":"123"}]}]}]})"),
              "status: 'peers[0]' 'tunnels[0]' 'sas[0]' 'spi_in' is not an SPI");
    EXPECT_EQ(error("[]"), "no JSON object");
    EXPECT_EQ(error("{"), "not JSON");
}

TEST(Status, SurvivesNamesThatAreNoUtf8) {
    Status status;
    status.peers.emplace_back().name = "\xff\xfe";
    const auto back = status_from_json(to_json(status));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->peers.at(0).name, "\xef\xbf\xbd\xef\xbf\xbd");
}

RC_GTEST_PROP(StatusProperty, RoundTripsThroughJson, ()) {
    const Status status = testing::status();
    const std::string text = to_json(status, testing::any<bool>());
    const auto back = status_from_json(text);
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == status);
    RC_ASSERT(to_json(status).find('\n') == std::string::npos);
}

}  // namespace
}  // namespace causeway::control
