// G4 (config child), the rule that tells generations apart, and valid files that are written differently.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <string>
#include <string_view>
#include <utility>

#include "config/load.hpp"
#include "config/words.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view proposal =
    "config crypto_proposal 'p'\n option encryption_algorithm aes256\n option hash_algorithm sha256\n"
    " option dh_group modp2048\n";

constexpr std::string_view nets = " list local_subnet 10.0.0.0/24\n list remote_subnet 10.0.1.0/24\n";

constexpr std::string_view key =
    " option pre_shared_key kkkkkkkkkkkkkkkkkkkkkkkk\n option authentication_method psk\n";

/// What OpenWrt's migration makes of a file: a test adds lines to the remote and to the child.
std::string g4(std::string_view remote = {}, std::string_view child = {}, std::string_view more = {}) {
    return fmt::format(
        "config globals 'globals'\nconfig remote 'r'\n option enabled 1\n list remote_addrs 192.0.2.1\n{}"
        " option keyexchange ikev1\n list crypto_proposal p\n list child t\n{}"
        "config child 't'\n option mode tunnel\n list crypto_proposal p\n{}{}{}{}",
        key, remote, nets, child, proposal, more);
}

std::string g2(std::string_view remote = {}, std::string_view tunnel = {}, std::string_view more = {}) {
    return fmt::format(
        "config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n{}"
        " option keyexchange ikev1\n list crypto_proposal p\n list tunnel t\n{}"
        "config tunnel 't'\n list crypto_proposal p\n{}{}{}{}",
        key, remote, nets, tunnel, proposal, more);
}

Model one_tunnel(const std::string& text) {
    auto model = read(text);
    EXPECT_EQ(model.peers.size(), 1U) << remarks(model) << text;
    model.peers.resize(1);
    EXPECT_EQ(model.peers[0].tunnels.size(), 1U) << remarks(model) << text;
    model.peers[0].tunnels.resize(1);
    return model;
}

TEST(G4, IsReadWithoutARemark) {
    const auto model = one_tunnel(g4());
    EXPECT_EQ(model.schema, Schema::uci_g4);
    EXPECT_EQ(remarks(model), "");
    const auto& peer = model.peers[0];
    EXPECT_TRUE(peer.remote_id_any);
    EXPECT_EQ(peer.lifetime.seconds, 4U * 3600 + 24 * 60);
    EXPECT_EQ(peer.tunnels[0].lifetime.seconds, 66U * 60);
    EXPECT_EQ(peer.tunnels[0].start, StartAction::traffic);
    EXPECT_EQ(peer.tunnels[0].proposals.at(0).text(), "aes256-sha256-modp2048");
}

TEST(G4, EachActionMeansWhatItsOldNameMeant) {
    const std::pair<const char*, const char*> starts[] = {
        {"add", "none"}, {"route", "trap"}, {"start", "start"}};
    for (const auto& [before, after] : starts) {
        EXPECT_EQ(
            one_tunnel(g2("", fmt::format(" option startaction {}\n", before))).peers[0].tunnels[0].start,
            one_tunnel(g4("", fmt::format(" option start_action {}\n", after))).peers[0].tunnels[0].start);
    }
    const std::pair<const char*, const char*> closes[] = {
        {"none", "none"}, {"clear", "none"}, {"hold", "trap"}, {"restart", "start"}};
    for (const auto& [before, after] : closes) {
        EXPECT_EQ(
            one_tunnel(g2("", fmt::format(" option closeaction {}\n", before))).peers[0].tunnels[0].on_close,
            one_tunnel(g4("", fmt::format(" option close_action {}\n", after))).peers[0].tunnels[0].on_close);
    }
    const std::pair<const char*, const char*> silences[] = {
        {"clear", "clear"}, {"hold", "trap"}, {"restart", "restart"}};
    for (const auto& [before, after] : silences) {
        EXPECT_EQ(
            one_tunnel(g2("", fmt::format(" option dpdaction {}\n", before))).peers[0].tunnels[0].on_silence,
            one_tunnel(g4("", fmt::format(" option dpd_action {}\n", after))).peers[0].tunnels[0].on_silence);
    }
    EXPECT_EQ(one_tunnel(g4("", " option start_action start\n")).peers[0].tunnels[0].start,
              StartAction::start);
    EXPECT_EQ(one_tunnel(g4("", " option close_action none\n")).peers[0].tunnels[0].on_close,
              LossAction::clear);
    EXPECT_EQ(one_tunnel(g4("", " option dpd_action restart\n")).peers[0].tunnels[0].on_silence,
              LossAction::restart);
}

TEST(G4, TimesAndVolumesOfTheChildAreRead) {
    EXPECT_EQ(one_tunnel(g4("", " option life_time 50m\n")).peers[0].tunnels[0].lifetime.seconds, 3000U);
    EXPECT_EQ(one_tunnel(g4("", " option rekey_time 100m\n")).peers[0].tunnels[0].lifetime.seconds, 6600U);
    EXPECT_EQ(one_tunnel(g4("", " option life_bytes 5000000\n")).peers[0].tunnels[0].lifetime.kilobytes,
              5000U);
    EXPECT_EQ(one_tunnel(g4("", " option rekey_bytes 5000000\n")).peers[0].tunnels[0].lifetime.kilobytes,
              5500U);
    for (const auto* const option : {"life_packets", "rekey_packets"}) {
        EXPECT_THAT(remarks(read(g4("", fmt::format(" option {} 1000\n", option)))),
                    HasSubstr(fmt::format("'{}' of child 't' is not supported", option)));
    }
}

TEST(G4, TimesAndAddressesOfTheRemoteAreRead) {
    const auto model =
        one_tunnel(g4(" option rekey_time 1h\n option over_time 10m\n option dpd_delay 40s\n list "
                      "local_addrs 192.0.2.9\n"));
    const auto& peer = model.peers[0];
    EXPECT_EQ(remarks(model), "");
    EXPECT_EQ(peer.lifetime.seconds, 4200U);
    EXPECT_EQ(peer.liveness.idle, seconds(40));
    ASSERT_TRUE(peer.local_address);
    EXPECT_EQ(peer.local_address->value.text(), "192.0.2.9");
    EXPECT_EQ(text(peer.addresses.at(0).value), "192.0.2.1");
    EXPECT_THAT(remarks(read(g4(" list vips 0.0.0.0\n"))),
                HasSubstr("'vips' of remote 'r' is not supported"));
}

TEST(G4, TransportIsRefusedByName) {
    auto text = g4();
    text.replace(text.find("mode tunnel"), 11, "mode transport");
    const auto model = read(text);
    EXPECT_TRUE(model.peers.empty());
    EXPECT_THAT(remarks(model), HasSubstr("names 't' for transport mode"));
}

TEST(G4, TheSyslogSectionSaysHowLoud) {
    EXPECT_EQ(read(g4("", "", "config syslog 'syslog'\n option dmn 0\n option ike 2\n")).options.debug, 2);
    EXPECT_EQ(remarks(read(g4("", "", "config syslog 'syslog'\n option dmn 0\n"))), "");
}

TEST(G4, AMissingChildIsNamed) {
    const auto said = remarks(read(g4(" list child u\n")));
    EXPECT_THAT(said, HasSubstr("names the child 'u', and there is no such section"));
    EXPECT_THAT(said, HasSubstr("add 'config child u'"));
}

TEST(Generation, OneOptionOfAnotherDoesNotTurnTheFile) {
    const auto model = one_tunnel(g2("", " option mode start\n"));
    EXPECT_EQ(model.schema, Schema::uci_g2);
    EXPECT_THAT(remarks(model), HasSubstr("the script of this schema did not read it"));
    EXPECT_EQ(one_tunnel(g2("", " option mode start\n option startaction route\n")).peers[0].tunnels[0].start,
              StartAction::traffic);
    EXPECT_EQ(read(g2("", " option reqid 5\n option local_leftip 192.0.2.9\n")).schema, Schema::uci_g2);
    EXPECT_EQ(read(g2("", "", "config p1_proposal unused\n")).schema, Schema::uci_g2);
    EXPECT_EQ(read(g2(" list vips 0.0.0.0\n")).schema, Schema::uci_g2);
}

TEST(Generation, KeyexchangeDecidesBetweenIpsecConfAndSwanctl) {
    const auto g1 = fmt::format(
        "config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n{} option crypto_proposal p\n list "
        "tunnel t\n"
        "config tunnel 't'\n option keyexchange ikev1\n option startaction start\n option closeaction none\n"
        " option crypto_proposal p\n{}{}",
        key, nets, proposal);
    EXPECT_EQ(read(g1).schema, Schema::uci_g1);
}

TEST(Sections, AreFoundByNameWhateverTheirType) {
    // The first LuCI app's file, as RUTOS has it.
    const auto model = one_tunnel(fmt::format(
        "config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n{} list crypto_proposal a\n list "
        "tunnel t\n"
        "config connection 't'\n option mode start\n option keyexchange ikev1\n option crypto_proposal b\n{}"
        "config proposal 'a'\n option encryption_algorithm aes128\n option hash_algorithm sha1\n option "
        "dh_group "
        "modp1024\n"
        "config p2_proposal 'b'\n option encryption_algorithm aes256\n option hash_algorithm sha256\n",
        key, nets));
    EXPECT_EQ(model.schema, Schema::uci_g1);
    EXPECT_EQ(model.peers[0].proposals.at(0).text(), "aes128-sha1-modp1024");
    EXPECT_EQ(model.peers[0].tunnels[0].proposals.at(0).text(), "aes256-sha256");
    EXPECT_EQ(model.peers[0].tunnels[0].start, StartAction::start);
    const auto said = remarks(model);
    EXPECT_THAT(said, HasSubstr("Teltonika's RUTOS"));
    EXPECT_THAT(said, Not(HasSubstr("unknown ")));
}

TEST(Sections, OtherProgramsFilesAreNamedWithTheChangeToMake) {
    const std::pair<std::string, const char*> refused[] = {
        {"config libreswan 'globals'\nconfig tunnel t\n option left 192.0.2.1\n", "libreswan's schema"},
        {"config tunnel t\n option leftid @a\n option psk kkkkkkkkkkkk\n", "libreswan's schema"},
        {"config service 'ipsec'\n option clientip 192.168.1.100\n", "luci-app-ipsec"},
        {"config connection c\n option remote_peer 192.0.2.1\n", "TP-Link's schema"},
        {"config remote r\n option enabled 1\n option acceptable_kmp ikev1\n option remote_ip 192.0.2.1\n",
         "Lantiq's firmware"},
    };
    for (const auto& [text, whose] : refused) {
        const auto model = load(text, "ipsec");
        ASSERT_FALSE(model) << text;
        EXPECT_THAT(model.error().what, HasSubstr(whose));
        EXPECT_FALSE(model.error().remedy.empty());
        EXPECT_THAT(model.error().text(), Not(HasSubstr("kkkk")));
    }
    EXPECT_THAT(remarks(read(g2("", " option pingcount 3\n"))), HasSubstr("AnexGATE's"));
    EXPECT_THAT(remarks(read(g2("", "", "config proposal q\n"))), HasSubstr("SDEWAN's"));
}

std::string local_network(std::string_view written, std::string& said) {
    auto text = g2();
    text.replace(text.find("10.0.0.0/24"), 11, written);
    const auto model = read(text);
    said = remarks(model);
    return model.peers.empty() ? "refused" : model.peers[0].tunnels.at(0).local.text();
}

TEST(Networks, AreTakenAsPeopleWriteThem) {
    std::string said;
    EXPECT_EQ(local_network("10.0.0.0/255.255.255.0", said), "10.0.0.0/24");
    EXPECT_EQ(said, "");
    EXPECT_EQ(local_network("192.168.1.1/24", said), "192.168.1.0/24");
    EXPECT_THAT(said, HasSubstr("note: 'local_subnet' of tunnel 't' is 192.168.1.1/24"));
    EXPECT_EQ(local_network("192.168.178.0", said), "192.168.178.0/32");
    EXPECT_THAT(said, HasSubstr("warning: 'local_subnet' of tunnel 't' is 192.168.178.0, without a mask"));
    EXPECT_EQ(local_network("192.168.178.5", said), "192.168.178.5/32");
    EXPECT_EQ(said, "");
    for (const auto* const text :
         {"10.0.0.0/33", "10.0.0.0/255.0.255.0", "255.255.255.0", "10.0.0", "10.0.0.0/", "x"}) {
        EXPECT_EQ(local_network(text, said), "refused") << text;
    }
}

TEST(Options, WhatSwitchesOffWhatWeLackIsQuietInEverySpelling) {
    for (const auto* const no : {"0", "no", "off", "false", "disabled"}) {
        EXPECT_EQ(remarks(read(g2("", fmt::format(" option ipcomp {}\n option hw_offload {}\n", no, no)))),
                  "")
            << no;
    }
    EXPECT_EQ(remarks(read(g2("", " option inactivity 0s\n"))), "");
    EXPECT_THAT(remarks(read(g2("", " option ipcomp true\n"))),
                HasSubstr("'ipcomp' of tunnel 't' is not supported"));
}

TEST(Options, ThatPeopleHaveAreKnown) {
    const auto said =
        remarks(read(g2(" option local_leftip 192.0.2.9\n option reqid 1\n option packet_marker 5\n"
                        " option ns_link x\n option ns_name y\n",
                        " option ns_name y\n option reqid 2\n option local_leftip 192.0.2.9\n")));
    EXPECT_THAT(said, Not(HasSubstr("unknown ")));
    auto text = g2();
    text.replace(text.find("option gateway"), 14, "option remote_gateway");
    EXPECT_EQ(config::text(one_tunnel(text).peers[0].addresses.at(0).value), "192.0.2.1");
}

TEST(Times, AreReadAsStrongswanReadsThem) {
    const auto lifetime = [](std::string_view written) {
        return one_tunnel(g2("", fmt::format(" option lifetime '{}'\n", written)))
            .peers[0]
            .tunnels[0]
            .lifetime.seconds;
    };
    EXPECT_EQ(lifetime("1H"), 3600U);
    EXPECT_EQ(lifetime("3600 s"), 3600U);
    EXPECT_EQ(lifetime("2 D"), 172800U);
    // Octal to strongSwan's vici: not read as 600, and said.
    EXPECT_EQ(lifetime("0600"), 3960U);
    EXPECT_THAT(remarks(read(g2("", " option lifetime 0600\n"))), HasSubstr("the value is not understood"));
}

TEST(Times, NeverRenewingIsNotDoneAndSaid) {
    const auto model = one_tunnel(g2(" option rekeytime 0\n", " option rekeytime '0'\n"));
    EXPECT_EQ(model.peers[0].lifetime.seconds, 8U * 3600);
    EXPECT_EQ(model.peers[0].tunnels[0].lifetime.seconds, 8U * 3600);
    EXPECT_THAT(remarks(model), HasSubstr("'rekeytime' of remote 'r' is 0"));
    EXPECT_THAT(remarks(model), HasSubstr("'rekeytime' of tunnel 't' is 0"));
}

TEST(Volumes, AreReadAsStrongswanReadsThem) {
    EXPECT_EQ(parse_octets("1000"), 1000U);
    EXPECT_EQ(parse_octets("500k"), 512000U);
    EXPECT_EQ(parse_octets("1 G"), 1073741824U);
    EXPECT_EQ(parse_octets("1M"), 1048576U);
    for (const auto* const text : {"", "k", "1T", "-1", "1.5k", "99999999999999999"}) {
        EXPECT_FALSE(parse_octets(text)) << text;
    }
    EXPECT_EQ(one_tunnel(g2("", " option rekeybytes 1000000\n")).peers[0].tunnels[0].lifetime.kilobytes,
              1100U);
}

TEST(DpdAction, NoneOfOneTunnelOnlyIsSaid) {
    const auto text =
        g2(" list tunnel u\n", " option dpdaction none\n",
           "config tunnel 'u'\n list crypto_proposal p\n list local_subnet 10.0.0.0/24\n list remote_subnet "
           "10.0.2.0/24\n option dpdaction restart\n");
    const auto model = read(text);
    ASSERT_EQ(model.peers.size(), 1U);
    EXPECT_TRUE(model.peers[0].liveness.enabled);
    EXPECT_THAT(remarks(model), HasSubstr("'dpdaction' of tunnel 't' is none, and not of all tunnels"));
    const auto all = read(g2("", " option dpdaction none\n"));
    EXPECT_FALSE(all.peers.at(0).liveness.enabled);
}

}  // namespace
}  // namespace causeway::config
