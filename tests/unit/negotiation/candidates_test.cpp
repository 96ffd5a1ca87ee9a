#include "negotiation/candidates.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "unit/negotiation/peers.hpp"

namespace causeway::negotiation {
namespace {

using config::AnyAddress;
using config::HostName;
using config::PeerAddress;
using crypto::GroupId;

std::vector<std::string> names(const std::vector<const config::Peer*>& peers) {
    std::vector<std::string> all;
    all.reserve(peers.size());
    for (const auto* peer : peers) {
        all.push_back(peer->name);
    }
    return all;
}

TEST(Candidates, AnAddressSaysWhoACallerIsWhereAllOfAPeersAddressesAreFixed) {
    const struct {
        std::string what;
        std::vector<PeerAddress> addresses;
        bool at_the_caller;
        bool anywhere;
    } rows[] = {
        {"none", {}, false, false},
        {"the caller's", {at("192.0.2.1")}, true, false},
        {"another one", {at("192.0.2.2")}, false, false},
        {"one of two", {at("192.0.2.2"), at("192.0.2.1")}, true, false},
        {"of the other family", {at("2001:db8::1")}, false, false},
        {"a name", {HostName{"gw.example.org"}}, false, true},
        {"an address as a name", {HostName{"192.0.2.1"}}, false, true},
        {"anywhere", {AnyAddress{}}, false, true},
        {"the caller's, or a name", {at("192.0.2.1"), HostName{"gw.example.org"}}, true, true},
    };
    for (const auto& row : rows) {
        const auto peer = peer_of({.addresses = row.addresses});
        EXPECT_EQ(is_configured_at(peer, at("192.0.2.1")), row.at_the_caller) << row.what;
        EXPECT_EQ(may_come_from_anywhere(peer), row.anywhere) << row.what;
    }
}

/// Four who may come from anywhere, two of them with one key, and one who may not.
std::vector<config::Peer> five_peers() {
    std::vector<config::Peer> peers;
    peers.push_back(peer_of({.name = "one", .key = "a", .addresses = {AnyAddress{}}}));
    peers.push_back(peer_of({.name = "two", .key = "b", .addresses = {AnyAddress{}}}));
    peers.push_back(peer_of({.name = "fixed", .key = "f", .addresses = {at("192.0.2.1")}}));
    peers.push_back(peer_of({.name = "three", .key = "a", .addresses = {HostName{"three.example.org"}}}));
    peers.push_back(peer_of({.name = "four", .key = "c", .addresses = {AnyAddress{}}}));
    peers[4].proposals.front().group = GroupId::modp2048;
    return peers;
}

TEST(Candidates, AnywhereHoldsWhoMayComeFromAnywhereAndOneOwnerOfEachKey) {
    const auto peers = five_peers();
    const Anywhere anywhere(peers, 256);
    EXPECT_EQ(names(anywhere.peers), (std::vector<std::string>{"one", "two", "three", "four"}));
    EXPECT_EQ(names(anywhere.keys), (std::vector<std::string>{"one", "two", "four"}));
    EXPECT_EQ(names(Anywhere(peers, 2).keys), (std::vector<std::string>{"one", "two"}));
    ASSERT_EQ(anywhere.proposals.size(), 2U);  // equal ones once
    EXPECT_EQ(anywhere.proposals[1].group, GroupId::modp2048);
}

TEST(Candidates, TheLikelyOnesComeFirstAndTheirKeysAreTriedOnce) {
    const auto peers = five_peers();
    const Candidates both{{&peers[2], &peers[1]}, std::make_shared<const Anywhere>(peers, 256)};
    EXPECT_EQ(both.front().name, "fixed");
    EXPECT_EQ(both.only(), nullptr);
    EXPECT_EQ(names(both.likely_keys(256)), (std::vector<std::string>{"fixed", "two"}));
    EXPECT_EQ(names(both.likely_keys(1)), (std::vector<std::string>{"fixed"}));
    EXPECT_EQ(names(both.other_keys(256)), (std::vector<std::string>{"one", "four"}));
    EXPECT_EQ(both.proposals().size(), 2U);
    const auto* last = both.find([](const config::Peer& peer) { return peer.name == "four"; });
    EXPECT_EQ(last, &peers[4]);
    EXPECT_EQ(both.find([](const config::Peer&) { return false; }), nullptr);
}

TEST(Candidates, OneCandidateIsTheOnlyOneWhereverItIsFound) {
    auto peers = five_peers();
    EXPECT_TRUE(Candidates{}.empty());
    const Candidates fixed{{&peers[2]}, nullptr};
    EXPECT_FALSE(fixed.empty());
    EXPECT_EQ(fixed.only(), &peers[2]);
    peers.resize(1);
    const auto anywhere = std::make_shared<const Anywhere>(peers, 256);
    EXPECT_EQ((Candidates{{}, anywhere}.only()), &peers[0]);
    EXPECT_EQ((Candidates{{&peers[0]}, anywhere}.only()), &peers[0]);  // twice the same
}

}  // namespace
}  // namespace causeway::negotiation
