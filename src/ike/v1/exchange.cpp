#include "ike/v1/exchange.hpp"

#include <utility>
#include <variant>

#include "ike/limits.hpp"

namespace causeway::ike::v1 {

namespace quick = quick_mode;

namespace {

template <class In>
Result<quick::State> step(const quick::State* state, const In& input, const quick::QuickContext& context,
                          Effects& effects) {
    if (state == nullptr) {
        return fail(Errc::cancelled, "it is finished");
    }
    return std::visit(
        [&](const auto& one) -> Result<quick::State> {
            if constexpr (requires { advance(one, input, context, effects); }) {
                return quick::as_state(advance(one, input, context, effects));
            } else {
                return fail(Errc::cancelled, "not awaited in this state");
            }
        },
        *state);
}

}  // namespace

Exchange::Exchange(Begun begun, std::shared_ptr<const config::Model> model)
    : begun_(std::move(begun)),
      model_(std::move(model)),
      // What we begin is repeated for a while first; what the peer begins it repeats.
      expires_(begun_.since + (ours() ? 4 * limits::half_open_time : limits::half_open_time)) {}

// ---- its messages -------------------------------------------------------------------------------------------------

Result<quick::State> Exchange::next(const Message& message, const quick::QuickContext& context,
                                    Effects& effects) const {
    return step(state(), message, context, effects);
}

Result<quick::State> Exchange::next(const DhResult& dh, const quick::QuickContext& context,
                                    Effects& effects) const {
    return step(state(), dh, context, effects);
}

void Exchange::advance(quick::State next) {
    state_ = std::make_unique<quick::State>(std::move(next));
    retransmission_.reset();
}

Bytes Exchange::take_pending_request() {
    return std::exchange(pending_request_digest_, {});
}

void Exchange::sent_message_2(Bytes request_digest, const Bytes& reply, Instant now) {
    answer_.emplace(std::move(request_digest), reply);
    sent(reply, now);
}

void Exchange::sent_message_3(Bytes request_digest, Bytes reply, Instant now) {
    answer_.emplace(std::move(request_digest), std::move(reply));
    confirmed_at_ = now;
}

void Exchange::repeated_message_3(Instant now) {
    in_doubt_ = true;
    confirmed_at_ = now;
}

const Bytes* Exchange::answer_to(const Bytes& request_digest) const {
    return answer_ && answer_->is_to(request_digest) ? &answer_->reply() : nullptr;
}

// ---- its deadlines ------------------------------------------------------------------------------------------------

bool Exchange::leaves_doubt(Instant now) const {
    return ours() && repetition_due(now) && retransmission_->tries() == limits::quick_asks_after;
}

bool Exchange::may_make_room(Instant now) const {
    return ours() && repetition_due(now) && retransmission_->tries() >= limits::quick_mode_makes_room_tries;
}

bool Exchange::under_way(Instant now) const {
    if (finished_) {
        return false;
    }
    return retransmission_ ? retransmission_->tries() < limits::quick_mode_alone_tries
                           : begun_.since + limits::dpd_repeat > now;
}

// ---- what it makes, and how it ends -------------------------------------------------------------------------------

AgreedChild Exchange::agreed(const quick::QuickProgress& progress, const quick::Agreement& agreement) const {
    const auto& choice = agreement.choice;
    AgreedChild child;
    child.reqid = reqid();
    child.role = role();
    child.cipher = choice.cipher;
    child.integrity = choice.integrity;
    child.pfs = choice.pfs;
    child.inbound = {agreement.inbound.spi, agreement.inbound.encryption_key.clone(),
                     agreement.inbound.integrity_key.clone()};
    child.outbound = {agreement.outbound.spi, agreement.outbound.encryption_key.clone(),
                      agreement.outbound.integrity_key.clone()};
    child.encapsulation =
        choice.mode == isakmp::EncapsulationMode::tunnel ? sa::Encapsulation::none : sa::Encapsulation::udp;
    child.lifetime = agreement.lifetime;
    child.lifetime_adopted = agreement.lifetime_adopted;
    child.nonces = progress.ni_b;
    append(child.nonces, progress.nr_b);
    child.begun = begun();
    child.since = since();
    child.confirmed = ours();  // message 2 was the peer's word; as responder it is message 3
    return child;
}

void Exchange::finish(Instant now) {
    finished_ = true;
    expires_ = now + limits::finished_exchange_time;
    retransmission_.reset();
    state_.reset();
    model_.reset();
}

void Exchange::fail(Instant now) {
    finish(now);
    answer_.reset();
}

// ---- whether the peer may refuse it -------------------------------------------------------------------------------

bool Exchange::message_2_is_judged(Instant now) const {
    return std::get_if<quick::Replied>(state()) != nullptr && retransmission_ &&
           retransmission_->last_sent() + limits::message_3_judged > now;
}

bool Exchange::message_3_is_judged(Instant now) const {
    return confirmed_at_ && *confirmed_at_ + limits::message_3_judged > now;
}

std::optional<Exchange::NamedBy> Exchange::waits_as() const {
    if (finished_) {
        return std::nullopt;
    }
    if (const auto* offered = std::get_if<quick::Offered>(state())) {
        return NamedBy{offered->progress.own_spi, 0};
    }
    if (const auto* replied = std::get_if<quick::Replied>(state())) {
        return NamedBy{replied->progress.own_spi, replied->agreement->choice.spi};
    }
    return std::nullopt;
}

}  // namespace causeway::ike::v1
