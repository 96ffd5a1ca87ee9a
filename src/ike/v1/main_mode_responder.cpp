#include <algorithm>
#include <fmt/format.h>

#include "ike/limits.hpp"
#include "ike/v1/main_mode.hpp"

namespace causeway::ike::v1::main_mode {

using isakmp::Payload;
using isakmp::PayloadType;

namespace {

/// What any of the candidates would accept; the identity decides later which of them it is.
std::vector<config::Phase1Proposal> joined_proposals(const Candidates& candidates) {
    std::vector<config::Phase1Proposal> joined;
    for (const auto* peer : candidates) {
        for (const auto& proposal : peer->proposals) {
            if (!negotiation::accepts(joined, proposal.cipher, proposal.hash, proposal.group)) {
                joined.push_back(proposal);
            }
        }
    }
    return joined;
}

/// Message 5 opened under one candidate's key.
struct Trial {
    SharedKeys keys;
    Opened opened;
};

/// Does this pre-shared key open message 5, and does HASH_I verify?
std::optional<Trial> try_key(const KeReplied& state, const Message& message, const Secret& psk) {
    const auto& progress = state.progress;
    auto keys = derive_keys(progress, state.gxy->view(), psk.view());
    auto opened = open(*keys, first_iv(progress), message);
    if (!opened || !check(KeReplied::rule, true, opened->payloads)) {
        return std::nullopt;
    }
    const auto& idii_b = isakmp::find(opened->payloads, PayloadType::identification)->body;
    const Bytes expected = crypto::hash_i(keys->hash, keys->skeyids.skeyid.view(), progress.gxi, progress.gxr,
                                          progress.cky_i, progress.cky_r, progress.sai_b, idii_b);
    if (!equal_in_constant_time(expected, isakmp::find(opened->payloads, PayloadType::hash)->body)) {
        return std::nullopt;
    }
    return Trial{std::move(keys), std::move(*opened)};
}

}  // namespace

Result<SaReplied> respond(const Candidates& candidates, const Message& message, Context& context) {
    CAUSEWAY_CHECK(check(first_message_rule, message.header.encrypted(), message.payloads));
    const auto& sai_b = isakmp::find(message.payloads, PayloadType::sa)->body;
    const auto offer = CAUSEWAY_TRY(isakmp::decode_sa(sai_b));
    // The likeliest peer speaks in messages about this exchange until the identity has named it.
    const auto& likeliest = *candidates.front();
    auto choice = negotiation::choose_phase1(joined_proposals(candidates), offer);
    if (!choice) {
        context.report(EventCode::phase1_no_proposal,
                       {{"why", choice.error().text() + " (" + likeliest.proposals_place.text() + ")"}},
                       candidates.size() == 1 ? &likeliest : nullptr);
        context.complaint = isakmp::NotifyType::no_proposal_chosen;
        return fail(Errc::unacceptable, choice.error().text());
    }
    SaReplied next{{}, candidates};
    auto& progress = next.progress;
    progress.mode = config::ExchangeMode::main;
    progress.cky_i = message.header.cky_i;
    progress.cky_r = new_cookie(context.random);
    progress.sai_b = sai_b;
    progress.choice = std::move(*choice);
    learn_vendor_ids(progress.features, message.payloads, likeliest);
    std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(progress.choice->reply)}};
    add_vendor_ids(payloads, likeliest, progress.features.nat);
    context.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<ResponderKeyPending> advance(const SaReplied& state, const Message& message, Context& context) {
    CAUSEWAY_CHECK(check(SaReplied::rule, message.header.encrypted(), message.payloads));
    ResponderKeyPending next{state, state.progress, state.candidates};
    auto& progress = next.progress;
    progress.gxi = isakmp::find(message.payloads, PayloadType::key_exchange)->body;
    progress.ni_b = isakmp::find(message.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.ni_b));
    CAUSEWAY_CHECK(check_public_value(progress.choice->group, progress.gxi, context,
                                      state.candidates.size() == 1 ? state.candidates.front() : nullptr));
    progress.nat = detect_nat(message.payloads, progress, context, *state.candidates.front());
    context.dh = DhWish{progress.choice->group, nullptr, progress.gxi};
    return next;
}

Result<KeReplied> advance(const ResponderKeyPending& state, const DhResult& dh, Context& context) {
    KeReplied next{state.progress, state.candidates, dh.shared};
    auto& progress = next.progress;
    progress.gxr = to_bytes(dh.key->public_value());
    progress.nr_b = new_nonce(context.random);
    std::vector<Payload> payloads{{PayloadType::key_exchange, progress.gxr},
                                  {PayloadType::nonce, progress.nr_b}};
    add_nat_d(payloads, progress, context, *state.candidates.front());
    context.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<Established> advance(const KeReplied& state, const Message& message, Context& context) {
    if (!message.header.encrypted()) {
        return fail(Errc::malformed, "in MM-R2 the message must be encrypted");
    }
    // Every key is tried, so that the time taken does not tell which one fits.
    std::optional<Trial> trial;
    const config::Peer* key_owner = nullptr;
    std::vector<const Secret*> tried;
    for (const auto* peer : state.candidates) {
        if (tried.size() == limits::psk_trials) {
            break;
        }
        if (std::ranges::any_of(tried, [&](const Secret* key) { return *key == peer->pre_shared_key; })) {
            continue;
        }
        tried.push_back(&peer->pre_shared_key);
        if (auto opened = try_key(state, message, peer->pre_shared_key); opened && !trial) {
            trial = std::move(opened);
            key_owner = peer;
        }
    }
    if (!trial) {
        context.report(
            EventCode::phase1_wrong_psk,
            {{"evidence",
              fmt::format("message 5 cannot be read with {}",
                          tried.size() == 1 ? "our key" : fmt::format("any of {} keys", tried.size()))},
             {"place", state.candidates.front()->pre_shared_key_place.text()}},
            state.candidates.size() == 1 ? state.candidates.front() : nullptr);
        context.complaint = isakmp::NotifyType::payload_malformed;
        return fail(Errc::authentication,
                    "message 5 cannot be read: the pre-shared keys differ, most likely");
    }
    const auto& idii_b = isakmp::find(trial->opened.payloads, PayloadType::identification)->body;
    const auto received = config::Identity::from_payload(CAUSEWAY_TRY(isakmp::decode_identification(idii_b)));
    const auto peer =
        std::find_if(state.candidates.begin(), state.candidates.end(), [&](const config::Peer* candidate) {
            return candidate->pre_shared_key == key_owner->pre_shared_key &&
                   identity_fits(*candidate, received, context.remote);
        });
    const auto refuse = [&](isakmp::NotifyType complaint) {
        context.complaint = complaint;
        context.complaint_keys = trial->keys;
        context.complaint_iv_block = trial->opened.last_block;
        context.fatal = true;
    };
    if (peer == state.candidates.end()) {
        context.report(
            EventCode::phase1_id_mismatch,
            {{"received", received.text_with_type()},
             {"expected", expected_identity(*key_owner, context.remote)},
             {"place", key_owner->remote_id ? key_owner->remote_id->place.text() : key_owner->place.text()}},
            key_owner);
        refuse(isakmp::NotifyType::invalid_id_information);
        return fail(Errc::unacceptable, fmt::format("the peer says it is {}, expected {}", received.text(),
                                                    expected_identity(*key_owner, context.remote)));
    }
    const auto& progress = state.progress;
    const auto& config = **peer;
    if (config.mode != config::ExchangeMode::main && !config.quirks.accept_any_mode_as_responder) {
        context.report(
            EventCode::phase1_mode_mismatch,
            {{"received", "Main Mode"}, {"expected", "Aggressive Mode"}, {"place", config.mode_place.text()}},
            &config);
        refuse(isakmp::NotifyType::no_proposal_chosen);
        return fail(Errc::unacceptable, "Main Mode is not configured for this peer");
    }
    if (!negotiation::accepts(config.proposals, progress.choice->cipher, progress.choice->hash,
                              progress.choice->group)) {
        context.report(
            EventCode::phase1_no_proposal,
            {{"why", fmt::format("{} was chosen before the identity was known, but {} does not admit it",
                                 progress.choice->text(), config.proposals_place.text())}},
            &config);
        refuse(isakmp::NotifyType::no_proposal_chosen);
        return fail(Errc::unacceptable, "the chosen transform is not configured for this peer");
    }
    const auto& keys = *trial->keys;
    Established done{progress, trial->keys, {}, own_identity(config, context), received, false, {}};
    done.progress.peer = &config;
    learn_notifications(done, trial->opened.payloads);
    const Bytes idir_b = isakmp::encode(done.local_id.payload());
    const std::vector<Payload> payloads{
        {PayloadType::identification, idir_b},
        {PayloadType::hash, crypto::hash_r(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr,
                                           progress.cky_i, progress.cky_r, progress.sai_b, idir_b)}};
    auto sealed = CAUSEWAY_TRY(seal(keys, trial->opened.last_block, phase1_header(progress), payloads));
    done.last_block = std::move(sealed.last_block);
    context.reply = std::move(sealed.datagram);
    return done;
}

}  // namespace causeway::ike::v1::main_mode
