// What a check says and ends with: by what was found, never by what is shown.
#include "config/verdict.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/load.hpp"
#include "config/report.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

Finding one(Severity severity, Place place, std::string what, std::string remedy = {}) {
    auto made = finding<FindingId::file_unusable>(std::move(place), field<"what">(std::move(what)),
                                                  field<"remedy">(std::move(remedy)));
    made.severity = severity;
    return made;
}

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::string site(int number, int unknown_options, const std::string& mode = "main") {
    std::string text = fmt::format(
        "config remote 'far{0}'\n option enabled '1'\n option gateway 'far{0}.example'\n"
        " option authentication_method 'psk'\n option pre_shared_key 'abcdefghijklmnopqrstuvwxyz'\n"
        " option exchange_mode '{1}'\n list p1_proposal 'ike'\n list tunnel 'lan{0}'\n",
        number, mode);
    for (int i = 0; i < unknown_options; ++i) {
        text += fmt::format(" option zzzzzzzz{} '1'\n", i);
    }
    return text + fmt::format(
                      "config tunnel 'lan{0}'\n option local_subnet '10.1.0.0/24'\n"
                      " option remote_subnet '10.2.{0}.0/24'\n option p2_proposal 'esp'\n",
                      number);
}

const std::string proposals =
    "config p1_proposal 'ike'\n option encryption_algorithm 'aes256'\n option hash_algorithm 'sha256'\n"
    " option dh_group 'modp2048'\n"
    "config p2_proposal 'esp'\n option encryption_algorithm 'aes256'\n option authentication_algorithm "
    "'sha256'\n option pfs_group 'modp2048'\n";

TEST(Verdict, AnErrorBehindManyWarningsIsAnError) {
    std::string text;
    for (int i = 0; i < 50; ++i) {
        text += site(i, 12, i == 49 ? "mail" : "main");
    }
    const Model model = read(text + proposals);
    EXPECT_EQ(model.peers.size(), 49U);
    EXPECT_EQ(model.counts().errors, 1U);
    EXPECT_EQ(model.counts().warnings, 600U);
    EXPECT_EQ(verdict_on(model), Verdict::errors);
    const std::string said = joined(findings(model));
    EXPECT_THAT(said, HasSubstr("'exchange_mode' is 'mail'"));
    EXPECT_THAT(said, HasSubstr("ipsec: 100 more warnings\n"));
    EXPECT_THAT(said, EndsWith("ipsec: 49 peers, 49 tunnels; 1 error, 600 warnings, no notes\n"));
}

TEST(Verdict, EveryErrorIsShown) {
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        text += fmt::format("config remote 'far{}'\n option enabled '1'\n option gateway 'a b'\n", i);
    }
    const Model model = read(text);
    EXPECT_EQ(model.left_out.errors, 0U);
    const auto lines = findings(model);
    EXPECT_EQ(
        std::ranges::count_if(lines, [](const auto& line) { return line.find(": error: ") != line.npos; }),
        static_cast<long>(model.counts().errors));
    EXPECT_GE(model.counts().errors, 4000U);
}

TEST(Verdict, OneRemarkIsMadeOnce) {
    Model model;
    Report report({}, model);
    for (int i = 0; i < 3; ++i) {
        report.say(one(Severity::warning, report.place(7, 1), "what: consequence"));
        report.say(one(Severity::warning, report.place(7, 2), "what: consequence"));
    }
    EXPECT_EQ(model.counts().warnings, 2U);
}

TEST(Verdict, WhatIsLeftOutIsCountedByKind) {
    Model model;
    Report report({}, model);
    model.file = "ipsec";
    for (std::uint32_t i = 1; i <= 501; ++i) {
        report.say(one(Severity::warning, report.place(i, 1), "odd: kept"));
        report.say(one(Severity::note, report.place(i, 1), "known: kept"));
    }
    EXPECT_TRUE(report.full(Severity::note));
    EXPECT_FALSE(report.full(Severity::error));
    report.say(one(Severity::note, report.place(502, 1), "known"));
    EXPECT_EQ(lines_about_left_out(model),
              (std::vector<std::string>{"ipsec: 1 more warning", "ipsec: 2 more notes"}));
    EXPECT_EQ(lines_about_left_out(model, Notes::counted),
              (std::vector<std::string>{"ipsec: 1 more warning"}));
    EXPECT_EQ(text(model.counts()), "no errors, 501 warnings, 502 notes");
}

TEST(Verdict, OfAFileThatIsRefusedAsAWhole) {
    const struct {
        std::string text;
        Verdict verdict;
    } cases[] = {
        {"config remote 'far\n", Verdict::errors},                       // a slip in UCI
        {"confg remote 'far'\n option gateway 'x'\n", Verdict::errors},  // recognised by its other lines
        {"config ipsec\n", Verdict::errors},                             // nothing in it
        {"", Verdict::errors},
        {"vpncfg { connections { ", Verdict::errors},
        {"vpncfg { }", Verdict::errors},
        {"conn far\nleft=%any\n", Verdict::errors},  // a slip in ipsec.conf
        {"connections {\n}\n", Verdict::errors},     // swanctl.conf
        {"\x7f"
         "ELF\n",
         Verdict::unreadable},
        {"config interface 'lan'\n option proto 'static'\n", Verdict::unreadable},
        {"config conn 'far'\n option left '%any'\n", Verdict::unreadable},
        {std::string(max_text + 1, '\n'), Verdict::unreadable},
    };
    for (const auto& one : cases) {
        const auto model = load(one.text, "ipsec");
        ASSERT_FALSE(model.has_value()) << one.text;
        EXPECT_EQ(verdict_on(model.error()), one.verdict) << model.error().text();
        EXPECT_EQ(findings(model.error()).size(), one.verdict == Verdict::errors ? 2U : 1U);
    }
}

TEST(Verdict, ErrorsComeFirstAndNotesOnlyWhenAskedFor) {
    Model model;
    Report report({}, model);
    model.file = "ipsec";
    report.say(one(Severity::note, report.place(1, 1), "worth knowing"));
    report.say(one(Severity::warning, report.place(2, 1), "odd: kept"));
    report.say(one(Severity::error, report.place(3, 1), "wrong: left out", "write it"));
    report.say(one(Severity::warning, report.place(4, 1), "odd too: kept"));
    model.peers.emplace_back();
    const std::vector<std::string> about_file{"everybody can read it"};
    EXPECT_THAT(findings(model, about_file),
                ElementsAre(HasSubstr("error: wrong"), "warning: everybody can read it",
                            HasSubstr("warning: odd:"), HasSubstr("warning: odd too"),
                            HasSubstr("note: worth knowing"), EndsWith("1 error, 3 warnings, 1 note")));
    EXPECT_THAT(findings(model, about_file, Notes::counted),
                ElementsAre(HasSubstr("error: wrong"), "warning: everybody can read it",
                            HasSubstr("warning: odd:"), HasSubstr("warning: odd too"),
                            EndsWith("1 error, 3 warnings, 1 note (shown with --verbose)")));
    EXPECT_THAT(findings(Model{}, {}, Notes::counted), ElementsAre(EndsWith("no notes")));
    // Nothing is usable: why, may be a note.
    model.peers.clear();
    EXPECT_EQ(findings(model, about_file, Notes::counted), findings(model, about_file));
}

TEST(Verdict, WarningsAboutTheFileItselfCount) {
    const Model model = read(site(1, 0) + proposals);
    const std::vector<std::string> about_file{"everybody can read it"};
    EXPECT_EQ(joined(findings(model, about_file)),
              "warning: everybody can read it\n"
              "ipsec: 1 peer, 1 tunnel; no errors, 1 warning, no notes\n");
    EXPECT_EQ(verdict_on(model), Verdict::usable);
}

}  // namespace
}  // namespace causeway::config
