// causeway(8) lists the keys of the status and of a check as JSON; the lists are made from what is written.
// CAUSEWAY_ACCEPT=1 writes them anew.
#include "unit/control/manual.hpp"

#include <gtest/gtest.h>
#include <string>

#include <nlohmann/json.hpp>

#include "control/checked_sides.hpp"
#include "control/history_json.hpp"
#include "control/status.hpp"
#include "history/history.hpp"
#include "status/status.hpp"

namespace causeway::control {
namespace {

using manual::Json;

/// A status in which every list has one element; `whole`: and every value that may be absent is there.
Json written(bool whole) {
    Status status;
    status.remarks = {""};
    status.daemon.obstacles = {""};
    status.findings.emplace_back().locations.emplace_back();
    status.daemon.listening.emplace_back();
    status.engine.strangers.emplace_back().why.what.locations.emplace_back();
    status::Peer& peer = status.engine.peers.emplace_back();
    peer.findings.emplace_back().what.locations.emplace_back();
    peer.proposals = {""};
    status::IsakmpSa& isakmp = peer.ike_sas.emplace_back();
    isakmp.vendors = {""};
    status::Tunnel& tunnel = peer.tunnels.emplace_back();
    tunnel.proposals = {""};
    tunnel.findings.emplace_back().what.locations.emplace_back();
    status::ChildSa& child = tunnel.sas.emplace_back();
    if (whole) {
        peer.round_trip_us = 0;
        peer.last_error.emplace().locations.emplace_back();
        tunnel.why_down = peer.last_error;
        peer.last_error_at = isakmp.established = isakmp.rekey_at = isakmp.expires_at = status.taken;
        tunnel.down_since = tunnel.up_since = child.established = child.rekey_at = child.expires_at =
            status.taken;
        peer.findings.front().since = tunnel.findings.front().since = status.taken;
        status.engine.strangers.front().why.since = status.taken;
        child.usage.last_in = child.usage.last_out = status.taken;
    }
    return Json::parse(to_json(status));
}

/// The same of a check.
Json checked(bool whole) {
    CheckedSides sides;
    sides.findings.emplace_back().locations.emplace_back();
    auto& connection = sides.connections.emplace_back();
    connection.phase2.emplace_back();
    if (whole) {
        sides.connects = connection.connects = true;
        connection.phase1.emplace();
    }
    return Json::parse(to_json(sides));
}

TEST(Manual, ListsTheKeysThatAreWritten) {
    std::string keys;
    // Each has the keys of one of `findings`.
    manual::list_keys(keys, "the object", written(true), written(false),
                      {{"last_error_finding", "finding or null"},
                       {"why_down_finding", "finding or null"},
                       {"dropped", "object of numbers"},
                       {"failures", "object of numbers"}});
    manual::expect_in_manual(".\\\" written from the code\n.nf\n", keys);
}

TEST(Manual, ListsTheKeysOfACheck) {
    std::string keys;
    manual::list_keys(keys, "the object", checked(true), checked(false),
                      {{"findings", "list of findings, as in the status"}});
    manual::expect_in_manual(".\\\" the keys of a check, written from the code\n.nf\n", keys);
}

/// The same of a history.
Json kept(bool whole) {
    history::History history;
    history.starts = {0};
    auto& connection = history.connections.emplace_back();
    connection.whys.emplace_back();
    auto& step = connection.steps.emplace_back();
    if (whole) {
        step.round_trip_us = 0;
    }
    return Json::parse(to_json(history));
}

TEST(Manual, ListsTheKeysOfAHistory) {
    std::string keys;
    manual::list_keys(keys, "the object", kept(true), kept(false), {});
    manual::expect_in_manual(".\\\" the keys of a history, written from the code\n.nf\n", keys);
}

}  // namespace
}  // namespace causeway::control
