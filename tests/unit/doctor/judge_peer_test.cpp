// What is judged between this machine and a peer, one thing changed at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>

#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

using testing::HasSubstr;

Finding no_answer() {
    return finding<FindingId::phase1_unanswered>(field<"remote">("198.51.100.112"), field<"tries">("5"),
                                                 field<"state">("MM-I1"));
}

TEST(DoctorPeerTest, ThePeersNameHasToLeadToThePeer) {
    auto seen = down(no_answer());
    auto& answer = seen.names["box.example.net"];
    answer = {{}, "no server knows it", true};
    expect_cause(seen, Layer::names, Code::peer_name_unresolved,
                 "the peer's name box.example.net cannot be resolved: no server knows it");
    answer = {{}, "no name server answers", false};
    expect_cause(seen, Layer::names, Code::peer_name_unresolved, "no name server answers");
    EXPECT_THAT(judge(seen).cause()->remedy, HasSubstr("/etc/resolv.conf"));
    answer = {{address("0.0.0.0")}, "", true};
    expect_cause(seen, Layer::names, Code::peer_name_unresolved, "0.0.0.0 is no host's address");
    answer = {{address("203.0.113.56")}, "", true};
    expect_cause(seen, Layer::names, Code::peer_name_private, "203.0.113.56, which is this machine");
    answer = {{address("127.0.0.1")}, "", true};
    expect_cause(seen, Layer::names, Code::peer_name_private, "127.0.0.1, which is this machine");
    answer = {{address("10.9.9.9")}, "", true};
    expect_cause(seen, Layer::names, Code::peer_name_private, "10.9.9.9, which the Internet does not route");
    // In the house itself it is the right one.
    answer = {{address("192.168.1.7")}, "", true};
    EXPECT_EQ(said(seen, Layer::names, State::ok), "the peer's name box.example.net resolves to 192.168.1.7");
}

TEST(DoctorPeerTest, ANameThatHasMovedSaysSoWhileTheTunnelIsUp) {
    auto seen = healthy();
    seen.names["box.example.net"].addresses = {address("198.51.100.7")};
    EXPECT_THAT(said(seen, Layer::names, State::unknown), HasSubstr("the peer is at 198.51.100.112 now"));
    seen.names["box.example.net"].addresses = {address("10.9.9.9")};
    said(seen, Layer::names, State::unknown);
    seen.names["box.example.net"] = {{}, "no server knows it", true};
    const auto report = judge(seen);
    ASSERT_NE(report.cause(), nullptr);
    EXPECT_EQ(report.cause()->stops, Stops::nothing);
}

TEST(DoctorPeerTest, AddressesThatAreConfiguredNeedNoName) {
    auto seen = healthy();
    peer_of(seen).own_name.clear();
    peer_of(seen).gateway = "198.51.100.112";
    EXPECT_EQ(said(seen, Layer::names, State::ok), "the peer's address 198.51.100.112 is configured");
    peer_of(seen).gateway = "%any";
    EXPECT_THAT(said(seen, Layer::names, State::skipped), HasSubstr("it calls us"));
}

TEST(DoctorPeerTest, OneOfSeveralAddressesMayFail) {
    auto seen = down(no_answer());
    peer_of(seen).gateway = "gone.example.net, 198.51.100.112";
    seen.names["gone.example.net"] = {{}, "no server knows it", true};
    const auto report = judge(seen);
    EXPECT_EQ(step_of(report, Layer::names)->stops, Stops::nothing);
    EXPECT_EQ(report.cause()->code, "no-answer");
}

TEST(DoctorPeerTest, TheDaemonsWordOnOurOwnNameCounts) {
    auto seen = down(no_answer());
    auto& peer = peer_of(seen);
    peer.own_name_state = status::OwnNameState::elsewhere;
    peer.own_name_note = "office.example.net points to 192.0.2.9, but our address is 203.0.113.56";
    expect_cause(seen, Layer::names, Code::own_name_elsewhere,
                 "our name office.example.net points to 192.0.2.9");
    peer.own_name_state = status::OwnNameState::unresolved;
    peer.own_name_note = "office.example.net cannot be resolved: no server knows it";
    expect_cause(seen, Layer::names, Code::own_name_elsewhere, "cannot be resolved");
    peer.own_name_state = status::OwnNameState::behind_nat;
    said(seen, Layer::names, State::unknown);
}

TEST(DoctorPeerTest, OurOwnNameIsComparedHereWhereTheDaemonCannotSay) {
    auto seen = stopped();
    auto& answer = seen.names["office.example.net"];
    EXPECT_EQ(said(seen, Layer::names, State::ok),
              "the peer's name box.example.net resolves to 198.51.100.112");
    answer.addresses = {address("192.0.2.9")};
    EXPECT_EQ(said(seen, Layer::names, State::wrong),
              "our name office.example.net points to 192.0.2.9, but our address is 203.0.113.56: the peer "
              "cannot match us "
              "until DNS is updated");
    // From /etc/hosts: that says nothing of what the peer sees.
    answer.addresses = {address("127.0.1.1")};
    said(seen, Layer::names, State::wrong);
    seen.ways[address("198.51.100.112")].source = address("10.0.1.2");
    EXPECT_THAT(said(seen, Layer::names, State::unknown), HasSubstr("only the peer can tell"));
    answer = {{}, "no server knows it", true};
    EXPECT_THAT(said(seen, Layer::names, State::wrong),
                HasSubstr("our name office.example.net cannot be resolved"));
    answer = {{}, "no name server answers", false};
    said(seen, Layer::names, State::unknown);
    seen.names.erase("office.example.net");
    EXPECT_THAT(said(seen, Layer::names, State::unknown), HasSubstr("was not looked up"));
}

TEST(DoctorPeerTest, NatIsKnownOnceThePeerHasAnswered) {
    auto seen = healthy();
    EXPECT_EQ(said(seen, Layer::nat, State::ok), "the peer is behind NAT, and ESP is sent in UDP");
    tunnel_of(seen).sas.front().udp = false;
    expect_cause(seen, Layer::nat, Code::nat_t_off, "ESP is not sent in UDP");
    peer_of(seen).ike_sas.front().nat_remote = false;
    EXPECT_EQ(said(seen, Layer::nat, State::ok), "no NAT between the ends");
    peer_of(seen).ike_sas.front().nat_local = true;
    said(seen, Layer::nat, State::wrong);
}

TEST(DoctorPeerTest, APrivateAddressOfOursMattersWhereOnlyThePeerCanCall) {
    auto seen = down(finding<FindingId::peer_has_no_address>());
    EXPECT_EQ(said(seen, Layer::nat, State::ok), "our address 203.0.113.56 is a public one");
    seen.ways[address("198.51.100.112")].source = address("100.64.3.4");
    EXPECT_THAT(said(seen, Layer::nat, State::ok), HasSubstr("has to call"));
    peer_of(seen).gateway = "%any";
    seen.ways[IpAddress{}].source = address("100.64.3.4");
    expect_cause(seen, Layer::nat, Code::no_public_ipv4, "our address 100.64.3.4 is private");
    seen.ways.clear();
    said(seen, Layer::nat, State::unknown);
}

TEST(DoctorPeerTest, WithoutARouteToThePeerNothingIsSent) {
    auto seen = down(no_answer());
    EXPECT_EQ(said(seen, Layer::route, State::ok), "198.51.100.112 is reached from 203.0.113.56");
    seen.ways[address("198.51.100.112")] = {std::nullopt, "Network is unreachable"};
    expect_cause(seen, Layer::route, Code::no_route_to_peer, "198.51.100.112: Network is unreachable");
    // One of two is enough.
    seen.names["box.example.net"].addresses.push_back(address("198.51.100.113"));
    seen.ways[address("198.51.100.113")] = {address("203.0.113.56"), ""};
    EXPECT_EQ(judge(seen).cause()->code, "no-answer");
    seen.names.erase("box.example.net");
    EXPECT_THAT(said(seen, Layer::route, State::skipped), HasSubstr("its address is not known"));
}

TEST(DoctorPeerTest, Phase1SaysWhyThereIsNone) {
    EXPECT_EQ(said(healthy(), Layer::phase1, State::ok),
              "established with 198.51.100.112 20 min ago (Main Mode, aes256-sha512-modp2048)");
    expect_cause(down(no_answer()), Layer::phase1, Code::no_answer, "198.51.100.112 does not answer");
    EXPECT_EQ(judge(down(no_answer())).cause()->certainty, Certainty::one_of);
    expect_cause(down(finding<FindingId::keys_differ>()), Layer::phase1, Code::psk_differs,
                 "pre-shared keys differ");
}

TEST(DoctorPeerTest, WhatIsUnderWayOrMeantIsNoCross) {
    auto seen = down(finding<FindingId::not_asked_for>());
    tunnel_of(seen).next = "the first packet starts it";
    EXPECT_EQ(said(seen, Layer::phase1, State::unknown),
              "no ISAKMP SA: nothing has asked for it yet; next: the first packet starts it");
    auto& sa = peer_of(seen).ike_sas.emplace_back();
    sa.remote = {address("198.51.100.112"), 500};
    sa.exchange_state = "MM-I2";
    EXPECT_EQ(said(seen, Layer::phase1, State::unknown), "negotiating with 198.51.100.112 (MM-I2)");
    tunnel_of(seen).wanted = false;
    EXPECT_EQ(said(seen, Layer::phase1, State::skipped), "taken down by command");
    seen = healthy();
    peer_of(seen).ike_sas.clear();
    EXPECT_THAT(said(seen, Layer::phase1, State::ok), HasSubstr("the tunnel's own SA is installed"));
}

TEST(DoctorPeerTest, TheLastErrorCountsWhereTheTunnelSaysNone) {
    auto seen = down(finding<FindingId::not_negotiated>());
    peer_of(seen).last_error = status::told(finding<FindingId::keys_differ>());
    expect_cause(seen, Layer::phase1, Code::psk_differs, "pre-shared keys differ");
}

TEST(DoctorPeerTest, TheSurestReasonOfSeveralTunnelsCounts) {
    auto seen = down(no_answer());
    auto second = tunnel_of(seen);
    second.why_down =
        status::told(finding<FindingId::caller_speaks_ikev2>(field<"caller">("198.51.100.112")));
    peer_of(seen).tunnels.push_back(second);
    expect_cause(seen, Layer::phase1, Code::ike_version_differs, "speaks IKEv2");
}

TEST(DoctorPeerTest, SomebodyWhoCallsInVainMayBeThePeerThatIsMissing) {
    auto seen = down(finding<FindingId::peer_has_no_address>());
    peer_of(seen).gateway = "%any";
    seen.status.engine.strangers.push_back(
        {"192.0.2.7", {status::told(finding<FindingId::caller_unknown>()), {}, 3}});
    expect_cause(seen, Layer::phase1, Code::unknown_peer,
                 "192.0.2.7 calls, and no connection matches it: no peer has this address");
    seen.status.engine.strangers.clear();
    expect_cause(seen, Layer::phase1, Code::nobody_dials, "only it can begin");
    // Nobody is missing.
    seen = healthy();
    seen.status.engine.strangers.push_back(
        {"192.0.2.7", {status::told(finding<FindingId::caller_unknown>()), {}, 3}});
    EXPECT_EQ(judge(seen).cause(), nullptr);
}

TEST(DoctorPeerTest, WhatStandsAgainstAPeerIsToldOnce) {
    auto seen = down(no_answer());
    peer_of(seen).findings.push_back({status::told(no_answer()), {}, 5});
    EXPECT_EQ(judge(seen).count(State::wrong), 1U);
    peer_of(seen).findings.push_back({status::told(finding<FindingId::keys_differ>()), {}, 5});
    expect_cause(seen, Layer::phase1, Code::psk_differs, "pre-shared keys differ");
}

}  // namespace
}  // namespace causeway::doctor
