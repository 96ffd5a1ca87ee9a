// What is judged of a tunnel's packets, one thing changed at a time.

#include <chrono>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

using testing::HasSubstr;

Route route(const char* device, const char* net, std::uint32_t metric = 0, bool reject = false) {
    return {device, Ipv4Net::parse(net).value(), metric, reject};
}

/// A daemon that fills in no lamps: the routing table says it.
Examination by_table() {
    auto seen = healthy();
    tunnel_of(seen).lamps = {};
    return seen;
}

TEST(DoctorTunnelTest, TheRouteHasToLeadIntoTheTunnel) {
    auto seen = by_table();
    EXPECT_EQ(judge(seen).cause(), nullptr);
    seen.routes->push_back(route("br-guest", "192.168.178.0/25"));
    expect_cause(seen, Layer::route, Code::remote_network_not_routed,
                 "packets for 192.168.178.0/24 leave through br-guest");
    seen.routes = {route("wan", "0.0.0.0/0")};
    expect_cause(seen, Layer::route, Code::remote_network_not_routed, "no route sends 192.168.178.0/24");
    seen.routes = {route("wan", "0.0.0.0/0"), route("*", "192.168.178.0/24", 4294967295U, true)};
    expect_cause(seen, Layer::route, Code::remote_network_not_routed, "no route sends 192.168.178.0/24");
    seen.routes.reset();
    said(seen, Layer::route, State::unknown);
}

TEST(DoctorTunnelTest, OfTwoRoutesTheLowerMetricCounts) {
    auto seen = by_table();
    seen.routes = {route("wan", "192.168.178.0/24", 10), route("causeway0", "192.168.178.0/24", 5)};
    EXPECT_EQ(judge(seen).cause(), nullptr);
    seen.routes->back().metric = 20;
    expect_cause(seen, Layer::route, Code::remote_network_not_routed, "through wan");
}

TEST(DoctorTunnelTest, RoutesInATableOfTheirOwnAreNotMissed) {
    auto seen = by_table();
    seen.routes = {route("wan", "0.0.0.0/0")};
    tunnel_of(seen).remote = "0.0.0.0/0";
    said(seen, Layer::route, State::unknown);
    // The peer's own address lies in it.
    tunnel_of(seen).remote = "198.51.100.0/24";
    said(seen, Layer::route, State::unknown);
    peer_of(seen).ike_sas.clear();
    said(seen, Layer::route, State::unknown);
}

TEST(DoctorTunnelTest, TheLampCountsWhereTheDaemonHasOne) {
    auto seen = healthy();
    seen.routes = {route("wan", "0.0.0.0/0")};
    EXPECT_EQ(said(seen, Layer::route, State::ok), "198.51.100.112 is reached from 203.0.113.56");
    tunnel_of(seen).lamps.route = status::RouteLamp::shadowed;
    seen.routes->push_back(route("wg0", "192.168.178.0/24"));
    expect_cause(seen, Layer::route, Code::remote_network_not_routed, "through wg0");
    seen.routes.reset();
    expect_cause(seen, Layer::route, Code::remote_network_not_routed, "through another device");
}

TEST(DoctorTunnelTest, WhatTheDaemonFoundOfARouteTakesThePlaceOfOurs) {
    auto seen = healthy();
    tunnel_of(seen).lamps.route = status::RouteLamp::shadowed;
    status::Told told;
    told.code = "route-shadowed";  // of a later version
    told.message = "rule 100 takes packets for 192.168.178.0/24";
    tunnel_of(seen).findings.push_back({told, {}, 1});
    const auto report = judge(seen);
    EXPECT_EQ(report.count(State::wrong), 1U);
    ASSERT_NE(report.cause(), nullptr);
    EXPECT_EQ(report.cause()->layer, Layer::route);
    EXPECT_EQ(report.cause()->stops, Stops::packets);
    EXPECT_EQ(report.cause()->sentence, told.message);
}

TEST(DoctorTunnelTest, WhatATunnelCannotCarryIsSaid) {
    auto seen = healthy();
    tunnel_of(seen).not_carried = "192.168.178.5 is directly connected";
    EXPECT_EQ(said(seen, Layer::route, State::unknown), "192.168.178.5 is directly connected");
}

TEST(DoctorTunnelTest, Phase2SaysWhyThereIsNone) {
    auto seen = healthy();
    EXPECT_EQ(said(seen, Layer::phase2, State::ok),
              "192.168.1.0/24 === 192.168.178.0/24 installed 20 min ago (aes256-sha512, ESP in UDP)");
    auto& tunnel = tunnel_of(seen);
    tunnel.sas.clear();
    tunnel.why_down =
        status::told(finding<FindingId::quick_mode_unanswered>(field<"remote">("198.51.100.112")));
    expect_cause(seen, Layer::phase2, Code::phase2_silent, "does not answer Quick Mode");
    tunnel.why_down = status::told(finding<FindingId::not_negotiated>());
    tunnel.next = "retrying in 4 s";
    EXPECT_EQ(
        said(seen, Layer::phase2, State::unknown),
        "192.168.1.0/24 === 192.168.178.0/24 is not installed: not negotiated yet; next: retrying in 4 s");
    peer_of(seen).ike_sas.clear();
    EXPECT_THAT(said(seen, Layer::phase2, State::skipped), HasSubstr("waits for Phase 1"));
}

TEST(DoctorTunnelTest, ARefusalOfPhase2StaysOneWhenPhase1IsGoneAsWell) {
    const auto seen = down(finding<FindingId::peer_does_no_pfs>(
        field<"offered">("a"), field<"otherwise">("b"), field<"place">("c")));
    expect_cause(seen, Layer::phase2, Code::pfs_one_side, "it does no PFS");
    said(seen, Layer::phase1, State::unknown);
}

TEST(DoctorTunnelTest, ATunnelThatWasTakenDownIsTheCauseOfNothingElse) {
    auto seen = healthy();
    auto& tunnel = tunnel_of(seen);
    tunnel.sas.clear();
    tunnel.wanted = false;
    expect_cause(seen, Layer::phase2, Code::taken_down, "taken down by command");
    EXPECT_EQ(judge(seen).cause()->remedy, "'causeway up ipsec-lan'");
    seen.ip_forward = "0";
    expect_cause(seen, Layer::firewall, Code::forwarding_off, "does not forward");
}

TEST(DoctorTunnelTest, CountersSayWhereThePacketsStop) {
    auto seen = healthy();
    auto& usage = tunnel_of(seen).sas.front().usage;
    EXPECT_EQ(said(seen, Layer::counters, State::ok), "420 packets in, 400 out, the last came 3 s ago");
    usage.packets_in = 0;
    expect_cause(seen, Layer::counters, Code::one_way_traffic,
                 "400 packets went into the tunnel, and none came back");
    usage.dropped_integrity = 30;
    expect_cause(seen, Layer::counters, Code::integrity_fails, "all of 30 packets fail");
    usage = {};
    usage.packets_in = 12;
    expect_cause(seen, Layer::counters, Code::one_way_traffic,
                 "12 packets came out of the tunnel, and none went back");
    usage.packets_in = 0;
    usage.packets_out = 9;
    EXPECT_EQ(said(seen, Layer::counters, State::unknown), "0 packets in, 9 out: too few to tell");
}

TEST(DoctorTunnelTest, CountersOfAPairThatWasReplacedCount) {
    auto seen = healthy();
    auto& sas = tunnel_of(seen).sas;
    sas.push_back(sas.front());
    sas.back().usage = {};
    sas.back().usage.packets_out = 20;
    EXPECT_THAT(said(seen, Layer::counters, State::ok), HasSubstr("420 packets in, 420 out"));
}

TEST(DoctorTunnelTest, WhatTheDaemonFoundOfPacketsTakesThePlaceOfTheCounters) {
    auto seen = healthy();
    auto& tunnel = tunnel_of(seen);
    tunnel.sas.front().usage.packets_in = 0;
    tunnel.findings.push_back({status::told(finding<FindingId::nothing_comes_back>(
                                   field<"sent">("400"), field<"time">("2 min"),
                                   field<"remote">("198.51.100.112"), field<"remedy">("look there"))),
                               {},
                               1});
    expect_cause(seen, Layer::counters, Code::one_way_traffic,
                 "400 packets went into the tunnel in the last 2 min");
    EXPECT_EQ(judge(seen).count(State::wrong), 1U);
    EXPECT_EQ(judge(seen).cause()->stops, Stops::packets);
}

TEST(DoctorTunnelTest, AWarningAboutATunnelThatWorksStopsNothing) {
    auto seen = healthy();
    tunnel_of(seen).findings.push_back(
        {status::told(finding<FindingId::packets_of_others>(field<"count">("7"), field<"source">("10.0.0.1"),
                                                            field<"destination">("192.168.1.9"))),
         {},
         1});
    expect_cause(seen, Layer::counters, Code::packets_of_other_network, "7 packets came through");
    EXPECT_EQ(judge(seen).cause()->stops, Stops::nothing);
}

TEST(DoctorTunnelTest, ANoteIsNoCross) {
    auto seen = healthy();
    tunnel_of(seen).findings.push_back(
        {status::told(finding<FindingId::path_swallows>(field<"octets">("1400"))), {}, 1});
    EXPECT_THAT(said(seen, Layer::path_mtu, State::ok), HasSubstr("larger than 1400 octets"));
    EXPECT_EQ(judge(seen).cause(), nullptr);
}

TEST(DoctorTunnelTest, APathThatWasNotProbedIsSaidToBeUnknown) {
    auto seen = healthy();
    EXPECT_EQ(said(seen, Layer::path_mtu, State::ok), "1492 octets (probed)");
    auto& sa = tunnel_of(seen).sas.front();
    sa.path_mtu_from = "device";
    EXPECT_THAT(said(seen, Layer::path_mtu, State::unknown), HasSubstr("has not been yet"));
    sa.path_mtu = 0;
    EXPECT_EQ(said(seen, Layer::path_mtu, State::unknown), "not known");
}

TEST(DoctorTunnelTest, AHostAtTheOtherEndAnswersOrNot) {
    auto seen = healthy();
    EXPECT_EQ(said(seen, Layer::far_host, State::skipped), "'--ping HOST' pings a host in 192.168.178.0/24");
    auto& ping = seen.ping.emplace();
    ping.address = address("192.168.178.20");
    ping.source = address("192.168.1.1");
    ping.sent = 3;
    expect_cause(seen, Layer::far_host, Code::far_host_silent,
                 "192.168.178.20 does not answer 3 pings from 192.168.1.1");
    ping.error = "No route to host";
    expect_cause(seen, Layer::far_host, Code::far_host_silent,
                 "cannot ping 192.168.178.20 from 192.168.1.1: No route");
    ping.received = 2;
    ping.best = std::chrono::microseconds(12340);
    EXPECT_EQ(said(seen, Layer::far_host, State::ok),
              "192.168.178.20 answers 2 of 3 pings from 192.168.1.1 in 12.3 ms");
    ping.address = address("10.0.0.1");
    said(seen, Layer::far_host, State::skipped);
    tunnel_of(seen).sas.clear();
    EXPECT_EQ(said(seen, Layer::far_host, State::skipped), "not judged: the tunnel is not up");
    seen = healthy();
    seen.no_source = "192.168.1.0/24";
    EXPECT_THAT(said(seen, Layer::far_host, State::unknown), HasSubstr("no address in 192.168.1.0/24"));
}

}  // namespace
}  // namespace causeway::doctor
