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

bool is_half_open(const IkeSa& sa) {
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
    for (auto& peer : peers_) {
        if (peer->whereabouts.may_be_at(remote.address)) {
            peer->calls.begun(now_);
        }
    }
    sa.session->proceed();
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
