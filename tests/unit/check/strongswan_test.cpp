// Pairs of which one side is strongSwan's file: what comes of them was seen with charon 5.9.8 (tests/agreement/charon).
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/findings.hpp"
#include "check/check.hpp"
#include "config/load.hpp"

namespace causeway::check {
namespace {

/// What differs from one pair to the next.
struct Files {
    std::string ike = "aes128-sha1-modp2048";  ///< of both
    std::string our_esp = "aes128-sha1-modp2048";
    std::string their_esp = "aes128-sha1-modp2048";
    bool we_call = false;  ///< else they do
    std::string our_networks = "10.2.0.0/16";
    std::string their_networks = "10.2.0.0/16";
    std::string their_id = "id = b.example";
    std::string owners = {};  ///< of their secret
    std::string their_mode = "no";
};

std::string uci(const Files& files) {
    const auto words = [](std::string text, const std::vector<std::string>& names) {
        std::string lines;
        for (const auto& name : names) {
            const auto end = text.find('-');
            lines += text.empty() ? "" : fmt::format("  option {} '{}'\n", name, text.substr(0, end));
            text.erase(0, end == std::string::npos ? end : end + 1);
        }
        return lines;
    };
    std::string networks;
    for (std::size_t at = 0; at < files.our_networks.size();) {
        const auto end = std::min(files.our_networks.find(' ', at), files.our_networks.size());
        networks += fmt::format("  list remote_subnet '{}'\n", files.our_networks.substr(at, end - at));
        at = end + 1;
    }
    return fmt::format(
               "config remote 'b'\n  option enabled '1'\n  option gateway 'b.example'\n"
               "  option exchange_mode '{}'\n  option authentication_method 'psk'\n"
               "  option local_identifier '@a.example'\n  option remote_identifier '{}'\n"
               "  option pre_shared_key 'a-long-key-of-this-test-alone'\n"
               "  list p1_proposal 'ike'\n  list tunnel 'net'\n",
               files.their_mode == "yes" ? "aggressive" : "main",
               files.their_id.empty() ? "198.51.100.1" : "@b.example") +
           "config p1_proposal 'ike'\n" +
           words(files.ike, {"encryption_algorithm", "hash_algorithm", "dh_group"}) +
           fmt::format(
               "config tunnel 'net'\n  option local_subnet '10.1.0.0/16'\n{}"
               "  option p2_proposal 'esp'\n  option mode '{}'\n",
               networks, files.we_call ? "start" : "add") +
           "config p2_proposal 'esp'\n" +
           words(files.our_esp, {"encryption_algorithm", "authentication_algorithm", "pfs_group"});
}

std::string swanctl(const Files& files) {
    return fmt::format(
        "connections {{\n  a {{\n    version = 1\n    remote_addrs = a.example\n"
        "    local_addrs = 198.51.100.1\n    aggressive = {}\n    proposals = {}\n"
        "    local {{\n      auth = psk\n      {}\n    }}\n    remote {{\n      auth = psk\n      id = "
        "a.example\n"
        "    }}\n    children {{\n      net {{\n        local_ts = {}\n        remote_ts = 10.1.0.0/16\n"
        "        esp_proposals = {}\n        start_action = {}\n      }}\n    }}\n  }}\n}}\n"
        "secrets {{\n  ike-a {{\n    {}\n    secret = \"a-long-key-of-this-test-alone\"\n  }}\n}}\n",
        files.their_mode, files.ike, files.their_id, files.their_networks, files.their_esp,
        files.we_call ? "none" : "start", files.owners);
}

/// "true" or "false", and the code of each error.
std::string told(const Files& files) {
    const auto ours = config::load(uci(files), "ours");
    const auto theirs = config::load(swanctl(files), "theirs");
    if (!ours || !theirs) {
        return (ours ? theirs.error() : ours.error()).text();
    }
    const auto outcome = check(*ours, *theirs);
    std::string all(word(outcome.connects));
    for (const auto& one : outcome.findings) {
        if (one.severity == Severity::error) {
            all += fmt::format(" {}", text(one.code()));
        }
    }
    return all;
}

TEST(CheckStrongswan, APlainPairConnectsWhoeverCalls) {
    EXPECT_EQ(told({}), "true");
    EXPECT_EQ(told({.we_call = true}), "true");
}

TEST(CheckStrongswan, QuickModeOffersTheGroupOfPhase1) {
    const std::string two = "aes256-sha256-modp1024, aes128-sha1-modp2048";
    EXPECT_EQ(told({.their_esp = two}), "true");
    EXPECT_EQ(told({.ike = "aes128-sha1-modp1024", .their_esp = two}), "false no-common-suite");
    EXPECT_EQ(told({.ike = "aes128-sha1-modp1024", .our_esp = "aes256-sha256-modp1024", .their_esp = two}),
              "true");
    // Called it takes either.
    EXPECT_EQ(told({.ike = "aes128-sha1-modp1024", .their_esp = two, .we_call = true}), "true");
}

TEST(CheckStrongswan, QuickModeOffersTheFirstGroupWhereNoneIsThatOfPhase1) {
    const std::string two = "aes256-sha256-ecp256, aes128-sha1-modp2048";
    EXPECT_EQ(told({.ike = "aes128-sha1-modp1024", .their_esp = two}), "false no-common-suite");
    EXPECT_EQ(told({.ike = "aes128-sha1-modp1024", .our_esp = "aes256-sha256-ecp256", .their_esp = two}),
              "true");
}

TEST(CheckStrongswan, WhatHasNoGroupIsNotOfferedBesideWhatHasOne) {
    const std::string two = "aes128-sha1, aes256-sha256-ecp256";
    EXPECT_EQ(told({.our_esp = "aes128-sha1", .their_esp = two}), "false no-common-suite");
    EXPECT_EQ(told({.our_esp = "aes256-sha256-ecp256", .their_esp = two}), "true");
    EXPECT_EQ(told({.our_esp = "aes128-sha1", .their_esp = two, .we_call = true}), "true");
}

TEST(CheckStrongswan, AnyGroupOfAProposalGoesWithItsFirstAlgorithms) {
    const std::string many = "aes128-aes256-sha1-sha256-modp1024-modp2048";
    EXPECT_EQ(told({.their_esp = many}), "true");
    EXPECT_EQ(told({.our_esp = "aes256-sha256-modp2048", .their_esp = many}), "false no-common-suite");
    EXPECT_EQ(told({.our_esp = "aes128-sha1-modp1024", .their_esp = many}), "false no-common-suite");
}

TEST(CheckStrongswan, TheGroupOfAProposalWithEsnCountsAndItIsNotTaken) {
    const std::string two = "aes128-sha1-modp2048, aes128-sha1-modp1024-esn-noesn";
    EXPECT_EQ(told({.their_esp = two}), "true");
    EXPECT_EQ(told({.ike = "aes128-sha1-modp1024", .their_esp = two}), "false no-common-suite");
}

// phase1.c, lookup_shared_key(): called in Main Mode without an identity of its own it looks by addresses alone.
TEST(CheckStrongswan, CalledInMainModeItNeedsAnIdentityOfItsOwnOrAKeyForAddresses) {
    const std::string of_name = "id-1 = a.example";
    EXPECT_EQ(told({.we_call = true, .their_id = "", .owners = of_name}), "false secret-not-found");
    EXPECT_EQ(told({.we_call = false, .their_id = "", .owners = of_name}), "true");
    EXPECT_EQ(told({.we_call = true, .owners = of_name}), "true");
    EXPECT_EQ(told({.we_call = true, .their_id = ""}), "true");
    EXPECT_EQ(told({.we_call = true, .their_id = "", .owners = "id-1 = 198.51.100.1"}), "true");
    EXPECT_EQ(told({.we_call = true, .their_id = "", .owners = of_name, .their_mode = "yes"}), "true");
}

TEST(CheckStrongswan, APairThatBothSidesWaitForIsAnError) {
    const Files files{.our_networks = "10.2.0.0/16 10.3.0.0/16",
                      .their_networks = "10.2.0.0/16, 10.3.0.0/16"};
    EXPECT_EQ(told(files), "false nobody-dials");
    auto asked = files;
    asked.we_call = true;
    EXPECT_EQ(told(asked), "true");
}

TEST(CheckStrongswan, WhatNobodyAsksForMayDiffer) {
    Files files{.our_networks = "10.2.0.0/16 10.3.0.0/16", .their_networks = "10.2.0.0/16, 10.4.0.0/16"};
    EXPECT_EQ(told(files), "true");
    files.we_call = true;
    EXPECT_EQ(told(files), "false phase2-networks-differ");
}

TEST(CheckStrongswan, WhatOnlyTheSideThatWaitsWouldOfferIsAnError) {
    const std::string many = "aes256-sha256-aes128-sha1-modp2048";
    EXPECT_EQ(told({.their_esp = many}), "false no-common-suite");
    EXPECT_EQ(told({.their_esp = many, .we_call = true}), "true");
}

}  // namespace
}  // namespace causeway::check
