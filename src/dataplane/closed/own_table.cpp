#include "dataplane/closed/own_table.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "firewall/tunnels.hpp"

namespace causeway::dataplane {

namespace {

using firewall::inside;

constexpr Ipv4Net no_source_yet{0, 32};

// A rule for each pair would do. One for all of them is the same where a source is in every network's pairs,
// and the table has nothing else: what is not in it is looked up further on.
void add_rules(std::set<host::Rule>& rules, const Ipv4Net& from, std::span<const Ipv4Net> to,
               std::size_t of_all) {
    host::Rule rule{own_table_priority, own_table, from, std::nullopt, true};
    if (from.prefix == 0) {
        rule.from.reset();
    }
    if (to.size() == of_all) {
        rules.insert(rule);
        return;
    }
    for (const Ipv4Net& remote : to) {
        rule.to = remote.prefix == 0 ? std::nullopt : std::optional(remote);
        rules.insert(rule);
    }
}

std::set<host::Rule> rules_for(std::span<const Apart> apart) {
    std::map<Ipv4Net, std::vector<Ipv4Net>> remotes_of;
    for (const Apart& one : apart) {
        for (const Ipv4Net& local : one.locals) {
            remotes_of[local].push_back(one.remote);
        }
        if (one.has_source) {
            remotes_of[no_source_yet].push_back(one.remote);
        }
    }
    std::set<host::Rule> rules;
    for (const auto& [from, to] : remotes_of) {
        add_rules(rules, from, to, apart.size());
    }
    return rules;
}

}  // namespace

std::set<Ipv4Net> standing_apart(std::span<const Ipv4Net> remotes, std::span<const IpAddress> peers) {
    const std::vector<IpAddress> hidden = hosts_inside(remotes, peers);
    std::set<Ipv4Net> apart;
    for (const Ipv4Net& remote : remotes) {
        if (is_everything(remote) || std::any_of(hidden.begin(), hidden.end(), [&](const IpAddress& peer) {
                return remote.contains(peer.v4_number());
            })) {
            apart.insert(remote);
        }
    }
    return apart;
}

OwnTable lay_out(std::span<const Apart> apart, std::span<const Ipv4Net> in_main, const Surroundings& around,
                 std::span<const IpAddress> name_servers, std::span<const IpAddress> peers) {
    OwnTable table;
    const auto covered = [&](const Ipv4Net& net) {
        return std::any_of(apart.begin(), apart.end(),
                           [&](const Apart& one) { return inside(net, one.remote); });
    };
    const auto is_remote = [&](const Ipv4Net& net) {
        return std::any_of(apart.begin(), apart.end(), [&](const Apart& one) { return one.remote == net; });
    };
    const auto leave_to_main = [&](const Ipv4Net& net) {
        if (covered(net)) {
            host::Route route;
            route.destination = net;
            route.throws = true;
            route.table = own_table;
            table.throws.emplace(net, route);
        }
    };
    table.rules = rules_for(apart);
    for (const Link& link : around.links) {
        leave_to_main(link.net);
    }
    for (const Apart& one : apart) {
        for (const Ipv4Net& local : one.locals) {
            if (!is_remote(local)) {
                leave_to_main(local);
            }
        }
    }
    std::for_each(in_main.begin(), in_main.end(), leave_to_main);
    for (const host::Route& route : around.routes) {
        if (route.gateway && route.gateway->is_v4() && !is_remote(host_net(*route.gateway)) &&
            std::find(peers.begin(), peers.end(), *route.gateway) == peers.end()) {
            leave_to_main(host_net(*route.gateway));
        }
    }
    leave_to_main(multicast);
    leave_to_main(broadcast);
    const bool for_us =
        std::any_of(apart.begin(), apart.end(), [](const Apart& one) { return one.has_source; });
    for (const IpAddress& server : name_servers) {
        if (for_us && server.is_v4() && !server.is_loopback() && covered(host_net(server))) {
            table.rules.insert(
                {name_server_priority, host::main_table, no_source_yet, host_net(server), false});
        }
    }
    return table;
}

}  // namespace causeway::dataplane
