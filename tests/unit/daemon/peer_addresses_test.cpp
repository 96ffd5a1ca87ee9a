#include "daemon/peer_addresses.hpp"

#include <gmock/gmock.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/place.hpp"
#include "config/model.hpp"

namespace causeway::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

IpAddress at(std::string_view text) {
    return *IpAddress::parse(text);
}

config::Model model_of(const std::vector<std::pair<std::string, std::string>>& peers) {
    config::Model model;
    for (const auto& [name, address] : peers) {
        config::Peer peer;
        peer.name = name;
        Sourced<config::PeerAddress> where;
        where.value = config::HostName{address};
        if (const auto known = IpAddress::parse(address)) {
            where.value = *known;
        }
        peer.addresses.push_back(where);
        model.peers.push_back(std::move(peer));
    }
    return model;
}

TEST(PeerAddresses, WrittenOnesAreThereAtOnceAndGoWithTheConfiguration) {
    PeerAddresses known;
    known.adopt(model_of({{"a", "198.51.100.7"}, {"b", "192.0.2.1"}, {"c", "far.example.org"}}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1"), at("198.51.100.7")));
    known.adopt(model_of({{"b", "192.0.2.1"}}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1")));
}

TEST(PeerAddresses, AnAnswerThatChangesNothingIsNoNews) {
    PeerAddresses known;
    known.adopt(model_of({{"a", "192.0.2.1"}, {"b", "near.example.org"}, {"c", "far.example.org"}}));
    EXPECT_FALSE(known.found("a", {at("192.0.2.1")}));  // what is written is looked up as well
    EXPECT_TRUE(known.found("c", {at("198.51.100.7"), at("198.51.100.8")}));
    EXPECT_FALSE(known.found("c", {at("198.51.100.7"), at("198.51.100.8")}));
    EXPECT_FALSE(known.found("c", {at("198.51.100.8"), at("198.51.100.7")}));
    EXPECT_FALSE(known.found("b", {at("198.51.100.7")}));  // another peer is there already
    EXPECT_TRUE(known.found("c", {at("198.51.100.9")}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1"), at("198.51.100.7"), at("198.51.100.9")));
}

TEST(PeerAddresses, OneThatIsWrittenAndFoundIsThereOnce) {
    PeerAddresses known;
    known.adopt(model_of({{"a", "192.0.2.1"}, {"b", "192.0.2.1"}, {"c", "far.example.org"}}));
    EXPECT_FALSE(known.found("c", {at("192.0.2.1")}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1")));
    EXPECT_FALSE(known.found("c", {}));
    EXPECT_FALSE(known.found("c", {at("192.0.2.1")}));
    known.adopt(model_of({{"c", "far.example.org"}}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1")));  // found it still is
    known.adopt(model_of({{"a", "192.0.2.1"}, {"c", "far.example.org"}}));
    EXPECT_TRUE(known.found("c", {at("192.0.2.2")}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1"), at("192.0.2.2")));
    EXPECT_TRUE(known.found("c", {}));
    EXPECT_THAT(known.all(), ElementsAre(at("192.0.2.1")));
}

TEST(PeerAddresses, WhatWasLookedUpGoesWithItsPeer) {
    PeerAddresses known;
    known.adopt(model_of({{"c", "far.example.org"}}));
    EXPECT_TRUE(known.found("c", {at("198.51.100.7")}));
    known.adopt(model_of({{"c", "far.example.org"}, {"d", "far.example.net"}}));
    EXPECT_THAT(known.all(), ElementsAre(at("198.51.100.7")));
    known.adopt(model_of({{"d", "far.example.net"}}));
    EXPECT_THAT(known.all(), IsEmpty());
}

}  // namespace
}  // namespace causeway::daemon
