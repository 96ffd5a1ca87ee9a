// libuci's grammar with its traps. What each input gives was run against libuci itself.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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
                out += (i == 0 ? "" : "|") + option.values[i].text;
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
        {"", ""},
        {"# only a comment\n", ""},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(flat(one.text), one.expected) << one.text;
    }
}

TEST(UciGrammar, RefusedAsLibuciRefusesIt) {
    const char* cases[] = {
        "'config' a\n",
        "config a n\noption x 'y\n",
        "config a n\noption x \"y\n",
        "option x y\n",
        "list x y\n",
        "config a n\noptoin x y\n",
        "config a n m\n",
        "config a n\noption x y z\n",
        "config a n-m\n",
        "config a n\noption x-y z\n",
        "config\n",
        "\xEF\xBB\xBF"
        "config a n\n",
        "config a n\nconfig b n\n",
        "Config a n\n",
        "config a n\n...\n",
    };
    for (const char* text : cases) {
        const auto document = parse(text);
        ASSERT_FALSE(document.has_value()) << text;
        EXPECT_NE(document.error().what.find("Parse error ("), std::string::npos) << document.error().what;
        EXPECT_NE(document.error().what.find(") at line "), std::string::npos) << document.error().what;
        EXPECT_GE(document.error().place.line, 1U) << text;
    }
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
    EXPECT_EQ(option->values.at(0).at.line, 4U);
    EXPECT_EQ(option->values.at(0).at.column, 18U);
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
        section.name = fmt::format("s_{}", i);
        const auto options = *rc::gen::inRange(0, 5);
        for (int k = 0; k < options; ++k) {
            Option option;
            option.name = fmt::format("{}o", k);
            option.is_list = *rc::gen::arbitrary<bool>();
            const auto values = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
                rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)))));
            for (const auto& value : values) {
                option.values.push_back({value, {}});
                if (!option.is_list) {
                    break;
                }
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
