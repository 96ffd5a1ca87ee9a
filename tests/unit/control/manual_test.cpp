// causeway(8) lists the keys of the status and of a check as JSON; the lists are made from what is written.
// CAUSEWAY_ACCEPT=1 writes them anew.
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include "control/checked_sides.hpp"
#include "control/status.hpp"
#include "status/status.hpp"

namespace causeway::control {
namespace {

using Json = nlohmann::ordered_json;

/// A status in which every list has one element; `whole`: and every value that may be absent is there.
Json written(bool whole) {
    Status status;
    status.remarks = {""};
    status.daemon.obstacles = {""};
    status.findings.emplace_back().locations.emplace_back();
    status.daemon.listening.emplace_back();
    status::Peer& peer = status.engine.peers.emplace_back();
    peer.proposals = {""};
    status::IsakmpSa& isakmp = peer.ike_sas.emplace_back();
    isakmp.vendors = {""};
    status::Tunnel& tunnel = peer.tunnels.emplace_back();
    tunnel.proposals = {""};
    status::ChildSa& child = tunnel.sas.emplace_back();
    if (whole) {
        peer.last_error.emplace().locations.emplace_back();
        tunnel.why_down = peer.last_error;
        peer.last_error_at = isakmp.established = isakmp.rekey_at = isakmp.expires_at = status.taken;
        tunnel.down_since = child.established = child.rekey_at = child.expires_at = status.taken;
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

std::string type_of(const Json& value, const Json& sparse) {
    if (value.is_array()) {
        return value.at(0).is_object() ? "list of objects" : "list of strings";
    }
    const std::string or_null = sparse.is_null() ? " or null" : "";
    if (value.is_number()) {
        return "number" + or_null;
    }
    if (value.is_boolean()) {
        return sparse.is_string() ? "true, false or \"unknown\"" : "true or false";
    }
    return value.is_object()   ? (value.empty() ? "object of strings" : "object" + or_null)
           : value.is_string() ? "string"
                               : "?";
}

/// The keys of one object, then those of the objects in it. What is `told` elsewhere has a type of its own.
void list_keys(std::string& text, const std::string& title, const Json& whole, const Json& sparse,
               const std::map<std::string, std::string>& told) {
    text += fmt::format("{}\n", title);
    std::string below;
    for (const auto& [key, value] : whole.items()) {
        const auto known = told.find(key);
        text += fmt::format("  {:<24} {}\n", key,
                            known != told.end() ? known->second : type_of(value, sparse.at(key)));
        if (known != told.end()) {
            continue;
        }
        const bool list = value.is_array() && value.at(0).is_object();
        if (list || (value.is_object() && !value.empty())) {
            const auto& inner = list ? value.at(0) : value;
            const auto& absent = sparse.at(key);
            list_keys(below, list ? fmt::format("each of {}", key) : key, inner,
                      absent.is_null() ? inner
                      : list           ? absent.at(0)
                                       : absent,
                      told);
        }
    }
    text += below;
}

/// Behind the line `start` the manual has these lines.
void expect_in_manual(const std::string& start, const std::string& keys) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway.8";
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    const std::string text = page.str();
    const auto begin = text.find(start);
    ASSERT_NE(begin, std::string::npos);
    const auto end = text.find(".fi\n", begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(keys.find('?'), std::string::npos) << keys;
    const std::string fresh = text.substr(0, begin) + start + keys + text.substr(end);
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << fresh;
        return;
    }
    EXPECT_EQ(text, fresh) << "docs/man/causeway.8 is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
}

TEST(Manual, ListsTheKeysThatAreWritten) {
    std::string keys;
    // Each has the keys of one of `findings`.
    list_keys(keys, "the object", written(true), written(false),
              {{"last_error_finding", "finding or null"}, {"why_down_finding", "finding or null"}});
    expect_in_manual(".\\\" written from the code\n.nf\n", keys);
}

TEST(Manual, ListsTheKeysOfACheck) {
    std::string keys;
    list_keys(keys, "the object", checked(true), checked(false),
              {{"findings", "list of findings, as in the status"}});
    expect_in_manual(".\\\" the keys of a check, written from the code\n.nf\n", keys);
}

}  // namespace
}  // namespace causeway::control
