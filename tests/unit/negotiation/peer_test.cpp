#include "negotiation/peer.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "negotiation/refusal.hpp"
#include "unit/negotiation/peers.hpp"

namespace causeway::negotiation {
namespace {

using config::ExchangeMode;
using config::Identity;

Identity identity(std::string_view text) {
    return Identity::parse(text).value();
}

TEST(Peer, WePresentTheConfiguredIdentityElseTheAddressWeSendFrom) {
    auto peer = peer_of({});
    EXPECT_EQ(own_identity(peer, at("192.0.2.7")).text_with_type(), "IPv4 address 192.0.2.7");
    EXPECT_EQ(own_identity(peer, at("2001:db8::7")).text_with_type(), "IPv6 address 2001:db8::7");
    peer.local_id = Sourced<Identity>{identity("gw.example.org"), line(5)};
    EXPECT_EQ(own_identity(peer, at("192.0.2.7")).text_with_type(), "FQDN gw.example.org");
}

TEST(Peer, TheConfiguredModeIsAnsweredOrEitherWhereTheFileSaysSo) {
    const struct {
        ExchangeMode configured;
        bool either;
        bool main;
        bool aggressive;
    } rows[] = {
        {ExchangeMode::main, false, true, false},
        {ExchangeMode::aggressive, false, false, true},
        {ExchangeMode::main, true, true, true},
        {ExchangeMode::aggressive, true, true, true},
    };
    for (const auto& row : rows) {
        auto peer = peer_of({.mode = row.configured});
        peer.quirks.accept_any_mode_as_responder = row.either;
        EXPECT_EQ(answers(peer, ExchangeMode::main), row.main);
        EXPECT_EQ(answers(peer, ExchangeMode::aggressive), row.aggressive);
    }
}

TEST(Peer, TheIdentityIsTheConfiguredOneElseTheAddressAnyWhereTheFileSaysSo) {
    const auto pattern = Identity{isakmp::IdType::fqdn, to_bytes(as_bytes("*.example.org")), true};
    const struct {
        std::string what;
        std::optional<Identity> configured;
        std::string received;
        std::string expected;
        bool any;
        bool fits;
    } rows[] = {
        {"the name", identity("gw.example.org"), "gw.example.org", "", false, true},
        {"RFC 4343", identity("gw.example.org"), "GW.Example.org", "", false, true},
        {"another name", identity("gw.example.org"), "gx.example.org", "FQDN gw.example.org", false, false},
        {"its address", identity("gw.example.org"), "192.0.2.1", "FQDN gw.example.org", false, false},
        {"a mailbox for a name", identity("gw.example.org"), "a@example.org", "FQDN gw.example.org", false,
         false},
        {"a pattern", pattern, "gw.example.org", "", false, true},
        {"not the pattern", pattern, "gw.example.com", "FQDN *.example.org", false, false},
        {"the address it calls from", std::nullopt, "192.0.2.1", "", false, true},
        {"another address", std::nullopt, "192.0.2.2", "IPv4 address 192.0.2.1", false, false},
        {"a name for an address", std::nullopt, "gw.example.org", "IPv4 address 192.0.2.1", false, false},
        {"any", std::nullopt, "gw.example.org", "", true, true},
        {"any beside a name", identity("gw.example.org"), "192.0.2.2", "", true, true},
    };
    for (const auto& row : rows) {
        auto peer = peer_of({});
        peer.remote_id_any = row.any;
        if (row.configured) {
            peer.remote_id = Sourced<Identity>{*row.configured, line(4)};
        }
        const auto checked = check_identity(peer, identity(row.received), at("192.0.2.1"));
        ASSERT_EQ(checked.has_value(), row.fits) << row.what;
        if (!row.fits) {
            EXPECT_EQ(checked.error().obstacle, Obstacle::identity) << row.what;
            EXPECT_TRUE(checked.error().text().starts_with("the peer identifies itself as " + row.received +
                                                           ", expected " + row.expected))
                << checked.error().text();
            EXPECT_EQ(checked.error().place, row.configured ? line(4) : line(1)) << row.what;
            EXPECT_EQ(checked.error().subject, "eltern");
        }
    }
}

TEST(Peer, SlipsThatPeopleMakeAreNamed) {
    auto peer = peer_of({});
    peer.local_id = Sourced<Identity>{identity("us.example.org"), line(3)};
    const auto likeness = [&](const Identity& configured, const Identity& received) {
        peer.remote_id = Sourced<Identity>{configured, line(4)};
        return check_identity(peer, received, at("192.0.2.1")).error().likeness;
    };
    EXPECT_EQ(likeness(identity("gw.example.org"), identity("gx.example.org")), Likeness::none);
    EXPECT_EQ(likeness(identity("gw.example.org"), identity("us.example.org")), Likeness::exchanged);
    EXPECT_EQ(likeness(identity("gw.example.org"), identity("192.0.2.1")), Likeness::address);
    EXPECT_EQ(likeness(identity("gw.example.org"), identity("192.0.2.2")), Likeness::none);
    auto letters = identity("gw.example.org");
    letters.data = {'1', '9', '2', '.', '0', '.', '2', '.', '1'};
    EXPECT_EQ(likeness(letters, identity("192.0.2.1")), Likeness::other_kind);
}

TEST(Peer, WithoutCandidatesNobodyMayCallFromThere) {
    const auto refused = check_address({}, ExchangeMode::aggressive);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::address);
    EXPECT_EQ(refused.error().offered, "Aggressive Mode");
    const auto peer = peer_of({});
    EXPECT_TRUE(check_address(Candidates{{&peer}, nullptr}, ExchangeMode::main));
}

TEST(Peer, AFirstMessageOfMainModeTakesOneCandidateWhoMayUseIt) {
    const auto main = peer_of({.name = "main"});
    const auto aggressive = peer_of({.name = "aggressive", .mode = ExchangeMode::aggressive});
    EXPECT_TRUE(check_mode(Candidates{{&aggressive, &main}, nullptr}, ExchangeMode::main));
    const auto refused = check_mode(Candidates{{&aggressive}, nullptr}, ExchangeMode::main);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::mode);
    EXPECT_EQ(refused.error().subject, "aggressive");
    EXPECT_EQ(refused.error().accepted, "Aggressive Mode");
    EXPECT_EQ(refused.error().place, line(2));
    EXPECT_EQ(refused.error().text(), "Main Mode is not configured for this peer");
}

class ChoosePeer : public ::testing::Test {
 protected:
    [[nodiscard]] tl::expected<const config::Peer*, Reason> choose(
        std::string_view name, ExchangeMode mode, const config::Peer* key_owner = nullptr) const {
        const auto received = identity(name);
        return choose_peer(candidates, {received, at("192.0.2.1"), mode, key_owner});
    }

    const config::Peer left = known_as(peer_of({.name = "left", .key = "a"}), "left.example.org");
    const config::Peer right = known_as(peer_of({.name = "right", .key = "b"}), "right.example.org");
    /// The same identity as `right`, for the other mode.
    const config::Peer hurried = known_as(
        peer_of({.name = "hurried", .key = "b", .mode = ExchangeMode::aggressive}), "right.example.org");
    const Candidates candidates{{&left, &right, &hurried}, nullptr};
};

TEST_F(ChoosePeer, TheIdentityNamesThePeer) {
    EXPECT_EQ(choose("left.example.org", ExchangeMode::main, &left).value(), &left);
    EXPECT_EQ(choose("right.example.org", ExchangeMode::main, &right).value(), &right);
}

TEST_F(ChoosePeer, OfTwoWithOneIdentityItIsWhoMayUseTheMode) {
    EXPECT_EQ(choose("right.example.org", ExchangeMode::main).value(), &right);
    EXPECT_EQ(choose("right.example.org", ExchangeMode::aggressive).value(), &hurried);
}

TEST_F(ChoosePeer, WhoIsNamedAndMayNotUseTheModeIsRefusedForThat) {
    const auto refused = choose("left.example.org", ExchangeMode::aggressive);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::mode);
    EXPECT_EQ(refused.error().subject, "left");
    EXPECT_EQ(refused.error().text(), "Aggressive Mode is not configured for this peer");
}

TEST_F(ChoosePeer, WhoHasAnotherPeersKeyIsNotThatPeer) {
    // RFC 2409 5.4: the key is found by trial, so it is part of who the caller is.
    const auto refused = choose("right.example.org", ExchangeMode::main, &left);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::identity);
    EXPECT_EQ(refused.error().subject, "left");
    EXPECT_EQ(refused.error().text(),
              "the peer identifies itself as right.example.org, expected FQDN left.example.org");
}

TEST_F(ChoosePeer, WithoutAKeyAnUnknownIdentityIsNobodys) {
    const auto refused = choose("else.example.org", ExchangeMode::aggressive);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().obstacle, Obstacle::unknown_identity);
    EXPECT_EQ(refused.error().subject, "left");
    EXPECT_EQ(refused.error().accepted, "FQDN left.example.org");
    EXPECT_EQ(refused.error().text(), "no peer is called else.example.org");
}

}  // namespace
}  // namespace causeway::negotiation
