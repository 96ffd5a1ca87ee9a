// At a gateway: it dies, sleeps, is reconfigured, or does what its owner says.
#include "sim/faults.hpp"

namespace causeway::sim {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void Faults::crash() {
    stop(false);
}

void Faults::restart() {
    stop(true);
}

void Faults::stop(bool clean) {
    const unsigned node = any_node();
    if (busy(node)) {
        return;
    }
    const Class cls = clean ? Class::restart : Class::crash;
    const Duration length = s_.dice.spread(milliseconds(200), minutes(5));
    strike(node, cls);
    s_.count(name_of(cls));
    s_.say("fault", "{} {} and is back after {:.1f} s", name(node), clean ? "is stopped" : "is killed",
           seconds_of(length));
    if (clean) {
        s_.nodes[node]->input(ike::CommandShutdown{});
    }
    s_.nodes[node]->crash();
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node] {
        s_.say("fault", "{} starts", name(node));
        s_.nodes[node]->start(model_of(s_.plan, node));
    });
    heal(node, end);
}

/// Its clock alone goes forward: what was to last is over, what was to come is late.
void Faults::clock() {
    const unsigned node = any_node();
    if (busy(node)) {
        return;
    }
    const Duration jump = s_.dice.spread(seconds(1), minutes(150));
    strike(node, Class::clock);
    s_.count(name_of(Class::clock));
    s_.say("fault", "{}'s clock jumps by {:.1f} s", name(node), seconds_of(jump));
    s_.nodes[node]->jump_clock(jump);
    each_link_of(node, [&](Link& link) { link.clock_jumped = s_.agenda.now(); });
    heal(node, s_.agenda.now());
}

void Faults::sleep() {
    const unsigned node = any_node();
    if (busy(node)) {
        return;
    }
    const Duration length = s_.dice.spread(seconds(1), minutes(90));
    const bool counted = s_.dice.chance(0.5);
    strike(node, Class::sleep);
    s_.count(name_of(Class::sleep));
    s_.say("fault", "{} sleeps for {:.1f} s{}", name(node), seconds_of(length),
           counted ? "" : ", and its clock with it");
    s_.nodes[node]->sleep();
    const Instant end = s_.agenda.now() + length;
    s_.agenda.at(end, [this, node, counted] {
        s_.say("fault", "{} wakes up", name(node));
        s_.nodes[node]->wake(counted);
        if (!counted) {
            each_link_of(node, [&](Link& link) { link.clocks_apart = s_.agenda.now(); });
        }
    });
    heal(node, end);
}

/// One tunnel's lifetime changes in the file: only its link may feel it.
void Faults::reload() {
    Link& link = any_link();
    const bool first = s_.dice.chance(0.5);
    const unsigned node = (first ? link.plan->first : link.plan->second).node;
    if (busy(node) || !s_.nodes[node]->running()) {
        return;
    }
    auto& plan = s_.plan.links[link.number];
    auto& mine = first ? plan.first : plan.second;
    mine.esp_seconds = mine.esp_seconds == 3600 ? 3000 : 3600;
    s_.strike(link, Class::reload);
    s_.count(name_of(Class::reload));
    s_.say("fault", "{} is reloaded with another lifetime", name(node));
    s_.nodes[node]->reload(model_of(s_.plan, node));
    heal_link(link, s_.agenda.now());
}

void Faults::command() {
    Link& link = any_link();
    const bool first = s_.dice.chance(0.5);
    const unsigned node = (first ? link.plan->first : link.plan->second).node;
    const unsigned other = (first ? link.plan->second : link.plan->first).node;
    if (busy(node) || !s_.nodes[node]->running()) {
        return;
    }
    const Duration length = s_.dice.spread(milliseconds(50), minutes(3));
    const Instant end = s_.agenda.now() + length;
    busy_[node] = true;
    s_.strike(link, Class::command);
    s_.count(name_of(Class::command));
    s_.say("fault", "{}: down {}, and up after {:.1f} s", name(node), name(other), seconds_of(length));
    s_.nodes[node]->input(ike::CommandDown{name(other)});
    s_.agenda.at(end, [this, node, other] {
        busy_[node] = false;
        s_.say("fault", "{}: up {}", name(node), name(other));
        s_.nodes[node]->input(ike::CommandUp{name(other)});
    });
    heal_link(link, end);
}

void Faults::early_delete() {
    Link& link = any_link();
    const bool first = s_.dice.chance(0.5);
    const auto& mine = first ? link.plan->first : link.plan->second;
    if (!s_.nodes[mine.node]->running()) {
        return;
    }
    const auto* held = s_.nodes[mine.node]->sending(s_.dice.pick(mine.reqids));
    if (held == nullptr) {
        return;
    }
    s_.strike(link, Class::early_delete);
    s_.count(name_of(Class::early_delete));
    s_.say("fault", "{} deletes the pair that is in use", name(mine.node));
    s_.nodes[mine.node]->input(sa::Exhausted{held->pair->id, true});
    heal_link(link, s_.agenda.now());
}

}  // namespace causeway::sim
