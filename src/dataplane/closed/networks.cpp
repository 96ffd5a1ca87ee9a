#include "dataplane/closed/networks.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "esp/mss.hpp"
#include "host/nft.hpp"
#include "host/nft_chains.hpp"

namespace causeway::dataplane {

namespace {

// Before the first negotiation nothing is known of the suite. This fits every suite in UDP over 1492 octets.
constexpr std::size_t cautious_inner_mtu = 1400;

Event problem(EventCode code, std::string what, const Error& error, std::string next) {
    return {code, "", {{"what", std::move(what)}, {"why", error.text()}, {"next", std::move(next)}}};
}

// Somebody masquerades, or may: connections are tracked for him already.
bool others_change_sources(const std::string& own_table) {
    const auto chains = host::nft_chains();
    return chains && std::any_of(chains->begin(), chains->end(), [&](const host::NftChain& chain) {
               return chain.type == "nat" && chain.hook == host::NftHook::postrouting &&
                      (chain.family == "ip" || chain.family == "inet") && chain.table != own_table;
           });
}

void set_mtu(host::Route& route, std::size_t inner_mtu) {
    const std::size_t mtu = inner_mtu != 0 ? inner_mtu : cautious_inner_mtu;
    route.mtu = static_cast<unsigned>(mtu);
    route.advmss = esp::mss_for(mtu);
}

}  // namespace

Result<Networks> Networks::open(unsigned device, std::string device_name, std::string guard_table) {
    Networks networks(CAUSEWAY_TRY(host::Routes::open()));
    networks.device_ = device;
    networks.device_name_ = std::move(device_name);
    networks.guard_table_ = std::move(guard_table);
    return networks;
}

host::Route Networks::unreachable(const Ipv4Net& remote) {
    host::Route route;
    route.destination = remote;
    route.metric = host::highest_metric;
    route.unreachable = true;
    return route;
}

Result<void> Networks::apply(std::span<const Policy> policies, const Reporter& report) {
    std::map<Ipv4Net, std::vector<Ipv4Net>> wanted;
    pairs_.clear();
    for (const Policy& policy : policies) {
        pairs_.push_back({policy.local.net, policy.remote.net});
        std::vector<Ipv4Net>& locals = wanted[policy.remote.net];
        if (std::find(locals.begin(), locals.end(), policy.local.net) == locals.end()) {
            locals.push_back(policy.local.net);
        }
    }
    remotes_.clear();
    for (const auto& [remote, locals] : wanted) {
        remotes_.push_back(remote);
    }
    const Surroundings around = look_around(routes_, device_);
    // Closed before anything opens: guard, unreachable routes, then the routes into the tunnel. Away in the
    // opposite order.
    if (!policies.empty()) {
        apply_guard(around, report);
    }
    for (const auto& [remote, locals] : wanted) {
        if (!destinations_.contains(remote)) {
            CAUSEWAY_CHECK(routes_.put(unreachable(remote)));
        }
        destinations_[remote].locals = locals;
    }
    for (auto& [remote, destination] : destinations_) {
        if (wanted.contains(remote)) {
            place(remote, destination, around, report);
        }
    }
    for (auto at = destinations_.begin(); at != destinations_.end();) {
        if (wanted.contains(at->first)) {
            ++at;
            continue;
        }
        if (at->second.through_tunnel) {
            remove(*at->second.through_tunnel, report);
        }
        remove(unreachable(at->first), report);
        at = destinations_.erase(at);
    }
    keep_ways_open(around, report);
    say_what_is_left_out(around, report);
    if (policies.empty()) {
        apply_guard(around, report);
    }
    if (!taken_over_) {
        taken_over_ = true;
        CAUSEWAY_CHECK(take_over(report));
    }
    return {};
}

void Networks::remove(const host::Route& route, const Reporter& report) {
    if (auto done = routes_.remove(route); !done) {
        report(problem(EventCode::route_failed, "a route could not be removed", done.error(),
                       "remove it by hand"));
    }
}

// An earlier run that was killed left unreachable routes, and those to single hosts. Those of today were
// taken over by placing them again; the others belong to what is no longer configured.
Result<void> Networks::take_over(const Reporter& report) {
    for (const host::Route& route : CAUSEWAY_TRY(routes_.list())) {
        const bool closed = route.unreachable && route.metric == host::highest_metric;
        const bool to_a_host = !route.unreachable && route.device != device_;
        if (route.protocol != host::route_protocol || (!closed && !to_a_host) ||
            (closed && destinations_.contains(route.destination)) ||
            (to_a_host && kept_open_.contains(route.destination))) {
            continue;
        }
        if (auto done = routes_.remove(route); !done) {
            report(problem(EventCode::route_failed, "a route of an earlier run could not be removed",
                           done.error(), "remove it by hand"));
        }
    }
    return {};
}

void Networks::apply_guard(const Surroundings& around, const Reporter& report) {
    firewall::Guard wanted;
    wanted.table = guard_table_;
    wanted.device = device_name_;
    wanted.pairs = pairs_;
    wanted.on_link = links_inside(around, remotes_);
    wanted.exempt_from_nat = others_change_sources(guard_table_);
    if (guard_ == wanted) {
        return;
    }
    const std::optional<std::string> nft = host::find_nft();
    if (!nft) {
        if (!nft_missing_reported_ && !pairs_.empty()) {
            nft_missing_reported_ = true;
            report({EventCode::firewall_failed,
                    "",
                    {{"what", "the firewall cannot guard the tunnels' networks"},
                     {"why", "nft is not installed"},
                     {"next", "the unreachable routes alone keep packets from leaving in clear"}}});
        }
        return;
    }
    const std::string script =
        pairs_.empty() ? firewall::render_guard_removal(guard_table_) : firewall::render_guard(wanted);
    if (auto done = host::run_nft(*nft, script); !done) {
        guard_.reset();
        report(problem(EventCode::firewall_failed, "the firewall cannot guard the tunnels' networks",
                       done.error(), "the unreachable routes alone keep packets from leaving in clear"));
        return;
    }
    guard_ = std::move(wanted);
}

void Networks::keep_reachable(std::vector<IpAddress> hosts, const Reporter& report) {
    if (reachable_ == hosts) {
        return;
    }
    // Most peers lie in nobody's network, and the system's tables are long where there are many.
    const bool matters = hosts_inside(remotes_, reachable_) != hosts_inside(remotes_, hosts);
    reachable_ = std::move(hosts);
    if (matters) {
        keep_ways_open(look_around(routes_, device_), report);
    }
}

void Networks::keep_ways_open(const Surroundings& around, const Reporter& report) {
    auto wanted = ways_kept_open(around, remotes_, reachable_);
    for (const auto& [net, route] : kept_open_) {
        if (!wanted.contains(net)) {
            remove(route, report);
        }
    }
    for (const auto& [net, route] : wanted) {
        const auto before = kept_open_.find(net);
        const bool fresh = before == kept_open_.end() || before->second != route;
        if (auto done = routes_.put(route); !done && fresh) {
            report(problem(EventCode::route_failed, "a host inside a remote network stays out of reach",
                           done.error(), "retrying with the next change of addresses"));
        }
    }
    kept_open_ = std::move(wanted);
}

void Networks::say_what_is_left_out(const Surroundings& around, const Reporter& report) {
    for (auto& [remote, destination] : destinations_) {
        std::string left_out = dataplane::not_carried(around, remote, destination.locals);
        if (std::exchange(destination.left_out, left_out) != left_out && !left_out.empty()) {
            report({EventCode::network_not_carried, "", {{"what", not_carried(remote)}}});
        }
    }
}

std::string Networks::not_carried(const Ipv4Net& remote) const {
    const auto at = destinations_.find(remote);
    if (at == destinations_.end() || at->second.left_out.empty()) {
        return "";
    }
    return fmt::format(
        "of {} this is directly connected here: {}; packets for it go there, not through the "
        "tunnel; renumber one of the two networks, or name a narrower remote network",
        remote.text(), at->second.left_out);
}

void Networks::place(const Ipv4Net& remote, Destination& destination, const Surroundings& around,
                     const Reporter& report) {
    host::Route route;
    route.destination = remote;
    route.device = device_;
    set_mtu(route, destination.inner_mtu);
    for (const Ipv4Net& local : destination.locals) {
        route.source = host::address_in(around.addresses, local, device_);
        if (route.source) {
            break;
        }
    }
    const host::Route* other = around.in_the_way(remote);
    if (other != nullptr && around.is_link(*other)) {
        // The whole network is on a link elsewhere (say_what_is_left_out() says so). Ours would hide the
        // link; it may be older, and then stands before it.
        host::Route ours;
        ours.destination = remote;
        ours.device = device_;
        destination.through_tunnel.reset();
        return remove(ours, report);
    }
    if (destination.through_tunnel == route) {
        return;
    }
    // A route of somebody else's to the same network would be replaced by ours: it is left alone, and said.
    if (other != nullptr && !destination.through_tunnel) {
        return report(
            {EventCode::route_failed,
             "",
             {{"what", "the route to " + remote.text() + " was not placed"},
              {"why", "there is one already: " + other->text()},
              {"next", remote.prefix == 0
                           ? "the tunnel's own packets need it; name the remote networks one by one"
                           : "it is left alone, and nothing reaches that network through the tunnel; if it "
                             "serves no purpose of yours, remove it"}}});
    }
    put(destination, route, report);
}

void Networks::put(Destination& destination, const host::Route& route, const Reporter& report) {
    if (auto done = routes_.put(route); !done) {
        destination.through_tunnel.reset();
        report(problem(EventCode::route_failed, "the route into the tunnel was not placed", done.error(),
                       "nothing reaches that network until the next change of addresses"));
        return;
    }
    destination.through_tunnel = route;
}

void Networks::set_inner_mtu(const Ipv4Net& remote, std::size_t octets, const Reporter& report) {
    const auto at = destinations_.find(remote);
    if (at == destinations_.end() || at->second.inner_mtu == octets) {
        return;
    }
    Destination& destination = at->second;
    destination.inner_mtu = octets;
    if (!destination.through_tunnel) {
        return place(remote, destination, look_around(routes_, device_), report);
    }
    host::Route route = *destination.through_tunnel;
    set_mtu(route, octets);
    put(destination, route, report);
}

void Networks::refresh(const Reporter& report) {
    const Surroundings around = look_around(routes_, device_);
    apply_guard(around, report);
    for (auto& [remote, destination] : destinations_) {
        destination.through_tunnel.reset();
        if (auto done = routes_.put(unreachable(remote)); !done) {
            report(problem(EventCode::route_failed, "the unreachable route was not placed", done.error(),
                           "retrying with the next change of addresses"));
        }
        place(remote, destination, around, report);
    }
    keep_ways_open(around, report);
    say_what_is_left_out(around, report);
}

}  // namespace causeway::dataplane
