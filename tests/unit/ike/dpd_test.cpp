// Dead peer detection by its numbers.
#include "ike/v1/dpd.hpp"

#include <chrono>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <vector>

#include "ike/limits.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {
namespace {

using isakmp::NotifyType;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Newness = Dpd::Newness;

constexpr Instant begin{seconds(1000)};

Bytes data(std::uint32_t number) {
    return negotiation::spi_octets(number);
}

std::vector<isakmp::Payload> says(NotifyType type, Bytes octets) {
    const isakmp::Notification notified{isakmp::doi_ipsec, isakmp::Protocol::isakmp, Bytes(16), type,
                                        std::move(octets)};
    return {{isakmp::PayloadType::notification, isakmp::encode(notified)}};
}
std::vector<isakmp::Payload> question(std::uint32_t number) {
    return says(NotifyType::r_u_there, data(number));
}
std::vector<isakmp::Payload> answer(std::uint32_t number) {
    return says(NotifyType::r_u_there_ack, data(number));
}

Place there(std::uint16_t port) {
    return {{*IpAddress::parse("192.0.2.1"), 4500}, {*IpAddress::parse("198.51.100.7"), port}};
}

TEST(Dpd, BeginsWithTheHighBitClear) {
    Dpd dpd;
    dpd.begin(0xfffffff0);
    EXPECT_EQ(dpd.number(), data(0x7ffffff0));
}

TEST(Dpd, EachNewQuestionHasTheNextNumber) {
    Dpd dpd;
    dpd.begin(7);
    dpd.ask(begin);
    EXPECT_EQ(dpd.number(), data(8));
    dpd.ask(begin);
    EXPECT_EQ(dpd.number(), data(9));
}

TEST(Dpd, TheRoundTripIsThatOfAQuestionAskedOnce) {
    Dpd dpd;
    dpd.begin(7);
    EXPECT_FALSE(dpd.round_trip(begin));
    dpd.ask(begin);
    ASSERT_TRUE(dpd.take_answer(data(8)));
    EXPECT_EQ(dpd.round_trip(begin + milliseconds(30)), milliseconds(30));
    EXPECT_FALSE(dpd.round_trip(begin + milliseconds(40)));  // the same answer once more
    // Nobody knows which of the two was answered.
    dpd.ask(begin + seconds(10));
    dpd.ask_again();
    ASSERT_TRUE(dpd.take_answer(data(9)));
    EXPECT_FALSE(dpd.round_trip(begin + seconds(12)));
    // A new one after one that was lost is its own.
    dpd.ask(begin + seconds(20));
    dpd.ask(begin + seconds(30));
    ASSERT_TRUE(dpd.take_answer(data(11)));
    EXPECT_EQ(dpd.round_trip(begin + seconds(31)), seconds(1));
}

TEST(Dpd, QuestionsAboutThePathHaveNoRoundTrip) {
    Dpd dpd;
    dpd.begin(7);
    dpd.ask_about_path();
    ASSERT_TRUE(dpd.take_answer(data(8)));
    EXPECT_FALSE(dpd.round_trip(begin + seconds(1)));
    // One of them to the peer: its number is the same, and so may be the answer.
    dpd.ask_about_path();
    dpd.ask(begin + seconds(2));
    ASSERT_TRUE(dpd.take_answer(data(9)));
    EXPECT_FALSE(dpd.round_trip(begin + seconds(3)));
    // Of an answer to a question about life nothing is said once the path was asked about.
    dpd.ask(begin + seconds(4));
    dpd.ask_about_path();
    EXPECT_FALSE(dpd.round_trip(begin + seconds(5)));
}

TEST(Dpd, QuestionsAboutThePathShareANumberUntilOneIsAnswered) {
    Dpd dpd;
    dpd.begin(7);
    dpd.ask_about_path();
    dpd.ask_about_path();
    EXPECT_EQ(dpd.number(), data(8));
    EXPECT_TRUE(dpd.take_answer(data(8)));
    dpd.ask_about_path();
    EXPECT_EQ(dpd.number(), data(9));
}

TEST(Dpd, AQuestionAboutLifeTakesOverTheNumberOfOneAboutThePath) {
    Dpd dpd;
    dpd.begin(7);
    dpd.ask_about_path();
    dpd.ask(begin);
    EXPECT_EQ(dpd.number(), data(8));
    dpd.ask(begin);
    EXPECT_EQ(dpd.number(), data(9));
}

TEST(Dpd, OnlyTheLastNumberIsAnswered) {
    Dpd dpd;
    dpd.begin(7);
    dpd.ask(begin);
    dpd.ask(begin);
    EXPECT_FALSE(dpd.take_answer(data(8)));
    EXPECT_FALSE(dpd.take_answer({}));
    EXPECT_EQ(dpd.newness(answer(9)), Newness::proved);  // it is still awaited
    EXPECT_TRUE(dpd.take_answer(data(9)));
}

TEST(Dpd, AnAnswerIsNewOnce) {
    Dpd dpd;
    dpd.begin(7);
    EXPECT_EQ(dpd.newness(answer(7)), Newness::unknown);  // nothing was asked
    for (unsigned round = 0; round < 2; ++round) {
        round == 0 ? dpd.ask(begin) : dpd.ask_about_path();
        EXPECT_EQ(dpd.newness(answer(8 + round)), Newness::proved);
        EXPECT_EQ(dpd.newness(answer(7 + round)), Newness::old);
        EXPECT_EQ(dpd.newness(answer(9 + round)), Newness::old);
        EXPECT_TRUE(dpd.take_answer(data(8 + round)));
        EXPECT_EQ(dpd.newness(answer(8 + round)), Newness::unknown);
    }
}

TEST(Dpd, QuestionsOfThePeersAreNewAboveTheHighest) {
    Dpd dpd;
    EXPECT_EQ(dpd.newness(question(100)), Newness::proved);  // they may begin anywhere
    dpd.asked_by_peer(data(100));
    EXPECT_EQ(dpd.newness(question(100)), Newness::unknown);
    EXPECT_EQ(dpd.newness(question(99)), Newness::old);
    EXPECT_EQ(dpd.newness(question(101)), Newness::proved);
    dpd.asked_by_peer(data(99));
    EXPECT_EQ(dpd.newness(question(100)), Newness::unknown);  // that one was none
}

TEST(Dpd, NumbersOfThePeersPassTheirEnd) {
    Dpd dpd;
    dpd.asked_by_peer(data(0xffffffff));
    EXPECT_EQ(dpd.newness(question(3)), Newness::proved);
    dpd.asked_by_peer(data(3));
    EXPECT_EQ(dpd.newness(question(0xffffffff)), Newness::old);
}

TEST(Dpd, WhatHasNoNumberShowsNothing) {
    Dpd dpd;
    dpd.asked_by_peer(Bytes(8));
    EXPECT_EQ(dpd.newness(question(0xfffffff0)), Newness::proved);  // that was no number 0
    EXPECT_EQ(dpd.newness(question(1)), Newness::proved);
    EXPECT_EQ(dpd.newness(says(NotifyType::r_u_there, Bytes(8))), Newness::unknown);
    EXPECT_EQ(dpd.newness(says(NotifyType::initial_contact, data(1))), Newness::unknown);
    EXPECT_EQ(dpd.newness({{isakmp::PayloadType::delete_, Bytes(12)}}), Newness::unknown);
    auto behind = says(NotifyType::initial_contact, {});
    behind.push_back(question(1).front());
    EXPECT_EQ(dpd.newness(behind), Newness::proved);
}

TEST(Dpd, ThePeersLastQuestionGetsTheSameAnswer) {
    Dpd dpd;
    EXPECT_EQ(dpd.answer_to({1}), nullptr);
    dpd.answered({1}, {11});
    dpd.answered({2}, {22});
    EXPECT_EQ(dpd.answer_to({1}), nullptr);
    ASSERT_NE(dpd.answer_to({2}), nullptr);
    EXPECT_EQ(*dpd.answer_to({2}), Bytes{22});
}

TEST(Dpd, ElsewhereIsAskedOnceInAWhile) {
    Dpd dpd;
    EXPECT_EQ(dpd.also_asked_at(), std::nullopt);
    EXPECT_TRUE(dpd.ask_also(there(1), begin));
    EXPECT_EQ(dpd.also_asked_at(), there(1));
    EXPECT_FALSE(dpd.ask_also(there(2), begin + limits::ask_elsewhere - milliseconds(1)));
    EXPECT_EQ(dpd.also_asked_at(), there(1));
    EXPECT_TRUE(dpd.ask_also(there(2), begin + limits::ask_elsewhere));
    EXPECT_EQ(dpd.also_asked_at(), there(2));
}

TEST(Dpd, WhoAnswersIsNotLookedForElsewhere) {
    Dpd dpd;
    dpd.begin(7);
    dpd.ask(begin);
    EXPECT_TRUE(dpd.ask_also(there(1), begin));
    EXPECT_FALSE(dpd.take_answer(data(7)));
    EXPECT_EQ(dpd.also_asked_at(), there(1));
    EXPECT_TRUE(dpd.take_answer(data(8)));
    EXPECT_EQ(dpd.also_asked_at(), std::nullopt);
    EXPECT_FALSE(dpd.ask_also(there(1), begin));  // so soon after the last time
    EXPECT_TRUE(dpd.ask_also(there(1), begin + limits::ask_elsewhere));
    dpd.ask_here_only();
    EXPECT_EQ(dpd.also_asked_at(), std::nullopt);
}

}  // namespace
}  // namespace causeway::ike::v1
