#include "sim/faults.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace causeway::sim {

using std::chrono::seconds;

namespace {

constexpr std::size_t recorded_each = 64;

}  // namespace

const std::vector<Faults::Kind>& Faults::kinds() {
    static const std::vector<Kind> all{
        {8, &Faults::outage},        {4, &Faults::loss},           {2, &Faults::corruption},
        {8, &Faults::address},       {3, &Faults::both_addresses}, {3, &Faults::nat_rebind},
        {2, &Faults::nat_expiry},    {5, &Faults::crash},          {4, &Faults::restart},
        {2, &Faults::clock},         {2, &Faults::sleep},          {3, &Faults::reload},
        {2, &Faults::command},       {3, &Faults::early_delete},   {3, &Faults::names_fail},
        {3, &Faults::line_disorder}, {1, &Faults::smaller_mtu},    {2, &Faults::reload_same},
        {4, &Faults::exhausted},     {8, &Faults::forger},         {1, &Faults::flood},
        {2, &Faults::window_drill},
    };
    return all;
}

void Faults::begin() {
    busy_.assign(s_.nodes.size(), false);
    names_right_at_.assign(s_.nodes.size(), Instant{});
    recorded_.assign(s_.nodes.size(), std::vector<Recorded>(recorded_each));
    recorded_at_.assign(s_.nodes.size(), 0);
    next();
}

void Faults::next() {
    // Exponential: faults do not know of each other, so that some fall together.
    const double mean = seconds_of(s_.plan.mean_pause);
    const Duration pause(static_cast<std::int64_t>(-std::log(1 - s_.dice.unit()) * mean * 1e9));
    s_.agenda.in(pause, [this] {
        std::uint64_t weight = 0;
        for (const auto& kind : kinds()) {
            weight += kind.weight;
        }
        auto drawn = s_.dice.below(weight);
        for (const auto& kind : kinds()) {
            if (drawn < kind.weight) {
                (this->*kind.act)();
                break;
            }
            drawn -= kind.weight;
        }
        next();
    });
}

void Faults::record(unsigned node, const Packet& packet) {
    if (recorded_.empty()) {
        return;
    }
    recorded_[node][recorded_at_[node]++ % recorded_each] = {packet, true};
}

void Faults::strike(unsigned node, Class cls) {
    busy_[node] = true;
    each_link_of(node, [&](Link& link) { s_.strike(link, cls); });
}

void Faults::heal(unsigned node, Instant when) {
    s_.agenda.at(when, [this, node] { busy_[node] = false; });
    each_link_of(node, [&](Link& link) { heal_link(link, when); });
}

void Faults::heal_link(Link& link, Instant when) {
    for (const unsigned node : {link.plan->first.node, link.plan->second.node}) {
        when = std::max(when, names_right_at_[node]);
    }
    s_.agenda.at(when, [this, &link] {
        // A name may have failed meanwhile.
        for (const unsigned node : {link.plan->first.node, link.plan->second.node}) {
            if (names_right_at_[node] > s_.agenda.now()) {
                return heal_link(link, names_right_at_[node]);
            }
        }
        s_.heal(link);
    });
}

}  // namespace causeway::sim
