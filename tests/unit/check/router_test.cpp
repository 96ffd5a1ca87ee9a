// The recipe's own files, as published, and what hotplug and init scripts do.
#include "check/router.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "unit/check/router_files.hpp"

namespace causeway::check {
namespace {

RouterFiles with_hotplug(const std::string& text, const std::string& name = "90-ipsec") {
    RouterFiles files;
    files.hotplug = config::NamedText{name, text};
    return files;
}

RouterFiles with_network(RouterFiles files, const std::string& text) {
    files.network = config::NamedText{"network", text};
    return files;
}

std::string judged(const RouterFiles& files, Plane plane = Plane::kernel) {
    return told(check_router(ours(), nullptr, files, plane));
}

// The recipe.

TEST(Recipe, FirewallUserExemptsANetworkThatTheTunnelDoesNotGoTo) {
    const auto model = read(recipe("ipsec"));
    RouterFiles files;
    files.firewall = recipe("firewall.user");
    const auto findings = check_router(model, nullptr, files, Plane::kernel);
    EXPECT_EQ(told(findings),
              "nat-exemption-wrong-network error firewall.user:4:40 ipsec:24:26\n"
              "firewall-user-not-run note firewall.user:1:1\n");
    EXPECT_EQ(
        findings.at(0).message(),
        "the rule in chain postrouting_rule exempts 192.168.8.0/24 from masquerading, but the tunnel goes to "
        "192.168.0.0/24: packets for it leave with this router's address and miss the tunnel");
    EXPECT_EQ(findings.at(0).remedy(), "write 192.168.0.0/24 instead of 192.168.8.0/24");
    // With a device of its own it is a slip, and does no harm.
    EXPECT_EQ(told(check_router(model, nullptr, files, Plane::userspace)),
              "nat-exemption-wrong-network note firewall.user:4:40 ipsec:24:26\n"
              "firewall-user-not-run note firewall.user:1:1\n");
}

TEST(Recipe, HotplugScriptHasThreeFaults) {
    RouterFiles files;
    files.hotplug = recipe("100-ipsec", "/etc/hotplug.d/iface/100-ipsec");
    const auto model = read(recipe("ipsec"));
    EXPECT_EQ(told(check_router(model, nullptr, files, Plane::userspace)),
              "hotplug-device-never-matches warning /etc/hotplug.d/iface/100-ipsec:5:15\n"
              "hotplug-calls-missing-script warning /etc/hotplug.d/iface/100-ipsec:7:1\n"
              "hotplug-before-firewall note /etc/hotplug.d/iface/100-ipsec:1:1\n");
    files.init = recipe("init.blog", "/etc/init.d/ipsec");
    files.network = config::NamedText{
        "network", "config interface 'wan'\n\toption ifname 'eth0.2'\n\toption proto 'pppoe'\n"};
    const auto findings = check_router(model, nullptr, files, Plane::userspace);
    EXPECT_EQ(told(findings),
              "hotplug-device-never-matches warning /etc/hotplug.d/iface/100-ipsec:5:15 network:3:15\n"
              "hotplug-calls-missing-script warning /etc/hotplug.d/iface/100-ipsec:7:1\n"
              "hotplug-before-firewall note /etc/hotplug.d/iface/100-ipsec:1:1\n");
    EXPECT_NE(sentences(findings).find("netifd passes 'pppoe-wan'"), std::string::npos)
        << sentences(findings);
    EXPECT_NE(sentences(findings).find("write /etc/init.d/ipsec"), std::string::npos) << sentences(findings);
}

TEST(Recipe, InitScriptOfTheWikiCannotResolveAndThatOfTheBlogCan) {
    const auto model = read(recipe("ipsec"));
    RouterFiles files;
    files.init = recipe("init.wiki", "/etc/init.d/ipsec");
    EXPECT_EQ(told(check_router(model, nullptr, files, Plane::kernel)),
              "init-cannot-resolve warning /etc/init.d/ipsec:1:28\n");
    files.init = recipe("init.blog", "/etc/init.d/ipsec");
    EXPECT_EQ(told(check_router(model, nullptr, files, Plane::kernel)), "");
}

TEST(Recipe, AllOfItTogether) {
    const auto model = read(recipe("ipsec"));
    const auto box = read(recipe("vpncfg"));
    RouterFiles files;
    files.firewall = recipe("firewall.user");
    files.hotplug = recipe("100-ipsec");
    files.init = recipe("init.blog", "ipsec");
    EXPECT_EQ(told(check_router(model, &box, files, Plane::kernel)),
              "nat-exemption-wrong-network error firewall.user:4:40 ipsec:24:26\n"
              "firewall-user-not-run note firewall.user:1:1\n"
              "hotplug-device-never-matches warning 100-ipsec:5:15\n"
              "hotplug-calls-missing-script warning 100-ipsec:7:1\n"
              "hotplug-before-firewall note 100-ipsec:1:1\n");
}

TEST(Recipe, PppoeWithoutIdentityWouldBeOneThatChanges) {
    // The recipe has names, so nothing is said.
    RouterFiles files;
    files.network =
        config::NamedText{"network",
                          "config interface 'lan'\n\toption proto 'static'\n\toption ipaddr '192.168.1.1'\n"
                          "\toption netmask '255.255.255.0'\n"
                          "config interface 'wan'\n\toption ifname 'eth0.2'\n\toption proto 'pppoe'\n"};
    EXPECT_EQ(told(check_router(read(recipe("ipsec")), nullptr, files, Plane::kernel)), "");
}

// Hotplug scripts.

TEST(Hotplug, ADeviceThatNetifdPassesIsFine) {
    const std::string script = "#!/bin/sh\n[ \"$DEVICE\" = eth0.2 ] || exit 0\n/etc/init.d/ipsec restart\n";
    EXPECT_EQ(
        judged(with_network(with_hotplug(script),
                            "config interface 'wan'\n\toption device 'eth0.2'\n\toption proto 'dhcp'\n")),
        "");
    EXPECT_EQ(
        judged(with_network(with_hotplug("#!/bin/sh\n[ \"$DEVICE\" = pppoe-wan ] || exit 0\n"),
                            "config interface 'wan'\n\toption device 'eth0.2'\n\toption proto 'pppoe'\n")),
        "");
    EXPECT_EQ(judged(with_hotplug("[ \"$DEVICE\" = pppoe-wan ] || exit 0\n")), "");
    EXPECT_EQ(judged(with_hotplug("[ eth0.2 = \"$DEVICE\" ] || exit 0\n")),
              "hotplug-device-never-matches warning 90-ipsec:1:3\n");
    EXPECT_EQ(judged(with_hotplug("[ \"$INTERFACE\" = wan ] || exit 0\nlogger \"$DEVICE = eth0.2\"\n")), "");
}

TEST(Hotplug, ThePackagesOwnScriptsAreFine) {
    const auto packaged = [](const std::string& name, const std::string& installed) {
        return file_of("packaging/openwrt/causeway/files/" + name, installed);
    };
    RouterFiles files;
    files.hotplug = packaged("causeway.hotplug", "/etc/hotplug.d/iface/90-causeway");
    files.init = packaged("causeway.init", "/etc/init.d/causeway");
    EXPECT_EQ(judged(files), "");
}

TEST(Hotplug, ADeviceOfNoInterface) {
    EXPECT_EQ(
        judged(with_network(with_hotplug("[ \"${DEVICE}\" != eth1 ] && exit 0\n"),
                            "config interface 'wan'\n\toption device 'eth0.2'\n\toption proto 'dhcp'\n")),
        "hotplug-device-never-matches warning 90-ipsec:1:18\n");
    // What a modem's driver will call its device is not in the file.
    EXPECT_EQ(judged(with_network(
                  with_hotplug("[ \"$DEVICE\" = wwan0 ] || exit 0\n"),
                  "config interface 'wan'\n\toption device '/dev/cdc-wdm0'\n\toption proto 'qmi'\n")),
              "");
    EXPECT_EQ(
        judged(with_network(with_hotplug("case \"$DEVICE\" in\neth0.2|eth0.3) ;;\n*) exit 0 ;;\nesac\n"),
                            "config interface 'wan'\n\toption device 'eth0.3'\n\toption proto 'pptp'\n")),
        "hotplug-device-never-matches warning 90-ipsec:2:1\n");
    EXPECT_EQ(
        judged(with_network(with_hotplug("case \"$DEVICE\" in eth0.2|eth0.3) ;; *) exit 0 ;; esac\n"),
                            "config interface 'wan'\n\toption device 'eth0.3'\n\toption proto 'dhcp'\n")),
        "");
}

TEST(Hotplug, ADeviceIsNotPassedOnIfdown) {
    EXPECT_EQ(judged(with_hotplug("[ \"$ACTION\" = ifup -o \"$ACTION\" = ifdown ] || exit 0\n"
                                  "[ \"$DEVICE\" = pppoe-wan ] || exit 0\n")),
              "hotplug-device-never-matches warning 90-ipsec:2:15\n");
    // What is done for ifdown comes first here.
    EXPECT_EQ(judged(with_hotplug("[ \"$ACTION\" = ifdown ] && { logger down; exit 0; }\n"
                                  "[ \"$DEVICE\" = pppoe-wan ] || exit 0\n")),
              "");
}

TEST(Hotplug, OtherScriptsOfTheSystemMayBeCalled) {
    EXPECT_EQ(judged(with_hotplug("/etc/init.d/firewall reload\n/etc/init.d/ipsec restart\n")), "");
    EXPECT_EQ(judged(with_hotplug("[ -x /etc/init.d/mine ] && /etc/init.d/mine restart\n")), "");
    EXPECT_EQ(judged(with_hotplug("# /etc/init.d/ipsec-custom restart\n/etc/init.d/swanctl reload\n")), "");
    EXPECT_EQ(judged(with_hotplug("/etc/init.d/mine restart\n/etc/init.d/mine enable\n")),
              "hotplug-calls-missing-script warning 90-ipsec:1:1\n");
    auto files = with_hotplug("/etc/init.d/mine restart\n");
    files.init = config::NamedText{"/etc/init.d/mine", "#!/bin/sh /etc/rc.common\n"};
    EXPECT_EQ(judged(files), "");
    files.init->name = "backup/mine.init";
    EXPECT_EQ(judged(files), "");
    files.init->name = "/etc/init.d/ipsec";
    EXPECT_EQ(judged(files), "hotplug-calls-missing-script warning 90-ipsec:1:1\n");
}

TEST(Hotplug, NamesSortAsText) {
    const std::string script = "/etc/init.d/ipsec restart\n";
    EXPECT_EQ(judged(with_hotplug(script, "/etc/hotplug.d/iface/19-ipsec")),
              "hotplug-before-firewall note /etc/hotplug.d/iface/19-ipsec:1:1\n");
    EXPECT_EQ(judged(with_hotplug(script, "/etc/hotplug.d/iface/20-ipsec")), "");
    EXPECT_EQ(judged(with_hotplug(script, "/etc/hotplug.d/iface/ipsec")), "");
}

TEST(Init, AnAddressNeedsNoResolving) {
    RouterFiles files;
    files.init = config::NamedText{"ipsec", "A=`ip route get $RemoteGateway | awk '/src/'`\n"};
    EXPECT_EQ(told(check_router(ours("203.0.113.1"), nullptr, files, Plane::kernel)), "");
    EXPECT_EQ(told(check_router(ours("far.example.org"), nullptr, files, Plane::kernel)),
              "init-cannot-resolve warning ipsec:1:17\n");
}

// Interfaces.

constexpr const char* lan =
    "config interface 'lan'\n"             // 1
    "\toption proto 'static'\n"            // 2
    "\toption ipaddr '192.168.1.1'\n"      // 3
    "\toption netmask '255.255.255.0'\n";  // 4
constexpr const char* dynamic_wan =
    "config interface 'wan'\n"    // 5
    "\toption device 'eth0.2'\n"  // 6
    "\toption proto 'dhcp'\n";    // 7
constexpr const char* private_wan =
    "config interface 'wan'\n"               // 5
    "\toption device 'eth0.2'\n"             // 6
    "\toption proto 'static'\n"              // 7
    "\toption ipaddr '192.168.178.2/24'\n";  // 8

std::string on(const std::string& network, const config::Model& model,
               const config::Model* theirs = nullptr) {
    return told(check_router(model, theirs, with_network({}, network), Plane::userspace));
}

TEST(Interfaces, AnIdentityThatIsADynamicAddress) {
    const auto network = std::string(lan) + dynamic_wan;
    EXPECT_EQ(on(network, ours()), "");
    EXPECT_EQ(on(network, ours("far.example.org", "192.168.0.0/24", "")),
              "id-unstable warning ipsec:1:1 network:7:15\n");
    EXPECT_EQ(on(network, ours("far.example.org", "192.168.0.0/24", "option local_identifier '203.0.113.9'")),
              "id-unstable warning ipsec:8:26 network:7:15\n");
    // The peer takes any.
    const auto any = ours("near.example.org", "192.168.1.0/24", "option remote_identifier '%any'");
    EXPECT_EQ(on(network, ours("far.example.org", "192.168.0.0/24", ""), &any), "");
}

TEST(Interfaces, AnIdentityThatIsAPrivateAddress) {
    EXPECT_EQ(on(std::string(lan) + private_wan, ours("far.example.org", "192.168.0.0/24", "")),
              "id-unstable warning ipsec:1:1 network:8:16\n");
    // In one network with the peer.
    EXPECT_EQ(on(std::string(lan) + private_wan, ours("192.168.178.1", "192.168.0.0/24", "")), "");
}

TEST(Interfaces, NatTraversalIsOffBehindARouter) {
    const auto off = ours("far.example.org", "192.168.0.0/24",
                          "option local_identifier '@near.example.org'\n\toption nat_traversal '0'");
    EXPECT_EQ(on(std::string(lan) + private_wan, off), "nat-t-off warning ipsec:1:1 network:8:16\n");
    EXPECT_EQ(on(std::string(lan) + private_wan, ours(), &off), "nat-t-off warning ipsec:1:1 network:8:16\n");
    EXPECT_EQ(on(std::string(lan) + dynamic_wan, off), "");
    EXPECT_EQ(on(std::string(lan) + private_wan, ours()), "");
}

TEST(Interfaces, NobodyCanCallThroughTheProvidersNat) {
    EXPECT_EQ(on(std::string(lan) + private_wan, ours("any")),
              "no-public-ipv4 note ipsec:1:1 network:8:16\n");
    EXPECT_EQ(on(std::string(lan) +
                     "config interface 'wan'\n\toption proto 'static'\n\toption ipaddr '100.64.1.2'\n",
                 ours("any")),
              "no-public-ipv4 error ipsec:1:1 network:7:16\n");
    EXPECT_EQ(on(std::string(lan) + "config interface 'wan6'\n\toption proto 'dhcpv6'\n"
                                    "config interface 'wan_4'\n\toption proto 'dslite'\n",
                 ours("any")),
              "no-public-ipv4 error ipsec:1:1 network:8:15\n");
    EXPECT_EQ(on(std::string(lan) + private_wan, ours()), "");
}

TEST(Interfaces, ALocalNetworkThatIsNotHere) {
    const std::string other =
        "config interface 'lan'\n\toption proto 'static'\n\tlist ipaddr '192.168.10.1/24'\n";
    const auto findings =
        check_router(ours(), nullptr, with_network({}, other + dynamic_wan), Plane::userspace);
    EXPECT_EQ(told(findings), "network-not-lan warning ipsec:10:22 network:3:14\n");
    EXPECT_EQ(findings.at(0).remedy(),
              "write option local_subnet '192.168.10.0/24', and the same network at the peer");
    // Behind another router of ours.
    EXPECT_EQ(on(other + "config route\n\toption interface 'lan'\n\toption target '192.168.1.0'\n"
                         "\toption netmask '255.255.255.0'\n",
                 ours()),
              "");
    // What DHCP will bring is not known.
    EXPECT_EQ(on(other + "config interface 'guest'\n\toption proto 'dhcp'\n", ours()), "");
    // One network for several.
    EXPECT_EQ(
        on("config interface 'lan'\n\toption proto 'static'\n\toption ipaddr '192.168.1.129/25'\n", ours()),
        "");
}

TEST(RouterFiles, AFileThatCannotBeReadIsNamed) {
    EXPECT_EQ(told(check_router(ours(), nullptr, with_network({}, "interface wan\n"), Plane::userspace)),
              "file-unusable error network:1:1\n");
    RouterFiles files;
    files.firewall = config::NamedText{"firewall", "config zone\n\toption name 'wan\n"};
    EXPECT_EQ(told(check_router(ours(), nullptr, files, Plane::userspace)),
              "file-unusable error firewall:2:14\n");
    files.firewall = config::NamedText{"firewall.user", "# Put your rules here.\n"};
    EXPECT_EQ(told(check_router(ours(), nullptr, files, Plane::userspace)), "");
}

// Whatever stands in the files, each place is in them.
RC_GTEST_PROP(RouterFiles, HasNoPlaceOutsideItsFiles, ()) {
    const auto piece = rc::gen::elementOf(std::vector<std::string>{"config zone\n",
                                                                   "config rule\n",
                                                                   "config nat\n",
                                                                   "config include\n",
                                                                   "config interface wan\n",
                                                                   "\toption ",
                                                                   "name wan\n",
                                                                   "src wan\n",
                                                                   "dest_ip 192.168.8.0/24\n",
                                                                   "masq 1\n",
                                                                   "target ACCEPT\n",
                                                                   "\n",
                                                                   " ",
                                                                   "'",
                                                                   "\"",
                                                                   "\\",
                                                                   "$",
                                                                   "${",
                                                                   "$(",
                                                                   "`",
                                                                   ";",
                                                                   "|",
                                                                   "#",
                                                                   "iptables -t nat ",
                                                                   "-A POSTROUTING ",
                                                                   "-d 192.168.0.0/25 ",
                                                                   "-j ACCEPT",
                                                                   "nft ",
                                                                   "insert rule inet fw4 srcnat ",
                                                                   "ip daddr ",
                                                                   "{ ",
                                                                   "accept",
                                                                   "!",
                                                                   "case $DEVICE in ",
                                                                   "[ $DEVICE = eth0 ] ",
                                                                   "|| exit",
                                                                   "/etc/init.d/",
                                                                   "x",
                                                                   "ip route get $x"});
    const auto text = [&] {
        std::string out;
        for (const auto& one : *rc::gen::container<std::vector<std::string>>(piece)) {
            out += one;
        }
        return out;
    };
    RouterFiles files;
    files.firewall = config::NamedText{"firewall", text()};
    files.network = config::NamedText{"network", text()};
    files.hotplug = config::NamedText{"10-hotplug", text()};
    files.init = config::NamedText{"init", text()};
    for (const auto& one : check_router(ours(), nullptr, files, Plane::kernel)) {
        for (const auto& place : one.places) {
            for (const auto* const file :
                 {&*files.firewall, &*files.network, &*files.hotplug, &*files.init}) {
                if (file->name == *place.file) {
                    RC_ASSERT(place.line >= 1U);
                    RC_ASSERT(place.line <= 1 + std::ranges::count(file->text, '\n'));
                }
            }
        }
    }
}

}  // namespace
}  // namespace causeway::check
