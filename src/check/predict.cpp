#include "check/predict.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <variant>

#include "check/strongswan_offer.hpp"
#include "codec/isakmp/numbers.hpp"
#include "negotiation/encapsulation.hpp"
#include "negotiation/lifetime.hpp"
#include "negotiation/networks.hpp"
#include "negotiation/peer.hpp"

namespace causeway::check {
namespace {

using negotiation::Reason;

// Nobody's (RFC 5737): what stands for a name, which may lead anywhere.
constexpr std::uint32_t somewhere_of_ours = 0xc0000201;
constexpr std::uint32_t somewhere_of_theirs = 0xc6336401;

std::optional<IpAddress> fixed_address(const config::Peer& peer) {
    for (const auto& address : peer.addresses) {
        if (const auto* fixed = std::get_if<IpAddress>(&address.value)) {
            return *fixed;
        }
    }
    return std::nullopt;
}

/// The address of an identity that is one.
std::optional<IpAddress> address_in(const std::optional<Sourced<config::Identity>>& id) {
    if (id && (id->value.type == isakmp::IdType::ipv4_addr || id->value.type == isakmp::IdType::ipv6_addr)) {
        return IpAddress::from_octets(id->value.data);
    }
    return std::nullopt;
}

/// Where `own` is, as the other end's entry for it says, or its own.
IpAddress address_of(const config::Peer& own, const config::Peer& other, std::uint32_t otherwise) {
    if (const auto fixed = fixed_address(other)) {
        return *fixed;
    }
    // Unless that is the other end's own, as we call it: nobody has both.
    if (const auto expected = address_in(other.remote_id); expected && expected != fixed_address(own)) {
        return *expected;
    }
    if (own.local_address) {
        return own.local_address->value;
    }
    return IpAddress::v4(otherwise);
}

/// The groups of one kind of exchange that are offered in turn.
template <class Group>
std::span<const Group> tried(const std::vector<Group>& groups, const Manner& manner) {
    return std::span(groups).first(manner.tries_every_group ? groups.size()
                                                            : std::min<std::size_t>(groups.size(), 1));
}

/// Main Mode offers all groups at once, Aggressive Mode one (RFC 2409 5.4).
std::vector<std::optional<crypto::GroupId>> groups_of(const End& initiator) {
    if (initiator.peer->mode == config::ExchangeMode::main) {
        return {std::nullopt};
    }
    const auto all = negotiation::offered_groups(initiator.peer->proposals);
    const auto some = tried(all, *initiator.manner);
    return {some.begin(), some.end()};
}

void choose_suite(const End& initiator, const End& responder, Phase1Outcome& outcome) {
    for (const auto group : groups_of(initiator)) {
        const auto& ours = initiator.peer->proposals;
        const auto offer = negotiation::offer_phase1(group ? negotiation::offered_with(ours, *group) : ours,
                                                     initiator.peer->lifetime);
        auto choice = negotiation::choose_phase1(*responder.peer, offer);
        if (choice) {
            choice = negotiation::check_phase1_answer(*initiator.peer, group, choice->reply);
        }
        if (choice) {
            outcome.lifetime =
                negotiation::agree_lifetime(responder.peer->lifetime, initiator.peer->lifetime).lifetime;
            outcome.choice = std::move(*choice);
            outcome.suite.reset();
            return;
        }
        if (!outcome.suite) {
            outcome.suite = std::move(choice.error());
        }
    }
    if (!outcome.suite) {
        outcome.suite = Reason{};  // nothing is offered
    }
}

Phase1Outcome phase1(const End& initiator, const End& responder) {
    Phase1Outcome outcome;
    const auto mode = initiator.peer->mode;
    if (!negotiation::answers(*responder.peer, mode)) {
        outcome.mode = Reason{};
        outcome.mode->obstacle = negotiation::Obstacle::mode;
        outcome.mode->offered = name_of(mode);
        outcome.mode->accepted = name_of(responder.peer->mode);
    }
    choose_suite(initiator, responder, outcome);
    outcome.keys_differ = !(initiator.peer->pre_shared_key == responder.peer->pre_shared_key);
    outcome.no_key = responder.peer->no_key_when_called && mode == config::ExchangeMode::main;
    const auto refused_by = [](const End& reader, const End& writer) -> std::optional<Reason> {
        auto fits = negotiation::check_identity(
            *reader.peer, negotiation::own_identity(*writer.peer, writer.address), writer.address);
        return fits ? std::nullopt : std::optional(std::move(fits.error()));
    };
    outcome.initiator_id = refused_by(responder, initiator);
    outcome.responder_id = refused_by(initiator, responder);
    return outcome;
}

std::optional<TrafficSelector> common(const TrafficSelector& a, const TrafficSelector& b) {
    if (!a.net.overlaps(b.net) || a.protocol != b.protocol || a.port != b.port) {
        return std::nullopt;
    }
    return a.net.prefix >= b.net.prefix ? a : b;
}

/// The responder's tunnel for these networks, and whether its answer is what the initiator takes.
void choose_networks(const config::Tunnel& tunnel, const End& initiator, const End& responder,
                     Phase2Outcome& outcome) {
    auto chosen = negotiation::choose_tunnel(*responder.peer, tunnel.remote, tunnel.local);
    if (chosen) {
        outcome.responder = *chosen;
        return;
    }
    outcome.networks = std::move(chosen.error());
    if (responder.peer->tunnels.size() == 1 && initiator.peer->tunnels.size() == 1) {
        outcome.responder = &responder.peer->tunnels.front();
    }
    if (!responder.manner->narrows) {
        return;
    }
    for (const auto& candidate : responder.peer->tunnels) {
        const auto local = common(tunnel.local, candidate.remote);
        const auto remote = common(tunnel.remote, candidate.local);
        if (local && remote) {
            outcome.responder = &candidate;
            outcome.networks.reset();
            auto taken = negotiation::check_networks(tunnel, *local, *remote);
            if (!taken && !initiator.manner->narrows) {
                outcome.networks = std::move(taken.error());
            }
            return;
        }
    }
}

/// A tunnel as its side asks for it under that ISAKMP SA.
config::Tunnel as_offered(const config::Tunnel& tunnel, const Manner& manner, const Phase1Outcome& phase1) {
    auto offered = tunnel;
    if (manner.prefers_group_of_phase1) {
        offered.proposals = strongswan_offer(
            tunnel.proposals, phase1.choice ? std::optional(phase1.choice->group) : std::nullopt);
    }
    return offered;
}

void choose_suite(const config::Tunnel& tunnel, const Manner& manner, Phase2Outcome& outcome) {
    constexpr std::uint32_t spi = 0x1000;  // any that is not reserved
    constexpr auto mode = isakmp::EncapsulationMode::tunnel;
    const auto groups = negotiation::offered_pfs(tunnel.proposals);
    for (const auto& group : tried(groups, manner)) {
        const auto offer = negotiation::offer_phase2(tunnel.proposals, group, tunnel.lifetime, spi, mode);
        auto choice =
            negotiation::choose_phase2(*outcome.responder, offer, {mode, true}, group.has_value(), spi);
        if (choice) {
            choice = negotiation::check_phase2_answer(tunnel, group, choice->reply, mode, group.has_value());
        }
        if (choice) {
            outcome.lifetime =
                negotiation::agree_lifetime(outcome.responder->lifetime, tunnel.lifetime).lifetime;
            outcome.choice = std::move(*choice);
            outcome.suite.reset();
            return;
        }
        if (!outcome.suite) {
            outcome.suite = std::move(choice.error());
        }
    }
    if (!outcome.suite) {
        outcome.suite = Reason{};
        outcome.suite->phase = negotiation::Phase::phase2;
    }
}

}  // namespace

Ends ends_of(const config::Model& our_model, const config::Peer& ours, const config::Model& their_model,
             const config::Peer& theirs) {
    return {{&manner_of(our_model.schema), &ours, address_of(ours, theirs, somewhere_of_ours)},
            {&manner_of(their_model.schema), &theirs, address_of(theirs, ours, somewhere_of_theirs)}};
}

bool calls_another_address(const config::Peer& caller, const config::Peer& called) {
    const auto& own = called.local_address;
    return own && !own->value.is_private() && !own->value.is_unspecified() && !caller.addresses.empty() &&
           std::ranges::all_of(caller.addresses, [&](const auto& address) {
               const auto* fixed = std::get_if<IpAddress>(&address.value);
               return fixed != nullptr && *fixed != own->value;
           });
}

bool can_dial(const config::Peer& peer) {
    return std::ranges::any_of(peer.addresses, [](const auto& address) {
        return !std::holds_alternative<config::AnyAddress>(address.value);
    });
}

bool dials(const config::Peer& peer, const config::Tunnel& tunnel) {
    return tunnel.start != config::StartAction::none && can_dial(peer);
}

Direction predict(const End& initiator, const End& responder) {
    Direction direction;
    const auto& tunnels = initiator.peer->tunnels;
    direction.dials =
        std::ranges::any_of(tunnels, [&](const auto& tunnel) { return dials(*initiator.peer, tunnel); });
    direction.phase1 = phase1(initiator, responder);
    for (const auto& tunnel : tunnels) {
        Phase2Outcome outcome;
        outcome.initiator = &tunnel;
        choose_networks(tunnel, initiator, responder, outcome);
        if (outcome.responder != nullptr) {
            choose_suite(as_offered(tunnel, *initiator.manner, direction.phase1), *initiator.manner, outcome);
        }
        direction.phase2.push_back(std::move(outcome));
    }
    return direction;
}

}  // namespace causeway::check
