// Who may begin an exchange with us: whom a caller may be, the places for what is not finished, what is
// computed for those who have proved nothing, and how they are refused.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ike/engine/impl.hpp"
#include "negotiation/peer.hpp"
#include "negotiation/refusal.hpp"

namespace causeway::ike {

namespace {

bool is_aggressive(const IkeSa& sa) {
    return sa.session->mode() == config::ExchangeMode::aggressive;
}

bool is_known(const IkeSa& sa) {
    return sa.standing == Caller::Standing::known;
}

bool unfinished(const IkeSa& sa) {
    return !sa.over() && !sa.initiator() && !sa.established();
}

/// Exchanges that share places.
bool same_room(const IkeSa& a, const IkeSa& b) {
    return a.standing == b.standing && a.session->round_trip() == b.session->round_trip() &&
           is_aggressive(a) == is_aggressive(b);
}

/// All peers may call at once, as after a power cut: each that is known has a place of its own.
limits::HalfOpen places_for(const IkeSa& sa, std::size_t peers) {
    auto places = is_aggressive(sa)          ? limits::half_open_aggressive
                  : sa.session->round_trip() ? limits::half_open_proved
                  : is_known(sa)             ? limits::half_open_known
                                             : limits::half_open_strangers;
    if (is_known(sa)) {
        places.all = std::max(places.all, peers);
    }
    return places;
}

Caller caller_of(const IkeSa& sa) {
    return {sa.remote().address, sa.standing};
}

/// The oldest one, when there are `places` or more; of several that have as many, the oldest of all.
template <class Counts>
IkeSa* of_whoever_has_most(const std::multimap<IpAddress, IkeSa*>& half_open, Counts&& counts,
                           std::size_t places) {
    std::size_t all = 0;
    std::size_t most = 0;
    IkeSa* leaves = nullptr;
    for (auto at = half_open.begin(); at != half_open.end();) {
        std::size_t count = 0;
        IkeSa* oldest = nullptr;
        const auto end = half_open.upper_bound(at->first);
        for (; at != end; ++at) {
            if (counts(*at->second)) {
                oldest = oldest != nullptr ? oldest : at->second;
                ++count;
            }
        }
        all += count;
        if (count > most || (count != 0 && count == most && oldest->number < leaves->number)) {
            most = count;
            leaves = oldest;
        }
    }
    return all >= places ? leaves : nullptr;
}

}  // namespace

void Engine::Impl::know_callers() {
    anywhere_ = std::make_shared<const negotiation::Anywhere>(model_->peers, limits::psk_trials);
}

void Engine::Impl::unclaimed(const Datagram& datagram, const isakmp::Header& header,
                             unclaimed::Opening&& opening) {
    const auto& remote = datagram.remote;
    if (shutting_down_ || opening.encrypted) {
        return report_ignored(remote, "no SA with these cookies");
    }
    if (header.length > limits::first_message_octets) {
        return report_ignored(remote, fmt::format("a first message of {} octets", header.length));
    }
    if (calls_too_often(remote.address)) {
        return;
    }
    const auto candidates = candidates_for(remote.address);
    resolve_possible_callers(remote.address);
    if (const auto known = negotiation::check_address(candidates, opening.mode); !known) {
        outputs_.push_back(Report{negotiation::event_for(known.error(), remote)});
        auto why = negotiation::finding_for(known.error());
        why.certainty = Certainty::likely;
        strangers_.called(remote.address, why, now_);
        if (told_strangers_.tell(ToldStrangers::Topic::refusal, remote.address, now_)) {
            transmit({datagram.local, remote, protocol_.refusal(header, known.error(), random_)});
        }
        return;
    }
    const auto standing = candidates.likely.empty() ? Caller::Standing::stranger : Caller::Standing::known;
    auto owned = new_sa(Role::responder, {datagram.local, remote}, standing,
                        SaLife(now_, now_ + limits::half_open_time, std::nullopt));
    IkeSa& sa = *owned;
    if (!sa.session->answer(datagram, candidates)) {
        return;
    }
    ++next_ike_number_;
    make_room(sa);
    sas_.push_back(std::move(owned));
    assign(sa, nullptr);
    enlist(sa);
    is_half_open(sa, caller_of(sa).source());
    tell_of_call(remote.address);
    sa.session->proceed();
}

/// Those that are there, and those of whom nothing says where they are.
void Engine::Impl::tell_of_call(const IpAddress& remote) {
    for (Peer* peer : places_.at(remote)) {
        if (peer->whereabouts.may_be_at(remote)) {
            peer->calls.begun(now_);
            stir(*peer);
        }
    }
    for (Peer* peer : take_not_called()) {
        if (!peer->whereabouts.found_nowhere()) {
            continue;  // it stands among the places
        }
        peer->calls.begun(now_);
        stir(*peer);
    }
}

/// A message 1 is never refused for lack of room: what is forgotten is the oldest exchange of the same source
/// when that has had its places, else the oldest one of whoever has most.
void Engine::Impl::make_room(const IkeSa& newcomer) {
    const auto places = places_for(newcomer, peers_.size());
    const auto beside = [&](const IkeSa& sa) {
        return &sa != &newcomer && unfinished(sa) && same_room(sa, newcomer);
    };
    const auto& all = half_open_like(newcomer);
    const auto [own, own_end] = all.equal_range(caller_of(newcomer).source());
    std::size_t own_count = 0;
    IkeSa* leaves = nullptr;
    for (auto at = own; at != own_end; ++at) {
        if (beside(*at->second)) {
            leaves = leaves != nullptr ? leaves : at->second;
            ++own_count;
        }
    }
    if (own_count < places.each) {
        // There are fewer than that in all rooms together, as a rule: then nobody is asked.
        const std::size_t others = all.size() - (newcomer.half_open ? 1 : 0);
        leaves = others < places.all ? nullptr : of_whoever_has_most(all, beside, places.all);
    }
    if (leaves != nullptr) {
        report(EventCode::limit_reached, {},
               {{"what", fmt::format("unfinished exchanges, the newest from {}", newcomer.remote().text())},
                {"next", "the oldest one is forgotten"}});
        phase1_failed(*leaves, finding<FindingId::phase1_unfinished>());
    }
}

/// Its value is good: somebody is there.
void Engine::Impl::on(IkeSa& sa, session::ShownItself&&) {
    make_room(sa);
    computes(sa, sa.session->mode());
}

bool Engine::Impl::may_compute(const IkeSa& sa, config::ExchangeMode mode) const {
    return caller_budgets_.may_compute(mode, caller_of(sa), now_);
}

void Engine::Impl::computes(const IkeSa& sa, config::ExchangeMode mode) {
    caller_budgets_.compute(mode, caller_of(sa), now_);
}

/// Keys that may be derived now to read a message of this exchange.
std::size_t Engine::Impl::trials_left(const IkeSa& sa) const {
    if (sa.tried && *sa.tried + limits::key_trials_again > now_) {
        return 0;
    }
    return caller_budgets_.trials_left(caller_of(sa), now_);
}

void Engine::Impl::on(IkeSa& sa, session::KeysDerived&& derived) {
    key_trials_ += derived.count;
    if (derived.on_trial && derived.count != 0) {
        sa.tried = now_;
        caller_budgets_.try_keys(derived.count, caller_of(sa), now_);
    }
}

}  // namespace causeway::ike
