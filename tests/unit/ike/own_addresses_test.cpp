// Which addresses are ours, and which are not any more.
#include "ike/engine/own_addresses.hpp"

#include <gtest/gtest.h>

namespace causeway::ike {
namespace {

const IpAddress ours = IpAddress::v4(0xc6336401);  // 198.51.100.1
const IpAddress ours_too = IpAddress::v4(0xc6336402);

TEST(OwnAddresses, NothingIsLostBeforeTheHostHasToldAny) {
    OwnAddresses own;
    EXPECT_FALSE(own.have(ours));
    EXPECT_FALSE(own.lost(ours));
    own.set({});
    EXPECT_TRUE(own.lost(ours));
    own.set({ours});
    EXPECT_TRUE(own.have(ours));
    EXPECT_FALSE(own.lost(ours));
    EXPECT_TRUE(own.lost(ours_too));
}

TEST(OwnAddresses, WhatTheHostLeavesOutIsNotLost) {
    OwnAddresses own;
    own.set({ours});
    for (const auto* address : {"127.0.0.1", "::1", "169.254.1.1", "fe80::1", "0.0.0.0", "::"}) {
        EXPECT_FALSE(own.lost(IpAddress::parse(address).value())) << address;
    }
}

}  // namespace
}  // namespace causeway::ike
