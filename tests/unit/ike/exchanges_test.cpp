// The Quick Modes of one session.
#include "ike/v1/exchanges.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "ike/limits.hpp"
#include "negotiation/words.hpp"
#include "unit/ike/exchange_fixture.hpp"

namespace causeway::ike::v1 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ExchangesTest : public ::testing::Test {
 protected:
    Exchange& add(Role role, std::uint32_t message_id = 5, sa::ReqId reqid = 1, std::uint64_t step = 1) {
        return all.add(std::make_unique<Exchange>(exchange(role, message_id, reqid, step)));
    }
    Exchange& add_ours(std::uint32_t own_spi) {
        auto& one = add(Role::initiator);
        offer(one, begin, own_spi);
        return one;
    }
    Exchange& add_theirs(std::uint32_t own_spi, std::uint32_t their_spi) {
        auto& one = add(Role::responder);
        answer(one, begin, own_spi, their_spi);
        return one;
    }
    static Bytes spi(std::uint32_t number) { return negotiation::spi_octets(number); }

    Exchanges all;
};

TEST_F(ExchangesTest, CountsWhatIsNotFinished) {
    add(Role::initiator, 1, 10);
    add(Role::responder, 2, 20);
    add(Role::initiator, 3, 30).finish(begin);
    EXPECT_EQ(all.unfinished(), 2U);
    EXPECT_EQ(all.own(), (std::vector<sa::ReqId>{10}));
    EXPECT_TRUE(all.negotiates(20));
    EXPECT_FALSE(all.negotiates(30));
    EXPECT_FALSE(all.negotiates(40));
}

TEST_F(ExchangesTest, ThePeersUnconfirmedOnesAreCountedForEachTunnel) {
    add(Role::responder, 1, 10, 7);
    auto& oldest = add(Role::responder, 2, 10, 3);
    add(Role::responder, 3, 20, 2);
    add(Role::initiator, 4, 10, 1);
    EXPECT_EQ(all.unconfirmed(10).count, 2U);
    EXPECT_EQ(all.unconfirmed(10).oldest, 3U);
    EXPECT_EQ(all.unconfirmed(10, 3), &oldest);
    EXPECT_EQ(all.unconfirmed(10, 1), nullptr);  // ours
    EXPECT_EQ(all.unconfirmed(20, 3), nullptr);
    oldest.finish(begin);
    EXPECT_EQ(all.unconfirmed(10).count, 1U);
    EXPECT_EQ(all.unconfirmed(10).oldest, 7U);
    EXPECT_EQ(all.unconfirmed(10, 3), nullptr);
}

TEST_F(ExchangesTest, OneUnderWayIsEnough) {
    EXPECT_FALSE(all.under_way(begin));
    add(Role::responder).finish(begin);
    EXPECT_FALSE(all.under_way(begin));
    add(Role::responder);
    EXPECT_TRUE(all.under_way(begin));
}

TEST_F(ExchangesTest, WhatMadeAPairIsFoundUntilItIsFinished) {
    auto& one = add_theirs(0xa1, 0xb1);
    EXPECT_EQ(all.that_made(sa::SaId{0xa1}), &one);
    EXPECT_EQ(all.that_made(sa::SaId{0xa2}), nullptr);
    all.first_inbound(sa::SaId{0xa2}, begin);
    EXPECT_FALSE(one.finished());
    all.first_inbound(sa::SaId{0xa1}, begin);
    EXPECT_TRUE(one.finished());
    EXPECT_EQ(all.that_made(sa::SaId{0xa1}), nullptr);
}

TEST_F(ExchangesTest, DiffieHellmanBelongsToTheOneThatIsNotFinished) {
    auto& own = add(Role::initiator, 5);
    auto& his = add(Role::responder, 5);
    EXPECT_EQ(all.with_dh_tag(own.dh_tag()), &own);
    EXPECT_EQ(all.with_dh_tag(his.dh_tag()), &his);
    his.finish(begin);
    EXPECT_EQ(all.with_dh_tag(his.dh_tag()), nullptr);
}

TEST_F(ExchangesTest, AnErrorNamesTheSpiOfEitherEnd) {
    auto& own = add_ours(0xa1);
    auto& his = add_theirs(0xa2, 0xb2);
    EXPECT_EQ(all.waiting(spi(0xa1)).named, &own);
    EXPECT_EQ(all.waiting(spi(0xa2)).named, &his);
    EXPECT_EQ(all.waiting(spi(0xb2)).named, &his);
    EXPECT_EQ(all.waiting(spi(0xb1)).named, nullptr);
    EXPECT_EQ(all.waiting(spi(0)).named, nullptr);  // the peer's SPI is not known yet
}

TEST_F(ExchangesTest, AnErrorWithoutSpiMeansTheOnlyOneThatWaits) {
    EXPECT_EQ(all.waiting({}).only, nullptr);
    auto& own = add_ours(0xa1);
    add(Role::responder);  // computes: nothing of ours waits
    EXPECT_EQ(all.waiting({}).only, &own);
    EXPECT_EQ(all.waiting(spi(0xa1)).only, nullptr);  // it is named
    add_theirs(0xa2, 0xb2);
    EXPECT_EQ(all.waiting({}).only, nullptr);
    add_theirs(0xa3, 0xb3);
    EXPECT_EQ(all.waiting({}).only, nullptr);
}

TEST_F(ExchangesTest, SomethingMayBeRefusedWhileAMessage3IsRemembered) {
    EXPECT_FALSE(all.any_can_be_refused());
    add_theirs(0xa2, 0xb2).finish(begin);
    EXPECT_FALSE(all.any_can_be_refused());
    confirm(add_ours(0xa1));
    EXPECT_TRUE(all.any_can_be_refused());
}

TEST_F(ExchangesTest, AnUnfinishedOneMayBeRefused) {
    add(Role::responder);
    EXPECT_TRUE(all.any_can_be_refused());
}

TEST_F(ExchangesTest, ThePeersOldestFinishedOnesMakeRoom) {
    add(Role::responder, 1);
    add(Role::initiator, 2).finish(begin);
    for (std::uint32_t i = 0; i < limits::exchanges_per_sa + 3; ++i) {
        add(Role::responder, 100 + i).finish(begin);
    }
    all.forget_answered();
    ASSERT_EQ(all.size(), 2 + limits::exchanges_per_sa - 1);
    EXPECT_EQ(all.at(0).message_id(), 1U);
    EXPECT_EQ(all.at(1).message_id(), 2U);
    EXPECT_EQ(all.at(2).message_id(), 104U);
}

TEST_F(ExchangesTest, WhatIsFinishedIsForgottenAfterItsTime) {
    add(Role::initiator).finish(begin);
    add(Role::responder);  // its end is to be told first
    all.forget_expired(begin + limits::finished_exchange_time - milliseconds(1));
    EXPECT_EQ(all.size(), 2U);
    all.forget_expired(begin + limits::finished_exchange_time);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_FALSE(all.at(0).finished());
}

TEST_F(ExchangesTest, OursAreDroppedUnlessTheyAreFinished) {
    add(Role::initiator, 1);
    add(Role::initiator, 2).finish(begin);
    add(Role::responder, 3);
    all.drop_own();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all.at(0).message_id(), 2U);
    EXPECT_EQ(all.at(1).message_id(), 3U);
}

TEST_F(ExchangesTest, OfATunnelThatIsGoneAllAreDroppedUnlessTheyAreFinished) {
    add(Role::initiator, 1);
    add(Role::responder, 2);
    add(Role::initiator, 3).finish(begin);
    const auto reqid = all.at(0).reqid();
    all.drop_of(reqid + 1);
    EXPECT_EQ(all.size(), 3U);
    all.drop_of(reqid);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.at(0).message_id(), 3U);
}

TEST_F(ExchangesTest, AtTheEndOfTheSessionWhatTheyHaveMadeIsTold) {
    add_theirs(0xa1, 0xb1);
    add(Role::responder);
    add_theirs(0xa2, 0xb2).finish(begin);
    EXPECT_EQ(all.abandon(), (std::vector<sa::SaId>{sa::SaId{0xa1}}));
    EXPECT_TRUE(all.abandon().empty());
}

TEST_F(ExchangesTest, ThePeerIsDeafSinceTheFirstThatMadeRoomUntilItIsHeard) {
    Exchange first({Role::initiator, 1, 1, 1, begin}, nullptr);
    Exchange second({Role::initiator, 2, 2, 2, begin + seconds(3)}, nullptr);
    EXPECT_EQ(all.make_room(first, begin - seconds(9)), begin);
    EXPECT_EQ(all.make_room(second, begin - seconds(9)), begin);
    EXPECT_EQ(all.make_room(second, begin + seconds(1)), begin + seconds(3));
}

TEST_F(ExchangesTest, EachDeadlineIsCounted) {
    add(Role::responder);
    add_ours(0xa1);
    ike::Session::Timers timers;
    all.add_timers(timers);
    EXPECT_EQ(timers.count(), 3U);
    EXPECT_EQ(timers.next(), begin + limits::retransmit_first);
}

}  // namespace
}  // namespace causeway::ike::v1
