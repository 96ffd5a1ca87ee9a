// What is judged of the machine, one thing changed at a time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "unit/doctor/healthy.hpp"

namespace causeway::doctor {
namespace {

using testing::HasSubstr;

/// What this machine lacks a person can do something about.
void expect_remedied(const Examination& seen, Layer layer, Code code, const char* sentence) {
    expect_cause(seen, layer, code, sentence);
    const auto report = judge(seen);
    ASSERT_NE(report.cause(), nullptr);
    EXPECT_FALSE(report.cause()->remedy.empty());
}

TEST(DoctorMachineTest, AMachineThatIsWellHasNoCross) {
    const auto report = judge(healthy());
    EXPECT_EQ(report.cause(), nullptr);
    EXPECT_EQ(report.count(State::wrong), 0U);
    EXPECT_EQ(report.count(State::unknown), 0U);
    EXPECT_EQ(report.count(State::skipped), 1U) << "the ping that nobody asked for";
    EXPECT_EQ(report.version, "0.1.0");
    EXPECT_EQ(report.config_file, "/etc/config/ipsec");
}

TEST(DoctorMachineTest, WarningsOfTheFileAreCountedAndNoCross) {
    auto seen = healthy();
    seen.status.findings.push_back(
        status::told(finding<FindingId::file_rights>(field<"what">("others can read it"))));
    EXPECT_EQ(said(seen, Layer::configuration, State::ok),
              "/etc/config/ipsec has no errors; 'causeway config check /etc/config/ipsec' shows 1 warning");
}

TEST(DoctorMachineTest, AnErrorOfTheFileIsACross) {
    auto seen = healthy();
    auto told = status::told(
        finding<FindingId::file_unusable>(field<"what">("no key"), field<"remedy">("write one")));
    told.locations = {{"/etc/config/ipsec", 7, 0}};
    seen.status.findings.push_back(told);
    expect_remedied(seen, Layer::configuration, Code::file_unusable, "/etc/config/ipsec:7: no key");
    // It is about another connection than the one that was asked for.
    EXPECT_EQ(step_of(judge(seen), Layer::configuration)->stops, Stops::phase1);
    seen.connection = "ipsec-lan";
    EXPECT_EQ(step_of(judge(seen), Layer::configuration)->stops, Stops::nothing);
}

TEST(DoctorMachineTest, NothingConfiguredIsACross) {
    auto seen = healthy();
    seen.status.engine.peers.clear();
    expect_remedied(seen, Layer::configuration, Code::connection_disabled,
                    "/etc/config/ipsec has no connection");
}

TEST(DoctorMachineTest, WithoutADaemonThatIsTheCause) {
    expect_remedied(stopped(), Layer::daemon, Code::daemon_not_running, "there is no control socket");
}

TEST(DoctorMachineTest, WhatKeepsADaemonFromStartingExplainsThatNoneRuns) {
    auto seen = stopped();
    seen.file.refused = status::told(
        finding<FindingId::file_unusable>(field<"what">("a quote is missing"), field<"remedy">("close it")));
    expect_remedied(seen, Layer::configuration, Code::file_unusable, "a quote is missing");
    seen = stopped();
    seen.file = {};
    expect_remedied(seen, Layer::configuration, Code::file_unusable, "none of /etc/config/ipsec,");
    seen = stopped();
    seen.taken_ports->push_back({500, "charon (pid 812)"});
    expect_remedied(seen, Layer::sockets, Code::ike_port_in_use, "UDP port 500 is used by charon (pid 812)");
    seen = stopped();
    seen.tun_error = "No such device";
    expect_remedied(seen, Layer::device, Code::tunnel_device_missing,
                    "/dev/net/tun cannot be opened: No such device");
}

TEST(DoctorMachineTest, WhatOnlyADaemonOrRootKnowsIsUnknownWithoutThem) {
    auto seen = stopped();
    EXPECT_EQ(said(seen, Layer::sockets, State::ok), "UDP 500 and 4500 are free");
    EXPECT_EQ(said(seen, Layer::device, State::ok), "/dev/net/tun can be opened");
    EXPECT_THAT(said(seen, Layer::firewall, State::unknown), HasSubstr("IP forwarding is on"));
    seen.taken_ports.reset();
    seen.tun_error.reset();
    said(seen, Layer::sockets, State::unknown);
    said(seen, Layer::device, State::unknown);
    EXPECT_EQ(said(seen, Layer::phase1, State::skipped), "causewayd is not running");
    said(seen, Layer::phase2, State::skipped);
}

TEST(DoctorMachineTest, BothPortsHaveToBeListenedOn) {
    auto seen = healthy();
    EXPECT_EQ(said(seen, Layer::sockets, State::ok), "listening on UDP 500 and 4500 of 0.0.0.0");
    seen.status.daemon.listening.pop_back();
    expect_remedied(seen, Layer::sockets, Code::ike_port_in_use, "UDP port 4500");
}

TEST(DoctorMachineTest, ForwardingMattersForNetworksOnly) {
    auto seen = healthy();
    seen.ip_forward = "0";
    expect_remedied(seen, Layer::firewall, Code::forwarding_off, "net.ipv4.ip_forward is 0");
    tunnel_of(seen).local = "192.168.1.1/32";
    EXPECT_THAT(said(seen, Layer::firewall, State::ok), HasSubstr("nothing has to be forwarded"));
    seen = healthy();
    seen.ip_forward.reset();
    said(seen, Layer::firewall, State::unknown);
}

TEST(DoctorMachineTest, TheDaemonsObstaclesArePassedOnAndThoseThatAreGoneAreNot) {
    auto seen = healthy();
    const auto add = [&](const Finding& obstacle) {
        seen.status.daemon.obstacles.push_back(obstacle.sentence());
        seen.status.findings.push_back(status::told(obstacle));
    };
    // Forwarding is on by now.
    add(finding<FindingId::nothing_is_forwarded>());
    EXPECT_THAT(said(seen, Layer::firewall, State::ok), HasSubstr("(fw4, zone vpn)"));
    add(finding<FindingId::forwarding_refused>(
        field<"from">("192.168.1.0/24"), field<"to">("192.168.178.0/24"), field<"where">("chain forward"),
        field<"rule">("drop"), field<"device">("causeway0")));
    expect_remedied(seen, Layer::firewall, Code::forward_dropped, "chain forward refuses them (drop)");
    EXPECT_EQ(said(seen, Layer::configuration, State::ok), "/etc/config/ipsec has no errors");
}

TEST(DoctorMachineTest, ALampThatIsBlockedIsACrossUnlessTheObstacleIsNamed) {
    auto seen = healthy();
    tunnel_of(seen).lamps.firewall = status::FirewallLamp::blocked;
    expect_remedied(seen, Layer::firewall, Code::forward_dropped,
                    "between 192.168.1.0/24 and 192.168.178.0/24");
    seen.ip_forward = "0";
    const auto report = judge(seen);
    EXPECT_EQ(report.count(State::wrong), 1U);
    EXPECT_EQ(report.cause()->code, "forwarding-off");
    seen = healthy();
    tunnel_of(seen).lamps.firewall = status::FirewallLamp::unknown;
    said(seen, Layer::firewall, State::ok);
}

TEST(DoctorMachineTest, TheDeviceHasToBeThereAndUp) {
    auto seen = healthy();
    EXPECT_EQ(said(seen, Layer::device, State::ok), "causeway0 is up, MTU 1400 (userspace)");
    seen.devices["causeway0"] = false;
    expect_remedied(seen, Layer::device, Code::tunnel_device_missing, "causeway0 is down");
    seen.devices.erase("causeway0");
    expect_remedied(seen, Layer::device, Code::tunnel_device_missing, "causeway0 does not exist");
    seen.devices.clear();
    said(seen, Layer::device, State::unknown);
    seen.status.daemon.data_plane = {"kernel", "", 0, ""};
    EXPECT_EQ(said(seen, Layer::device, State::ok), "kernel, without a device of its own");
}

}  // namespace
}  // namespace causeway::doctor
