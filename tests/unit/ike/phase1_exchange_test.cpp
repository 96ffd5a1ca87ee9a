// Phase 1 of two ends with each other, as far as others ask about it.
#include "ike/v1/phase1_exchange.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "crypto/dh.hpp"

namespace causeway::ike::v1 {
namespace {

class Counting final : public RandomSource {
 public:
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) {
            octet = ++last_;
        }
    }

 private:
    std::uint8_t last_ = 0;
};

const Endpoint here{*IpAddress::parse("192.0.2.1"), 500};
const Endpoint there{*IpAddress::parse("198.51.100.7"), 500};
constexpr auto group = crypto::GroupId::x25519;

config::Peer peer(config::ExchangeMode mode) {
    const std::string_view key = "of both ends";
    config::Peer peer;
    peer.name = "site";
    peer.mode = mode;
    peer.remote_id_any = true;
    peer.pre_shared_key = Secret(ByteView(reinterpret_cast<const std::uint8_t*>(key.data()), key.size()));
    peer.proposals.push_back({});
    peer.proposals.front().group = group;
    return peer;
}

/// One of the two ends.
struct End {
    Phase1Exchange phase1;
    Context context;
    Effects effects{};

    [[nodiscard]] std::string_view state() const {
        return phase1.rule() != nullptr ? phase1.rule()->name : "established";
    }
    /// What the last step asks for.
    DhResult compute() {
        const auto wish = *std::exchange(effects.dh, std::nullopt);
        DhResult result{wish.key, nullptr};
        if (!result.key) {
            result.key = *crypto::generate_dh_key(wish.group);
        }
        if (!wish.peer_public.empty()) {
            result.shared = std::make_shared<const Secret>(*result.key->agree(wish.peer_public));
        }
        return result;
    }
    bool advance(const Bytes& datagram) {
        effects = {};
        return phase1.advance(*read_message(datagram), context, effects).has_value();
    }
    void advance_dh() {
        const auto dh = compute();
        effects = {};
        ASSERT_TRUE(phase1.advance(dh, context, effects));
    }
    Bytes take_reply() { return std::exchange(effects.reply, {}); }
};

class Phase1ExchangeTest : public ::testing::Test {
 protected:
    void begin(config::ExchangeMode mode) {
        config = peer(mode);
        candidates.likely = {&config};
        us.phase1.begin(config, group, us.context, us.effects);
        if (us.effects.dh) {
            us.advance_dh();
        }
        first = us.take_reply();
        ASSERT_TRUE(them.phase1.respond(candidates, *read_message(first), them.context, them.effects));
        if (them.effects.dh) {
            them.advance_dh();
        }
    }
    /// The message that `from` has ready reaches `to`.
    void pass(End& from, End& to) { ASSERT_TRUE(to.advance(from.take_reply())); }

    Counting random;
    config::Peer config;
    negotiation::Candidates candidates;
    Bytes first;
    End us{{}, {random, here, there, false, 8}};
    End them{{}, {random, there, here, false, 8}};
};

TEST_F(Phase1ExchangeTest, MainModeLeadsToTheEnd) {
    begin(config::ExchangeMode::main);
    EXPECT_EQ(us.phase1.mode(), config::ExchangeMode::main);
    EXPECT_EQ(them.phase1.mode(), config::ExchangeMode::main);
    EXPECT_TRUE(them.phase1.awaits_message_3());
    EXPECT_FALSE(us.phase1.awaits_message_3());
    pass(them, us);
    us.advance_dh();
    pass(us, them);
    EXPECT_FALSE(them.phase1.awaits_message_3());
    them.advance_dh();
    pass(them, us);
    EXPECT_FALSE(us.phase1.has_authenticated());
    EXPECT_FALSE(us.phase1.refusable());
    us.advance_dh();
    EXPECT_TRUE(us.phase1.has_authenticated());
    EXPECT_FALSE(them.phase1.refusable());
    ASSERT_TRUE(us.phase1.refusable());
    EXPECT_NE(us.phase1.refusable()->keys, nullptr);
    EXPECT_EQ(us.phase1.refusable()->our_identity.text(), "192.0.2.1");
    pass(us, them);
    pass(them, us);
    for (const auto* end : {&us, &them}) {
        EXPECT_NE(end->phase1.done(), nullptr);
        EXPECT_EQ(end->phase1.rule(), nullptr);
        EXPECT_TRUE(end->phase1.has_authenticated());
        EXPECT_FALSE(end->phase1.refusable());
        EXPECT_FALSE(end->phase1.unproved());
    }
}

TEST_F(Phase1ExchangeTest, AMessageThatFailsChangesNothing) {
    begin(config::ExchangeMode::main);
    const auto state = them.state();
    EXPECT_FALSE(them.advance(first));  // message 1, and 3 is awaited
    EXPECT_EQ(them.state(), state);
    EXPECT_TRUE(them.phase1.awaits_message_3());
    Effects effects;
    const auto step = us.phase1.advance(DhResult{}, us.context, effects);
    ASSERT_FALSE(step);  // it waits for message 2
    EXPECT_EQ(step.error().code, Errc::cancelled);
}

TEST_F(Phase1ExchangeTest, WhatCameInClearCanBeTakenBack) {
    begin(config::ExchangeMode::main);
    EXPECT_FALSE(us.phase1.go_back());
    const auto message_2 = them.take_reply();
    ASSERT_TRUE(us.advance(message_2));
    us.advance_dh();
    const auto message_3 = us.take_reply();
    ASSERT_TRUE(them.advance(message_3));
    EXPECT_TRUE(them.phase1.go_back());
    EXPECT_TRUE(them.phase1.awaits_message_3());
    EXPECT_FALSE(them.phase1.go_back());
    ASSERT_TRUE(them.advance(message_3));
    them.advance_dh();
    const auto message_4 = them.take_reply();
    const auto before = us.state();
    ASSERT_TRUE(us.advance(message_4));
    EXPECT_NE(us.state(), before);
    EXPECT_TRUE(us.phase1.go_back());
    EXPECT_EQ(us.state(), before);
    ASSERT_TRUE(us.advance(message_4));
    us.advance_dh();
    EXPECT_TRUE(us.phase1.has_authenticated());
}

TEST_F(Phase1ExchangeTest, AggressiveModeAnswersSomebodyWhoHasProvedNothing) {
    begin(config::ExchangeMode::aggressive);
    EXPECT_EQ(them.phase1.mode(), config::ExchangeMode::aggressive);
    EXPECT_TRUE(them.phase1.has_replied_unproved());
    ASSERT_TRUE(them.phase1.unproved());
    EXPECT_EQ(them.phase1.unproved()->peer, "site");
    EXPECT_EQ(them.phase1.unproved()->identity, "192.0.2.1");
    ASSERT_TRUE(them.phase1.refusable());
    EXPECT_EQ(them.phase1.refusable()->our_identity.text(), "198.51.100.7");
    EXPECT_FALSE(us.phase1.has_replied_unproved());
    EXPECT_FALSE(us.phase1.refusable());
    const auto message_2 = them.take_reply();
    ASSERT_TRUE(us.advance(message_2));
    EXPECT_NE(us.phase1.progress().cky_r, isakmp::Cookie{});
    EXPECT_TRUE(us.phase1.go_back());
    EXPECT_EQ(us.phase1.progress().cky_r, isakmp::Cookie{});
    ASSERT_TRUE(us.advance(message_2));
    us.advance_dh();
    pass(us, them);
    EXPECT_FALSE(them.phase1.has_replied_unproved());
    EXPECT_FALSE(them.phase1.unproved());
    EXPECT_NE(us.phase1.done(), nullptr);
    EXPECT_NE(them.phase1.done(), nullptr);
}

TEST_F(Phase1ExchangeTest, FactsAboutNatAreTakenOver) {
    begin(config::ExchangeMode::aggressive);
    pass(them, us);
    us.advance_dh();
    us.phase1.assume_nat({true, true, false, negotiation::NatVariant::draft_02});
    EXPECT_FALSE(us.phase1.progress().nat.told);  // this peer has said nothing
    EXPECT_TRUE(us.phase1.progress().nat.local);
    EXPECT_FALSE(us.phase1.progress().nat.remote);
    EXPECT_EQ(us.phase1.progress().features.nat, negotiation::NatVariant::draft_02);
}

}  // namespace
}  // namespace causeway::ike::v1
