#include "dataplane/userspace/networks.hpp"

#include <algorithm>

#include "esp/mss.hpp"

namespace causeway::dataplane {

namespace {

// Before the first negotiation nothing is known of the suite. This fits every suite in UDP over 1492 octets.
constexpr std::size_t cautious_inner_mtu = 1400;

Event problem(EventCode code, std::string what, const Error& error, std::string next) {
    return {code, "", {{"what", std::move(what)}, {"why", error.text()}, {"next", std::move(next)}}};
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
    for (const Policy& policy : policies) {
        std::vector<Ipv4Net>& locals = wanted[policy.remote.net];
        if (std::find(locals.begin(), locals.end(), policy.local.net) == locals.end()) {
            locals.push_back(policy.local.net);
        }
    }
    // Closed before anything opens: guard, unreachable routes, then the routes into the tunnel. Away in the
    // opposite order.
    if (!policies.empty()) {
        apply_guard(policies, report);
    }
    for (const auto& [remote, locals] : wanted) {
        if (!destinations_.contains(remote)) {
            CAUSEWAY_CHECK(routes_.put(unreachable(remote)));
        }
        destinations_[remote].locals = locals;
    }
    const Surroundings around = look_around();
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
            if (auto done = routes_.remove(*at->second.through_tunnel); !done) {
                report(problem(EventCode::route_failed, "a route could not be removed", done.error(),
                               "remove it by hand"));
            }
        }
        if (auto done = routes_.remove(unreachable(at->first)); !done) {
            report(problem(EventCode::route_failed, "a route could not be removed", done.error(),
                           "remove it by hand"));
        }
        at = destinations_.erase(at);
    }
    if (policies.empty()) {
        apply_guard(policies, report);
    }
    if (!taken_over_) {
        taken_over_ = true;
        CAUSEWAY_CHECK(take_over(report));
    }
    return {};
}

// An earlier run that was killed left unreachable routes. Those of today's list were taken over by placing
// them again; the others belong to tunnels that are no longer configured.
Result<void> Networks::take_over(const Reporter& report) {
    for (const host::Route& route : CAUSEWAY_TRY(routes_.list())) {
        const bool ours = route.protocol == host::route_protocol && route.unreachable &&
                          route.metric == host::highest_metric;
        if (!ours || destinations_.contains(route.destination)) {
            continue;
        }
        if (auto done = routes_.remove(route); !done) {
            report(problem(EventCode::route_failed, "a route of an earlier run could not be removed",
                           done.error(), "remove it by hand"));
        }
    }
    return {};
}

void Networks::apply_guard(std::span<const Policy> policies, const Reporter& report) {
    host::Guard wanted{guard_table_, device_name_, {}};
    for (const Policy& policy : policies) {
        wanted.pairs.push_back({policy.local.net, policy.remote.net});
    }
    if (guard_ && guard_->pairs == wanted.pairs) {
        return;
    }
    const std::optional<std::string> nft = host::find_nft();
    if (!nft) {
        if (!nft_missing_reported_ && !policies.empty()) {
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
        policies.empty() ? host::render_guard_removal(guard_table_) : host::render_guard(wanted);
    if (auto done = host::run_nft(*nft, script); !done) {
        guard_.reset();
        report(problem(EventCode::firewall_failed, "the firewall cannot guard the tunnels' networks",
                       done.error(), "the unreachable routes alone keep packets from leaving in clear"));
        return;
    }
    guard_ = std::move(wanted);
}

Networks::Surroundings Networks::look_around() {
    Surroundings around;
    around.addresses = routes_.addresses().value_or(std::vector<host::LocalAddress>{});
    for (const host::Route& route : routes_.list().value_or(std::vector<host::Route>{})) {
        if (route.metric == 0 && route.protocol != host::route_protocol && route.device != device_) {
            around.foreign.try_emplace(route.destination, route);
        }
    }
    return around;
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
    if (destination.through_tunnel == route) {
        return;
    }
    // A route of somebody else's to the same network would be replaced by ours: it is left alone, and said.
    const auto other = around.foreign.find(remote);
    if (!destination.through_tunnel && other != around.foreign.end()) {
        const bool everything = remote.prefix == 0;
        return report(
            {EventCode::route_failed,
             "",
             {{"what", "the route to " + remote.text() + " was not placed"},
              {"why", "there is one already: " + other->second.text()},
              {"next", everything
                           ? "the tunnel's own packets need it; name the remote networks one by one"
                           : "remove it; until then nothing reaches that network through the tunnel"}}});
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
        return place(remote, destination, look_around(), report);
    }
    host::Route route = *destination.through_tunnel;
    set_mtu(route, octets);
    put(destination, route, report);
}

void Networks::refresh(const Reporter& report) {
    const Surroundings around = look_around();
    for (auto& [remote, destination] : destinations_) {
        destination.through_tunnel.reset();
        if (auto done = routes_.put(unreachable(remote)); !done) {
            report(problem(EventCode::route_failed, "the unreachable route was not placed", done.error(),
                           "trying again with the next change of addresses"));
        }
        place(remote, destination, around, report);
    }
}

}  // namespace causeway::dataplane
