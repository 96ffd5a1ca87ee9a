#include "world/observer.hpp"

#include <algorithm>
#include <cstdint>
#include <span>

#include "codec/isakmp/payloads.hpp"
#include "crypto/cbc.hpp"

namespace causeway::world {

using isakmp::ExchangeType;
using isakmp::Payload;
using isakmp::PayloadType;

namespace {

std::string short_name(const Payload& payload) {
    switch (payload.type) {
        case PayloadType::sa:
            return "SA";
        case PayloadType::key_exchange:
            return "KE";
        case PayloadType::identification:
            return "ID";
        case PayloadType::hash:
            return "HASH";
        case PayloadType::nonce:
            return "NONCE";
        case PayloadType::vendor_id:
            return "VID";
        case PayloadType::nat_d:
        case PayloadType::nat_d_draft:
            return "NAT-D";
        case PayloadType::notification: {
            const auto notification = isakmp::decode_notification(payload.body);
            return "N:" + (notification ? name_of(notification->type) : "malformed");
        }
        case PayloadType::delete_: {
            const auto deleted = isakmp::decode_delete(payload.body);
            return "D:" + (deleted ? name_of(deleted->protocol) : "malformed");
        }
        default:
            return name_of(payload.type);
    }
}

}  // namespace

std::string Observer::describe(const std::vector<Payload>& payloads) {
    std::string text;
    std::string last;
    for (const auto& payload : payloads) {
        const std::string name = short_name(payload);
        if (name != last) {
            text += (text.empty() ? "" : " ") + name;
        }
        last = name;
    }
    return text;
}

void Observer::knows_psk(ByteView psk) {
    const Bytes key = to_bytes(psk);
    if (std::find(psks_.begin(), psks_.end(), key) == psks_.end()) {
        psks_.push_back(key);
    }
}

void Observer::knows_secret(ByteView public_a, ByteView public_b, ByteView secret) {
    secrets_[{to_bytes(public_a), to_bytes(public_b)}] = to_bytes(secret);
    secrets_[{to_bytes(public_b), to_bytes(public_a)}] = to_bytes(secret);
}

Seen Observer::watch(ByteView datagram) {
    const Bytes whole = to_bytes(datagram);
    if (const auto known = seen_.find(whole); known != seen_.end()) {
        Seen again = known->second;
        again.repeated = true;
        return again;
    }
    Seen seen;
    const auto header = isakmp::decode_header(datagram);
    if (!header) {
        return seen;
    }
    seen.header = *header;
    const ByteView body = datagram.first(header->length).subspan(isakmp::header_octets);
    Session& session = sessions_[to_bytes(header->cky_i)];
    session.cky_i = header->cky_i;
    if (header->cky_r != isakmp::Cookie{}) {
        session.cky_r = header->cky_r;
    }
    if (header->encrypted()) {
        if (auto opened = open(session, *header, body)) {
            seen.readable = true;
            seen.payloads = opened->payloads;
            opened_[whole] = std::move(*opened);
        }
    } else if (auto chain = isakmp::decode_payloads(header->next_payload, body, isakmp::Trailing::none)) {
        seen.readable = true;
        seen.payloads = std::move(chain->payloads);
        learn(session, seen);
    }
    seen_[whole] = seen;
    return seen;
}

void Observer::learn(Session& session, const Seen& seen) {
    const auto exchange = seen.header.exchange;
    if (exchange != ExchangeType::main && exchange != ExchangeType::aggressive) {
        return;
    }
    const bool answered = seen.header.cky_r != isakmp::Cookie{};
    if (const auto* payload = isakmp::find(seen.payloads, PayloadType::sa); payload != nullptr && answered) {
        const auto sa = isakmp::decode_sa(payload->body);
        if (sa && sa->proposals.size() == 1 && sa->proposals[0].transforms.size() == 1) {
            const auto& transform = sa->proposals[0].transforms[0];
            const auto number = [&](isakmp::Phase1Attribute type) -> std::optional<std::uint16_t> {
                const auto* attribute = transform.find(static_cast<std::uint16_t>(type));
                return attribute == nullptr
                           ? std::nullopt
                           : std::optional(static_cast<std::uint16_t>(attribute->as_number().value_or(0)));
            };
            session.cipher =
                crypto::cipher_from_oakley(number(isakmp::Phase1Attribute::encryption_algorithm).value_or(0),
                                           number(isakmp::Phase1Attribute::key_length));
            session.hash =
                crypto::hash_from_oakley(number(isakmp::Phase1Attribute::hash_algorithm).value_or(0));
        }
    }
    if (!answered && session.sai_b.empty()) {
        if (const auto* sa = isakmp::find(seen.payloads, PayloadType::sa)) {
            session.sai_b = sa->body;
        }
        if (const auto* id = isakmp::find(seen.payloads, PayloadType::identification)) {
            session.idii_b = id->body;
        }
    }
    const auto* ke = isakmp::find(seen.payloads, PayloadType::key_exchange);
    const auto* nonce = isakmp::find(seen.payloads, PayloadType::nonce);
    if (ke != nullptr && nonce != nullptr) {
        // The first to come is the initiator's, in both modes.
        if (session.ke_i.empty()) {
            session.ke_i = ke->body;
            session.nonce_i = nonce->body;
        } else if (session.ke_r.empty()) {
            session.ke_r = ke->body;
            session.nonce_r = nonce->body;
        }
    }
}

void Observer::derive(Session& session) const {
    const auto secret = secrets_.find({session.ke_i, session.ke_r});
    if (!session.keys.empty() || secret == secrets_.end() || !session.cipher || !session.hash) {
        return;
    }
    for (const auto& psk : psks_) {
        session.skeyids.push_back(crypto::derive_skeyids(
            *session.hash, crypto::skeyid_from_psk(*session.hash, psk, session.nonce_i, session.nonce_r),
            secret->second, session.cky_i, session.cky_r));
        session.keys.push_back(
            crypto::encryption_key(*session.hash, session.skeyids.back().skeyid_e.view(), *session.cipher));
    }
    session.blocks.push_back(crypto::phase1_iv(*session.hash, session.ke_i, session.ke_r, *session.cipher));
}

std::vector<Bytes> Observer::ivs(const Session& session, const isakmp::Header& header) {
    if (header.exchange == ExchangeType::main || header.exchange == ExchangeType::aggressive) {
        return {session.blocks.back()};
    }
    std::vector<Bytes> candidates;
    if (const auto chain = session.chains.find(header.message_id); chain != session.chains.end()) {
        candidates.push_back(chain->second.back());
    }
    // The end of Phase 1, as the sender sees it: a complaint about message 5 is chained to message 5. And
    // some answer under the message id of the question, encrypted as an exchange of its own.
    for (auto block = session.blocks.rbegin(); block != session.blocks.rend(); ++block) {
        candidates.push_back(crypto::phase2_iv(*session.hash, *block, header.message_id, *session.cipher));
    }
    return candidates;
}

std::optional<Observer::Opened> Observer::open(Session& session, const isakmp::Header& header,
                                               ByteView body) const {
    derive(session);
    if (session.keys.empty() || body.empty()) {
        return std::nullopt;
    }
    const bool phase1 = header.exchange == ExchangeType::main || header.exchange == ExchangeType::aggressive;
    for (std::size_t i = 0; i < session.keys.size(); ++i) {
        if (session.psk && *session.psk != i) {
            continue;
        }
        for (const auto& iv : ivs(session, header)) {
            const auto plain = crypto::cbc_decrypt(*session.cipher, session.keys[i].view(), iv, body);
            if (!plain) {
                continue;
            }
            auto chain = isakmp::decode_payloads(header.next_payload, *plain, isakmp::Trailing::padding);
            if (!chain || chain->payloads.empty()) {
                continue;
            }
            session.psk = i;
            const auto block = to_bytes(body.last(crypto::info(*session.cipher).block_octets));
            if (phase1) {
                session.blocks.push_back(block);
            } else {
                auto& blocks = session.chains[header.message_id];
                if (blocks.empty()) {
                    const auto* nonce = isakmp::find(chain->payloads, PayloadType::nonce);
                    session.nonces[header.message_id] = nonce != nullptr ? nonce->body : Bytes{};
                }
                blocks.push_back(block);
            }
            return Opened{header.cky_i, i, iv, std::move(chain->payloads)};
        }
    }
    return std::nullopt;
}

Bytes Observer::phase1_hash(const Session& session, std::size_t psk, bool initiator, ByteView id_b) {
    const auto& skeyid = session.skeyids[psk].skeyid;
    return initiator ? crypto::hash_i(*session.hash, skeyid.view(), session.ke_i, session.ke_r, session.cky_i,
                                      session.cky_r, session.sai_b, id_b)
                     : crypto::hash_r(*session.hash, skeyid.view(), session.ke_i, session.ke_r, session.cky_i,
                                      session.cky_r, session.sai_b, id_b);
}

/// HASH_I or HASH_R over the identity that is in the message now (message 3 of Aggressive Mode has none).
void Observer::renew_phase1_hash(const Session& session, std::size_t psk, bool initiator,
                                 std::vector<Payload>& payloads) {
    const auto hash = std::ranges::find(payloads, PayloadType::hash, &Payload::type);
    if (hash == payloads.end() || psk >= session.skeyids.size()) {
        return;
    }
    const auto* id = isakmp::find(payloads, PayloadType::identification);
    hash->body = phase1_hash(session, psk, initiator, id != nullptr ? id->body : session.idii_b);
}

std::optional<Bytes> Observer::sealed(const Session& session, std::size_t psk, ByteView iv,
                                      isakmp::Header header, const std::vector<Payload>& payloads) {
    const std::size_t block = crypto::info(*session.cipher).block_octets;
    Bytes plain = isakmp::encode_payloads(payloads);
    plain.resize((plain.size() + block - 1) / block * block);
    const auto body = crypto::cbc_encrypt(*session.cipher, session.keys[psk].view(), iv, plain);
    if (!body) {
        return std::nullopt;
    }
    header.flags = static_cast<std::uint8_t>(header.flags | isakmp::flag::encryption);
    header.next_payload = payloads.empty() ? PayloadType::none : payloads.front().type;
    return isakmp::encode_message(header, ByteView(*body));
}

std::optional<Bytes> Observer::rewritten(ByteView datagram, const std::vector<Payload>& payloads,
                                         Hash hash) const {
    const auto header = isakmp::decode_header(datagram);
    if (!header) {
        return std::nullopt;
    }
    std::vector<Payload> all = payloads;
    const bool phase1 =
        header->exchange == ExchangeType::main || header->exchange == ExchangeType::aggressive;
    if (!header->encrypted()) {
        const auto session = sessions_.find(to_bytes(header->cky_i));
        if (hash == Hash::renew && phase1 && session != sessions_.end()) {
            derive(session->second);
            renew_phase1_hash(session->second, session->second.psk.value_or(0), false, all);
        }
        return isakmp::encode_message(*header, std::span<const Payload>(all));
    }
    const auto opened = opened_.find(to_bytes(datagram));
    if (opened == opened_.end()) {
        return std::nullopt;
    }
    const Session& session = sessions_.at(to_bytes(opened->second.cky_i));
    const std::size_t psk = opened->second.psk;
    if (hash == Hash::renew && phase1) {
        // The first protected message of either mode is the initiator's.
        renew_phase1_hash(session, psk, equal(opened->second.iv, session.blocks.front()), all);
    } else if (hash == Hash::renew && all.size() > 1 && all.front().type == PayloadType::hash) {
        const std::vector<Payload> rest(all.begin() + 1, all.end());
        const Bytes covered = isakmp::encode_payloads(rest);
        const auto& skeyid_a = session.skeyids[psk].skeyid_a;
        const auto& chain = session.chains.at(header->message_id);
        const auto* nonce = isakmp::find(opened->second.payloads, PayloadType::nonce);
        const Bytes& ni_b = session.nonces.at(header->message_id);
        const bool first = chain.empty() || nonce == nullptr || nonce->body == ni_b;
        all.front().body =
            first ? crypto::hash_1(*session.hash, skeyid_a.view(), header->message_id, covered)
                  : crypto::hash_2(*session.hash, skeyid_a.view(), header->message_id, ni_b, covered);
    }
    return sealed(session, psk, opened->second.iv, *header, all);
}

std::optional<Bytes> Observer::composed(ByteView like, ExchangeType exchange, std::uint32_t message_id,
                                        const std::vector<Payload>& payloads, Iv chain) const {
    const auto header = isakmp::decode_header(like);
    const auto found = header ? sessions_.find(to_bytes(header->cky_i)) : sessions_.end();
    if (found == sessions_.end() || !found->second.psk || payloads.empty()) {
        return std::nullopt;
    }
    const Session& session = found->second;
    std::vector<Payload> all{
        {PayloadType::hash, crypto::hash_1(*session.hash, session.skeyids[*session.psk].skeyid_a.view(),
                                           message_id, isakmp::encode_payloads(payloads))}};
    all.insert(all.end(), payloads.begin(), payloads.end());
    isakmp::Header composed;
    composed.cky_i = session.cky_i;
    composed.cky_r = session.cky_r;
    composed.exchange = exchange;
    composed.message_id = message_id;
    const ByteView block = chain == Iv::chained ? ByteView(session.blocks.back()) : ByteView{};
    const Bytes iv = crypto::phase2_iv(*session.hash, block, message_id, *session.cipher);
    return sealed(session, *session.psk, iv, composed, all);
}

std::optional<Bytes> Observer::continued(ByteView like, const std::vector<Payload>& payloads) const {
    const auto header = isakmp::decode_header(like);
    const auto found = header ? sessions_.find(to_bytes(header->cky_i)) : sessions_.end();
    if (found == sessions_.end() || !found->second.psk) {
        return std::nullopt;
    }
    const Session& session = found->second;
    const auto chain = session.chains.find(header->message_id);
    return chain == session.chains.end()
               ? std::nullopt
               : sealed(session, *session.psk, chain->second.back(), *header, payloads);
}

}  // namespace causeway::world
