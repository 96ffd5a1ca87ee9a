// The catalogue of findings: that every cause has a name and a long text, and every row words that can be joined.
#include "base/findings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace causeway {
namespace {

bool is_name(std::string_view name) {
    return !name.empty() && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(
               name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

TEST(Findings, EveryCodeHasANameForScriptsThatLeadsBackToIt) {
    for (const auto code : all_codes()) {
        EXPECT_TRUE(is_name(text(code))) << text(code);
        EXPECT_EQ(code_named(text(code)), code) << text(code);
    }
    EXPECT_EQ(code_named("psk_differs"), std::nullopt);
    EXPECT_EQ(text(Code::psk_differs), "psk-differs");
}

TEST(Findings, EveryCodeHasALongTextOfWholeSentences) {
    for (const auto code : all_codes()) {
        const auto explained = explanation(code);
        EXPECT_TRUE(explained.ends_with('.')) << text(code) << ": " << explained;
        EXPECT_EQ(explained.find("  "), std::string_view::npos) << text(code);
        EXPECT_EQ(explained.find('\n'), std::string_view::npos) << text(code);
        EXPECT_GT(explained.size(), 40U) << text(code);
    }
}

TEST(Findings, EveryCodeIsTheCauseOfARow) {
    std::set<Code> used;
    for (const auto& row : finding_descriptions) {
        used.insert(row.code);
    }
    for (const auto code : all_codes()) {
        EXPECT_TRUE(used.contains(code)) << text(code);
    }
}

// The edges put "; " and what follows behind a sentence, and end lines without a full stop.
TEST(Findings, NoRowEndsInAFullStop) {
    for (const auto& row : finding_descriptions) {
        EXPECT_FALSE(row.sentence.empty()) << text(row.code);
        for (const auto words : {row.sentence, row.remedy}) {
            EXPECT_FALSE(words.ends_with('.')) << words;
            EXPECT_FALSE(words.starts_with(' ') || words.ends_with(' ')) << words;
            EXPECT_EQ(words.find("  "), std::string_view::npos) << words;
        }
    }
}

TEST(Findings, PlaceholdersAreReplacedAndOtherBracesStay) {
    const auto made = finding<FindingId::network_of_connection_missing>(
        field<"connection">("connection \"{line}\""), field<"option">("phase2localid"));
    EXPECT_EQ(made.message(), "connection \"{line}\" has no phase2localid: connection \"{line}\" is refused");
    EXPECT_EQ(made.remedy(), "add phase2localid { ipnet { ipaddr = A.B.C.D; mask = 255.255.255.0; } }");
    EXPECT_EQ(made.sentence(), made.message() + "; " + made.remedy());
}

TEST(Findings, AStateIsSaidInWordsAndKeptForScripts) {
    const auto said = [](const char* state) {
        const auto made = finding<FindingId::phase1_unanswered>(field<"remote">("192.0.2.1[500]"),
                                                                field<"tries">("3"), field<"state">(state));
        EXPECT_EQ(made.fields.back().second, state);
        return made.message();
    };
    EXPECT_EQ(said("MM-I1"), "192.0.2.1[500] does not answer (3 attempts at Main Mode message 1)");
    EXPECT_EQ(said("MM-R2"), "192.0.2.1[500] does not answer (3 attempts at Main Mode message 4)");
    EXPECT_EQ(said("AM-I1"), "192.0.2.1[500] does not answer (3 attempts at Aggressive Mode message 1)");
    for (const char* const other : {"MM-I4", "MM-I1k", "I1", ""}) {
        EXPECT_EQ(said(other), fmt::format("192.0.2.1[500] does not answer (3 attempts at {})", other));
    }
}

TEST(Findings, ANameOfAPlaceholderMayHaveADigit) {
    EXPECT_EQ(placeholder_at("{phase2}", 0), 8U);
    EXPECT_EQ(placeholder_at("{Phase}", 0), 0U);
}

}  // namespace
}  // namespace causeway
