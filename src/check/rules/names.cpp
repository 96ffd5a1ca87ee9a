// Who calls whom, and by which name or address.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "check/kind.hpp"
#include "check/lines.hpp"
#include "check/rules/rules.hpp"
#include "config/identity.hpp"

namespace causeway::check {
namespace {

bool starts_itself(const config::Peer& peer) {
    return can_dial(peer) && std::ranges::any_of(peer.tunnels, [](const auto& tunnel) {
               return tunnel.start == config::StartAction::start;
           });
}

/// Why a side does not call: it knows no address, or its tunnel waits.
const Place& place_of_waiting(const config::Peer& peer) {
    if (!can_dial(peer) || peer.tunnels.empty()) {
        return peer.addresses.front().place;
    }
    const auto& first = peer.tunnels.front();
    return first.start_place.known() ? first.start_place : first.place;
}

/// A connection that would call with IKEv2 is kept for answering, and its reader has said so.
bool speaks_ikev2(const config::Model& model) {
    return std::ranges::any_of(model.findings,
                               [](const Finding& one) { return one.code() == Code::ike_version_differs; });
}

/// Neither side calls, or neither does before there is traffic.
void check_dialling(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    if (starts_itself(ours) || starts_itself(theirs) || speaks_ikev2(*connection.our_model) ||
        speaks_ikev2(*connection.their_model)) {
        return;
    }
    const auto line = [](const End& end, config::Schema schema) {
        return can_dial(*end.peer) ? start_line(schema) : std::string{};
    };
    const auto remedy = either(line(connection.ours, connection.our_model->schema),
                               line(connection.theirs, connection.their_model->schema));
    const std::vector<Place> places{place_of_waiting(ours), place_of_waiting(theirs)};
    if (connection.out.dials || connection.in.dials) {
        if (connection.out.dials && connection.in.dials) {
            return;  // whoever sends first calls
        }
        findings.push_back(finding<FindingId::pair_only_traffic_dials>(places, field<"connection">(ours.name),
                                                                       field<"remedy">(remedy)));
        return;
    }
    findings.push_back(finding<FindingId::pair_nobody_dials>(
        places, field<"connection">(ours.name),
        field<"remedy">(remedy.empty() ? "write the other side's name or address on one side" : remedy)));
}

/// The name a side has for itself: what is watched, else an identity that is written like a name of the DNS.
std::optional<Sourced<std::string>> own_name(const config::Peer& peer) {
    if (peer.own_name) {
        return peer.own_name->value.empty() ? std::nullopt : std::optional(*peer.own_name);
    }
    if (peer.local_id && peer.local_id->value.type == isakmp::IdType::fqdn &&
        peer.local_id->value.text().find('.') != std::string::npos) {
        return Sourced<std::string>{peer.local_id->value.text(), peer.local_id->place};
    }
    return std::nullopt;
}

/// What is called, and is not what the called side has for itself.
void check_name(const End& caller, const End& called, bool ours, const std::string& connection,
                Findings& findings) {
    const auto own = own_name(*called.peer);
    if (caller.peer->addresses.size() != 1) {
        return;  // one of several is enough
    }
    const auto& address = caller.peer->addresses.front();
    const auto places = [&](const Place& there) {
        return ours ? std::vector{address.place, there} : std::vector{there, address.place};
    };
    const std::string side = ours ? "this side" : "the other side";
    const std::string called_side = ours ? "the other side" : "this side";
    const auto* host = std::get_if<config::HostName>(&address.value);
    // Where the identity is wrong, which is told, it says nothing of the name.
    const bool wrong_identity = own && !called.peer->own_name && caller.peer->remote_id &&
                                !caller.peer->remote_id->value.admits(called.peer->local_id->value);
    if (host != nullptr && own && !wrong_identity &&
        !config::Identity::fqdn(host->name).same_as(config::Identity::fqdn(own->value))) {
        findings.push_back(finding<FindingId::pair_name_not_ours>(
            places(own->place), field<"connection">(connection), field<"caller">(side),
            field<"called">(called_side), field<"name">(host->name), field<"own">(own->value)));
    }
    if (calls_another_address(*caller.peer, *called.peer)) {
        const auto& local = *called.peer->local_address;
        findings.push_back(finding<FindingId::pair_address_not_theirs>(
            places(local.place), field<"connection">(connection), field<"caller">(side),
            field<"called">(called_side), field<"address">(config::text(address.value)),
            field<"own">(local.value.text())));
    }
}

/// What becomes of the packets that carry a tunnel whose remote network has their target.
Finding gateway_inside(const End& end, const std::string& connection,
                       const Sourced<config::PeerAddress>& address, const config::Tunnel& tunnel) {
    const std::vector<Place> places{address.place, tunnel.remote_place};
    const auto of = field<"connection">(connection);
    const auto at = field<"address">(config::text(address.value));
    const auto network = field<"network">(tunnel.remote.text());
    const auto who = field<"who">(std::string(end.manner->name));
    switch (end.manner->spares_gateway) {
        case SparesGateway::yes:
            return finding<FindingId::pair_gateway_inside_spared>(places, of, at, network);
        case SparesGateway::with_kernel_esp:
            return finding<FindingId::pair_gateway_inside_kernel>(places, of, at, network, who);
        case SparesGateway::no:
            break;
    }
    return finding<FindingId::pair_gateway_inside>(places, of, at, network, who);
}

void check_gateway(const End& end, const std::string& connection, Findings& findings) {
    for (const auto& address : end.peer->addresses) {
        const auto* fixed = std::get_if<IpAddress>(&address.value);
        if (fixed == nullptr || !fixed->is_v4()) {
            continue;
        }
        for (const auto& tunnel : end.peer->tunnels) {
            // All traffic, or half of it: who is asked for that has to spare the gateway.
            if (tunnel.remote.net.prefix > 1 && tunnel.remote.net.contains(fixed->v4_number())) {
                findings.push_back(gateway_inside(end, connection, address, tunnel));
                return;
            }
        }
    }
}

}  // namespace

void check_names(const Connection& connection, Findings& findings) {
    const auto& name = connection.ours.peer->name;
    check_dialling(connection, findings);
    check_name(connection.ours, connection.theirs, true, name, findings);
    check_name(connection.theirs, connection.ours, false, name, findings);
    check_gateways(connection, findings);
}

void check_gateways(const Connection& connection, Findings& findings) {
    check_gateway(connection.ours, connection.ours.peer->name, findings);
    check_gateway(connection.theirs, connection.ours.peer->name, findings);
}

}  // namespace causeway::check
