// Exhaustion and amplification: what a flood may cost, in states, answers, octets and lines of the log.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string>

#include "hardening/hostile.hpp"
#include "host/repeat_limit.hpp"

namespace causeway::hardening {
namespace {

namespace limits = ike::limits;

class Flood : public Hostile {
 protected:
    /// Message 1 of east, with another cookie each time.
    Bytes first_message(unsigned number) {
        if (first_.empty()) {
            until_message(1);
            first_ = world_->wire().front().payload;
            world_->wire().clear();
        }
        Bytes one = first_;
        for (unsigned i = 0; i < 4; ++i) {
            one[i] = static_cast<std::uint8_t>(number >> (8 * i));
        }
        one[4] = 0x5a;
        return one;
    }
    void peer_from_anywhere() {
        west().settings.values["address"] = "any";
        ASSERT_TRUE(world_->start(west()));
    }
    Bytes first_;
};

Endpoint v4(std::uint32_t address) {
    return {IpAddress::v4(address), 500};
}
Endpoint v6(const std::string& address) {
    return {*IpAddress::parse(address), 500};
}

TEST_F(Flood, HalfOpenExchangesOfOnePrefixAreBounded) {
    // From all over one /24 or one /56, to a peer that may come from anywhere.
    peer_from_anywhere();
    for (unsigned i = 0; i < 200; ++i) {
        answers_to(first_message(i), v4(0xcb007100 + i % 250));
    }
    EXPECT_EQ(half_open(), limits::half_open_strangers.each);
    for (unsigned i = 0; i < 200; ++i) {
        answers_to(first_message(1000 + i), v6(fmt::format("2001:db8:1:1{:02x}::1", i)));
    }
    EXPECT_EQ(half_open(), 2 * limits::half_open_strangers.each);
    // Others are served all the same, and what was begun is forgotten.
    EXPECT_EQ(answers_to(first_message(5000), v4(0xc6120001)).size(), 1U);
    EXPECT_EQ(answers_to(first_message(5001), v6("2001:db8:1:200::1")).size(), 1U);
    world_->pass(limits::half_open_time + std::chrono::seconds(1));
    EXPECT_EQ(half_open(), 0U);
    EXPECT_EQ(answers_to(first_message(6000), v4(0xcb007101)).size(), 1U);
}

TEST_F(Flood, HalfOpenExchangesAreBoundedInTotal) {
    peer_from_anywhere();
    for (unsigned i = 0; i < 3 * limits::half_open_total; ++i) {
        answers_to(first_message(i), v4(0x0a000001 + (i << 8U)));
    }
    EXPECT_EQ(half_open(), limits::half_open_strangers.all);
    EXPECT_EQ(west().events.back().code, EventCode::limit_reached);
    world_->pass(limits::half_open_time + std::chrono::seconds(1));
    EXPECT_EQ(half_open(), 0U);
}

TEST_F(Flood, ATunnelThatStandsOutlivesIt) {
    first_message(0);
    begin();
    up();
    for (unsigned i = 0; i < 2000; ++i) {
        answers_to(first_message(i), east_end);
    }
    expect_up();
    world_->pass(std::chrono::minutes(2), true);
    expect_up();
}

TEST_F(Flood, RefusalsAreFewForOneSourceAndForOnePrefix) {
    std::map<IpAddress, std::size_t> refused;
    for (unsigned round = 0; round < 3; ++round) {
        for (unsigned i = 0; i < 250; ++i) {
            const Endpoint from = v4(0xcb007100 + i);
            refused[from.address] += answers_to(first_message(i), from).size();
        }
    }
    std::size_t all = 0;
    for (const auto& [address, count] : refused) {
        EXPECT_LE(count, 1U);
        all += count;
    }
    EXPECT_EQ(all, limits::refusals_per_prefix);
    // Sources without end: bounded, and the memory of them too.
    for (unsigned i = 0; i < 2000; ++i) {
        all += answers_to(first_message(i), v4(0x0a000001 + (i << 8U))).size();
    }
    EXPECT_EQ(all, limits::refusal_sources);
    world_->pass(limits::refusal_interval + std::chrono::seconds(1));
    EXPECT_EQ(answers_to(first_message(1), v4(0xcb007101)).size(), 1U);
}

TEST_F(Flood, OneAnswerAtMostAndNeverThreeTimesTheLength) {
    // Every message of both modes and of Quick Mode before the peer is authenticated, several times each,
    // from its own source and from another.
    for (const std::string mode : {"main", "aggressive"}) {
        begin({{"mode", mode}});
        const std::size_t last = mode == "main" ? 5 : 3;
        for (std::size_t message = 1; message < last; message += 2) {
            begin({{"mode", mode}});
            until_message(message);
            const Bytes datagram = world_->wire().front().payload;
            for (const auto& from : {east_end, stranger, east_end, v4(0xc6336402)}) {
                const auto answers = answers_to(datagram, from);
                ASSERT_LE(answers.size(), 1U) << mode << message;
                for (const auto& answer : answers) {
                    EXPECT_LE(answer.payload.size(), limits::answer_per_request * datagram.size());
                    EXPECT_EQ(answer.destination.address, from.address);
                }
            }
        }
    }
}

// An answer of Aggressive Mode that would be longer than three times the question is not given: an identity
// of ours of any length behind the shortest message 1.
TEST_F(Flood, AnAnswerLongerThanThreeTimesTheQuestionIsNotGiven) {
    begin({{"mode", "aggressive"}});
    west().settings.values["id"] = "@" + std::string(900, 'w') + ".example";
    ASSERT_TRUE(world_->start(west()));
    until_message(1);
    const auto answers = answers_to(world_->wire().front().payload, east_end);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(half_open(), 0U);
    ASSERT_FALSE(west().events.empty());
    EXPECT_EQ(west().events.back().code, EventCode::limit_reached);
}

// As responder of Aggressive Mode: a Quick Mode that comes before message 3 makes us repeat message 2, but a
// bare header is no reason for so many octets.
TEST_F(Flood, AShortQuickModeDoesNotDrawALongMessage2) {
    begin({{"mode", "aggressive"}});
    until_message(1);
    ASSERT_EQ(answers_to(world_->wire().front().payload, east_end).size(), 1U);
    world_->settle();
    begin({{"mode", "aggressive"}});
    until_message(2);
    isakmp::Header header = world_->wire().front().seen.header;
    header.exchange = ExchangeType::quick;
    header.flags = isakmp::flag::encryption;
    header.message_id = 3;
    EXPECT_TRUE(answers_to(isakmp::encode_message(header, Bytes{}), east_end).empty());
    EXPECT_EQ(answers_to(isakmp::encode_message(header, Bytes(160, 1)), east_end).size(), 1U);
}

// The offer of an unfinished exchange is kept: it must not be of any size.
TEST_F(Flood, LongFirstMessagesAreNotKept) {
    until_message(1);
    const auto padded = [&](std::size_t transforms) {
        return *changed([&](Payloads& payloads) {
            auto sa = isakmp::decode_sa(payloads.front().body);
            ASSERT_TRUE(sa);
            auto& all = sa->proposals.front().transforms;
            all.insert(all.end(), transforms, all.back());
            payloads.front().body = isakmp::encode(*sa);
        });
    };
    const Bytes longest = padded(200);
    ASSERT_GT(longest.size(), limits::first_message_octets);
    EXPECT_TRUE(answers_to(longest, east_end).empty());
    EXPECT_EQ(half_open(), 0U);
    const Bytes usual = padded(60);
    ASSERT_LT(usual.size(), limits::first_message_octets);
    EXPECT_EQ(answers_to(usual, east_end).size(), 1U);
}

// Hints in clear: at most one question in a while, to the peer.
TEST_F(Flood, HintsInClearDrawFewQuestions) {
    up_and_known();
    isakmp::Header header;
    header.exchange = ExchangeType::informational;
    std::size_t questions = 0;
    for (unsigned i = 0; i < 500; ++i) {
        header.cky_i[0] = static_cast<std::uint8_t>(i);
        header.message_id = i + 1;
        const Payloads payloads{notification(isakmp::NotifyType::invalid_spi)};
        for (const auto& sent :
             answers_to(isakmp::encode_message(header, std::span<const Payload>(payloads)), east_end)) {
            EXPECT_EQ(sent.destination.address, east().address);
            ++questions;
        }
    }
    EXPECT_EQ(questions, 1U);
}

// A peer gone mad, with the keys: exchanges and SA pairs are bounded, the tunnel stands.
TEST_F(Flood, QuickModesOfAPeerGoneMadAreBounded) {
    Payloads quick;
    world_->on_send = [&](const Flight& flight) {
        if (flight.seen.header.encrypted()) {
            known_ = flight.payload;
        }
        if (quick.empty() && flight.from == "east" && flight.seen.header.exchange == ExchangeType::quick) {
            quick = {flight.seen.payloads.begin() + 1, flight.seen.payloads.end()};
        }
    };
    up();
    for (unsigned i = 0; i < 1000; ++i) {
        from_the_peer(ExchangeType::quick, quick);
        ASSERT_LE(west().installed.size(), limits::child_sas_per_tunnel);
    }
    EXPECT_TRUE(std::any_of(west().events.begin(), west().events.end(),
                            [](const Event& event) { return event.code == EventCode::limit_reached; }));
}

TEST_F(Flood, TheLogOfAFloodIsAFewLines) {
    host::RepeatLimit limit;
    std::size_t lines = 0;
    world::Random random(5);
    for (unsigned i = 0; i < 5000; ++i) {
        west().events.clear();
        const Endpoint from = v4(0x0a000000 + i * 77);
        answers_to(i % 2 == 0 ? first_message(i) : random.octets(i % 300), from);
        for (const auto& event : west().events) {
            lines += limit.admit(world_->now(), event) ? 1 : 0;
        }
    }
    // A handful for each kind of event that strangers can cause.
    EXPECT_LE(lines, 50U);
    EXPECT_GE(lines, 5U);
}

}  // namespace
}  // namespace causeway::hardening
