#include "sim/simulation.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <utility>

#include "codec/isakmp/message.hpp"
#include "esp/octets.hpp"
#include "sim/trials.hpp"

namespace causeway::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// After a fault has ended the tunnel is tried often at first, so that the time of its return is known well.
constexpr Duration pace_at_first = milliseconds(250);
constexpr Duration at_first = seconds(6);
constexpr Duration pace_later = seconds(1);
/// During a fault, where there is traffic at all.
constexpr Duration pace_in_trouble = seconds(1);
constexpr Duration pace_in_long_trouble = seconds(7);

std::string summary_of(const Packet& packet) {
    if (packet.kind == Carried::keepalive) {
        return "keepalive";
    }
    const char* forged = packet.forged ? "forged " : "";
    if (packet.kind != Carried::ike) {
        return fmt::format("{}ESP {:08x}, {} octets", forged,
                           packet.octets.size() >= 4 ? esp::load32(packet.octets.data()) : 0,
                           packet.octets.size());
    }
    const auto header = isakmp::decode_header(packet.octets);
    return header ? fmt::format("{}{}{} {:08x} of {:02x}{:02x}.., {} octets", forged,
                                name_of(header->exchange), header->encrypted() ? "*" : "", header->message_id,
                                header->cky_i[0], header->cky_i[1], packet.octets.size())
                  : fmt::format("{}no IKE, {} octets", forged, packet.octets.size());
}

/// A Quick Mode or Informational before Phase 1 is done is not read. When it comes again it is read for the
/// first time, from wherever it comes: nothing tells the peer's own repetition from one that somebody on the
/// way has kept back.
bool too_early(const Node& node, const Packet& packet) {
    if (packet.kind != Carried::ike || !node.running()) {
        return false;
    }
    const auto header = isakmp::decode_header(packet.octets);
    if (!header || (header->exchange != isakmp::ExchangeType::quick &&
                    header->exchange != isakmp::ExchangeType::informational)) {
        return false;
    }
    const std::string cky_i = to_hex(header->cky_i);
    for (const auto& peer : node.status().peers) {
        for (const auto& sa : peer.ike_sas) {
            if (sa.cky_i == cky_i) {
                return !sa.established;
            }
        }
    }
    return true;
}

}  // namespace

Simulation::Simulation(const Settings& settings)
    : dice(settings.seed),
      network(agenda, dice),
      settings_(settings),
      begin_(agenda.now()),
      end_(begin_ + settings.length),
      sent_(remembered_probes) {
    plan = make_plan(dice, settings.length);
    Dice own(settings.seed ^ 0x747269616cULL);
    set_stage(plan, own, settings.length, settings.trial);
    network.on_arrival = [this](unsigned node, Packet& packet) {
        if (!packet.damaged && packet.kind != Carried::keepalive && !too_early(*nodes[node], packet)) {
            faults_->record(node, packet);
        }
        if (packet.kind == Carried::ike && !packet.damaged) {
            return ike_arrives(node, packet);
        }
        if (packet.kind != Carried::ike && !trials_->takes_esp(node, packet)) {
            return;
        }
        nodes[node]->arrival(packet);
    };
    network.on_astray = [this](const Packet& packet, std::string_view why) {
        if (packet.probe && packet.first_copy && !packet.damaged && !packet.forged) {
            const Link& link = links[packet.probe->link];
            if (link.healthy && link.epoch == packet.probe->epoch) {
                fail("astray", fmt::format("link {}: a packet for {}: {}", link.number,
                                           packet.destination.text(), why));
            }
        }
    };
    if (settings.trace && settings.wire) {
        network.on_fate = [this](std::string_view fate, const Packet& packet) {
            say("wire", "{} > {} {} {}", packet.source.text(), packet.destination.text(), summary_of(packet),
                fate);
        };
    }
    wire_ = std::make_unique<Wire>(plan.observed);
    manners_ = std::make_unique<Manners>(
        wire_->observer(), [this](std::string_view manner) { count(fmt::format("(manners: {})", manner)); });
    for (const auto& one : plan.links) {
        if (auto* observer = wire_->observer()) {
            observer->knows_psk(as_bytes(pre_shared_key(one)));
        }
    }
    for (const auto& box : plan.nats) {
        nats.push_back(std::make_shared<NatBox>(box));
    }
    const Node::Around around{agenda, network, names, dice, *this};
    for (unsigned i = 0; i < plan.gateways.size(); ++i) {
        const auto& one = plan.gateways[i];
        Network::Site site;
        site.address = one.address;
        site.up = site.down = one.line;
        site.nat = one.nat ? nats[*one.nat] : nullptr;
        network.add(std::move(site));
        names.publish(one.host, network.public_address(i), agenda.now(), one.dns_ttl);
        nodes.push_back(std::make_unique<Node>(i, one.name, around, settings.seed * 1000 + i));
    }
    for (const auto& one : plan.links) {
        for (unsigned i = 0; i < one.tunnels; ++i) {
            const auto first = network_behind(one.first.node, i);
            const auto second = network_behind(one.second.node, i);
            manners_->knows(one.first.node, first, second);
            manners_->knows(one.second.node, second, first);
        }
        Link link;
        link.number = static_cast<unsigned>(links.size());
        link.plan = &one;
        link.through.resize(one.tunnels);
        links.push_back(link);
    }
    work_.resize(nodes.size());
    faults_ = std::make_unique<Faults>(*this);
    trials_ = std::make_unique<Trials>(*this, settings.seed);
}

Simulation::~Simulation() = default;

Outcome Simulation::run() {
    outcome_.seeds = 1;
    for (const auto& one : plan.gateways) {
        if (one.peculiar.any()) {
            say("plan", "{} {}", one.name, text_of(one.peculiar));
        }
    }
    if (plan.trial != Trial::none) {
        say("plan", "{}: {} and {}", name_of(plan.trial), end_of(links[plan.stage], plan.odd_first).name(),
            end_of(links[plan.stage], !plan.odd_first).name());
    }
    for (auto& link : links) {
        strike(link, Class::start);
    }
    for (unsigned i = 0; i < nodes.size(); ++i) {
        const Duration when = dice.between({}, seconds(2));
        agenda.in(plan.trial == Trial::both_dial ? Duration{} : when,
                  [this, i] { nodes[i]->start(model_of(plan, i)); });
    }
    agenda.in(seconds(2), [this] {
        for (auto& link : links) {
            heal(link);
        }
    });
    agenda.in(seconds(30), [this] { faults_->begin(); });
    trials_->begin();
    begin_checks();
    while (outcome_.failures.empty() && agenda.step(end_)) {
        check_links();
    }
    outcome_.hours = seconds_of(std::min(agenda.now(), end_) - begin_) / 3600;
    if (outcome_.failures.empty()) {
        outcome_.hours = seconds_of(end_ - begin_) / 3600;
    }
    outcome_.events = agenda.done();
    return std::move(outcome_);
}

void Simulation::ike_arrives(unsigned node, Packet& packet) {
    const auto& peculiar = plan.gateways[node].peculiar;
    if (!manners_->takes(node, peculiar, packet.octets)) {
        return;
    }
    manners_->arrives(node, peculiar, packet.octets);
    wire_->arrived(node, packet.octets);
    if (!trials_->arrives(node, packet)) {
        return;
    }
    Packet added;
    if (auto more = nodes[node]->running() ? manners_->adds(peculiar, packet.octets) : std::nullopt) {
        added.source = packet.destination;
        added.destination = packet.source;
        added.octets = std::move(*more);
    }
    nodes[node]->arrival(packet);
    if (!added.octets.empty()) {
        network.send(node, std::move(added));
    }
}

void Simulation::print(std::string_view who, const std::string& what) const {
    const auto ms = std::chrono::duration_cast<milliseconds>(agenda.now() - begin_).count();
    std::printf("%3lld:%02lld:%02lld.%03lld  %-8.*s %s\n", static_cast<long long>(ms / 3'600'000),
                static_cast<long long>(ms / 60'000 % 60), static_cast<long long>(ms / 1000 % 60),
                static_cast<long long>(ms % 1000), static_cast<int>(who.size()), who.data(), what.c_str());
}

void Simulation::fail(std::string_view check, std::string what) {
    say("FAILED", "{}: {}", check, what);
    outcome_.failures.push_back(
        {settings_.seed, std::string(check), std::move(what), seconds_of(agenda.now() - begin_)});
}

Effective Simulation::effective(const Link& link) const {
    Effective all;
    for (const bool first : {true, false}) {
        const Node& node = end_of(link, first);
        const auto& gateway = plan.gateways[node.index()];
        const auto& site = network.site(node.index());
        all.idle = std::max(all.idle, gateway.liveness.idle);
        all.misses = std::max(all.misses, gateway.liveness.misses);
        all.round_trip += site.up.delay + site.up.jitter + site.down.delay + site.down.jitter;
        all.dns_ttl = std::max(all.dns_ttl, gateway.dns_ttl);
        all.dpd = all.dpd && !gateway.peculiar.announces_no_dpd;
        all.deletes =
            all.deletes && !gateway.peculiar.deletes_nothing && !gateway.peculiar.deletes_what_is_none;
        // Of a pair for which message 3 has not come, and never does, it says nothing.
        all.deletes = all.deletes && (plan.trial != Trial::three_exchanges ||
                                      &node != &end_of(links[plan.stage], plan.odd_first));
    }
    all.kilobytes = link.plan->first.esp_kilobytes != 0 || link.plan->second.esp_kilobytes != 0;
    all.one_way = link.plan->traffic == Traffic::one_way;
    all.tunnels = link.plan->tunnels;
    all.lasted = std::max(link.heal, link.began) - link.began;
    return all;
}

void Simulation::strike(Link& link, Class cls) {
    if (link.healthy || link.epoch == 0) {
        link.cls = cls;
        link.began = agenda.now();
    } else if (link.cls != cls || link.active == 0) {
        link.cls = Class::combined;
    }
    link.healthy = false;
    ++link.active;
    ++link.epoch;
    for (auto& one : link.through) {
        one = {};
    }
    schedule(link, {});
}

void Simulation::heal(Link& link) {
    if (--link.active != 0) {
        return;
    }
    link.heal = agenda.now();
    ++link.epoch;
    link.deadline = link.heal + bound_of(link.cls, effective(link));
    link.relapsed = false;
    watch_deadline(link);
    schedule(link, {});
}

void Simulation::watch_deadline(Link& link) {
    agenda.at(link.deadline, [this, &link, epoch = link.epoch] {
        if (link.epoch == epoch && !link.healthy) {
            fail(fmt::format("recovery:{}", name_of(link.cls)),
                 fmt::format("{} and {} carry nothing {:.1f} s after everything was right again: {}",
                             end_of(link, true).name(), end_of(link, false).name(),
                             seconds_of(agenda.now() - link.heal),
                             why_not_carrying(link).value_or("packets do not come through")));
        }
    });
}

void Simulation::recovered(Link& link) {
    const double took = seconds_of(agenda.now() - link.heal);
    say("link", "{} and {} carry data again, {:.2f} s after {} ended", end_of(link, true).name(),
        end_of(link, false).name(), took, name_of(link.cls));
    outcome_.recoveries[std::string(name_of(link.cls))].push_back(static_cast<float>(took));
    link.healthy = true;
    link.healthy_since = agenda.now();
    ++link.epoch;
    link.dirty = true;
    schedule(link, link.plan->period);
}

void Simulation::schedule(Link& link, Duration in) {
    agenda.in(in, [this, &link, tick = ++link.tick] {
        if (link.tick == tick) {
            traffic(link);
        }
    });
}

void Simulation::traffic(Link& link) {
    const Traffic kind = link.plan->traffic;
    const bool proving = !link.healthy && link.active == 0;
    for (unsigned tunnel = 0; tunnel < link.plan->tunnels; ++tunnel) {
        if (proving || kind == Traffic::both_ask) {
            send(link, tunnel, true, true);
            send(link, tunnel, false, true);
        } else if (kind == Traffic::question_answer) {
            send(link, tunnel, true, true);
        } else if (kind == Traffic::one_way) {
            send(link, tunnel, true, false);
        }
    }
    if (link.healthy) {
        if (kind != Traffic::silent) {
            schedule(link, link.plan->period / 2 + dice.between({}, link.plan->period));
        }
    } else if (proving) {
        schedule(link, agenda.now() - link.heal < at_first ? pace_at_first : pace_later);
    } else if (kind != Traffic::silent) {
        schedule(link, agenda.now() - link.began < seconds(60) ? pace_in_trouble : pace_in_long_trouble);
    }
}

void Simulation::send(Link& link, unsigned tunnel, bool from_first, bool question) {
    Node& from = end_of(link, from_first);
    Node& to = end_of(link, !from_first);
    if (!from.running()) {
        return;
    }
    const Probe probe{link.number, tunnel, from_first, question, next_probe_++, link.epoch};
    sent_[probe.id % remembered_probes] = {probe.id, agenda.now(), false};
    const auto network_of = [&](const Node& node) {
        return 0x0a000005U | node.index() << 16U | tunnel << 12U;
    };
    const std::size_t octets = dice.chance(0.03) ? 1400 : 60;
    const Bytes inner = inner_packet(probe, network_of(from), network_of(to), octets);
    link.last_sent = agenda.now();
    if (!from.from_lan(inner) && link.healthy) {
        torn_down(link, fmt::format("{} has nothing to send on to {} although nothing was wrong", from.name(),
                                    to.name()));
    }
}

void Simulation::came_out(Node& node, const Probe& probe) {
    Link& link = links[probe.link];
    const Node& expected = end_of(link, !probe.from_first);
    if (&node != &expected) {
        return fail("selectors", fmt::format("a packet for {} came out at {}", expected.name(), node.name()));
    }
    auto& sent = sent_[probe.id % remembered_probes];
    if (sent.id != probe.id || sent.arrived) {
        return fail("replay", fmt::format("{} gave a packet to its network twice", node.name()));
    }
    sent.arrived = true;
    ++outcome_.packets;
    if (!link.healthy && link.active == 0 && sent.at >= link.heal) {
        link.through[probe.tunnel][probe.from_first ? 0 : 1] = true;
        if (std::all_of(link.through.begin(), link.through.end(),
                        [](const auto& both) { return both[0] && both[1]; })) {
            recovered(link);
        }
    }
    if (probe.question) {
        send(link, probe.tunnel, !probe.from_first, false);
    }
}

void Simulation::reported(Node& node, const Event& event) {
    say(node.name(), "{}", event.text());
    if (event.code == EventCode::phase1_closed) {
        phase1_closed(node, event);
    }
    trials_->reported(node, event);
}

Link* Simulation::link_of(unsigned node, std::string_view peer) {
    for (auto& link : links) {
        for (const bool first : {true, false}) {
            if (end_of(link, first).index() == node && end_of(link, !first).name() == peer) {
                return &link;
            }
        }
    }
    return nullptr;
}

}  // namespace causeway::sim
