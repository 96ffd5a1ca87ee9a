// Between the gateways: lines, addresses, NAT.
#include <cstdint>

#include "sim/faults.hpp"

namespace causeway::sim {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void Faults::outage() {
    const unsigned node = any_node();
    if (busy(node)) {
        return;
    }
    const auto which = s_.dice.below(4);  // mostly both ways
    const Duration length = s_.dice.spread(seconds(1), minutes(30));
    auto& site = s_.network.site(node);
    const Class cls = which < 2 ? Class::outage : Class::outage_one_way;
    strike(node, cls);
    s_.count(name_of(cls));
    s_.say("fault", "{}'s line is down{} for {:.1f} s", name(node),
           which == 2   ? " outwards"
           : which == 3 ? " inwards"
                        : "",
           seconds_of(length));
    site.up.down = which != 3;
    site.down.down = which != 2;
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node] {
        auto& line = s_.network.site(node);
        line.up.down = line.down.down = false;
        s_.say("fault", "{}'s line is up", name(node));
    });
    heal(node, end);
}

void Faults::loss() {
    const unsigned node = any_node();
    if (busy(node)) {
        return;
    }
    const double share = 0.02 + s_.dice.unit() * 0.5;
    const Duration length = s_.dice.spread(seconds(20), minutes(60));
    strike(node, Class::loss);
    s_.count(name_of(Class::loss));
    s_.say("fault", "{}'s line loses {:.0f} % for {:.1f} s", name(node), share * 100, seconds_of(length));
    auto& site = s_.network.site(node);
    site.up.loss = site.down.loss = share;
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node] {
        auto& line = s_.network.site(node);
        line.up.loss = line.down.loss = 0;
        s_.say("fault", "{}'s line loses nothing any more", name(node));
    });
    heal(node, end);
}

void Faults::corruption() {
    const unsigned node = any_node();
    if (busy(node)) {
        return;
    }
    const double share = 0.02 + s_.dice.unit() * 0.3;
    const Duration length = s_.dice.spread(seconds(20), minutes(20));
    strike(node, Class::corruption);
    s_.count(name_of(Class::corruption));
    s_.say("fault", "{}'s line turns a bit in {:.0f} % of the packets for {:.1f} s", name(node), share * 100,
           seconds_of(length));
    auto& site = s_.network.site(node);
    site.up.corrupt = site.down.corrupt = share;
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node] {
        auto& line = s_.network.site(node);
        line.up.corrupt = line.down.corrupt = 0;
    });
    heal(node, end);
}

void Faults::change_address(unsigned node, Duration gap, Instant dns_right) {
    auto& site = s_.network.site(node);
    const IpAddress address = IpAddress::v4(0xc6130000U + next_address_++);
    s_.names.publish(s_.plan.gateways[node].host, address, dns_right, s_.plan.gateways[node].dns_ttl);
    site.online = false;
    s_.nodes[node]->address_changed();
    s_.agenda.in(gap, [this, node, address] {
        auto& here = s_.network.site(node);
        here.online = true;
        here.address = address;
        s_.say("fault", "{} has the address {}", name(node), address.text());
        s_.nodes[node]->address_changed();
    });
}

/// The router in front dials in anew; the gateways behind it notice nothing.
void Faults::change_outer_address(unsigned box) {
    for (unsigned node = 0; node < s_.nodes.size(); ++node) {
        if (s_.plan.gateways[node].nat == box && busy(node)) {
            return;
        }
    }
    const Duration lag = s_.dice.chance(0.5) ? s_.dice.spread(seconds(2), seconds(120)) : Duration{};
    const Instant right = s_.agenda.now() + lag;
    auto& nat = *s_.nats[box];
    nat.outer = IpAddress::v4(0xc6130000U + next_address_++);
    nat.mappings.clear();
    s_.count(name_of(Class::nat_address));
    for (unsigned node = 0; node < s_.nodes.size(); ++node) {
        if (s_.plan.gateways[node].nat == box) {
            s_.say("fault", "the router in front of {} has the address {}, in DNS after {:.1f} s", name(node),
                   nat.outer.text(), seconds_of(lag));
            s_.names.publish(s_.plan.gateways[node].host, nat.outer, right, s_.plan.gateways[node].dns_ttl);
            strike(node, Class::nat_address);
            heal(node, right);
        }
    }
}

void Faults::address() {
    addresses(false);
}

void Faults::both_addresses() {
    addresses(true);
}

void Faults::addresses(bool both) {
    const auto& link = any_link();
    const unsigned first = link.plan->first.node;
    const unsigned second = link.plan->second.node;
    const unsigned one = s_.dice.chance(0.5) ? first : second;
    const unsigned other = one == first ? second : first;
    if (s_.plan.gateways[one].nat) {
        return change_outer_address(*s_.plan.gateways[one].nat);
    }
    if (busy(one) || (both && (busy(other) || s_.plan.gateways[other].nat))) {
        return;
    }
    const bool late = s_.dice.chance(0.5);
    const Class cls = both   ? Class::both_addresses
                      : late ? Class::peer_address_late_dns
                             : Class::peer_address;
    s_.count(name_of(cls));
    for (const unsigned node : {one, other}) {
        if (node != one && !both) {
            break;
        }
        const Duration gap =
            s_.dice.chance(0.5) ? Duration{} : s_.dice.spread(milliseconds(100), seconds(20));
        const Duration lag =
            late ? s_.dice.spread(seconds(2), seconds(180)) : s_.dice.between({}, seconds(1));
        const Instant right = s_.agenda.now() + gap + lag;
        strike(node, cls);
        s_.say("fault", "{}'s address goes; the next one in {:.1f} s, in DNS {:.1f} s later", name(node),
               seconds_of(gap), seconds_of(lag));
        change_address(node, gap, right);
        heal(node, right);
    }
}

void Faults::nat_rebind() {
    if (s_.nats.empty()) {
        return;
    }
    const auto box = static_cast<unsigned>(s_.dice.below(s_.nats.size()));
    auto& nat = *s_.nats[box];
    nat.mappings.clear();
    nat.next_port = static_cast<std::uint16_t>(nat.next_port + 1000);
    nat.keep_ports = nat.keep_ports && s_.dice.chance(0.5);
    s_.count(name_of(Class::nat_rebind));
    for (unsigned node = 0; node < s_.nodes.size(); ++node) {
        if (s_.plan.gateways[node].nat == box && !busy(node)) {
            s_.say("fault", "the router in front of {} forgets its mappings", name(node));
            strike(node, Class::nat_rebind);
            heal(node, s_.agenda.now());
        } else if (s_.plan.gateways[node].nat == box) {
            each_link_of(node, [&](Link& link) {
                s_.strike(link, Class::nat_rebind);
                heal_link(link, s_.agenda.now());
            });
        }
    }
}

/// For a while it forgets sooner than anybody sends keepalives.
void Faults::nat_expiry() {
    const unsigned node = any_node();
    if (busy(node) || !s_.plan.gateways[node].nat) {
        return;
    }
    const unsigned box = *s_.plan.gateways[node].nat;
    for (unsigned other = 0; other < s_.nodes.size(); ++other) {
        if (s_.plan.gateways[other].nat == box && busy(other)) {
            return;
        }
    }
    auto& nat = *s_.nats[box];
    const Duration before = nat.timeout;
    const Duration length = s_.dice.spread(seconds(30), minutes(20));
    const Instant end = s_.agenda.now() + length;
    nat.timeout = seconds(5);
    s_.count(name_of(Class::nat_expiry));
    s_.agenda.at(end, [&nat, before] { nat.timeout = before; });
    for (unsigned other = 0; other < s_.nodes.size(); ++other) {
        if (s_.plan.gateways[other].nat == box) {
            s_.say("fault", "the router in front of {} forgets after 5 s, for {:.1f} s", name(other),
                   seconds_of(length));
            strike(other, Class::nat_expiry);
            heal(other, end);
        }
    }
}

}  // namespace causeway::sim
