#include "ike/engine/child_sas.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/findings.hpp"
#include "base/ports.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

namespace {

auto* find_in(auto& sas, sa::SaId id) {
    const auto found = std::ranges::find_if(sas, [&](const ChildSa& one) { return one.pair->id == id; });
    return found == sas.end() ? nullptr : &*found;
}

}  // namespace

std::string MadePair::suite() const {
    return config::Phase2Proposal{.cipher = pair->cipher, .integrity = pair->integrity, .pfs = pfs}.text();
}

ChildSas::Changes ChildSas::add(MadePair made, Outbound outbound, Instant now) {
    Changes changes;
    ChildSa child{std::move(made)};
    const auto& pair = *child.pair;
    const auto* before = carrier();
    // Message 3 may be behind what is sent on the new pair, or be lost.
    const bool wait = outbound == Outbound::now && before != nullptr && !before->deleted &&
                      !carrier_doubted_ && before->pair->local_outer.address == pair.local_outer.address &&
                      before->pair->remote_outer.address == pair.remote_outer.address;
    if (wait) {
        child.activate_at = now + limits::activation_delay;
    }
    const bool at_once = outbound == Outbound::now && !wait;
    changes.emplace_back(InstallSa{child.pair, at_once});
    sas_.push_back(std::move(child));
    if (at_once) {
        activate(sas_.back(), now, changes);
    }
    return changes;
}

std::optional<sa::SaId> ChildSas::to_make_room() const {
    if (sas_.size() < limits::child_sas_per_tunnel) {
        return std::nullopt;
    }
    const auto* carrying = carrier();
    const auto rank = [&](const ChildSa& child) {
        return &child == carrying ? 3 : !child.outbound && !child.activate_at ? 0 : child.replaced ? 1 : 2;
    };
    return std::ranges::min_element(sas_, {}, rank)->pair->id;
}

ChildSas::Changes ChildSas::confirm(sa::SaId id, Instant now) {
    Changes changes;
    if (auto* child = find_in(sas_, id); child != nullptr) {
        activate(*child, now, changes);
    }
    return changes;
}

ChildSas::Changes ChildSas::first_inbound(sa::SaId id, Instant now) {
    Changes changes;
    auto* child = find_in(sas_, id);
    if (child == nullptr) {
        return changes;
    }
    if (!child->outbound) {
        activate(*child, now, changes);
        return changes;
    }
    const auto* before = carrier();
    child->followed = ++turns_;
    if (const auto* after = carrier(); after != before) {
        changes.emplace_back(ActivateOutbound{after->pair->id});
    }
    return changes;
}

// Which of two pairs of a tunnel goes.
// 1. The one that stood before the other's Quick Mode began is replaced; its partner may see that differently
//    by the time that a message takes, but never the other way round.
// 2. Two that were made at the same time both stand for longer; then the one with the lesser Ni_b | Nr_b is
//    deleted, by its initiator, which asks again whether the other one is still there.
// 3. A peer that is no causeway has rules of its own: with it two of the same time stay until they are
//    renewed or end.
void ChildSas::retire_one(ChildSa& a, ChildSa& b, Instant now) const {
    const auto retire = [&](ChildSa& old, const ChildSa& newer) {
        // It goes on receiving for a while: packets are still under way, and the peer may have been slower to
        // change. Who began the renewal is the first to delete.
        const Duration grace = limits::replaced_grace * (newer.initiator ? 2 : 3) / 2;
        old.replaced = true;
        old.rekey_at.reset();
        if (!old.remove_at || now + grace < *old.remove_at) {
            old.remove_at = now + grace;
            old.in_favour_of = newer.pair->id;
        }
    };
    if (a.installed < b.begun) {
        retire(a, b);
    } else if (b.installed < a.begun) {
        retire(b, a);
    } else if (partner_ == Partner::causeway) {
        ChildSa& lesser = a.nonces < b.nonces ? a : b;
        if (lesser.initiator && !lesser.remove_at) {
            lesser.remove_at = now + limits::replaced_grace * 2;
            lesser.in_favour_of = (&lesser == &a ? b : a).pair->id;
        }
    }
}

void ChildSas::activate(ChildSa& child, Instant now, Changes& changes) {
    const bool was_up = carrier() != nullptr;
    const bool crossed = std::ranges::any_of(sas_, [&](const ChildSa& other) {
        return other.outbound && other.installed >= child.begun && child.installed >= other.begun &&
               &other != &child;
    });
    child.activate_at.reset();
    child.followed = ++turns_;
    if (!child.initiator && !child.outbound) {
        // Confirmed, by message 3 or by ESP: the initiator may have begun to count just now.
        child.expires += now - child.established;
    }
    carrier_doubted_ = false;
    if (!child.outbound) {
        child.outbound = true;
        changes.emplace_back(ActivateOutbound{child.pair->id});
    }
    for (auto& other : sas_) {
        if (&other != &child) {
            retire_one(child, other, now);
        }
    }
    if (const auto* best = carrier(); best != nullptr && best != &child) {
        changes.emplace_back(ActivateOutbound{best->pair->id});
    }
    changes.emplace_back(child::Up{was_up, crossed, child.disclaimed, child.suite(), child.pair->inbound.spi,
                                   child.pair->outbound.spi, child.rekey_at});
}

void ChildSas::remove(sa::SaId id, const Finding& why, Tell tell, Instant now, Changes& changes) {
    const auto found = std::ranges::find_if(sas_, [&](const ChildSa& one) { return one.pair->id == id; });
    if (found == sas_.end()) {
        return;
    }
    if (tell == Tell::peer) {
        changes.emplace_back(child::TellPeer{found->pair->inbound.spi});
    }
    const bool carried = carrier() == &*found;
    changes.emplace_back(RemoveSa{id});
    sas_.erase(found);
    if (carried && carrier() == nullptr) {
        // A peer that deletes early: what was to follow in a moment follows now.
        const auto waiting =
            std::ranges::find_if(sas_, [](const ChildSa& one) { return one.activate_at.has_value(); });
        if (waiting != sas_.end()) {
            return activate(*waiting, now, changes);
        }
    }
    const auto* next = carrier();
    for (auto& other : sas_) {
        // What was to go in its favour goes in that of the one that carries now, or stays.
        if (other.in_favour_of == id && !other.deleted) {
            other.in_favour_of.reset();
            if (next != nullptr && next != &other && !next->replaced) {
                other.in_favour_of = next->pair->id;
            } else {
                other.remove_at.reset();
                // One that was never confirmed had replaced it: nobody else would renew it.
                if (!carried && &other == next && std::exchange(other.replaced, false)) {
                    changes.emplace_back(child::RenewalDue{});
                }
            }
        }
    }
    if (carried && next != nullptr) {
        changes.emplace_back(ActivateOutbound{next->pair->id});
        if (next->replaced) {
            carrier_doubted_ = true;
            changes.emplace_back(child::FellBack{next->initiator});
        }
    } else if (carried) {
        changes.emplace_back(child::Down{why});
    }
}

ChildSas::Changes ChildSas::remove(sa::SaId id, const Finding& why, Tell tell, Instant now) {
    Changes changes;
    remove(id, why, tell, now, changes);
    return changes;
}

ChildSas::Changes ChildSas::remove_all(const Finding& why, Tell tell, Instant now) {
    Changes changes;
    while (!sas_.empty()) {
        remove(sas_.front().pair->id, why, tell, now, changes);
    }
    return changes;
}

void ChildSas::lose(sa::SaId id, const Loss& loss, child::Cause cause, Tell tell, Instant now,
                    Changes& changes) {
    const auto* before = carrier();
    const bool carried = before != nullptr && before->pair->id == id;
    const Instant made = carried ? before->established : Instant{};
    remove(id, loss.why, tell, now, changes);
    const auto* left = carrier();
    if (carried && (left == nullptr || left->replaced)) {
        changes.emplace_back(child::CarrierLost{
            loss, cause, made, left != nullptr ? std::optional(left->expires) : std::nullopt});
    }
}

ChildSas::Changes ChildSas::lose(sa::SaId id, const Loss& loss, child::Cause cause, Tell tell, Instant now) {
    Changes changes;
    lose(id, loss, cause, tell, now, changes);
    return changes;
}

ChildSas::Disclaimed ChildSas::disclaim(const IpAddress& remote, Instant since, Instant now) {
    Disclaimed answer;
    const auto* carrying = carrier();
    const bool concerned = carrying != nullptr && carrying->established < since;
    std::vector<sa::SaId> gone;
    for (auto& child : sas_) {
        if (child.established >= since) {
            continue;
        }
        if (child.remote.address == remote && (child.outbound || child.activate_at)) {
            child.disclaimed = true;
            child.rekey_at.reset();
            const Instant end = now + limits::disclaimed_grace;
            child.remove_at = std::min(child.remove_at.value_or(end), end);
            answer.kept = true;
        } else {
            gone.push_back(child.pair->id);
        }
    }
    answer.dropped = !gone.empty();
    for (const auto id : gone) {
        lose(id, fresh_start, child::Cause::silence, Tell::nobody, now, answer.changes);
    }
    carrying = carrier();
    answer.lost = concerned && carrying == nullptr;
    answer.renew = concerned && carrying != nullptr && carrying->disclaimed;
    carrier_doubted_ = carrier_doubted_ || answer.renew;
    return answer;
}

ChildSas::Changes ChildSas::drop_disclaimed(std::optional<std::uint32_t> outbound_spi, Instant now) {
    Changes changes;
    const auto before = sas_;
    for (const auto& child : before) {
        if (child.disclaimed && (!outbound_spi || child.pair->outbound.spi == *outbound_spi)) {
            lose(child.pair->id, fresh_start, child::Cause::silence, Tell::nobody, now, changes);
        }
    }
    return changes;
}

void ChildSas::move_one(ChildSa& child, const Endpoint& local, const Endpoint& remote, Changes& changes) {
    child.remote = remote;
    changes.emplace_back(MoveSa{child.pair->id, local, remote, child.pair->encapsulation});
}

ChildSas::Changes ChildSas::move(const Endpoint& local, const Endpoint& remote) {
    Changes changes;
    for (auto& child : sas_) {
        move_one(child, local, remote, changes);
    }
    return changes;
}

ChildSas::Changes ChildSas::peer_moved(const Endpoint& remote) {
    Changes changes;
    for (auto& child : sas_) {
        move_one(child, child.pair->local_outer, remote, changes);
    }
    return changes;
}

ChildSas::Changes ChildSas::bring_to(const Endpoint& local, const Endpoint& remote) {
    Changes changes;
    for (auto& child : sas_) {
        if (child.remote.address == remote.address) {
            continue;
        }
        Endpoint from = local;
        Endpoint to = remote;
        if (child.pair->encapsulation == sa::Encapsulation::udp && from.port == ike_port) {
            from.port = to.port = nat_t_port;
        }
        move_one(child, from, to, changes);
    }
    return changes;
}

bool ChildSas::has_been_left(sa::SaId id, const sa::UsageSource& usage) const {
    const auto* child = find(id);
    const auto* carrying = carrier();
    if (child == nullptr || carrying == nullptr || !child->replaced || carrying == child) {
        return false;
    }
    const auto used = usage.usage(carrying->pair->id);
    return used && used->packets_in != 0;
}

ChildSas::Changes ChildSas::set_partner(Partner partner) {
    Changes changes;
    const auto* before = carrier();
    partner_ = partner;
    if (const auto* after = carrier(); after != before) {
        changes.emplace_back(ActivateOutbound{after->pair->id});
    }
    return changes;
}

std::optional<Instant> ChildSas::next_timeout() const {
    std::optional<Instant> next;
    each_deadline([&](Instant at) { next = next ? std::min(*next, at) : at; });
    return next;
}

ChildSas::Changes ChildSas::handle_timeout(Instant now, const Circumstances& here,
                                           const sa::UsageSource& usage) {
    Changes changes;
    if (const auto next = next_timeout(); !next || *next > now) {
        return changes;
    }
    // As they stand now: what one of them causes may remove others.
    const auto before = sas_;
    for (const auto& child : before) {
        std::optional<Deadline> due;
        each_deadline_of(child, [&](Deadline deadline, Instant at) {
            due = due ? due : at <= now ? std::optional(deadline) : std::nullopt;
        });
        if (due) {
            act_on(*due, child, now, here, usage, changes);
        }
    }
    return changes;
}

/// `child` is a copy from before anything was done.
void ChildSas::act_on(Deadline deadline, const ChildSa& child, Instant now, const Circumstances& here,
                      const sa::UsageSource& usage, Changes& changes) {
    const auto id = child.pair->id;
    switch (deadline) {
        case Deadline::expiry:
            return lose(
                id,
                {finding<FindingId::lifetime_over>(), finding<FindingId::sa_too_short>(field<"count">({}))},
                child::Cause::closed, Tell::peer, now, changes);
        case Deadline::activation:
            // Unless the end of the pair before has brought it forward in this very moment.
            if (auto* waiting = find_in(sas_, id); waiting != nullptr && waiting->activate_at) {
                activate(*waiting, now, changes);
            }
            return;
        case Deadline::removal:
            return child.disclaimed ? lose(id, fresh_start, child::Cause::silence, Tell::peer, now, changes)
                                    : end_replaced(child, now, here, usage, changes);
        case Deadline::renewal:
            return renew(child, now, here, usage, changes);
    }
}

/// A pair that was replaced goes when its time has come, and only while what replaced it is there.
void ChildSas::end_replaced(const ChildSa& child, Instant now, const Circumstances& here,
                            const sa::UsageSource& usage, Changes& changes) {
    const auto id = child.pair->id;
    auto* mine = find_in(sas_, id);
    if (mine == nullptr) {
        return;
    }
    const auto* newer = child.in_favour_of ? find(*child.in_favour_of) : nullptr;
    if (!child.deleted && (newer == nullptr || !newer->outbound)) {
        // What was to replace it has gone: it is what there is.
        mine->remove_at.reset();
        mine->in_favour_of.reset();
        if (carrier() == mine && std::exchange(mine->replaced, false)) {
            changes.emplace_back(child::RenewalDue{});
        }
        return;
    }
    const auto used = usage.usage(id);
    const bool in_use = used && used->last_in && *used->last_in + child.linger > now;
    if (!here.deletes_at_once || (child.deleted && !in_use)) {
        return remove(id, finding<FindingId::replaced>(), Tell::nobody, now, changes);
    }
    // The peer may be sending on it until it hears of this; if it still does, it has not.
    changes.emplace_back(child::TellPeer{child.pair->inbound.spi});
    mine->linger = child.deleted ? child.linger * 2 : limits::deleted_linger;
    mine->deleted = true;
    mine->remove_at = now + mine->linger;
}

void ChildSas::renew(const ChildSa& child, Instant now, const Circumstances& here,
                     const sa::UsageSource& usage, Changes& changes) {
    auto* mine = find_in(sas_, child.pair->id);
    if (mine == nullptr) {
        return;
    }
    mine->rekey_at.reset();
    const auto used = usage.usage(child.pair->id);
    const bool carried = used && (used->packets_in != 0 || used->packets_out != 0);
    // A tunnel that only traffic asks for is renewed only if there was some.
    if (here.wanted || carried) {
        changes.emplace_back(child::RenewalDue{});
    } else if (const Duration left = child.expires - now; left > limits::renewal_too_late) {
        mine->rekey_at = now + left / 2;  // there may be some yet
    }
}

const ChildSa* ChildSas::carrier() const {
    const auto before = [&](const ChildSa& a, const ChildSa& b) {
        if (a.replaced || b.replaced) {
            return b.replaced;  // of those that are replaced the newest
        }
        return partner_ == Partner::causeway || a.followed == b.followed ? a.nonces > b.nonces
                                                                         : a.followed > b.followed;
    };
    const ChildSa* best = nullptr;
    for (const auto& child : sas_) {
        if (child.outbound && (best == nullptr || before(child, *best))) {
            best = &child;
        }
    }
    return best;
}

const ChildSa* ChildSas::find(sa::SaId id) const {
    return find_in(sas_, id);
}

const ChildSa* ChildSas::with_spi(std::uint32_t spi) const {
    const auto found = std::ranges::find_if(sas_, [&](const ChildSa& one) {
        return one.pair->outbound.spi == spi || one.pair->inbound.spi == spi;
    });
    return found == sas_.end() ? nullptr : &*found;
}

bool ChildSas::is_newest(sa::SaId id) const {
    return !sas_.empty() && sas_.back().pair->id == id;
}

}  // namespace causeway::ike
