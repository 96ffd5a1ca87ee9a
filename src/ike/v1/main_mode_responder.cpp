// The responder's arrows of Main Mode: messages 2, 4 and 6 (RFC 2409 5.4).
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "ike/limits.hpp"
#include "ike/v1/main_mode.hpp"
#include "negotiation/peer.hpp"

namespace causeway::ike::v1::main_mode {

using isakmp::Payload;
using isakmp::PayloadType;

namespace {

/// Message 5 opened under one candidate's key.
struct Trial {
    const config::Peer* key_owner = nullptr;
    SharedKeys keys;
    Opened opened;
};

/// Those whose keys are not derived yet, of the candidates that one message 5 may come from.
std::vector<const config::Peer*> keys_to_try(const KeReplied& state) {
    auto owners = state.candidates.likely_keys(limits::psk_trials);
    const auto others = state.candidates.other_keys(limits::psk_trials);
    owners.insert(owners.end(), others.begin(), others.end());
    owners.erase(owners.begin(), owners.begin() + static_cast<std::ptrdiff_t>(state.likely.size()));
    return owners;
}

/// Do these keys open message 5, and does HASH_I verify?
Result<Opened> try_keys(const KeReplied& state, const Message& message, const Keys& keys) {
    const auto& progress = state.progress;
    const Bytes iv = first_iv(progress);
    if (!may_open(keys, iv, message)) {
        return fail(Errc::authentication, "no payload begins there");
    }
    auto opened = CAUSEWAY_TRY(open(keys, iv, message));
    CAUSEWAY_CHECK(check(KeReplied::rule, true, opened.payloads));
    const auto& idii_b = isakmp::find(opened.payloads, PayloadType::identification)->body;
    const Bytes expected = crypto::hash_i(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr,
                                          progress.cky_i, progress.cky_r, progress.sai_b, idii_b);
    if (!equal_in_constant_time(expected, isakmp::find(opened.payloads, PayloadType::hash)->body)) {
        return fail(Errc::authentication, "HASH_I is wrong");
    }
    return opened;
}

/// Message 5 opened under one candidate's key, its pre-shared key found by trial.
Result<Trial> read_message_5(const KeReplied& state, const Message& message, const Context& context,
                             Effects& effects) {
    // Of a message with too many payloads the key is known, for nothing else has so many.
    const auto told = [](const Result<Opened>& opened) {
        return opened || opened.error().code == Errc::limit;
    };
    for (const auto& likely : state.likely) {
        if (auto opened = try_keys(state, message, *likely.keys); told(opened)) {
            if (!opened) {
                return tl::unexpected(opened.error());
            }
            return Trial{likely.owner, likely.keys, std::move(*opened)};
        }
    }
    if (state.others > context.trial_allowance) {
        effects.trials_refused = true;
        return fail(Errc::limit,
                    "a message 5 that cannot be read with the likeliest keys, soon after another");
    }
    const auto others = keys_to_try(state);
    // Every one of these is tried, so that the time taken does not tell which fits.
    std::optional<Result<Trial>> found;
    for (const auto* owner : others) {
        ++effects.trials;
        const auto keys = derive_keys(state.progress, state.gxy->view(), owner->pre_shared_key.view());
        if (auto opened = try_keys(state, message, *keys); told(opened) && !found) {
            found = opened ? Result<Trial>(Trial{owner, keys, std::move(*opened)})
                           : Result<Trial>(tl::unexpected(opened.error()));
        }
    }
    if (found) {
        return std::move(*found);
    }
    const std::size_t tried = state.likely.size() + others.size();
    const auto& key = state.candidates.front().pre_shared_key_place;
    effects.report_wrong_key(fmt::format("message 5 cannot be read with {}",
                                         tried == 1 ? "our key" : fmt::format("any of {} keys", tried)),
                             key, state.candidates.only());
    effects.finding = finding<FindingId::keys_differ_by>(key, field<"evidence">("message 5 cannot be read"));
    effects.complaint = isakmp::NotifyType::payload_malformed;
    return fail(Errc::authentication, "message 5 cannot be read: the pre-shared keys differ, most likely");
}

}  // namespace

Result<SaReplied> respond(const negotiation::Candidates& candidates, const Message& message,
                          const Context& context, Effects& effects) {
    CAUSEWAY_CHECK(check(first_message_rule, message.header.encrypted(), message.payloads));
    const auto& sai_b = isakmp::find(message.payloads, PayloadType::sa)->body;
    const auto offer = CAUSEWAY_TRY(isakmp::decode_sa(sai_b));
    auto choice = negotiation::choose_phase1(candidates, offer);
    if (!choice) {
        return effects.refuse(choice.error());
    }
    // The likeliest peer speaks in messages about this exchange until the identity has named it.
    const auto& likeliest = candidates.front();
    SaReplied next{{}, candidates};
    auto& progress = next.progress;
    progress.mode = config::ExchangeMode::main;
    progress.cky_i = message.header.cky_i;
    progress.cky_r = new_cookie(context.random);
    progress.sai_b = sai_b;
    progress.choice =
        std::as_const(*choice);  // a copy holds one transform, and no room for all that were offered
    learn_vendor_ids(progress.features, message.payloads, likeliest);
    std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(progress.choice->reply)}};
    add_vendor_ids(payloads, likeliest, progress.features.nat);
    effects.reply = isakmp::encode_message(phase1_header(progress), payloads);
    return next;
}

Result<ResponderKeyPending> advance(const SaReplied& state, const Message& message, const Context& context,
                                    Effects& effects) {
    CAUSEWAY_CHECK(check(SaReplied::rule, message.header.encrypted(), message.payloads));
    ResponderKeyPending next{state, state.progress};
    auto& progress = next.progress;
    progress.gxi = isakmp::find(message.payloads, PayloadType::key_exchange)->body;
    progress.ni_b = isakmp::find(message.payloads, PayloadType::nonce)->body;
    CAUSEWAY_CHECK(check_nonce(progress.ni_b));
    CAUSEWAY_CHECK(
        check_public_value(progress.choice->group, progress.gxi, effects, state.candidates.only()));
    progress.nat = detect_nat(message.payloads, progress, context, state.candidates.front());
    effects.dh = DhWish{progress.choice->group, nullptr, progress.gxi};
    return next;
}

Result<KeReplied> advance(const ResponderKeyPending& state, const DhResult& dh, const Context& context,
                          Effects& effects) {
    const auto& candidates = state.before.candidates;
    KeReplied next{state.progress, candidates, dh.shared, {}, 0};
    auto& progress = next.progress;
    progress.gxr = to_bytes(dh.key->public_value());
    progress.nr_b = new_nonce(context.random);
    std::vector<Payload> payloads{{PayloadType::key_exchange, progress.gxr},
                                  {PayloadType::nonce, progress.nr_b}};
    add_nat_d(payloads, progress, context, candidates.front());
    effects.reply = isakmp::encode_message(phase1_header(progress), payloads);
    auto owners = keys_to_try(next);
    next.others = owners.size() - std::min(owners.size(), limits::likely_keys);
    owners.resize(std::min(owners.size(), limits::likely_keys));
    for (const auto* owner : owners) {
        ++effects.trials;
        next.likely.push_back(
            {owner, derive_keys(progress, dh.shared->view(), owner->pre_shared_key.view())});
    }
    return next;
}

Result<Established> advance(const KeReplied& state, const Message& message, const Context& context,
                            Effects& effects) {
    if (!message.header.encrypted()) {
        return fail(Errc::malformed, "in MM-R2 the message must be encrypted");
    }
    const auto trial = CAUSEWAY_TRY(read_message_5(state, message, context, effects));
    const auto& idii_b = isakmp::find(trial.opened.payloads, PayloadType::identification)->body;
    const auto received = config::Identity::from_payload(CAUSEWAY_TRY(isakmp::decode_identification(idii_b)));
    const auto refuse = [&](const negotiation::Reason& reason) {
        return effects.refuse_for_good(reason, trial.keys, trial.opened.last_block);
    };
    const auto peer = negotiation::choose_peer(
        state.candidates, {received, context.remote.address, config::ExchangeMode::main, trial.key_owner});
    if (!peer) {
        return refuse(peer.error());
    }
    const auto& progress = state.progress;
    const auto& config = **peer;
    if (const auto accepted = negotiation::check_chosen(config, *progress.choice); !accepted) {
        return refuse(accepted.error());
    }
    const auto& keys = *trial.keys;
    Established done{progress, trial.keys, {}, negotiation::own_identity(config, context.local.address),
                     received, false,      {}};
    done.progress.peer = &config;
    learn_notifications(done, trial.opened.payloads);
    const Bytes idir_b = isakmp::encode(done.local_id.payload());
    const std::vector<Payload> payloads{
        {PayloadType::identification, idir_b},
        {PayloadType::hash, crypto::hash_r(keys.hash, keys.skeyids.skeyid.view(), progress.gxi, progress.gxr,
                                           progress.cky_i, progress.cky_r, progress.sai_b, idir_b)}};
    auto sealed = CAUSEWAY_TRY(seal(keys, trial.opened.last_block, phase1_header(progress), payloads));
    done.last_block = std::move(sealed.last_block);
    effects.reply = std::move(sealed.datagram);
    return done;
}

}  // namespace causeway::ike::v1::main_mode
