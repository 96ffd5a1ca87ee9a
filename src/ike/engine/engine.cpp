#include "ike/engine/engine.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <type_traits>
#include <utility>

#include "base/ports.hpp"
#include "crypto/hash.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

Engine::Engine(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
               const sa::UsageSource& usage)
    : impl_(std::make_unique<Impl>(now, std::move(model), random, usage)) {}
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

Bytes digest_of(ByteView datagram) {
    Bytes digest = crypto::hash(crypto::HashId::sha1, {datagram});
    digest.resize(8);
    return digest;
}

const v1::Progress& IkeSa::progress() const {
    return std::visit([](const auto& state) -> const v1::Progress& { return state.progress; }, phase);
}

const v1::StepRule* IkeSa::rule() const {
    return std::visit(
        [](const auto& state) -> const v1::StepRule* {
            using State = std::decay_t<decltype(state)>;
            if constexpr (std::is_same_v<State, v1::Established>) {
                return nullptr;
            } else {
                return &State::rule;
            }
        },
        phase);
}

Engine::Impl::Impl(Instant now, std::shared_ptr<const config::Model> model, RandomSource& random,
                   const sa::UsageSource& usage)
    : now_(now), random_(random), usage_(usage) {
    adopt_model(std::move(model));
    perform(own_names_.handle_timeout(now_));
    for (auto& peer : peers_) {
        pursue(*peer);
    }
}

void Engine::Impl::handle(Instant now, Input input) {
    now_ = std::max(now_, now);
    std::visit([this](auto&& one) { on(std::forward<decltype(one)>(one)); }, std::move(input));
    sweep();
    compare_own_names();
    settle_commands();
}

/// A datagram that an SA sent itself is never for that SA. A gateway may talk to itself: both roles then have the same
/// cookies and addresses.
Engine::Impl::Addressee Engine::Impl::addressee(const Datagram& datagram, const v1::Message& message) const {
    const auto& header = message.header;
    bool ours = false;
    const bool first = header.cky_r == isakmp::Cookie{};
    for (auto& sa : sas_) {
        if (sa->dead || sa->cky_i != header.cky_i) {
            continue;
        }
        if (sa->sent.contains(sa->message_ids, header.message_id, message.datagram)) {
            ours = ours || datagram.remote.address != sa->local.address ||
                   datagram.local.address != sa->remote.address;
            continue;
        }
        // Message 1 repeated reaches the responder that answered it; an answer reaches the initiator that has
        // no CKY-R yet.
        // A refusal may come without CKY-R: the peer keeps no state for it.
        const bool refusal = sa->initiator && sa->cky_r == isakmp::Cookie{} &&
                             header.exchange == isakmp::ExchangeType::informational;
        const bool fits = first
                              ? (!sa->initiator || refusal) && sa->remote.address == datagram.remote.address
                              : sa->cky_r == header.cky_r || (sa->initiator && sa->cky_r == isakmp::Cookie{});
        if (fits) {
            return {sa.get(), false};
        }
    }
    return {nullptr, ours};
}

void Engine::Impl::on(Datagram&& datagram) {
    ++messages_in_;
    if (const auto header = isakmp::decode_header(datagram.payload); header && header->version >> 4U != 1) {
        return other_version(datagram, *header);
    }
    auto message = v1::read_message(datagram.payload);
    if (!message && message.error().code == Errc::limit) {
        return cannot_read(datagram.remote, message.error());
    }
    if (!message) {
        ++messages_ignored_;
        report(EventCode::message_malformed, {},
               {{"remote", datagram.remote.text()}, {"why", message.error().what}});
        return;
    }
    const auto& header = message->header;
    const auto [found, ours] = addressee(datagram, *message);
    if (found == nullptr && ours) {
        return report_ignored(datagram.remote, "a message of ours that has come back");
    }
    const auto exchange = header.exchange;
    if (exchange == isakmp::ExchangeType::informational) {
        if (!header.encrypted()) {
            clear_informational(found, datagram, *message);
        } else if (found != nullptr) {
            informational(*found, datagram, *message);
        } else {
            report_ignored(datagram.remote, "an Informational for an SA that is not ours");
            answer_unknown_cookies(datagram, header);
        }
        return;
    }
    if (exchange == isakmp::ExchangeType::main || exchange == isakmp::ExchangeType::aggressive) {
        if (header.message_id != 0) {
            return report_ignored(datagram.remote, "a Phase 1 message with a message id");
        }
        if (found != nullptr) {
            phase1_message(*found, datagram, *message);
        } else if (header.cky_r == isakmp::Cookie{}) {
            first_message(datagram, *message);
        } else {
            report_ignored(datagram.remote, "cookies that are not ours");
        }
        return;
    }
    if (exchange == isakmp::ExchangeType::quick) {
        if (found == nullptr) {
            report_ignored(datagram.remote, "a Quick Mode for an SA that is not ours");
            return answer_unknown_cookies(datagram, header);
        }
        return quick_message(*found, datagram, *message);
    }
    report_ignored(datagram.remote, name_of(exchange) + " is not supported");
}

void Engine::Impl::on(DhDone&& done) {
    const auto job = dh_jobs_.find(done.job);
    if (job == dh_jobs_.end()) {
        return;
    }
    const DhTarget target = job->second;
    dh_jobs_.erase(job);
    const auto sa = std::find_if(sas_.begin(), sas_.end(),
                                 [&](const auto& one) { return one->number == target.sa && !one->dead; });
    if (sa == sas_.end()) {
        return;
    }
    const v1::DhResult result{std::move(done.key), std::make_shared<const Secret>(std::move(done.shared))};
    const v1::DhResult* dh = result.key ? &result : nullptr;
    if (target.message_id == 0) {
        phase1_dh_done(**sa, dh, done.error);
    } else {
        quick_dh_done(**sa, target.message_id, target.initiator, dh, done.error);
    }
}

void Engine::Impl::on(sa::FirstInbound&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    const bool confirms = !found.child->outbound;
    perform(*found.peer, *found.tunnel, found.tunnel->sas.first_inbound(event.id, now_));
    if (!confirms) {
        return;
    }
    for (auto& sa : sas_) {
        for (auto& exchange : sa->exchanges) {
            if (exchange->made == event.id && !exchange->finished) {
                exchange->finished = true;
                exchange->retransmission.reset();
                exchange->expires = now_ + limits::finished_exchange_time;
            }
        }
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
    report(EventCode::peer_moved, found.peer->name,
           {{"from", found.child->remote.text()}, {"to", event.remote.text()}});
    found.peer->whereabouts.left(found.child->remote, now_);
    for (auto& tunnel : found.peer->tunnels) {
        perform(*found.peer, *tunnel, tunnel->sas.peer_moved(event.remote));
    }
    if (auto* sa = usable_sa(*found.peer); sa != nullptr && sa->local.port != ike_port) {
        sa->remote = event.remote;
        bring_ike_sas(*sa);
    }
}

void Engine::Impl::on(sa::Exhausted&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
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

void Engine::Impl::on(sa::UnknownSpi&& event) {
    for (auto& sa : sas_) {
        if (sa->established() == nullptr || sa->dead || sa->remote.address != event.remote.address) {
            continue;
        }
        // The DELETE that the peer should have had was lost, or came too late for its ISAKMP SA: it is told
        // again. Never about a number that the peer receives on: the packet may be forged, and some peers
        // name their partner's number in a DELETE.
        const bool tell = usable_sa(*sa->peer) == sa.get() && !sends_on(*sa->peer, event.spi);
        const bool told = sa->told_unknown && *sa->told_unknown + limits::hint_interval > now_;
        // The first packet may have been under way; a peer that keeps few message ids gets one message then.
        if (!tell || told || !one_at_a_time(*sa)) {
            hint(*sa);
        }
        if (tell) {
            sa->told_unknown = now_;
            send_delete_esp(*sa, event.spi);
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
    if (tunnel.wish.raise_by_packet()) {
        tunnel.retries.newly_wanted();
    }
    const Instant latest = now_ + limits::retry_wanted;
    tunnel.retries.wait_no_longer_than(latest);
    if (peer.next_attempt) {
        peer.next_attempt = std::min(*peer.next_attempt, latest);
    }
    peer.setbacks.shorten_pause(latest);
    pursue(peer);
}

}  // namespace causeway::ike
