#include "check/router/interfaces.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "codec/isakmp/numbers.hpp"

namespace causeway::check {
namespace {

/// The one address that the WAN has for good; nothing: several, or none in the file.
const Sourced<IpAddress>* fixed_address(const std::vector<const Interface*>& wan) {
    return wan.size() == 1 && wan.front()->protocol == "static" && wan.front()->addresses.size() == 1
               ? &wan.front()->addresses.front()
               : nullptr;
}

bool is_address(const config::Identity& identity) {
    return identity.type == isakmp::IdType::ipv4_addr;
}

/// The peer takes whatever name we have, or knows us by the address that it sees.
bool any_will_do(const Context& context, bool behind_nat) {
    return context.theirs != nullptr &&
           std::ranges::all_of(context.theirs->peers, [&](const config::Peer& peer) {
               return peer.remote_id_any || (!peer.remote_id && !behind_nat);
           });
}

class InterfaceChecker {
 public:
    InterfaceChecker(const Network& network, const Firewall* firewall, Context& context)
        : network_(network),
          context_(context),
          wan_(wan_interfaces(network, firewall)),
          fixed_(fixed_address(wan_)) {}

    void run() {
        for (const auto& peer : context_.ours.peers) {
            identity(peer);
            nat_traversal(peer);
            callable(peer);
            for (const auto& tunnel : peer.tunnels) {
                local_network(tunnel);
            }
        }
    }

 private:
    [[nodiscard]] bool is_private() const { return fixed_ != nullptr && fixed_->value.is_private(); }

    /// The peer is in the same private network: nothing translates between.
    [[nodiscard]] static bool is_near(const config::Peer& peer) {
        return std::ranges::any_of(peer.addresses, [](const auto& one) {
            const auto* const ip = std::get_if<IpAddress>(&one.value);
            return ip != nullptr && ip->is_private();
        });
    }

    /// Our identity is an address, and not one that the peer can have in its configuration for long. An address that
    /// is private by itself shows in the configuration alone.
    void identity(const config::Peer& peer) {
        const bool by_default = !peer.local_id;
        if ((!by_default && !is_address(peer.local_id->value)) || is_near(peer)) {
            return;
        }
        const auto place = by_default ? peer.place : peer.local_id->place;
        const auto dynamic =
            std::ranges::find_if(wan_, [](const Interface* one) { return one->is_dynamic(); });
        if (dynamic != wan_.end() && wan_.size() == 1 && !any_will_do(context_, false)) {
            context_.findings.push_back(finding<FindingId::identity_changes>(
                std::vector{place, (*dynamic)->protocol_place}, field<"remote">(peer.name),
                field<"interface">((*dynamic)->name), field<"protocol">((*dynamic)->protocol)));
        } else if (by_default && is_private() && !any_will_do(context_, true)) {
            context_.findings.push_back(finding<FindingId::identity_private>(
                std::vector{place, fixed_->place}, field<"remote">(peer.name),
                field<"address">(fixed_->value.text())));
        }
    }

    /// A private WAN address is translated on the way, and ESP without UDP passes few such routers.
    void nat_traversal(const config::Peer& peer) {
        if (!is_private() || is_near(peer)) {
            return;
        }
        if (!peer.nat_traversal) {
            no_nat_traversal("remote '" + peer.name + "' of this router", peer.place);
            return;
        }
        if (context_.theirs == nullptr || said_of_theirs_) {
            return;
        }
        const auto without = std::ranges::find(context_.theirs->peers, false, &config::Peer::nat_traversal);
        if (without != context_.theirs->peers.end()) {
            said_of_theirs_ = true;
            no_nat_traversal("the peer's '" + without->name + "'", without->place);
        }
    }
    void no_nat_traversal(std::string who, const Place& place) {
        context_.findings.push_back(finding<FindingId::nat_without_traversal>(
            std::vector{place, fixed_->place}, field<"who">(std::move(who)),
            field<"address">(fixed_->value.text())));
    }

    /// Only the peer dials, and we are where nobody can call.
    void callable(const config::Peer& peer) {
        if (dials(peer) || is_near(peer)) {
            return;
        }
        const auto carrier = std::ranges::find_if(
            network_.interfaces, [](const Interface& one) { return one.is_behind_carrier(); });
        if (carrier != network_.interfaces.end() && std::ranges::none_of(wan_, [](const Interface* one) {
                return one->is_dynamic() || !one->addresses.empty();
            })) {
            context_.findings.push_back(finding<FindingId::called_behind_carrier>(
                std::vector{peer.place, carrier->protocol_place}, field<"remote">(peer.name),
                field<"what">("interface '" + carrier->name + "' is " + carrier->protocol)));
        } else if (is_private() && is_carriers(fixed_->value)) {
            context_.findings.push_back(finding<FindingId::called_behind_carrier>(
                std::vector{peer.place, fixed_->place}, field<"remote">(peer.name),
                field<"what">("the WAN address " + fixed_->value.text() + " is the provider's own")));
        } else if (is_private()) {
            // Ports may be forwarded, which no file here shows.
            context_.findings.push_back(finding<FindingId::called_behind_router>(
                std::vector{peer.place, fixed_->place}, field<"remote">(peer.name),
                field<"address">(fixed_->value.text())));
        }
    }
    /// RFC 6598.
    static bool is_carriers(const IpAddress& address) {
        constexpr Ipv4Net shared{0x64400000, 10};
        return address.is_v4() && shared.contains(address.v4_number());
    }

    void local_network(const config::Tunnel& tunnel) {
        const auto& local = tunnel.local.net;
        const Sourced<Ipv4Net>* lan = nullptr;
        for (const auto& interface : network_.interfaces) {
            const bool is_wan =
                std::ranges::any_of(wan_, [&](const Interface* one) { return one == &interface; });
            // Addresses that a DHCP server or another VPN brings are not in the file.
            if (!is_wan && interface.nets.empty() && interface.protocol != "none" &&
                interface.protocol != "dhcpv6" && !interface.is_behind_carrier()) {
                return;
            }
            for (const auto& net : interface.nets) {
                if (net.value.overlaps(local)) {
                    return;
                }
                const bool is_first =
                    lan == nullptr || (interface.name == "lan" && lan != &interface.nets.front());
                lan = !is_wan && is_first ? &net : lan;
            }
        }
        if (lan == nullptr || std::ranges::any_of(network_.routes, [&](const Ipv4Net& route) {
                return route.prefix != 0 && route.overlaps(local);
            })) {
            return;
        }
        context_.findings.push_back(finding<FindingId::local_not_here>(
            std::vector{tunnel.local_place, lan->place}, field<"network">(local.text()),
            field<"tunnel">(tunnel.name), field<"lan">(lan->value.text())));
    }

    const Network& network_;
    Context& context_;
    std::vector<const Interface*> wan_;
    const Sourced<IpAddress>* fixed_;
    bool said_of_theirs_ = false;
};

}  // namespace

std::vector<const Interface*> wan_interfaces(const Network& network, const Firewall* firewall) {
    std::vector<const Interface*> out;
    const auto* const zone = firewall == nullptr ? nullptr : firewall->wan();
    for (const auto& interface : network.interfaces) {
        const bool in_zone = zone == nullptr ? interface.name == "wan"
                                             : std::ranges::any_of(zone->networks, [&](const auto& one) {
                                                   return one.value == interface.name;
                                               });
        const bool has_ipv4 = interface.is_dynamic() || interface.protocol == "static";
        if (in_zone && has_ipv4) {
            out.push_back(&interface);
        }
    }
    return out;
}

void check_interfaces(const Network& network, const Firewall* firewall, Context& context) {
    InterfaceChecker(network, firewall, context).run();
}

}  // namespace causeway::check
