#include "ike/v1/quick_mode.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <utility>

#include "negotiation/lifetime.hpp"
#include "negotiation/networks.hpp"
#include "negotiation/refusal.hpp"

namespace causeway::ike::v1::quick_mode {

using isakmp::Payload;
using isakmp::PayloadType;

namespace {

/// The SPI of the first ESP proposal; empty when there is none that can be read.
Bytes offered_spi(const std::vector<Payload>& payloads) {
    const auto* sa = isakmp::find(payloads, PayloadType::sa);
    if (sa == nullptr) {
        return {};
    }
    const auto offer = isakmp::decode_sa(sa->body);
    if (!offer) {
        return {};
    }
    const auto esp = std::find_if(
        offer->proposals.begin(), offer->proposals.end(),
        [](const isakmp::Proposal& proposal) { return proposal.protocol == isakmp::Protocol::esp; });
    return esp != offer->proposals.end() ? esp->spi : Bytes{};
}

isakmp::Header quick_header(const QuickContext& context, std::uint32_t message_id) {
    isakmp::Header header;
    header.cky_i = context.cky_i;
    header.cky_r = context.cky_r;
    header.exchange = isakmp::ExchangeType::quick;
    header.message_id = message_id;
    return header;
}

/// Puts `hash` in front of the payloads and encrypts them.
Result<Sealed> seal_hashed(const QuickContext& context, std::uint32_t message_id, ByteView iv, Bytes hash,
                           std::vector<Payload> payloads) {
    payloads.insert(payloads.begin(), Payload{PayloadType::hash, std::move(hash)});
    return seal(context.keys, iv, quick_header(context, message_id), payloads);
}

Result<std::optional<Payload>> at_most_one(std::span<const Payload> payloads, PayloadType type) {
    std::optional<Payload> found;
    for (const auto& payload : payloads) {
        if (payload.type == type) {
            if (found) {
                return fail(Errc::malformed, fmt::format("two {} payloads", name_of(type)));
            }
            found = payload;
        }
    }
    return found;
}

/// Under HASH(1) or HASH(2): it is the peer's own fault, and it is told.
Result<void> check_public_value(const Payload& ke, crypto::GroupId group, Effects& effects) {
    auto checked = v1::check_public_value(group, ke.body);
    if (!checked) {
        effects.complaint = isakmp::NotifyType::invalid_key_information;
    }
    return checked;
}

struct Ids {
    Bytes idci_b;
    Bytes idcr_b;
};
/// RFC 2409 5.5: none or two, the initiator's first.
Result<Ids> ids_of(std::span<const Payload> payloads) {
    std::vector<Bytes> bodies;
    for (const auto& payload : payloads) {
        if (payload.type == PayloadType::identification) {
            bodies.push_back(payload.body);
        }
    }
    if (bodies.empty()) {
        return Ids{};
    }
    if (bodies.size() != 2) {
        return fail(Errc::malformed, fmt::format("{} ID payloads, none or two are allowed", bodies.size()));
    }
    return Ids{std::move(bodies[0]), std::move(bodies[1])};
}

SharedAgreement agree(const QuickContext& context, const QuickProgress& progress,
                      negotiation::Phase2Choice choice,
                      const std::optional<config::Lifetime>& responder_lifetime, ByteView gxy_qm) {
    auto agreement = std::make_shared<Agreement>();
    const auto& cipher = crypto::info(choice.cipher);
    const std::size_t encryption_octets = std::size_t{cipher.key_octets} + cipher.salt_octets;
    const std::size_t octets = encryption_octets + crypto::info(choice.integrity).key_octets;
    // RFC 2409 5.5: the SPI makes the two directions differ; each is keyed by the SPI of whoever receives.
    const auto make = [&](std::uint32_t spi) {
        const Secret keymat = crypto::keymat(context.keys.hash, context.keys.skeyids.skeyid_d.view(), gxy_qm,
                                             static_cast<std::uint8_t>(isakmp::Protocol::esp), spi,
                                             progress.ni_b, progress.nr_b, octets);
        return sa::EspSa{spi, Secret(keymat.view().first(encryption_octets)),
                         Secret(keymat.view().subspan(encryption_octets))};
    };
    agreement->inbound = make(progress.own_spi);
    agreement->outbound = make(choice.spi);
    agreement->lifetime = progress.tunnel->lifetime;
    const auto adopt = [&](const config::Lifetime& theirs) {
        const auto agreed = negotiation::agree_lifetime(agreement->lifetime, theirs);
        agreement->lifetime = agreed.lifetime;
        agreement->lifetime_adopted = agreement->lifetime_adopted || agreed.adopted;
    };
    adopt(choice.lifetime);
    if (responder_lifetime) {
        adopt(*responder_lifetime);
    }
    agreement->choice = std::move(choice);
    return agreement;
}

Result<Offered> send_offer(QuickProgress progress, std::shared_ptr<const crypto::DhKey> key,
                           const QuickContext& context, Effects& effects) {
    const auto& tunnel = *progress.tunnel;
    std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(negotiation::offer_phase2(
                                                        tunnel.proposals, progress.pfs, tunnel.lifetime,
                                                        progress.own_spi, progress.mode))},
                                  {PayloadType::nonce, progress.ni_b}};
    if (key) {
        payloads.push_back({PayloadType::key_exchange, to_bytes(key->public_value())});
    }
    payloads.push_back({PayloadType::identification, progress.idci_b});
    payloads.push_back({PayloadType::identification, progress.idcr_b});
    const auto& keys = context.keys;
    Bytes hash = crypto::hash_1(keys.hash, keys.skeyids.skeyid_a.view(), progress.message_id,
                                isakmp::encode_payloads(payloads));
    const Bytes iv =
        crypto::phase2_iv(keys.hash, context.last_phase1_block, progress.message_id, keys.cipher);
    auto sealed =
        CAUSEWAY_TRY(seal_hashed(context, progress.message_id, iv, std::move(hash), std::move(payloads)));
    effects.reply = std::move(sealed.datagram);
    return Offered{std::move(progress), std::move(key), std::move(sealed.last_block)};
}

Result<Completed> send_confirmation(const QuickProgress& progress, negotiation::Phase2Choice choice,
                                    const std::optional<config::Lifetime>& responder_lifetime,
                                    ByteView gxy_qm, ByteView iv, const QuickContext& context,
                                    Effects& effects) {
    const auto& keys = context.keys;
    auto agreement = agree(context, progress, std::move(choice), responder_lifetime, gxy_qm);
    auto sealed = CAUSEWAY_TRY(seal_hashed(context, progress.message_id, iv,
                                           crypto::hash_3(keys.hash, keys.skeyids.skeyid_a.view(),
                                                          progress.message_id, progress.ni_b, progress.nr_b),
                                           {}));
    effects.reply = std::move(sealed.datagram);
    return Completed{progress, std::move(agreement)};
}

Result<Replied> send_answer(QuickProgress progress, negotiation::Phase2Choice choice,
                            const crypto::DhKey* key, ByteView gxy_qm, ByteView iv,
                            const QuickContext& context, Effects& effects) {
    progress.nr_b = new_nonce(context.random);
    std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(choice.reply)},
                                  {PayloadType::nonce, progress.nr_b}};
    if (key != nullptr) {
        payloads.push_back({PayloadType::key_exchange, to_bytes(key->public_value())});
    }
    if (!progress.idci_b.empty()) {
        payloads.push_back({PayloadType::identification, progress.idci_b});
        payloads.push_back({PayloadType::identification, progress.idcr_b});
    }
    if (const auto shorter = negotiation::lifetime_to_announce(progress.tunnel->lifetime, choice.lifetime)) {
        isakmp::Transform carrier;
        negotiation::write_lifetime_phase2(carrier, *shorter);
        isakmp::Notification notification{
            isakmp::doi_ipsec, isakmp::Protocol::esp, choice.reply.proposals.front().spi,
            isakmp::NotifyType::responder_lifetime, isakmp::encode(carrier.attributes)};
        payloads.push_back({PayloadType::notification, isakmp::encode(notification)});
    }
    const auto& keys = context.keys;
    Bytes hash = crypto::hash_2(keys.hash, keys.skeyids.skeyid_a.view(), progress.message_id, progress.ni_b,
                                isakmp::encode_payloads(payloads));
    auto sealed =
        CAUSEWAY_TRY(seal_hashed(context, progress.message_id, iv, std::move(hash), std::move(payloads)));
    effects.reply = std::move(sealed.datagram);
    auto agreement = agree(context, progress, std::move(choice), std::nullopt, gxy_qm);
    return Replied{std::move(progress), std::move(agreement), std::move(sealed.last_block)};
}

std::optional<config::Lifetime> responder_lifetime_of(std::span<const Payload> payloads) {
    for (const auto& payload : payloads) {
        if (payload.type != PayloadType::notification) {
            continue;
        }
        const auto notification = isakmp::decode_notification(payload.body);
        if (notification && notification->type == isakmp::NotifyType::responder_lifetime) {
            if (const auto attributes = isakmp::decode_attributes(notification->data)) {
                return negotiation::lifetime_of_phase2({0, 0, *attributes});
            }
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::variant<KeyPending, Offered>> begin(const config::Tunnel& tunnel, negotiation::PfsGroup pfs,
                                                std::uint32_t own_spi, std::uint32_t message_id,
                                                const QuickContext& context, Effects& effects) {
    QuickProgress progress;
    progress.initiator = true;
    progress.message_id = message_id;
    progress.tunnel = &tunnel;
    progress.own_spi = own_spi;
    progress.pfs = pfs;
    progress.ni_b = new_nonce(context.random);
    progress.idci_b = isakmp::encode(negotiation::id_of(tunnel.local));
    progress.idcr_b = isakmp::encode(negotiation::id_of(tunnel.remote));
    progress.mode = context.encapsulation.mode;
    if (pfs) {
        effects.dh = DhWish{*pfs, nullptr, {}};
        return KeyPending{std::move(progress)};
    }
    return send_offer(std::move(progress), nullptr, context, effects);
}

Result<Offered> advance(const KeyPending& state, const DhResult& dh, const QuickContext& context,
                        Effects& effects) {
    return send_offer(state.progress, dh.key, context, effects);
}

Result<std::variant<AgreePending, Completed>> advance(const Offered& state, const Message& message,
                                                      const QuickContext& context, Effects& effects) {
    const auto& keys = context.keys;
    const auto opened = CAUSEWAY_TRY(open(keys, state.iv, message));
    CAUSEWAY_CHECK(check(Offered::rule, true, opened.payloads));
    const Bytes expected = crypto::hash_2(keys.hash, keys.skeyids.skeyid_a.view(), state.progress.message_id,
                                          state.progress.ni_b, opened.rest_after_first());
    if (opened.payloads.front().type != PayloadType::hash ||
        !equal_in_constant_time(expected, opened.payloads.front().body)) {
        return fail(Errc::authentication, "HASH(2) is wrong");
    }
    const auto& tunnel = *state.progress.tunnel;
    const auto ke = CAUSEWAY_TRY(at_most_one(opened.payloads, PayloadType::key_exchange));
    const auto answer = CAUSEWAY_TRY(isakmp::decode_sa(isakmp::find(opened.payloads, PayloadType::sa)->body));
    auto choice = negotiation::check_phase2_answer(tunnel, state.progress.pfs, answer, state.progress.mode,
                                                   ke.has_value());
    if (!choice) {
        return effects.refuse(choice.error());
    }
    const auto ids = CAUSEWAY_TRY(ids_of(opened.payloads));
    const auto local = CAUSEWAY_TRY(negotiation::selector_or_host(ids.idci_b, context.local.address));
    const auto remote = CAUSEWAY_TRY(negotiation::selector_or_host(ids.idcr_b, context.remote.address));
    if (const auto same = negotiation::check_networks(tunnel, local, remote); !same) {
        return effects.refuse(same.error());
    }
    QuickProgress progress = state.progress;
    progress.nr_b = isakmp::find(opened.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.nr_b));
    const auto responder_lifetime = responder_lifetime_of(opened.payloads);
    if (state.key) {
        CAUSEWAY_CHECK(check_public_value(*ke, state.key->group(), effects));
        effects.dh = DhWish{state.key->group(), state.key, ke->body};
        return AgreePending{std::move(progress), std::move(*choice), responder_lifetime, opened.last_block};
    }
    return send_confirmation(progress, std::move(*choice), responder_lifetime, {}, opened.last_block, context,
                             effects);
}

Result<Completed> advance(const AgreePending& state, const DhResult& dh, const QuickContext& context,
                          Effects& effects) {
    return send_confirmation(state.progress, state.choice, state.responder_lifetime, dh.shared->view(),
                             state.iv, context, effects);
}

Result<std::variant<ResponderKeyPending, Replied>> respond(const config::Peer& peer, const Message& message,
                                                           std::uint32_t own_spi, const QuickContext& context,
                                                           Effects& effects) {
    const auto& keys = context.keys;
    QuickProgress progress;
    progress.message_id = message.header.message_id;
    progress.own_spi = own_spi;
    const Bytes iv =
        crypto::phase2_iv(keys.hash, context.last_phase1_block, progress.message_id, keys.cipher);
    const auto opened = CAUSEWAY_TRY(open(keys, iv, message));
    CAUSEWAY_CHECK(check(first_message_rule, true, opened.payloads));
    const Bytes expected = crypto::hash_1(keys.hash, keys.skeyids.skeyid_a.view(), progress.message_id,
                                          opened.rest_after_first());
    if (opened.payloads.front().type != PayloadType::hash ||
        !equal_in_constant_time(expected, opened.payloads.front().body)) {
        return fail(Errc::authentication, "HASH(1) is wrong");
    }
    effects.complaint_spi = offered_spi(opened.payloads);
    auto ids = CAUSEWAY_TRY(ids_of(opened.payloads));
    // IDci is the initiator's network, IDcr ours.
    const auto found =
        negotiation::choose_tunnel(peer, negotiation::selector_or_host(ids.idcr_b, context.local.address),
                                   negotiation::selector_or_host(ids.idci_b, context.remote.address));
    if (!found) {
        return effects.refuse(found.error());
    }
    const auto& tunnel = **found;
    progress.tunnel = &tunnel;
    progress.idci_b = std::move(ids.idci_b);
    progress.idcr_b = std::move(ids.idcr_b);
    progress.ni_b = isakmp::find(opened.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.ni_b));
    const auto ke = CAUSEWAY_TRY(at_most_one(opened.payloads, PayloadType::key_exchange));
    const auto offer = CAUSEWAY_TRY(isakmp::decode_sa(isakmp::find(opened.payloads, PayloadType::sa)->body));
    auto choice = negotiation::choose_phase2(tunnel, offer, context.encapsulation, ke.has_value(), own_spi);
    if (!choice) {
        return effects.refuse(choice.error());
    }
    progress.mode = choice->mode;
    if (ke) {
        CAUSEWAY_CHECK(check_public_value(*ke, *choice->pfs, effects));
        effects.dh = DhWish{*choice->pfs, nullptr, ke->body};
        return ResponderKeyPending{std::move(progress), std::move(*choice), opened.last_block};
    }
    return send_answer(std::move(progress), std::move(*choice), nullptr, {}, opened.last_block, context,
                       effects);
}

Result<Replied> advance(const ResponderKeyPending& state, const DhResult& dh, const QuickContext& context,
                        Effects& effects) {
    return send_answer(state.progress, state.choice, dh.key.get(), dh.shared->view(), state.iv, context,
                       effects);
}

Result<Completed> advance(const Replied& state, const Message& message, const QuickContext& context,
                          Effects& /*effects*/) {
    const auto& keys = context.keys;
    const auto opened = CAUSEWAY_TRY(open(keys, state.iv, message));
    CAUSEWAY_CHECK(check(Replied::rule, true, opened.payloads));
    const Bytes expected = crypto::hash_3(keys.hash, keys.skeyids.skeyid_a.view(), state.progress.message_id,
                                          state.progress.ni_b, state.progress.nr_b);
    if (opened.payloads.front().type != PayloadType::hash ||
        !equal_in_constant_time(expected, opened.payloads.front().body)) {
        return fail(Errc::authentication, "HASH(3) is wrong");
    }
    return Completed{state.progress, state.agreement};
}

}  // namespace causeway::ike::v1::quick_mode
