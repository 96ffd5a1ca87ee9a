// Who changes nftables, told to us by the kernel, in a network namespace of the test's own.
#include "host/ruleset_monitor.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <memory>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "host/nft.hpp"
#include "loop.hpp"

namespace causeway::host {
namespace {

using test::runs_until;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class RulesetMonitorTest : public ::testing::Test {
 protected:
    void SetUp() override {
        home_ = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        nft_ = find_nft().value_or("");
        if (nft_.empty() || ::unshare(CLONE_NEWNET) != 0) {
            GTEST_SKIP() << "needs root and nft: a network namespace";
        }
        load(
            "table ip ours { set some { type ipv4_addr; }\n chain c { type filter hook forward priority 0; "
            "ip daddr 192.0.2.1 drop; }\n }\n"
            "table inet theirs { chain c { accept; }\n }\n");
        auto monitor = RulesetMonitor::open(loop_);
        ASSERT_TRUE(monitor) << monitor.error().text();
        monitor_ = std::move(*monitor);
        monitor_->on_change = [this](const auto& change) { changes_.push_back(change); };
    }
    void TearDown() override {
        monitor_.reset();
        EXPECT_EQ(::setns(home_, CLONE_NEWNET), 0);
        ::close(home_);
    }
    void load(const std::string& script) {
        const auto done = run_nft(nft_, script);
        ASSERT_TRUE(done) << done.error().text();
    }
    /// What the one burst was about that this makes.
    RulesetMonitor::Change after(const std::string& script) {
        load(script);
        EXPECT_TRUE(runs_until(loop_, [&] { return !changes_.empty(); }));
        EXPECT_EQ(changes_.size(), 1U);
        auto all = std::exchange(changes_, {});
        return all.empty() ? RulesetMonitor::Change{} : all.back();
    }

    int home_ = -1;
    std::string nft_;
    EventLoop loop_;
    std::unique_ptr<RulesetMonitor> monitor_;
    std::vector<RulesetMonitor::Change> changes_;
};

TEST_F(RulesetMonitorTest, WhatTakesAwayIsTold) {
    EXPECT_THAT(after("flush table ip ours\n").reduced, ElementsAre(Pair("ip", "ours")));
    EXPECT_THAT(after("delete table ip ours\n").reduced, ElementsAre(Pair("ip", "ours")));
    EXPECT_THAT(after("flush ruleset\n").reduced, ElementsAre(Pair("inet", "theirs")));
}

TEST_F(RulesetMonitorTest, WhatReplacesIsNoLoss) {
    EXPECT_THAT(after("delete table ip ours\ntable ip ours { chain c { accept; }\n }\n").reduced, IsEmpty());
    EXPECT_THAT(after("add rule inet theirs c drop\n").reduced, IsEmpty());
    // Loaded anew, without what was ours.
    EXPECT_THAT(after("flush ruleset\ntable inet theirs { chain c { accept; }\n }\n").reduced,
                ElementsAre(Pair("ip", "ours")));
}

TEST_F(RulesetMonitorTest, WhatTheKernelCouldNotTellIsSaid) {
    EXPECT_FALSE(after("add rule inet theirs c drop\n").missed);
    std::string many;
    for (int i = 0; i < 5000; ++i) {
        many += "add rule inet theirs c ip daddr 192.0.2.1 drop\n";
    }
    EXPECT_TRUE(after(many + "delete table ip ours\n").missed);
}

TEST_F(RulesetMonitorTest, ElementsOfSetsAreNotLookedAt) {
    load("add element ip ours some { 192.0.2.7 }\n");
    EXPECT_THAT(after("add rule inet theirs c drop\n").reduced, IsEmpty());
}

}  // namespace
}  // namespace causeway::host
