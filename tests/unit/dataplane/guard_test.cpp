// The firewall's text against golden files; its effect is tested in networks_test.cpp.
#include "host/guard.hpp"

#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace causeway::host {
namespace {

std::string golden(const std::string& name) {
    std::ifstream file(std::string(CAUSEWAY_SOURCE_DIR) + "/tests/unit/dataplane/golden/" + name);
    EXPECT_TRUE(file.good()) << name;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

GuardedPair pair(const char* local, const char* remote) {
    return {*Ipv4Net::parse(local), *Ipv4Net::parse(remote)};
}

TEST(Guard, OneTunnel) {
    EXPECT_EQ(render_guard({"causeway", "causeway0", {pair("192.168.1.0/24", "192.168.0.0/24")}, {}}),
              golden("guard_one.nft"));
}

// A spoke whose own networks lie inside the hub's: what stays among them is no traffic of the tunnel.
TEST(Guard, SpokeOfAHub) {
    EXPECT_EQ(render_guard({"branch",
                            "tun-branch",
                            {pair("10.2.0.0/16", "10.0.0.0/8"), pair("10.1.0.0/16", "10.0.0.0/8"),
                             pair("10.2.0.0/16", "10.0.0.0/8"), pair("10.1.0.0/16", "172.16.0.0/12")},
                            {}}),
              golden("guard_spoke.nft"));
}

// A tunnel for everything closes the local network, not the gateway's own way to the Internet.
TEST(Guard, TunnelForEverything) {
    const std::string text = render_guard({"t", "d", {pair("192.168.1.0/24", "0.0.0.0/0")}, {}});
    EXPECT_NE(text.find("ip saddr 192.168.1.0/24 ip daddr 0.0.0.0/0 ip daddr != 192.168.1.0/24 counter drop"),
              std::string::npos)
        << text;
    const std::string to_us = text.substr(text.find("chain to_us"));
    EXPECT_EQ(to_us.find("ip saddr 0.0.0.0/0 ip saddr"), std::string::npos) << to_us;
    EXPECT_NE(to_us.find("ip saddr 0.0.0.0/0 ip daddr 192.168.1.0/24"), std::string::npos) << to_us;
}

// What begins at a device of ours inside a remote network is never the tunnel's, unless it is another
// tunnel's whole remote network: of an address that may be in two places nothing leaves in clear.
TEST(Guard, WhatIsOnALinkInsideTheRemoteNetwork) {
    EXPECT_EQ(
        render_guard({"causeway",
                      "causeway0",
                      {pair("192.168.1.0/24", "10.0.0.0/8"), pair("192.168.1.0/24", "10.0.7.0/24")},
                      {{"wan", *Ipv4Net::parse("10.0.1.0/24")}, {"guest", *Ipv4Net::parse("10.0.7.0/24")}}}),
        golden("guard_on_link.nft"));
}

TEST(Guard, OrderOfTheListDoesNotMatter) {
    const GuardedPair one = pair("192.168.1.0/24", "192.168.0.0/24");
    const GuardedPair two = pair("192.168.1.0/24", "10.0.0.0/8");
    EXPECT_EQ(render_guard({"t", "d", {one, two}, {}}), render_guard({"t", "d", {two, one, two}, {}}));
}

TEST(Guard, RemovalWorksWithAndWithoutATable) {
    EXPECT_EQ(render_guard_removal("causeway"), "add table ip causeway\ndelete table ip causeway\n");
}

TEST(Guard, ANftThatIsNotThereIsAnError) {
    const auto done = run_nft("/nonexistent/nft", "");
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().what.find("/nonexistent/nft"), std::string::npos);
}

TEST(Guard, WhatNftSaysIsPassedOn) {
    const auto nft = find_nft();
    if (!nft) {
        GTEST_SKIP() << "nft is not installed";
    }
    const auto done = run_nft(*nft, "this is no rule\n");
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().what.find("syntax error"), std::string::npos) << done.error().what;
}

// A signal to the whole process group, as ^C is one, must not end nft half way; what we block is not blocked
// there.
TEST(Nft, RunsInAGroupOfItsOwnWithSignalsAsTheyAreByDefault) {
    const std::string program = testing::TempDir() + "causeway-nft-stand-in";
    {
        std::ofstream file(program);
        file << "#!/bin/sh\nread -r _ _ _ _ group _ < /proc/self/stat\necho \"group $group\"\n"
                "grep -E 'Sig(Blk|Ign)' /proc/self/status\nexit 1\n";
    }
    ASSERT_EQ(::chmod(program.c_str(), 0700), 0);
    sigset_t term;
    sigset_t before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    const auto ignored = std::signal(SIGPIPE, SIG_IGN);
    const auto done = run_nft(program, "");
    std::signal(SIGPIPE, ignored);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::unlink(program.c_str());
    ASSERT_FALSE(done.has_value());
    const std::string said = done.error().what;
    EXPECT_NE(said.find("group "), std::string::npos) << said;
    EXPECT_EQ(said.find(fmt::format("group {} ", ::getpgrp())), std::string::npos) << said;
    EXPECT_NE(said.find("SigBlk:\t0000000000000000"), std::string::npos) << said;
    const auto at = said.find("SigIgn:\t");
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_EQ(std::stoull(said.substr(at + 8, 16), nullptr, 16) >> (SIGPIPE - 1) & 1U, 0U) << said;
}

}  // namespace
}  // namespace causeway::host
