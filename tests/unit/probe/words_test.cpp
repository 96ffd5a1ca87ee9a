// What a report means, in words: each verdict, and nothing more than the wire says.

#include "probe/words.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/numbers.hpp"
#include "codec/isakmp/version2.hpp"
#include "probe/messages.hpp"
#include "probe/suites.hpp"

namespace causeway::probe {
namespace {

using isakmp::NotifyType;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Asked refused(NotifyType type) {
    return {Outcome::refused, static_cast<std::uint16_t>(type), {}};
}

Report answering() {
    Report report;
    report.ike = {.port = 500, .answered = true};
    report.nat_t = {.port = 4500, .answered = true};
    report.main.outcome = report.main_nat_t.outcome = report.version2.outcome = Outcome::silent;
    for (const auto& suite : common_suites()) {
        report.offered.push_back(suite.text());
    }
    return report;
}

std::string said(const Report& report) {
    std::string all;
    for (const auto& row : rows(report)) {
        all += row.label + ": " + row.text + "\n";
    }
    for (const auto& sentence : meaning(report)) {
        all += sentence + "\n";
    }
    return all;
}

TEST(ProbeWordsTest, SilenceProvesNothingAndBlamesNobody) {
    Report report;
    report.ike = {.port = 500};
    report.nat_t = {.port = 4500};
    EXPECT_THAT(said(report), AllOf(HasSubstr("Port 500: no answer\n"), HasSubstr("Silence proves nothing"),
                                    HasSubstr("firewall"), Not(HasSubstr("Main Mode"))));
    report.ike.unreachable = true;
    EXPECT_THAT(said(report), AllOf(HasSubstr("nothing listens"), HasSubstr("can be forged"),
                                    Not(HasSubstr("Silence proves nothing"))));
}

TEST(ProbeWordsTest, EachAnswerToMainModeHasItsMeaning) {
    Report report = answering();
    report.main = {Outcome::accepted, {}, "aes256-sha512-modp2048"};
    report.accepted = {"aes256-sha512-modp2048"};
    report.suites_end = SuitesEnd::refused;
    EXPECT_THAT(said(report),
                AllOf(HasSubstr("Main Mode: yes, chooses aes256-sha512-modp2048"),
                      HasSubstr("were not tried"), HasSubstr("Accepts: aes256-sha512-modp2048\n")));
    report = answering();
    report.main = refused(NotifyType::no_proposal_chosen);
    EXPECT_THAT(said(report),
                AllOf(HasSubstr("Main Mode: refused: NO-PROPOSAL-CHOSEN"),
                      HasSubstr("no IKEv1 connection for our address"), HasSubstr("another mode"),
                      HasSubstr("cannot be told apart"), Not(HasSubstr("Accepts"))));
    report.main = refused(NotifyType::invalid_major_version);
    EXPECT_THAT(said(report), HasSubstr("does not speak IKEv1"));
    report.main = {Outcome::silent, {}, {}};
    EXPECT_THAT(said(report), HasSubstr("not to Main Mode"));
    report.main = {Outcome::odd, {}, {}};
    EXPECT_THAT(said(report), HasSubstr("does not fit the question"));
}

TEST(ProbeWordsTest, AMissingKeyIsSaid) {
    Report report = answering();
    report.main = {Outcome::accepted, {}, "aes128-sha1-modp1024"};
    report.key = refused(NotifyType::invalid_key_information);
    EXPECT_THAT(said(report), HasSubstr("no pre-shared key for our address"));
}

TEST(ProbeWordsTest, EachAnswerToIkev2HasItsMeaning) {
    Report report = answering();
    report.version2 = refused(NotifyType::invalid_major_version);
    EXPECT_THAT(said(report),
                AllOf(HasSubstr("IKEv2: no: INVALID_MAJOR_VERSION"), HasSubstr("does not speak IKEv2.")));
    report.version2 = refused(NotifyType::no_proposal_chosen);
    EXPECT_THAT(said(report), HasSubstr("NO_PROPOSAL_CHOSEN"));
    report.version2 = {Outcome::accepted, {}, "aes256-sha256-modp2048"};
    EXPECT_THAT(said(report), HasSubstr("speaks IKEv2, which causeway does not"));
    report.version2 = {Outcome::refused, isakmp::version2::cookie, {}};
    EXPECT_THAT(said(report), AllOf(HasSubstr("IKEv2: yes, but wants another first message: COOKIE"),
                                    HasSubstr("speaks IKEv2, which causeway does not")));
}

TEST(ProbeWordsTest, APeerOfIkev2AloneIsToldApart) {
    Report report = answering();
    report.main = refused(NotifyType::no_proposal_chosen);
    report.version2 = {Outcome::accepted, {}, "aes256-sha256-modp2048"};
    EXPECT_THAT(said(report),
                AllOf(HasSubstr("has to be set to IKEv1"), Not(HasSubstr("cannot be told apart"))));
}

TEST(ProbeWordsTest, ACausewaydIsExcused) {
    Report report = answering();
    report.vendors = {isakmp::Vendor::causeway};
    report.version2.outcome = Outcome::not_asked;
    report.accepted = {"aes256-sha512-modp2048"};
    report.suites_end = SuitesEnd::silent;
    EXPECT_THAT(said(report), AllOf(HasSubstr("IKEv2: not asked: causewayd speaks IKEv1 alone"),
                                    HasSubstr("once a minute"), Not(HasSubstr("stopped answering"))));
}

TEST(ProbeWordsTest, AggressiveModeWarnsOfItsHash) {
    Report report = answering();
    EXPECT_THAT(said(report), Not(HasSubstr("Aggressive Mode:")));
    report.aggressive = {Outcome::accepted, {}, "aes256-sha1-modp1024"};
    report.aggressive_identity = "fritz.box";
    EXPECT_THAT(said(report), AllOf(HasSubstr("calls itself: fritz.box"), HasSubstr("offline")));
    report.aggressive = refused(NotifyType::authentication_failed);
    EXPECT_THAT(said(report), HasSubstr("before any key was used"));
}

TEST(ProbeWordsTest, WhyTheListOfSuitesEndsIsSaid) {
    Report report = answering();
    report.accepted = {"aes256-sha512-modp2048"};
    report.rest.assign(28, "another");
    for (const auto& [end, words] :
         {std::pair{SuitesEnd::refused, "Refuses: the other 28 of 29"},
          std::pair{SuitesEnd::silent, "Not known: 28 other suites: it stopped answering"},
          std::pair{SuitesEnd::bound, "enough was sent"}, std::pair{SuitesEnd::not_asked, "time was up"}}) {
        report.suites_end = end;
        EXPECT_THAT(said(report), HasSubstr(words));
    }
}

TEST(ProbeWordsTest, EachNatHasItsWords) {
    Report report = answering();
    for (const auto& [nat, words] :
         {std::pair{Nat::none, "none between us"}, std::pair{Nat::here, "our side is behind NAT"},
          std::pair{Nat::there, "the peer is behind NAT"}, std::pair{Nat::both, "both sides are behind NAT"},
          std::pair{Nat::unknown, "not known"}}) {
        report.nat = nat;
        EXPECT_THAT(said(report), HasSubstr(std::string("NAT: ") + words));
    }
}

TEST(ProbeWordsTest, OnePortThatIsSilentIsNoted) {
    Report report = answering();
    report.main = {Outcome::accepted, {}, "aes128-sha1-modp1024"};
    report.nat_t.answered = false;
    EXPECT_THAT(said(report), AllOf(HasSubstr("Nothing came from port 4500"), HasSubstr("filtered")));
    report.main = refused(NotifyType::no_proposal_chosen);
    EXPECT_THAT(said(report), HasSubstr("may not do so twice"));
    report.nat_t.answered = true;
    report.ike.answered = false;
    EXPECT_THAT(said(report), HasSubstr("Only port 4500 answers"));
    report.ike.answered = true;
    report.nat_t = {};
    EXPECT_THAT(said(report), Not(HasSubstr("Nothing came from port")));
}

TEST(ProbeWordsTest, WhatThePeerSentIsPrintable) {
    Report report = answering();
    report.vendors = {isakmp::Vendor::avm};
    report.unknown_vendors = {Bytes{0x1b, 0x5b, 0x0a}, Bytes(300, 0xff)};
    const std::string text = said(report);
    EXPECT_THAT(text, AllOf(HasSubstr("FRITZ!Box, unknown 1b5b0a, unknown ffff"), HasSubstr("ff...")));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(ProbeWordsTest, TimeThatWasUpIsSaid) {
    Report report = answering();
    report.out_of_time = true;
    EXPECT_THAT(said(report), HasSubstr("--timeout"));
}

TEST(ProbeSuitesTest, FitIntoOneDatagramThatNothingFragments) {
    const auto suites = common_suites();
    EXPECT_GE(suites.size(), 20U);
    // Transform numbers are one octet; a suite is there once.
    std::vector<std::string> names;
    for (const auto& suite : suites) {
        names.push_back(suite.text());
        EXPECT_TRUE(crypto::info(suite.group).supported) << names.back();
    }
    EXPECT_THAT(
        names, testing::IsSupersetOf({"aes256-sha512-modp2048", "aes256-sha512-modp1024",
                                      "aes256-sha1-modp1024", "aes128-sha1-modp1024", "3des-sha1-modp1024"}));
    std::ranges::sort(names);
    EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
    // IPv6's least MTU, without the headers of IP and UDP and the marker.
    EXPECT_LE(main_mode_1({}, suites).size(), 1280U - 40 - 8 - 4);
}

}  // namespace
}  // namespace causeway::probe
