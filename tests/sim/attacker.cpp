// Somebody without keys, on the path or off it, for hours. No link is struck: what it does must not be felt.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "negotiation/phase1.hpp"
#include "sim/trials.hpp"
#include "world/settings.hpp"

namespace causeway::sim {

using isakmp::ExchangeType;
using isakmp::Payload;
using isakmp::PayloadType;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::size_t kept_of_a_length = 512;
constexpr unsigned flooded_with = 3000;  ///< messages, however long it takes

}  // namespace

Endpoint Trials::anywhere() {
    return {IpAddress::v4(0xcb000000U + static_cast<std::uint32_t>(dice_.below(0x10000))),
            static_cast<std::uint16_t>(dice_.chance(0.5) ? 500 : 1024 + dice_.below(60'000))};
}

void Trials::keep(Box& box, const Packet& packet) {
    auto& alike = box[packet.octets.size()];
    if (alike.size() < kept_of_a_length) {
        octets_ += packet.octets.size() + 2 * sizeof(Kept) + 64;
        alike.push_back({packet, s_.agenda.now()});
    } else {
        alike[dice_.below(alike.size())] = {packet, s_.agenda.now()};
    }
}

/// Each length is as likely as the others: what is rare is worth the most.
const Trials::Kept* Trials::any_of(const Box& box, Instant before) {
    if (box.empty()) {
        return nullptr;
    }
    auto at = box.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(box.size())));
    const auto& one = at->second[dice_.below(at->second.size())];
    return one.at <= before ? &one : nullptr;
}

/// Message 1 with another cookie; of Aggressive Mode one that was heard, with another public value.
void Trials::forged_first(unsigned node, bool as_the_peer, bool aggressive) {
    const unsigned peer = odd().index() == node ? other().index() : odd().index();
    Packet packet;
    if (aggressive) {
        packet = *example_;
    } else {
        const auto& plan = *stage().plan;
        world::Settings settings;
        settings.values["ike"] = plan.ike;
        const auto like = world::make_peer(settings, 1);
        isakmp::Header header;
        header.exchange = ExchangeType::main;
        const std::vector<Payload> payloads{
            {PayloadType::sa, isakmp::encode(negotiation::offer_phase1(like->proposals, {28800, 0}))}};
        packet.octets = isakmp::encode_message(header, std::span<const Payload>(payloads));
    }
    packet.forged = true;
    packet.first_copy = false;
    packet.source = as_the_peer ? Endpoint{s_.network.public_address(peer), 500} : anywhere();
    packet.destination = {s_.nodes[node]->site().address, 500};
    for (unsigned at = 0; at < 8; ++at) {
        packet.octets[at] = static_cast<std::uint8_t>(dice_.next() | 1U);
    }
    s_.forged_first_arrives(node, packet);
}

/// Slow enough to be overlooked, or as fast as a small line carries.
void Trials::flood() {
    const double rate = dice_.pick(std::vector{16.0 / 30, 5.0, 20.0, 100.0});
    const bool as_the_peer = dice_.chance(0.6);
    const auto ends = dice_.below(3);
    // What costs a computation is bounded, and who calls by the same mode may have to wait.
    const bool aggressive = example_ && dice_.chance(0.5);
    const auto count = rate < 1 ? static_cast<unsigned>(3600 * rate) : flooded_with;
    const Duration pause(static_cast<std::int64_t>(1e9 / rate));
    s_.count(aggressive ? "trial: aggressive first messages" : "trial: first messages");
    for (const bool first : {true, false}) {
        if (ends == (first ? 1U : 2U)) {
            continue;
        }
        const unsigned node = s_.end_of(stage(), first).index();
        s_.say("mischief", "{} gets {} first messages, {:.1f} a second, {}", s_.nodes[node]->name(), count,
               rate, as_the_peer ? "in the peer's name" : "from everywhere");
        go_on({node, as_the_peer, aggressive, count, pause});
    }
    if (aggressive) {
        s_.strike(stage(), Class::flood);
        s_.agenda.in(pause * count, [this] { s_.heal(stage()); });
    }
}

void Trials::go_on(const Flood& flood) {
    forged_first(flood.node, flood.as_the_peer, flood.aggressive);
    if (flood.left > 1) {
        s_.agenda.in(flood.pause, [this, next = flood]() mutable {
            --next.left;
            go_on(next);
        });
    }
}

void Trials::reflect_once(unsigned node, bool from_the_peer, Instant before) {
    const auto* kept = s_.nodes[node]->running() ? any_of(sent_[node], before) : nullptr;
    if (kept == nullptr) {
        return;
    }
    Packet packet = kept->packet;
    packet.forged = true;
    packet.first_copy = false;
    std::swap(packet.source, packet.destination);
    if (!from_the_peer) {
        packet.source = anywhere();
    }
    packet.destination.address = s_.nodes[node]->site().address;
    s_.forged_arrives(node, packet);
}

void Trials::reflect() {
    const unsigned node = (dice_.chance(0.5) ? odd() : other()).index();
    s_.count("trial: reflections");
    const auto times = 1 + dice_.below(8);
    for (std::uint64_t i = 0; i < times; ++i) {
        s_.agenda.in(dice_.spread(milliseconds(1), seconds(30)),
                     [this, node] { reflect_once(node, dice_.chance(0.5), s_.agenda.now()); });
    }
}

/// The peer is dead, and its own older messages are what a gateway hears all the time.
void Trials::dead_peer() {
    const unsigned peer = odd().index();
    const unsigned node = other().index();
    // A peer that cannot be asked is missed by whoever asks something through the tunnel, and can be called.
    const auto& link = *stage().plan;
    const auto& survivor = link.first.node == node ? link.first : link.second;
    const bool asks = link.traffic == Traffic::both_ask ||
                      (link.traffic == Traffic::question_answer && link.first.node == node);
    const bool missed =
        !s_.plan.gateways[peer].peculiar.announces_no_dpd || (asks && survivor.knows != Knows::any);
    if (!missed || s_.faults().busy(peer) || s_.faults().busy(node) || !s_.nodes[peer]->running() ||
        !s_.nodes[node]->running() || !stage().healthy) {
        return;
    }
    const Duration noticed = noticing(s_.effective(stage()));
    const Instant end = s_.agenda.now() + noticed + seconds(30);
    s_.faults().strike(peer, Class::crash);
    s_.count("trial: dead peer");
    s_.say("fault", "{} dies for {:.1f} s, and {} hears what it said itself", s_.nodes[peer]->name(),
           seconds_of(end - s_.agenda.now()), s_.nodes[node]->name());
    s_.nodes[peer]->crash();
    for (Instant when = s_.agenda.now() + seconds(1); when < end; when += seconds(1)) {
        s_.agenda.at(when, [this, node] { reflect_once(node, true, s_.agenda.now() - seconds(40)); });
    }
    s_.agenda.in(noticed, [this, node, peer, begun = begun_with(*s_.nodes[node], *s_.nodes[peer])] {
        dead_peer_noticed(node, peer, begun);
    });
    s_.agenda.at(end, [this, peer] {
        s_.say("fault", "{} starts", s_.nodes[peer]->name());
        s_.nodes[peer]->start(model_of(s_.plan, peer));
    });
    s_.faults().heal(peer, end);
}

void Trials::dead_peer_noticed(unsigned node, unsigned peer, std::uint64_t begun) {
    if (!s_.nodes[node]->running() || begun_with(*s_.nodes[node], *s_.nodes[peer]) != begun) {
        return;
    }
    for (const auto& one : s_.nodes[node]->status().peers) {
        if (one.name == s_.nodes[peer]->name() &&
            std::ranges::any_of(one.ike_sas, [](const auto& sa) { return sa.established.has_value(); })) {
            s_.fail("dead-peer", fmt::format("{} has not noticed that {} is dead", s_.nodes[node]->name(),
                                             s_.nodes[peer]->name()));
        }
    }
}

void Trials::say_again() {
    const unsigned node = (dice_.chance(0.5) ? odd() : other()).index();
    const auto* kept = s_.nodes[node]->running() ? any_of(arrived_[node], s_.agenda.now()) : nullptr;
    if (kept == nullptr) {
        return;
    }
    s_.count("trial: recordings");
    Packet packet = kept->packet;
    packet.forged = true;
    packet.first_copy = false;
    if (dice_.chance(0.7)) {
        packet.source = anywhere();
    }
    s_.forged_arrives(node, packet);
}

/// Somebody on the path takes the next DELETE away and lets it arrive later, from where it likes. It has its
/// effect, for it comes for the first time; but it says nothing of where the peer is.
void Trials::withhold() {
    if (withholding_ || withheld_ || !stage().healthy) {
        return;
    }
    withholding_ = true;
    // Each renewal ends with one.
    if (const auto* held =
            odd().running()
                ? odd().sending(
                      (s_.plan.odd_first ? stage().plan->first : stage().plan->second).reqids.front())
                : nullptr) {
        odd().input(sa::Exhausted{held->pair->id, false});
    }
    s_.agenda.in(minutes(3), [this] {
        withholding_ = false;
        if (withheld_) {
            Packet packet = *std::exchange(withheld_, std::nullopt);
            packet.source = anywhere();
            packet.source.port = 4500;
            s_.count("trial: withheld");
            s_.say("mischief", "a message to {} arrives late, from {}", other().name(), packet.source.text());
            s_.late_arrives(other().index(), packet);
            s_.heal(stage());
        }
    });
}

}  // namespace causeway::sim
