#include "ike/v1/phase1.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "base/findings.hpp"
#include "negotiation/refusal.hpp"

namespace causeway::ike::v1 {

using isakmp::Payload;
using isakmp::PayloadType;
using isakmp::Vendor;

void Effects::report(EventCode code, std::vector<std::pair<std::string, std::string>> fields,
                     const config::Peer* peer) {
    fields.emplace_back("remote", remote.text());
    events.push_back({code, peer != nullptr ? peer->name : std::string{}, std::move(fields)});
}

void Effects::report_wrong_key(const std::string& evidence, const causeway::Place& key,
                               const config::Peer* peer) {
    report(EventCode::phase1_wrong_psk, {{"evidence", evidence}, {"place", key.text()}}, peer);
}

tl::unexpected<Error> Effects::refuse_in_silence(const negotiation::Reason& reason) {
    events.push_back(negotiation::event_for(reason, remote));
    finding = negotiation::finding_for(reason);
    return fail(Errc::unacceptable, reason.text());
}

tl::unexpected<Error> Effects::refuse(const negotiation::Reason& reason) {
    complaint = negotiation::notification_for(reason);
    return refuse_in_silence(reason);
}

tl::unexpected<Error> Effects::refuse_for_good(const negotiation::Reason& reason, SharedKeys keys,
                                               Bytes last_block) {
    complaint_keys = std::move(keys);
    complaint_iv_block = std::move(last_block);
    fatal = true;
    return refuse(reason);
}

isakmp::Header phase1_header(const Phase1Facts& progress) {
    isakmp::Header header;
    header.cky_i = progress.cky_i;
    header.cky_r = progress.cky_r;
    header.exchange = progress.mode == config::ExchangeMode::main ? isakmp::ExchangeType::main
                                                                  : isakmp::ExchangeType::aggressive;
    return header;
}

namespace {

void add_vendor(std::vector<Payload>& payloads, Vendor vendor) {
    payloads.push_back({PayloadType::vendor_id, to_bytes(isakmp::vendor_id(vendor))});
}

PayloadType nat_d_type(NatVariant variant) {
    return variant == NatVariant::rfc3947 ? PayloadType::nat_d : PayloadType::nat_d_draft;
}

}  // namespace

void add_vendor_ids(std::vector<Payload>& payloads, const config::Peer& peer,
                    std::optional<NatVariant> chosen) {
    add_vendor(payloads, Vendor::dpd);
    add_vendor(payloads, Vendor::causeway);
    if (!peer.nat_traversal) {
        return;
    }
    if (chosen) {
        switch (*chosen) {
            case NatVariant::none:
                return;
            case NatVariant::rfc3947:
                return add_vendor(payloads, Vendor::nat_t_rfc3947);
            case NatVariant::draft_03:
                return add_vendor(payloads, Vendor::nat_t_draft_03);
            case NatVariant::draft_02:
                add_vendor(payloads, Vendor::nat_t_draft_02_n);
                return add_vendor(payloads, Vendor::nat_t_draft_02);
        }
    }
    add_vendor(payloads, Vendor::nat_t_rfc3947);
    if (peer.quirks.announce_nat_t_drafts) {
        add_vendor(payloads, Vendor::nat_t_draft_03);
        add_vendor(payloads, Vendor::nat_t_draft_02_n);
        add_vendor(payloads, Vendor::nat_t_draft_02);
    }
}

void learn_vendor_ids(Features& features, std::span<const Payload> payloads, const config::Peer& peer) {
    for (const auto& payload : payloads) {
        if (payload.type != PayloadType::vendor_id) {
            continue;
        }
        const auto vendor = isakmp::recognise_vendor(payload.body);
        if (!vendor) {
            continue;
        }
        if (std::find(features.vendors.begin(), features.vendors.end(), *vendor) == features.vendors.end()) {
            features.vendors.push_back(*vendor);
        }
        features.dpd = features.dpd || *vendor == Vendor::dpd;
    }
    features.nat = negotiation::choose_nat_variant(features.vendors, peer.nat_traversal);
}

void add_nat_d(std::vector<Payload>& payloads, const Progress& progress, const Context& context,
               const config::Peer& peer) {
    if (progress.features.nat == NatVariant::none || !progress.choice) {
        return;
    }
    const auto hash_of = [&](const Endpoint& end) {
        return crypto::nat_d_hash(progress.choice->hash, progress.cky_i, progress.cky_r, end.address.octets(),
                                  end.port);
    };
    const auto type = nat_d_type(progress.features.nat);
    payloads.push_back({type, hash_of(context.remote)});
    // A hash that fits no address makes the peer see a NAT before us: ESP then goes in UDP.
    payloads.push_back({type, peer.force_encapsulation
                                  ? context.random.octets(crypto::info(progress.choice->hash).digest_octets)
                                  : hash_of(context.local)});
}

NatState detect_nat(std::span<const Payload> payloads, const Phase1Facts& progress, const Context& context,
                    const config::Peer& peer) {
    NatState state;
    if (progress.features.nat == NatVariant::none || !progress.choice) {
        return state;
    }
    const auto type = nat_d_type(progress.features.nat);
    const auto hash_of = [&](const Endpoint& end) {
        return crypto::nat_d_hash(progress.choice->hash, progress.cky_i, progress.cky_r, end.address.octets(),
                                  end.port);
    };
    bool first = true;
    bool seen = false;
    bool remote_found = false;
    for (const auto& payload : payloads) {
        if (payload.type != type) {
            continue;
        }
        if (first) {
            // RFC 3947 3.2: the first one is about the receiver, that is us.
            state.local = !equal(payload.body, hash_of(context.local));
            first = false;
            continue;
        }
        seen = true;
        remote_found = remote_found || equal(payload.body, hash_of(context.remote));
    }
    state.told = !first;
    state.remote = seen && !remote_found;
    if (state.told && peer.force_encapsulation) {
        state.local = true;
    }
    return state;
}

SharedKeys derive_keys(const Progress& progress, ByteView gxy, ByteView psk) {
    auto keys = std::make_shared<Keys>();
    keys->cipher = progress.choice->cipher;
    keys->hash = progress.choice->hash;
    keys->group = progress.choice->group;
    keys->skeyids = crypto::derive_skeyids(
        keys->hash, crypto::skeyid_from_psk(keys->hash, psk, progress.ni_b, progress.nr_b), gxy,
        progress.cky_i, progress.cky_r);
    keys->ka = crypto::encryption_key(keys->hash, keys->skeyids.skeyid_e.view(), keys->cipher);
    return keys;
}

Bytes first_iv(const Progress& progress) {
    return crypto::phase1_iv(progress.choice->hash, progress.gxi, progress.gxr, progress.choice->cipher);
}

Payload initial_contact_payload(const Phase1Facts& progress) {
    isakmp::Notification notification;
    notification.type = isakmp::NotifyType::initial_contact;
    notification.spi.insert(notification.spi.end(), progress.cky_i.begin(), progress.cky_i.end());
    notification.spi.insert(notification.spi.end(), progress.cky_r.begin(), progress.cky_r.end());
    return {PayloadType::notification, isakmp::encode(notification)};
}

void learn_notifications(Established& established, std::span<const Payload> payloads) {
    for (const auto& payload : payloads) {
        if (payload.type != PayloadType::notification) {
            continue;
        }
        const auto notification = isakmp::decode_notification(payload.body);
        if (!notification) {
            continue;
        }
        if (notification->type == isakmp::NotifyType::initial_contact) {
            established.initial_contact = true;
        } else if (notification->type == isakmp::NotifyType::responder_lifetime &&
                   notification->protocol == isakmp::Protocol::isakmp) {
            if (const auto attributes = isakmp::decode_attributes(notification->data)) {
                const isakmp::Transform carrier{0, 0, *attributes};
                established.responder_lifetime = negotiation::lifetime_of_phase1(carrier);
            }
        }
    }
}

Result<void> check_public_value(crypto::GroupId group, ByteView value) {
    if (const auto judged = crypto::judge_public_value(group, value); !judged) {
        return fail(judged.error().code, "its Diffie-Hellman value is refused: " + judged.error().what);
    }
    return {};
}

Result<void> check_public_value(crypto::GroupId group, ByteView value, Effects& effects,
                                const config::Peer* peer) {
    auto checked = check_public_value(group, value);
    if (!checked) {
        effects.value_refused = true;
        effects.report(EventCode::message_malformed, {{"why", checked.error().what}}, peer);
    }
    return checked;
}

Result<void> check_nonce(ByteView nonce) {
    if (nonce.size() < 8 || nonce.size() > 256) {
        return fail(Errc::malformed,
                    fmt::format("the nonce has {} octets, 8 to 256 are allowed", nonce.size()));
    }
    return {};
}

Bytes new_nonce(RandomSource& random) {
    return random.octets(32);
}

isakmp::Cookie new_cookie(RandomSource& random) {
    isakmp::Cookie cookie{};
    while (std::all_of(cookie.begin(), cookie.end(), [](auto octet) { return octet == 0; })) {
        random.fill(cookie);
    }
    return cookie;
}

}  // namespace causeway::ike::v1
