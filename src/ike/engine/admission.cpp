// Who may begin an exchange with us: whom a caller may be, the places for what is not finished, what is
// computed for those who have proved nothing, and how they are refused.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "ike/engine/impl.hpp"
#include "negotiation/peer.hpp"
#include "negotiation/refusal.hpp"

namespace causeway::ike {

namespace {

bool is_aggressive(const IkeSa& sa) {
    return sa.progress().mode == config::ExchangeMode::aggressive;
}

bool is_half_open(const IkeSa& sa) {
    return !sa.dead && !sa.initiator && sa.established() == nullptr;
}

/// Exchanges that share places.
bool same_room(const IkeSa& a, const IkeSa& b) {
    return a.known == b.known && a.round_trip == b.round_trip && is_aggressive(a) == is_aggressive(b);
}

/// All peers may call at once, as after a power cut: each that is known has a place of its own.
limits::HalfOpen places_for(const IkeSa& sa, std::size_t peers) {
    auto places = is_aggressive(sa) ? limits::half_open_aggressive
                  : sa.round_trip   ? limits::half_open_proved
                  : sa.known        ? limits::half_open_known
                                    : limits::half_open_strangers;
    if (sa.known) {
        places.all = std::max(places.all, peers);
    }
    return places;
}

Caller caller_of(const IkeSa& sa) {
    return {sa.remote.address, sa.known ? Caller::Standing::known : Caller::Standing::stranger};
}

}  // namespace

void Engine::Impl::know_callers() {
    anywhere_ = std::make_shared<const negotiation::Anywhere>(model_->peers, limits::psk_trials);
}

void Engine::Impl::first_message(const Datagram& datagram, const v1::Message& message) {
    const auto mode = message.header.exchange == isakmp::ExchangeType::main
                          ? config::ExchangeMode::main
                          : config::ExchangeMode::aggressive;
    if (shutting_down_ || message.header.encrypted()) {
        return report_ignored(datagram.remote, "no SA with these cookies");
    }
    if (message.datagram.size() > limits::first_message_octets) {
        return report_ignored(datagram.remote,
                              fmt::format("a first message of {} octets", message.datagram.size()));
    }
    if (calls_too_often(datagram.remote.address)) {
        return;
    }
    const v1::Context context{random_, datagram.local, datagram.remote};
    const Place place{datagram.local, datagram.remote};
    v1::Effects effects{datagram.remote};
    const auto candidates = candidates_for(datagram.remote.address);
    resolve_possible_callers(datagram.remote.address);
    if (const auto known = negotiation::check_address(candidates, mode); !known) {
        outputs_.push_back(Report{negotiation::event_for(known.error(), datagram.remote)});
        effects.complaint = negotiation::notification_for(known.error());
        return complain(nullptr, place, message.header, effects);
    }
    auto owned = std::make_unique<IkeSa>(random_);
    IkeSa& sa = *owned;
    sa.number = next_ike_number_;
    sa.model = model_;
    sa.local = datagram.local;
    sa.remote = datagram.remote;
    sa.known = !candidates.likely.empty();
    sa.created = now_;
    sa.expires = now_ + limits::half_open_time;
    if (auto begun = respond(sa, candidates, message, context, effects); !begun) {
        tell(effects);
        if (effects.trials_refused) {
            return tell_limit(datagram.remote, begun.error().what);
        }
        if (effects.events.empty()) {
            report(EventCode::message_malformed, {},
                   {{"remote", datagram.remote.text()}, {"why", begun.error().what}});
        }
        return complain(nullptr, place, message.header, effects);
    }
    ++next_ike_number_;
    sa.cky_i = sa.progress().cky_i;
    sa.cky_r = sa.progress().cky_r;
    sa.request_octets = message.datagram.size();
    make_room(sa);
    sas_.push_back(std::move(owned));
    assign(sa, nullptr);
    for (auto& peer : peers_) {
        if (!peer->calls_since && peer->whereabouts.may_be_at(sa.remote.address)) {
            peer->calls_since = now_;
        }
    }
    after_phase1_step(sa, effects, digest_of(message.datagram));
}

Result<void> Engine::Impl::respond(IkeSa& sa, const negotiation::Candidates& candidates,
                                   const v1::Message& message, const v1::Context& context,
                                   v1::Effects& effects) {
    if (message.header.exchange == isakmp::ExchangeType::main) {
        sa.phase = CAUSEWAY_TRY(v1::main_mode::respond(candidates, message, context, effects));
        return {};
    }
    auto next = CAUSEWAY_TRY(v1::aggressive_mode::respond(candidates, message, context, effects));
    sa.phase = std::move(next);
    if (effects.dh && !may_compute(sa)) {
        effects.trials_refused = true;
        return fail(Errc::limit, "Diffie-Hellman for Aggressive Mode");
    }
    if (effects.dh) {
        computes(sa);
    }
    return {};
}

/// A message 1 is never refused for lack of room: what is forgotten is the oldest exchange of the same source
/// when that has had its places, else the oldest one of whoever has most.
void Engine::Impl::make_room(const IkeSa& newcomer) {
    const auto places = places_for(newcomer, peers_.size());
    const IpAddress source = caller_of(newcomer).source();
    std::map<IpAddress, std::pair<std::size_t, IkeSa*>> sources;  // how many, and the oldest
    std::size_t all = 0;
    for (const auto& sa : sas_) {
        if (sa.get() != &newcomer && is_half_open(*sa) && same_room(*sa, newcomer)) {
            auto& [count, oldest] = sources.try_emplace(caller_of(*sa).source(), 0, sa.get()).first->second;
            ++count;
            ++all;
        }
    }
    const auto own = sources.find(source);
    IkeSa* leaves = nullptr;
    if (own != sources.end() && own->second.first >= places.each) {
        leaves = own->second.second;
    } else if (all >= places.all) {
        std::size_t most = 0;
        for (const auto& [address, of_source] : sources) {
            const auto& [count, oldest] = of_source;
            if (count > most || (count == most && oldest->number < leaves->number)) {
                most = count;
                leaves = oldest;
            }
        }
    }
    if (leaves != nullptr) {
        report(EventCode::limit_reached, {},
               {{"what", fmt::format("unfinished exchanges, the newest from {}", newcomer.remote.text())},
                {"next", "the oldest one is forgotten"}});
        phase1_failed(*leaves, finding<FindingId::phase1_unfinished>());
    }
}

/// Message 3 has come, and its value is good: somebody is there.
void Engine::Impl::has_shown_itself(IkeSa& sa) {
    sa.round_trip = true;
    make_room(sa);
    computes(sa);
}

bool Engine::Impl::may_compute(const IkeSa& sa) const {
    return caller_budgets_.may_compute(sa.progress().mode, caller_of(sa), now_);
}

void Engine::Impl::computes(const IkeSa& sa) {
    caller_budgets_.compute(sa.progress().mode, caller_of(sa), now_);
}

/// Keys that may be derived now to read a message of this exchange.
std::size_t Engine::Impl::trials_left(const IkeSa& sa) const {
    if (sa.tried && *sa.tried + limits::key_trials_again > now_) {
        return 0;
    }
    return caller_budgets_.trials_left(caller_of(sa), now_);
}

void Engine::Impl::count_trials(IkeSa& sa, const v1::Effects& effects) {
    key_trials_ += effects.trials;
    if (effects.trials != 0) {
        sa.tried = now_;
        caller_budgets_.try_keys(effects.trials, caller_of(sa), now_);
    }
}

/// RFC 2409 5.4: HASH_R is given to whoever asks in Aggressive Mode, and keys can be tried on it.
void Engine::Impl::unproved(const IkeSa& sa) {
    const auto* replied = std::get_if<v1::aggressive_mode::Replied>(&sa.phase);
    auto* peer = replied != nullptr ? find_peer(replied->progress.peer->name) : nullptr;
    if (peer == nullptr) {
        return;
    }
    ++peer->unproved_aggressive;
    if (told_strangers_.tell(ToldStrangers::Topic::unproved_aggressive, sa.remote.address, now_)) {
        report(EventCode::aggressive_unproved, peer->name,
               {{"remote", sa.remote.text()},
                {"identity", replied->remote_id.text()},
                {"count", std::to_string(peer->unproved_aggressive)}});
    }
}

void Engine::Impl::complain(IkeSa* sa, const Place& place, const isakmp::Header& about,
                            const v1::Effects& effects) {
    if (!effects.complaint) {
        return;
    }
    isakmp::Notification notification;
    notification.type = *effects.complaint;
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(notification)}};
    if (sa != nullptr && effects.complaint_keys) {
        if (auto datagram = v1::make_informational(*effects.complaint_keys, effects.complaint_iv_block,
                                                   sa->cky_i, sa->cky_r, sa->message_ids.next(), payloads)) {
            transmit(*sa, std::move(*datagram));
        }
        return;
    }
    // In clear and to somebody who has proved nothing: once a minute and source, never longer than what came.
    if (!told_strangers_.tell(ToldStrangers::Topic::refusal, place.remote.address, now_)) {
        return;
    }
    isakmp::Header header;
    header.cky_i = about.cky_i;
    // Never a responder cookie of ours for an exchange that does not exist (CVE-2023-30570).
    header.cky_r = sa != nullptr ? about.cky_r : isakmp::Cookie{};
    header.exchange = isakmp::ExchangeType::informational;
    header.message_id = v1::new_message_id(random_);
    Bytes datagram = isakmp::encode_message(header, payloads);
    if (sa != nullptr) {
        return transmit(*sa, std::move(datagram), place);
    }
    ++messages_out_;
    outputs_.push_back(Transmit{place.local, place.remote, std::move(datagram)});
}

}  // namespace causeway::ike
