// Two gateways, and somebody who sends one of them what it should not get: from anywhere without keys, or as
// the peer itself, under the right keys. Toy Diffie-Hellman, so that every run is the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "ike/limits.hpp"
#include "world/world.hpp"

namespace causeway::hardening {

using isakmp::ExchangeType;
using isakmp::Payload;
using isakmp::PayloadType;
using world::Flight;
using world::Gateway;
using world::World;

using Payloads = std::vector<Payload>;

inline const Endpoint stranger{IpAddress::v4(0xcb007109), 500};
inline const Endpoint east_end{IpAddress::v4(0xc6336401), 500};

class Hostile : public testing::Test {
 protected:
    void SetUp() override { begin(); }

    /// Fresh gateways; settings of both before they start.
    void begin(const std::map<std::string, std::string>& values = {}) {
        world_ = World::west_and_east(7, World::DiffieHellman::toy);
        for (auto* one : {&west(), &east()}) {
            one->settings.values = values;
            ASSERT_TRUE(world_->start(*one));
        }
    }
    Gateway& west() { return world_->gateway("west"); }
    Gateway& east() { return world_->gateway("east"); }
    status::Peer peer_at_west() { return west().engine->status(world_->now()).peers.front(); }
    std::uint64_t half_open() { return west().engine->status(world_->now()).half_open; }

    void up() {
        world_->input(east(), ike::CommandUp{});
        world_->settle();
        ASSERT_NE(west().sending(), nullptr);
        world_->on_send = {};
    }
    /// The tunnel carries packets both ways.
    void expect_up() {
        EXPECT_TRUE(world_->packet(west(), east()));
        EXPECT_TRUE(world_->packet(east(), west()));
    }
    /// East begins; messages are delivered until `count` of them were; the next one is left on the wire.
    void until_message(std::size_t count) {
        world_->input(east(), ike::CommandUp{});
        for (std::size_t i = 1; i < count; ++i) {
            ASSERT_FALSE(world_->wire().empty()) << i;
            const Flight flight = std::move(world_->wire().front());
            world_->wire().pop_front();
            world_->deliver(flight);
        }
        ASSERT_FALSE(world_->wire().empty());
    }

    /// What west sends because of a datagram. The wire is left as it was.
    std::vector<Flight> answers_to(const Bytes& payload, const Endpoint& from) {
        std::deque<Flight> kept;
        std::swap(kept, world_->wire());
        world_->input(west(), ike::Datagram{{west().address, 500}, from, payload});
        std::vector<Flight> sent(world_->wire().begin(), world_->wire().end());
        world_->wire() = std::move(kept);
        return sent;
    }
    /// The message on the wire with other payloads, under the right keys and hashes.
    std::optional<Bytes> changed(const std::function<void(Payloads&)>& change) {
        const Flight& flight = world_->wire().front();
        Payloads payloads = flight.seen.payloads;
        change(payloads);
        return world_->observer().rewritten(flight.payload, payloads, world::Observer::Hash::renew);
    }
    /// From east under the keys of the ISAKMP SA that stands.
    std::vector<Flight> from_the_peer(ExchangeType exchange, const Payloads& payloads) {
        const auto made = world_->observer().composed(known_, exchange, ++message_id_, payloads);
        EXPECT_TRUE(made.has_value());
        return made ? answers_to(*made, east_end) : std::vector<Flight>{};
    }
    /// Up, with the keys in the observer's hands.
    void up_and_known() {
        world_->on_send = [this](const Flight& flight) {
            if (flight.seen.header.encrypted()) {
                known_ = flight.payload;
            }
        };
        up();
    }
    /// Up, and what east sent for it.
    std::vector<Bytes> recorded() {
        std::vector<Bytes> datagrams;
        world_->on_send = [&](const Flight& flight) {
            if (flight.from == "east") {
                datagrams.push_back(flight.payload);
            }
        };
        up();
        return datagrams;
    }

    static Payload notification(isakmp::NotifyType type, Bytes spi = {}, Bytes data = {},
                                isakmp::Protocol protocol = isakmp::Protocol::isakmp) {
        return {PayloadType::notification,
                isakmp::encode(isakmp::Notification{isakmp::doi_ipsec, protocol, std::move(spi), type,
                                                    std::move(data)})};
    }
    Payload delete_isakmp() {
        const Bytes cookies(known_.begin(), known_.begin() + 16);
        return {PayloadType::delete_,
                isakmp::encode(isakmp::Delete{isakmp::doi_ipsec, isakmp::Protocol::isakmp, 16, {cookies}})};
    }
    static isakmp::Header header_of(const Bytes& datagram) {
        return isakmp::decode_header(datagram).value_or(isakmp::Header{});
    }

    std::unique_ptr<World> world_;
    Bytes known_;
    std::uint32_t message_id_ = 0x1000;
};

}  // namespace causeway::hardening
