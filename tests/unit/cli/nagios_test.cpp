// The line of a monitoring plugin: its state follows from what is wanted, and nothing in it breaks its form.
#include "cli/nagios.hpp"

#include <gtest/gtest.h>
#include <string>

#include "status/status.hpp"

namespace causeway::cli {
namespace {

status::Tunnel tunnel(const char* name, bool up) {
    status::Tunnel one;
    one.display_name = name;
    one.lamps = {up ? status::TunnelLamp::up : status::TunnelLamp::down, status::RouteLamp::placed,
                 status::FirewallLamp::open};
    if (up) {
        one.sas.emplace_back().state = status::ChildSaState::installed;
    } else {
        one.why_down.emplace().message = "no server knows the name";
    }
    return one;
}

control::Status two(bool first = true, bool second = true) {
    control::Status status;
    status::Peer& peer = status.engine.peers.emplace_back();
    peer.display_name = "lan";
    peer.ike_sas.emplace_back().state = status::IsakmpSaState::established;
    peer.ike_sas.emplace_back();
    peer.tunnels = {tunnel("lan", first), tunnel("far", second)};
    return status;
}

status::Tunnel& first(control::Status& status) {
    return status.engine.peers.at(0).tunnels.at(0);
}

status::Standing standing(Severity severity) {
    status::Standing one;
    one.what.severity = severity;
    one.what.message = "something is odd";
    return one;
}

TEST(Nagios, IsOkWhenAllThatIsWantedIsUp) {
    const auto line = plugin_line(two(), false);
    EXPECT_EQ(line.state, PluginState::ok);
    EXPECT_EQ(line.text,
              "CAUSEWAY OK - 2 of 2 tunnels up | tunnels=2;;;0;2 idle=0;;;0 ike_sas=1;;;0 findings=0;;;0");
}

TEST(Nagios, IsCriticalWhenAWantedTunnelIsDown) {
    const auto line = plugin_line(two(true, false), false);
    EXPECT_EQ(line.state, PluginState::critical);
    EXPECT_EQ(line.text,
              "CAUSEWAY CRITICAL - 1 of 2 tunnels up; far is down: no server knows the name | "
              "tunnels=1;;;0;2 idle=0;;;0 ike_sas=1;;;0 findings=0;;;0");
}

TEST(Nagios, WhatNobodyWantsUpIsIdle) {
    auto status = two(true, false);
    status.engine.peers[0].tunnels[1].wanted = false;
    const auto line = plugin_line(status, false);
    EXPECT_EQ(line.state, PluginState::ok);
    EXPECT_TRUE(line.text.starts_with("CAUSEWAY OK - 1 of 1 tunnel up, 1 idle | tunnels=1;;;0;1 idle=1;;;0"))
        << line.text;
}

TEST(Nagios, WarnsOfFindingsOfTunnelsPeersAndTheDaemon) {
    for (const int where : {0, 1, 2}) {
        auto status = two();
        const auto found = standing(Severity::warning);
        if (where == 0) {
            first(status).findings = {found};
        } else if (where == 1) {
            status.engine.peers[0].findings = {found};
        } else {
            status.findings = {found.what};
        }
        const auto line = plugin_line(status, false);
        EXPECT_EQ(line.state, PluginState::warning) << where;
        EXPECT_NE(line.text.find(where == 2 ? "; something is odd |" : "; lan: something is odd |"),
                  std::string::npos)
            << line.text;
        EXPECT_TRUE(line.text.ends_with("findings=1;;;0")) << line.text;
    }
    auto status = two();
    first(status).findings = {standing(Severity::note)};
    EXPECT_EQ(plugin_line(status, false).state, PluginState::ok);
    // Of the configuration as a whole: not of the one that is asked for.
    status.findings = {standing(Severity::error).what};
    EXPECT_EQ(plugin_line(status, true).state, PluginState::ok);
    EXPECT_EQ(plugin_line(status, false).state, PluginState::warning);
}

TEST(Nagios, WarnsOfATunnelThatIsUpAndDoesNotCarry) {
    auto status = two();
    first(status).lamps.route = status::RouteLamp::shadowed;
    EXPECT_NE(plugin_line(status, true).text.find("WARNING - 2 of 2 tunnels up; lan: route shadowed |"),
              std::string::npos);
    status = two();
    first(status).lamps.firewall = status::FirewallLamp::blocked;
    EXPECT_NE(plugin_line(status, true).text.find("WARNING - 2 of 2 tunnels up; lan: firewall blocked |"),
              std::string::npos);
    first(status).lamps.firewall = status::FirewallLamp::unknown;
    EXPECT_EQ(plugin_line(status, true).state, PluginState::ok);
}

TEST(Nagios, WarnsWhenThereIsNoTunnel) {
    const auto line = plugin_line({}, false);
    EXPECT_EQ(line.state, PluginState::warning);
    EXPECT_TRUE(line.text.starts_with("CAUSEWAY WARNING - 0 of 0 tunnels up; no tunnel is configured | "))
        << line.text;
}

// Names come from a file, reasons from a peer.
TEST(Nagios, IsOneLineWithOneBarWhateverTheWords) {
    auto status = two(false, false);
    first(status).display_name = "a|b\nc\x1b[31m";
    first(status).why_down->message = std::string(400, '|');
    for (int i = 0; i < 5; ++i) {
        status.engine.peers[0].tunnels.push_back(tunnel("more", false));
    }
    const auto line = plugin_line(status, false);
    EXPECT_EQ(line.text.find('|'), line.text.rfind('|')) << line.text;
    EXPECT_EQ(line.text.find_first_of("\n\x1b"), std::string::npos) << line.text;
    EXPECT_NE(line.text.find("a/b\\x0ac\\x1b[31m is down: "), std::string::npos) << line.text;
    EXPECT_NE(line.text.find("; and 4 more |"), std::string::npos) << line.text;
    EXPECT_LT(line.text.size(), 700U);
}

TEST(Nagios, IsUnknownWithoutAStatus) {
    const auto line = plugin_unknown("no daemon | at all");
    EXPECT_EQ(line.state, PluginState::unknown);
    EXPECT_EQ(line.text, "CAUSEWAY UNKNOWN - no daemon / at all");
}

}  // namespace
}  // namespace causeway::cli
