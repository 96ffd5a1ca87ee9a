// The metrics: each name with its type, labels and value stays as it is in golden/metrics.prom (CAUSEWAY_ACCEPT=1 writes it
// anew); nothing in a name breaks a line; causeway(8) lists them.
#include "control/metrics.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "status/status.hpp"
#include "unit/control/manual.hpp"

namespace causeway::control {
namespace {

using std::chrono::seconds;

status::Tunnel up(const char* name) {
    status::Tunnel tunnel;
    tunnel.name = tunnel.display_name = name;
    tunnel.local = "192.168.1.0/24";
    tunnel.remote = "192.168.178.0/24";
    auto& sa = tunnel.sas.emplace_back();
    sa.state = status::ChildSaState::installed;
    sa.path_mtu = 1492;
    tunnel.up_since = Instant(seconds(-7200));
    tunnel.came_up = 2;
    tunnel.renewals = 3;
    tunnel.totals = {.bytes_in = 5'000'000'000,
                     .bytes_out = 64,
                     .packets_in = 7,
                     .packets_out = 8,
                     .dropped_replay = 9,
                     .dropped_integrity = 10,
                     .dropped_policy = 11,
                     .last_in = {},
                     .last_out = {}};
    tunnel.lamps = {status::TunnelLamp::up, status::RouteLamp::placed, status::FirewallLamp::open};
    return tunnel;
}

status::Tunnel down(const char* name) {
    status::Tunnel tunnel;
    tunnel.name = tunnel.display_name = name;
    tunnel.wanted = false;
    tunnel.down_since = Instant(seconds(-60));
    tunnel.why_down.emplace().code = "peer-silent";
    tunnel.lamps = {status::TunnelLamp::negotiating, status::RouteLamp::shadowed,
                    status::FirewallLamp::unknown};
    return tunnel;
}

Status two() {
    Status status;
    status.daemon.version = "0.1.0";
    status.daemon.now = 1'800'000'000;
    status.daemon.uptime_seconds = 86'400;
    status.daemon.data_plane.dropped = {{"no-sa", 16}, {"queue-full", 17}};
    status.engine.messages_in = 100;
    status.engine.messages_out = 101;
    status.engine.messages_ignored = 2;
    status.engine.half_open = 4;
    status::Peer& office = status.engine.peers.emplace_back();
    office.name = "office";
    office.gateway = "203.0.113.56";
    office.round_trip_us = 23'400;
    office.negotiations = 5;
    office.established = 6;
    office.lookups = 12;
    office.lookups_failed = 1;
    auto& isakmp = office.ike_sas.emplace_back();
    isakmp.state = status::IsakmpSaState::established;
    isakmp.established = Instant(seconds(-1000));
    isakmp.remote.address = IpAddress::v4(0xcb007138);
    office.tunnels = {up("office-lan"), up("office-guests")};
    office.findings.emplace_back().what.code = "psk-short";
    status::Peer& home = status.engine.peers.emplace_back();
    home.name = "home";
    home.failures = {{"name-unresolved", 14}, {"peer-silent", 15}};
    home.unproved_aggressive = 13;
    home.last_error_at = Instant(seconds(-30));
    home.tunnels = {down("home-lan")};
    home.tunnels.front().findings.emplace_back().what.code = "psk-short";
    return status;
}

TEST(Metrics, AreThoseThatWereWrittenDown) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/tests/unit/control/golden/metrics.prom";
    const std::string text = metrics_text(two());
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << text;
        return;
    }
    std::stringstream before;
    before << std::ifstream(path).rdbuf();
    EXPECT_EQ(text, before.str());
}

TEST(Metrics, SayThatNobodyRuns) {
    EXPECT_EQ(
        metrics_text_of_none(),
        "# HELP causeway_up Whether causewayd runs and answers.\n# TYPE causeway_up gauge\ncauseway_up 0\n");
}

std::string line_of(const std::string& name) {
    Status status = two();
    status.engine.peers.back().name = name;
    std::stringstream lines(metrics_text(status));
    std::string found;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("causeway_peer_phase1_begun_total") &&
            line.find("office") == std::string::npos) {
            found += line + '\n';
        }
    }
    return found;
}

TEST(Metrics, EscapeWhatBreaksALine) {
    const auto written = [](const std::string& label) {
        return "causeway_peer_phase1_begun_total{peer=\"" + label + "\"} 0\n";
    };
    EXPECT_EQ(line_of("a\"b"), written("a\\\"b"));
    EXPECT_EQ(line_of("a\\b"), written("a\\\\b"));
    EXPECT_EQ(line_of("a\nb"), written("a\\nb"));
    EXPECT_EQ(line_of("Köln €"), written("Köln €"));
    EXPECT_EQ(line_of("\xf0\x9f\x8c\x89"), written("\xf0\x9f\x8c\x89"));
    const std::string instead = "\xef\xbf\xbd";
    EXPECT_EQ(line_of("a\rb\x7f"), written("a" + instead + "b" + instead));
    EXPECT_EQ(line_of("\xff"), written(instead));
    EXPECT_EQ(line_of("\xc3"), written(instead));
    EXPECT_EQ(line_of("\xc0\xaf"), written(instead + instead));
    EXPECT_EQ(line_of("\xed\xa0\x80"), written(instead + instead + instead));
    EXPECT_EQ(line_of("\xf4\x90\x80\x80"), written(instead + instead + instead + instead));
}

TEST(Metrics, AreOneSeriesEach) {
    std::stringstream lines(metrics_text(two()));
    std::set<std::string> seen;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second || line.starts_with('#')) << line;
    }
    EXPECT_GT(seen.size(), 50U);
}

TEST(Metrics, HoldNoAddress) {
    const std::string text = metrics_text(two());
    EXPECT_FALSE(std::regex_search(text, std::regex("[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+"))) << text;
}

TEST(Manual, ListsTheMetrics) {
    manual::expect_in_manual(".\\\" the metrics, written from the code\n.nf\n", metrics_list());
}

}  // namespace
}  // namespace causeway::control
