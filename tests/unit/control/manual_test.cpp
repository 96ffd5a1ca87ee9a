// causeway(8) lists the keys of the status as JSON; the list is made from what is written. CAUSEWAY_ACCEPT=1
// writes it anew.
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "control/status.hpp"
#include "status/status.hpp"

namespace causeway::control {
namespace {

using Json = nlohmann::ordered_json;

/// A status in which every list has one element; `whole`: and every value that may be absent is there.
Json written(bool whole) {
    Status status;
    status.remarks = {""};
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

std::string_view type_of(const Json& value, const Json& sparse) {
    if (value.is_array()) {
        return value.at(0).is_object() ? "list of objects" : "list of strings";
    }
    if (value.is_number()) {
        return sparse.is_null() ? "number or null" : "number";
    }
    return value.is_boolean()  ? "true or false"
           : value.is_object() ? (value.empty() ? "object of strings" : "object")
           : value.is_string() ? "string"
                               : "?";
}

/// The keys of one object, then those of the objects in it.
void list_keys(std::string& text, const std::string& title, const Json& whole, const Json& sparse) {
    text += fmt::format("{}\n", title);
    std::string below;
    for (const auto& [key, value] : whole.items()) {
        const bool finding = key.ends_with("_finding");  // has the keys of each of `findings`
        text +=
            fmt::format("  {:<24} {}\n", key, finding ? "finding or null" : type_of(value, sparse.at(key)));
        if (finding) {
            continue;
        }
        const bool list = value.is_array() && value.at(0).is_object();
        if (list || (value.is_object() && !value.empty())) {
            list_keys(below, list ? fmt::format("each of {}", key) : key, list ? value.at(0) : value,
                      list ? sparse.at(key).at(0) : sparse.at(key));
        }
    }
    text += below;
}

TEST(Manual, ListsTheKeysThatAreWritten) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway.8";
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    const std::string text = page.str();
    const std::string start = ".\\\" written from the code\n.nf\n";
    const auto begin = text.find(start);
    ASSERT_NE(begin, std::string::npos);
    const auto end = text.find(".fi\n", begin);
    ASSERT_NE(end, std::string::npos);
    std::string keys;
    list_keys(keys, "the object", written(true), written(false));
    EXPECT_EQ(keys.find('?'), std::string::npos) << keys;
    const std::string fresh = text.substr(0, begin) + start + keys + text.substr(end);
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << fresh;
        return;
    }
    EXPECT_EQ(text, fresh) << "docs/man/causeway.8 is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
}

}  // namespace
}  // namespace causeway::control
