// The schemas of /etc/config/ipsec: told apart, mapped, and what cannot be done refused by name.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "config/own_name.hpp"
#include "config/uci/options.hpp"
#include "config/words.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

struct Case {
    const char* text;
    const char* expected;
};

/// A file of the second generation: what a test adds to the remote and to its tunnel, and further sections.
std::string swanctl(std::string_view remote, std::string_view tunnel = {}, std::string_view more = {}) {
    return fmt::format(
        "config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n option authentication_method psk\n"
        " option pre_shared_key kkkkkkkkkkkkkkkkkkkk\n list crypto_proposal p\n list tunnel t\n{}\n"
        "config tunnel 't'\n list local_subnet 10.0.0.0/24\n list remote_subnet 10.0.1.0/24\n"
        " list crypto_proposal p\n{}\n"
        "config crypto_proposal 'p'\n option encryption_algorithm aes256\n option hash_algorithm sha256\n"
        " option dh_group modp2048\n{}\n",
        remote, tunnel, more);
}

constexpr std::string_view ikev1 = " option keyexchange ikev1\n";

Model one_peer(const std::string& text) {
    auto model = read(text);
    EXPECT_EQ(model.peers.size(), 1U) << remarks(model) << text;
    if (model.peers.size() != 1) {
        model.peers.resize(1);
    }
    model.peers[0].tunnels.resize(std::max<std::size_t>(model.peers[0].tunnels.size(), 1));
    return model;
}

TEST(Schema, GenerationsAreToldApart) {
    EXPECT_EQ(read("config remote r\n list p1_proposal p\n").schema, Schema::uci_g0);
    EXPECT_EQ(read("config remote r\nconfig p2_proposal q\n").schema, Schema::uci_g0);
    EXPECT_EQ(read("config remote r\nconfig tunnel t\n option keyexchange ikev1\n").schema, Schema::uci_g1);
    EXPECT_EQ(read("config remote r\nconfig tunnel t\n option mode start\nconfig crypto_proposal p\n").schema,
              Schema::uci_g1);
    EXPECT_EQ(read(swanctl("")).schema, Schema::uci_g2);
    EXPECT_EQ(read("config ipsec 'globals'\nconfig remote r\n").schema, Schema::uci_g3);
    EXPECT_EQ(read("config remote r\n list remote_addrs 192.0.2.1\n").schema, Schema::uci_g3);
}

TEST(Schema, AForeignFileOfTheSameNameIsRecognised) {
    const Case cases[] = {
        {"config service 'ipsec'\n", "an L2TP server's schema"},
        {"\nconfig conn 'x'\n", "'config conn' sections"},
        {"config connection 'x'\n", "'config connection' sections"},
        {"config interface 'x'\n", "there is no 'config remote' section"},
        {"", "the file has no sections"},
    };
    for (const auto& one : cases) {
        const auto model = load(one.text, "ipsec");
        ASSERT_FALSE(model.has_value()) << one.text;
        const auto said = model.error().text();
        EXPECT_TRUE(said.starts_with("ipsec:")) << said;
        EXPECT_NE(said.find(one.expected), std::string::npos) << said;
        EXPECT_FALSE(model.error().remedy.empty());
    }
}

TEST(Schema, SwanctlDefaultsAreThoseOfItsGeneration) {
    const auto model = one_peer(swanctl(ikev1));
    EXPECT_EQ(remarks(model), "");
    const auto& peer = model.peers[0];
    const auto& tunnel = peer.tunnels[0];
    EXPECT_EQ(peer.lifetime.seconds, 4U * 3600 + 24 * 60);
    EXPECT_EQ(tunnel.lifetime.seconds, 66U * 60);
    EXPECT_EQ(tunnel.start, StartAction::traffic);
    EXPECT_EQ(tunnel.on_close, LossAction::traffic);
    EXPECT_EQ(peer.keying_tries, 0U);
    EXPECT_TRUE(peer.liveness.enabled);
    EXPECT_EQ(peer.proposals.at(0).text(), "aes256-sha256-modp2048");
    EXPECT_EQ(tunnel.proposals.at(0).text(), "aes256-sha256-modp2048");
    EXPECT_EQ(peer.mode, ExchangeMode::main);
    EXPECT_FALSE(peer.local_id);
    EXPECT_FALSE(peer.remote_id);
    EXPECT_TRUE(peer.remote_id_any);
}

TEST(Schema, KeyingtriesCountsForWhoInsists) {
    const auto model =
        one_peer(swanctl(std::string(ikev1) + " option keyingtries 4\n option honour_keyingtries 1\n"));
    EXPECT_EQ(model.peers[0].keying_tries, 4U);
    EXPECT_THAT(remarks(model),
                ::testing::HasSubstr("'keyingtries' is 4: after so many failures in a row the tunnel "
                                     "stays down for good, until somebody raises it by hand"));
}

TEST(Schema, OurOwnNameIsTheIdentityUnlessWritten) {
    const auto own_name = [](const std::string& lines) {
        return own_name_of(one_peer(swanctl(std::string(ikev1) + lines)).peers[0]).value_or("none");
    };
    EXPECT_EQ(own_name(""), "none");
    EXPECT_EQ(own_name(" option local_identifier @home.dyndns.org\n"), "home.dyndns.org");
    EXPECT_EQ(own_name(" option local_identifier admin@dyndns.org\n"), "none");
    EXPECT_EQ(own_name(" option local_identifier @home\n"), "none");
    EXPECT_EQ(own_name(" option local_identifier @home.dyndns.org\n option own_name none\n"), "none");
    EXPECT_EQ(own_name(" option local_identifier @home\n option own_name my.dyndns.org\n"), "my.dyndns.org");
    EXPECT_EQ(own_name(" option local_identifier @home.dyndns.org\n option own_name 'not a name'\n"),
              "home.dyndns.org");
}

TEST(Schema, NamesOfThePublicDns) {
    for (const auto* const text :
         {"a.de", "localsite.dyndns.org", "box.my-site.eu", "xn--4gbrim.xn--ygbi2ammx"}) {
        EXPECT_TRUE(looks_like_public_name(text)) << text;
    }
    for (const auto* const text : {"", "a", "fritz.lan", "x.LOCAL", "a..de", "-a.de", "a.de.", "192.168.1.1",
                                   "a b.de", "x.home.arpa", "gw.example", ".de"}) {
        EXPECT_FALSE(looks_like_public_name(text)) << text;
    }
}

TEST(Schema, SwanctlOptionsOfThePeerCount) {
    const auto model = one_peer(
        swanctl(" option keyexchange ikev1\n option aggressive 1\n option encap yes\n option rekeytime 1h\n"
                " option overtime 20%\n option dpddelay 1m\n option dpd_misses 5\n option keyingtries 4\n"
                " option local_ip 192.0.2.9\n option local_identifier @a\n option remote_identifier %any\n"));
    const auto& peer = model.peers[0];
    EXPECT_EQ(peer.mode, ExchangeMode::aggressive);
    EXPECT_TRUE(peer.force_encapsulation);
    EXPECT_EQ(peer.lifetime.seconds, 72U * 60);
    EXPECT_EQ(peer.liveness.idle, std::chrono::minutes(1));
    EXPECT_EQ(peer.liveness.misses, 5U);
    EXPECT_EQ(peer.keying_tries, 0U);  // without an opt-in it would leave the tunnel down for good
    EXPECT_THAT(remarks(model),
                ::testing::HasSubstr("'keyingtries' is 4: it would leave the tunnel down for good"));
    EXPECT_EQ(peer.local_address->value.text(), "192.0.2.9");
    EXPECT_EQ(peer.local_id->value.text_with_type(), "FQDN a");
    EXPECT_TRUE(peer.remote_id_any);
}

// close_action and dpd_action do not depend on start_action (swanctl.conf); the old words of ipsec.conf are
// theirs.
TEST(Schema, LossActionsWithEachStartAction) {
    const std::vector<std::pair<std::string, LossAction>> words{{"clear", LossAction::clear},
                                                                {"hold", LossAction::traffic},
                                                                {"trap", LossAction::traffic},
                                                                {"route", LossAction::traffic},
                                                                {"restart", LossAction::restart},
                                                                {"start", LossAction::restart},
                                                                {"restart_by_peer", LossAction::restart}};
    for (const std::string start : {"add", "none", "route", "trap", "start"}) {
        for (const auto& [word, action] : words) {
            const auto model = one_peer(swanctl(
                ikev1, fmt::format(" option startaction {}\n option closeaction {}\n option dpdaction {}\n",
                                   start, word, word)));
            const auto& tunnel = model.peers[0].tunnels[0];
            EXPECT_EQ(tunnel.on_close, action) << start << " " << word;
            EXPECT_EQ(tunnel.on_silence, action) << start << " " << word;
            EXPECT_TRUE(tunnel.packets_may_raise() || (tunnel.start == StartAction::none && word == "clear"));
        }
        const auto model = one_peer(
            swanctl(ikev1, fmt::format(" option startaction {}\n option closeaction none\n", start)));
        EXPECT_EQ(model.peers[0].tunnels[0].on_close, LossAction::clear) << start;
    }
}

TEST(Schema, SwanctlOptionsOfTheTunnelCount) {
    const auto model = one_peer(swanctl(ikev1,
                                        " option startaction start\n option closeaction none\n"
                                        " option dpdaction clear\n option rekeytime 100m\n"
                                        " option lifebytes 1024999\n option pfs 0\n"));
    const auto& tunnel = model.peers[0].tunnels[0];
    EXPECT_EQ(tunnel.start, StartAction::start);
    EXPECT_EQ(tunnel.on_close, LossAction::clear);
    EXPECT_EQ(tunnel.on_silence, LossAction::clear);
    EXPECT_EQ(tunnel.lifetime.seconds, 110U * 60);
    EXPECT_EQ(tunnel.lifetime.kilobytes, 1024U);
    EXPECT_EQ(tunnel.proposals.at(0).text(), "aes256-sha256");
}

TEST(Schema, ALifetimeInOctetsIsNeverRoundedToNone) {
    const auto kilobytes = [](const std::string& octets) {
        return one_peer(swanctl(ikev1, " option lifebytes " + octets + "\n"))
            .peers[0]
            .tunnels[0]
            .lifetime.kilobytes;
    };
    EXPECT_EQ(kilobytes("0"), 0U);
    EXPECT_EQ(kilobytes("1"), 1U);
    EXPECT_EQ(kilobytes("999"), 1U);
    EXPECT_EQ(kilobytes("1000000"), 1000U);
}

TEST(Schema, OvertimeIsADurationOrAPercentage) {
    const std::pair<const char*, unsigned> cases[] = {{"", 3960},
                                                      {" option overtime 10%\n", 3960},
                                                      {" option overtime 5m\n", 3900},
                                                      {" option overtime 0\n", 3600}};
    for (const auto& [overtime, expected] : cases) {
        const auto model = one_peer(swanctl(std::string(ikev1) + " option rekeytime 1h\n" + overtime));
        EXPECT_EQ(model.peers[0].lifetime.seconds, expected) << overtime;
        EXPECT_EQ(remarks(model), "");
    }
}

TEST(Schema, TheFirstGenerationKeepsThePeersOptionsInTheTunnel) {
    const auto model = one_peer(
        "config remote r\n option enabled 1\n option gateway any\n option authentication_method psk\n"
        " option pre_shared_key kkkkkkkkkkkkkkkkkkkk\n option crypto_proposal 'p q'\n list tunnel t\n"
        "config tunnel t\n option keyexchange ikev1\n option local_subnet 10.0.0.0/24\n"
        " option remote_subnet 10.0.1.0/24\n option ikelifetime 8h\n option lifetime 30m\n"
        " option keyingtries %forever\n option dpddelay 40\n option local_leftip 192.0.2.9\n"
        " option crypto_proposal p\n"
        "config crypto_proposal p\n option encryption_algorithm aes128\n option hash_algorithm sha1\n"
        " option dh_group modp1024\n"
        "config crypto_proposal q\n option encryption_algorithm 3des\n option hash_algorithm sha1\n"
        " option dh_group 2\n");
    EXPECT_EQ(model.schema, Schema::uci_g1);
    const auto& peer = model.peers[0];
    EXPECT_EQ(peer.lifetime.seconds, 8U * 3600);
    EXPECT_EQ(peer.tunnels[0].lifetime.seconds, 1800U);
    EXPECT_EQ(peer.keying_tries, 0U);
    EXPECT_EQ(peer.liveness.idle, std::chrono::seconds(40));
    EXPECT_EQ(peer.local_address->value.text(), "192.0.2.9");
    ASSERT_EQ(peer.proposals.size(), 2U);
    EXPECT_EQ(peer.proposals[1].text(), "3des-sha1-modp1024");
    // Nobody to dial, whatever `mode` says.
    EXPECT_EQ(peer.tunnels[0].start, StartAction::none);
}

TEST(Schema, TheThirdGenerationHasSeveralAddresses) {
    const auto model = one_peer(
        "config ipsec globals\nconfig remote r\n option enabled 1\n list remote_addrs a.example\n"
        " list remote_addrs 2001:db8::1\n list local_addrs 192.0.2.9\n option authentication_method psk\n"
        " option keyexchange ikev1\n option pre_shared_key 0x6b6579\n list crypto_proposal p\n list tunnel "
        "t\n"
        "config tunnel t\n list local_subnet 10.0.0.0/24\n list remote_subnet 10.0.1.0/24\n"
        " list crypto_proposal g\n"
        "config crypto_proposal p\n option encryption_algorithm aes256\n option hash_algorithm sha256\n"
        " option dh_group x25519\n"
        "config crypto_proposal g\n option encryption_algorithm aes256gcm16\n option dh_group ecp256\n");
    EXPECT_EQ(model.schema, Schema::uci_g3);
    const auto& peer = model.peers[0];
    ASSERT_EQ(peer.addresses.size(), 2U);
    EXPECT_EQ(text(peer.addresses[0].value), "a.example");
    EXPECT_EQ(text(peer.addresses[1].value), "2001:db8::1");
    EXPECT_EQ(peer.local_address->value.text(), "192.0.2.9");
    EXPECT_EQ(peer.proposals.at(0).text(), "aes256-sha256-x25519");
    EXPECT_EQ(peer.tunnels[0].proposals.at(0).text(), "aes256gcm16-ecp256");
    // swanctl reads 0x as hexadecimal digits.
    EXPECT_EQ(peer.pre_shared_key, Secret(as_bytes("key")));
}

TEST(Schema, GcmIsForTunnelsAlone) {
    const auto model = read(swanctl(std::string(ikev1) + " list crypto_proposal g\n", "",
                                    "config crypto_proposal g\n option encryption_algorithm aes256gcm16\n"
                                    " option hash_algorithm sha256\n option dh_group modp2048\n"));
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_EQ(model.peers[0].proposals.size(), 1U);
    EXPECT_NE(remarks(model).find("'aes256gcm16' does not exist in IKEv1's Phase 1"), std::string::npos);
}

TEST(Schema, IkeV2IsRefusedWithTheLineAndTheChange) {
    const Case cases[] = {
        {"", "ipsec:1: error: remote 'r' has no 'keyexchange', which means IKEv2 in this schema"},
        {" option keyexchange ike\n", "ipsec:8: error: 'keyexchange' is 'ike', which asks for IKEv2"},
        {" option keyexchange ikev2\n", "ipsec:8: error: 'keyexchange' is 'ikev2', which asks for IKEv2"},
        {" option keyexchange ikev3\n", "ipsec:8: error: 'keyexchange' is 'ikev3'"},
    };
    for (const auto& one : cases) {
        const auto model = read(swanctl(one.text));
        EXPECT_TRUE(model.peers.empty()) << one.text;
        EXPECT_FALSE(model.usable());
        EXPECT_TRUE(remarks(model).starts_with(one.expected)) << remarks(model);
        EXPECT_NE(remarks(model).find("option keyexchange ikev1"), std::string::npos) << remarks(model);
    }
}

TEST(Schema, WhatAPeerMustHaveIsAskedForByName) {
    const Case cases[] = {
        {" option pre_shared_key ''\n option keyexchange ikev1\n option authentication_method pubkey\n",
         "'authentication_method' is 'pubkey'"},
        {" option keyexchange ikev1\n option gateway 192.168.1\n",
         "'192.168.1' is neither an address nor a host name"},
        {" option keyexchange ikev1\n option local_identifier '@'\n", "nothing follows the '@'"},
        {" option keyexchange ikev1\n option remote_identifier 'C=DE, CN=x'\n",
         "reads as a distinguished name"},
        {" option keyexchange ikev1\n option exchange_mode fast\n", "'exchange_mode' is 'fast'"},
        {" option keyexchange ikev1\n list tunnel u\n", "names the tunnel 'u', and there is no such section"},
        {" option keyexchange ikev1\n list crypto_proposal u\n",
         "names the proposal 'u', and there is no such section"},
        {" option keyexchange ikev1\n list transport u\n", "transport mode is not supported"},
    };
    for (const auto& one : cases) {
        const auto said = remarks(read(swanctl(one.text)));
        EXPECT_NE(said.find(one.expected), std::string::npos) << said;
    }
}

TEST(Schema, UnsupportedAlgorithmsAreNamed) {
    const auto proposal = [](std::string_view cipher, std::string_view hash, std::string_view group) {
        return fmt::format(
            "config remote r\n option enabled 1\n option gateway 192.0.2.1\n option keyexchange ikev1\n"
            " option authentication_method psk\n option pre_shared_key kkkkkkkkkkkkkkkkkkkk\n list "
            "crypto_proposal p\n"
            "config crypto_proposal p\n option encryption_algorithm {}\n option hash_algorithm {}\n"
            " option dh_group {}\n",
            cipher, hash, group);
    };
    const std::pair<std::string, const char*> cases[] = {
        {proposal("des", "sha1", "modp2048"), "is single DES"},
        {proposal("blowfish", "sha1", "modp2048"), "is not a supported encryption algorithm"},
        {proposal("aes128", "md5", "modp2048"), "is insecure and disabled"},
        {proposal("aes128", "sha0", "modp2048"), "is not a supported hash"},
        {proposal("aes128", "sha1", "modp768"), "is the 768-bit group, which is broken and refused"},
        {proposal("aes128", "sha1", "1"), "is the 768-bit group, which is broken and refused"},
        {proposal("aes128", "sha1", "modp99"), "is not a supported Diffie-Hellman group"},
    };
    for (const auto& [text, expected] : cases) {
        const auto model = read(text);
        EXPECT_TRUE(model.peers.empty());
        EXPECT_NE(remarks(model).find(expected), std::string::npos) << remarks(model);
    }
}

TEST(Schema, SeveralNetworksAreSeveralTunnels) {
    const auto model =
        one_peer(swanctl(ikev1, " list local_subnet 10.0.8.0/24\n list remote_subnet 10.0.9.0/24\n"));
    const auto& tunnels = model.peers[0].tunnels;
    ASSERT_EQ(tunnels.size(), 4U);
    const std::array<std::string_view, 4> names{"ipsec-t", "ipsec-t-2", "ipsec-t-3", "ipsec-t-4"};
    for (std::size_t i = 0; i < tunnels.size(); ++i) {
        EXPECT_EQ(tunnels[i].display_name, names[i]);
        EXPECT_EQ(tunnels[i].reqid, i + 1);
    }
    EXPECT_EQ(tunnels[3].local.text(), "10.0.8.0/24");
    EXPECT_EQ(tunnels[3].remote.text(), "10.0.9.0/24");
    EXPECT_EQ(tunnels[3].remote_place.line, 15U);
}

TEST(Schema, ATunnelOfTwoRemotesIsNamedAfterBoth) {
    const auto second =
        "config remote 'other'\n option enabled 1\n option gateway 192.0.2.2\n option keyexchange ikev1\n"
        " option authentication_method psk\n option pre_shared_key kkkkkkkkkkkkkkkkkkkk\n list "
        "crypto_proposal p\n list tunnel "
        "t\n";
    const auto model = read(swanctl(ikev1, "", second));
    ASSERT_EQ(model.peers.size(), 2U);
    EXPECT_EQ(model.peers[0].tunnels.at(0).display_name, "r-t");
    EXPECT_EQ(model.peers[1].tunnels.at(0).display_name, "other-t");
}

TEST(Schema, NoRemarkQuotesAKey) {
    for (const char* key :
         {" list pre_shared_key geheim1\n list pre_shared_key geheim2\n", " option pre_shared_key x;geheim\n",
          " option pre_shared_key x#geheim\n", " option pre_sharedkey geheim\n",
          " option pre_shared_key 0x67656865696d\n", " option pre_shared_key geheim ; option x geheim\n"}) {
        const auto model = read(swanctl(std::string(ikev1) + key));
        const auto said = remarks(model);
        EXPECT_FALSE(said.empty()) << key;
        EXPECT_EQ(said.find("geheim"), std::string::npos) << said;
        EXPECT_EQ(describe(model).find("geheim"), std::string::npos);
    }
    for (const char* key : {" option pre_shared_key x geheim\n", " option pre_shared_key 'geheim\n",
                            " option pre_shared_key 'x\ngeheim'\n"}) {
        const auto model = load(swanctl(std::string(ikev1) + key), "ipsec");
        ASSERT_FALSE(model.has_value());
        EXPECT_EQ(model.error().text().find("geheim"), std::string::npos) << model.error().text();
    }
}

TEST(Schema, EveryUnsupportedOptionIsTold) {
    for (const auto& rule : uci::option_table()) {
        if (rule.section != uci::SectionKind::tunnel || rule.standing != uci::Standing::unsupported) {
            continue;
        }
        const auto model = read(swanctl(ikev1, fmt::format(" option {} 'x'\n", rule.name)));
        const auto expected = fmt::format("ipsec:14: warning: '{}' of tunnel 't' is not supported: {}",
                                          rule.name, rule.meaning);
        EXPECT_NE(remarks(model).find(expected), std::string::npos) << remarks(model);
        if (!rule.quiet_value.empty()) {
            const auto quiet =
                read(swanctl(ikev1, fmt::format(" option {} '{}'\n", rule.name, rule.quiet_value)));
            EXPECT_EQ(remarks(quiet), "");
        }
    }
}

TEST(Schema, TheTableHasEachOptionOnceAndSaysWhatItDoes) {
    for (const auto& rule : uci::option_table()) {
        EXPECT_EQ(uci::find_rule(rule.section, rule.name), &rule) << rule.name;
        EXPECT_FALSE(rule.meaning.empty()) << rule.name;
        EXPECT_NE(rule.known_to, 0U) << rule.name;
    }
    EXPECT_EQ(uci::suggestion(uci::SectionKind::remote, "gatway"), "did you mean 'gateway'?");
    EXPECT_EQ(uci::suggestion(uci::SectionKind::remote, "pfs_group"),
              "it belongs in a 'p2_proposal' section");
}

TEST(Schema, DaemonOptionsHaveTheirBounds) {
    const auto model =
        read(swanctl(ikev1, "",
                     "config ipsec\n option debug 2\n option replay_window 31\n option tun_mtu 1400\n"
                     " option lookup_floor 10m\n option lookup_ceiling 1m\n option copy_dscp no\n"));
    EXPECT_EQ(model.options.debug, 2);
    EXPECT_EQ(model.options.replay_window, 1024U);
    EXPECT_EQ(model.options.tun_mtu, 1400);
    EXPECT_EQ(model.options.lookup_ceiling, std::chrono::minutes(10));
    EXPECT_FALSE(model.options.copy_dscp);
    EXPECT_NE(remarks(model).find("write a number from 32 to 8192"), std::string::npos) << remarks(model);
    EXPECT_NE(remarks(model).find("'lookup_ceiling' is shorter than 'lookup_floor'"), std::string::npos);
}

TEST(Schema, TheFirewallIsOneOfFive) {
    const auto with = [](const std::string& word) {
        return read(swanctl(ikev1, "", "config ipsec\n option zone vpn\n option firewall '" + word + "'\n"));
    };
    EXPECT_EQ(with("fw4").options.firewall, Firewall::fw4);
    EXPECT_EQ(with("off").options.firewall, Firewall::off);
    EXPECT_EQ(with("off").options.zone, "vpn");
    const auto slip = with("ufw");
    EXPECT_EQ(slip.options.firewall, Firewall::automatic);
    EXPECT_NE(remarks(slip).find("write auto, fw4, nftables, iptables or off"), std::string::npos)
        << remarks(slip);
}

TEST(Schema, AnOffloadIsOneOfThree) {
    const auto with = [](const std::string& option, const std::string& word) {
        return read(swanctl(ikev1, "", "config ipsec\n option " + option + " '" + word + "'\n"));
    };
    EXPECT_EQ(with("offload_tun", "off").options.offloads.tun, OffloadWish::off);
    EXPECT_EQ(with("offload_udp_send", "on").options.offloads.udp_send, OffloadWish::on);
    EXPECT_EQ(with("offload_udp_receive", "off").options.offloads,
              (OffloadWishes{OffloadWish::automatic, OffloadWish::automatic, OffloadWish::off}));
    EXPECT_EQ(with("offload_udp_send", "auto").options.offloads, OffloadWishes{});
    for (const char* option : {"offload_tun", "offload_udp_send", "offload_udp_receive"}) {
        const auto slip = with(option, "1");
        EXPECT_EQ(slip.options.offloads, OffloadWishes{});
        EXPECT_NE(remarks(slip).find("write auto, on or off"), std::string::npos) << remarks(slip);
    }
}

TEST(Schema, TheDataPlaneIsOneOfThree) {
    const auto with = [](const std::string& word) {
        return read(swanctl(ikev1, "", "config ipsec\n option dataplane '" + word + "'\n"));
    };
    EXPECT_EQ(read(swanctl(ikev1, "", "")).options.data_plane, DataPlaneKind::automatic);
    EXPECT_EQ(with("kernel").options.data_plane, DataPlaneKind::kernel);
    EXPECT_EQ(with("userspace").options.data_plane, DataPlaneKind::userspace);
    const auto slip = with("xfrm");
    EXPECT_EQ(slip.options.data_plane, DataPlaneKind::automatic);
    EXPECT_NE(remarks(slip).find("write auto, kernel or userspace"), std::string::npos) << remarks(slip);
}

TEST(Json, EveryValueHasItsPlace) {
    const auto uci = show_json("config a 'n'\n\toption x 'y'\n", "/etc/config/ipsec");
    ASSERT_TRUE(uci);
    EXPECT_NE(uci->find("\"package\": \"ipsec\""), std::string::npos) << *uci;
    EXPECT_NE(uci->find("\"value\": \"y\",\n              \"line\": 2,\n              \"column\": 11"),
              std::string::npos)
        << *uci;
    const auto box = show_json("vpncfg { a = \"\xFF\"; }", "vpn.cfg");
    ASSERT_TRUE(box);
    EXPECT_NE(box->find("\"column\": 14"), std::string::npos) << *box;
}

TEST(Recognise, ProseInFrontOfABoxsFileIsTheBoxReadersToRefuse) {
    EXPECT_EQ(recognise("Here is my file:\n\n  vpncfg {\n"), Format::vpncfg);
    EXPECT_EQ(recognise("config vpncfg\n"), Format::uci);
    EXPECT_EQ(recognise("vpncfgx\n"), Format::uci);
}

TEST(Words, DurationsAreSecondsOrHaveAUnit) {
    const std::pair<const char*, std::int64_t> cases[] = {
        {"0", 0}, {"90", 90}, {"90s", 90}, {"15m", 900}, {"3h", 10800}, {"1d", 86400}, {"3660d", 316224000}};
    for (const auto& [text, seconds] : cases) {
        const auto duration = parse_duration(text);
        ASSERT_TRUE(duration) << text;
        EXPECT_EQ(*duration, std::chrono::seconds(seconds)) << text;
    }
    for (const char* text : {"", "s", "-1", "1.5h", "1h30m", "1w", " 1", "3661d", "99999999999999999999"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
    EXPECT_EQ(in_words(std::chrono::seconds(5400)), "1h 30m");
    EXPECT_EQ(in_words(Duration{}), "0s");
}

TEST(Words, BooleansAreTheOnesOfTheRoutersScripts) {
    for (const char* yes : {"1", "on", "true", "yes", "enabled"}) {
        EXPECT_EQ(parse_boolean(yes), true) << yes;
    }
    for (const char* no : {"0", "off", "false", "no", "disabled"}) {
        EXPECT_EQ(parse_boolean(no), false) << no;
    }
    EXPECT_EQ(parse_boolean("Yes"), std::nullopt);
    EXPECT_EQ(parse_boolean("2"), std::nullopt);
}

}  // namespace
}  // namespace causeway::config
