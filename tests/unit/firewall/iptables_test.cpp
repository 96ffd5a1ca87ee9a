// iptables' text against golden files; iptables-restore reads them in syntax.py.
#include "firewall/iptables.hpp"

#include <gtest/gtest.h>
#include <string>

#include "unit/firewall/golden.hpp"

namespace causeway::firewall {
namespace {

Openings recipe() {
    const GuardedPair pair{*Ipv4Net::parse("192.168.1.0/24"), *Ipv4Net::parse("192.168.0.0/24")};
    return {.pairs = {pair}, .closed = {pair}};
}

constexpr std::string_view fresh = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\nCOMMIT\n";

TEST(Iptables, TheRecipe) {
    expect_golden("iptables_recipe.txt", render_iptables(recipe(), fresh));
}

TEST(Iptables, FixedPeersAndASizeForTcp) {
    Openings openings = recipe();
    openings.peers = {*IpAddress::parse("198.51.100.112"), *IpAddress::parse("2001:db8::1")};
    openings.mss = 1360;
    expect_golden("iptables_fixed.txt", render_iptables(openings, fresh));
}

// fw3 empties its own chains whenever it is reloaded, but those for the user's rules.
TEST(Iptables, JumpsStandInFw3sChainsForTheUser) {
    constexpr std::string_view fw3 =
        "*nat\n:POSTROUTING ACCEPT [0:0]\n:postrouting_rule - [0:0]\nCOMMIT\n"
        "*filter\n:INPUT ACCEPT [0:0]\n:forwarding_rule - [0:0]\n:input_rule - [0:0]\nCOMMIT\n";
    const std::string text = render_iptables(recipe(), fw3);
    EXPECT_NE(text.find("-I input_rule 1 -j CAUSEWAY_INPUT\n"), std::string::npos) << text;
    EXPECT_NE(text.find("-I forwarding_rule 1 -j CAUSEWAY_FORWARD\n"), std::string::npos) << text;
    EXPECT_NE(text.find("-I postrouting_rule 1 -j CAUSEWAY_SOURCE\n"), std::string::npos) << text;
}

TEST(Iptables, ASecondTextReplacesTheFirstAndNoTunnelsRemoveIt) {
    constexpr std::string_view placed =
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:CAUSEWAY_FORWARD - [0:0]\n:CAUSEWAY_INPUT - "
        "[0:0]\n"
        "-A INPUT -j CAUSEWAY_INPUT\n-A FORWARD -j CAUSEWAY_FORWARD\nCOMMIT\n";
    const std::string again = render_iptables(recipe(), placed);
    EXPECT_NE(again.find("-D INPUT -j CAUSEWAY_INPUT\n-I INPUT 1 -j CAUSEWAY_INPUT\n"), std::string::npos)
        << again;
    EXPECT_EQ(
        render_iptables({}, placed),
        "*filter\n:CAUSEWAY_INPUT - [0:0]\n:CAUSEWAY_FORWARD - [0:0]\n"
        "-D INPUT -j CAUSEWAY_INPUT\n-X CAUSEWAY_INPUT\n-D FORWARD -j CAUSEWAY_FORWARD\n-X CAUSEWAY_FORWARD\n"
        "COMMIT\n");
    EXPECT_EQ(render_iptables({}, fresh), "");
}

}  // namespace
}  // namespace causeway::firewall
