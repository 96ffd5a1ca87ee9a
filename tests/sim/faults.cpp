#include "sim/faults.hpp"

#include <algorithm>

namespace causeway::sim {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void Faults::begin() {
    busy_.assign(s_.nodes.size(), false);
    next();
}

void Faults::next() {
    // Exponential: faults do not know of each other, so that some fall together.
    const double mean = seconds_of(s_.plan.mean_pause);
    const Duration pause(static_cast<std::int64_t>(-std::log(1 - s_.dice.unit()) * mean * 1e9));
    s_.agenda.in(pause, [this] {
        switch (s_.dice.below(8)) {
            case 0:
            case 1:
                outage();
                break;
            case 2:
                loss();
                break;
            case 3:
            case 4:
                address(false);
                break;
            case 5:
                address(true);
                break;
            case 6:
                crash(false);
                break;
            default:
                crash(true);
        }
        next();
    });
}

void Faults::strike_all(unsigned node, Class cls) {
    busy_[node] = true;
    for (auto& link : s_.links) {
        if (link.plan->first.node == node || link.plan->second.node == node) {
            s_.strike(link, cls);
        }
    }
}

void Faults::heal_all(unsigned node, Instant when) {
    s_.agenda.at(when, [this, node] {
        busy_[node] = false;
        for (auto& link : s_.links) {
            if (link.plan->first.node == node || link.plan->second.node == node) {
                s_.heal(link);
            }
        }
    });
}

void Faults::outage() {
    const auto node = static_cast<unsigned>(s_.dice.below(s_.nodes.size()));
    if (busy(node)) {
        return;
    }
    const auto which = s_.dice.below(4);  // mostly both ways
    const Duration length = s_.dice.spread(seconds(1), minutes(30));
    auto& site = s_.network.site(node);
    const Class cls = which < 2 ? Class::outage : Class::outage_one_way;
    strike_all(node, cls);
    s_.count(name_of(cls));
    s_.say("fault", "{}'s line is down{} for {:.1f} s", s_.nodes[node]->name(),
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
        s_.say("fault", "{}'s line is up", s_.nodes[node]->name());
    });
    heal_all(node, end);
}

void Faults::loss() {
    const auto node = static_cast<unsigned>(s_.dice.below(s_.nodes.size()));
    if (busy(node)) {
        return;
    }
    const double share = 0.02 + s_.dice.unit() * 0.5;
    const Duration length = s_.dice.spread(seconds(20), minutes(60));
    strike_all(node, Class::loss);
    s_.count(name_of(Class::loss));
    s_.say("fault", "{}'s line loses {:.0f} % for {:.1f} s", s_.nodes[node]->name(), share * 100,
           seconds_of(length));
    auto& site = s_.network.site(node);
    site.up.loss = site.down.loss = share;
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node] {
        auto& line = s_.network.site(node);
        line.up.loss = line.down.loss = 0;
        s_.say("fault", "{}'s line loses nothing any more", s_.nodes[node]->name());
    });
    heal_all(node, end);
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
        s_.say("fault", "{} has the address {}", s_.nodes[node]->name(), address.text());
        s_.nodes[node]->address_changed();
    });
}

void Faults::address(bool both) {
    const auto& link = s_.links[s_.dice.below(s_.links.size())];
    const unsigned first = link.plan->first.node;
    const unsigned second = link.plan->second.node;
    const unsigned one = s_.dice.chance(0.5) ? first : second;
    if (busy(one) || (both && busy(one == first ? second : first))) {
        return;
    }
    const bool late = s_.dice.chance(0.5);
    const Class cls = both   ? Class::both_addresses
                      : late ? Class::peer_address_late_dns
                             : Class::peer_address;
    s_.count(name_of(cls));
    for (const unsigned node : {one, one == first ? second : first}) {
        if (node != one && !both) {
            break;
        }
        const Duration gap =
            s_.dice.chance(0.5) ? Duration{} : s_.dice.spread(milliseconds(100), seconds(20));
        const Duration lag =
            late ? s_.dice.spread(seconds(2), seconds(180)) : s_.dice.between({}, seconds(1));
        const Instant right = s_.agenda.now() + gap + lag;
        strike_all(node, cls);
        s_.say("fault", "{}'s address goes; the next one in {:.1f} s, in DNS {:.1f} s later",
               s_.nodes[node]->name(), seconds_of(gap), seconds_of(lag));
        change_address(node, gap, right);
        heal_all(node, right);
    }
}

void Faults::crash(bool clean) {
    const auto node = static_cast<unsigned>(s_.dice.below(s_.nodes.size()));
    if (busy(node)) {
        return;
    }
    const Class cls = clean ? Class::restart : Class::crash;
    const Duration length = s_.dice.spread(milliseconds(200), minutes(5));
    strike_all(node, cls);
    s_.count(name_of(cls));
    s_.say("fault", "{} {} and is back after {:.1f} s", s_.nodes[node]->name(),
           clean ? "is stopped" : "is killed", seconds_of(length));
    if (clean) {
        s_.nodes[node]->input(ike::CommandShutdown{});
    }
    s_.nodes[node]->crash();
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node] {
        s_.say("fault", "{} starts", s_.nodes[node]->name());
        s_.nodes[node]->start(model_of(s_.plan, node));
    });
    heal_all(node, end);
}

}  // namespace causeway::sim
