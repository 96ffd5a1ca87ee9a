#include "dataplane/closed/networks.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <utility>
#include <vector>

#include "dataplane/closed/route_state.hpp"
#include "esp/mss.hpp"
#include "host/devices.hpp"
#include "host/nft.hpp"
#include "host/nft_chains.hpp"
#include "host/packet_mark.hpp"

namespace causeway::dataplane {

namespace {

bool inside_one_of(const Ipv4Net& net, std::span<const Ipv4Net> others) {
    return std::ranges::any_of(others, [&](const Ipv4Net& other) { return firewall::inside(net, other); });
}

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

/// Places the guard with the program on this machine.
GuardPlacer placer_here(const std::string& table) {
    return [table](const firewall::Guard* guard) -> Result<void> {
        const std::optional<std::string> nft = host::find_nft();
        if (!nft) {
            return fail(Errc::not_found, "nft is not installed");
        }
        return host::run_nft(*nft,
                             guard ? firewall::render_guard(*guard) : firewall::render_guard_removal(table));
    };
}

void set_mtu(host::Route& route, std::size_t inner_mtu) {
    const std::size_t mtu = inner_mtu != 0 ? inner_mtu : cautious_inner_mtu;
    route.mtu = static_cast<unsigned>(mtu);
    route.advmss = esp::mss_for(mtu);
}

}  // namespace

Result<Networks> Networks::open(unsigned device, std::string device_name, std::string guard_table,
                                GuardPlacer place_guard) {
    Networks networks(CAUSEWAY_TRY(host::Routes::open()));
    networks.device_ = device;
    networks.device_name_ = std::move(device_name);
    networks.guard_table_ = std::move(guard_table);
    networks.place_guard_ = place_guard ? std::move(place_guard) : placer_here(networks.guard_table_);
    return networks;
}

host::Route Networks::unreachable(const Ipv4Net& remote, std::uint32_t table) {
    host::Route route;
    route.destination = remote;
    route.metric = host::highest_metric;
    route.unreachable = true;
    route.table = table;
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
    std::erase_if(called_from_, [&](const Ipv4Net& net) { return !wanted.contains(net); });
    const Surroundings around = look_around(routes_, device_);
    // Closed before anything opens: guard, unreachable routes, then the routes into the tunnel. Away in the
    // opposite order.
    if (!policies.empty()) {
        apply_guard(around, report);
    }
    std::map<Ipv4Net, Destination> gone;
    for (auto at = destinations_.begin(); at != destinations_.end();) {
        const auto next = std::next(at);
        if (!wanted.contains(at->first)) {
            gone.insert(destinations_.extract(at));
        }
        at = next;
    }
    for (auto& [remote, locals] : wanted) {
        destinations_[remote].locals = std::move(locals);
    }
    CAUSEWAY_CHECK(settle(around, report));
    for (const auto& [remote, destination] : gone) {
        if (destination.through_tunnel) {
            remove(*destination.through_tunnel, report);
        }
        remove(unreachable(remote, destination.table), report);
    }
    if (policies.empty()) {
        apply_guard(around, report);
    }
    if (!taken_over_) {
        taken_over_ = true;
        CAUSEWAY_CHECK(take_over(report));
    }
    return {};
}

// Routes and rules as they have to be for the list, the peers and the surroundings of now. What a network has
// in the table that it leaves goes last: it is routed, or closed, all the time.
Result<void> Networks::settle(const Surroundings& around, const Reporter& report) {
    std::vector<Leftover> left;
    CAUSEWAY_CHECK(choose_tables(around, left));
    OwnTable wanted = own_table_now(around);
    for (auto& [remote, destination] : destinations_) {
        place(remote, destination, around, report);
    }
    put_own_table(wanted, report);
    for (const Leftover& one : left) {
        if (one.through_tunnel) {
            remove(*one.through_tunnel, report);
        }
        remove(unreachable(one.remote, one.table), report);
    }
    clear_own_table(own_, wanted, report);
    own_ = std::move(wanted);
    keep_ways_open(around, report);
    say_what_is_left_out(around, report);
    say_what_ipv6_does(report);
    return {};
}

Result<void> Networks::choose_tables(const Surroundings& around, std::vector<Leftover>& left) {
    std::set<Ipv4Net> apart = standing_apart(remotes_, peers_);
    apart.insert(called_from_.begin(), called_from_.end());
    const AddressesByNumber ours(around.addresses);
    in_main_.clear();
    prefixes_.reset();
    for (auto& [remote, destination] : destinations_) {
        const std::uint32_t table = apart.contains(remote) ? own_table : host::main_table;
        if (table == host::main_table) {
            in_main_.push_back(remote);
            prefixes_.set(remote.prefix);
        }
        destination.source.reset();
        for (const Ipv4Net& local : destination.locals) {
            if ((destination.source = host::address_in(ours.in(local), local, device_))) {
                break;
            }
        }
        if (destination.table == table) {
            continue;
        }
        CAUSEWAY_CHECK(routes_.put(unreachable(remote, table)));
        if (destination.table != 0) {
            left.push_back(
                {remote, destination.table, std::exchange(destination.through_tunnel, std::nullopt)});
        }
        destination.table = table;
    }
    return {};
}

OwnTable Networks::own_table_now(const Surroundings& around) const {
    std::vector<Apart> apart;
    for (const auto& [remote, destination] : destinations_) {
        if (destination.table == own_table) {
            apart.push_back({remote, destination.locals, destination.source.has_value()});
        }
    }
    return lay_out(apart, in_main_, around, reachable_, peers_);
}

void Networks::put_own_table(const OwnTable& wanted, const Reporter& report) {
    const auto say = [&](const auto& done) {
        if (!done) {
            report(problem(EventCode::route_failed, "the tunnels' own routing table is not complete",
                           done.error(), "retrying with the next change of addresses"));
        }
    };
    for (const auto& [net, route] : wanted.throws) {
        if (!own_.throws.contains(net)) {
            say(routes_.put(route));
        }
    }
    for (const host::Rule& rule : wanted.rules) {
        if (!own_.rules.contains(rule)) {
            say(routes_.put(rule));
        }
    }
}

void Networks::clear_own_table(const OwnTable& before, const OwnTable& wanted, const Reporter& report) {
    for (const host::Rule& rule : before.rules) {
        if (wanted.rules.contains(rule)) {
            continue;
        }
        if (auto done = routes_.remove(rule); !done) {
            report(problem(EventCode::route_failed, "a rule of ours could not be removed", done.error(),
                           "remove it by hand"));
        }
    }
    for (const auto& [net, route] : before.throws) {
        if (!wanted.throws.contains(net)) {
            remove(route, report);
        }
    }
}

void Networks::remove(const host::Route& route, const Reporter& report) {
    if (auto done = routes_.remove(route); !done) {
        report(problem(EventCode::route_failed, "a route could not be removed", done.error(),
                       "remove it by hand"));
    }
}

// An earlier run that was killed left unreachable routes, those to single hosts, and its rules. Those of today
// were taken over by placing them again; the others belong to what is no longer configured.
Result<void> Networks::take_over(const Reporter& report) {
    const std::vector<host::Rule> rules = CAUSEWAY_TRY(routes_.rules());
    clear_own_table({{rules.begin(), rules.end()}, {}}, own_, report);
    take_over_table(host::main_table, report);
    take_over_table(own_table, report);
    return {};
}

void Networks::take_over_table(std::uint32_t table, const Reporter& report) {
    for (const host::Route& route : routes_.list(table).value_or(std::vector<host::Route>{})) {
        const auto at = destinations_.find(route.destination);
        bool todays = false;
        if (route.throws) {
            todays = own_.throws.contains(route.destination);
        } else if (route.unreachable) {
            todays = route.metric != host::highest_metric ||
                     (at != destinations_.end() && at->second.table == table);
        } else {
            todays = route.device == device_ || kept_open_.contains(route.destination);
        }
        if (route.protocol == host::route_protocol && !todays) {
            remove(route, report);
        }
    }
}

// Linux asks for the way back of what arrives, without a mark: for ESP of a peer inside the remote network, at
// an address of ours inside the local one, that is the tunnel, and with rp_filter 1 the packet is dropped.
void Networks::say_who_drops_esp(const std::vector<firewall::OuterPair>& outer, const Reporter& report) {
    if (rp_filter_reported_) {
        return;
    }
    for (const firewall::OuterPair& pair : outer) {
        const IpAddress peer = IpAddress::v4(pair.remote.network);
        const auto path = routes_.lookup(peer);
        const std::string device = path ? host::device_name(path->device) : "";
        if (!path || path->source.v4_number() != pair.local.network ||
            host::reverse_path_filter(device) != 1) {
            continue;
        }
        rp_filter_reported_ = true;
        std::string key = device;  // sysctl(8) takes a slash for the dot in a name
        std::replace(key.begin(), key.end(), '.', '/');
        report({EventCode::route_failed,
                "",
                {{"what", fmt::format("packets of the peer {} do not arrive", peer.text())},
                 {"why", fmt::format("its address lies inside the remote network, and rp_filter of {} is 1",
                                     device)},
                 {"next", fmt::format("sysctl -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.{}.rp_filter=2",
                                      key)}}});
        return;
    }
}

void Networks::apply_guard(const Surroundings& around, const Reporter& report) {
    firewall::Guard wanted;
    wanted.table = guard_table_;
    wanted.device = device_name_;
    wanted.pairs = pairs_;
    wanted.on_link = links_inside(around, remotes_);
    wanted.exempt_from_nat = others_change_sources(guard_table_);
    wanted.kernel_encrypts = kernel_encrypts_;
    const std::vector<Link> casts = casts_inside(around, pairs_);
    wanted.on_link.insert(wanted.on_link.end(), casts.begin(), casts.end());
    wanted.mark = host::packet_mark;
    wanted.outer = outer_pairs(around, pairs_, hosts_inside(remotes_, peers_));
    say_who_drops_esp(wanted.outer, report);
    if (guard_ == wanted) {
        return;
    }
    const auto done = place_guard_(pairs_.empty() ? nullptr : &wanted);
    if (!done && done.error().code == Errc::not_found) {
        if (nft_missing_reported_ || pairs_.empty()) {
            return;
        }
        nft_missing_reported_ = true;
    }
    if (!done) {
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
        rearrange(report);
    }
}

void Networks::set_peers(std::vector<IpAddress> peers, const Reporter& report) {
    firewall::sort_unique(peers);
    if (peers_ == peers) {
        return;
    }
    std::vector<IpAddress> others;
    std::set_symmetric_difference(peers_.begin(), peers_.end(), peers.begin(), peers.end(),
                                  std::back_inserter(others));
    peers_ = std::move(peers);
    if (!hosts_inside(remotes_, others).empty()) {
        rearrange(report);
    }
}

bool Networks::in_the_way_of(const IpAddress& caller) const {
    return is_inside(in_main_, prefixes_, caller);
}

void Networks::give_way(const IpAddress& caller, const Reporter& report) {
    if (!in_the_way_of(caller)) {
        return;
    }
    const std::set<Ipv4Net> around = standing_apart(in_main_, std::span(&caller, 1));
    called_from_.insert(around.begin(), around.end());
    rearrange(report);
}

void Networks::rearrange(const Reporter& report) {
    const Surroundings around = look_around(routes_, device_);
    apply_guard(around, report);
    if (auto done = settle(around, report); !done) {
        report(problem(EventCode::route_failed, "the tunnels' own routing table is not complete",
                       done.error(), "retrying with the next change of addresses"));
    }
}

void Networks::keep_ways_open(const Surroundings& around, const Reporter& report) {
    auto wanted = ways_kept_open(around, in_main_, reachable_);
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
        // That of everything the networks at hand are left out is what is expected.
        std::string left_out =
            is_everything(remote) ? "" : dataplane::not_carried(around, remote, destination.locals);
        if (std::exchange(destination.left_out, left_out) != left_out && !left_out.empty()) {
            report({EventCode::network_not_carried, "", {{"what", not_carried(remote)}}});
        }
    }
}

void Networks::say_what_ipv6_does(const Reporter& report) {
    const auto everything =
        std::find_if(remotes_.begin(), remotes_.end(), [](const Ipv4Net& net) { return is_everything(net); });
    if (everything == remotes_.end() || ipv6_reported_ || !routes_.has_ipv6_default().value_or(false)) {
        return;
    }
    ipv6_reported_ = true;
    report(
        {EventCode::network_not_carried,
         "",
         {{"what",
           fmt::format("the tunnel for all traffic ({}) carries IPv4 only, and this machine has a default "
                       "route of IPv6: IPv6 goes past the tunnel; switch IPv6 off in that LAN, or name the "
                       "remote networks one by one",
                       everything->text())}}});
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

std::map<Ipv4Net, RouteState> Networks::route_states() {
    std::map<Ipv4Net, RouteState> states;
    const Surroundings around = look_around(routes_, device_);
    // Of one destination they keep the system's order, which is that of their metrics.
    const auto by_destination = [](const Result<std::vector<host::Route>>& routes) {
        std::map<Ipv4Net, std::vector<host::Route>> sorted;
        for (const host::Route& route : routes.value_or(std::vector<host::Route>{})) {
            sorted[route.destination].push_back(route);
        }
        return sorted;
    };
    const auto in_main = by_destination(routes_.list());
    const auto apart = by_destination(routes_.list(own_table));
    std::vector<Ipv4Net> left_out;
    for (const Link& link : around.links) {
        left_out.push_back(link.net);
    }
    for (const host::LocalAddress& local : around.addresses) {
        left_out.push_back(host_net(local.address));
    }
    for (const auto* const nets : {&own_.throws, &kept_open_}) {
        for (const auto& [net, route] : *nets) {
            left_out.push_back(net);
        }
    }
    firewall::sort_unique(left_out);
    // Rules choose a table before the routes in it are compared. Which they choose only the kernel knows, network by network. It
    // is asked as well where route_state() does not compare: in our own table, and inside a tunnel's own end.
    const bool ask = !routes_.rules_are_usual().value_or(false) || routes_.more_is_local().value_or(true);
    for (const auto& [remote, destination] : destinations_) {
        const bool main = destination.table == host::main_table;
        const auto& table = main ? in_main : apart;
        const auto at = table.find(remote);
        const std::span<const host::Route> there =
            at == table.end() ? std::span<const host::Route>{} : at->second;
        RouteState& state = states[remote];
        state = route_state({remote, destination.locals, device_, main, there, around.routes});
        if (!destination.left_out.empty()) {
            state = {RouteState::Kind::shadowed, {}};
        } else if (state.kind == RouteState::Kind::placed &&
                   (ask || !main || inside_one_of(remote, destination.locals))) {
            if (std::string rule = rule_in_the_way(remote, destination, left_out); !rule.empty()) {
                state = {RouteState::Kind::shadowed, std::move(rule)};
            }
        }
    }
    return states;
}

std::string Networks::rule_in_the_way(const Ipv4Net& remote, const Destination& destination,
                                      std::span<const Ipv4Net> left_out) {
    if (destination.table == own_table && !destination.source) {
        return "";  // only packets that are forwarded go there
    }
    std::string found;
    for (const IpAddress& host : hosts_to_ask_about(remote, that_overlap(left_out, remote))) {
        const auto path = routes_.lookup_unmarked(host, destination.source);
        if (path && path->device == device_) {
            return "";
        }
        if (path) {
            found = fmt::format("a routing rule that leads to device {}", host::device_name(path->device));
        }
    }
    return found;
}

void Networks::place(const Ipv4Net& remote, Destination& destination, const Surroundings& around,
                     const Reporter& report) {
    host::Route route;
    route.destination = remote;
    route.device = device_;
    route.source = destination.source;
    route.table = destination.table;
    set_mtu(route, destination.inner_mtu);
    const host::Route* other = around.in_the_way(remote);
    if (other != nullptr && around.is_link(*other)) {
        // The whole network is on a link elsewhere (say_what_is_left_out() says so). Ours would hide the
        // link; it may be older, and then stands before it.
        host::Route ours;
        ours.destination = remote;
        ours.device = device_;
        ours.table = destination.table;
        destination.through_tunnel.reset();
        return remove(ours, report);
    }
    if (destination.through_tunnel == route) {
        return;
    }
    // A route of somebody else's to the same network would be replaced by ours: it is left alone, and said.
    if (other != nullptr && destination.table == host::main_table && !destination.through_tunnel) {
        return report(
            {EventCode::route_failed,
             "",
             {{"what", "the route to " + remote.text() + " was not placed"},
              {"why", "there is one already: " + other->text()},
              {"next",
               "it is left alone, and nothing reaches that network through the tunnel; if it serves "
               "no purpose of yours, remove it"}}});
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

void Networks::fit_guard(const Reporter& report) {
    apply_guard(look_around(routes_, device_), report);
}

void Networks::restore_guard(const Reporter& report) {
    if (pairs_.empty() || !guard_) {
        return;  // it was we
    }
    guard_.reset();
    fit_guard(report);
    if (guard_) {
        report({EventCode::guard_restored, "", {{"table", guard_table_}}});
    }
}

void Networks::refresh(const Reporter& report) {
    const Surroundings around = look_around(routes_, device_);
    apply_guard(around, report);
    for (auto& [remote, destination] : destinations_) {
        destination.through_tunnel.reset();
        if (auto done = routes_.put(unreachable(remote, destination.table)); !done) {
            report(problem(EventCode::route_failed, "the unreachable route was not placed", done.error(),
                           "retrying with the next change of addresses"));
        }
    }
    // What somebody took away is placed again.
    if (const auto rules = routes_.rules()) {
        own_.rules = {rules->begin(), rules->end()};
    }
    const OwnTable before{{}, std::exchange(own_.throws, {})};
    if (auto done = settle(around, report); !done) {
        report(problem(EventCode::route_failed, "the tunnels' own routing table is not complete",
                       done.error(), "retrying with the next change of addresses"));
    }
    clear_own_table(before, own_, report);
}

}  // namespace causeway::dataplane
