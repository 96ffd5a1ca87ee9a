// Tunnels with the same pair of networks: a back-up, a repetition, or two boxes with one network.
#include "config/backups.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/findings.hpp"
#include "config/load.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

constexpr std::string_view proposals =
    "config p1_proposal 'one'\n"
    "\toption encryption_algorithm 'aes256'\n"
    "\toption hash_algorithm 'sha1'\n"
    "\toption dh_group 'modp2048'\n"
    "config p2_proposal 'two'\n"
    "\toption encryption_algorithm 'aes256'\n"
    "\toption authentication_algorithm 'sha1'\n";

std::string remote(std::string_view name, std::string_view gateway, std::string_view more) {
    return fmt::format(
        "config remote '{}'\n\toption enabled '1'\n\toption gateway '{}'\n\toption authentication_method "
        "'psk'\n"
        "\toption pre_shared_key 'oB7tS1zQ9wEr5kLm2xVc'\n\tlist p1_proposal 'one'\n{}",
        name, gateway, more);
}

std::string tunnel(std::string_view name, std::string_view network, std::string_view more = "") {
    return fmt::format(
        "config tunnel '{}'\n\toption local_subnet '10.1.0.0/24'\n\toption remote_subnet '{}'\n"
        "\toption p2_proposal 'two'\n{}",
        name, network, more);
}

Model both(std::string_view network, std::string_view more_of_second = "",
           std::string_view second_gateway = "second.example.org", std::string_view second_more = "") {
    return read(remote("a", "first.example.org", "\tlist tunnel 'ta'\n") +
                remote("b", second_gateway, fmt::format("\tlist tunnel 'tb'\n{}", second_more)) +
                tunnel("ta", network) + tunnel("tb", network, more_of_second) + std::string(proposals));
}

std::vector<std::string> tunnels(const Model& model) {
    std::vector<std::string> names;
    for (const auto& peer : model.peers) {
        for (const auto& one : peer.tunnels) {
            names.push_back(peer.name + " " + one.display_name);
        }
    }
    return names;
}

std::size_t count(const Model& model, FindingId id) {
    return static_cast<std::size_t>(std::ranges::count(model.findings, id, &Finding::id));
}

using Names = std::vector<std::string>;
const Names two{"a ipsec-ta", "b ipsec-tb"};

TEST(Backups, TheSameNetworksBehindTwoPeersAreABackup) {
    const auto model = both("10.2.0.0/24");
    EXPECT_EQ(tunnels(model), two);
    ASSERT_EQ(model.findings.size(), 1U) << remarks(model);
    const auto& found = model.findings.front();
    EXPECT_EQ(found.id, FindingId::tunnel_is_backup);
    EXPECT_EQ(found.severity, Severity::note);
    EXPECT_EQ(
        found.message(),
        "tunnel 'tb' of 'b' has the same networks as 'ta' of 'a' (line 15): with causeway it carries while "
        "that one is down");
    ASSERT_EQ(found.places.size(), 2U);
    EXPECT_EQ(found.places[0].line, 19U);
    EXPECT_EQ(found.places[1].line, 15U);
}

TEST(Backups, BoxesLeftAsDeliveredAreTwo) {
    const auto model = both("192.168.178.0/24");
    EXPECT_EQ(tunnels(model), Names{"a ipsec-ta"});
    ASSERT_EQ(model.findings.size(), 1U) << remarks(model);
    const auto& found = model.findings.front();
    EXPECT_EQ(found.id, FindingId::two_boxes_one_network);
    EXPECT_EQ(found.severity, Severity::error);
    EXPECT_TRUE(found.dropped);
    EXPECT_EQ(
        found.message(),
        "'b' and 'a' (line 17) both have 192.168.178.0/24 behind them: packets for it could mean either, and "
        "tunnel 'tb' of 'b' is left out");
    EXPECT_NE(found.remedy().find("renumber"), std::string::npos);
    EXPECT_NE(found.remedy().find("option backup 1"), std::string::npos);
    ASSERT_EQ(found.places.size(), 2U);
    EXPECT_EQ(found.places[0].line, 21U);
    EXPECT_EQ(found.places[1].line, 17U);
}

TEST(Backups, TheOptionDecides) {
    EXPECT_EQ(tunnels(both("192.168.178.0/24", "\toption backup '1'\n")), two);
    const auto refused = both("10.2.0.0/24", "\toption backup '0'\n");
    EXPECT_EQ(tunnels(refused), Names{"a ipsec-ta"});
    EXPECT_EQ(count(refused, FindingId::two_boxes_one_network), 1U) << remarks(refused);
}

// One box that is reached by two names, or by two ways that answer as one.
TEST(Backups, OneGatewayOrOneIdentityIsOneBox) {
    EXPECT_EQ(tunnels(both("192.168.178.0/24", "", "first.example.org")), two);
    EXPECT_EQ(
        tunnels(both("192.168.178.0/24", "", "second.example.org", "\toption remote_identifier '%any'\n")),
        two);
    const std::string known = "\toption remote_identifier '@box.example.org'\n";
    const auto one_identity =
        read(remote("a", "first.example.org", "\tlist tunnel 'ta'\n" + known) +
             remote("b", "second.example.org", "\tlist tunnel 'tb'\n" + known) +
             tunnel("ta", "192.168.178.0/24") + tunnel("tb", "192.168.178.0/24") + std::string(proposals));
    EXPECT_EQ(tunnels(one_identity), two) << remarks(one_identity);
}

TEST(Backups, OtherLocalNetworksAreNoMatterOfIt) {
    auto text = remote("a", "first.example.org", "\tlist tunnel 'ta'\n") +
                remote("b", "second.example.org", "\tlist tunnel 'tb'\n") + tunnel("ta", "192.168.178.0/24") +
                tunnel("tb", "192.168.178.0/24") + std::string(proposals);
    text.replace(text.rfind("10.1.0.0/24"), 11, "10.9.0.0/24");
    const auto model = read(text);
    EXPECT_EQ(tunnels(model), two);
    EXPECT_EQ(model.findings.size(), 0U) << remarks(model);
}

TEST(Backups, OneSectionForTwoPeersIsABackup) {
    const auto model = read(remote("a", "first.example.org", "\tlist tunnel 'ta'\n") +
                            remote("b", "second.example.org", "\tlist tunnel 'ta'\n") +
                            tunnel("ta", "10.2.0.0/24", "\toption backup '1'\n") + std::string(proposals));
    EXPECT_EQ(tunnels(model), (Names{"a a-ta", "b b-ta"}));
    ASSERT_EQ(model.findings.size(), 1U) << remarks(model);
    EXPECT_EQ(model.findings.front().id, FindingId::tunnel_is_backup);
    EXPECT_EQ(model.findings.front().places[0].line, 8U);
    EXPECT_EQ(model.findings.front().places[1].line, 1U);
}

TEST(Backups, WhatOnePeerHasTwiceIsUsedOnce) {
    const auto listed = read(remote("a", "first.example.org", "\tlist tunnel 'ta'\n\tlist tunnel 'ta'\n") +
                             tunnel("ta", "10.2.0.0/24") + std::string(proposals));
    EXPECT_EQ(tunnels(listed), Names{"a ipsec-ta"});
    EXPECT_EQ(count(listed, FindingId::tunnel_listed_again), 1U) << remarks(listed);
    const auto same =
        read(remote("a", "first.example.org", "\tlist tunnel 'ta'\n\tlist tunnel 'tb'\n") +
             tunnel("ta", "10.2.0.0/24") + tunnel("tb", "10.2.0.0/24") + std::string(proposals));
    EXPECT_EQ(tunnels(same), Names{"a ipsec-ta"});
    EXPECT_EQ(count(same, FindingId::networks_of_peer_again), 1U) << remarks(same);
    EXPECT_EQ(same.counts().errors + same.counts().warnings, 0U) << remarks(same);
}

TEST(Backups, ABackupOfNothingIsTold) {
    const auto model = read(remote("a", "first.example.org", "\tlist tunnel 'ta'\n") +
                            tunnel("ta", "10.2.0.0/24", "\toption backup '1'\n") + std::string(proposals));
    EXPECT_EQ(tunnels(model), Names{"a ipsec-ta"});
    EXPECT_EQ(count(model, FindingId::backup_of_nothing), 1U) << remarks(model);
}

// Another program's file cannot say what is meant, and its author hardly meant a back-up.
TEST(Backups, InAnotherProgramsFileItIsAWarning) {
    const auto connection = [](std::string_view name) {
        return fmt::format(
            "  {0} {{ version = 1\n remote_addrs = {0}.example.org\n local {{ auth = psk\n id = "
            "us.example.org }}\n"
            "    remote {{ auth = psk\n id = {0}.example.org }}\n proposals = aes256-sha1-modp2048\n"
            "    children {{ net {{ local_ts = 10.1.0.0/24\n remote_ts = 192.168.178.0/24\n"
            "      esp_proposals = aes256-sha1 }} }} }}\n",
            name);
    };
    const auto model = load("connections {\n" + connection("a") + connection("b") +
                                "}\nsecrets { ike-x { secret = oB7tS1zQ9wEr5kLm2xVc } }\n",
                            "swanctl.conf");
    ASSERT_TRUE(model) << model.error().text();
    EXPECT_EQ(model->peers.size(), 2U) << remarks(*model);
    ASSERT_EQ(count(*model, FindingId::tunnel_is_backup), 1U) << remarks(*model);
    const auto found = std::ranges::find(model->findings, FindingId::tunnel_is_backup, &Finding::id);
    EXPECT_EQ(found->severity, Severity::warning);
}

}  // namespace
}  // namespace causeway::config
