// Who waits for which outcome, and when it is told.
#include "ike/engine/commands.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace causeway::ike {
namespace {

using Outcomes = std::vector<std::string>;

/// "ID NAME up" or "ID NAME not up: WHY".
Outcomes words(const Commands::Outcomes& outcomes) {
    Outcomes words;
    for (const auto& one : outcomes) {
        EXPECT_TRUE(one.up);
        words.push_back(std::to_string(static_cast<unsigned>(one.id)) + " " + one.name +
                        (one.done ? " up" : " not up: ") + one.why);
    }
    return words;
}

/// Two tunnels of one peer, one of another.
class CommandsTest : public testing::Test {
 protected:
    Outcomes settle() { return words(commands.settle(tunnels)); }
    /// A failure that concerns these.
    Outcomes fail(const std::vector<std::size_t>& concerned) {
        for (auto& tunnel : tunnels) {
            tunnel.concerned = false;
        }
        for (const auto i : concerned) {
            tunnels[i].concerned = true;
        }
        return words(commands.fail(tunnels, "nobody answers"));
    }

    Commands commands;
    std::vector<Commands::TunnelState> tunnels{{{"Site", "site_lan", "ipsec-site_lan"}},
                                               {{"Site", "site_dmz", "ipsec-site_dmz"}},
                                               {{"Branch", "branch_lan", "ipsec-branch_lan"}}};
};

TEST_F(CommandsTest, ATunnelHasThreeNamesAndNothingMeansAll) {
    for (const auto* name : {"Site", "site_lan", "ipsec-site_lan", ""}) {
        EXPECT_TRUE(means(name, tunnels[0].names)) << name;
    }
    EXPECT_FALSE(means("site", tunnels[0].names));
    EXPECT_FALSE(means("site_lan", tunnels[1].names));
}

TEST_F(CommandsTest, ACommandIsDoneWhenAllThatItMeansCarries) {
    commands.wait({"Site", CommandId{7}});
    EXPECT_TRUE(commands.anybody_waits());
    tunnels[0].carries = true;
    EXPECT_EQ(settle(), Outcomes{});
    tunnels[1].carries = true;
    EXPECT_EQ(settle(), Outcomes{"7 Site up"}) << "the other peer's tunnel is not meant";
    EXPECT_FALSE(commands.anybody_waits());
    EXPECT_EQ(settle(), Outcomes{}) << "once";
}

TEST_F(CommandsTest, EachCommandHasItsOwnOutcome) {
    commands.wait({"Site", CommandId{1}});
    commands.wait({"site_lan", CommandId{2}});
    commands.wait({"site_lan", CommandId{3}});
    tunnels[0].carries = true;
    EXPECT_EQ(settle(), (Outcomes{"2 site_lan up", "3 site_lan up"}));
    tunnels[1].carries = true;
    EXPECT_EQ(settle(), Outcomes{"1 Site up"});
}

TEST_F(CommandsTest, AFailureIsToldToThoseWhoMeanWhatItConcerns) {
    commands.wait({"site_lan", CommandId{1}});
    commands.wait({"site_dmz", CommandId{2}});
    commands.wait({"Branch", CommandId{3}});
    commands.wait({"", CommandId{4}});
    EXPECT_EQ(fail({0}), (Outcomes{"1 site_lan not up: nobody answers", "4  not up: nobody answers"}));
    EXPECT_EQ(fail({0, 1}), Outcomes{"2 site_dmz not up: nobody answers"}) << "and each hears of one";
    EXPECT_TRUE(commands.anybody_waits());
}

TEST_F(CommandsTest, WhatCarriesHasNotFailed) {
    commands.wait({"Site", CommandId{1}});
    tunnels[0].carries = true;
    EXPECT_EQ(fail({0}), Outcomes{}) << "its renewal has";
    EXPECT_EQ(fail({0, 1}), Outcomes{"1 Site not up: nobody answers"});
}

TEST_F(CommandsTest, ANameMeansWhatItMeansAtTheTime) {
    commands.wait({"Site", CommandId{1}});
    tunnels[0].carries = true;
    tunnels.erase(tunnels.begin() + 1);
    EXPECT_EQ(settle(), Outcomes{"1 Site up"}) << "the other tunnel is not configured any more";
}

}  // namespace
}  // namespace causeway::ike
