#include "sim/trials.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "codec/isakmp/message.hpp"
#include "codec/isakmp/payloads.hpp"
#include "ike/limits.hpp"

namespace causeway::sim {

using isakmp::ExchangeType;
using isakmp::NotifyType;
using isakmp::Payload;
using isakmp::PayloadType;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr std::size_t charon_keeps = 3;
/// Quick Modes that an end may begin in a minute, for each tunnel, while each pair is deleted at once: two,
/// then pauses that grow while packets wait, with a quarter of jitter.
constexpr unsigned attempts_per_minute() {
    unsigned attempts = 2;
    Duration pause = ike::limits::retry_first;
    for (Duration passed = pause * 3 / 4; passed < minutes(1); passed += pause * 3 / 4) {
        ++attempts;
        pause = std::min<Duration>(pause * 2, ike::limits::retry_wanted);
    }
    return attempts;
}
/// Both ends begin, and each has a pair of each.
constexpr unsigned pairs_per_minute = 4 * attempts_per_minute();

Bytes cookies_of(const isakmp::Header& header) {
    Bytes both;
    append(both, header.cky_i);
    append(both, header.cky_r);
    return both;
}

isakmp::Header header_of(const status::IsakmpSa& sa) {
    isakmp::Header header;
    const auto cky_i = from_hex(sa.cky_i).value_or(Bytes(8));
    const auto cky_r = from_hex(sa.cky_r).value_or(Bytes(8));
    std::ranges::copy(cky_i, header.cky_i.begin());
    std::ranges::copy(cky_r, header.cky_r.begin());
    return header;
}

}  // namespace

Trials::Trials(Simulation& simulation, std::uint64_t seed) : s_(simulation), dice_(~seed) {}

void Trials::again(Duration mean, Deed deed) {
    const Duration pause(static_cast<std::int64_t>(-std::log(1 - dice_.unit()) * seconds_of(mean) * 1e9));
    s_.agenda.in(pause, [this, mean, deed] {
        (this->*deed)();
        again(mean, deed);
    });
}

void Trials::begin() {
    if (s_.plan.trial == Trial::first_messages && dice_.chance(0.5)) {
        flood();  // while the link begins
    }
    s_.agenda.in(seconds(31), [this] { go_on(); });
}

void Trials::go_on() {
    const bool brief = s_.end() - s_.agenda.now() <= std::chrono::hours(4);
    switch (s_.plan.trial) {
        case Trial::first_messages:
            return again(brief ? minutes(30) : minutes(400), &Trials::flood);
        case Trial::reflections:
            again(brief ? minutes(40) : minutes(300), &Trials::dead_peer);
            return again(brief ? minutes(1) : minutes(10), &Trials::reflect);
        case Trial::recordings:
            return again(brief ? seconds(5) : seconds(40), &Trials::say_again);
        case Trial::withheld:
            return again(brief ? minutes(15) : minutes(150), &Trials::withhold);
        case Trial::short_lived:
            return again(brief ? minutes(20) : minutes(200), &Trials::delete_at_once);
        case Trial::phase1_lost:
            return again(brief ? minutes(15) : minutes(150), &Trials::lose_phase1);
        case Trial::unfinished:
            return again(brief ? minutes(10) : minutes(100), &Trials::leave_unfinished);
        default:
            return;
    }
}

bool Trials::on_stage(const Node& node) const {
    const auto& link = s_.plan.links[s_.plan.stage];
    return s_.plan.trial != Trial::none &&
           (link.first.node == node.index() || link.second.node == node.index());
}

bool Trials::under(const isakmp::Header& header, const Node& node, const Node& peer) const {
    for (const auto& one : node.status().peers) {
        if (one.name == peer.name()) {
            return std::ranges::any_of(
                one.ike_sas, [&](const auto& sa) { return cookies_of(header_of(sa)) == cookies_of(header); });
        }
    }
    return false;
}

/// A Quick Mode between them is not over at one end.
bool Trials::negotiating(const Node& node, const Node& peer) const {
    for (const auto& one : node.status().peers) {
        for (const auto& tunnel : one.tunnels) {
            if (one.name == peer.name() && std::ranges::any_of(tunnel.sas, [](const auto& sa) {
                    return sa.state == status::ChildSaState::negotiating;
                })) {
                return true;
            }
        }
    }
    return false;
}

std::uint64_t Trials::begun_with(const Node& node, const Node& peer) const {
    for (const auto& one : node.status().peers) {
        if (one.name == peer.name()) {
            return one.negotiations;
        }
    }
    return 0;
}

bool Trials::leaves(Node& node, const Packet& packet, bool its_own) {
    if (!on_stage(node)) {
        return true;
    }
    const auto header = isakmp::decode_header(packet.octets);
    if (!header) {
        return true;
    }
    switch (s_.plan.trial) {
        case Trial::first_messages:
            if (header->exchange == ExchangeType::aggressive && header->cky_r == isakmp::Cookie{}) {
                example_ = packet;
            }
            return true;
        case Trial::reflections:
            if (its_own) {
                keep(sent_[node.index()], packet);
            }
            return true;
        case Trial::three_exchanges:
            if (&node == &odd() && header->encrypted() && said_.insert(packet.octets).second) {
                keep_three(*header);
                confirm(*header, packet, true);
            }
            return true;
        case Trial::unfinished:
            if (&node == &odd() && header->exchange == ExchangeType::quick &&
                under(*header, odd(), other()) && !begun_by_other_.contains(header->message_id)) {
                const auto seen = s_.observer()->watch(packet.octets);
                if (isakmp::find(seen.payloads, PayloadType::sa) != nullptr) {
                    quick_ = seen.payloads;
                    quick_at_ = s_.agenda.now();
                }
            }
            return true;
        case Trial::withheld: {
            if (!withholding_ || &node != &odd() || !header->encrypted() || withheld_ || !stage().healthy ||
                header->exchange != ExchangeType::informational) {
                return true;
            }
            const auto seen = s_.observer()->watch(packet.octets);
            if (isakmp::find(seen.payloads, PayloadType::delete_) == nullptr) {
                return true;
            }
            withheld_ = packet;
            s_.strike(stage(), Class::loss);
            return false;
        }
        default:
            return true;
    }
}

bool Trials::arrives(unsigned node, const Packet& packet) {
    if (!on_stage(*s_.nodes[node])) {
        return true;
    }
    const auto header = isakmp::decode_header(packet.octets);
    if (!header) {
        return true;
    }
    if (s_.plan.trial == Trial::recordings && s_.nodes[node]->running()) {
        keep(arrived_[node], packet);
    }
    if (node != odd().index() || !header->encrypted() || !odd().running()) {
        return true;
    }
    if (s_.plan.trial == Trial::unfinished) {
        if (composed_.contains(header->message_id)) {
            return false;
        }
        if (header->exchange == ExchangeType::quick) {
            begun_by_other_.insert(header->message_id);
        }
    }
    if (s_.plan.trial == Trial::three_exchanges) {
        if (forgotten(*header)) {
            complain(odd(), packet);
            return false;
        }
        keep_three(*header);
        confirm(*header, packet, false);
    }
    return true;
}

/// As responder it installs its pair when message 3 has come.
void Trials::confirm(const isakmp::Header& header, const Packet& packet, bool sent) {
    if (header.exchange != ExchangeType::quick) {
        return;
    }
    const auto payloads = s_.observer()->watch(packet.octets).payloads;
    const auto* sa = isakmp::find(payloads, PayloadType::sa);
    if (sent && sa != nullptr && known_[cookies_of(header)].contains(header.message_id) &&
        begun_by_other_.contains(header.message_id)) {
        if (const auto answer = isakmp::decode_sa(sa->body); answer && !answer->proposals.empty()) {
            unconfirmed_[header.message_id] = answer->proposals.front().spi;
        }
    } else if (!sent && sa != nullptr) {
        begun_by_other_.insert(header.message_id);
    } else if (!sent) {
        unconfirmed_.erase(header.message_id);
    }
}

bool Trials::takes_esp(unsigned node, const Packet& packet) const {
    return unconfirmed_.empty() ||
           s_.nodes[node].get() != &s_.end_of(s_.links[s_.plan.stage], s_.plan.odd_first) ||
           packet.octets.size() < 4 || std::ranges::none_of(unconfirmed_, [&](const auto& one) {
               return std::equal(one.second.begin(), one.second.end(), packet.octets.begin());
           });
}

void Trials::installed(Node& node, const Held& held) {
    if (s_.plan.trial != Trial::short_lived || !deletes_ || !on_stage(node)) {
        return;
    }
    const auto& mine = stage().plan->first.node == node.index() ? stage().plan->first : stage().plan->second;
    if (std::ranges::find(mine.reqids, held.pair->reqid) == mine.reqids.end()) {
        return;
    }
    ++made_;
    if (&node == &odd()) {
        s_.agenda.in(milliseconds(20), [this, id = held.pair->id] {
            if (deletes_) {
                odd().input(sa::Exhausted{id, true});
            }
        });
    }
}

/// It cannot place its route, or is configured so.
void Trials::delete_at_once() {
    if (deletes_) {
        return;
    }
    const auto minutes_of_it = 1 + static_cast<unsigned>(dice_.below(6));
    s_.count("trial: short-lived pairs");
    s_.say("fault", "{} deletes each pair with {} at once, for {} minutes", odd().name(), other().name(),
           minutes_of_it);
    s_.strike(stage(), Class::short_lived);
    deletes_ = true;
    made_ = 0;
    const auto& mine = s_.plan.odd_first ? stage().plan->first : stage().plan->second;
    for (const auto reqid : mine.reqids) {
        if (const auto* held = odd().running() ? odd().sending(reqid) : nullptr) {
            odd().input(sa::Exhausted{held->pair->id, true});
        }
    }
    for (unsigned i = 1; i <= minutes_of_it; ++i) {
        s_.agenda.in(minutes(i), [this] {
            if (std::exchange(made_, 0) > pairs_per_minute * stage().plan->tunnels) {
                s_.fail("in-vain", fmt::format("{} and {} make pairs without number, each deleted at once",
                                               odd().name(), other().name()));
            }
        });
    }
    s_.agenda.in(minutes(minutes_of_it), [this] {
        deletes_ = false;
        s_.heal(stage());
    });
}

void Trials::keep_three(const isakmp::Header& header) {
    if (header.message_id == 0) {
        return;
    }
    auto& latest = three_[cookies_of(header)];
    std::erase(latest, header.message_id);
    latest.push_front(header.message_id);
    if (latest.size() > charon_keeps) {
        latest.pop_back();
    }
    known_[cookies_of(header)].insert(header.message_id);
}

bool Trials::forgotten(const isakmp::Header& header) const {
    const auto known = known_.find(cookies_of(header));
    if (header.exchange != ExchangeType::quick || known == known_.end() ||
        !known->second.contains(header.message_id)) {
        return false;
    }
    const auto& latest = three_.at(cookies_of(header));
    return std::ranges::find(latest, header.message_id) == latest.end();
}

/// What it cannot decrypt any more is malformed, and it says so under the ISAKMP SA's protection.
void Trials::complain(Node& node, const Packet& packet) {
    s_.count("trial: forgotten message ids");
    auto* observer = s_.observer();
    if (observer == nullptr) {
        return;
    }
    isakmp::Notification malformed;
    malformed.type = NotifyType::payload_malformed;
    Packet answer;
    answer.source = packet.destination;
    answer.destination = packet.source;
    if (auto made = observer->composed(packet.octets, ExchangeType::informational,
                                       static_cast<std::uint32_t>(dice_.next() | 1U),
                                       {{PayloadType::notification, isakmp::encode(malformed)}})) {
        answer.octets = std::move(*made);
        s_.observer()->watch(answer.octets);
        s_.network.send(node.index(), std::move(answer));
    }
}

/// As if the peer had said so; only that the peer knows nothing of it.
void Trials::forget_phase1(Node& node, Node& peer) {
    for (const auto& one : node.status().peers) {
        if (one.name != peer.name()) {
            continue;
        }
        for (const auto& sa : one.ike_sas) {
            const auto header = header_of(sa);
            isakmp::Delete gone{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {cookies_of(header)}};
            if (auto made = s_.observer()->composed(isakmp::encode_message(header, ByteView{}),
                                                    ExchangeType::informational,
                                                    static_cast<std::uint32_t>(dice_.next() | 1U),
                                                    {{PayloadType::delete_, isakmp::encode(gone)}});
                made && sa.established) {
                node.input(ike::Datagram{sa.local, sa.remote, std::move(*made)});
            }
        }
    }
}

void Trials::lose_phase1() {
    if (!odd().running() || !other().running() || !stage().healthy) {
        return;
    }
    // Before message 3 has come the pair is lost as well, and its initiator cannot know. One that ends early
    // at the end whose clock has jumped is due too late.
    const Duration since_jump = s_.agenda.now() - stage().clock_jumped;
    if (negotiating(odd(), other()) || negotiating(other(), odd()) ||
        since_jump < seconds(stage().plan->first.esp_seconds)) {
        s_.agenda.in(seconds(3), [this] { lose_phase1(); });
        return;
    }
    s_.count("trial: lost Phase 1");
    s_.say("mischief", "{} loses its ISAKMP SAs with {}", odd().name(), other().name());
    forget_phase1(odd(), other());
}

void Trials::leave_unfinished() {
    auto* observer = s_.observer();
    if (quick_.empty() || !odd().running() || !other().running() || !stage().healthy) {
        return;
    }
    s_.count("trial: unfinished Quick Modes");
    s_.say("mischief", "{} begins Quick Modes with {} and finishes none", odd().name(), other().name());
    for (const auto& one : odd().status().peers) {
        if (one.name != other().name()) {
            continue;
        }
        for (const auto& ike : one.ike_sas) {
            const auto header = header_of(ike);
            for (unsigned i = 0; i < 10 && ike.established; ++i) {
                auto payloads = quick_;
                std::erase_if(payloads,
                              [](const Payload& payload) { return payload.type == PayloadType::hash; });
                for (auto& payload : payloads) {
                    if (payload.type == PayloadType::sa) {
                        auto sa = *isakmp::decode_sa(payload.body);
                        for (auto& proposal : sa.proposals) {
                            for (auto& octet : proposal.spi) {
                                octet = static_cast<std::uint8_t>(dice_.next() | 1U);
                            }
                        }
                        payload.body = isakmp::encode(sa);
                    } else if (payload.type == PayloadType::nonce) {
                        for (auto& octet : payload.body) {
                            octet = static_cast<std::uint8_t>(dice_.next());
                        }
                    }
                }
                const auto id = static_cast<std::uint32_t>(dice_.next() | 1U);
                Packet packet;
                packet.source = ike.local;
                packet.destination = ike.remote;
                if (auto made = observer->composed(isakmp::encode_message(header, ByteView{}),
                                                   ExchangeType::quick, id, payloads)) {
                    packet.octets = std::move(*made);
                    composed_.insert(id);
                    observer->watch(packet.octets);
                    // Not beside one of its own: which of them it will finish, nobody can tell.
                    s_.agenda.in(milliseconds(200 * i), [this, packet, from = odd().index()] {
                        if (s_.agenda.now() - quick_at_ > seconds(2)) {
                            s_.network.send(from, packet);
                        }
                    });
                }
            }
        }
    }
}

/// Under the newest ISAKMP SA, as an Informational (RFC 2407 4.6.3.3).
void Trials::say_initial_contact(Node& node, Node& peer) {
    for (const auto& one : node.status().peers) {
        if (one.name != peer.name() || one.ike_sas.empty() || !one.ike_sas.back().established) {
            continue;
        }
        const auto& sa = one.ike_sas.back();
        const auto header = header_of(sa);
        isakmp::Notification afresh;
        afresh.type = NotifyType::initial_contact;
        afresh.spi = cookies_of(header);
        Packet packet;
        packet.source = sa.local;
        packet.destination = sa.remote;
        if (auto made = s_.observer()->composed(isakmp::encode_message(header, ByteView{}),
                                                ExchangeType::informational,
                                                static_cast<std::uint32_t>(dice_.next() | 1U),
                                                {{PayloadType::notification, isakmp::encode(afresh)}})) {
            s_.count("trial: INITIAL-CONTACT");
            s_.say("mischief", "{} says INITIAL-CONTACT to {}", node.name(), peer.name());
            packet.octets = std::move(*made);
            s_.observer()->watch(packet.octets);
            s_.network.send(node.index(), std::move(packet));
        }
    }
}

void Trials::reported(Node& node, const Event& event) {
    if (event.code != EventCode::phase1_established || !on_stage(node) || event.subject != other().name() ||
        s_.plan.trial != Trial::starts_afresh || &node != &odd() || !stage().healthy) {
        return;
    }
    // Once what the establishment brings is done.
    s_.agenda.in(milliseconds(1), [this] {
        if (odd().running() && stage().healthy) {
            say_initial_contact(odd(), other());
        }
    });
}

}  // namespace causeway::sim
