#include <cstddef>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/file_name.hpp"
#include "base/place.hpp"
#include "base/secret.hpp"
#include "base/sort.hpp"

namespace causeway {
namespace {

TEST(IpAddress, IsReadAndWritten) {
    for (const char* text :
         {"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "fe80::1:2"}) {
        const auto address = IpAddress::parse(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->text(), text);
        EXPECT_EQ(*IpAddress::from_octets(address->octets()), *address);
    }
    for (const char* text :
         {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4/24", "fe80::1%eth0", ":::", "a"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(FileName, IsTheSameForTheSameName) {
    const FileName none;
    EXPECT_FALSE(none);
    std::string read = "ipsec.conf";
    const FileName one(read);
    const std::string& kept = *one;
    read = "another";
    EXPECT_EQ(kept, "ipsec.conf");
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(*FileName("conf.d/" + std::to_string(i)), "conf.d/" + std::to_string(i));
    }
    EXPECT_EQ(&*FileName("ipsec.conf"), &kept);
    EXPECT_EQ(FileName("ipsec.conf"), one);
    EXPECT_NE(FileName("ipsec.secrets"), one);
    EXPECT_TRUE(FileName(""));  // a name, too
    EXPECT_NE(FileName(""), none);
}

TEST(Place, SaysWhereSomethingStands) {
    const FileName file("ipsec");
    EXPECT_EQ((Place{file, 3, 7}.text()), "ipsec:3:7");
    EXPECT_EQ((Place{file, 3, 0}.text()), "ipsec:3");
    EXPECT_EQ((Place{{}, 3, 7}.text()), "line 3");
    EXPECT_EQ(Place{}.text(), "default");
    EXPECT_EQ((Place{file, 3, 7}), (Place{FileName("ipsec"), 3, 7}));
    EXPECT_NE((Place{file, 3, 7}), (Place{FileName("other"), 3, 7}));
}

TEST(IpAddress, PrivateOnesAreKnown) {
    for (const char* text : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1",
                             "100.64.0.1", "100.127.255.255", "fd00::1"}) {
        EXPECT_TRUE(IpAddress::parse(text)->is_private()) << text;
    }
    for (const char* text :
         {"172.32.0.1", "192.169.1.1", "100.63.0.1", "100.128.0.1", "8.8.8.8", "2001:db8::1"}) {
        EXPECT_FALSE(IpAddress::parse(text)->is_private()) << text;
    }
}

TEST(Ipv4Net, HostBitsAreAnError) {
    EXPECT_EQ(Ipv4Net::parse("192.168.1.0/24")->text(), "192.168.1.0/24");
    EXPECT_EQ(Ipv4Net::parse("0.0.0.0/0")->last(), 0xffffffffU);
    EXPECT_EQ(Ipv4Net::parse("10.0.0.1")->prefix, 32);
    for (const char* text : {"192.168.1.1/24", "192.168.1.0/33", "192.168.1.0/", "192.168.1.0/-1", "x/8"}) {
        EXPECT_FALSE(Ipv4Net::parse(text)) << text;
    }
    EXPECT_FALSE(Ipv4Net::from_mask(0x0a000000, 0xff00ff00));
    EXPECT_TRUE(Ipv4Net::parse("10.0.0.0/8")->overlaps(*Ipv4Net::parse("10.1.0.0/16")));
    EXPECT_FALSE(Ipv4Net::parse("10.0.0.0/16")->overlaps(*Ipv4Net::parse("10.1.0.0/16")));
}

TEST(Secret, IsWipedWhenMovedFrom) {
    Secret one(as_bytes("swordfish"));
    const Secret two = std::move(one);
    EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
    EXPECT_EQ(two.size(), 9U);
    EXPECT_TRUE(two == two.clone());
    EXPECT_FALSE(two == Secret(as_bytes("swordfisH")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("a"), as_bytes("ab")));
}

TEST(Event, PlaceholdersAreFilledAndNamesAreUnique) {
    const Event event{
        EventCode::name_resolved, "Site2Site", {{"name", "a.example"}, {"address", "192.0.2.1"}}};
    EXPECT_EQ(event.text(), "Site2Site: a.example is 192.0.2.1");
    std::set<std::string_view> names;
#define CAUSEWAY_EVENT(code, level, text) \
    EXPECT_TRUE(names.insert(describe(EventCode::code).name).second) << #code;
#include "base/events.def"
#undef CAUSEWAY_EVENT
}

TEST(Event, AStateAndAnAddressAreSaidInWords) {
    EXPECT_EQ(
        (Event{
             EventCode::phase1_no_answer,
             "lan",
             {{"remote", "192.0.2.1[500]"}, {"tries", "5"}, {"state", "MM-I1"}, {"next", "retrying in 4 s"}}})
            .text(),
        "lan: no reply from 192.0.2.1[500] to 5 attempts at Main Mode message 1; retrying in 4 s");
}

TEST(Printable, WhatAPeerSaysCannotBreakALine) {
    EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\x0ab\\x1b[31m");
    EXPECT_EQ(printable(std::string(200, 'x'), 10), std::string(10, 'x') + "...");
}

TEST(Sort, EqualKeysStayInTheirOrder) {
    std::vector<std::pair<int, int>> items{{2, 0}, {1, 0}, {2, 1}, {1, 1}, {0, 0}};
    sort_stably_by(items, [](const auto& item) { return item.first; });
    EXPECT_EQ(items, (std::vector<std::pair<int, int>>{{0, 0}, {1, 0}, {1, 1}, {2, 0}, {2, 1}}));
}

TEST(Sort, OfEqualKeysTheFirstAloneStays) {
    std::vector<std::pair<std::string, int>> items;
    for (int i = 0; i < 100; ++i) {
        items.emplace_back("a name too long to lie in the string itself " + std::to_string(i * 7 % 10), i);
    }
    sort_uniquely_by(items, [](const auto& item) { return std::string_view(item.first); });
    ASSERT_EQ(items.size(), 10U);
    for (std::size_t i = 0; i < items.size(); ++i) {
        EXPECT_EQ(items[i].first.back(), '0' + static_cast<char>(i));
        EXPECT_EQ(items[i].second, static_cast<int>(i * 3 % 10));
    }
    std::vector<int> none;
    sort_uniquely_by(none, [](int one) { return one; });
    EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace causeway
