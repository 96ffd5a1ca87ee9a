// Masks: what is equal stays equal, networks keep their relation, and nothing of the original is left.

#include "doctor/mask.hpp"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include "doctor/mask_addresses.hpp"

namespace causeway::doctor {
namespace {

using Kind = Mask::Kind;

std::string masked(const std::string& text) {
    Mask mask;
    mask.read(text);
    mask.settle();
    return mask.masked(text);
}

/// Every address that stands in a text, networks as their first address.
std::vector<AddressToken> addresses_in(const std::string& text) {
    std::vector<AddressToken> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto token = address_at(text, at);
        if (token) {
            found.push_back(*token);
        }
        at += token ? token->length : 1;
    }
    return found;
}

TEST(DoctorMaskTest, NetworksKeepTheirLengthAndWhatLiesInThem) {
    EXPECT_EQ(
        masked("192.168.178.0/24, 192.168.178.1, 192.168.178.128/25, 192.168.1.0/24 and 192.168.1.1/24"),
        "10.1.0.0/24, 10.1.0.1, 10.1.0.128/25, 10.2.0.0/24 and 10.2.0.1/24");
    EXPECT_EQ(masked("172.16.0.0/12: 172.20.1.0/24"), "240.0.0.0/12: 240.4.1.0/24");
}

TEST(DoctorMaskTest, AddressesBesideNetworksKeepTheirKind) {
    EXPECT_EQ(masked("8.8.4.4[500], 8.8.8.8, 8.8.4.4"), "203.0.113.1[500], 203.0.113.2, 203.0.113.1");
    EXPECT_EQ(masked("10.0.1.2 behind 100.70.1.1"), "172.16.0.1 behind 100.64.0.1");
    EXPECT_EQ(masked("fe80::1 and 2003:a:b::9[4500], fe80::1"),
              "2001:db8::1 and 2001:db8::2[4500], 2001:db8::1");
    EXPECT_EQ(masked("0.0.0.0, ::, 127.0.0.1, 0.0.0.0/0"), "0.0.0.0, ::, 127.0.0.1, 0.0.0.0/0");
}

TEST(DoctorMaskTest, AMaskIsNoAddressOfTheOriginal) {
    EXPECT_EQ(masked("203.0.113.1, 203.0.113.3"), "203.0.113.2, 203.0.113.4");
    EXPECT_EQ(masked("10.1.0.0/24, 10.2.0.0/16"), "10.4.0.0/24, 10.3.0.0/16");
    EXPECT_EQ(masked("2001:db8::1"), "2001:db8::2");
}

TEST(DoctorMaskTest, WhatIsNoAddressStays) {
    const std::string text =
        "version 0.1.0, 1.2.3, 12:34:56, dead beef, aes256-sha512, net.ipv4.ip_forward, cafe::x";
    EXPECT_EQ(masked(text), text);
}

TEST(DoctorMaskTest, AnAddressBehindADashOrInBracketsIsOne) {
    EXPECT_EQ(masked("8.8.4.4-8.8.8.8 (8.8.4.4), x-8.8.8.8."),
              "203.0.113.1-203.0.113.2 (203.0.113.1), x-203.0.113.2.");
}

TEST(DoctorMaskTest, NamesAreFoundAsWholeWordsTheLongestFirst) {
    Mask mask;
    mask.learn("Home", Kind::connection);
    mask.learn("Home two", Kind::connection);
    mask.learn("lan", Kind::tunnel);
    mask.learn("ipsec-lan", Kind::tunnel);
    mask.learn("box.example.net", Kind::host);
    mask.learn("anna@example.net", Kind::identity);
    mask.learn("key-4711", Kind::identity);
    mask.learn("/root/anna.conf", Kind::file);
    mask.settle();
    EXPECT_EQ(mask.masked("ipsec-lan: lan of Home, LAN, Homes, island"),
              "tunnel1: tunnel2 of peer1, LAN, Homes, island");
    EXPECT_EQ(mask.masked("Home two, Home"), "peer2, peer1");
    EXPECT_EQ(mask.masked("box.example.net, BOX.Example.NET."), "host1.example, host1.example.");
    EXPECT_EQ(mask.masked("anna@example.net key-4711 '/root/anna.conf:7'"),
              "user1@host.example identity1 'FILE1:7'");
}

TEST(DoctorMaskTest, WhatLooksLikeAHostAMailAddressOrAPathIsMaskedUnasked) {
    EXPECT_EQ(masked("bob@home.example.org at vpn.bob.de, VPN.bob.de; /home/bob/x and /etc/config/ipsec"),
              "user1@host.example at host1.example, host1.example; FILE1 and /etc/config/ipsec");
    EXPECT_EQ(masked("see ipsec.conf and /etc/sysctl.d"), "see ipsec.conf and /etc/sysctl.d");
}

TEST(DoctorMaskTest, AMaskIsNoNameOfTheOriginal) {
    Mask mask;
    mask.learn("tunnel1", Kind::tunnel);
    mask.learn("other", Kind::tunnel);
    mask.settle();
    EXPECT_EQ(mask.masked("tunnel1 other"), "tunnel2 tunnel3");
}

TEST(DoctorMaskTest, AnAddressIsNoName) {
    Mask mask;
    mask.learn("8.8.8.8", Kind::identity);
    mask.learn("%any", Kind::host);
    mask.learn("", Kind::host);
    mask.read("8.8.8.8");
    mask.settle();
    EXPECT_EQ(mask.masked("8.8.8.8 %any"), "203.0.113.1 %any");
}

/// Around a few networks, so that they meet.
rc::Gen<std::string> any_address() {
    return rc::gen::map(
        rc::gen::tuple(rc::gen::element(10U, 100U, 172U, 192U, 203U, 8U), rc::gen::inRange(0U, 3U),
                       rc::gen::inRange(0U, 3U), rc::gen::inRange(0U, 4U)),
        [](const auto& parts) {
            const auto& [a, b, c, d] = parts;
            const unsigned second = a == 192 ? 168 : a == 100 ? 64 + b : a == 172 ? 16 + b : b;
            return std::to_string(a) + "." + std::to_string(second) + "." + std::to_string(c) + "." +
                   std::to_string(d);
        });
}

rc::Gen<std::string> any_token() {
    return rc::gen::map(rc::gen::pair(any_address(), rc::gen::element(0U, 8U, 16U, 24U, 25U, 30U, 32U)),
                        [](const auto& made) {
                            return made.second == 0 ? made.first
                                                    : made.first + "/" + std::to_string(made.second);
                        });
}

Ipv4Net net_of(const AddressToken& token) {
    const auto prefix = static_cast<std::uint8_t>(token.prefix.value_or(32));
    const Ipv4Net whole{0, prefix};
    return {token.address.v4_number() & whole.mask(), prefix};
}

TEST(DoctorMaskTest, PropertyEqualsStayEqualRelationsStayAndNothingIsLeft) {
    EXPECT_TRUE(rc::check([] {
        const auto tokens = *rc::gen::container<std::vector<std::string>>(any_token());
        std::string text;
        for (const auto& token : tokens) {
            text += token + " ";
        }
        const auto before = addresses_in(text);
        const auto after = addresses_in(masked(text));
        RC_ASSERT(before.size() == tokens.size());
        RC_ASSERT(after.size() == before.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            RC_ASSERT(after[i].prefix == before[i].prefix);
            for (std::size_t j = 0; j < before.size(); ++j) {
                RC_ASSERT(after[j].address != before[i].address);
                RC_ASSERT((after[i].address == after[j].address) == (before[i].address == before[j].address));
                RC_ASSERT(net_of(after[i]).overlaps(net_of(after[j])) ==
                          net_of(before[i]).overlaps(net_of(before[j])));
            }
        }
    }));
}

}  // namespace
}  // namespace causeway::doctor
