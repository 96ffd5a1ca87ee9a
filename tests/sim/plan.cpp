#include "sim/plan.hpp"

#include <fmt/format.h>
#include <stdexcept>
#include <utility>

#include "world/settings.hpp"

namespace causeway::sim {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

GatewayPlan gateway(Dice& dice, unsigned number, Plan::Pace pace) {
    GatewayPlan one;
    one.name = fmt::format("gw{}", number);
    one.host = one.name + ".example";
    one.address = IpAddress::v4(0xc6120000U + number * 256 + 1);
    one.line.delay = dice.spread(milliseconds(2), milliseconds(150));
    one.line.jitter = dice.chance(0.5) ? dice.between({}, one.line.delay / 2) : Duration{};
    one.liveness.idle = seconds(dice.pick(pace == Plan::Pace::dense  ? std::vector{15, 15, 15, 5, 30, 60}
                                          : pace == Plan::Pace::calm ? std::vector{60, 120, 300}
                                                                     : std::vector{300, 600}));
    one.liveness.misses = dice.pick(std::vector{3U, 3U, 5U});
    one.replay_window = dice.pick(std::vector{1024U, 64U, 32U});
    one.dns_ttl = seconds(dice.pick(std::vector{60, 60, 5, 300}));
    return one;
}

Peculiar peculiar(Dice& dice) {
    Peculiar one;
    one.deletes_nothing = dice.chance(0.35);
    one.deletes_what_is_none = !one.deletes_nothing && dice.chance(0.25);
    one.complains_of_nothing = dice.chance(0.35);
    one.announces_no_dpd = dice.chance(0.35);
    one.answers_in_the_question = dice.chance(0.35);
    one.asks_with_one_number = dice.chance(0.35);
    one.commits = dice.chance(0.35);
    one.compares_literally = one.answers_in_the_question;  // both are told of the box
    return one;
}

LinkPlan link(Dice& dice, unsigned first, unsigned second, Plan::Pace pace) {
    LinkPlan one;
    one.first.node = first;
    one.second.node = second;
    one.tunnels = dice.pick(std::vector{1U, 1U, 1U, 2U, 3U});
    one.mode = dice.chance(0.25) ? config::ExchangeMode::aggressive : config::ExchangeMode::main;
    one.ike = dice.pick(std::vector<std::string>{"aes128-sha1-modp1024", "aes256-sha256-modp2048"});
    one.esp =
        dice.pick(std::vector<std::string>{"aes128-sha1-modp1024", "aes128-sha1", "aes256-sha512-modp2048",
                                           "aes128gcm16-modp1024", "aes256gcm16"});
    for (EndPlan* end : {&one.first, &one.second}) {
        end->esp_seconds = dice.pick(std::vector{3600U, 3600U, 600U, 1200U, 28800U});
        end->esp_kilobytes = dice.chance(0.15) ? dice.pick(std::vector{64U, 256U, 1024U}) : 0;
        end->ike_seconds = dice.pick(std::vector{10800U, 3600U, 1200U, 28800U});
        end->knows = Knows::name;
    }
    switch (dice.below(6)) {
        case 0:  // one dials, the other is dialled
            one.second.knows = Knows::any;
            one.second.start = config::StartAction::none;
            break;
        case 1:
            one.second.start = config::StartAction::traffic;
            break;
        case 2:
            one.first.start = config::StartAction::traffic;
            one.second.start = config::StartAction::traffic;
            break;
        default:
            break;
    }
    one.traffic = dice.pick(std::vector{Traffic::question_answer, Traffic::question_answer, Traffic::both_ask,
                                        Traffic::one_way, Traffic::silent});
    one.period = pace == Plan::Pace::dense  ? dice.spread(seconds(2), seconds(60))
                 : pace == Plan::Pace::calm ? dice.spread(minutes(1), minutes(20))
                                            : dice.spread(minutes(5), minutes(60));
    return one;
}

/// Somebody must be able to begin. Who cannot be called may still have a name, which leads to its router.
void only_callable_ones_are_called(Dice& dice, Plan& plan, LinkPlan& link) {
    if (!can_be_called(plan, link.first.node) && !can_be_called(plan, link.second.node)) {
        // Carrier NAT at both ends cannot work; one of them gets its ports forwarded.
        const auto box = *plan.gateways[link.first.node].nat;
        if (plan.nats[box].forward) {
            plan.gateways[link.first.node].nat.reset();
            plan.gateways[link.first.node].address = IpAddress::v4(0xc6120000U + link.first.node * 256 + 1);
            if (plan.nats[box].outer == plan.gateways[link.first.node].address) {
                plan.gateways[link.first.node].address =
                    IpAddress::v4(0xc6120000U + link.first.node * 256 + 2);
            }
        } else {
            plan.nats[box].forward = link.first.node;
        }
    }
    for (const bool first : {true, false}) {
        EndPlan& mine = first ? link.first : link.second;
        EndPlan& theirs = first ? link.second : link.first;
        if (can_be_called(plan, theirs.node)) {
            continue;
        }
        // Only the other end can begin, so it knows where this one is, and wants to.
        theirs.knows = Knows::name;
        theirs.start = theirs.start == config::StartAction::none ? config::StartAction::start : theirs.start;
        if (dice.chance(0.6)) {
            mine.knows = Knows::any;
            mine.start = config::StartAction::none;
        }
    }
}

/// Most are alone behind their router; some share it. Where nothing is forwarded nobody can call in.
void put_behind_nat(Dice& dice, Plan& plan, unsigned number) {
    GatewayPlan& one = plan.gateways[number];
    // Behind the router of everybody's peer one would call oneself.
    const bool centre_there = plan.gateways.front().nat && *plan.gateways.front().nat + 1 == plan.nats.size();
    if (plan.nats.empty() || centre_there || dice.chance(0.6)) {
        NatBox box;
        box.outer = one.address;
        box.keep_ports = dice.chance(0.5);
        box.filter = dice.chance(0.8);
        box.timeout = seconds(dice.pick(std::vector{30, 60, 120, 300}));
        if (dice.chance(0.4)) {
            box.forward = number;
        }
        plan.nats.push_back(box);
    }
    one.nat = static_cast<unsigned>(plan.nats.size() - 1);
    one.address = IpAddress::v4(0xc0a8b214U + (plan.nats.back().outer == one.address ? 0 : number));
}

}  // namespace

std::string text_of(const Peculiar& peculiar) {
    const std::pair<bool, std::string_view> all[] = {
        {peculiar.says_no_name, "says no name"},
        {peculiar.deletes_nothing, "deletes nothing"},
        {peculiar.deletes_what_is_none, "deletes what is none"},
        {peculiar.complains_of_nothing, "complains of nothing"},
        {peculiar.announces_no_dpd, "announces no DPD"},
        {peculiar.answers_in_the_question, "answers in the question"},
        {peculiar.asks_with_one_number, "asks with one number"},
        {peculiar.compares_literally, "compares literally"},
        {peculiar.commits, "commits"},
    };
    std::string text;
    for (const auto& [is, name] : all) {
        text += is ? fmt::format("{}{}", text.empty() ? "" : ", ", name) : "";
    }
    return text;
}

Plan make_plan(Dice& dice, Duration length) {
    Plan plan;
    const bool brief = length <= std::chrono::hours(4);
    plan.pace = dice.chance(brief ? 0.5 : 0.05)  ? Plan::Pace::dense
                : dice.chance(brief ? 0.8 : 0.3) ? Plan::Pace::calm
                                                 : Plan::Pace::ageing;
    plan.observed = brief && dice.chance(0.15);
    const unsigned gateways = dice.chance(plan.pace == Plan::Pace::dense ? 0.7 : 0.9) ? 2
                              : dice.chance(0.95)          ? 3 + static_cast<unsigned>(dice.below(3))
                              : !brief || dice.chance(0.7) ? 12
                                                           : 50;
    const bool peculiar_ones = gateways <= 5 && dice.chance(0.15);
    for (unsigned i = 0; i < gateways; ++i) {
        plan.gateways.push_back(gateway(dice, i, plan.pace));
        if (peculiar_ones) {
            if (dice.chance(0.6)) {
                plan.gateways.back().peculiar = peculiar(dice);
            }
            // Each takes the other for something else than causeway.
            plan.gateways.back().peculiar.says_no_name = true;
            plan.observed = true;
        }
    }
    const bool nat_at_centre = dice.chance(0.1);
    for (unsigned i = nat_at_centre ? 0 : 1; i < gateways; ++i) {
        if (dice.chance(0.3)) {
            put_behind_nat(dice, plan, i);
        }
    }
    // The first one is everybody's centre.
    for (unsigned i = 1; i < gateways; ++i) {
        plan.links.push_back(dice.chance(0.5) ? link(dice, 0, i, plan.pace) : link(dice, i, 0, plan.pace));
    }
    for (auto& one : plan.links) {
        only_callable_ones_are_called(dice, plan, one);
    }
    plan.mean_pause = plan.pace == Plan::Pace::dense  ? dice.spread(minutes(3), minutes(30))
                      : plan.pace == Plan::Pace::calm ? dice.spread(minutes(20), minutes(180))
                                                      : dice.spread(minutes(60), minutes(360));
    number_tunnels(plan);
    return plan;
}

bool can_be_called(const Plan& plan, unsigned node) {
    const auto& nat = plan.gateways[node].nat;
    return !nat || plan.nats[*nat].forward == node;
}

void number_tunnels(Plan& plan) {
    std::vector<sa::ReqId> next(plan.gateways.size(), 1);
    for (auto& one : plan.links) {
        for (EndPlan* end : {&one.first, &one.second}) {
            end->reqids.clear();
            for (unsigned i = 0; i < one.tunnels + (end->one_more ? 1 : 0); ++i) {
                end->reqids.push_back(next[end->node]++);
            }
        }
    }
}

std::string pre_shared_key(const LinkPlan& link) {
    return fmt::format("key of {} and {}", link.first.node, link.second.node);
}

Ipv4Net network_behind(unsigned node, unsigned tunnel) {
    return {0x0a000000U | node << 16U | tunnel << 12U, 20};
}

std::shared_ptr<config::Model> model_of(const Plan& plan, unsigned node) {
    auto model = std::make_shared<config::Model>();
    model->file = "simulation";
    model->options.replay_window = plan.gateways[node].replay_window;
    for (const auto& link : plan.links) {
        if (link.first.node != node && link.second.node != node) {
            continue;
        }
        const EndPlan& mine = link.first.node == node ? link.first : link.second;
        const EndPlan& theirs = link.first.node == node ? link.second : link.first;
        const GatewayPlan& other = plan.gateways[theirs.node];
        world::Settings settings;
        settings.peer = other.name;
        settings.address = mine.knows == Knows::any    ? "any"
                           : mine.knows == Knows::name ? other.host
                                                       : other.address.text();
        settings.values["mode"] = link.mode == config::ExchangeMode::aggressive ? "aggressive" : "main";
        settings.values["ike"] = link.ike;
        settings.values["esp"] = link.esp;
        settings.values["esp-lifetime"] = std::to_string(mine.esp_seconds);
        settings.values["ike-lifetime"] = std::to_string(mine.ike_seconds);
        settings.values["tunnels"] = std::to_string(mine.reqids.size());
        settings.values["id"] = "@" + plan.gateways[node].host;
        settings.values["peer-id"] = "@" + other.host;
        settings.values["psk"] = pre_shared_key(link);
        settings.values["start"] = mine.start == config::StartAction::start     ? "start"
                                   : mine.start == config::StartAction::traffic ? "traffic"
                                                                                : "none";
        auto peer = world::make_peer(settings, mine.reqids.front());
        if (!peer) {
            throw std::logic_error(peer.error().text());
        }
        peer->liveness = plan.gateways[node].liveness;
        for (unsigned i = 0; i < mine.reqids.size(); ++i) {
            auto& tunnel = peer->tunnels[i];
            tunnel.local.net = network_behind(node, i);
            tunnel.lifetime.kilobytes = mine.esp_kilobytes;
            tunnel.remote.net = network_behind(theirs.node, i);
        }
        model->peers.push_back(std::move(*peer));
    }
    return model;
}

}  // namespace causeway::sim
