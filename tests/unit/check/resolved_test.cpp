// What a name server answers, as a table: which finding follows, and whether the connection still comes up.
#include "check/resolved.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/findings.hpp"
#include "check/check.hpp"
#include "config/load.hpp"
#include "config/words.hpp"

namespace causeway::check {
namespace {

/// One side; `more`: further settings of the connection.
std::string side(int number, int other, std::string_view calls, std::string_view action,
                 std::string_view more = "") {
    return fmt::format(
        "connections {{ site {{\n version = 1\n proposals = aes256-sha256-modp2048\n keyingtries = 0\n "
        "dpd_delay = 30s\n"
        " remote_addrs = {2}\n {4}\n local {{\n auth = psk\n id = @site{0}.example\n }}\n"
        " remote {{\n auth = psk\n id = @site{1}.example\n }}\n"
        " children {{ lan {{\n local_ts = 192.168.{0}.0/24\n remote_ts = 192.168.{1}.0/24\n"
        " esp_proposals = aes256-sha256-modp2048\n start_action = {3}\n }} }} }} }}\n"
        "secrets {{ ike-a {{\n secret = \"Zk7RtWq2XvLs9BnM4HcJ8PdY6GfA3EuK\"\n }} }}\n",
        number, other, calls, action, more);
}

/// "NAME ADDRESS..." on each line; "NAME" alone has none, "NAME ?" was not asked for.
NameAnswers table(std::string_view lines) {
    NameAnswers answers;
    for (const auto line : config::split_words(lines, "\n")) {
        const auto words = config::split_words(line, ",");
        auto& answer = answers[std::string(words.front())];
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (const auto address = IpAddress::parse(words[i])) {
                answer.addresses.push_back(*address);
            }
        }
        answer.asked = line.find('?') == std::string_view::npos;
        answer.error = answer.asked ? "no server knows it" : "no name server answers";
    }
    return answers;
}

struct Told {
    std::string lines;  ///< "code severity ours:LINE theirs:LINE; "
    Connects connects = Connects::unknown;
    bool up = false;
    Initiator initiator = Initiator::nobody;
};

Told told(std::string_view answers, const std::string& ours = side(1, 2, "site2.example", "start"),
          const std::string& theirs = side(2, 1, "site1.example", "start")) {
    const auto here = config::load(ours, "ours");
    const auto there = config::load(theirs, "theirs");
    EXPECT_TRUE(here && there);
    if (!here || !there) {
        return {};
    }
    auto outcome = check(*here, *there);
    EXPECT_EQ(outcome.connects, Connects::yes);
    auto findings = outcome.findings;
    const auto names = table(answers);
    check_answers(*here, names, findings);
    check_answers(*there, names, findings);
    check_answers(outcome, names, findings);
    take_back(outcome, findings);
    const auto& connection = outcome.connections.front();
    Told told{{}, outcome.connects, connection.phase2.front().up, connection.initiator};
    EXPECT_EQ(told.up, connection.connects == Connects::yes);
    for (const auto& one : findings) {
        told.lines += fmt::format("{} {}", text(one.code()), name_of(one.severity));
        for (const auto& place : one.places) {
            told.lines += fmt::format(" {}:{}", *place.file, place.line);
        }
        told.lines += "; ";
    }
    return told;
}

constexpr std::string_view right = "site1.example,198.51.100.1\nsite2.example,203.0.113.2";

TEST(Resolved, NamesThatLeadToTheirOwnEndsAreRight) {
    const auto result = told(right);
    EXPECT_EQ(result.lines, "");
    EXPECT_EQ(result.connects, Connects::yes);
}

TEST(Resolved, EachWayForANameToBeOfNoUse) {
    const struct {
        std::string_view answer;
        std::string_view finding;
    } rows[] = {
        {"site2.example", "peer-name-unresolved error ours:6; "},
        {"site2.example,?", "peer-name-unresolved warning ours:6; "},
        {"site2.example,0.0.0.0", "peer-name-unresolved error ours:6; "},
        {"site2.example,2001:db8::2", "no-public-ipv4 error ours:6; "},
        {"site2.example,127.0.0.1", "peer-name-private warning ours:6; "},
        {"site2.example,192.168.178.3", "peer-name-private warning ours:6; "},
        {"site2.example,100.64.0.3", "peer-name-private warning ours:6; "},
        {"site2.example,100.64.0.3,2001:db8::2", "peer-name-private warning ours:6; "},
        {"site2.example,169.254.1.1", "peer-name-private warning ours:6; "},
        // In the house itself, and beside an address that is right.
        {"site2.example,192.168.1.7", ""},
        {"site2.example,192.168.178.3,203.0.113.2", ""},
        {"site2.example,2001:db8::2,203.0.113.2", ""},
        {"site2.example,203.0.113.2", ""},
    };
    for (const auto& row : rows) {
        const auto result = told(row.answer);
        EXPECT_EQ(result.lines, row.finding) << row.answer;
        EXPECT_EQ(result.connects, Connects::yes) << row.answer;
        const bool in_vain = row.finding.find("error") != std::string_view::npos;
        EXPECT_EQ(result.initiator, in_vain ? Initiator::theirs : Initiator::either) << row.answer;
    }
}

TEST(Resolved, NothingComesUpWhereOnlyThatSideWouldCall) {
    const auto waits = side(2, 1, "%any", "none");
    const auto calls = side(1, 2, "site2.example", "start");
    for (const auto answer : {"site2.example", "site2.example,2001:db8::2"}) {
        EXPECT_EQ(told(answer, calls, waits).connects, Connects::no) << answer;
    }
    EXPECT_EQ(told("site2.example,203.0.113.2", calls, waits).connects, Connects::yes);
    EXPECT_EQ(told("site2.example\nsite3.example,203.0.113.2",
                   side(1, 2, "site2.example, site3.example", "start"), waits)
                  .connects,
              Connects::yes)
        << "the second name is called then";
    EXPECT_EQ(told("site1.example\nsite2.example").connects, Connects::no) << "neither can call";
}

TEST(Resolved, OneAddressForBothEndsIsTheWrongOneOfThem) {
    EXPECT_EQ(told("site1.example,203.0.113.2\nsite2.example,203.0.113.2").lines,
              "own-name-elsewhere warning ours:6 theirs:6; ");
}

TEST(Resolved, ANameIsHeldAgainstTheAddressThatTheOtherSideHas) {
    const auto fixed = side(2, 1, "site1.example", "start", "local_addrs = 203.0.113.9");
    const auto calls = side(1, 2, "site2.example", "start");
    EXPECT_EQ(told(right, calls, fixed).lines, "peer-name-not-theirs warning ours:6 theirs:7; ");
    EXPECT_EQ(told("site2.example,203.0.113.9", calls, fixed).lines, "");
    const auto behind_nat = side(2, 1, "site1.example", "start", "local_addrs = 192.168.178.2");
    EXPECT_EQ(told(right, calls, behind_nat).lines, "");
}

TEST(Resolved, EveryNameIsAskedForThatIsCalledOrIsASidesOwn) {
    const auto model = config::load(side(1, 2, "alias.example, 203.0.113.7", "start"), "ours");
    ASSERT_TRUE(model);
    EXPECT_EQ(names_in(*model), (std::vector<std::string>{"alias.example", "site1.example"}));
}

TEST(Resolved, TwoNamesOfOneHostAreNoFault) {
    const auto calls = side(1, 2, "alias.example", "start");
    EXPECT_EQ(told(right, calls).lines, "peer-name-not-theirs warning ours:6 theirs:10; ");
    EXPECT_EQ(told(std::string(right) + "\nalias.example,203.0.113.2", calls).lines,
              "peer-name-not-theirs note ours:6 theirs:10; ");
    EXPECT_EQ(told(std::string(right) + "\nalias.example,203.0.113.77", calls).lines,
              "peer-name-not-theirs warning ours:6 theirs:10; ");
}

}  // namespace
}  // namespace causeway::check
