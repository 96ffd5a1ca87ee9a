#include "config/vpncfg/box.hpp"

#include <algorithm>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "config/vpncfg/document.hpp"
#include "config/vpncfg/format.hpp"
#include "config/vpncfg/parse.hpp"

namespace causeway::config::vpncfg {
namespace {

bool says(const Block& block, std::string_view key, std::string_view value) {
    const auto* const entry = block.find(key);
    return entry != nullptr && !entry->values.empty() && entry->values.front().text == value;
}

/// Switched on, and between two networks.
bool joins_networks(const Block& connection) {
    return !says(connection, "enabled", "no") && !says(connection, "conn_type", "conntype_user") &&
           connection.find("phase2remoteid") != nullptr;
}

std::string title_of(const Block& connection) {
    const auto* const name = connection.find("name");
    return name != nullptr && !name->values.empty()
               ? "connection \"" + printable(name->values.front().text, 60) + "\""
               : "the connection";
}

}  // namespace

std::vector<Finding> what_a_box_lacks(std::string_view text, FileName file) {
    std::vector<Finding> findings;
    const auto document = recognise(text) ? parse(text) : Result<Document>(Document{});
    const auto top = document ? std::ranges::find(document->entries, "vpncfg", &Entry::name)
                              : decltype(document->entries.begin()){};
    if (!document || top == document->entries.end() || top->blocks.empty()) {
        return findings;
    }
    const auto& vpncfg = top->blocks.front();
    bool any = false;
    for (const auto& entry : vpncfg.entries) {
        for (const auto& connection : entry.blocks) {
            if (entry.name != "connections" || !joins_networks(connection)) {
                continue;
            }
            any = true;
            if (connection.find("accesslist") == nullptr) {
                findings.push_back(finding<FindingId::accesslist_not_written>(
                    Place{file, connection.at.line, connection.at.column},
                    field<"connection">(title_of(connection))));
            }
        }
    }
    // "udp 0.0.0.0:500 0.0.0.0:500" opens a port for the box's IKE program.
    const auto* const forward = vpncfg.find("ike_forward_rules");
    const auto opens = [&](std::string_view port) {
        return forward != nullptr && std::ranges::any_of(forward->values, [&](const Scalar& value) {
                   return value.text.starts_with("udp ") && value.text.ends_with(port);
               });
    };
    const bool ike = opens(":500");
    const bool nat_t = opens(":4500");
    if (any && !(ike && nat_t)) {
        const auto at = forward != nullptr ? forward->at : top->at;
        findings.push_back(
            finding<FindingId::forward_rules_incomplete>(Place{file, at.line, at.column},
                                                         field<"what">(ike     ? "UDP 500 alone"
                                                                       : nat_t ? "UDP 4500 alone"
                                                                               : "neither UDP 500 nor 4500"),
                                                         field<"port">(ike     ? "UDP 4500"
                                                                       : nat_t ? "UDP 500"
                                                                               : "UDP 500 and 4500")));
    }
    return findings;
}

}  // namespace causeway::config::vpncfg
