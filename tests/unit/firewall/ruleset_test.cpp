// Which rule of somebody else's refuses: rulesets as nft 1.0.6 lists them.
#include "firewall/ruleset.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::firewall {
namespace {

const Forwarded out{"br-lan", "causeway0", *IpAddress::parse("192.168.1.10"),
                    *IpAddress::parse("192.168.0.1")};
const Forwarded back{"causeway0", "br-lan", *IpAddress::parse("192.168.0.1"),
                     *IpAddress::parse("192.168.1.10")};

std::string refused(std::string_view chain, const Forwarded& packet = out) {
    const std::string listing = "table inet filter {\n" + std::string(chain) + "}\n";
    const auto refusal = refusal_of(parse_ruleset(listing, "causeway"), packet);
    return refusal ? refusal->where + ": " + refusal->rule : "";
}

/// A base chain with these rules.
std::string forward(std::string_view policy, std::string_view rules) {
    return "\tchain forward {\n\t\ttype filter hook forward priority filter; policy " + std::string(policy) +
           ";\n" + std::string(rules) + "\t}\n";
}

TEST(Ruleset, APolicyThatDrops) {
    EXPECT_EQ(refused(forward("drop", "")), "chain forward of table inet filter: policy drop");
    EXPECT_EQ(refused(forward("accept", "")), "");
    // What belongs to a connection helps no new one.
    EXPECT_EQ(refused(forward("drop", "\t\tct state established,related accept\n")),
              "chain forward of table inet filter: policy drop");
    EXPECT_EQ(refused(forward("drop", "\t\tct state vmap { established : accept, related : accept }\n")),
              "chain forward of table inet filter: policy drop");
    EXPECT_EQ(refused(forward("drop", "\t\tct state { established, new } accept\n")), "");
}

TEST(Ruleset, DevicesAndAddresses) {
    EXPECT_EQ(refused(forward(
                  "drop", "\t\tiifname \"br-lan\" oifname \"causeway0\" counter packets 3 bytes 4 accept\n")),
              "");
    EXPECT_EQ(refused(forward("drop", "\t\tiifname \"br-lan\" oifname \"wan\" accept\n")),
              "chain forward of table inet filter: policy drop");
    EXPECT_EQ(refused(forward("drop", "\t\toifname { \"wan\", \"causeway*\" } accept comment \"x drop\"\n")),
              "");
    EXPECT_EQ(refused(forward("drop", "\t\toifname != \"wan\" accept\n")), "");
    EXPECT_EQ(
        refused(forward(
            "drop", "\t\tip saddr 192.168.1.0/24 ip daddr { 10.0.0.0/8,\n\t\t\t 192.168.0.0/24 } accept\n")),
        "");
    EXPECT_EQ(refused(forward("accept", "\t\tip daddr 192.168.0.0-192.168.0.9 drop\n")),
              "chain forward of table inet filter: ip daddr 192.168.0.0-192.168.0.9 drop");
    EXPECT_EQ(refused(forward("accept", "\t\tip daddr != 192.168.0.0/24 drop\n")), "");
    EXPECT_EQ(
        refused(forward("accept", "\t\tiifname \"causeway0\" reject with icmpx port-unreachable\n"), back),
        "chain forward of table inet filter: iifname \"causeway0\" reject with icmpx port-unreachable");
}

TEST(Ruleset, JumpsAndReturns) {
    const std::string lan = "\tchain lan {\n\t\toifname \"wan\" accept\n\t}\n";
    EXPECT_EQ(
        refused(lan + forward("drop", "\t\tiifname \"br-lan\" jump lan\n\t\toifname \"causeway0\" accept\n")),
        "");
    EXPECT_EQ(refused(lan + forward("accept", "\t\tiifname \"br-lan\" goto lan\n\t\tdrop\n")), "");
    EXPECT_EQ(refused(lan + forward("accept",
                                    "\t\tiifname \"br-lan\" jump lan\n\t\tcounter packets 1 bytes 2 drop\n")),
              "chain forward of table inet filter: drop");
    const std::string reject =
        "\tchain handle_reject {\n\t\tmeta l4proto tcp reject with tcp reset\n\t\treject\n\t}\n";
    EXPECT_EQ(refused(reject + forward("drop", "\t\tjump handle_reject\n")),
              "chain forward of table inet filter: jump handle_reject");
    const std::string back_out = "\tchain lan {\n\t\treturn\n\t\tdrop\n\t}\n";
    EXPECT_EQ(refused(back_out + forward("accept", "\t\tjump lan\n")), "");
}

// A port lets some of it pass; a mark, a set, a match of iptables may let all of it pass: nothing is said.
TEST(Ruleset, WhatIsNotUnderstoodIsNoRefusal) {
    EXPECT_EQ(refused(forward("drop", "\t\ttcp dport 443 accept\n")),
              "chain forward of table inet filter: policy drop");
    EXPECT_EQ(refused(forward("drop", "\t\tmeta mark 0x00000001 accept\n")), "");
    EXPECT_EQ(refused(forward("drop", "\t\tip saddr @lan_nets accept\n")), "");
    EXPECT_EQ(refused(forward("accept", "\t\tip saddr @bad drop\n")), "");
    EXPECT_EQ(refused(forward("drop", "\t\txt match \"policy\" counter packets 0 bytes 0 accept\n")), "");
    EXPECT_EQ(refused(forward("drop", "\t\tiifname vmap { \"br-lan\" : jump lan }\n")), "");
}

TEST(Ruleset, OwnTableOtherHooksAndOtherFamiliesAreNotAsked) {
    constexpr std::string_view listing =
        "table ip causeway {\n\tset tunnels_24 {\n\t\ttype ipv4_addr . ipv4_addr\n\t\tflags interval\n"
        "\t\telements = { 10.0.0.0/24 . 10.1.0.0/24,\n\t\t\t     10.0.0.0/24 . 10.2.0.0/24 }\n\t}\n\n"
        "\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n"
        "table ip6 filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy "
        "drop;\n\t}\n}\n"
        "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy "
        "drop;\n\t}\n}\n"
        "table ip nat {\n\tchain POSTROUTING {\n\t\ttype nat hook postrouting priority srcnat; policy "
        "accept;\n"
        "\t\toifname \"wan\" masquerade\n\t}\n}\n";
    const Ruleset ruleset = parse_ruleset(listing, "causeway");
    EXPECT_EQ(ruleset.chains.size(), 3U);
    EXPECT_EQ(refusal_of(ruleset, out), std::nullopt);
}

}  // namespace
}  // namespace causeway::firewall
