// What a trial needs of the gateways and the link that it is about.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/plan.hpp"

namespace causeway::sim {

using config::StartAction;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::pair<Trial, std::string_view> all[] = {
    {Trial::none, "none"},
    {Trial::first_messages, "first-messages"},
    {Trial::reflections, "reflections"},
    {Trial::recordings, "recordings"},
    {Trial::withheld, "withheld"},
    {Trial::short_lived, "short-lived"},
    {Trial::three_exchanges, "three-exchanges"},
    {Trial::phase1_lost, "phase1-lost"},
    {Trial::unfinished, "unfinished"},
    {Trial::starts_afresh, "starts-afresh"},
    {Trial::both_dial, "both-dial"},
};

void each_says_no_name(Plan& plan) {
    for (auto& one : plan.gateways) {
        one.peculiar.says_no_name = true;
    }
}

/// Faults of other kinds are seldom, so that what the trial brings about is seen.
void mostly_calm(Plan& plan) {
    plan.mean_pause = std::max<Duration>(plan.mean_pause, minutes(60));
}

/// Who calls, and who only answers. False: they stand so that it cannot be.
bool one_calls(Plan& plan, LinkPlan& link, bool odd_first) {
    EndPlan& odd = odd_first ? link.first : link.second;
    EndPlan& other = odd_first ? link.second : link.first;
    if (!can_be_called(plan, odd.node)) {
        return false;
    }
    odd.knows = Knows::any;
    odd.start = StartAction::none;
    other.knows = Knows::name;
    other.start = StartAction::start;
    return true;
}

/// The odd end has no ISAKMP SA any more and does not say so; the other one notices when Phase 2 is due.
bool phase1_lost(Plan& plan, LinkPlan& link) {
    if (!one_calls(plan, link, plan.odd_first)) {
        plan.odd_first = !plan.odd_first;
        if (!one_calls(plan, link, plan.odd_first)) {
            return false;
        }
    }
    for (EndPlan* end : {&link.first, &link.second}) {
        end->esp_seconds = 120;
        end->esp_kilobytes = 0;
        end->ike_seconds = 28800;
    }
    each_says_no_name(plan);
    auto& odd = plan.gateways[(plan.odd_first ? link.first : link.second).node];
    odd.peculiar.complains_of_nothing = true;
    return true;
}

bool both_dial(Plan& plan, LinkPlan& link, Dice& own) {
    for (EndPlan* end : {&link.first, &link.second}) {
        auto& gateway = plan.gateways[end->node];
        if (gateway.nat) {
            return false;
        }
        gateway.line.delay = plan.gateways[link.first.node].line.delay;
        gateway.line.jitter = {};
        end->knows = Knows::name;
        end->start = StartAction::start;
        end->ike_seconds = own.chance(0.7) ? 1200 : 3600;
    }
    return true;
}

void many_tunnels(Plan& plan, LinkPlan& link, Dice& own) {
    link.tunnels = own.pick(std::vector{2U, 4U, 6U, 12U});
    if (own.chance(0.5)) {
        (own.chance(0.5) ? link.first : link.second).one_more = true;
    }
    each_says_no_name(plan);
    number_tunnels(plan);
}

/// Liveness is asked for all the time, under ISAKMP SAs that live for long: message ids are many.
void talkative(Plan& plan, LinkPlan& link, bool brief) {
    for (EndPlan* end : {&link.first, &link.second}) {
        end->ike_seconds = 28800;
        end->esp_seconds = 600;
        end->esp_kilobytes = 0;
        plan.gateways[end->node].liveness.idle = seconds(brief ? 2 : 15);
    }
    link.traffic = Traffic::silent;
}

bool set(Plan& plan, LinkPlan& link, Dice& own, bool brief) {
    switch (plan.trial) {
        case Trial::recordings:
            talkative(plan, link, brief);
            mostly_calm(plan);
            return true;
        case Trial::withheld:
            plan.observed = true;
            return true;
        case Trial::three_exchanges:
            plan.observed = true;
            many_tunnels(plan, link, own);
            return true;
        case Trial::phase1_lost:
            plan.observed = true;
            mostly_calm(plan);
            return phase1_lost(plan, link);
        case Trial::unfinished:
            plan.observed = true;
            return true;
        case Trial::starts_afresh:
            plan.observed = true;
            for (EndPlan* end : {&link.first, &link.second}) {
                end->ike_seconds = brief ? 1200 : 3600;
            }
            return true;
        case Trial::both_dial:
            mostly_calm(plan);
            return both_dial(plan, link, own);
        default:
            return true;
    }
}

}  // namespace

std::string_view name_of(Trial trial) {
    for (const auto& [one, name] : all) {
        if (one == trial) {
            return name;
        }
    }
    return {};
}

std::optional<Trial> trial_from_name(std::string_view name) {
    for (const auto& [one, its] : all) {
        if (its == name) {
            return one;
        }
    }
    return std::nullopt;
}

void set_stage(Plan& plan, Dice& own, Duration length, std::optional<Trial> wanted) {
    const bool brief = length <= std::chrono::hours(4);
    const bool drawn = own.chance(0.3);
    const Trial trial = all[1 + own.below(std::size(all) - 1)].first;
    const auto stage = static_cast<unsigned>(own.below(plan.links.size()));
    const bool odd_first = own.chance(0.5);
    const Trial chosen = wanted.value_or(drawn ? trial : Trial::none);
    if (chosen == Trial::none) {
        return;
    }
    const Plan before = plan;
    plan.trial = chosen;
    plan.stage = stage;
    plan.odd_first = odd_first;
    if (!set(plan, plan.links[stage], own, brief)) {
        plan = before;
    }
}

}  // namespace causeway::sim
