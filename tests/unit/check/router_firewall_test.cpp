// What /etc/config/firewall and scripts of iptables and nft commands let through.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/router.hpp"
#include "unit/check/router_files.hpp"

namespace causeway::check {
namespace {

// A firewall as it is needed for kernel IPsec; lines are counted below.
constexpr std::string_view zones =
    "config defaults\n"            // 1
    "\toption input 'REJECT'\n"    // 2
    "\toption output 'ACCEPT'\n"   // 3
    "\toption forward 'REJECT'\n"  // 4
    "config zone\n"                // 5
    "\toption name 'lan'\n"        // 6
    "\tlist network 'lan'\n"       // 7
    "\toption input 'ACCEPT'\n"    // 8
    "\toption forward 'ACCEPT'\n"  // 9
    "config zone\n"                // 10
    "\toption name 'wan'\n"        // 11
    "\tlist network 'wan'\n"       // 12
    "\toption input 'REJECT'\n"    // 13
    "\toption masq '1'\n"          // 14
    "\toption mtu_fix '1'\n";      // 15, and what a test adds to the zone
constexpr std::string_view to_wan =
    "config forwarding\n"
    "\toption src 'lan'\n"
    "\toption dest 'wan'\n";
constexpr std::string_view exempt = "\tlist masq_dest '!192.168.0.0/24'\n";
constexpr std::string_view ports =
    "config rule\n"
    "\toption name 'IKE'\n"
    "\toption src 'wan'\n"
    "\toption proto 'udp'\n"
    "\toption dest_port '500 4500'\n"
    "\toption target 'ACCEPT'\n"
    "config rule\n"
    "\toption name 'ESP'\n"
    "\toption src 'wan'\n"
    "\toption proto 'esp'\n"
    "\toption target 'ACCEPT'\n";
constexpr std::string_view from_peer =
    "config rule\n"
    "\toption src 'wan'\n"
    "\toption dest 'lan'\n"
    "\toption src_ip '192.168.0.0/24'\n"
    "\toption proto 'all'\n"
    "\toption target 'ACCEPT'\n";
constexpr std::string_view tun_zone =
    "config zone\n"
    "\toption name 'vpn'\n"
    "\tlist device 'causeway0'\n"
    "\toption input 'REJECT'\n"
    "\toption forward 'REJECT'\n"
    "\toption mtu_fix '1'\n"
    "config forwarding\n"
    "\toption src 'lan'\n"
    "\toption dest 'vpn'\n"
    "config forwarding\n"
    "\toption src 'vpn'\n"
    "\toption dest 'lan'\n";

// The two that OpenWrt brings.
constexpr std::string_view pass_through =
    "config rule\n"                      // 1
    "\toption name 'Allow-IPSec-ESP'\n"  // 2
    "\toption src 'wan'\n"               // 3
    "\toption dest 'lan'\n"              // 4
    "\toption proto 'esp'\n"             // 5
    "\toption target 'ACCEPT'\n"         // 6
    "config rule\n"                      // 7
    "\toption name 'Allow-ISAKMP'\n"     // 8
    "\toption src 'wan'\n"               // 9
    "\toption dest 'lan'\n"              // 10
    "\toption dest_port '500'\n"         // 11
    "\toption proto 'udp'\n"             // 12
    "\toption target 'ACCEPT'\n";        // 13

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) {
        out += part;
    }
    return out;
}

std::vector<Finding> found(const std::string& firewall, Plane plane, const config::Model& model,
                           const config::Model* theirs = nullptr) {
    RouterFiles files;
    files.firewall = config::NamedText{"firewall", firewall};
    return check_router(model, theirs, files, plane);
}
/// Without the notes.
std::string alarms(const std::string& firewall, Plane plane, const config::Model& model = ours(),
                   const config::Model* theirs = nullptr) {
    auto all = found(firewall, plane, model, theirs);
    std::erase_if(all, [](const Finding& one) { return one.severity == Severity::note; });
    return told(all);
}

/// The daemon leaves the firewall alone: the file has to say everything.
config::Model unaided(std::string_view gateway = "far.example.org") {
    auto model = ours(gateway);
    model.options.firewall = config::Firewall::off;
    return model;
}

std::string kernel(std::initializer_list<std::string_view> parts) {
    return alarms(joined(parts), Plane::kernel);
}
std::string userspace(std::initializer_list<std::string_view> parts) {
    return alarms(joined(parts), Plane::userspace, unaided());
}

TEST(Firewall, WhatIsRightIsNotTold) {
    EXPECT_EQ(kernel({zones, exempt, to_wan, ports, from_peer}), "");
    EXPECT_EQ(kernel({zones, exempt, to_wan, pass_through, ports, from_peer}), "");
    EXPECT_EQ(userspace({zones, to_wan, pass_through, ports, tun_zone}), "");
    EXPECT_EQ(told(found(joined({zones, exempt, to_wan, ports, tun_zone}), Plane::userspace, unaided())), "");
    EXPECT_EQ(told(found(joined({zones, exempt, to_wan, ports, from_peer}), Plane::kernel, ours())),
              "mss-not-clamped note ipsec:11:23\n");
}

// Ports.

TEST(Ports, NothingIsOpen) {
    EXPECT_EQ(userspace({zones, to_wan, tun_zone}), "ike-port-closed warning firewall:10:1\n");
    // Only the peer dials.
    const auto called = found(joined({zones, to_wan, tun_zone}), Plane::userspace, unaided("any"));
    EXPECT_EQ(told(called),
              "ike-port-closed error firewall:10:1\nnat-exemption-missing note firewall:14:14 ipsec:11:23\n");
    EXPECT_EQ(called.at(0).message(),
              "no rule lets UDP 500, UDP 4500 and ESP in from zone 'wan': nobody can call this router");
    EXPECT_EQ(
        called.at(0).remedy(),
        "write config rule, option src 'wan', option proto 'udp', option dest_port '500 4500', option target "
        "'ACCEPT'; config rule, option src 'wan', option proto 'esp', option target 'ACCEPT'");
}

TEST(Ports, AZoneThatLetsEverythingInNeedsNoRule) {
    std::string open = joined({zones, to_wan, tun_zone});
    open.replace(open.find("input 'REJECT'\n\toption masq"), 14, "input 'ACCEPT'");
    EXPECT_EQ(alarms(open, Plane::userspace, unaided()), "");
}

TEST(Ports, OneIsMissing) {
    const std::string_view ike =
        "config rule\n\toption src 'wan'\n\toption proto 'udp'\n"
        "\toption dest_port '500'\n\toption target 'ACCEPT'\n";
    const std::string_view esp =
        "config rule\n\toption src '*'\n\tlist proto 'ESP'\n\toption target 'accept'\n";
    EXPECT_EQ(userspace({zones, to_wan, ike, esp, tun_zone}), "nat-t-port-closed warning firewall:22:19\n");
    const std::string_view both =
        "config rule\n\toption src 'wan'\n\toption dest_port '400-5000'\n"
        "\toption target 'ACCEPT'\n";
    EXPECT_EQ(userspace({zones, to_wan, both, tun_zone}), "esp-closed warning firewall:10:1\n");
    EXPECT_EQ(userspace({zones, to_wan, both, esp, tun_zone}), "");
    // Nobody will use it.
    const auto off = ours("far.example.org", "192.168.0.0/24",
                          "option local_identifier '@near.example.org'\n\toption nat_traversal '0'");
    EXPECT_EQ(alarms(joined({zones, to_wan, ike, esp, tun_zone}), Plane::userspace, unaided(), &off), "");
}

TEST(Ports, ARuleThatForwardsOpensNothing) {
    EXPECT_EQ(userspace({zones, pass_through, to_wan, tun_zone}),
              "forward-rule-for-input warning firewall:25:14 firewall:19:14\n");
    EXPECT_EQ(alarms(joined({zones, pass_through, to_wan, tun_zone}), Plane::userspace, unaided("any")),
              "forward-rule-for-input error firewall:25:14 firewall:19:14\n");
    // A rule for the IPv6 alone, one that is off, and one for another zone.
    for (const std::string_view without_effect :
         {"\toption family 'ipv6'\n", "\toption enabled '0'\n", "\toption src 'lan'\n"}) {
        std::string rules(ports);
        rules.insert(rules.find("\toption name 'IKE'"), without_effect);
        if (without_effect.find("src") != std::string::npos) {
            rules.erase(rules.find("\toption src 'wan'\n"), 18);
        }
        EXPECT_EQ(alarms(joined({zones, to_wan, rules, tun_zone}), Plane::userspace, unaided()),
                  "ike-port-closed warning firewall:10:1\n")
            << without_effect;
    }
}

TEST(Ports, ASourcePortIsNotWhatNatLeaves) {
    std::string rules(ports);
    rules.insert(rules.find("\toption dest_port"), "\toption src_port '500 4500'\n");
    EXPECT_EQ(alarms(joined({zones, to_wan, rules, tun_zone}), Plane::userspace, unaided()),
              "nat-t-port-closed warning firewall:23:18\n");
}

TEST(Ports, AnIncludeMayOpenThem) {
    const std::string_view include = "config include\n\toption path '/etc/firewall.user'\n";
    const auto told_of = found(joined({zones, to_wan, tun_zone, include}), Plane::userspace, unaided("any"));
    EXPECT_EQ(told_of.at(0).message(),
              "no rule lets UDP 500, UDP 4500 and ESP in from zone 'wan', unless '/etc/firewall.user' does "
              "it: nobody "
              "can call this router");
    EXPECT_EQ(told_of.at(0).severity, Severity::warning);
}

// Masquerading.

TEST(Exemption, IsMissing) {
    const std::string firewall = joined({zones, to_wan, ports, from_peer});
    const auto findings = found(firewall, Plane::kernel, ours());
    EXPECT_EQ(told(findings),
              "nat-exemption-missing error firewall:14:14 ipsec:11:23\nmss-not-clamped note ipsec:11:23\n");
    EXPECT_EQ(findings.at(0).remedy(), "write list masq_dest '!192.168.0.0/24' in zone 'wan'");
    // Without masquerading there is nothing to be exempt from.
    std::string routed = firewall;
    routed.replace(routed.find("masq '1'"), 8, "masq '0'");
    EXPECT_EQ(alarms(routed, Plane::kernel), "");
    // The TUN device in the zone that masquerades is as bad.
    std::string inside = joined({zones, "\tlist device 'causeway0'\n", to_wan, ports, from_peer});
    EXPECT_EQ(alarms(inside, Plane::userspace, unaided()),
              "nat-exemption-missing error firewall:14:14 ipsec:11:23\n");
}

TEST(Exemption, IsWrittenInManyWays) {
    for (const std::string_view list :
         {"\toption masq_dest '!192.168.0.0/255.255.255.0'\n",
          "\tlist masq_dest '!10.0.0.0/8'\n\tlist masq_dest '!192.168.0.0/16'\n",
          "\tlist masq_dest '!192.168.0.1/24'\n",
          "\tlist masq_dest '0.0.0.0/0'\n\tlist masq_dest '!192.168.0.0/24'\n",
          "\tlist masq_src '!192.168.1.0/24'\n", "\tlist masq_src '10.0.0.0/8'\n",
          "\tlist masq_dest '!vpn'\n"}) {
        EXPECT_EQ(kernel({zones, list, to_wan, ports, from_peer}), "") << list;
    }
    for (const std::string_view rule :
         {"\toption src 'wan'\n\toption src_ip '192.168.1.0/24'\n\toption dest_ip '192.168.0.0/24'\n",
          "\toption dest_ip '192.168.0.0/16'\n", "\toption src '*'\n\toption src_ip '192.168.1.0/24'\n"}) {
        EXPECT_EQ(kernel({zones, to_wan, ports, from_peer, "config nat\n\toption target 'ACCEPT'\n", rule}),
                  "")
            << rule;
    }
}

TEST(Exemption, IsForAnotherNetwork) {
    EXPECT_EQ(kernel({zones, "\tlist masq_dest '!192.168.8.0/24'\n", to_wan, ports, from_peer}),
              "nat-exemption-wrong-network error firewall:16:17 ipsec:11:23\n");
    EXPECT_EQ(kernel({zones, "\tlist masq_dest '!192.168.0.0/25'\n", to_wan, ports, from_peer}),
              "nat-exemption-wrong-network error firewall:16:17 ipsec:11:23\n");
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer,
                      "config nat\n\toption src 'wan'\n\toption dest_ip '192.168.8.0/24'\n\toption target "
                      "'ACCEPT'\n"}),
              "nat-exemption-wrong-network error firewall:38:17 ipsec:11:23\n");
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer,
                      "config nat\n\toption src 'wan'\n\toption dest_ip '192.168.0.0/24'\n"
                      "\toption src_ip '192.168.10.0/24'\n\toption target 'ACCEPT'\n"}),
              "nat-exemption-wrong-network error firewall:39:16 ipsec:10:22\n");
    // The other one is of a VPN of another kind.
    EXPECT_EQ(kernel({zones, exempt, "\tlist masq_dest '!192.168.8.0/24'\n", to_wan, ports, from_peer}), "");
}

TEST(Exemption, IsNotNegated) {
    EXPECT_EQ(kernel({zones, "\tlist masq_dest '192.168.0.0/24'\n", to_wan, ports, from_peer}),
              "nat-exemption-missing error firewall:16:17 ipsec:11:23\n");
}

TEST(Exemption, ComesTooLate) {
    // `config nat` masquerades unless told otherwise.
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer,
                      "config nat\n\toption src 'wan'\n\toption dest_ip '192.168.0.0/24'\n"}),
              "nat-exemption-too-late error firewall:36:1 ipsec:11:23\n");
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer,
                      "config nat\n\toption src 'wan'\n\toption target 'MASQUERADE'\n",
                      "config nat\n\toption src 'wan'\n\toption dest_ip '192.168.0.0/24'\n\toption target "
                      "'ACCEPT'\n"}),
              "nat-exemption-too-late error firewall:39:1 ipsec:11:23\n");
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer,
                      "config include\n\toption type 'nftables'\n\toption path '/etc/vpn.nft'\n"
                      "\toption position 'chain-append'\n\toption chain 'srcnat_wan'\n"}),
              "nat-exemption-too-late error firewall:38:14 ipsec:11:23\n");
}

TEST(Exemption, IncludesMayHaveIt) {
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer,
                      "config include\n\toption type 'nftables'\n\toption path '/etc/vpn.nft'\n"
                      "\toption position 'chain-prepend'\n\toption chain 'srcnat'\n"}),
              "nat-exemption-missing warning firewall:14:14 ipsec:11:23\n");
}

TEST(Exemption, ExtraIsLeftOutByFirewall4) {
    EXPECT_EQ(
        kernel({zones, exempt, to_wan, ports, from_peer,
                "config zone\n\toption name 'vpn'\n\toption extra_src '-m policy --pol ipsec --dir in'\n"}),
        "nat-exemption-by-policy warning firewall:39:19\n");
}

// Commands.

std::string commands(std::string_view script, Plane plane = Plane::kernel) {
    return alarms(std::string(script), plane);
}

TEST(Commands, ThatComeInTime) {
    for (const std::string_view script :
         {"iptables -t nat -I POSTROUTING -d 192.168.0.0/24 -j ACCEPT\n",
          "iptables -t nat -A postrouting_rule -s 192.168.1.0/24 -d 192.168.0.0/255.255.255.0 -j ACCEPT\n",
          "REMOTE=192.168.0.0/24\niptables -t nat -A postrouting_wan_rule -d $REMOTE -j ACCEPT # the house\n",
          "for net in $NETS; do iptables -t nat -I POSTROUTING -d $net -j ACCEPT; done\n",
          "iptables -t nat -I zone_wan_postrouting \\\n  -d 192.168.0.0/16 -j RETURN\n",
          "iptables -t nat -N tunnels\niptables -t nat -I POSTROUTING -j tunnels\n"
          "iptables -t nat -A tunnels -d 192.168.0.0/24 -j ACCEPT\n",
          "nft insert rule inet fw4 srcnat ip saddr 192.168.1.0/24 ip daddr 192.168.0.0/24 accept\n",
          "nft 'insert rule inet fw4 srcnat ip daddr { 10.0.0.0/8, 192.168.0.0/24 } accept'\n",
          "iptables -A input_rule -p esp -j ACCEPT\n"}) {
        EXPECT_EQ(commands(script), "") << script;
    }
}

TEST(Commands, ThatComeTooLate) {
    EXPECT_EQ(commands("iptables -t nat -A POSTROUTING -d 192.168.0.0/24 -j ACCEPT\n"),
              "nat-exemption-too-late error firewall:1:35 ipsec:11:23\n");
    EXPECT_EQ(commands("/usr/sbin/iptables -t nat -A zone_wan_postrouting -d 192.168.0.0/24 -j ACCEPT\n"),
              "nat-exemption-too-late error firewall:1:54 ipsec:11:23\n");
    EXPECT_EQ(commands("nft add rule inet fw4 srcnat ip daddr 192.168.0.0/24 accept\n"),
              "nat-exemption-too-late error firewall:1:39 ipsec:11:23\n");
    EXPECT_EQ(commands("nft insert rule ip nat postrouting ip daddr 192.168.0.0/24 accept\n"),
              "nat-exemption-too-late error firewall:1:45 ipsec:11:23\n");
    EXPECT_EQ(commands("iptables -t nat -I POSTROUTING -d 192.168.0.0/24 -j MASQUERADE\n"),
              "nat-exemption-too-late error firewall:1:35 ipsec:11:23\n");
    // The one in front counts.
    EXPECT_EQ(commands("iptables -t nat -A POSTROUTING -d 192.168.0.0/24 -j ACCEPT\n"
                       "iptables -t nat -A postrouting_rule -d 192.168.0.0/24 -j ACCEPT\n"),
              "");
}

TEST(Commands, ThatAreForOtherNetworks) {
    EXPECT_EQ(commands("iptables -t nat -I POSTROUTING -d 192.168.0.0/25 -j ACCEPT\n"),
              "nat-exemption-wrong-network error firewall:1:35 ipsec:11:23\n");
    EXPECT_EQ(commands("iptables -t nat -I POSTROUTING -s 192.168.2.0/24 -d 192.168.0.0/24 -j ACCEPT\n"),
              "nat-exemption-wrong-network error firewall:1:35 ipsec:10:22\n");
    EXPECT_EQ(commands("nft insert rule inet fw4 srcnat ip daddr 192.168.8.0/24 accept\n"),
              "nat-exemption-wrong-network error firewall:1:42 ipsec:11:23\n");
}

TEST(Commands, WithVariables) {
    EXPECT_EQ(commands("REMOTE=192.168.8.0/24\niptables -t nat -I POSTROUTING -d \"${REMOTE}\" -j ACCEPT\n"),
              "nat-exemption-wrong-network error firewall:2:35 ipsec:11:23\n");
    // Not known which.
    EXPECT_EQ(commands("REMOTE=192.168.8.0/24\n[ -e /x ] && REMOTE=192.168.0.0/24\n"
                       "iptables -t nat -I POSTROUTING -d $REMOTE -j ACCEPT\n"),
              "");
}

TEST(Commands, ThatMatchByPolicy) {
    EXPECT_EQ(commands("iptables -t nat -I POSTROUTING -m policy --dir out --pol ipsec -j ACCEPT\n"),
              "nat-exemption-by-policy warning firewall:1:1\n");
    EXPECT_EQ(commands("nft insert rule inet fw4 srcnat oif wan ipsec out reqid 1 counter accept\n"),
              "nat-exemption-by-policy warning firewall:1:1\n");
    EXPECT_EQ(commands("nft insert rule inet fw4 srcnat rt ipsec exists accept\n"),
              "nat-exemption-by-policy warning firewall:1:1\n");
}

// Forwarding, includes and flows.

TEST(Forwarding, OneDirectionIsMissing) {
    EXPECT_EQ(kernel({zones, exempt, to_wan, ports}),
              "vpn-forwarding-missing warning firewall:10:1 ipsec:11:23\n");
    // What passes ESP to a host behind does not pass the tunnel's packets.
    EXPECT_EQ(kernel({zones, exempt, to_wan, ports, pass_through}),
              "vpn-forwarding-missing warning firewall:10:1 ipsec:11:23\n");
    const auto one_way =
        joined({zones, to_wan, ports, tun_zone.substr(0, tun_zone.rfind("config forwarding"))});
    const auto findings = found(one_way, Plane::userspace, unaided());
    EXPECT_EQ(alarms(one_way, Plane::userspace, unaided()),
              "vpn-forwarding-missing warning firewall:30:1 ipsec:11:23\n");
    EXPECT_EQ(findings.back().remedy(), "write config forwarding, option src 'vpn', option dest 'lan'");
}

TEST(Forwarding, AZoneThatMatchesNothing) {
    // The recipe's zone, as its author describes it.
    std::string zone(tun_zone);
    zone.erase(zone.find("\tlist device"), 24);
    EXPECT_EQ(kernel({zones, exempt, to_wan, ports, zone}),
              "vpn-forwarding-missing warning firewall:31:1 ipsec:11:23\n");
    const auto findings = found(joined({zones, to_wan, ports, zone}), Plane::userspace, unaided());
    EXPECT_EQ(findings.back().remedy(), "write list device 'causeway0' in zone 'vpn'");
    // By subnet it is fine for the kernel's plane.
    EXPECT_EQ(kernel({zones, exempt, to_wan, ports, zone,
                      "config zone 'x'\n\toption name 'far'\n\tlist subnet '192.168.0.0/24'\n",
                      "config forwarding\n\toption src 'far'\n\toption dest 'lan'\n"}),
              "");
}

TEST(Forwarding, ADeviceInNoZone) {
    EXPECT_EQ(userspace({zones, to_wan, ports}), "vpn-forwarding-missing warning firewall:5:1 ipsec:11:23\n");
    std::string open = joined({zones, to_wan, ports});
    open.replace(open.find("forward 'REJECT'"), 16, "forward 'ACCEPT'");
    EXPECT_EQ(alarms(open, Plane::userspace, unaided()), "");
}

TEST(Includes, FirewallUserIsNotRunByFirewall4) {
    const std::string_view user = "config include\n\toption path '/etc/firewall.user'\n";
    const std::string_view nft = "config include\n\toption type 'nftables'\n\toption path '/etc/x.nft'\n";
    const std::string good = joined({zones, exempt, to_wan, ports, from_peer});
    const auto of = [&](const std::string& text) { return told(found(text, Plane::kernel, ours())); };
    EXPECT_EQ(of(good + std::string(user)), "firewall-user-not-run note firewall:38:14\n");
    EXPECT_EQ(of(good + std::string(user) + "\toption fw4_compatible '1'\n"), "");
    EXPECT_EQ(of(good + "config include\n\toption path '/etc/mine.sh'\n"), "");
    // Nothing of it is needed.
    EXPECT_EQ(of(good + std::string(user) + std::string(nft)), "firewall-user-not-run note firewall:38:14\n");
    EXPECT_EQ(kernel({zones, to_wan, ports, from_peer, user, "\toption fw4_compatible '0'\n"}),
              "firewall-user-not-run error firewall:37:14 firewall:14:14 ipsec:11:23\n");
}

TEST(Includes, AScriptOfAnotherNameIsRun) {
    RouterFiles files;
    for (const std::string name : {"/etc/firewall.user", "/etc/vpn.sh"}) {
        files.firewall =
            config::NamedText{name, "iptables -t nat -I POSTROUTING -d 192.168.0.0/24 -j ACCEPT\n"};
        EXPECT_EQ(told(check_router(ours(), nullptr, files, Plane::kernel)),
                  name == "/etc/vpn.sh" ? "" : "firewall-user-not-run note /etc/firewall.user:1:1\n");
    }
}

TEST(Flows, OffloadingPassesIpsecBy) {
    std::string firewall = joined({zones, exempt, to_wan, ports, from_peer});
    firewall.insert(firewall.find("config zone"), "\toption flow_offloading '1'\n");
    EXPECT_EQ(alarms(firewall, Plane::kernel), "flow-offloading warning firewall:5:25\n");
    EXPECT_EQ(alarms(joined({zones, "config defaults\n\toption flow_offloading_hw '1'\n", exempt, to_wan,
                             ports, tun_zone}),
                     Plane::userspace, unaided()),
              "");
}

TEST(Flows, OurOwnDeviceNeedsNoClamp) {
    std::string zone(tun_zone);
    zone.erase(zone.find("\toption mtu_fix"), 20);
    EXPECT_EQ(told(found(joined({zones, exempt, to_wan, ports, zone}), Plane::userspace, unaided())), "");
}

// What the daemon opens by itself.

TEST(Daemon, OpensWhatTheFileDoesNot) {
    const auto findings = found(joined({zones, exempt, to_wan}), Plane::userspace, ours("any"));
    EXPECT_EQ(told(findings),
              "ike-port-closed note firewall:10:1\nvpn-forwarding-missing note firewall:5:1 ipsec:11:23\n");
    EXPECT_EQ(findings.at(0).message(),
              "no rule here lets UDP 500, UDP 4500 and ESP in from zone 'wan': causewayd does while it runs");
    // Only what is closed is named.
    const auto esp =
        found(joined({zones, exempt, to_wan, "config rule\n\toption src 'wan'\n\toption proto 'udp'\n",
                      "\toption dest_port '500 4500'\n\toption target 'ACCEPT'\n"}),
              Plane::userspace, ours());
    EXPECT_EQ(esp.at(0).message(), "no rule here lets ESP in from zone 'wan': causewayd does while it runs");
    EXPECT_EQ(told(found(joined({zones, exempt, to_wan, ports, tun_zone}), Plane::userspace, ours())), "");
}

TEST(Daemon, ATableOfItsOwnOpensNothingOfFirewall4s) {
    auto model = ours();
    for (const auto& [whose, severity] : {std::pair{config::Firewall::nftables, "warning"},
                                          {config::Firewall::off, "warning"},
                                          {config::Firewall::fw4, "note"},
                                          {config::Firewall::iptables, "note"}}) {
        model.options.firewall = whose;
        const auto found_in = told(found(joined({zones, exempt, to_wan, tun_zone}), Plane::userspace, model));
        EXPECT_EQ(found_in, fmt::format("ike-port-closed {} firewall:10:1\n", severity)) << name_of(whose);
    }
}

TEST(Daemon, LeavesForwardingToTheZoneThatHasTheDevice) {
    const auto one_way =
        joined({zones, exempt, to_wan, ports, tun_zone.substr(0, tun_zone.rfind("config forwarding"))});
    auto model = ours();
    EXPECT_EQ(alarms(one_way, Plane::userspace, model), "");
    model.options.zone = "vpn";
    EXPECT_EQ(alarms(one_way, Plane::userspace, model),
              "vpn-forwarding-missing warning firewall:31:1 ipsec:11:23\n");
    // A zone without the device decides nothing.
    std::string without = one_way;
    without.erase(without.find("\tlist device"), 24);
    EXPECT_EQ(alarms(without, Plane::userspace, model), "");
}

TEST(Daemon, AScriptThatIsNotRunIsNotNeeded) {
    const std::string user =
        joined({zones, exempt, to_wan, "config include\n\toption path '/etc/firewall.user'\n",
                "config include\n\toption type 'nftables'\n\toption path '/etc/x.nft'\n"});
    EXPECT_EQ(alarms(user, Plane::userspace, ours()), "");
    EXPECT_NE(alarms(user, Plane::userspace, unaided()), "");
}

}  // namespace
}  // namespace causeway::check
