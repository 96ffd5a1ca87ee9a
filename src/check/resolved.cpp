#include "check/resolved.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "config/own_name.hpp"

namespace causeway::check {
namespace {

/// In the house itself a private address is the right one.
bool inside(const config::Peer& peer, const IpAddress& address) {
    return address.is_v4() && std::ranges::any_of(peer.tunnels, [&](const auto& tunnel) {
               return tunnel.local.net.contains(address.v4_number());
           });
}

void check_name(const config::Peer& peer, const Sourced<config::PeerAddress>& address,
                const NameAnswers& answers, std::vector<Finding>& findings) {
    const auto* host = std::get_if<config::HostName>(&address.value);
    const auto answer = host != nullptr ? answers.find(host->name) : answers.end();
    if (answer == answers.end()) {
        return;
    }
    const auto& found = answer->second.addresses;
    if (found.empty()) {
        findings.push_back(finding<FindingId::resolved_to_nothing>(
            address.place, field<"connection">(peer.name), field<"name">(host->name),
            field<"why">(answer->second.error)));
        return;
    }
    if (std::ranges::none_of(found, &IpAddress::is_v4)) {
        findings.push_back(finding<FindingId::resolved_to_ipv6>(address.place, field<"connection">(peer.name),
                                                                field<"name">(host->name),
                                                                field<"address">(found.front().text())));
        return;
    }
    const auto hidden = std::ranges::find_if(
        found, [&](const IpAddress& one) { return one.is_private() && !inside(peer, one); });
    if (hidden != found.end() && std::ranges::all_of(found, &IpAddress::is_private)) {
        findings.push_back(finding<FindingId::resolved_to_private>(
            address.place, field<"connection">(peer.name), field<"name">(host->name),
            field<"address">(hidden->text())));
    }
}

}  // namespace

std::vector<std::string> names_in(const config::Model& model) {
    std::set<std::string> names;
    for (const auto& peer : model.peers) {
        for (const auto& address : peer.addresses) {
            if (const auto* host = std::get_if<config::HostName>(&address.value)) {
                names.insert(host->name);
            }
        }
        if (auto own = config::own_name_of(peer)) {
            names.insert(std::move(*own));
        }
    }
    return {names.begin(), names.end()};
}

void check_answers(const config::Model& model, const NameAnswers& answers, std::vector<Finding>& findings) {
    for (const auto& peer : model.peers) {
        for (const auto& address : peer.addresses) {
            check_name(peer, address, answers, findings);
        }
    }
}

}  // namespace causeway::check
