// The engine with something else than IKEv1 behind ike/session.hpp: all that it does for a tunnel, it does in a toy
// protocol as well (toy_protocol.hpp).
#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "scenarios/toy_pair.hpp"

namespace causeway::toy {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using What = Order::What;

using AnotherVersion = ToyPair;

// ---- the session --------------------------------------------------------------------------------------------------

TEST_F(AnotherVersion, ASessionIsEstablishedAtBothEnds) {
    start();
    std::vector<Kind> kinds;
    for (std::size_t i = 0; i < 4 && i < sent_.size(); ++i) {
        kinds.push_back(sent_[i].kind);
    }
    EXPECT_EQ(kinds, (std::vector{Kind::hello, Kind::welcome, Kind::prove, Kind::proved}));
    const auto at_west = status_of(west());
    const auto at_east = status_of(east());
    ASSERT_EQ(at_west.ike_sas.size(), 1U);
    ASSERT_EQ(at_east.ike_sas.size(), 1U);
    EXPECT_TRUE(at_west.ike_sas[0].up());
    EXPECT_TRUE(at_east.ike_sas[0].up());
    EXPECT_TRUE(at_west.ike_sas[0].initiator);
    EXPECT_FALSE(at_east.ike_sas[0].initiator);
    EXPECT_EQ(at_west.ike_sas[0].cky_i, at_east.ike_sas[0].cky_i);
    EXPECT_EQ(at_west.ike_sas[0].cky_r, at_east.ike_sas[0].cky_r);
    EXPECT_EQ(at_west.ike_sas[0].remote_id, "198.51.100.1");
    EXPECT_EQ(at_east.ike_sas[0].remote_id, "192.0.2.1");
    EXPECT_EQ(at_west.established, 1U);
    EXPECT_EQ(count(west(), EventCode::phase1_established), 1U);
    EXPECT_EQ(count(east(), EventCode::phase1_established), 1U);
}

TEST_F(AnotherVersion, NothingOfIkev1IsSaidOfIt) {
    start();
    EXPECT_EQ(event(west(), EventCode::phase1_initiating).field("mode"), "the toy");
    for (const auto* gateway : {&west(), &east()}) {
        EXPECT_EQ(status_of(*gateway).ike_sas.at(0).mode, "Toy");
        for (const auto& said : gateway->events) {
            EXPECT_EQ(said.text().find("Mode"), std::string::npos) << said.text();
        }
    }
    EXPECT_EQ(computations_, 0U);
    // A peer set to IKEv2 is told in IKEv2's framing by one who speaks IKEv1; here it is just another version.
    const auto before = sent_.size();
    auto other = encode({1}, {}, Kind::hello, {false, true}, 0, {});
    other[17] = 0x20;
    world_->input(west(), ike::Datagram{{west().address, 500}, {east().address, 500}, other});
    EXPECT_TRUE(world_->wire().empty());
    EXPECT_EQ(sent_.size(), before);
    EXPECT_EQ(count(west(), EventCode::caller_speaks_ikev2), 0U);
    EXPECT_EQ(status_of(west()).last_error, std::nullopt);
}

TEST_F(AnotherVersion, BothMayCallAtOnce) {
    start({}, {{"start", "start"}});
    // Two sessions, and a pair under each; both ends keep the same one (AgreedChild::nonces).
    EXPECT_EQ(orders(west(), What::install).size(), 2U);
    EXPECT_EQ(orders(east(), What::install).size(), 2U);
    run(seconds(10));
    ASSERT_NE(west().sending(), nullptr);
    ASSERT_NE(east().sending(), nullptr);
    EXPECT_EQ(west().sending()->pair->inbound.spi, east().sending()->pair->outbound.spi);
    EXPECT_TRUE(packets());
    run(minutes(2));
    EXPECT_TRUE(packets());
    EXPECT_EQ(west().installed.size(), 1U);
    EXPECT_EQ(east().installed.size(), 1U);
    EXPECT_TRUE(status_of(west()).tunnels[0].up());
    EXPECT_TRUE(status_of(east()).tunnels[0].up());
}

TEST_F(AnotherVersion, AStrangerIsRefused) {
    start();
    auto& north = add_stranger();
    ASSERT_TRUE(world_->start(north));
    run({});
    ASSERT_EQ(sent(Kind::refused, "west").size(), 1U);
    EXPECT_EQ(sent(Kind::welcome).size(), 1U);  // east's, to west
    const auto tunnel = status_of(north).tunnels[0];
    ASSERT_TRUE(tunnel.why_down);
    EXPECT_NE(tunnel.why_down->message.find("REFUSED"), std::string::npos) << tunnel.why_down->message;
    EXPECT_EQ(count(west(), EventCode::phase1_unknown_peer), 1U);
}

TEST_F(AnotherVersion, AWrongIdentityIsRefused) {
    start({{"id", "mallory.example"}});
    ASSERT_EQ(sent(Kind::no, "east").size(), 1U);
    EXPECT_TRUE(sent(Kind::child).empty());
    const auto tunnel = status_of(west()).tunnels[0];
    ASSERT_TRUE(tunnel.why_down);
    EXPECT_NE(tunnel.why_down->message.find("mallory.example"), std::string::npos)
        << tunnel.why_down->message;
    EXPECT_NE(tunnel.next.find("retr"), std::string::npos) << tunnel.next;
    EXPECT_EQ(status_of(east()).established, 0U);
}

TEST_F(AnotherVersion, ASessionIsReplacedBeforeItsEndAndTheChildStays) {
    start({{"ike-lifetime", "300"}}, {{"ike-lifetime", "300"}});
    const auto first = status_of(west()).ike_sas.at(0);
    std::size_t together = 0;
    bool without = false;
    each_step_ = [&] {
        const auto sas = status_of(west()).ike_sas;
        without = without || std::ranges::none_of(sas, &status::IsakmpSa::up);
        together = std::max(together, sas.size());
    };
    run(seconds(299));
    EXPECT_FALSE(without);
    EXPECT_EQ(together, 2U);
    ASSERT_EQ(sent(Kind::hello).size(), 2U);
    EXPECT_EQ(count(west(), EventCode::phase1_superseded), 1U);
    // Who renewed says goodbye under the old one.
    const auto byes = sent(Kind::bye);
    ASSERT_EQ(byes.size(), 1U);
    EXPECT_EQ(byes[0].from, "west");
    EXPECT_EQ(to_hex(byes[0].header.cky_i), first.cky_i);
    for (const auto* gateway : {&west(), &east()}) {
        const auto sas = status_of(*gateway).ike_sas;
        ASSERT_EQ(sas.size(), 1U) << gateway->name;
        EXPECT_NE(sas[0].cky_i, first.cky_i);
        EXPECT_EQ(orders(*gateway, What::install).size(), 1U) << gateway->name;
        EXPECT_TRUE(orders(*gateway, What::remove).empty()) << gateway->name;
    }
    EXPECT_TRUE(packets());
}

// ---- the child ----------------------------------------------------------------------------------------------------

TEST_F(AnotherVersion, AChildIsInstalledAtBothEndsWithTheSameSpis) {
    start();
    const auto at_west = orders(west(), What::install);
    const auto at_east = orders(east(), What::install);
    ASSERT_EQ(at_west.size(), 1U);
    ASSERT_EQ(at_east.size(), 1U);
    EXPECT_EQ(at_west[0].pair->inbound.spi, at_east[0].pair->outbound.spi);
    EXPECT_EQ(at_west[0].pair->outbound.spi, at_east[0].pair->inbound.spi);
    EXPECT_NE(at_west[0].pair->inbound.spi, at_west[0].pair->outbound.spi);
    EXPECT_EQ(at_west[0].pair->local.text(), at_east[0].pair->remote.text());
    EXPECT_TRUE(at_west[0].outbound);
    // East receives before its answer leaves, and sends when west has that: here with the first packet.
    EXPECT_FALSE(at_east[0].outbound);
    ASSERT_EQ(sent(Kind::child_ok, "east").size(), 1U);
    EXPECT_LT(at_east[0].sent_before, sent_.size());
    EXPECT_EQ(sent_[at_east[0].sent_before].kind, Kind::child_ok);
    EXPECT_FALSE(status_of(east()).tunnels[0].up());
    ASSERT_TRUE(world_->packet(west(), east()));
    const auto activated = orders(east(), What::activate);
    ASSERT_EQ(activated.size(), 1U);
    EXPECT_EQ(activated[0].id, at_east[0].id);
    EXPECT_TRUE(status_of(west()).tunnels[0].up());
    EXPECT_TRUE(status_of(east()).tunnels[0].up());
    EXPECT_EQ(status_of(west()).tunnels[0].sas.at(0).spi_in, at_west[0].pair->inbound.spi);
    EXPECT_TRUE(packets());
    EXPECT_EQ(count(west(), EventCode::phase2_established), 1U);
    EXPECT_EQ(count(east(), EventCode::phase2_established), 1U);
}

TEST_F(AnotherVersion, AResponderSendsWithoutAPacketWhenItsAnswerHasHadTime) {
    start();
    EXPECT_TRUE(orders(east(), What::activate).empty());
    run(seconds(3));
    EXPECT_EQ(orders(east(), What::activate).size(), 1U);
    EXPECT_TRUE(world_->packet(east(), west()));
}

TEST_F(AnotherVersion, AChildIsRenewedBeforeItsEndAndTheNewOneStandsFirst) {
    start({{"esp-lifetime", "400"}}, {{"esp-lifetime", "400"}});
    ASSERT_TRUE(packets());
    const Instant begun = world_->now();
    std::string gap;
    each_step_ = [&] {
        const auto carried = packets();
        gap = carried ? gap : carried.error().text();
    };
    run(seconds(399));
    EXPECT_EQ(gap, "");
    for (const auto* gateway : {&west(), &east()}) {
        const auto installed = orders(*gateway, What::install);
        const auto removed = orders(*gateway, What::remove);
        ASSERT_EQ(installed.size(), 2U) << gateway->name;
        ASSERT_EQ(removed.size(), 1U) << gateway->name;
        EXPECT_GT(installed[1].at, begun + seconds(300));
        EXPECT_LT(installed[1].at, begun + seconds(370));
        EXPECT_EQ(removed[0].id, installed[0].id);
        EXPECT_GE(removed[0].at, installed[1].at + seconds(1));
        EXPECT_EQ(count(*gateway, EventCode::phase2_rekeyed), 1U);
        EXPECT_EQ(gateway->sending()->pair->id, installed[1].id);
    }
    EXPECT_EQ(sent(Kind::child).size(), 2U);
    EXPECT_EQ(sent(Kind::remove).size(), 1U);
    EXPECT_EQ(sent(Kind::removed).size(), 1U);
    EXPECT_EQ(sent(Kind::hello).size(), 1U);  // under the same session
}

TEST_F(AnotherVersion, ARefusedSuiteIsToldAndTriedAgainAfterPauses) {
    start({{"esp", "aes128-sha1"}}, {{"esp", "aes256-sha256"}});
    run(minutes(3));
    const auto tunnel = status_of(west()).tunnels[0];
    ASSERT_TRUE(tunnel.why_down);
    EXPECT_EQ(tunnel.why_down->code, "phase2-refused");
    EXPECT_NE(tunnel.why_down->message.find("aes128-sha1"), std::string::npos) << tunnel.why_down->message;
    EXPECT_EQ(event(west(), EventCode::phase2_refused).field("local"), "10.1.0.0/16");
    EXPECT_FALSE(tunnel.up());
    EXPECT_TRUE(tunnel.wanted);
    EXPECT_NE(tunnel.next.find("retr"), std::string::npos) << tunnel.next;
    ASSERT_TRUE(status_of(east()).last_error);
    EXPECT_TRUE(orders(west(), What::install).empty());
    EXPECT_TRUE(orders(east(), What::install).empty());
    const auto asked = sent(Kind::child, "west");
    ASSERT_GE(asked.size(), 4U);
    EXPECT_LE(asked.size(), 12U);
    EXPECT_GE(asked.back().at - asked[asked.size() - 2].at, seconds(20));
}

TEST_F(AnotherVersion, OtherNetworksAreRefused) {
    start();
    auto other = std::make_shared<config::Model>();
    other->peers.push_back(*world::make_peer(east().settings));
    other->peers[0].tunnels[0].local.net = *Ipv4Net::parse("10.9.0.0/16");
    world_->input(east(), ike::Reload{other});
    run(seconds(1));
    const auto tunnel = status_of(west()).tunnels[0];
    ASSERT_TRUE(tunnel.why_down);
    EXPECT_EQ(tunnel.why_down->code, "phase2-networks-differ");
}

// ---- whether the peer is there ------------------------------------------------------------------------------------

TEST_F(AnotherVersion, AnIdlePeerIsAskedAndAnswers) {
    start();
    run(seconds(14));
    EXPECT_TRUE(sent(Kind::alive).empty());
    run(minutes(2));
    EXPECT_GE(sent(Kind::alive).size(), 4U);
    EXPECT_EQ(sent(Kind::alive).size(), sent(Kind::alive_ok).size());
    for (const auto* gateway : {&west(), &east()}) {
        EXPECT_EQ(count(*gateway, EventCode::peer_suspected), 0U);
        EXPECT_TRUE(orders(*gateway, What::remove).empty());
    }
    EXPECT_EQ(sent(Kind::hello).size(), 1U);
}

TEST_F(AnotherVersion, PacketsAreASignOfLifeAsWell) {
    start();
    for (int i = 0; i < 12; ++i) {
        ASSERT_TRUE(packets());
        run(seconds(5));
    }
    EXPECT_TRUE(sent(Kind::alive).empty());
}

TEST_F(AnotherVersion, SilenceTakesEverythingDownAndItIsBuiltAgain) {
    start();
    ASSERT_TRUE(packets());
    loses_ = [](const Sent&) { return true; };
    run(minutes(1));
    EXPECT_EQ(count(west(), EventCode::peer_suspected), 1U);
    EXPECT_EQ(count(west(), EventCode::peer_silent), 1U);
    EXPECT_EQ(count(east(), EventCode::peer_silent), 1U);
    for (const auto* gateway : {&west(), &east()}) {
        ASSERT_EQ(orders(*gateway, What::remove).size(), 1U) << gateway->name;
        EXPECT_TRUE(gateway->installed.empty()) << gateway->name;
    }
    ASSERT_TRUE(status_of(west()).tunnels[0].why_down);
    EXPECT_FALSE(std::ranges::any_of(status_of(west()).ike_sas, &status::IsakmpSa::up));
    loses_ = nullptr;
    run(minutes(2));
    EXPECT_TRUE(packets());
    EXPECT_EQ(status_of(west()).tunnels[0].why_down, std::nullopt);
    EXPECT_EQ(status_of(west()).established, 2U);
    EXPECT_EQ(orders(west(), What::install).size(), 2U);
}

TEST_F(AnotherVersion, AShortSilenceCostsNothing) {
    start();
    ASSERT_TRUE(packets());
    run(seconds(13));
    loses_ = [](const Sent&) { return true; };
    run(seconds(5));
    EXPECT_GE(lost_.size(), 2U);
    loses_ = nullptr;
    run(minutes(1));
    for (const auto* gateway : {&west(), &east()}) {
        EXPECT_EQ(count(*gateway, EventCode::peer_suspected), 0U) << gateway->name;
        EXPECT_EQ(count(*gateway, EventCode::peer_silent), 0U) << gateway->name;
    }
    EXPECT_EQ(orders(west(), What::install).size(), 1U);
    EXPECT_TRUE(packets());
}

TEST_F(AnotherVersion, WhoComesBackDropsThePast) {
    start();
    ASSERT_TRUE(packets());
    const auto before = orders(east(), What::install).at(0).id;
    run(seconds(5));
    ASSERT_TRUE(world_->start(west()));
    run(seconds(15));
    EXPECT_EQ(count(east(), EventCode::initial_contact), 1U);
    const auto removed = orders(east(), What::remove);
    ASSERT_EQ(removed.size(), 1U);
    EXPECT_EQ(removed[0].id, before);
    EXPECT_EQ(status_of(east()).ike_sas.size(), 1U);
    EXPECT_TRUE(packets());
}

// ---- its end ------------------------------------------------------------------------------------------------------

TEST_F(AnotherVersion, DownIsToldToThePeer) {
    start();
    ASSERT_TRUE(packets());
    const auto of_west = orders(west(), What::install).at(0);
    world_->input(west(), ike::CommandDown{"east"});
    run({});
    ASSERT_EQ(west().outcomes.size(), 1U);
    EXPECT_TRUE(west().outcomes[0].done);
    // What it was to be told before comes first; the session does not wait for the answer.
    std::vector<Kind> last;
    for (auto one = sent_.end() - 3; one != sent_.end(); ++one) {
        last.push_back(one->kind);
    }
    EXPECT_EQ(last, (std::vector{Kind::remove, Kind::bye, Kind::removed}));
    for (const auto* gateway : {&west(), &east()}) {
        EXPECT_EQ(orders(*gateway, What::remove).size(), 1U) << gateway->name;
        EXPECT_TRUE(gateway->installed.empty()) << gateway->name;
        EXPECT_TRUE(status_of(*gateway).ike_sas.empty()) << gateway->name;
        EXPECT_EQ(count(*gateway, EventCode::phase1_closed), 1U) << gateway->name;
        EXPECT_EQ(count(*gateway, EventCode::phase2_closed), 1U) << gateway->name;
    }
    EXPECT_EQ(orders(west(), What::remove)[0].id, of_west.id);
    run(minutes(5));
    EXPECT_EQ(sent(Kind::hello).size(), 1U);  // and stays down
}

TEST_F(AnotherVersion, UpAfterDownBuildsItAgain) {
    start();
    world_->input(west(), ike::CommandDown{"east"});
    run(seconds(10));
    world_->input(west(), ike::CommandUp{"east"});
    run(seconds(10));
    ASSERT_EQ(west().outcomes.size(), 2U);
    EXPECT_TRUE(west().outcomes[1].up);
    EXPECT_TRUE(west().outcomes[1].done);
    EXPECT_TRUE(packets());
}

TEST_F(AnotherVersion, AGoodbyeThatIsLostIsFoundOutByAsking) {
    start();
    ASSERT_TRUE(packets());
    loses_ = [](const Sent&) { return true; };
    world_->input(west(), ike::CommandDown{"east"});
    run({});
    EXPECT_TRUE(west().installed.empty());
    EXPECT_FALSE(east().installed.empty());
    const auto lost = orders(east(), What::install).at(0).id;
    loses_ = nullptr;
    run(seconds(14));
    EXPECT_TRUE(sent(Kind::unknown).empty());
    // West says that it has no such session: that is no proof, but makes east ask, and look for another.
    run(minutes(2));
    EXPECT_GE(sent(Kind::unknown, "west").size(), 1U);
    EXPECT_EQ(count(east(), EventCode::peer_suspected), 1U);
    EXPECT_FALSE(east().installed.contains(lost));
    EXPECT_EQ(status_of(east()).ike_sas.size(), 1U);
    EXPECT_EQ(status_of(west()).ike_sas.size(), 1U);
}

}  // namespace
}  // namespace causeway::toy
