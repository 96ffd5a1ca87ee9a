#include "ike/v1/aggressive_mode.hpp"

#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "negotiation/peer.hpp"

namespace causeway::ike::v1::aggressive_mode {

using isakmp::Payload;
using isakmp::PayloadType;

namespace {

Bytes hash_i_of(const Progress& progress, const Keys& keys, ByteView idii_b) {
    return crypto::hash_i(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr, progress.cky_i,
                          progress.cky_r, progress.sai_b, idii_b);
}

Bytes hash_r_of(const Progress& progress, const Keys& keys, ByteView idir_b) {
    return crypto::hash_r(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr, progress.cky_i,
                          progress.cky_r, progress.sai_b, idir_b);
}

}  // namespace

KeyPending begin(const config::Peer& peer, crypto::GroupId group, const Context& context, Effects& effects) {
    KeyPending next;
    auto& progress = next.progress;
    progress.initiator = true;
    progress.mode = config::ExchangeMode::aggressive;
    progress.peer = &peer;
    progress.cky_i = new_cookie(context.random);
    const auto proposals = negotiation::offered_with(peer.proposals, group);
    progress.sai_b = isakmp::encode(negotiation::offer_phase1(proposals, peer.lifetime));
    effects.dh = DhWish{group, nullptr, {}};
    return next;
}

Result<SaSent> advance(const KeyPending& state, const DhResult& dh, const Context& context,
                       Effects& effects) {
    SaSent next{state.progress, dh.key, {}};
    auto& progress = next.progress;
    const auto& peer = *progress.peer;
    progress.gxi = to_bytes(dh.key->public_value());
    progress.ni_b = new_nonce(context.random);
    next.idii_b = isakmp::encode(negotiation::own_identity(peer, context.local.address).payload());
    std::vector<Payload> payloads{{PayloadType::sa, progress.sai_b},
                                  {PayloadType::key_exchange, progress.gxi},
                                  {PayloadType::nonce, progress.ni_b},
                                  {PayloadType::identification, next.idii_b}};
    add_vendor_ids(payloads, peer);
    effects.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<AgreePending> advance(const SaSent& state, const Message& message, const Context& context,
                             Effects& effects) {
    CAUSEWAY_CHECK(check(SaSent::rule, message.header.encrypted(), message.payloads));
    const auto& peer = *state.progress.peer;
    const auto answer =
        CAUSEWAY_TRY(isakmp::decode_sa(isakmp::find(message.payloads, PayloadType::sa)->body));
    auto choice = negotiation::check_phase1_answer(peer, state.key->group(), answer);
    if (!choice) {
        return effects.refuse_in_silence(choice.error());
    }
    AgreePending next{state, state.progress,
                      isakmp::find(message.payloads, PayloadType::identification)->body,
                      isakmp::find(message.payloads, PayloadType::hash)->body, message.payloads};
    auto& progress = next.progress;
    progress.cky_r = message.header.cky_r;
    progress.choice = std::move(*choice);
    progress.gxr = isakmp::find(message.payloads, PayloadType::key_exchange)->body;
    progress.nr_b = isakmp::find(message.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.nr_b));
    CAUSEWAY_CHECK(check_public_value(progress.choice->group, progress.gxr, effects, &peer));
    learn_vendor_ids(progress.features, message.payloads, peer);
    progress.nat = detect_nat(message.payloads, progress, context, peer);
    effects.dh = DhWish{progress.choice->group, state.key, progress.gxr};
    return next;
}

Result<Established> advance(const AgreePending& state, const DhResult& dh, const Context& context,
                            Effects& effects) {
    const auto& progress = state.progress;
    const auto& peer = *progress.peer;
    const auto keys = derive_keys(progress, dh.shared->view(), peer.pre_shared_key.view());
    if (!equal_in_constant_time(hash_r_of(progress, *keys, state.idir_b), state.hash_r)) {
        effects.report_wrong_key("HASH_R of its message 2 is wrong", peer.pre_shared_key_place, &peer);
        effects.finding = finding<FindingId::keys_differ_by>(peer.pre_shared_key_place,
                                                             field<"evidence">("HASH_R is wrong"));
        return fail(Errc::authentication, "HASH_R is wrong: the pre-shared keys differ, most likely");
    }
    const auto idii = CAUSEWAY_TRY(isakmp::decode_identification(state.before.idii_b));
    const auto idir = CAUSEWAY_TRY(isakmp::decode_identification(state.idir_b));
    Established done{
        progress, keys, {}, config::Identity::from_payload(idii), config::Identity::from_payload(idir),
        false,    {}};
    if (const auto fits = negotiation::check_identity(peer, done.remote_id, context.remote.address); !fits) {
        effects.fatal = true;
        return effects.refuse_in_silence(fits.error());
    }
    learn_notifications(done, state.payloads);
    std::vector<Payload> payloads{{PayloadType::hash, hash_i_of(progress, *keys, state.before.idii_b)}};
    add_nat_d(payloads, progress, context, peer);
    if (context.initial_contact) {
        payloads.push_back(initial_contact_payload(progress));
    }
    // Message 3 may go in clear; encrypted it hides HASH_I (RFC 2409 5.4: "HDR*" is optional here).
    auto sealed = CAUSEWAY_TRY(seal(*keys, first_iv(progress), phase1_header(progress), payloads));
    done.last_block = std::move(sealed.last_block);
    effects.reply = std::move(sealed.datagram);
    return done;
}

Result<ResponderKeyPending> respond(const negotiation::Candidates& candidates, const Message& message,
                                    const Context& context, Effects& effects) {
    CAUSEWAY_CHECK(check(first_message_rule, message.header.encrypted(), message.payloads));
    ResponderKeyPending next{{}, isakmp::find(message.payloads, PayloadType::identification)->body};
    const auto received =
        config::Identity::from_payload(CAUSEWAY_TRY(isakmp::decode_identification(next.idii_b)));
    const auto found = negotiation::choose_peer(
        candidates, {received, context.remote.address, config::ExchangeMode::aggressive});
    if (!found) {
        return effects.refuse(found.error());
    }
    const auto& peer = **found;
    auto& progress = next.progress;
    progress.sai_b = isakmp::find(message.payloads, PayloadType::sa)->body;
    const auto offer = CAUSEWAY_TRY(isakmp::decode_sa(progress.sai_b));
    auto choice = negotiation::choose_phase1(peer, offer);
    if (!choice) {
        return effects.refuse(choice.error());
    }
    progress.mode = config::ExchangeMode::aggressive;
    progress.peer = &peer;
    progress.cky_i = message.header.cky_i;
    progress.cky_r = new_cookie(context.random);
    progress.choice = std::move(*choice);
    progress.gxi = isakmp::find(message.payloads, PayloadType::key_exchange)->body;
    progress.ni_b = isakmp::find(message.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.ni_b));
    learn_vendor_ids(progress.features, message.payloads, peer);
    if (check_public_value(progress.choice->group, progress.gxi, effects, &peer)) {
        effects.dh = DhWish{progress.choice->group, nullptr, progress.gxi};
    }
    return next;
}

Result<Replied> advance(const ResponderKeyPending& state, const DhResult& dh, const Context& context,
                        Effects& effects) {
    Replied next;
    next.progress = state.progress;
    auto& progress = next.progress;
    const auto& peer = *progress.peer;
    progress.gxr = to_bytes(dh.key->public_value());
    progress.nr_b = new_nonce(context.random);
    next.keys = derive_keys(progress, dh.shared->view(), peer.pre_shared_key.view());
    next.idii_b = state.idii_b;
    next.local_id = negotiation::own_identity(peer, context.local.address);
    next.remote_id =
        config::Identity::from_payload(CAUSEWAY_TRY(isakmp::decode_identification(state.idii_b)));
    const Bytes idir_b = isakmp::encode(next.local_id.payload());
    std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(progress.choice->reply)},
                                  {PayloadType::key_exchange, progress.gxr},
                                  {PayloadType::nonce, progress.nr_b},
                                  {PayloadType::identification, idir_b},
                                  {PayloadType::hash, hash_r_of(progress, *next.keys, idir_b)}};
    add_vendor_ids(payloads, peer, progress.features.nat);
    add_nat_d(payloads, progress, context, peer);
    effects.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<Established> advance(const Replied& state, const Message& message, const Context& context,
                            Effects& effects) {
    const auto& peer = *state.progress.peer;
    const auto& keys = *state.keys;
    std::vector<Payload> payloads = message.payloads;
    Bytes last_block = first_iv(state.progress);
    if (message.header.encrypted()) {
        auto opened = open(keys, last_block, message);
        if (!opened) {
            effects.report_wrong_key("message 3 cannot be read with our key", peer.pre_shared_key_place,
                                     &peer);
            effects.finding = finding<FindingId::message_3_unreadable>(peer.pre_shared_key_place);
            return fail(Errc::authentication, "message 3 cannot be read");
        }
        payloads = std::move(opened->payloads);
        last_block = std::move(opened->last_block);
    }
    CAUSEWAY_CHECK(check(Replied::rule, message.header.encrypted(), payloads));
    if (!equal_in_constant_time(hash_i_of(state.progress, keys, state.idii_b),
                                isakmp::find(payloads, PayloadType::hash)->body)) {
        return fail(Errc::authentication, "HASH_I is wrong");
    }
    Established done{state.progress, state.keys, std::move(last_block), state.local_id, state.remote_id,
                     false,          {}};
    done.progress.nat = detect_nat(payloads, done.progress, context, peer);
    learn_notifications(done, payloads);
    return done;
}

}  // namespace causeway::ike::v1::aggressive_mode
