// The lines of `ipsec status` as the recipe prints them, and what is said about a tunnel that is down.
#include "cli/status_text.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <string>

#include "cli/words.hpp"
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
              "  ipsec-site2site_lan{1}:   192.168.1.0/24 === 192.168.0.0/24\n");
}

TEST(StatusText, SaysWhatKeepsPacketsFromPassingThoughTheTunnelIsUp) {
    auto status = recipe();
    status.daemon.obstacles = {"this machine does not forward packets; sysctl it"};
    const std::string line = "  this machine does not forward packets; sysctl it\n";
    EXPECT_TRUE(status_text(status).ends_with("192.168.1.0/24 === 192.168.0.0/24\n" + line))
        << status_text(status);
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
