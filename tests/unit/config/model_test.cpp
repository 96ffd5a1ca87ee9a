// The recipe's two files, value by value, and how a model is compared and numbered.
#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <utility>

#include "config/load.hpp"

namespace causeway::config {
namespace {

Model recipe(const std::string& name) {
    std::ifstream file(std::string(CAUSEWAY_SOURCE_DIR) + "/examples/recipe/" + name);
    std::stringstream text;
    text << file.rdbuf();
    auto model = load(text.str(), name);
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text());
    return model ? std::move(*model) : Model{};
}

TEST(Recipe, UciGivesTheTunnelThatItPromises) {
    const Model model = recipe("ipsec");
    EXPECT_EQ(model.schema, Schema::uci_g0);
    ASSERT_EQ(model.peers.size(), 1U);
    ASSERT_EQ(model.options.listen_devices.size(), 1U);
    EXPECT_EQ(model.options.listen_devices[0].value, "eth0.2");
    EXPECT_EQ(model.options.debug, 1);
    EXPECT_TRUE(model.findings.empty());
    const Peer& peer = model.peers[0];
    EXPECT_EQ(peer.name, "Site2Site");
    EXPECT_EQ(text(peer.addresses.at(0).value), "remotesite.dyndns.org");
    EXPECT_EQ(peer.mode, ExchangeMode::main);
    EXPECT_EQ(peer.local_id->value.text_with_type(), "FQDN localsite.dyndns.org");
    EXPECT_EQ(peer.remote_id->value.text_with_type(), "FQDN remotesite.dyndns.org");
    EXPECT_EQ(peer.pre_shared_key.size(), 30U);
    ASSERT_EQ(peer.proposals.size(), 1U);
    EXPECT_EQ(peer.proposals[0].text(), "aes128-sha1-modp1024");
    EXPECT_EQ(peer.lifetime.seconds, 10800U);
    EXPECT_EQ(peer.keying_tries, 0U);
    EXPECT_TRUE(peer.liveness.enabled);
    ASSERT_EQ(peer.tunnels.size(), 1U);
    const Tunnel& tunnel = peer.tunnels[0];
    EXPECT_EQ(tunnel.display_name, "ipsec-site2site_lan");
    EXPECT_EQ(tunnel.local.text(), "192.168.1.0/24");
    EXPECT_EQ(tunnel.remote.text(), "192.168.0.0/24");
    EXPECT_EQ(tunnel.proposals.at(0).text(), "aes128-sha1-modp1024");
    EXPECT_EQ(tunnel.lifetime.seconds, 3600U);
    EXPECT_EQ(tunnel.start, StartAction::start);
    EXPECT_EQ(tunnel.reqid, 1U);
    EXPECT_EQ(tunnel.remote_place.line, 24U);
}

TEST(Recipe, VpncfgPlaysTheBox) {
    const Model model = recipe("vpncfg.main-mode");
    EXPECT_EQ(model.schema, Schema::vpncfg);
    ASSERT_EQ(model.peers.size(), 1U);
    const Peer& peer = model.peers[0];
    EXPECT_EQ(text(peer.addresses.at(0).value), "localsite.dyndns.org");
    EXPECT_EQ(peer.mode, ExchangeMode::main);
    EXPECT_EQ(peer.local_id->value.text(), "remotesite.dyndns.org");
    EXPECT_EQ(peer.remote_id->value.text(), "localsite.dyndns.org");
    EXPECT_EQ(peer.lifetime.seconds, 3600U);
    EXPECT_EQ(peer.tunnels.at(0).local.text(), "192.168.0.0/24");
    EXPECT_EQ(peer.tunnels.at(0).remote.text(), "192.168.1.0/24");
    EXPECT_EQ(peer.tunnels.at(0).start, StartAction::traffic);
    // MD5 and single DES are not in it.
    for (const auto& proposal : peer.proposals) {
        EXPECT_NE(proposal.hash, crypto::HashId::md5);
        EXPECT_NE(proposal.cipher, crypto::CipherId::des_cbc);
    }
    const auto fits = [](const Phase1Proposal& one) {
        return one.text() == "aes128-sha1-modp1024" && one.offered;
    };
    EXPECT_EQ(std::count_if(peer.proposals.begin(), peer.proposals.end(), fits), 1);
}

TEST(Recipe, BothFilesAreMirrorsOfEachOther) {
    const Model ours = recipe("ipsec");
    const Model theirs = recipe("vpncfg.main-mode");
    EXPECT_EQ(ours.peers[0].pre_shared_key, theirs.peers[0].pre_shared_key);
    EXPECT_EQ(ours.peers[0].local_id->value, theirs.peers[0].remote_id->value);
    EXPECT_EQ(ours.peers[0].tunnels[0].local, theirs.peers[0].tunnels[0].remote);
}

TEST(Model, TunnelsKeepTheirNumbersOverAReload) {
    const auto text = [](const std::string& tunnels, const std::string& sections) {
        return "config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n option pre_shared_key k\n" +
               tunnels +
               " list p1_proposal p\nconfig p1_proposal p\n option encryption_algorithm aes128\n option "
               "hash_algorithm sha1\n"
               " option dh_group modp1024\nconfig p2_proposal q\n option encryption_algorithm aes128\n"
               " option authentication_algorithm sha1\n" +
               sections;
    };
    const auto section = [](const std::string& name, const std::string& net) {
        return "config tunnel " + name + "\n option local_subnet 10.0.0.0/24\n option remote_subnet " + net +
               "\n option p2_proposal q\n";
    };
    const auto before = load(
        text(" list tunnel a\n list tunnel b\n", section("a", "10.1.0.0/24") + section("b", "10.2.0.0/24")),
        "x");
    auto after = load(
        text(" list tunnel c\n list tunnel b\n", section("c", "10.3.0.0/24") + section("b", "10.2.0.0/24")),
        "x");
    ASSERT_TRUE(before.has_value()) << before.error().text();
    ASSERT_TRUE(after.has_value()) << after.error().text();
    after->keep_reqids(*before);
    const auto& tunnels = after->peers.at(0).tunnels;
    EXPECT_EQ(tunnels.at(1).reqid, before->peers.at(0).tunnels.at(1).reqid);
    EXPECT_NE(tunnels.at(0).reqid, tunnels.at(1).reqid);
    EXPECT_NE(tunnels.at(0).reqid, before->peers.at(0).tunnels.at(0).reqid);
}

TEST(Recognise, ContentTellsTheKind) {
    EXPECT_EQ(recognise("config ipsec\n"), Format::uci);
    EXPECT_EQ(recognise("/* a box */ vpncfg {\n"), Format::vpncfg);
    EXPECT_EQ(recognise("**** FRITZ!Box 7390 CONFIGURATION EXPORT\n**** CFGFILE:vpn.cfg\n"), Format::vpncfg);
    EXPECT_EQ(recognise(""), Format::uci);
}

}  // namespace
}  // namespace causeway::config
