#include "config/interfaces.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace causeway::config {
namespace {

using ::testing::ElementsAre;

/// In the shape of netifd's answer, with the fields that matter and some that do not.
constexpr std::string_view router = R"({"interface": [
  {"interface": "lan", "up": true, "pending": false, "available": true, "autostart": true, "uptime": 4711,
   "l3_device": "br-lan", "proto": "static", "device": "br-lan",
   "ipv4-address": [{"address": "192.168.1.1", "mask": 24}], "route": [], "data": {}},
  {"interface": "loopback", "up": true, "l3_device": "lo", "proto": "static", "device": "lo"},
  {"interface": "wan", "up": true, "l3_device": "pppoe-wan", "proto": "pppoe", "device": "eth0.2"},
  {"interface": "wwan", "up": false, "pending": true, "available": true, "proto": "qmi", "device": "wwan0"}
]})";

TEST(Interfaces, AreNamedWithTheDeviceThatPacketsPassThrough) {
    const auto interfaces = parse_interfaces(router);
    ASSERT_TRUE(interfaces) << interfaces.error().text();
    EXPECT_THAT(*interfaces,
                ElementsAre(LogicalInterface{"lan", "br-lan"}, LogicalInterface{"loopback", "lo"},
                            LogicalInterface{"wan", "pppoe-wan"}, LogicalInterface{"wwan", ""}));
}

TEST(Interfaces, OneThatIsDownHasNoDevice) {
    // netifd leaves the last device there for a while.
    const auto interfaces =
        parse_interfaces(R"({"interface": [{"interface": "wan", "up": false, "l3_device": "pppoe-wan"}]})");
    ASSERT_TRUE(interfaces);
    EXPECT_THAT(*interfaces, ElementsAre(LogicalInterface{"wan", ""}));
}

TEST(Interfaces, OddEntriesArePassedOver) {
    const auto interfaces = parse_interfaces(R"({"interface": [7, null, "wan", {}, {"interface": 5},
        {"interface": "a", "up": true, "l3_device": "sixteen-letters!"},
        {"interface": "b", "up": true, "l3_device": "../eth0"},
        {"interface": "c", "up": "yes", "l3_device": "eth0"},
        {"interface": "d", "up": true, "l3_device": ["eth0"]},
        {"interface": "e", "up": true, "l3_device": "fifteen-letters"}]})");
    ASSERT_TRUE(interfaces);
    EXPECT_THAT(*interfaces, ElementsAre(LogicalInterface{"c", ""}, LogicalInterface{"d", ""},
                                         LogicalInterface{"e", "fifteen-letters"}));
}

TEST(Interfaces, WhatIsNoDumpIsRefused) {
    for (const std::string text : {"", "Command failed: Not found", "[]", "{}", R"({"interface": {}})",
                                   R"({"interface": [)", "\xff{"}) {
        const auto interfaces = parse_interfaces(text);
        ASSERT_FALSE(interfaces) << text;
        EXPECT_EQ(interfaces.error().code, Errc::malformed);
    }
    // Deeper than any answer; what counts is that it ends.
    EXPECT_FALSE(parse_interfaces(std::string(100000, '[')));
}

}  // namespace
}  // namespace causeway::config
