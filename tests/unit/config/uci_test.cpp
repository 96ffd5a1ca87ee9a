// libuci's grammar with its traps. What each input gives was run against libuci itself.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "config/uci/parse.hpp"
#include "config/uci/write.hpp"

namespace causeway::config::uci {
namespace {

/// All values as "section.option=value|value", for one line of expectation.
std::string flat(const std::string& text) {
    const auto document = parse(text);
    if (!document) {
        return document.error().what;
    }
    std::string out;
    for (const auto& section : document->sections) {
        out += fmt::format("{}{}:", out.empty() ? "" : " ", section.anonymous ? section.type : section.name);
        for (const auto& option : section.options) {
            out += fmt::format("{}{}", option.name, option.is_list ? "[]=" : "=");
            for (std::size_t i = 0; i < option.values.size(); ++i) {
                out += fmt::format("{}{}", i == 0 ? "" : "|", option.values[i].text);
            }
            out += ";";
        }
    }
    return out;
}

struct Case {
    const char* text;
    const char* expected;
};

TEST(UciGrammar, AcceptedAsLibuciAcceptsIt) {
    const Case cases[] = {
        {"config a\n\toption x y\n", "a:x=y;"},
        {"c a\no x y\n", "a:x=y;"},
        {"config a 'n'\noption x 'it''s'\n", "n:x=its;"},
        {"config a n\noption x \"q\\\"r\"\n", "n:x=q\"r;"},
        {"config a n\noption x foo#bar\n", "n:x=foo;"},
        {"config a n\noption x 'v'#c\n", "n:x=v;"},
        {"config a n\noption x a'b c'\"d\"\\ e\n", "n:x=ab cd e;"},
        {"config a n\r\noption x y\r\n", "n:x=y;"},
        {"config a n\noption x y", "n:x=y;"},
        {"config a n\noption x 'two\nlines'\n", "n:x=two\nlines;"},
        {"config a n\noption x one\\\ntwo\n", "n:x=onetwo;"},
        {"config a n\noption x 1\noption x 2\n", "n:x=2;"},
        {"config a n\noption x 1\nlist x 2\n", "n:x[]=1|2;"},
        {"config a n\nlist x 1\noption x 2\n", "n:x=2;"},
        {"config a n\noption x 1\nconfig b m\nconfig a n\noption y 2\n", "n:x=1;y=2; m:"},
        {"config a n\noption x ''\n", "n:"},
        {"config a n\nlist x ''\n", "n:x[]=;"},
        {"package p\nconfig a n\n", "n:"},
        {"config a ''\noption x y\n", "a:x=y;"},
        {"config a n\noption q \"v\" ; option r s\n", "n:q=v;r=s;"},
        {"config a n\noption x a;b\n", "n:x=a;"},
        {"config a b; option x y\n", "b:"},
        {"config a n\noption x \"a\\nb\"\n", "n:x=anb;"},
        {"config a n\noption x 'a\\nb'\n", "n:x=a\\nb;"},
        {"config a n\noption x \"a\\\nb\"\n", "n:x=ab;"},
        {"config a n\noption x a\\", "n:x=a;"},
        {"config a n\noption x 'a\rb'\n", "n:x=a\rb;"},
        {"config a n\n\v\f option x y\n", "n:x=y;"},
        {"config\ta\tn\noption\tx\ty\n", "n:x=y;"},
        {"config 'a' 'n'\noption 'x' y\n", "n:x=y;"},
        {"config a 1\noption 2 y\n", "1:2=y;"},
        {"config a!/(~ n\n", "n:"},
        {"package p-q\nconfig a n\n", "n:"},
        {"config a n\noption x $HOME\n", "n:x=$HOME;"},
        {"config a n\noption x \xC3\xA9\n", "n:x=\xC3\xA9;"},
        {"config a n\noption x 1\noption x ''\n", "n:x=1;"},
        {"config a n\nlist x\nlist x 1\n", "n:x[]=|1;"},
        {"", ""},
        {"# only a comment\n", ""},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(flat(one.text), one.expected) << one.text;
    }
}

// Line and byte follow from libuci's file.c: line ends read so far, and how far its buffer was consumed.
TEST(UciGrammar, RefusedInLibucisWords) {
    const Case cases[] = {
        {"'config' a\n", "Parse error (invalid command) at line 1, byte 0"},
        {"Config a n\n", "Parse error (invalid command) at line 1, byte 0"},
        {"option\n", "Parse error (invalid command) at line 1, byte 0"},
        {"\xEF\xBB\xBF"
         "config a n\n",
         "Parse error (invalid command) at line 1, byte 0"},
        {"config a n\n\toptoin x y\n", "Parse error (invalid command) at line 2, byte 1"},
        {"config a n\n...\n", "Parse error (invalid command) at line 2, byte 0"},
        {"config a n\noption x y ; foo\n", "Parse error (invalid command) at line 2, byte 12"},
        {";\n", "Parse error (invalid command) at line 1, byte 0"},
        {"config a n\noption x 'y\nz\n", "Parse error (EOF with unterminated ') at line 3, byte 14"},
        {"config a n\noption x \"y\n", "Parse error (EOF with unterminated \") at line 2, byte 12"},
        {"option x y\n",
         "Parse error (option/list command found before the first section) at line 1, byte 0"},
        {"package p\nlist x y\n",
         "Parse error (option/list command found before the first section) at line 2, byte 0"},
        {"config \n", "Parse error (insufficient arguments) at line 1, byte 8"},
        {"config", "Parse error (config without name) at line 0, byte 0"},
        {"package", "Parse error (package without name) at line 0, byte 0"},
        {"config a n\noption", "Parse error (option without name) at line 1, byte 0"},
        {"config a n\noption \n", "Parse error (insufficient arguments) at line 2, byte 8"},
        {"config a n m\n", "Parse error (too many arguments) at line 1, byte 13"},
        {"config a n\noption x y z\n", "Parse error (too many arguments) at line 2, byte 13"},
        {"package a b\n", "Parse error (too many arguments) at line 1, byte 12"},
        {"config a n-m\n", "Parse error (invalid character in name field) at line 1, byte 13"},
        {"config a n\noption x-y z\n", "Parse error (invalid character in name field) at line 2, byte 11"},
        {"config 'a b'\n", "Parse error (invalid character in type field) at line 1, byte 13"},
        {"config a n\nconfig b n\n",
         "Parse error (section of different type overwrites prior section with same name) at line 2, byte "
         "11"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(flat(one.text), one.expected) << one.text;
    }
}

TEST(UciGrammar, AnErrorNamesThePlaceAndTheChange) {
    const Case cases[] = {
        {"config a n\n\toptoin x y\n", "2:2 did you mean 'option'?"},
        {"config a n\n...\n",
         "2:1 a line starts with package, config, option or list, or is a comment with #"},
        {"config a n\n option\n", "2:2 nothing follows 'option' on its line"},
        {"config a n\noption x 'y\nz\n", "2:10 the quote that opens in line 2, column 10 is not closed"},
        {"config a n\noption x y z\n", "2:12 put a value that has blanks in quotes"},
        {"config a n-m\n", "1:10 a name has letters, digits and underscores only"},
        {"config a n\n config b n\n", "2:2 line 1 has 'n' as a 'a'; give one of them another name"},
        {"\n option x y\n", "2:2 begin with a line like config remote 'NAME'"},
    };
    for (const auto& one : cases) {
        const auto document = parse(one.text);
        ASSERT_FALSE(document.has_value()) << one.text;
        const auto& error = document.error();
        EXPECT_EQ(fmt::format("{}:{} {}", error.place.line, error.place.column, error.remedy), one.expected);
    }
}

// What libuci does without a word is told.
TEST(UciGrammar, WhatGetsLostIsTold) {
    const Case cases[] = {
        {"config a b; option x y\n", "1: a ';' directly behind a bare word: the rest of the line is lost"},
        {"config a n\noption x a;b\n", "2: a ';' directly behind a bare word: the rest of the line is lost"},
        {"config a n\noption k foo#bar\n",
         "2: a '#' in the middle of a word starts a comment: the value ends before it"},
        {"config a n\noption x\n", "2: this option has no value: the line has no effect"},
        {"config a n\noption x 1\noption x 2\n",
         "3: option 'x' is already set in line 2: this later one counts"},
        {"config a n\noption x 1\nlist x 2\n",
         "3: list 'x' follows an option of the same name in line 2: both values form one list"},
        {"config a n\nconfig a n\n", "2: section 'n' is already in line 1: both are taken as one section"},
        {"config a n\noption x '1\n2'\n", "2: the value of 'x' spans lines 2 to 3: all of it is one value"},
    };
    for (const auto& one : cases) {
        const auto document = parse(one.text);
        ASSERT_TRUE(document.has_value()) << one.text;
        ASSERT_EQ(document->surprises.size(), 1U) << one.text;
        const auto& told = document->surprises[0];
        EXPECT_EQ(fmt::format("{}: {}", told.place().line, told.message()), one.expected);
    }
}

TEST(UciGrammar, ANulOctetTruncatesItsLine) {
    using namespace std::string_literals;
    EXPECT_EQ(flat("config a n\noption x 'y'\0 z z z\n"s), "n:x=y;");
    // The line end is lost as well, so libuci appends the next line.
    EXPECT_EQ(flat("config a n\noption x 'y'\0 z z z\n-z\n"s), "n:x=y-z;");
    const auto document = parse("config a n\noption x 'y'\0 z\n"s);
    ASSERT_TRUE(document);
    ASSERT_EQ(document->surprises.size(), 1U);
    EXPECT_EQ(document->surprises[0].message(), "a NUL octet: what follows it on the line is lost");
}

TEST(UciGrammar, LongLinesAndValuesAreWhole) {
    const std::string value(100000, 'v');
    EXPECT_EQ(flat("config a n\noption x '" + value + "'\n"), "n:x=" + value + ";");
    EXPECT_NE(flat(std::string(max_text + 1, '\n')).find("more than the"), std::string::npos);
}

TEST(UciGrammar, AnonymousSectionsHaveLibucisNames) {
    const auto document = parse("config a\nconfig a\n");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->sections.at(0).name, "cfg01b606");
    EXPECT_EQ(document->sections.at(1).name, "cfg02b606");
}

TEST(UciGrammar, ValuesKnowWhereTheyStand) {
    const auto document = parse("# first\nconfig remote 'a'\n\n\toption gateway  '192.0.2.1'\n");
    ASSERT_TRUE(document);
    const auto* option = document->sections.at(0).find("gateway");
    ASSERT_NE(option, nullptr);
    EXPECT_EQ(option->values[0].at.line, 4U);
    EXPECT_EQ(option->values[0].at.column, 18U);
}

TEST(UciShow, IsWhatUciExportPrints) {
    const auto shown = config::show("config a 'n'\n option x \"it's\"\n list l 1\n list l 2\nconfig b\n",
                                    "/etc/config/ipsec", Format::uci);
    ASSERT_TRUE(shown);
    EXPECT_EQ(
        *shown,
        "package ipsec\n\nconfig a 'n'\n\toption x 'it'\\''s'\n\tlist l '1'\n\tlist l '2'\n\nconfig b\n\n");
}

RC_GTEST_PROP(UciRoundTrip, WhatIsWrittenIsReadTheSame, ()) {
    Document document;
    const auto sections = *rc::gen::inRange(0, 5);
    for (int i = 0; i < sections; ++i) {
        Section section;
        section.type = "remote";
        section.name = document.texts.keep(fmt::format("s_{}", i));
        const auto options = *rc::gen::inRange(0, 5);
        for (int k = 0; k < options; ++k) {
            const auto name = document.texts.keep(fmt::format("{}o", k));
            const auto is_list = *rc::gen::arbitrary<bool>();
            const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
                rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)))));
            Option option{name, is_list, Value{document.texts.keep(values.front()), {}}, {}};
            for (std::size_t v = 1; is_list && v < values.size(); ++v) {
                option.values.push_back({document.texts.keep(values[v]), {}});
            }
            section.options.push_back(std::move(option));
        }
        document.sections.push_back(std::move(section));
    }
    const auto again = parse(write(document));
    RC_ASSERT(again.has_value());
    RC_ASSERT(same_content(*again, document));
}

}  // namespace
}  // namespace causeway::config::uci
