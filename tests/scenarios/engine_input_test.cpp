// What anybody can send to a gateway: no crash, no state kept, a bounded log, nothing amplified.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ike/limits.hpp"
#include "world/world.hpp"

namespace causeway {
namespace {

using world::Gateway;
using world::World;

constexpr std::uint64_t seed = 7;
const Endpoint stranger{IpAddress::v4(0xcb007109), 500};
const Endpoint friendly{IpAddress::v4(0xc6336401), 500};

class EngineInput : public testing::Test {
 protected:
    void SetUp() override {
        world_ = World::west_and_east(seed, World::DiffieHellman::toy);
        ASSERT_TRUE(world_->start(west()));
        ASSERT_TRUE(world_->start(east()));
    }
    Gateway& west() { return world_->gateway("west"); }
    Gateway& east() { return world_->gateway("east"); }

    /// Hands a datagram to west, and returns what west sends because of it.
    std::size_t hand_over(const Bytes& payload, const Endpoint& from) {
        world_->wire().clear();
        world_->input(west(), ike::Datagram{{west().address, 500}, from, payload});
        std::size_t octets = 0;
        for (const auto& flight : world_->wire()) {
            octets += flight.payload.size();
        }
        return octets;
    }
    std::uint64_t half_open() { return west().engine->status(world_->now()).half_open; }

    /// Main Mode and Quick Mode to the end, as recorded datagrams from east to west.
    std::vector<Bytes> recorded_session() {
        std::vector<Bytes> datagrams;
        world_->on_send = [&](const world::Flight& flight) {
            if (flight.from == "east") {
                datagrams.push_back(flight.payload);
            }
        };
        world_->input(east(), ike::CommandUp{"west"});
        world_->settle();
        world_->on_send = {};
        return datagrams;
    }

    std::unique_ptr<World> world_;
};

TEST_F(EngineInput, DatagramsOfEveryLengthUpToAHeaderLeaveNothing) {
    world::Random random(1);
    for (std::size_t length = 0; length <= isakmp::header_octets; ++length) {
        for (int i = 0; i < 50; ++i) {
            EXPECT_EQ(hand_over(random.octets(length), stranger), 0U) << length;
        }
    }
    EXPECT_EQ(half_open(), 0U);
}

TEST_F(EngineInput, EveryExchangeTypeVersionAndNextPayloadLeavesNothing) {
    world::Random random(2);
    for (unsigned value = 0; value <= 255; ++value) {
        for (const int field : {16, 17, 18, 19}) {
            for (const Endpoint& from : {stranger, friendly}) {
                Bytes datagram = random.octets(120);
                datagram[17] = isakmp::version_1_0;
                datagram[18] = static_cast<std::uint8_t>(isakmp::ExchangeType::main);
                datagram[19] = 0;
                std::fill(datagram.begin() + 24, datagram.begin() + 28, std::uint8_t{0});
                datagram[27] = 120;
                datagram.at(static_cast<std::size_t>(field)) = static_cast<std::uint8_t>(value);
                EXPECT_LE(hand_over(datagram, from), 3 * datagram.size());
            }
        }
    }
    EXPECT_EQ(half_open(), 0U);
}

TEST_F(EngineInput, TruncatedAndLengthenedMessagesOfARealSessionChangeNothing) {
    const auto datagrams = recorded_session();
    ASSERT_GE(datagrams.size(), 5U);
    ASSERT_NE(west().sending(), nullptr);
    const auto before = west().installed.size();
    for (const auto& datagram : datagrams) {
        for (std::size_t length = 0; length < datagram.size(); ++length) {
            hand_over(Bytes(datagram.begin(), datagram.begin() + static_cast<std::ptrdiff_t>(length)),
                      friendly);
        }
        Bytes longer = datagram;
        longer.resize(longer.size() + 40, 0xaa);
        hand_over(longer, friendly);
    }
    EXPECT_EQ(west().installed.size(), before);
    EXPECT_TRUE(world_->packet(west(), east()));
    EXPECT_TRUE(world_->packet(east(), west()));
}

TEST_F(EngineInput, EveryBitOfAProtectedMessageMatters) {
    const auto datagrams = recorded_session();
    const auto before = west().installed.size();
    const auto ike_before = west().engine->status(world_->now()).peers.front().ike_sas.size();
    for (const auto& datagram : datagrams) {
        for (std::size_t at = 0; at < datagram.size(); ++at) {
            Bytes changed = datagram;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ 0x40U);
            hand_over(changed, friendly);
        }
    }
    // A first message with another cookie is another first message: those are bounded, everything else is
    // nothing.
    EXPECT_EQ(west().installed.size(), before);
    EXPECT_LE(half_open(), ike::limits::half_open_known.each + ike::limits::half_open_aggressive.each);
    world_->wire().clear();
    world_->pass(std::chrono::minutes(2), true);
    EXPECT_EQ(half_open(), 0U);
    EXPECT_LE(west().engine->status(world_->now()).peers.front().ike_sas.size(), ike_before + 1);
    EXPECT_TRUE(world_->packet(west(), east()));
}

TEST_F(EngineInput, AFloodOfFirstMessagesIsBoundedAndForgotten) {
    Bytes first;
    world_->on_send = [&](const world::Flight& flight) {
        if (first.empty()) {
            first = flight.payload;
        }
    };
    world_->input(east(), ike::CommandUp{"west"});
    world_->on_send = {};
    ASSERT_FALSE(first.empty());
    std::size_t sent = 0;
    for (unsigned i = 0; i < 5000; ++i) {
        Bytes one = first;
        one[0] = static_cast<std::uint8_t>(i);
        one[1] = static_cast<std::uint8_t>(i >> 8U);
        one[2] = 0x55;
        sent += hand_over(one, friendly);
    }
    EXPECT_LE(half_open(), ike::limits::half_open_known.each + ike::limits::half_open_aggressive.each);
    EXPECT_LE(sent, 5000 * 3 * first.size());
    world_->wire().clear();
    world_->pass(std::chrono::seconds(31));
    EXPECT_EQ(half_open(), 0U);
}

TEST_F(EngineInput, AStrangerIsRefusedOnceAMinuteAndNeverWithMoreThanItSent) {
    Bytes first;
    world_->on_send = [&](const world::Flight& flight) {
        if (first.empty()) {
            first = flight.payload;
        }
    };
    world_->input(east(), ike::CommandUp{"west"});
    world_->on_send = {};
    std::size_t answers = 0;
    for (unsigned i = 0; i < 100; ++i) {
        Bytes one = first;
        one[3] = static_cast<std::uint8_t>(i);
        const std::size_t octets = hand_over(one, stranger);
        answers += octets != 0 ? 1 : 0;
        EXPECT_LE(octets, one.size());
    }
    EXPECT_EQ(answers, 1U);
    EXPECT_EQ(half_open(), 0U);
    world_->pass(std::chrono::seconds(61));
    EXPECT_GT(hand_over(first, stranger), 0U);
}

TEST_F(EngineInput, IKEv2IsSaidToBeIKEv2) {
    Bytes datagram(28, 0);
    datagram[7] = 1;
    datagram[17] = 0x20;
    datagram[18] = 34;
    datagram[27] = 28;
    EXPECT_EQ(hand_over(datagram, friendly), 0U);
    ASSERT_FALSE(west().events.empty());
    EXPECT_NE(west().events.back().text().find("IKEv2"), std::string::npos);
}

TEST_F(EngineInput, RecordedMessagesPlayedAgainChangeNothing) {
    const auto datagrams = recorded_session();
    const auto before = west().installed.size();
    for (int round = 0; round < 3; ++round) {
        for (const auto& datagram : datagrams) {
            hand_over(datagram, friendly);
        }
        world_->pass(std::chrono::minutes(2), true);
    }
    EXPECT_EQ(west().installed.size(), before);
    EXPECT_TRUE(world_->packet(west(), east()));
    EXPECT_TRUE(world_->packet(east(), west()));
}

// An unknown SPI is answered with a DELETE for it; a forged packet that names an SPI of the peer's own must
// not have us delete what the peer receives on.
TEST_F(EngineInput, AForgedPacketWithThePeersOwnSpiDeletesNothing) {
    recorded_session();
    const auto* pair = west().sending();
    ASSERT_NE(pair, nullptr);
    const Endpoint from{east().address, 0};
    world_->input(west(), sa::UnknownSpi{pair->pair->outbound.spi, from});
    world_->settle();
    EXPECT_EQ(west().sending(), pair);
    EXPECT_TRUE(world_->packet(west(), east()));
}

// Message ids are remembered for a while only; what is older shows by its number (RFC 3706 5.4).
TEST_F(EngineInput, ALivenessQuestionRecordedHoursAgoMovesNothing) {
    for (auto* gateway : {&west(), &east()}) {
        gateway->settings.values["ike-lifetime"] = "86400";
        ASSERT_TRUE(world_->start(*gateway));
    }
    recorded_session();
    std::vector<Bytes> recorded;
    world_->on_send = [&](const world::Flight& flight) {
        if (flight.from == "east" && recorded.size() < 4) {
            recorded.push_back(flight.payload);
        }
    };
    world_->pass(std::chrono::hours(12), true);
    world_->on_send = {};
    ASSERT_EQ(recorded.size(), 4U) << "liveness questions and answers";
    for (const auto& datagram : recorded) {
        hand_over(datagram, stranger);
        const auto status = west().engine->status(world_->now());
        for (const auto& sa : status.peers.front().ike_sas) {
            ASSERT_EQ(sa.remote, friendly);
        }
    }
}

TEST_F(EngineInput, EachOutcomeBearsTheIdOfItsCommand) {
    std::uint64_t id = 0;
    const auto ids_after = [&](const auto& command) {
        west().outcomes.clear();
        world_->input(west(), command);
        world_->settle();
        std::vector<std::uint64_t> ids;
        for (const auto& outcome : west().outcomes) {
            ids.push_back(static_cast<std::uint64_t>(outcome.id));
        }
        return ids;
    };
    for (const auto* name : {"east", "nobody", ""}) {
        ++id;
        EXPECT_EQ(ids_after(ike::CommandUp{name, ike::CommandId{id}}), std::vector{id}) << name;
    }
    for (const auto* name : {"east", "nobody", ""}) {
        ++id;
        EXPECT_EQ(ids_after(ike::CommandDown{name, ike::CommandId{id}}), std::vector{id}) << name;
    }
}

TEST_F(EngineInput, IcmpIsBelievedAboutWhatWaitsAndToldOnce) {
    const auto told = [&] {
        return std::ranges::count(west().events, EventCode::finding_seen, &Event::code);
    };
    const auto why = [&] {
        return west().engine->status(world_->now()).peers.front().tunnels.front().why_down->code;
    };
    const Endpoint here{west().address, 500};
    const auto says = [&](const Endpoint& local, const Endpoint& remote, std::uint32_t reporter) {
        world_->input(west(), ike::Unreachable{local, remote, IpAddress::v4(reporter), 3});
    };
    world_->input(west(), ike::CommandUp{"east"});
    says({west().address, 4500}, friendly, 1);
    says(here, stranger, 1);
    says(here, {friendly.address, 4500}, 1);
    EXPECT_EQ(told(), 0) << "about packets that have not left";
    EXPECT_NE(why(), "no-answer");
    for (std::uint32_t reporter = 1; reporter < 20; ++reporter) {
        says(here, friendly, reporter);
    }
    EXPECT_EQ(told(), 1) << "whoever says it";
    EXPECT_EQ(why(), "no-answer");
    world_->settle();
    EXPECT_NE(west().sending(), nullptr) << "nothing was given up for it";
}

TEST_F(EngineInput, IcmpAboutAnsweredMessagesIsTooLate) {
    world_->input(west(), ike::CommandUp{"east"});
    for (int messages = 0; messages < 2; ++messages) {
        const auto flight = world_->wire().front();
        world_->wire().pop_front();
        world_->deliver(flight);
    }
    world_->input(west(), ike::Unreachable{{west().address, 500}, friendly, friendly.address, 3});
    EXPECT_EQ(std::ranges::count(west().events, EventCode::finding_seen, &Event::code), 0);
}

}  // namespace
}  // namespace causeway
