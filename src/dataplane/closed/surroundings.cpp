#include "dataplane/closed/surroundings.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>

#include "firewall/tunnels.hpp"
#include "host/devices.hpp"

namespace causeway::dataplane {

namespace {

using firewall::inside;

constexpr std::uint8_t single_host = 32;

bool strictly_inside(const Ipv4Net& inner, const Ipv4Net& outer) {
    return outer.prefix < inner.prefix && outer.contains(inner.network);
}

bool strictly_inside_one(const Ipv4Net& net, std::span<const Ipv4Net> remotes) {
    return std::any_of(remotes.begin(), remotes.end(),
                       [&](const Ipv4Net& remote) { return strictly_inside(net, remote); });
}

}  // namespace

Ipv4Net host_net(const IpAddress& address) {
    return {address.v4_number(), single_host};
}

bool Surroundings::is_link(const host::Route& route) const {
    return std::any_of(links.begin(), links.end(), [&](const Link& link) {
        return !route.gateway && link.net == route.destination &&
               link.device == host::device_name(route.device);
    });
}

const host::Route* Surroundings::in_the_way(const Ipv4Net& remote) const {
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const host::Route& route) {
        // NetworkManager and netifd give the routes of links a metric too: ours would hide the whole link.
        return route.destination == remote && (route.metric == 0 || is_link(route));
    });
    return found == routes.end() ? nullptr : &*found;
}

const host::Route* Surroundings::way_to(const IpAddress& address) const {
    const host::Route* best = nullptr;
    for (const host::Route& route : routes) {
        if (!route.destination.contains(address.v4_number())) {
            continue;
        }
        const bool narrower = best == nullptr || route.destination.prefix > best->destination.prefix;
        if (narrower ||
            (route.destination.prefix == best->destination.prefix && route.metric < best->metric)) {
            best = &route;
        }
    }
    return best != nullptr && !best->unreachable && best->device != 0 ? best : nullptr;
}

void find_links(Surroundings& around, std::string (*name_of)(unsigned)) {
    for (const host::Route& route : around.routes) {
        // Both are asked for: an address whose network has no route is on no link, and a route without
        // gateway that nobody's address explains may come from whoever answers DHCP (RFC 3442): it opens
        // nothing.
        const bool explained =
            std::any_of(around.addresses.begin(), around.addresses.end(), [&](const auto& local) {
                return local.device == route.device && local.network == route.destination;
            });
        if (!route.unreachable && !route.gateway && route.device != 0 && explained) {
            around.links.push_back({name_of(route.device), route.destination});
        }
    }
    std::sort(around.links.begin(), around.links.end());
    around.links.erase(std::unique(around.links.begin(), around.links.end()), around.links.end());
}

Surroundings look_around(host::Routes& routes, unsigned tunnel_device) {
    Surroundings around;
    around.addresses = routes.addresses().value_or(std::vector<host::LocalAddress>{});
    around.routes = routes.list().value_or(std::vector<host::Route>{});
    std::erase_if(around.routes, [&](const host::Route& route) {
        return route.protocol == host::route_protocol || route.device == tunnel_device;
    });
    find_links(around, host::device_name);
    return around;
}

std::vector<Link> links_inside(const Surroundings& around, std::span<const Ipv4Net> remotes) {
    std::vector<Link> found;
    for (const Link& link : around.links) {
        if (strictly_inside_one(link.net, remotes)) {
            found.push_back(link);
        }
    }
    for (const host::Route& route : around.routes) {
        if (!route.gateway || route.device == 0 || !route.gateway->is_v4() ||
            !strictly_inside_one(host_net(*route.gateway), remotes)) {
            continue;
        }
        const std::string device = host::device_name(route.device);
        if (std::any_of(around.links.begin(), around.links.end(), [&](const Link& link) {
                return link.device == device && link.net.contains(route.gateway->v4_number());
            })) {
            found.push_back({device, host_net(*route.gateway)});
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

std::vector<Link> casts_inside(const Surroundings& around, std::span<const firewall::GuardedPair> pairs) {
    std::vector<Link> found;
    for (const firewall::GuardedPair& pair : pairs) {
        for (const Ipv4Net& cast : {multicast, broadcast}) {
            for (const Link& link : around.links) {
                if (strictly_inside(cast, pair.remote) &&
                    (inside(link.net, pair.local) || inside(pair.local, link.net))) {
                    found.push_back({link.device, cast});
                }
            }
        }
    }
    return found;
}

std::vector<firewall::OuterPair> outer_pairs(const Surroundings& around,
                                             std::span<const firewall::GuardedPair> pairs,
                                             std::span<const IpAddress> peers) {
    std::vector<firewall::OuterPair> found;
    for (const IpAddress& peer : peers) {
        for (const firewall::GuardedPair& pair : pairs) {
            if (!pair.remote.contains(peer.v4_number())) {
                continue;
            }
            for (const host::LocalAddress& ours : around.addresses) {
                if (pair.local.contains(ours.address.v4_number())) {
                    found.push_back({host_net(peer), host_net(ours.address)});
                }
            }
        }
    }
    return found;
}

AddressesByNumber::AddressesByNumber(std::span<const host::LocalAddress> all) : all_(all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].address.is_v4()) {
            numbers_.emplace_back(all[i].address.v4_number(), i);
        }
    }
    std::ranges::sort(numbers_);
}

std::vector<host::LocalAddress> AddressesByNumber::in(const Ipv4Net& net) const {
    std::vector<std::size_t> places;
    for (auto at = std::ranges::lower_bound(numbers_, std::pair(net.first(), std::size_t{0}));
         at != numbers_.end() && at->first <= net.last(); ++at) {
        places.push_back(at->second);
    }
    std::ranges::sort(places);
    std::vector<host::LocalAddress> found;
    for (const std::size_t place : places) {
        found.push_back(all_[place]);
    }
    return found;
}

std::vector<Ipv4Net> that_overlap(std::span<const Ipv4Net> nets, const Ipv4Net& one) {
    std::vector<Ipv4Net> found;
    for (std::uint8_t prefix = 0; prefix < one.prefix; ++prefix) {
        Ipv4Net around{0, prefix};
        around.network = one.network & around.mask();
        if (std::ranges::binary_search(nets, around)) {
            found.push_back(around);
        }
    }
    for (auto at = std::ranges::lower_bound(nets, one.first(), {}, &Ipv4Net::network);
         at != nets.end() && at->network <= one.last(); ++at) {
        found.push_back(*at);
    }
    return found;
}

bool is_inside(std::span<const Ipv4Net> remotes, const Prefixes& prefixes, const IpAddress& host) {
    for (std::uint8_t prefix = 0; host.is_v4() && prefix <= single_host; ++prefix) {
        Ipv4Net net{0, prefix};
        net.network = host.v4_number() & net.mask();
        if (prefixes.test(prefix) && std::binary_search(remotes.begin(), remotes.end(), net)) {
            return true;
        }
    }
    return false;
}

std::vector<IpAddress> hosts_inside(std::span<const Ipv4Net> remotes, std::span<const IpAddress> hosts) {
    Prefixes prefixes;
    for (const Ipv4Net& remote : remotes) {
        prefixes.set(remote.prefix);
    }
    std::vector<IpAddress> found;
    std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(found),
                 [&](const IpAddress& host) { return is_inside(remotes, prefixes, host); });
    return found;
}

std::map<Ipv4Net, host::Route> ways_kept_open(const Surroundings& around, std::span<const Ipv4Net> remotes,
                                              std::span<const IpAddress> hosts) {
    std::map<Ipv4Net, host::Route> kept;
    const auto keep = [&](const IpAddress& host) {
        const Ipv4Net net = host_net(host);
        const bool ours = std::any_of(around.addresses.begin(), around.addresses.end(),
                                      [&](const auto& local) { return local.address == host; });
        // A tunnel to this very host has the route to it.
        if (host.is_loopback() || host.is_unspecified() || ours ||
            std::binary_search(remotes.begin(), remotes.end(), net)) {
            return;
        }
        const host::Route* way = around.way_to(host);
        const bool hidden =
            way != nullptr && std::any_of(remotes.begin(), remotes.end(), [&](const Ipv4Net& remote) {
                const bool replaced = remote == way->destination && way->metric != 0 && !around.is_link(*way);
                return remote.contains(net.network) &&
                       (replaced || strictly_inside(remote, way->destination));
            });
        if (!hidden) {
            return;
        }
        host::Route route;
        route.destination = net;
        route.device = way->device;
        route.gateway = way->gateway;
        route.source = way->source;
        kept.emplace(net, route);
    };
    std::vector<IpAddress> all(hosts.begin(), hosts.end());
    for (const host::Route& route : around.routes) {
        if (route.gateway) {
            all.push_back(*route.gateway);
        }
    }
    std::ranges::for_each(hosts_inside(remotes, all), keep);
    return kept;
}

std::string not_carried(const Surroundings& around, const Ipv4Net& remote, std::span<const Ipv4Net> locals) {
    std::string parts;
    for (const Link& link : around.links) {
        if (std::find(locals.begin(), locals.end(), link.net) != locals.end()) {
            continue;
        }
        if (link.net == remote) {
            return fmt::format("all of it ({})", link.device);
        }
        if (inside(link.net, remote)) {
            parts += fmt::format("{}{} ({})", parts.empty() ? "" : ", ", link.net.text(), link.device);
        }
    }
    return parts;
}

}  // namespace causeway::dataplane
