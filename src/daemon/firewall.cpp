#include "daemon/firewall.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "host/devices.hpp"
#include "host/legacy_iptables.hpp"
#include "host/sysctl.hpp"

namespace causeway::daemon {

namespace {

/// Where all peers are, when none of them may be elsewhere tomorrow.
std::vector<IpAddress> fixed_peers(const config::Model& model) {
    std::vector<IpAddress> fixed;
    for (const config::Peer& peer : model.peers) {
        if (peer.addresses.empty()) {
            return {};
        }
        for (const auto& address : peer.addresses) {
            const auto* known = std::get_if<IpAddress>(&address.value);
            if (known == nullptr || known->is_unspecified()) {
                return {};
            }
            fixed.push_back(*known);
        }
    }
    firewall::sort_unique(fixed);
    return fixed;
}

firewall::Openings openings_of(const config::Model& model, const std::string& device) {
    firewall::Openings openings;
    openings.device = device;
    for (const config::Peer& peer : model.peers) {
        for (const config::Tunnel& tunnel : peer.tunnels) {
            openings.pairs.push_back({tunnel.local.net, tunnel.remote.net});
        }
    }
    firewall::sort_unique(openings.pairs);
    openings.peers = fixed_peers(model);
    return openings;
}

bool is_fw4(const host::NftChain& chain) {
    return chain.family == "inet" && chain.table == "fw4" && chain.name == "forward";
}

/// Others than this machine: their packets are forwarded.
bool has_hosts(const Ipv4Net& local) {
    return local.prefix < 32;
}

/// A host of the network that is not ours.
IpAddress some_host(const Ipv4Net& net) {
    // The first address is often the router's own; which one it is makes no difference to a rule by network.
    return IpAddress::v4(net.prefix >= 31 ? net.network : net.network + 2);
}

}  // namespace

Firewall::Firewall(ParentLink& parent, std::string device, std::string guard_table)
    : parent_(parent), device_(std::move(device)), guard_table_(std::move(guard_table)) {}

config::Firewall Firewall::chosen(const config::Model& model, Programs programs) const {
    if (model.options.firewall != config::Firewall::automatic) {
        return model.options.firewall;
    }
    const auto chains = host::nft_chains().value_or(std::vector<host::NftChain>{});
    if (std::any_of(chains.begin(), chains.end(), is_fw4)) {
        return config::Firewall::fw4;
    }
    return programs.nft || !programs.iptables ? config::Firewall::nftables : config::Firewall::iptables;
}

void Firewall::apply(const config::Model& model) {
    const Programs programs = parent_.programs();
    const config::Firewall kind = chosen(model, programs);
    if (kind != kind_) {
        remove();
    }
    firewall::Openings openings = openings_of(model, device_);
    if (kind == config::Firewall::iptables && !programs.nft) {
        for (const firewall::GuardedPair& pair : openings.pairs) {
            const bool holds_ours = std::any_of(openings.pairs.begin(), openings.pairs.end(),
                                                [&](const firewall::GuardedPair& other) {
                                                    return firewall::inside(other.local, pair.remote);
                                                });
            if (!holds_ours) {
                openings.closed.push_back(pair);
            }
        }
    }
    place(kind, openings, model.options.zone);
}

void Firewall::place(config::Firewall kind, const firewall::Openings& openings, const std::string& zone) {
    kind_ = kind;
    if (kind != config::Firewall::fw4 && kind != config::Firewall::iptables) {
        return;
    }
    auto placed = parent_.place_openings(kind, openings, zone);
    if (!placed) {
        return failed(placed.error().text());
    }
    placed_ = std::move(placed->text);
    zone_ = zone;
    zone_forwards_ = placed->zone_forwards;
    if (placed->failure.empty()) {
        failure_.clear();
    } else {
        failed(std::move(placed->failure));
    }
}

void Firewall::apply_again(const config::Model& model) {
    if (kind_ != config::Firewall::off) {
        apply(model);
    }
}

void Firewall::remove() {
    place(kind_, firewall::Openings{device_, {}, {}, {}, 0}, "");
    kind_ = config::Firewall::off;
    zone_.clear();
    placed_.clear();
}

void Firewall::failed(std::string why) {
    if (std::exchange(failure_, why) == why || !on_report) {
        return;
    }
    on_report(
        {EventCode::firewall_failed,
         {},
         {{"what", "the firewall was not opened for the tunnels"},
          {"why", std::move(why)},
          {"next", "open it by hand: UDP 500 and 4500 and ESP come in, LAN and tunnel are forwarded"}}});
}

firewall::Ruleset Firewall::rules_of_others() {
    const auto chains = host::nft_chains();
    all_read_ = chains && host::legacy_filter() == host::LegacyRules::none;
    std::set<std::pair<std::string, std::string>> tables;
    for (const host::NftChain& chain : chains.value_or(std::vector<host::NftChain>{})) {
        if (chain.type == "filter" && chain.hook == host::NftHook::forward && !chain.family.empty() &&
            chain.table != guard_table_) {
            tables.emplace(chain.family, chain.table);
        }
    }
    std::string listing;
    for (const auto& [family, table] : tables) {
        const auto listed = parent_.list_table(family, table).value_or("");
        all_read_ = all_read_ && !listed.empty();
        listing += listed;
    }
    return firewall::parse_ruleset(listing, guard_table_);
}

// The first one is told; lamps are for each tunnel.
std::optional<Finding> Firewall::who_refuses(const config::Model& model, const firewall::Ruleset& ruleset,
                                             host::Routes& routes) {
    if (ruleset.chains.empty()) {
        return std::nullopt;
    }
    const auto addresses = routes.addresses().value_or(std::vector<host::LocalAddress>{});
    std::optional<Finding> first;
    for (const config::Peer& peer : model.peers) {
        for (const config::Tunnel& tunnel : peer.tunnels) {
            const auto ours = std::find_if(addresses.begin(), addresses.end(), [&](const auto& address) {
                return address.address.is_v4() && tunnel.local.net.contains(address.address.v4_number());
            });
            const std::string lan = ours == addresses.end() ? "" : host::device_name(ours->device);
            const IpAddress here = some_host(tunnel.local.net);
            const IpAddress there = some_host(tunnel.remote.net);
            auto refusal = firewall::refusal_of(ruleset, {lan, device_, here, there});
            const bool outwards = refusal.has_value();
            if (!refusal) {
                refusal = firewall::refusal_of(ruleset, {device_, lan, there, here});
            }
            if (!refusal) {
                continue;
            }
            refused_.insert({tunnel.local.net, tunnel.remote.net});
            if (!first) {
                first = finding<FindingId::forwarding_refused>(
                    Place{}, field<"where">(refusal->where), field<"rule">(refusal->rule),
                    field<"from">(outwards ? tunnel.local.net.text() : tunnel.remote.net.text()),
                    field<"to">(outwards ? tunnel.remote.net.text() : tunnel.local.net.text()),
                    field<"device">(device_));
            }
        }
    }
    return first;
}

std::vector<Finding> Firewall::find_obstacles(const config::Model& model, host::Routes& routes) {
    std::vector<Finding> found;
    refused_.clear();
    all_read_ = false;
    const bool for_hosts = std::any_of(model.peers.begin(), model.peers.end(), [](const config::Peer& peer) {
        return std::any_of(peer.tunnels.begin(), peer.tunnels.end(),
                           [](const config::Tunnel& tunnel) { return has_hosts(tunnel.local.net); });
    });
    forwarding_ = host::read_sysctl(host::SystemFile::ip_forward) != "0";
    if (for_hosts && !forwarding_) {
        found.push_back(finding<FindingId::nothing_is_forwarded>(Place{}));
    }
    if (for_hosts) {
        if (auto refused = who_refuses(model, rules_of_others(), routes)) {
            found.push_back(std::move(*refused));
        }
    }
    return found;
}

status::FirewallLamp Firewall::lamp(const Ipv4Net& local, const Ipv4Net& remote) const {
    if (has_hosts(local) && (!forwarding_ || refused_.contains({local, remote}))) {
        return status::FirewallLamp::blocked;
    }
    const bool known = (all_read_ || !has_hosts(local)) && failure_.empty();
    return known ? status::FirewallLamp::open : status::FirewallLamp::unknown;
}

void Firewall::look(const config::Model& model, host::Routes& routes) {
    std::vector<Finding> found = find_obstacles(model, routes);
    for (const Finding& one : found) {
        if (std::find(obstacles_.begin(), obstacles_.end(), one) == obstacles_.end() && on_report) {
            on_report({EventCode::forwarding_obstacle, {}, {{"text", one.sentence()}}});
        }
    }
    obstacles_ = std::move(found);
}

std::vector<std::string> Firewall::rules() const {
    std::string text = parent_.list_table("ip", guard_table_).value_or("");
    text += placed_;
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string& line = lines.emplace_back();
        for (const char c : std::string_view(text).substr(begin, end - begin)) {
            line += c == '\t' ? std::string(4, ' ') : std::string(1, c);
        }
        begin = end + 1;
    }
    return lines;
}

std::string Firewall::text() const {
    switch (kind_) {
        case config::Firewall::fw4:
            return zone_forwards_ ? fmt::format("fw4, zone {}", zone_) : "fw4";
        case config::Firewall::iptables:
            return "iptables";
        case config::Firewall::nftables:
            return "nftables";
        case config::Firewall::automatic:
        case config::Firewall::off:
            break;
    }
    return "off";
}

}  // namespace causeway::daemon
