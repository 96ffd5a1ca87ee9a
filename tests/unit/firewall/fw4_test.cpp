// fw4's rules against golden files; what fw4 itself makes of them is in docs/decisions/0013.
#include "firewall/fw4.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "unit/firewall/golden.hpp"

namespace causeway::firewall {
namespace {

Openings recipe() {
    return {.pairs = {{*Ipv4Net::parse("192.168.1.0/24"), *Ipv4Net::parse("192.168.0.0/24")}}};
}

std::string all(const std::vector<ChainRules>& chains) {
    std::string text;
    for (const ChainRules& chain : chains) {
        text += "# " + chain.chain + "\n" + render_fw4_include(chain);
    }
    return text;
}

TEST(Fw4, TheRecipe) {
    expect_golden("fw4_recipe.nft", all(fw4_rules(recipe(), true)));
}

// Known addresses only; a zone forwards; a plane that does not tell TCP its size.
TEST(Fw4, FixedPeersAndAZone) {
    Openings openings = recipe();
    openings.peers = {*IpAddress::parse("198.51.100.112"), *IpAddress::parse("2001:db8::1"),
                      *IpAddress::parse("203.0.113.9")};
    openings.mss = 1360;
    expect_golden("fw4_fixed_zone.nft", all(fw4_rules(openings, false)));
}

TEST(Fw4, AHundredTunnelsAreOneRuleEitherWay) {
    Openings openings;
    for (unsigned i = 0; i < 100; ++i) {
        openings.pairs.push_back({*Ipv4Net::parse("192.168.0.0/16"), {0x0a000000U + (i << 8U), 24}});
    }
    EXPECT_EQ(fw4_rules(openings, true)[2].rules.size(), 2U);
}

TEST(Fw4, NoTunnelsAreEmptyFiles) {
    for (const ChainRules& chain : fw4_rules({}, true)) {
        EXPECT_EQ(render_fw4_include(chain), "") << chain.chain;
    }
}

constexpr std::string_view loaded = R"(table inet fw4 { # handle 12
	chain input { # handle 1
		type filter hook input priority filter; policy drop;
		iifname != "causeway0" udp dport { 500, 4500 } accept comment "causeway" # handle 91
		iif "lo" accept comment "!fw4: Accept traffic from loopback" # handle 20
	}

	chain forward { # handle 2
		type filter hook forward priority filter; policy drop;
		iifname "br-lan" jump forward_lan comment "!fw4: Handle lan IPv4/IPv6 forward traffic" # handle 31
		iifname { "causeway0", "tun7" } jump forward_vpn comment "!fw4: Handle vpn IPv4/IPv6 forward traffic" # handle 32
	}
}
)";

TEST(Fw4, FindsItsOwnRules) {
    EXPECT_EQ(placed_rules(loaded), (std::vector<PlacedRule>{{"input", 91}}));
}

TEST(Fw4, AZoneHasTheDeviceOrNot) {
    EXPECT_TRUE(zone_has_device(loaded, "vpn", "causeway0"));
    EXPECT_FALSE(zone_has_device(loaded, "vpn", "causeway1"));
    EXPECT_FALSE(zone_has_device(loaded, "lan", "causeway0"));
    EXPECT_FALSE(zone_has_device(loaded, "vp", "causeway0"));
}

TEST(Fw4, ReplacesInOneTransaction) {
    const std::vector<ChainRules> rules{{"input", {"one accept", "two accept"}}, {"forward", {}}};
    EXPECT_EQ(render_fw4_live(placed_rules(loaded), rules),
              "delete rule inet fw4 input handle 91\n"
              "insert rule inet fw4 input two accept comment \"causeway\"\n"
              "insert rule inet fw4 input one accept comment \"causeway\"\n");
    EXPECT_EQ(render_fw4_live({}, {}), "");
}

}  // namespace
}  // namespace causeway::firewall
