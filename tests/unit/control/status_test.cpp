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
Status seen_at(Instant now) {
    Status status;
    status.daemon.version = "0.1.0";
    status.daemon.listening = {{IpAddress::v4(0xc6336470), 500}};
    status.taken = now;
    status::Engine& engine = status.engine;
    engine.messages_in = 9;
    engine.half_open = 1;
    status::Peer& peer = engine.peers.emplace_back();
    peer.name = "Site2Site";
    peer.display_name = "ipsec-site2site_lan";
    peer.last_error.emplace().message = "no answer";
    peer.last_error_at = at(1900);
    status::IsakmpSa& sa = peer.ike_sas.emplace_back();
    sa.number = 12;
    sa.state = status::IsakmpSaState::established;
    sa.established = at(500);
    sa.rekey_at = at(2090);
    status::Tunnel& tunnel = peer.tunnels.emplace_back();
    tunnel.name = "site2site_lan";
    tunnel.display_name = "ipsec-site2site_lan";
    status::ChildSa& child = tunnel.sas.emplace_back();
    child.number = 13;
    child.state = status::ChildSaState::installed;
    child.spi_in = 0xbad70c18;
    child.usage.bytes_in = 4096;
    child.usage.last_in = at(1999) + milliseconds(1);
    return status;
}

nlohmann::json written_at(Instant now) {
    return nlohmann::json::parse(to_json(seen_at(now)));
}

TEST(Status, SeesInstantsFromWhenItWasTaken) {
    const auto peer = written_at(at(2000)).at("peers").at(0);
    const auto& sa = peer.at("ike_sas").at(0);
    EXPECT_EQ(sa.at("established_seconds_ago"), 1500);
    EXPECT_EQ(sa.at("rekey_in_seconds"), 90);
    EXPECT_TRUE(sa.at("expires_in_seconds").is_null());
    EXPECT_EQ(peer.at("last_error_seconds_ago"), 100);
    EXPECT_EQ(peer.at("tunnels").at(0).at("sas").at(0).at("last_in_seconds_ago"), 0);
}

TEST(Status, OverdueIsNegativeAndAnAgeNeverIs) {
    const auto sa_at = [](Instant now) { return written_at(now).at("peers").at(0).at("ike_sas").at(0); };
    EXPECT_EQ(sa_at(at(2100)).at("rekey_in_seconds"), -10);
    EXPECT_EQ(sa_at(at(100)).at("established_seconds_ago"), 0);
}

TEST(Status, WritesTheDocumentedKeys) {
    const auto json = written_at(at(2000));
    EXPECT_EQ(json.at("version"), "0.1.0");
    EXPECT_EQ(json.at("messages_in"), 9);
    EXPECT_EQ(json.at("half_open"), 1);
    EXPECT_EQ(json.at("listening").at(0).at("address"), "198.51.100.112");
    const auto& peer = json.at("peers").at(0);
    EXPECT_EQ(peer.at("own_name_state"), "");
    EXPECT_EQ(peer.at("ike_sas").at(0).at("number"), 12);
    EXPECT_EQ(peer.at("ike_sas").at(0).at("state"), "ESTABLISHED");
    EXPECT_EQ(peer.at("tunnels").at(0).at("up"), true);
    EXPECT_EQ(peer.at("tunnels").at(0).at("start"), "");
    EXPECT_EQ(peer.at("tunnels").at(0).at("sas").at(0).at("spi_in"), "bad70c18");
    EXPECT_EQ(peer.at("tunnels").at(0).at("sas").at(0).at("state"), "INSTALLED");
}

TEST(Status, WritesEachStateAsItsWord) {
    Status status = seen_at(at(2000));
    status::Peer& peer = status.engine.peers.at(0);
    peer.ike_sas.at(0).state = status::IsakmpSaState::rekeyed;
    peer.tunnels.at(0).sas.at(0).state = status::ChildSaState::negotiating;
    peer.own_name_state = status::OwnNameState::behind_nat;
    peer.tunnels.at(0).start = config::StartAction::traffic;
    const auto json = nlohmann::json::parse(to_json(status)).at("peers").at(0);
    EXPECT_EQ(json.at("ike_sas").at(0).at("state"), "REKEYED");
    EXPECT_EQ(json.at("tunnels").at(0).at("sas").at(0).at("state"), "NEGOTIATING");
    EXPECT_EQ(json.at("own_name_state"), "behind NAT");
    EXPECT_EQ(json.at("tunnels").at(0).at("start"), "traffic");
}

TEST(Status, IgnoresUnknownKeysAndKeepsDefaultsForAbsentOnes) {
    const auto status =
        status_from_json(R"({"version":"9","tomorrow":[1],"peers":[{"name":"a","colour":"red"}]})");
    ASSERT_TRUE(status) << status.error().text();
    EXPECT_EQ(status->daemon.version, "9");
    EXPECT_EQ(status->engine.peers.at(0).name, "a");
    EXPECT_EQ(status->engine.messages_in, 0U);
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
    EXPECT_EQ(error(R"({"peers":[{"ike_sas":[{"state":"ASLEEP"}]}]})"),
              "status: 'peers[0]' 'ike_sas[0]' 'state' is not a word that this tool knows");
    EXPECT_EQ(error(R"({"peers":[{"last_error_seconds_ago":9223372036854775807}]})"),
              "status: 'peers[0]' 'last_error_seconds_ago' is not a whole number in its range");
    EXPECT_EQ(error("[]"), "no JSON object");
    EXPECT_EQ(error("{"), "not JSON");
}

TEST(Status, SurvivesNamesThatAreNoUtf8) {
    Status status;
    status.engine.peers.emplace_back().name = "\xff\xfe";
    const auto back = status_from_json(to_json(status));
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->engine.peers.at(0).name, "\xef\xbf\xbd\xef\xbf\xbd");
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
