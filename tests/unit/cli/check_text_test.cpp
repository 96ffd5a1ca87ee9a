#include "cli/check_text.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/findings.hpp"
#include "check/check.hpp"
#include "cli/quote.hpp"

namespace causeway::cli {
namespace {

TEST(CheckText, WhatAFileSaysDoesNothingToATerminal) {
    const std::vector<Finding> findings{
        finding<FindingId::pair_nobody_dials>(field<"connection">("a\x1b[31mb"),
                                              field<"remedy">("write \x1b]0;x\x07")),
        finding<FindingId::script_of_no_package>(field<"name">("\x1b[2J"))};
    const check::Outcome outcome;
    const Quotes quotes;
    const auto text = text_of({outcome, findings, quotes, true, {}});
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_EQ(text.find('\x07'), std::string::npos) << text;
    EXPECT_NE(text.find("a\\x1b[31mb: neither side calls"), std::string::npos) << text;
    // Once is enough.
    const std::vector<Finding> printed{
        finding<FindingId::pair_nobody_dials>(field<"connection">("a\\x1bb"), field<"remedy">(""))};
    EXPECT_NE(text_of({outcome, printed, quotes, true, {}}).find("a\\x1bb: neither"), std::string::npos);
}

}  // namespace
}  // namespace causeway::cli
