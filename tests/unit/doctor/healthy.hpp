// A tunnel that is up, on a machine that is well: what the tests of the judgements change one thing of.
#pragma once

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/findings.hpp"
#include "doctor/examination.hpp"
#include "doctor/judge.hpp"
#include "doctor/report.hpp"

namespace causeway::doctor {

inline IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

inline status::Tunnel tunnel_up(Instant now) {
    status::Tunnel tunnel;
    tunnel.name = "lan";
    tunnel.display_name = "ipsec-lan";
    tunnel.local = "192.168.1.0/24";
    tunnel.remote = "192.168.178.0/24";
    tunnel.proposals = {"aes256-sha512"};
    tunnel.lifetime_seconds = 3600;
    tunnel.start = config::StartAction::start;
    tunnel.lamps = {status::TunnelLamp::up, status::RouteLamp::placed, status::FirewallLamp::open};
    status::ChildSa sa;
    sa.state = status::ChildSaState::installed;
    sa.udp = true;
    sa.suite = "aes256-sha512";
    sa.established = now - std::chrono::minutes(20);
    sa.usage.packets_in = 420;
    sa.usage.packets_out = 400;
    sa.usage.last_in = now - std::chrono::seconds(3);
    sa.path_mtu = 1492;
    sa.path_mtu_from = "probed";
    tunnel.sas.push_back(sa);
    return tunnel;
}

inline status::Peer peer_up(Instant now) {
    status::Peer peer;
    peer.name = "Home";
    peer.display_name = "ipsec-lan";
    peer.gateway = "box.example.net";
    peer.own_name = "office.example.net";
    peer.own_name_state = status::OwnNameState::right;
    peer.own_name_note = "office.example.net points to 203.0.113.56";
    peer.mode = "Main Mode";
    peer.local_id = "office.example.net";
    peer.remote_id = "box.example.net";
    peer.proposals = {"aes256-sha512-modp2048"};
    peer.lifetime_seconds = 10800;
    peer.dpd = true;
    status::IsakmpSa sa;
    sa.state = status::IsakmpSaState::established;
    sa.local = {address("203.0.113.56"), 4500};
    sa.remote = {address("198.51.100.112"), 4500};
    sa.suite = "aes256-sha512-modp2048";
    sa.mode = "Main Mode";
    sa.nat_remote = true;
    sa.established = now - std::chrono::minutes(20);
    peer.ike_sas.push_back(sa);
    peer.tunnels.push_back(tunnel_up(now));
    return peer;
}

inline Examination healthy() {
    Examination seen;
    seen.running = true;
    auto& status = seen.status;
    status.taken = Instant(std::chrono::hours(5));
    status.daemon.version = "0.1.0";
    status.daemon.uptime_seconds = 7300;
    status.daemon.config_file = "/etc/config/ipsec";
    status.daemon.listening = {{address("0.0.0.0"), 500}, {address("0.0.0.0"), 4500}};
    status.daemon.data_plane = {"userspace", "causeway0", 1400, ""};
    status.engine.peers.push_back(peer_up(status.taken));
    seen.firewall = "fw4, zone vpn";
    seen.names["box.example.net"] = {{address("198.51.100.112")}, "", true};
    seen.names["office.example.net"] = {{address("203.0.113.56")}, "", true};
    seen.addresses = {{"wan", address("203.0.113.56"), 24}, {"br-lan", address("192.168.1.1"), 24}};
    seen.devices = {{"wan", true}, {"br-lan", true}, {"causeway0", true}};
    seen.routes = {{"wan", {0, 0}, 0, false},
                   {"causeway0", Ipv4Net::parse("192.168.178.0/24").value(), 0, false},
                   {"*", Ipv4Net::parse("192.168.178.0/24").value(), 4294967295U, true}};
    seen.ways[address("198.51.100.112")] = {address("203.0.113.56"), ""};
    seen.ways[IpAddress{}] = {address("203.0.113.56"), ""};
    seen.ip_forward = "1";
    return seen;
}

/// The only peer, and its only tunnel.
inline status::Peer& peer_of(Examination& seen) {
    return seen.status.engine.peers.front();
}
inline status::Tunnel& tunnel_of(Examination& seen) {
    return peer_of(seen).tunnels.front();
}

/// No SA at all, for that reason.
inline Examination down(const Finding& why) {
    auto seen = healthy();
    peer_of(seen).ike_sas.clear();
    auto& tunnel = tunnel_of(seen);
    tunnel.sas.clear();
    tunnel.why_down = status::told(why);
    return seen;
}

/// The same file without a daemon.
inline Examination stopped() {
    auto seen = healthy();
    seen.running = false;
    seen.not_running = "causewayd is not running: there is no control socket /run/causeway/control.sock";
    seen.file.path = "/etc/config/ipsec";
    seen.tun_error = "";
    seen.taken_ports.emplace();
    auto& peer = peer_of(seen);
    peer.ike_sas.clear();
    peer.own_name_state.reset();
    peer.own_name_note.clear();
    tunnel_of(seen).sas.clear();
    tunnel_of(seen).lamps = {};
    seen.status.daemon = {};
    return seen;
}

/// The worst of a layer: a cross, else what is not known, else what was skipped, else a tick.
inline const Step* step_of(const Report& report, Layer layer) {
    for (const State state : {State::wrong, State::unknown, State::skipped, State::ok}) {
        const auto found = std::ranges::find_if(
            report.steps, [&](const Step& step) { return step.layer == layer && step.state == state; });
        if (found != report.steps.end()) {
            return &*found;
        }
    }
    return nullptr;
}

/// The verdict.
inline void expect_cause(const Examination& seen, Layer layer, Code code, const char* sentence) {
    const auto report = judge(seen);
    ASSERT_NE(report.cause(), nullptr);
    EXPECT_EQ(report.cause()->layer, layer) << report.cause()->sentence;
    EXPECT_EQ(report.cause()->code, text(code));
    EXPECT_THAT(report.cause()->sentence, testing::HasSubstr(sentence));
}

/// The sentence of a layer that is in this state.
inline std::string said(const Examination& seen, Layer layer, State state) {
    const auto report = judge(seen);
    const auto* step = step_of(report, layer);
    EXPECT_NE(step, nullptr);
    EXPECT_EQ(step == nullptr ? State::wrong : step->state, state) << (step == nullptr ? "" : step->sentence);
    return step == nullptr ? "" : step->sentence;
}

}  // namespace causeway::doctor
