// What a session knows of itself, for its owner and for what is written of it.
#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

Finding finding_of(const Effects& effects, const Error& error) {
    return effects.finding ? *effects.finding
                           : finding<FindingId::message_refused>(field<"what">(error.what));
}

const Progress& Session::progress() const {
    return std::visit([](const auto& state) -> const Progress& { return state.progress; }, phase_);
}

const StepRule* Session::rule() const {
    return std::visit(
        [](const auto& state) -> const StepRule* {
            using State = std::decay_t<decltype(state)>;
            if constexpr (std::is_same_v<State, Established>) {
                return nullptr;
            } else {
                return &State::rule;
            }
        },
        phase_);
}

std::string Session::peer_name() const {
    const auto* peer = owner_.peer();
    return peer != nullptr ? peer->name : std::string{};
}

void Session::ignore(const Endpoint& remote, std::string why) {
    tell(session::Ignored{remote, std::move(why)});
}

void Session::report(EventCode code, std::string subject, Fields fields) {
    tell(session::Said{Event{code, std::move(subject), std::move(fields)}});
}

/// What an arrow has to say.
void Session::tell_all(const Effects& effects) {
    for (const auto& event : effects.events) {
        tell(session::Said{event, effects.remote});
    }
}

config::ExchangeMode Session::mode() const {
    return mode_;
}

NatFacts Session::nat() const {
    const auto& all = progress();
    return {all.nat.told, all.nat.local, all.nat.remote, all.features.nat};
}

void Session::assume_nat(const NatFacts& nat) {
    auto& all = std::get<Established>(phase_).progress;
    all.nat = {false, nat.local, nat.remote};
    all.features.nat = nat.variant;
}

bool Session::peer_is_causeway() const {
    const auto& vendors = progress().features.vendors;
    return std::ranges::find(vendors, isakmp::Vendor::causeway) != vendors.end();
}

/// RFC 2409 5.4: HASH_R is given to whoever asks in Aggressive Mode, and keys can be tried on it.
std::optional<Unproved> Session::unproved() const {
    const auto* replied = std::get_if<aggressive_mode::Replied>(&phase_);
    return replied != nullptr
               ? std::optional(Unproved{replied->progress.peer->name, replied->remote_id.text()})
               : std::nullopt;
}

std::string Session::remote_id() const {
    return done() != nullptr ? done()->remote_id.text() : std::string{};
}

void Session::describe(status::IsakmpSa& status) const {
    const auto& all = progress();
    status.exchange_state = rule() != nullptr ? std::string(rule()->name) : "";
    status.cky_i = to_hex(spi_i());
    status.cky_r = to_hex(spi_r());
    status.mode = all.mode == config::ExchangeMode::main ? "Main Mode" : "Aggressive Mode";
    if (all.choice) {
        status.suite = all.choice->text();
    }
    status.nat_local = all.nat.local;
    status.nat_remote = all.nat.remote;
    status.dpd = all.features.dpd;
    for (const auto vendor : all.features.vendors) {
        status.vendors.emplace_back(isakmp::name_of(vendor));
    }
    if (const auto* established = done()) {
        status.local_id = established->local_id.text();
        status.remote_id = established->remote_id.text();
    }
}

}  // namespace causeway::ike::v1
