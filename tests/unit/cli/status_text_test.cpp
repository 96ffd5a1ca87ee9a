// The lines of `ipsec status` as the recipe prints them, and what is said about a tunnel that is down.
#include "cli/status_text.hpp"

#include <chrono>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "cli/words.hpp"
#include "cli/wrap.hpp"
#include "status/status.hpp"

namespace causeway::cli {
namespace {

control::Status recipe() {
    control::Status status;
    status.daemon.version = "0.1.0";
    status.daemon.now = 1'700'000'000;
    status::Peer peer;
    peer.name = "Site2Site";
    peer.display_name = "ipsec-site2site_lan";
    peer.gateway = "remotesite.dyndns.org";
    status::IsakmpSa ike;
    ike.number = 1;
    ike.state = status::IsakmpSaState::established;
    ike.local = {IpAddress::v4(0xcb007138), 500};
    ike.remote = {IpAddress::v4(0xc6336470), 500};
    ike.local_id = "localsite.dyndns.org";
    ike.remote_id = "remotesite.dyndns.org";
    ike.established = status.taken - std::chrono::minutes(25);
    peer.ike_sas.push_back(ike);
    status::Tunnel tunnel;
    tunnel.name = "site2site_lan";
    tunnel.display_name = "ipsec-site2site_lan";
    tunnel.local = "192.168.1.0/24";
    tunnel.remote = "192.168.0.0/24";
    status::ChildSa child;
    child.number = 1;
    child.state = status::ChildSaState::installed;
    child.reqid = 1;
    child.spi_in = 0xc02cf0b5;
    child.spi_out = 0x0dcff30e;
    tunnel.sas.push_back(child);
    tunnel.lamps = {status::TunnelLamp::up, status::RouteLamp::placed, status::FirewallLamp::open};
    peer.tunnels.push_back(tunnel);
    status.engine.peers.push_back(peer);
    return status;
}

control::Status down() {
    control::Status status = recipe();
    status.engine.peers[0].ike_sas.clear();
    auto& tunnel = status.engine.peers[0].tunnels[0];
    tunnel.sas.clear();
    tunnel.down_since = status.taken - std::chrono::seconds(300);
    tunnel.why_down.emplace().message = "remotesite.dyndns.org cannot be resolved: no server knows the name";
    tunnel.next = "retrying in 15 s";
    return status;
}

TEST(StatusText, IsTheRecipesWhenUp) {
    EXPECT_EQ(status_text(recipe()),
              "Security Associations (1 up, 0 connecting):\n"
              "  ipsec-site2site_lan[1]: ESTABLISHED 25 minutes ago, "
              "203.0.113.56[localsite.dyndns.org]...198.51.100.112[remotesite.dyndns.org]\n"
              "  ipsec-site2site_lan{1}:  INSTALLED, TUNNEL, reqid 1, ESP SPIs: c02cf0b5_i 0dcff30e_o\n"
              "  ipsec-site2site_lan{1}:   192.168.1.0/24 === 192.168.0.0/24\n"
              "  ipsec-site2site_lan:   tunnel up, route placed, firewall open\n");
}

TEST(StatusText, LampsSayWhatTheTunnelsPacketsMeet) {
    control::Status status = down();
    status.engine.peers[0].tunnels[0].lamps = {status::TunnelLamp::negotiating, status::RouteLamp::shadowed,
                                               status::FirewallLamp::blocked};
    const std::string line =
        "  ipsec-site2site_lan:   tunnel negotiating, route shadowed, firewall blocked\n";
    EXPECT_NE(status_text(status).find(line + "  ipsec-site2site_lan:  DOWN"), std::string::npos)
        << status_text(status);
    EXPECT_NE(statusall_text(status, Dialect::causeway).find(line), std::string::npos);
}

status::Standing standing(const char* message, Certainty certainty = Certainty::proved) {
    status::Standing one;
    one.what.code = "some-code";
    one.what.message = message;
    one.what.certainty = certainty;
    return one;
}

TEST(StatusText, SaysWhatStandsAgainstAConnectionHowLongAndHowSurely) {
    control::Status status = recipe();
    auto& peer = status.engine.peers[0];
    auto once = standing("it is odd", Certainty::likely);
    once.since = status.taken - std::chrono::minutes(5);
    once.what.remedy = "change it";
    auto often = standing("it fails\x1b");
    often.what.severity = Severity::error;
    often.since = once.since;
    often.times = 3;
    auto one_of = standing("who knows", Certainty::one_of);
    one_of.what.fields["candidates"] = "psk-differs id-differs";
    peer.findings = {once};
    peer.tunnels[0].findings = {often, one_of};
    const std::string text = status_text(status);
    const std::string head = "  ipsec-site2site_lan:   ";
    EXPECT_NE(text.find(head + "warning, likely: it is odd; change it (for 5 minutes)\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find(head + "error: it fails\\x1b (3 times in 5 minutes)\n" + head +
                        "warning, one of psk-differs, id-differs: who knows\n"),
              std::string::npos)
        << text;
}

TEST(StatusText, SaysOnceWhyATunnelIsDown) {
    control::Status status = down();
    auto& tunnel = status.engine.peers[0].tunnels[0];
    tunnel.why_down->code = "some-code";
    tunnel.why_down->message = "the keys differ";
    tunnel.why_down->certainty = Certainty::likely;
    tunnel.findings = {standing("the keys differ", Certainty::likely)};
    const std::string text = status_text(status);
    EXPECT_NE(text.find("   why, likely: the keys differ\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("warning, likely"), std::string::npos) << text;
}

TEST(StatusText, ListsAFewUnknownCallers) {
    control::Status status = recipe();
    EXPECT_EQ(status_text(status).find("Unknown"), std::string::npos);
    for (int i = 1; i <= 7; ++i) {
        status.engine.strangers.push_back(
            {fmt::format("192.0.2.{}", i), standing("no peer is called \"x\"", Certainty::likely)});
    }
    const std::string text = status_text(status);
    EXPECT_NE(text.find("Unknown callers (7):\n  192.0.2.1:  likely: no peer is called \"x\"\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("  192.0.2.5:"), std::string::npos) << text;
    EXPECT_EQ(text.find("  192.0.2.6:"), std::string::npos) << text;
    EXPECT_NE(text.find("  and 2 more; --json has all\n"), std::string::npos) << text;
    EXPECT_TRUE(select(status, "Site2Site")->engine.strangers.empty());
}

TEST(StatusText, SaysWhichOffloadsAreOnAndWhyNot) {
    control::Status status = recipe();
    status.daemon.data_plane = {"userspace", "causeway0", 1500, "", {}};
    EXPECT_EQ(statusall_text(status, Dialect::causeway).find("offloads"),
              std::string::npos);  // an older daemon's
    const std::string before = statusall_text(status, Dialect::strongswan);
    status.daemon.data_plane.offloads = {
        {true, ""}, {false, "Linux 7.0.3 corrupts UDP segmentation"}, {true, "odd\x1b"}};
    const std::string text = statusall_text(status, Dialect::causeway);
    EXPECT_NE(text.find("  data plane: userspace, device causeway0, MTU 1500\n"
                        "  offloads: TUN on, UDP send off (Linux 7.0.3 corrupts UDP segmentation), "
                        "UDP receive on (odd\\x1b)\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(statusall_text(status, Dialect::strongswan), before);
}

// Monitoring scripts match these lines; what strongSwan has no words for is left to `causeway status`.
TEST(StatusText, StrongSwansLinesStayAsTheyWere) {
    control::Status status = down();
    const std::string plain = status_text(status, Dialect::strongswan);
    const std::string plain_all = statusall_text(status, Dialect::strongswan);
    EXPECT_EQ(
        plain,
        "Security Associations (0 up, 0 connecting):\n"
        "  none\n"
        "  ipsec-site2site_lan:  DOWN for 5 minutes (since " +
            local_time(status.daemon.now - 300) +
            "), 192.168.1.0/24 === 192.168.0.0/24\n"
            "  ipsec-site2site_lan:   why: remotesite.dyndns.org cannot be resolved: no server knows the "
            "name\n"
            "  ipsec-site2site_lan:   next: retrying in 15 s\n");
    auto& peer = status.engine.peers[0];
    peer.findings = {standing("it is odd", Certainty::likely)};
    peer.tunnels[0].findings = peer.findings;
    peer.tunnels[0].why_down->certainty = Certainty::one_of;
    peer.tunnels[0].lamps.firewall = status::FirewallLamp::blocked;
    status.engine.strangers.push_back({"192.0.2.1", standing("no peer is called so")});
    EXPECT_EQ(status_text(status, Dialect::strongswan), plain);
    EXPECT_EQ(statusall_text(status, Dialect::strongswan), plain_all);
    const auto lines = status_text(recipe(), Dialect::strongswan);
    EXPECT_TRUE(lines.ends_with("  ipsec-site2site_lan{1}:   192.168.1.0/24 === 192.168.0.0/24\n")) << lines;
}

TEST(StatusText, NoLineIsLongWhereAPersonReads) {
    control::Status status = down();
    auto& tunnel = status.engine.peers[0].tunnels[0];
    tunnel.findings = {
        standing("a sentence that goes on and on for as long as it takes until it is much too "
                 "long for one line of a terminal, whichever that is")};
    status::IsakmpSa ike;
    ike.local.address = *IpAddress::parse("2001:db8:1234:5678:9abc:def0:1234:5678");
    ike.remote.address = *IpAddress::parse("2001:db8:8765:5678:9abc:def0:1234:5678");
    ike.local_id = "a-gateway-with-a-rather-long-name.example.net";
    ike.remote_id = ike.local_id;
    status.engine.peers[0].ike_sas.push_back(ike);
    EXPECT_EQ(status_text(status, Dialect::strongswan).find("] ..."), std::string::npos);
    for (const std::string& text : {status_text(status), statusall_text(status, Dialect::causeway)}) {
        std::istringstream lines(wrapped(text, columns_max));
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), columns_max) << line;
        }
    }
    EXPECT_NE(
        wrapped(status_text(status), columns_max)
            .find("  ipsec-site2site_lan:   warning: a sentence that goes on and on for as long as it takes "
                  "until it is\n                         much too long"),
        std::string::npos)
        << wrapped(status_text(status), columns_max);
}

TEST(StatusText, SaysWhatKeepsPacketsFromPassingThoughTheTunnelIsUp) {
    auto status = recipe();
    status.daemon.obstacles = {"this machine does not forward packets; sysctl it"};
    const std::string line = "  this machine does not forward packets; sysctl it\n";
    EXPECT_TRUE(status_text(status).ends_with("firewall open\n" + line)) << status_text(status);
    EXPECT_TRUE(statusall_text(status, Dialect::causeway).ends_with(line));
}

TEST(StatusText, SaysEspInUdp) {
    control::Status status = recipe();
    status.engine.peers[0].tunnels[0].sas[0].udp = true;
    EXPECT_NE(status_text(status).find("TUNNEL, reqid 1, ESP in UDP SPIs: c02cf0b5_i 0dcff30e_o"),
              std::string::npos);
}

TEST(StatusText, SaysSinceWhenWhyAndWhatNextWhenDown) {
    const std::string text = status_text(down());
    EXPECT_NE(text.find("Security Associations (0 up, 0 connecting):"), std::string::npos) << text;
    EXPECT_NE(text.find("ipsec-site2site_lan:  DOWN for 5 minutes"), std::string::npos) << text;
    EXPECT_NE(text.find("why: remotesite.dyndns.org cannot be resolved"), std::string::npos) << text;
    EXPECT_NE(text.find("next: retrying in 15 s"), std::string::npos) << text;
}

TEST(StatusText, SaysWhoCarriesAndWhoStandsBy) {
    control::Status status = recipe();
    status.engine.peers[0].tunnels[0].carries_in_place_of = "ipsec-first";
    EXPECT_NE(status_text(status).find("  ipsec-site2site_lan:   carries in place of ipsec-first\n"),
              std::string::npos)
        << status_text(status);
    status.engine.peers[0].tunnels[0].carries_in_place_of.clear();
    EXPECT_EQ(status_text(status).find("carries"), std::string::npos) << status_text(status);
    status.engine.peers[0].tunnels[0].stands_by_for = "ipsec-first";
    EXPECT_NE(statusall_text(status, Dialect::causeway)
                  .find("  ipsec-site2site_lan:   stands by for ipsec-first\n"),
              std::string::npos);
}

TEST(StatusText, SuitesHaveTheLettersOfWhoeverIsAsked) {
    control::Status status = recipe();
    status.engine.peers[0].ike_sas[0].suite = "aes256-sha512-modp2048";
    status.engine.peers[0].tunnels[0].sas[0].suite = "aes256-sha256-modp2048";
    const std::string plain = statusall_text(status, Dialect::causeway);
    EXPECT_NE(plain.find("ipsec-site2site_lan[1]: IKE proposal: aes256-sha512-modp2048\n"), std::string::npos)
        << plain;
    EXPECT_NE(plain.find("ipsec-site2site_lan{1}:  aes256-sha256-modp2048, 0 bytes_i"), std::string::npos)
        << plain;
    const std::string as_strongswan = statusall_text(status, Dialect::strongswan);
    EXPECT_NE(as_strongswan.find("IKE proposal: AES_CBC_256/HMAC_SHA2_512/MODP_2048\n"), std::string::npos)
        << as_strongswan;
    EXPECT_NE(as_strongswan.find("{1}:  AES_CBC_256/HMAC_SHA2_256_128/MODP_2048, 0 bytes_i"),
              std::string::npos)
        << as_strongswan;
}

TEST(StatusText, CountsWhatIsConnecting) {
    control::Status status = down();
    status::IsakmpSa ike;
    ike.state = status::IsakmpSaState::connecting;
    ike.exchange_state = "MM-I2";
    status.engine.peers[0].ike_sas.push_back(ike);
    EXPECT_NE(status_text(status).find("(0 up, 1 connecting)"), std::string::npos) << status_text(status);
}

TEST(Select, FindsPeersAndTunnelsByEitherName) {
    for (const char* name : {"", "Site2Site", "ipsec-site2site_lan", "site2site_lan"}) {
        const auto found = select(recipe(), name);
        ASSERT_TRUE(found) << name;
        EXPECT_TRUE(all_up(*found)) << name;
    }
    EXPECT_FALSE(select(recipe(), "nobody"));
    EXPECT_FALSE(all_up(down()));
    EXPECT_EQ(known_names(recipe()), "ipsec-site2site_lan");
}

TEST(Words, DurationsAreStrongSwans) {
    EXPECT_EQ(delta(1), "1 second");
    EXPECT_EQ(delta(120), "120 seconds");
    EXPECT_EQ(delta(121), "2 minutes");
    EXPECT_EQ(delta(7201), "2 hours");
    EXPECT_EQ(delta(172801), "2 days");
    EXPECT_EQ(in(0), "now");
    EXPECT_EQ(in(-5), "now");
    EXPECT_EQ(counted(1, "packet"), "1 packet");
    EXPECT_EQ(counted(0, "packet"), "0 packets");
    EXPECT_EQ(utc_time(0, 4000), "1970-01-01T00:00:00.000004Z");
}

// A capture's seconds are unsigned, and a router's time_t may have 32 bits.
TEST(Words, ACapturesTimesReachBeyond2038) {
    EXPECT_EQ(utc_time(2'147'483'648, 0), "2038-01-19T03:14:08.000000Z");
    EXPECT_EQ(utc_time(4'294'967'295, 0), "2106-02-07T06:28:15.000000Z");
    EXPECT_EQ(utc_time(253'402'300'799, 0), "9999-12-31T23:59:59.000000Z");
    EXPECT_EQ(utc_time(253'402'300'800, 1000), "@253402300800.000001");
}

}  // namespace
}  // namespace causeway::cli
