// The engine as a state machine: the input's octets become a story of two gateways. Datagrams are delivered,
// lost, doubled, swapped, cut, damaged in clear, or opened with the right keys, changed inside and sealed
// again; messages are made from nothing by a peer gone mad and by somebody without keys; time passes; names
// and addresses move; the data plane and the user speak. Whatever happens:
//  - no crash, and every count stays under its limit;
//  - no SPI stands for two keys, and two ends that believe in one SA pair hold the same ones;
//  - who has no keys changes nothing that was agreed;
//  - a datagram that nobody vouched for gets one answer at most, of at most three times its length, and no
//    timer of a responder repeats anything before its peer is authenticated;
//  - what was heard before and what the gateway has said itself change nothing, move nothing and are no sign
//    of life, however old, wherever they come from; under an SA that stands what it has said itself draws no
//    answer;
//  - somebody without keys cannot have Diffie-Hellman computed but for a bounded number of times and octets;
//  - one input has a bounded number of outputs, and no timer fires for ever without time passing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "engine/story.hpp"
#include "ike/limits.hpp"

namespace causeway::fuzzing {

namespace {

bool same_keys(const sa::EspSa& a, const sa::EspSa& b) {
    return a.encryption_key == b.encryption_key && a.integrity_key == b.integrity_key;
}

}  // namespace

Story::Story(std::uint8_t shape)
    : world_(World::west_and_east(1, World::DiffieHellman::toy)), begin_(world_->now()) {
    world_->on_send = [this](const Flight& flight) {
        sent_.push_back({flight.from, flight.destination, flight.payload.size(), flight.seen.header});
        const auto& header = flight.seen.header;
        if (header.cky_r == isakmp::Cookie{} && header.exchange != ExchangeType::informational) {
            begun_.emplace(header.cky_i, flight.from);
        }
        memory_.said(flight);
        if (header.exchange == ExchangeType::quick || header.exchange == ExchangeType::informational) {
            known_datagram_ = flight.payload;
        }
    };
    world_->publish("west.example", "192.0.2.1");
    world_->publish("east.example", "198.51.100.1");
    for (const char* name : {"west", "east"}) {
        auto& who = world_->gateway(name);
        auto& values = who.settings.values;
        values["mode"] = (shape & 1U) != 0 ? "aggressive" : "main";
        values["esp"] = (shape & 2U) != 0 ? "aes128-sha1" : "aes128-sha1-modp1024";
        values["encap"] = (shape & 4U) != 0 ? "yes" : "no";
        values["start"] = (shape & 8U) != 0 ? "start" : "none";
        values["tunnels"] = (shape & 16U) != 0 ? "2" : "1";
        values["esp-lifetime"] = "600";
        values["ike-lifetime"] = "900";
        if ((shape & 32U) != 0) {
            values["address"] = who.name == "west" ? "east.example" : "west.example";
        }
    }
    if ((shape & 64U) != 0) {
        world_->put_behind_nat(world_->gateway("west"), "203.0.113.1", true);
        world_->publish("west.example", "203.0.113.1");
        world_->gateway("east").settings.values["address"] = "any";
        world_->gateway("east").settings.values["peer-id"] = "@west";
        world_->gateway("west").settings.values["id"] = "@west";
    }
    for (const char* name : {"west", "east"}) {
        require(world_->start(world_->gateway(name)).has_value());
    }
}

void Story::give(Gateway& who, ike::Input input) {
    sent_.clear();
    world_->input(who, std::move(input));
    // Shutting down says goodbye for every SA; nothing else comes near.
    require(sent_.size() <= 64);
    require(who.events.size() <= 512);
}

void Story::deliver(const Flight& flight) {
    const auto header = isakmp::decode_header(flight.payload);
    Gateway* to = world_->owner_of(flight.destination.address);
    sent_.clear();
    const bool known = to != nullptr && in_time(*to, world_->now(), flight.payload);
    if (!world_->deliver(flight) || to == nullptr) {
        return;
    }
    if (known) {
        memory_.heard(to->name, flight);
    }
    require(sent_.size() <= 64 && to->events.size() <= 512);
    if (sent_.empty()) {
        return;
    }
    std::size_t answers = 0;
    std::size_t octets = 0;
    const auto established = agreed(*to, world_->now()).ike_sas;
    const auto vouched = [&](const isakmp::Header& about) {
        const std::string cookie = to_hex(about.cky_i);
        return std::any_of(established.begin(), established.end(),
                           [&](const auto& one) { return one.starts_with(cookie); });
    };
    for (const auto& sent : sent_) {
        // A question to a peer that is authenticated is no answer; what we have begun goes where we call.
        if (sent.from == to->name && !vouched(sent.header) &&
            !(begun_.contains(sent.header.cky_i) && begun_.at(sent.header.cky_i) == to->name)) {
            ++answers;
            octets += sent.octets;
        }
    }
    if (!header || !vouched(*header)) {
        require(answers <= 1);
        require(octets <= 3 * flight.payload.size());
    }
}

void Story::pass(Duration duration) {
    sent_.clear();
    world_->pass(duration);
    for (const auto& sent : sent_) {
        const bool phase1 =
            sent.header.exchange == ExchangeType::main || sent.header.exchange == ExchangeType::aggressive;
        const auto begun = begun_.find(sent.header.cky_i);
        require(!phase1 || (begun != begun_.end() && begun->second == sent.from));
    }
}

/// The payloads of a datagram, changed somewhere, under the right keys.
void Story::change_inside(Flight& flight, Input& input) {
    auto payloads = flight.seen.payloads;
    if (!flight.seen.readable || payloads.empty()) {
        return;
    }
    auto& payload = payloads[input.next() % payloads.size()];
    switch (input.next() % 7) {
        case 0:
            payload.type = static_cast<PayloadType>(input.next());
            break;
        case 1:
            payload.body.resize(payload.body.size() / 2);
            break;
        case 2:
            payload.body.resize(payload.body.size() + input.next(), input.next());
            break;
        case 3:
            payloads.push_back(payload);
            break;
        case 4:
            payloads.erase(payloads.begin() + static_cast<std::ptrdiff_t>(input.next() % payloads.size()));
            break;
        case 5:
            if (const auto odd = odd_payload(world_->gateway(flight.from), input)) {
                payloads.push_back(*odd);
            }
            break;
        default:
            if (!payload.body.empty()) {
                payload.body[input.next() % payload.body.size()] = input.next();
            }
    }
    const auto hash = input.next() % 8 == 0 ? world::Observer::Hash::keep : world::Observer::Hash::renew;
    if (const auto changed = world_->observer().rewritten(flight.payload, payloads, hash)) {
        flight.payload = *changed;
        honest_ = false;
    }
}

void Story::on_the_wire(Input& input) {
    auto& wire = world_->wire();
    if (wire.empty()) {
        return;
    }
    const std::size_t at = input.next() % std::min<std::size_t>(wire.size(), 4);
    Flight flight = wire[at];
    const auto what = input.next() % 12;
    if (what != 9) {
        wire.erase(wire.begin() + static_cast<std::ptrdiff_t>(at));
    }
    switch (what) {
        case 4:
            return;
        case 5:
            if (!flight.payload.empty()) {
                flight.payload[input.next() % flight.payload.size()] = input.next();
            }
            break;
        case 6:
            flight.payload.resize(input.next());
            break;
        case 7:
        case 8:
            change_inside(flight, input);
            break;
        case 10: {
            // Heard on the wire, and said again at once by somebody elsewhere.
            deliver(flight);
            Gateway* to = world_->owner_of(flight.destination.address);
            const auto before = to != nullptr ? agreed(*to, world_->now()) : Agreed{};
            flight.source = {IpAddress::v4(0xcb007107), 4500};
            deliver(flight);
            require(to == nullptr || agreed(*to, world_->now()) == before);
            return;
        }
        case 11: {
            // Damaged where it is protected: the first block holds the hash, or the identity under it.
            Gateway* to = world_->owner_of(flight.destination.address);
            if (to != nullptr && flight.seen.header.encrypted() && flight.payload.size() > 44) {
                const auto before = agreed(*to, world_->now());
                flight.payload[28 + input.next() % 16] ^= static_cast<std::uint8_t>(input.next() | 1U);
                deliver(flight);
                require(agreed(*to, world_->now()) == before);
                return;
            }
            break;
        }
        default:
            break;
    }
    deliver(flight);
}

std::optional<Payload> Story::odd_payload(const Gateway& who, Input& input) {
    const auto spi = [&]() -> Bytes {
        // Often one that exists.
        if (!who.installed.empty() && input.next() % 4 != 0) {
            const auto& pair = *who.installed.begin()->second.pair;
            const std::uint32_t number = input.next() % 2 == 0 ? pair.inbound.spi : pair.outbound.spi;
            return {static_cast<std::uint8_t>(number >> 24U), static_cast<std::uint8_t>(number >> 16U),
                    static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)};
        }
        return input.octets(input.next() % 20);
    };
    switch (input.next() % 4) {
        case 0: {
            isakmp::Notification notification;
            notification.protocol = static_cast<isakmp::Protocol>(input.next() % 5);
            notification.type = static_cast<isakmp::NotifyType>((input.next() % 4 == 0 ? 0x6000 : 0) |
                                                                (input.next() << 8U & 0x300) | input.next());
            constexpr isakmp::NotifyType usual[] = {
                isakmp::NotifyType::initial_contact,    isakmp::NotifyType::r_u_there,
                isakmp::NotifyType::r_u_there_ack,      isakmp::NotifyType::responder_lifetime,
                isakmp::NotifyType::no_proposal_chosen, isakmp::NotifyType::invalid_id_information};
            if (const auto pick = input.next() % 8U; pick < std::size(usual)) {
                notification.type = usual[pick];
            }
            notification.spi = spi();
            notification.data = input.octets(input.next() % 24);
            return Payload{PayloadType::notification, isakmp::encode(notification)};
        }
        case 1: {
            isakmp::Delete gone{
                isakmp::doi_ipsec, static_cast<isakmp::Protocol>(1 + input.next() % 3), 4, {}};
            if (gone.protocol == isakmp::Protocol::isakmp && known_datagram_.size() >= 16) {
                gone.spi_octets = 16;
                gone.spis.emplace_back(known_datagram_.begin(), known_datagram_.begin() + 16);
            }
            for (unsigned i = input.next() % 3; i > 0; --i) {
                gone.spis.push_back(spi());
                gone.spi_octets = static_cast<std::uint8_t>(gone.spis.back().size());
            }
            return Payload{PayloadType::delete_, isakmp::encode(gone)};
        }
        case 2:
            return Payload{PayloadType::identification, input.octets(input.next() % 32)};
        default:
            return Payload{static_cast<PayloadType>(input.next()), input.octets(input.next() % 48)};
    }
}

void Story::made_with_the_keys(Gateway& who, Input& input) {
    std::vector<Payload> payloads;
    for (unsigned i = 1 + input.next() % 3; i > 0; --i) {
        if (auto odd = odd_payload(who, input)) {
            payloads.push_back(std::move(*odd));
        }
    }
    const auto exchange = input.next() % 4 == 0 ? ExchangeType::quick : ExchangeType::informational;
    if (const auto made =
            world_->observer().composed(known_datagram_, exchange, 1U + input.next(), payloads)) {
        honest_ = false;
        deliver({other(who).name, {other(who).address, 500}, {who.address, 500}, *made, {}});
    }
}

void Story::data_plane(Gateway& who, Input& input) {
    const auto first = who.installed.empty() ? sa::SaId{} : who.installed.begin()->first;
    const sa::ReqId reqid = 1 + input.next() % 2U;
    switch (input.next() % 8) {
        case 0:
            give(who, sa::Acquire{reqid});
            break;
        case 1:
            give(who, sa::Exhausted{first, input.next() % 2 == 0});
            break;
        case 2:
            give(who, sa::FirstInbound{first});
            break;
        case 3:
            give(who, sa::UnknownSpi{input.next(), {other(who).address, 4500}});
            break;
        case 4:
            static_cast<void>(world_->packet_in_vain(who, reqid));
            break;
        case 5:
            give(who,
                 sa::PeerMoved{first, {other(who).address, static_cast<std::uint16_t>(4500 + input.next())}});
            break;
        default:
            static_cast<void>(world_->packet(who, other(who), reqid));
    }
}

void Story::names_and_addresses(Gateway& who, Input& input) {
    const std::string here = who.name == "west" ? "192.0.2." : "198.51.100.";
    switch (input.next() % 6) {
        case 0:
            world_->move(who, here + std::to_string(1 + input.next() % 3));
            break;
        case 1:
            world_->publish(who.name + ".example", here + std::to_string(1 + input.next() % 3));
            break;
        case 2:
            world_->publish(who.name + ".example", "");
            break;
        case 3:
            give(who, ike::LookupDone{
                          other(who).name,
                          {{other(who).address, who.address}, {IpAddress::v4(0xcb007108), who.address}},
                          std::chrono::seconds(input.next()),
                          {}});
            break;
        case 4:
            world_->move(who, "nowhere");  // and nothing comes to it any more
            break;
        default:
            if (who.name == "west" && world_->owner_of(IpAddress::v4(0xcb007101)) == &who) {
                world_->rebind_nat(who);
            }
    }
}

void Story::commands(Gateway& who, Input& input) {
    auto& values = who.settings.values;
    switch (input.next() % 8) {
        case 0:
            give(who, ike::CommandUp{});
            break;
        case 1:
            give(who, ike::CommandDown{});
            break;
        case 2:
            give(who, ike::CommandShutdown{});
            break;
        case 3:
            values["tunnels"] = std::to_string(1 + input.next() % 3);
            break;
        case 4:
            values["esp"] = input.next() % 2 == 0 ? "aes256-sha256-modp1024" : "aes128gcm16 aes128-sha1";
            break;
        case 5:
            values["mode"] = input.next() % 2 == 0 ? "main" : "aggressive";
            break;
        case 6:
            values["dpd"] = input.next() % 2 == 0 ? "yes" : "no";
            values["rekey"] = input.next() % 2 == 0 ? "yes" : "no";
            break;
        default:
            require(world_->start(who).has_value());
            return;
    }
    if (auto model = world::make_model(who.settings); model && input.next() % 2 == 0) {
        give(who, ike::Reload{*model});
    }
}

/// Cheap: after every step.
void Story::check(const Gateway& one) {
    require(one.installed.size() <= 3 * ike::limits::child_sas_per_tunnel);
    const Gateway& peer = other(one);
    for (auto mine = one.installed.begin(); mine != one.installed.end(); ++mine) {
        const auto& pair = *mine->second.pair;
        require(pair.inbound.spi >= 256);
        for (auto second = std::next(mine); second != one.installed.end(); ++second) {
            require(second->second.pair->inbound.spi != pair.inbound.spi);
        }
        for (const auto& [id, theirs] : peer.installed) {
            // One SPI, chosen by a receiver, never stands for two keys.
            if (honest_ && pair.outbound.spi == theirs.pair->inbound.spi &&
                pair.inbound.spi == theirs.pair->outbound.spi) {
                require(same_keys(pair.outbound, theirs.pair->inbound));
                require(same_keys(pair.inbound, theirs.pair->outbound));
                require(pair.cipher == theirs.pair->cipher && pair.integrity == theirs.pair->integrity);
                require(pair.local == theirs.pair->remote && pair.remote == theirs.pair->local);
            }
        }
    }
}

/// Dearer: now and then.
void Story::look(const Gateway& one) {
    const auto status = one.engine->status(world_->now());
    // Strangers come from many prefixes, in the peer's name, and in both modes: every room may be full.
    require(status.half_open <= ike::limits::half_open_total);
    for (const auto& peer : status.peers) {
        // Established ones, their successors, and what is begun beside them.
        require(peer.ike_sas.size() <= 3 * ike::limits::ike_sas_per_peer);
        for (const auto& tunnel : peer.tunnels) {
            require(tunnel.sas.size() <= ike::limits::child_sas_per_tunnel);
        }
    }
}

void Story::step(Input& input) {
    const std::uint8_t choice = input.next();
    Gateway& who = world_->gateway((choice & 0x80U) != 0 ? "east" : "west");
    switch (choice & 0x1fU) {
        case 0:
            pass(std::chrono::milliseconds(input.next() * 20));
            break;
        case 1:
            pass(std::chrono::seconds(input.next()));
            break;
        case 2:
            give(who, ike::CommandUp{});
            break;
        case 3:
            commands(who, input);
            break;
        case 4:
        case 5:
            data_plane(who, input);
            break;
        case 6:
        case 7:
            for (unsigned i = 0; i < 32 && !world_->wire().empty(); ++i) {
                const Flight flight = std::move(world_->wire().front());
                world_->wire().pop_front();
                deliver(flight);
            }
            break;
        case 8:
            names_and_addresses(who, input);
            break;
        case 9:
        case 10:
            made_by_a_stranger(who, input);
            break;
        case 11:
        case 12:
        case 13:
            made_with_the_keys(who, input);
            break;
        case 28:
            grow_old(who);
            break;
        case 29:
            burst(who, input);
            break;
        case 30:
        case 31:
            from_memory(input);
            break;
        default:
            on_the_wire(input);
    }
    if (world_->wire().size() > 200) {
        world_->wire().clear();
    }
    for (const char* name : {"west", "east"}) {
        auto& one = world_->gateway(name);
        one.events.clear();
        one.outcomes.clear();
        check(one);
        if (++steps_ % 16 == 0) {
            look(one);
        }
    }
}

void Story::end() {
    for (const char* name : {"west", "east"}) {
        look(world_->gateway(name));
    }
    // Left alone for long enough, everything that was begun has ended; the timers come to rest or go on, but
    // never without time passing (World::pass throws then).
    pass(std::chrono::minutes(3));
    for (const char* name : {"west", "east"}) {
        require(world_->gateway(name).engine->status(world_->now()).half_open == 0);
    }
}

}  // namespace causeway::fuzzing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    causeway::fuzzing::Input input(data, std::min<std::size_t>(size, 1024));
    causeway::fuzzing::Story story(input.next());
    while (!input.empty()) {
        story.step(input);
    }
    story.end();
    return 0;
}
