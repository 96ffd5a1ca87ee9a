// What a session knows of itself, for its owner and for what is written of it.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/findings.hpp"
#include "ike/v1/session.hpp"

namespace causeway::ike::v1 {

Finding finding_of(const Effects& effects, const Error& error) {
    return effects.finding ? *effects.finding
                           : finding<FindingId::message_refused>(field<"what">(error.what));
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
    return phase1_.mode();
}

NatFacts Session::nat() const {
    const auto& all = progress();
    return {all.nat.told, all.nat.local, all.nat.remote, all.features.nat};
}

void Session::assume_nat(const NatFacts& nat) {
    phase1_.assume_nat(nat);
}

bool Session::peer_is_causeway() const {
    const auto& vendors = progress().features.vendors;
    return std::ranges::find(vendors, isakmp::Vendor::causeway) != vendors.end();
}

/// RFC 2409 5.4: HASH_R is given to whoever asks in Aggressive Mode, and keys can be tried on it.
std::optional<Unproved> Session::unproved() const {
    return phase1_.unproved();
}

std::string Session::remote_id() const {
    return done() != nullptr ? done()->remote_id.text() : std::string{};
}

void Session::describe(status::IsakmpSa& status) const {
    const auto& all = progress();
    const auto* rule = phase1_.rule();
    status.exchange_state = rule != nullptr ? std::string(rule->name) : "";
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
