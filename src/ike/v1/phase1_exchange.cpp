#include "ike/v1/phase1_exchange.hpp"

#include <type_traits>
#include <utility>

namespace causeway::ike::v1 {

using config::ExchangeMode;

void Phase1Exchange::begin(const config::Peer& peer, crypto::GroupId group, const Context& context,
                           Effects& effects) {
    mode_ = peer.mode;
    if (mode_ == ExchangeMode::main) {
        enter(main_mode::begin(peer, context, effects));
    } else {
        enter(aggressive_mode::begin(peer, group, context, effects));
    }
}

Result<void> Phase1Exchange::respond(const negotiation::Candidates& candidates, const Message& message,
                                     const Context& context, Effects& effects) {
    if (message.header.exchange == isakmp::ExchangeType::main) {
        enter(CAUSEWAY_TRY(main_mode::respond(candidates, message, context, effects)));
        return {};
    }
    mode_ = ExchangeMode::aggressive;
    enter(CAUSEWAY_TRY(aggressive_mode::respond(candidates, message, context, effects)));
    return {};
}

void Phase1Exchange::enter(State&& next) {
    if (auto* const established = std::get_if<Established>(&next)) {
        done_ = std::make_unique<Established>(std::move(*established));
        state_.reset();
    } else {
        state_ = std::make_unique<State>(std::move(next));
    }
}

template <class In>
Result<void> Phase1Exchange::step(const In& input, const Context& context, Effects& effects) {
    std::optional<State> next;
    auto arrow = [&](const auto& state) -> Result<void> {
        if constexpr (requires { main_mode::advance(state, input, context, effects); }) {
            next = CAUSEWAY_TRY(main_mode::advance(state, input, context, effects));
            return {};
        } else if constexpr (requires { aggressive_mode::advance(state, input, context, effects); }) {
            next = CAUSEWAY_TRY(aggressive_mode::advance(state, input, context, effects));
            return {};
        } else {
            return fail(Errc::cancelled, "not awaited in this state");
        }
    };
    if (done_) {
        return fail(Errc::cancelled, "nothing is awaited any more");
    }
    CAUSEWAY_CHECK(std::visit(arrow, *state_));
    // Only now the old state is gone: a message that fails leaves everything as it was.
    enter(std::move(*next));
    return {};
}

Result<void> Phase1Exchange::advance(const Message& message, const Context& context, Effects& effects) {
    return step(message, context, effects);
}

Result<void> Phase1Exchange::advance(const DhResult& dh, const Context& context, Effects& effects) {
    return step(dh, context, effects);
}

bool Phase1Exchange::go_back() {
    std::optional<State> before;
    if (done_) {
        return false;
    }
    std::visit(
        [&](auto& state) {
            if constexpr (requires { state.before; }) {
                before = std::move(state.before);
            }
        },
        *state_);
    if (!before) {
        return false;
    }
    enter(std::move(*before));
    return true;
}

void Phase1Exchange::assume_nat(const NatFacts& nat) {
    auto& all = done_->progress;
    all.nat = {false, nat.local, nat.remote};
    all.features.nat = nat.variant;
}

void Phase1Exchange::shed() {
    done_->progress.choice->reply = {};
}

const Phase1Facts& Phase1Exchange::progress() const {
    return done_
               ? done_->progress
               : std::visit([](const auto& state) -> const Phase1Facts& { return state.progress; }, *state_);
}

ByteView Phase1Exchange::offer() const {
    if (done_) {
        return {};
    }
    return std::visit(
        [](const auto& state) -> ByteView {
            if constexpr (requires { state.progress.sai_b; }) {
                return state.progress.sai_b;
            } else {
                return {};
            }
        },
        *state_);
}

const StepRule* Phase1Exchange::rule() const {
    if (done_) {
        return nullptr;
    }
    return std::visit(
        [](const auto& state) -> const StepRule* {
            using One = std::decay_t<decltype(state)>;
            if constexpr (std::is_same_v<One, Established>) {
                return nullptr;
            } else {
                return &One::rule;
            }
        },
        *state_);
}

bool Phase1Exchange::awaits_message_3() const {
    return state_ && std::holds_alternative<main_mode::SaReplied>(*state_);
}

bool Phase1Exchange::has_authenticated() const {
    return done_ || std::holds_alternative<main_mode::AuthSent>(*state_);
}

bool Phase1Exchange::has_replied_unproved() const {
    return state_ && std::holds_alternative<aggressive_mode::Replied>(*state_);
}

std::optional<Unproved> Phase1Exchange::unproved() const {
    const auto* replied = std::get_if<aggressive_mode::Replied>(state_.get());
    return replied != nullptr
               ? std::optional(Unproved{replied->progress.peer->name, replied->remote_id.text()})
               : std::nullopt;
}

std::optional<Phase1Exchange::Refusable> Phase1Exchange::refusable() const {
    if (const auto* main = std::get_if<main_mode::AuthSent>(state_.get())) {
        return Refusable{main->keys, main->iv, main->local_id};
    }
    if (const auto* aggressive = std::get_if<aggressive_mode::Replied>(state_.get())) {
        return Refusable{aggressive->keys, first_iv(aggressive->progress), aggressive->local_id};
    }
    return std::nullopt;
}

}  // namespace causeway::ike::v1
