#include "ike/engine/engine.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <type_traits>
#include <utility>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

Engine::Engine(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
               const sa::UsageSource& usage, const Protocol& protocol)
    : impl_(std::make_unique<Impl>(now, std::move(model), random, usage, protocol)) {}
Engine::~Engine() = default;
void Engine::handle(Instant now, Input input) {
    impl_->handle(now, std::move(input));
}
void Engine::handle_timeout(Instant now) {
    impl_->handle_timeout(now);
}
std::optional<Output> Engine::poll() {
    return impl_->poll();
}
std::optional<Instant> Engine::next_timeout() const {
    return impl_->next_timeout();
}
status::Engine Engine::status(Instant now) const {
    return impl_->status(now);
}

status::Pulses Engine::pulses(Instant now) const {
    return impl_->pulses(now);
}

Engine::Impl::Impl(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
                   const sa::UsageSource& usage, const Protocol& protocol)
    : now_(now), random_(random), usage_(usage), protocol_(protocol) {
    adopt_model(std::move(model));
    perform(own_names_.handle_timeout(now_));
    for (auto& peer : peers_) {
        pursue(*peer);
    }
    settle_agendas();
}

void Engine::Impl::handle(Instant now, Input input) {
    now_ = std::max(now_, now);
    std::visit([this](auto&& one) { on(std::forward<decltype(one)>(one)); }, std::move(input));
    sweep();
    compare_own_names();
    settle_commands();
    settle_agendas();
}

/// A gateway may talk to itself: what a session has sent may be for another one, or have come back.
Engine::Impl::Addressee Engine::Impl::addressee(const Datagram& datagram,
                                                const isakmp::Header& header) const {
    bool ours = false;
    for (auto [at, end] = by_cookie_.equal_range(header.cky_i); at != end; ++at) {
        auto* sa = at->second;
        if (sa->over()) {
            continue;
        }
        switch (sa->session->claim(datagram, header)) {
            case Session::Claim::addressed:
                return {sa, false};
            case Session::Claim::ours:
                ours = ours || datagram.remote.address != sa->local().address ||
                       datagram.local.address != sa->remote().address;
                break;
            case Session::Claim::none:
                break;
        }
    }
    return {nullptr, ours};
}

void Engine::Impl::on(Datagram&& datagram) {
    ++messages_in_;
    const auto header = isakmp::decode_header(datagram.payload);
    if (!header) {
        return malformed(datagram.remote, header.error());
    }
    if (header->version >> 4U != protocol_.major_version()) {
        return other_version(datagram, *header);
    }
    const auto [found, ours] = addressee(datagram, *header);
    if (found != nullptr) {
        stir(*found);
        found->session->handle(datagram);
        if (found->peer == nullptr) {
            stir_those_at(found->remote().address);  // it may have shown itself
        }
        return;
    }
    if (ours) {
        return report_ignored(datagram.remote, "a message of ours that has come back");
    }
    std::visit([&](auto&& one) { unclaimed(datagram, *header, std::forward<decltype(one)>(one)); },
               protocol_.classify(datagram));
}

void Engine::Impl::unclaimed(const Datagram& datagram, const isakmp::Header&, unclaimed::Malformed&& one) {
    malformed(datagram.remote, one.error);
}

void Engine::Impl::unclaimed(const Datagram& datagram, const isakmp::Header& header,
                             unclaimed::Unknown&& unknown) {
    report_ignored(datagram.remote, std::move(unknown.what));
    if (unknown.of_session) {
        answer_unknown_session(datagram, header);
    }
}

/// Anybody can write this, and it names no SA of ours; whoever sits there may have forgotten us.
void Engine::Impl::unclaimed(const Datagram& datagram, const isakmp::Header&, unclaimed::Notices&& notices) {
    ++messages_ignored_;
    if (!notices.all.empty()) {
        report(EventCode::clear_notify, {},
               {{"remote", datagram.remote.text()}, {"notify", notices.all.front().name}});
    }
    const auto all = established_with(datagram.remote.address);
    if (all.empty()) {
        return;
    }
    IkeSa& oldest = *all.front();
    stir(oldest);
    for (const auto& notice : notices.all) {
        if (notice.unknown_spi) {
            named_unknown(*oldest.peer, *notice.unknown_spi);
        }
    }
    hint(oldest);
}

// A peer goes on under a session that we have forgotten, and may wait long for an answer. It is told; whoever believes
// that in clear believes a hint, and asks under the session. To somebody who has proved nothing: seldom, and shorter
// than what came. The peer may have forgotten what we have in turn: we ask under that.
void Engine::Impl::answer_unknown_session(const Datagram& datagram, const isakmp::Header& about) {
    if (shutting_down_) {
        return;
    }
    for (Peer* peer : places_.at(datagram.remote.address)) {
        if (auto* sa = usable_sa(*peer);
            sa != nullptr && sa->remote().address == datagram.remote.address && hint(*sa)) {
            stir(*peer);
            return;  // one answer at most
        }
    }
    if (!candidates_for(datagram.remote.address).empty() &&
        told_strangers_.tell(ToldStrangers::Topic::unknown_cookies, datagram.remote.address, now_)) {
        transmit({datagram.local, datagram.remote, protocol_.session_unknown(about, random_)});
    }
}

void Engine::Impl::on(DhDone&& done) {
    const auto job = dh_jobs_.find(done.job);
    if (job == dh_jobs_.end()) {
        return;
    }
    const DhTarget target = job->second;
    dh_jobs_.erase(job);
    if (auto* sa = find_sa(target.sa); sa != nullptr) {
        stir(*sa);
        sa->session->dh_done(target.tag, std::move(done));
    }
}

void Engine::Impl::on(sa::FirstInbound&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    stir(*found.peer);
    const bool confirms = !found.child->outbound;
    remark_over(*found.tunnel, FindingId::sha2_cut_short);
    remark_over(*found.tunnel, FindingId::integrity_fails);
    perform(*found.peer, *found.tunnel, found.tunnel->sas.first_inbound(event.id, now_));
    if (!confirms) {
        return;
    }
    for (auto* sa : found.peer->sas) {
        sa->session->first_inbound(event.id);
    }
}

void Engine::Impl::on(sa::PeerMoved&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    if (found.tunnel->sas.has_been_left(event.id, usage_)) {
        return;
    }
    stir(*found.peer);
    note_place(event.remote.address, *found.peer);
    report(EventCode::peer_moved, found.peer->name,
           {{"from", found.child->remote.text()}, {"to", event.remote.text()}});
    found.peer->whereabouts.left(found.child->remote, now_);
    for (auto& tunnel : found.peer->tunnels) {
        perform(*found.peer, *tunnel, tunnel->sas.peer_moved(event.remote));
    }
    if (auto* sa = usable_sa(*found.peer); sa != nullptr && sa->local().port != ike_port) {
        sa->session->move({sa->local(), event.remote});
        bring_ike_sas(*sa);
    }
}

void Engine::Impl::on(sa::Exhausted&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    stir(*found.peer);
    used_up(*found.tunnel, *found.child);
    if (event.hard) {
        const Loss loss{finding<FindingId::used_up>(), finding<FindingId::sa_too_small>(field<"count">({}))};
        perform(*found.peer, *found.tunnel,
                found.tunnel->sas.lose(event.id, loss, child::Cause::closed, ChildSas::Tell::peer, now_));
    } else if (!found.child->replaced) {
        found.tunnel->retries.renew();
    }
    pursue(*found.peer);
}

void Engine::Impl::on(sa::Forgotten&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    stir(*found.peer);
    const Loss loss{finding<FindingId::plane_changed>(),
                    finding<FindingId::plane_changed_again>(field<"count">({}))};
    perform(*found.peer, *found.tunnel,
            found.tunnel->sas.lose(event.id, loss, child::Cause::closed, ChildSas::Tell::peer, now_));
    found.tunnel->wish.raise();  // by our doing it is down, whoever had brought it up
    pursue(*found.peer);
}

void Engine::Impl::on(sa::UnknownSpi&& event) {
    for (IkeSa* sa : established_with(event.remote.address)) {
        if (sa->over()) {
            continue;
        }
        stir(*sa);
        // The DELETE that the peer should have had was lost, or came too late for its ISAKMP SA: it is told
        // again. Never about a number that the peer receives on: the packet may be forged, and some peers
        // name their partner's number in a DELETE.
        const bool tell = usable_sa(*sa->peer) == sa && !sends_on(*sa->peer, event.spi);
        const bool told = sa->told_unknown && *sa->told_unknown + limits::hint_interval > now_;
        // The first packet may have been under way; a peer that keeps few message ids gets one message then.
        if (!tell || told || !sa->session->one_at_a_time()) {
            hint(*sa);
        }
        if (tell) {
            sa->told_unknown = now_;
            sa->session->delete_child(event.spi);
        }
    }
}

void Engine::Impl::on(sa::Acquire&& acquire) {
    const auto found = find_tunnel(acquire.reqid);
    if (found.tunnel == nullptr || shutting_down_ || !found.tunnel->wish.raised_by_packets()) {
        return;
    }
    auto& tunnel = *found.tunnel;
    auto& peer = *found.peer;
    stir(peer);
    if (tunnel.wish.raise_by_packet()) {
        tunnel.retries.newly_wanted();
    }
    const Instant latest = now_ + limits::retry_wanted;
    tunnel.retries.wait_no_longer_than(latest);
    peer.attempts.wait_no_longer_than(latest);
    pursue(peer);
}

}  // namespace causeway::ike
