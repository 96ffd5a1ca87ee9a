#include "ike/engine/places.hpp"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>

#include "ike/engine/runtime.hpp"

namespace causeway::ike {
namespace {

TEST(Places, HoldAPeerOnceForEachAddress) {
    Peer peer("far");
    Places places;
    places.note(IpAddress::v4(1), peer);
    places.note(IpAddress::v4(1), peer);
    EXPECT_EQ(places.at(IpAddress::v4(1)).size(), 1U);
    EXPECT_TRUE(places.at(IpAddress::v4(2)).empty());
}

TEST(Places, AreToBeListedAnewWhenAPeerHasMovedOften) {
    Peer peer("far");
    Places places;
    places.note(IpAddress::v4(0), peer);
    places.listed();
    std::uint32_t moves = 0;
    while (!places.overgrown() && moves < 10 * Places::spare) {
        places.note(IpAddress::v4(++moves), peer);
        places.note(IpAddress::v4(moves), peer);  // again: that is no other place
    }
    EXPECT_EQ(moves, Places::spare + 2);
    places.clear();
    EXPECT_FALSE(places.overgrown());
}

}  // namespace
}  // namespace causeway::ike
