// Lines that are too long: where they are broken, and what is never broken.
#include "cli/wrap.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace causeway::cli {
namespace {

TEST(Wrap, WhatFitsStays) {
    for (const char* text : {"", "\n", "\n\n", "a", "  a  b ", "one\ntwo\n", "          "}) {
        EXPECT_EQ(wrapped(text, 10), text);
    }
    const std::string exact(100, 'x');
    EXPECT_EQ(wrapped(exact, 100), exact);
    EXPECT_EQ(wrapped("12345 7890", 10), "12345 7890");
}

TEST(Wrap, TheRestIsFourColumnsDeeper) {
    EXPECT_EQ(wrapped("12345 78901", 10), "12345\n    78901");
    EXPECT_EQ(wrapped("one two three four\nfive\n", 12), "one two\n    three\n    four\nfive\n");
    EXPECT_EQ(wrapped("  one two three", 11), "  one two\n      three");
    // Blanks at the end of a line, or of what is broken, go.
    EXPECT_EQ(wrapped("one two three   ", 12), "one two\n    three");
}

TEST(Wrap, TheLinesOfAParagraphStandBelowEachOther) {
    EXPECT_EQ(filled("one two three four", 9), "one two\nthree\nfour");
    EXPECT_EQ(filled("It is 'one two three' so", 12), "It is\n'one two three'\nso");
    EXPECT_EQ(filled("", 9), "");
}

TEST(Wrap, TheRestIsUnderTheSecondColumn) {
    EXPECT_EQ(wrapped("  Phase 1   aes128 or aes256, modp1024", 28),
              "  Phase 1   aes128 or\n            aes256, modp1024");
    // Two blanks far behind are no second column.
    EXPECT_EQ(wrapped("one two three four  five", 20), "one two three four\n    five");
}

TEST(Wrap, CountsCharactersAndNotOctets) {
    EXPECT_EQ(wrapped("Büro Köln", 9), "Büro Köln");
    EXPECT_EQ(wrapped("Büro Köln", 8), "Büro\n    Köln");
    const std::string umlauts = "ääää ääää";
    EXPECT_EQ(wrapped(umlauts + " ä", 11), umlauts + " ä");
    EXPECT_EQ(wrapped("an octet \xff alone \x80\x80 is no reason to fail", 80),
              "an octet \xff alone \x80\x80 is no reason to fail");
}

TEST(Wrap, AWordThatIsTooLongStaysWhole) {
    const std::string longest(30, 'x');
    EXPECT_EQ(wrapped(longest, 10), longest);
    EXPECT_EQ(wrapped("a " + longest + " b", 10), "a\n    " + longest + "\n    b");
}

TEST(Wrap, QuotedValuesStayWhole) {
    EXPECT_EQ(wrapped("option 'my own long name' is ignored", 20),
              "option\n    'my own long name'\n    is ignored");
    EXPECT_EQ(wrapped("connection \"Site to Site\", dropped", 20),
              "connection\n    \"Site to Site\",\n    dropped");
    // In parentheses too, and with an apostrophe inside.
    EXPECT_EQ(wrapped("see it ('the peer's name') there", 22), "see it\n    ('the peer's name')\n    there");
    // An apostrophe opens nothing, and a quote that is never closed neither.
    EXPECT_EQ(wrapped("the peer's own peers' names", 14), "the peer's own\n    peers'\n    names");
    EXPECT_EQ(wrapped("one 'two three four", 12), "one 'two\n    three\n    four");
}

TEST(Wrap, AFileNameStaysWholeAndItsLineNumberWithIt) {
    EXPECT_EQ(wrapped("/my own/ipsec:12: warning: a remark", 20, "/my own/ipsec"),
              "/my own/ipsec:12:\n    warning: a\n    remark");
    EXPECT_EQ(wrapped("warning: ./my own ipsec is open", 20, "./my own ipsec"),
              "warning:\n    ./my own ipsec\n    is open");
}

std::vector<std::string> words_in(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (c == ' ' || c == '\n') {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    std::erase(words, "");
    return words;
}

RC_GTEST_PROP(Wrap, LosesNoWordAndKeepsTheWidth, ()) {
    const auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("aB1 -:\n")));
    const std::string text = *letters;
    const std::size_t columns = *rc::gen::inRange<std::size_t>(12, 30);
    const std::string broken = wrapped(text, columns);
    RC_ASSERT(words_in(broken) == words_in(text));
    for (std::size_t at = 0; at < broken.size();) {
        const std::size_t end = std::min(broken.find('\n', at), broken.size());
        const std::string line = broken.substr(at, end - at);
        RC_ASSERT(line.size() <= columns || words_in(line).size() == 1);
        at = end + 1;
    }
}

TEST(TerminalColumns, AreNoneInAPipe) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_FALSE(terminal_columns(ends[1]));
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
}  // namespace causeway::cli
