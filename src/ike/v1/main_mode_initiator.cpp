// The initiator's arrows of Main Mode: messages 1, 3 and 5 (RFC 2409 5.4).
#include <optional>
#include <utility>
#include <vector>

#include "ike/v1/main_mode.hpp"
#include "negotiation/peer.hpp"

namespace causeway::ike::v1::main_mode {

using isakmp::Payload;
using isakmp::PayloadType;

SaSent begin(const config::Peer& peer, const Context& context, Effects& effects) {
    SaSent next;
    auto& progress = next.progress;
    progress.initiator = true;
    progress.mode = config::ExchangeMode::main;
    progress.peer = &peer;
    progress.cky_i = new_cookie(context.random);
    progress.sai_b = isakmp::encode(negotiation::offer_phase1(peer.proposals, peer.lifetime));
    std::vector<Payload> payloads{{PayloadType::sa, progress.sai_b}};
    add_vendor_ids(payloads, peer);
    effects.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<KeyPending> advance(const SaSent& state, const Message& message, const Context& /*context*/,
                           Effects& effects) {
    CAUSEWAY_CHECK(check(SaSent::rule, message.header.encrypted(), message.payloads));
    const auto& peer = *state.progress.peer;
    const auto answer =
        CAUSEWAY_TRY(isakmp::decode_sa(isakmp::find(message.payloads, PayloadType::sa)->body));
    auto choice = negotiation::check_phase1_answer(peer, std::nullopt, answer);
    if (!choice) {
        return effects.refuse_in_silence(choice.error());
    }
    KeyPending next{state.progress};
    next.progress.cky_r = message.header.cky_r;
    next.progress.choice = std::move(*choice);
    learn_vendor_ids(next.progress.features, message.payloads, peer);
    effects.dh = DhWish{next.progress.choice->group, nullptr, {}};
    return next;
}

Result<KeSent> advance(const KeyPending& state, const DhResult& dh, const Context& context,
                       Effects& effects) {
    KeSent next{state.progress, dh.key};
    auto& progress = next.progress;
    progress.gxi = to_bytes(dh.key->public_value());
    progress.ni_b = new_nonce(context.random);
    std::vector<Payload> payloads{{PayloadType::key_exchange, progress.gxi},
                                  {PayloadType::nonce, progress.ni_b}};
    add_nat_d(payloads, progress, context, *progress.peer);
    effects.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<AgreePending> advance(const KeSent& state, const Message& message, const Context& context,
                             Effects& effects) {
    CAUSEWAY_CHECK(check(KeSent::rule, message.header.encrypted(), message.payloads));
    AgreePending next{state, state.progress};
    auto& progress = next.progress;
    progress.gxr = isakmp::find(message.payloads, PayloadType::key_exchange)->body;
    progress.nr_b = isakmp::find(message.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.nr_b));
    CAUSEWAY_CHECK(check_public_value(progress.choice->group, progress.gxr, effects, progress.peer));
    // Some peers announce NAT-T only here.
    learn_vendor_ids(progress.features, message.payloads, *progress.peer);
    progress.nat = detect_nat(message.payloads, progress, context, *progress.peer);
    effects.dh = DhWish{progress.choice->group, state.key, progress.gxr};
    return next;
}

Result<AuthSent> advance(const AgreePending& state, const DhResult& dh, const Context& context,
                         Effects& effects) {
    const auto& progress = state.progress;
    const auto& peer = *progress.peer;
    AuthSent next{progress,
                  derive_keys(progress, dh.shared->view(), peer.pre_shared_key.view()),
                  {},
                  negotiation::own_identity(peer, context.local.address)};
    const Bytes idii_b = isakmp::encode(next.local_id.payload());
    const auto& keys = *next.keys;
    std::vector<Payload> payloads{
        {PayloadType::identification, idii_b},
        {PayloadType::hash, crypto::hash_i(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr,
                                           progress.cky_i, progress.cky_r, progress.sai_b, idii_b)}};
    if (context.initial_contact) {
        payloads.push_back(initial_contact_payload(progress));
    }
    auto sealed = CAUSEWAY_TRY(seal(keys, first_iv(progress), phase1_header(progress), payloads));
    next.iv = std::move(sealed.last_block);
    effects.reply = std::move(sealed.datagram);
    return next;
}

Result<Established> advance(const AuthSent& state, const Message& message, const Context& context,
                            Effects& effects) {
    const auto& progress = state.progress;
    const auto& peer = *progress.peer;
    const auto& keys = *state.keys;
    const auto opened = CAUSEWAY_TRY(open(keys, state.iv, message));
    CAUSEWAY_CHECK(check(AuthSent::rule, true, opened.payloads));
    const auto& idir_b = isakmp::find(opened.payloads, PayloadType::identification)->body;
    const Bytes expected = crypto::hash_r(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr,
                                          progress.cky_i, progress.cky_r, progress.sai_b, idir_b);
    if (!equal_in_constant_time(expected, isakmp::find(opened.payloads, PayloadType::hash)->body)) {
        return fail(Errc::authentication, "HASH_R is wrong");
    }
    const auto id = CAUSEWAY_TRY(isakmp::decode_identification(idir_b));
    Established done{
        progress, state.keys, opened.last_block, state.local_id, config::Identity::from_payload(id),
        false,    {}};
    if (const auto fits = negotiation::check_identity(peer, done.remote_id, context.remote.address); !fits) {
        return effects.refuse_for_good(fits.error(), state.keys, done.last_block);
    }
    learn_notifications(done, opened.payloads);
    return done;
}

}  // namespace causeway::ike::v1::main_mode
