// What people without keys do in a story, and that it changes nothing and costs little.
#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/story.hpp"
#include "ike/limits.hpp"

namespace causeway::fuzzing {

/// Octets from somebody without keys.
void Story::forged(Gateway& who, const Endpoint& from, Bytes octets) {
    const auto before = agreed(who, world_->now());
    const auto computed = who.computations;
    const auto length = octets.size();
    world_->deliver({"stranger", from, {who.address, 500}, std::move(octets), {}});
    require(agreed(who, world_->now()) == before);
    charge(who, who.computations - computed, length);
}

void Story::charge(const Gateway& who, std::size_t computed, std::size_t octets) {
    auto& charge = charged_[who.name];
    charge.computed += computed;
    charge.octets += octets;
    require(charge.computed <= charge_allowed(world_->now() - begin_));
    require(charge.computed <= charge.octets / octets_per_computation);
}

/// Said before, by the peer or by the gateway itself; now once more, from where it came from or from
/// elsewhere.
void Story::from_memory(Input& input) {
    Gateway& who = world_->gateway(input.next() % 2 == 0 ? "west" : "east");
    if (who.address == IpAddress::v4(0)) {
        return;  // it has none, and neither may the other: nobody can say for whom that would be
    }
    const bool reflected = input.next() % 2 == 0;
    const auto* old = reflected ? memory_.said_by(who.name, input) : memory_.heard_by(who.name, input);
    if (old == nullptr) {
        return;
    }
    Flight flight = *old;
    flight.source = reflected ? old->destination : old->source;
    if (input.next() % 2 == 0) {
        flight.source = {IpAddress::v4(0xcb007109),
                         static_cast<std::uint16_t>(500 + input.next() % 2 * 4000)};
    }
    flight.destination = {who.address,
                          static_cast<std::uint16_t>(reflected ? old->source.port : old->destination.port)};
    const auto before = agreed(who, world_->now());
    const auto due = who.engine->next_timeout();
    const bool stands = in_time(who, world_->now(), flight.payload);
    sent_.clear();
    world_->deliver(flight);
    const auto after = who.engine->next_timeout();
    require(agreed(who, world_->now()) == before);
    // What postpones a question to the peer takes it for alive. (A first message from where no peer is known
    // to be has the names asked for now, which is not done again soon; what an SA that is forgotten was sent may
    // have the peer asked now, and then it is asked again as after any question.)
    const auto header = isakmp::decode_header(flight.payload);
    const bool asked = std::ranges::any_of(sent_, [&](const auto& sent) {
        return sent.from == who.name && sent.header.exchange == ExchangeType::informational &&
               sent.header.encrypted();
    });
    require(!due || (after && *after <= *due) || (header && header->cky_r == isakmp::Cookie{}) ||
            (asked && after && *after <= world_->now() + ike::limits::dpd_repeat));
    require(!reflected || !stands || sent_.empty());
}

/// Many first messages of Aggressive Mode at once, or one exchange of Main Mode with many public values.
void Story::burst(Gateway& who, Input& input) {
    const auto* like =
        memory_.first_of(input.next() % 2 == 0 ? ExchangeType::aggressive : ExchangeType::main);
    if (like == nullptr) {
        return;
    }
    const auto shape = input.next();
    const bool other_value = (shape & 1U) != 0;  // one that is refused
    for (unsigned i = 0; i < 200; ++i) {
        Bytes octets = like->payload;
        const auto header = isakmp::decode_header(octets);
        auto chain = isakmp::decode_payloads(
            header->next_payload, ByteView(octets).subspan(isakmp::header_octets), isakmp::Trailing::none);
        if (!chain) {
            return;
        }
        isakmp::Header anew = *header;
        ++drawn_;
        for (unsigned at = 0; at < 4; ++at) {
            anew.cky_i[at] = static_cast<std::uint8_t>(drawn_ >> (8 * at) | 1U);
        }
        anew.cky_i[4] = static_cast<std::uint8_t>(drawn_);
        for (auto& payload : chain->payloads) {
            if (payload.type == PayloadType::key_exchange && other_value) {
                payload.body.pop_back();
            }
        }
        const Endpoint from{
            (shape & 2U) != 0 ? other(who).address : IpAddress::v4(0xcb000000U + drawn_ * 251), 500};
        forged(who, from, isakmp::encode_message(anew, std::span<const Payload>(chain->payloads)));
    }
}

/// The peer says many things that mean nothing, each with a message id of its own.
void Story::grow_old(Gateway& who) {
    for (unsigned i = 0; i < 300; ++i) {
        isakmp::Notification nothing;
        nothing.type = static_cast<isakmp::NotifyType>(40'000);
        if (const auto made = world_->observer().composed(
                known_datagram_, ExchangeType::informational, 0x40000000U + ++drawn_,
                {{PayloadType::notification, isakmp::encode(nothing)}})) {
            honest_ = false;
            world_->deliver({other(who).name, {other(who).address, 500}, {who.address, 500}, *made, {}});
        }
        who.events.clear();
    }
}

void Story::made_by_a_stranger(Gateway& who, Input& input) {
    // From nowhere, from the peer's address, or from where the NAT is.
    const IpAddress sources[] = {IpAddress::v4(0xcb007101), other(who).address, IpAddress::v4(0xcb007106)};
    const Endpoint from{sources[input.next() % 3],
                        static_cast<std::uint16_t>(input.next() % 2 == 0 ? 500 : 4500)};
    if (input.next() % 2 == 0) {
        forged(who, from, input.octets(input.next()));
        return;
    }
    isakmp::Header header;
    if (const auto like = isakmp::decode_header(known_datagram_); like && input.next() % 4 != 0) {
        header = *like;
    }
    header.flags = input.next() % 4 == 0 ? input.next() : std::uint8_t{0};
    constexpr ExchangeType types[] = {ExchangeType::informational, ExchangeType::main,
                                      ExchangeType::aggressive, ExchangeType::quick};
    header.exchange = types[input.next() % 4];
    header.message_id = header.exchange == ExchangeType::main || header.exchange == ExchangeType::aggressive
                            ? 0
                            : input.next();
    std::vector<Payload> payloads;
    for (unsigned i = input.next() % 4; i > 0; --i) {
        if (auto odd = odd_payload(who, input)) {
            payloads.push_back(std::move(*odd));
        }
    }
    forged(who, from, isakmp::encode_message(header, std::span<const Payload>(payloads)));
}

}  // namespace causeway::fuzzing
