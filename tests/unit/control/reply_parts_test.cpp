#include "control/reply_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <gtest/gtest.h>
#include <optional>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arbitrary_status.hpp"
#include "control/protocol.hpp"
#include "control/status.hpp"

namespace causeway::control {
namespace {

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += part;
    }
    return text;
}

std::vector<std::string> parts_of(Reply reply) {
    std::vector<std::string> parts;
    for (ReplyParts text(std::move(reply)); !text.ended();) {
        parts.push_back(text.next());
    }
    return parts;
}

/// Read in pieces of so many octets.
std::optional<std::string> text_of(std::string_view line, std::size_t piece) {
    StatusLine reading;
    auto state = StatusLine::State::growing;
    for (; !line.empty(); line.remove_prefix(std::min(piece, line.size()))) {
        EXPECT_EQ(state, StatusLine::State::growing);
        state = reading.feed(line.substr(0, piece));
    }
    EXPECT_EQ(state, StatusLine::State::whole);
    return reading.told() ? reading.take_text() : std::nullopt;
}

RC_GTEST_PROP(ReplyPartsProperty, AreTheReply, ()) {
    Reply reply;
    if (testing::any<bool>()) {
        reply.status = testing::status();
    }
    reply.message = "m";
    if (testing::any<bool>()) {
        reply.history.emplace();
    }
    RC_ASSERT(joined(parts_of(reply)) == encode(reply));
}

TEST(ReplyParts, AreBoundedHoweverManyTunnels) {
    Reply reply;
    reply.status.emplace();
    reply.status->engine.peers.resize(500);
    for (auto& peer : reply.status->engine.peers) {
        peer.name = "p";
        peer.tunnels.resize(2);
    }
    const auto parts = parts_of(reply);
    EXPECT_EQ(joined(parts), encode(reply));
    EXPECT_GT(parts.size(), 3U);
    for (const std::string& part : parts) {
        EXPECT_LT(part.size(), 100U * 1024);
    }
}

RC_GTEST_PROP(StatusLineProperty, GivesTheStatusLaidOutForPeople, ()) {
    Reply reply;
    reply.status = testing::status();
    if (testing::any<bool>()) {
        reply.history.emplace();
    }
    const auto piece = *rc::gen::element<std::size_t>(1, 2, 7, 64, 1U << 20);
    RC_ASSERT(text_of(encode(reply), piece) == std::optional(to_json(*reply.status, true)));
}

TEST(StatusLine, WithoutStatusHasNoTextOfOne) {
    Reply reply;
    reply.exit = Exit::no;
    reply.message = "it says \",\"status\":{}}";
    EXPECT_EQ(text_of(encode(reply), 5), std::nullopt);
    reply.exit = Exit::done;
    EXPECT_EQ(text_of(encode(reply), 5), std::nullopt);
}

TEST(StatusLine, OfARefusalIsWhole) {
    Reply reply;
    reply.exit = Exit::no;
    reply.message = "no";
    StatusLine line;
    EXPECT_EQ(line.feed(encode(reply)), StatusLine::State::whole);
    EXPECT_FALSE(line.told());
    EXPECT_EQ(line.take_text(), std::nullopt);
    EXPECT_EQ(line.line() + '\n', encode(reply));
}

TEST(StatusLine, IsNotPassedOnWithWhatATerminalWouldObey) {
    const std::string head = R"({"protocol":1,"exit":0,"status":{"a":")";
    EXPECT_EQ(text_of(head + "b\"}}\n", 9), "{\n  \"a\": \"b\"\n}");
    EXPECT_EQ(text_of(head + "\x1b\"}}\n", 9), std::nullopt);
    EXPECT_EQ(text_of(head + "b\"\t}}\n", 9), std::nullopt);
}

TEST(StatusLine, IsNotPassedOnInPart) {
    const std::string head = R"({"protocol":1,"exit":0,"status":{"a":)";
    for (const std::string_view rest :
         {"1}\n", "{}}\n", "\"b}}\n", "1},\"c\":2}\n", "1}}}\n", "\"b\\\"}}\n", "\n"}) {
        EXPECT_EQ(text_of(head + std::string(rest), 4), std::nullopt) << rest;
    }
}

RC_GTEST_PROP(StatusLineProperty, CanBeTakenWhileItComes, ()) {
    Reply reply;
    reply.status = testing::status();
    const std::string line = encode(reply);
    StatusLine reading;
    std::string text;
    for (std::size_t at = 0; at < line.size(); at += 50) {
        static_cast<void>(reading.feed(std::string_view(line).substr(at, 50)));
        text += reading.take_text().value_or("");
    }
    RC_ASSERT(reading.told());
    RC_ASSERT(text == to_json(*reply.status, true));
}

TEST(StatusLine, NothingMoreIsTakenOnceItIsUnfit) {
    StatusLine line;
    static_cast<void>(line.feed(R"({"protocol":1,"exit":0,"status":{"a":"b)"));
    EXPECT_EQ(line.take_text(), "{\n  \"a\": \"b");
    static_cast<void>(line.feed("\x1b[2J"));
    EXPECT_EQ(line.laid_out(), 0U);
    EXPECT_EQ(line.take_text(), std::nullopt);
}

TEST(StatusLine, IsNotPassedOnWhenItIsDeeperThanAnyMessageOfOurs) {
    const auto nested = [](std::size_t depth) {
        return R"({"protocol":1,"exit":0,"status":{"a":)" + std::string(depth, '[') +
               std::string(depth, ']') + "}}\n";
    };
    EXPECT_NE(text_of(nested(15), 64), std::nullopt);
    EXPECT_EQ(text_of(nested(16), 64), std::nullopt);
    EXPECT_EQ(text_of(nested(std::size_t{1} << 20U), 1U << 16U), std::nullopt);
}

TEST(StatusLine, IsBounded) {
    StatusLine line;
    const std::string much(1U << 20, 'x');
    std::size_t fed = 0;
    while (line.feed(much) == StatusLine::State::growing) {
        fed += much.size();
        ASSERT_LE(fed, max_reply_octets);
    }
    EXPECT_EQ(fed, max_reply_octets);
    EXPECT_EQ(line.feed("\n"), StatusLine::State::whole);
}

}  // namespace
}  // namespace causeway::control
