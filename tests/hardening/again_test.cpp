// What was on the wire before, said again: our own messages by somebody who reflects them, the peer's by
// somebody who recorded or held them back. Nobody of these has a key.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hardening/hostile.hpp"
#include "negotiation/words.hpp"

namespace causeway::hardening {
namespace {

using isakmp::NotifyType;

const Endpoint reflector{IpAddress::v4(0xcb007107), 500};

class Again : public Hostile {
 protected:
    /// From now on what west and east send is kept.
    void record() {
        world_->on_send = [this](const Flight& flight) {
            (flight.from == "west" ? ours_ : theirs_).push_back(flight.payload);
            if (flight.seen.header.encrypted()) {
                known_ = flight.payload;
            }
            if (flight.from == "east" && flight.seen.header.exchange == ExchangeType::quick &&
                offer_.empty()) {
                offer_.assign(flight.seen.payloads.begin() + 1, flight.seen.payloads.end());
            }
        };
    }
    void whole_session(const std::string& mode, bool east_begins) {
        begin({{"mode", mode}, {"ike-lifetime", "86400"}, {"esp-lifetime", "3600"}});
        ours_.clear();
        theirs_.clear();
        record();
        world_->input(east_begins ? east() : west(), ike::CommandUp{});
        world_->settle();
        ASSERT_NE(west().sending(), nullptr);
        world_->pass(std::chrono::minutes(70), true);  // liveness, and a renewal with its delete
        expect_up();
    }
    /// Everything of the peer that could be led astray.
    std::string state() {
        const auto status = west().engine->status(world_->now());
        std::string text = std::to_string(status.half_open);
        for (const auto& sa : status.peers.front().ike_sas) {
            text += " " + sa.cky_i + sa.remote.text() + std::string(word(sa.state));
        }
        for (const auto& [id, installed] : west().installed) {
            text += " " + std::to_string(static_cast<std::uint64_t>(id)) + installed.remote.text();
        }
        return text + status::sentence_of(status.peers.front().last_error);
    }
    Bytes of_the_peer(ExchangeType exchange, const Payloads& payloads) {
        return world_->observer().composed(known_, exchange, ++message_id_, payloads).value_or(Bytes{});
    }
    Payload question(std::uint32_t number) {
        return notification(NotifyType::r_u_there, Bytes(known_.begin(), known_.begin() + 16),
                            negotiation::spi_octets(number));
    }
    Endpoint peer_is_at() { return peer_at_west().ike_sas.back().remote; }
    static bool is(const Bytes& datagram, ExchangeType exchange) {
        return header_of(datagram).exchange == exchange;
    }
    std::uint64_t begun_at_west() { return west().engine->status(world_->now()).peers.front().negotiations; }

    std::vector<Bytes> ours_;
    std::vector<Bytes> theirs_;
    Payloads offer_;  ///< of the peer's first Quick Mode, without its hash
};

// HASH(1) has no direction (RFC 2409 5.5, 5.7): each message of ours, of each exchange, comes back from
// everywhere, at once and an hour later.
TEST_F(Again, OurOwnMessagesReflectedHaveNoEffect) {
    for (const std::string mode : {"main", "aggressive"}) {
        for (const bool east_begins : {true, false}) {
            whole_session(mode, east_begins);
            ASSERT_GT(ours_.size(), 200U);
            for (int hour = 0; hour < 2; ++hour) {
                const auto all = ours_;
                const auto before = state();
                west().events.clear();
                for (const auto& datagram : all) {
                    for (const auto& from : {reflector, east_end, Endpoint{east_end.address, 4500}}) {
                        ASSERT_TRUE(answers_to(datagram, from).empty()) << mode << east_begins << hour;
                    }
                }
                EXPECT_EQ(state(), before) << mode << east_begins << hour;
                for (const auto& event : west().events) {
                    EXPECT_EQ(event.code, EventCode::message_ignored) << event.text();
                }
                world_->pass(std::chrono::minutes(45), true);
            }
            expect_up();
        }
    }
}

TEST_F(Again, AReflectorDoesNotKeepADeadPeerAlive) {
    whole_session("main", true);
    std::size_t next = 0;
    for (int second = 0; second < 60 && west().sending() != nullptr; ++second) {
        world_->pass(std::chrono::seconds(1));
        world_->wire().clear();  // the line is dead
        for (int i = 0; i < 3; ++i) {
            answers_to(ours_[next++ % ours_.size()], i == 0 ? east_end : reflector);
        }
    }
    EXPECT_EQ(west().sending(), nullptr);
}

// Some peers answer under our message id, and the sequences of two gateways may meet.
TEST_F(Again, AMessageOfThePeersUnderAnIdOfOursIsThePeers) {
    whole_session("main", true);
    const auto ours = std::find_if(ours_.rbegin(), ours_.rend(),
                                   [&](const Bytes& one) { return is(one, ExchangeType::informational); });
    const auto id = header_of(*ours).message_id;
    const auto asked =
        world_->observer().composed(known_, ExchangeType::informational, id, {question(0x7fffffff)});
    EXPECT_EQ(answers_to(*asked, east_end).size(), 1U);

    // A Quick Mode of the peer's under the id of one of ours that waits for its answer.
    world_->input(west(), sa::Exhausted{west().installed.rbegin()->first, false});
    ASSERT_FALSE(world_->wire().empty());
    const auto waiting = header_of(world_->wire().back().payload);
    ASSERT_EQ(waiting.exchange, ExchangeType::quick);
    const auto begun = world_->observer().composed(known_, ExchangeType::quick, waiting.message_id, offer_);
    const auto answers = answers_to(*begun, east_end);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(header_of(answers.front().payload).exchange, ExchangeType::quick);
    world_->settle();  // ours goes on beside it
    world_->pass(std::chrono::seconds(5), true);
    expect_up();
}

// A message id counts once in the life of an ISAKMP SA, however many others have come since.
TEST_F(Again, RecordedMessagesStayOld) {
    whole_session("main", true);
    const auto recorded = theirs_;
    for (int i = 0; i < 5000; ++i) {
        from_the_peer(ExchangeType::informational, {notification(NotifyType::connected)});
    }
    world_->pass(std::chrono::seconds(30), true);
    const auto before = state();
    std::size_t quick = 0;
    for (const auto& datagram : recorded) {
        if (header_of(datagram).message_id == 0) {
            continue;  // Phase 1 repeated gets the same answer
        }
        for (const auto& from : {reflector, east_end}) {
            EXPECT_TRUE(answers_to(datagram, from).empty() || datagram == recorded.back());
        }
        quick += is(datagram, ExchangeType::quick) ? 1 : 0;
    }
    EXPECT_GE(quick, 2U);
    EXPECT_EQ(state(), before);
    expect_up();
}

// Genuine, never seen here, and perhaps old: a delete, a notify, a first message of Quick Mode say nothing of
// where the peer is now. It is asked there, and what answers moves us.
TEST_F(Again, WhatMayHaveBeenHeldBackMovesNothing) {
    whole_session("main", true);
    const auto there = peer_is_at();
    const auto carries = west().sending()->remote;
    const Payload gone{
        PayloadType::delete_,
        isakmp::encode(isakmp::Delete{isakmp::doi_ipsec, isakmp::Protocol::esp, 4, {Bytes{1, 2, 3, 4}}})};
    from_the_peer(ExchangeType::informational, {question(0x7fff0000)});
    for (const auto& payload : {notification(NotifyType::connected), gone, question(0x7fff0000)}) {
        world_->pass(std::chrono::seconds(3), true);
        std::set<Endpoint> asked;
        for (const auto& sent : answers_to(of_the_peer(ExchangeType::informational, {payload}), reflector)) {
            asked.insert(sent.destination);
        }
        EXPECT_TRUE(asked.contains(reflector));
        EXPECT_TRUE(asked.contains(there));
        EXPECT_EQ(peer_is_at(), there);
        EXPECT_EQ(west().sending()->remote, carries);
    }
    // An older question than the last one.
    answers_to(of_the_peer(ExchangeType::informational, {question(0x7ffe0000)}), reflector);
    EXPECT_EQ(peer_is_at(), there);
    // An answer to no question that is open.
    world_->pass(std::chrono::seconds(3), true);
    for (const auto& sent : theirs_) {
        answers_to(sent, reflector);
    }
    EXPECT_EQ(peer_is_at(), there);
    // Message 1 of Quick Mode: answered where it came from, and nothing moves.
    world_->pass(std::chrono::seconds(3), true);
    bool answered = false;
    for (const auto& sent : answers_to(of_the_peer(ExchangeType::quick, offer_), reflector)) {
        answered = answered || (is(sent.payload, ExchangeType::quick) && sent.destination == reflector);
    }
    EXPECT_TRUE(answered);
    EXPECT_EQ(peer_is_at(), there);
    EXPECT_EQ(west().sending()->remote, carries);
}

// What proves to have been made just now moves us: a greater number, the answer to the open question,
// HASH(3).
TEST_F(Again, WhatIsNewMovesUs) {
    whole_session("main", true);
    from_the_peer(ExchangeType::informational, {question(0x7fff0000)});
    answers_to(of_the_peer(ExchangeType::informational, {question(0x7fff0001)}), reflector);
    EXPECT_EQ(peer_is_at(), reflector);
    EXPECT_EQ(west().sending()->remote.address, reflector.address);

    const auto beyond = [&](std::uint8_t host) { return Endpoint{IpAddress::v4(0xcb007100U + host), 500}; };
    // The NAT of the peer has another mapping: what it says comes from there, and answers are read there.
    const auto from_beyond = [&](std::uint8_t host) {
        while (!world_->wire().empty()) {
            Flight flight = std::move(world_->wire().front());
            world_->wire().pop_front();
            if (flight.from == "east") {
                flight.source = beyond(host);
                world_->deliver(flight);
            } else if (flight.destination == beyond(host)) {
                world_->input(east(), ike::Datagram{{east().address, 500}, flight.source, flight.payload});
            }
        }
    };
    world_->pass(std::chrono::seconds(6));
    world_->wire().clear();
    world_->input(east(), sa::Exhausted{east().installed.rbegin()->first, false});
    from_beyond(8);
    EXPECT_EQ(peer_is_at(), beyond(8));
    EXPECT_EQ(west().sending()->remote.address, beyond(8).address);

    // A delete, and the answer to the question that it draws.
    world_->pass(std::chrono::seconds(6));
    world_->wire().clear();
    world_->input(east(), sa::UnknownSpi{0x01020304, {west().address, 0}});
    from_beyond(9);
    EXPECT_EQ(peer_is_at(), beyond(9));
    EXPECT_EQ(west().sending()->remote.address, beyond(9).address);
}

// A peer gone mad, or one that asks every second for days: before no more message ids can be remembered the
// ISAKMP SA is renewed, once a minute at most.
TEST_F(Again, AnIsakmpSaIsRenewedBeforeItsMemoryIsFull) {
    whole_session("main", true);
    const auto before = begun_at_west();
    for (std::size_t i = 0; i < ike::limits::remembered_message_ids + 10; ++i) {
        from_the_peer(ExchangeType::informational, {notification(NotifyType::connected)});
    }
    world_->pass(std::chrono::seconds(3), true);
    EXPECT_EQ(begun_at_west(), before + 1);
    EXPECT_TRUE(world_->packet(west(), east()));
    // And again under the new one.
    for (std::size_t i = 0; i < ike::limits::remembered_message_ids + 10; ++i) {
        from_the_peer(ExchangeType::informational, {notification(NotifyType::connected)});
    }
    world_->pass(std::chrono::seconds(50), true);
    EXPECT_EQ(begun_at_west(), before + 1);
    world_->pass(std::chrono::seconds(20), true);
    EXPECT_EQ(begun_at_west(), before + 2);
    expect_up();
}

// A packet may be the newest of its pair and yet old: of a pair that the peer has left for the next one.
TEST_F(Again, APacketOfALeftPairMovesNothing) {
    whole_session("main", true);
    const auto old = west().installed.rbegin()->first;
    world_->input(west(), sa::Exhausted{old, false});
    world_->settle();
    world_->pass(std::chrono::seconds(2), true);
    ASSERT_EQ(west().installed.size(), 2U);
    expect_up();
    const auto carries = west().sending()->remote;
    world_->input(west(), sa::PeerMoved{old, {reflector.address, 4500}});
    EXPECT_EQ(west().sending()->remote, carries);
    world_->input(west(), sa::PeerMoved{west().sending()->pair->id, {reflector.address, 4500}});
    EXPECT_EQ(west().sending()->remote.address, reflector.address);
}

}  // namespace
}  // namespace causeway::hardening
