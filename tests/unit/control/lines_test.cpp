#include "control/lines.hpp"

#include <gtest/gtest.h>
#include <numeric>
#include <optional>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway::control {
namespace {

std::vector<std::string> drain(LineSplitter& splitter) {
    std::vector<std::string> lines;
    while (auto line = splitter.next()) {
        lines.push_back(std::move(*line));
    }
    return lines;
}

TEST(LineSplitter, JoinsWhatArrivesInPieces) {
    LineSplitter splitter(10);
    EXPECT_TRUE(splitter.feed("ab"));
    EXPECT_EQ(splitter.next(), std::nullopt);
    EXPECT_EQ(splitter.unfinished(), 2U);
    EXPECT_TRUE(splitter.feed("c\nde"));
    EXPECT_EQ(splitter.next(), "abc");
    EXPECT_EQ(splitter.next(), std::nullopt);
    EXPECT_TRUE(splitter.feed("\n"));
    EXPECT_EQ(splitter.next(), "de");
    EXPECT_EQ(splitter.unfinished(), 0U);
}

TEST(LineSplitter, DropsACarriageReturnBeforeTheNewline) {
    LineSplitter splitter(10);
    splitter.feed("a\r\n\r\n\rb\n");
    EXPECT_EQ(drain(splitter), (std::vector<std::string>{"a", "", "\rb"}));
}

TEST(LineSplitter, TakesALineOfExactlyTheLimitAndNoLonger) {
    LineSplitter splitter(4);
    EXPECT_TRUE(splitter.feed("1234\n"));
    EXPECT_EQ(splitter.next(), "1234");
    EXPECT_TRUE(splitter.feed("1234"));
    EXPECT_FALSE(splitter.feed("5"));
    EXPECT_TRUE(splitter.overflowed());
}

TEST(LineSplitter, KeepsLinesBeforeAnOverlongOneAndStaysOverflowed) {
    LineSplitter splitter(4);
    EXPECT_FALSE(splitter.feed("ab\n12345\nc\n"));
    EXPECT_EQ(drain(splitter), (std::vector<std::string>{"ab"}));
    EXPECT_FALSE(splitter.feed("d\n"));
    EXPECT_TRUE(drain(splitter).empty());
}

TEST(LineSplitter, DoesNotGrowBeyondTheLimitWhileItWaits) {
    LineSplitter splitter(100);
    for (int i = 0; i < 1000; ++i) {
        splitter.feed("0123456789");
    }
    EXPECT_EQ(splitter.unfinished(), 0U);
}

RC_GTEST_PROP(LineSplitterProperty, GivesBackTheLinesHoweverTheyAreCut, ()) {
    const auto line = rc::gen::container<std::string>(rc::gen::inRange('a', 'e'));
    const auto lines = *rc::gen::container<std::vector<std::string>>(line);
    const std::string stream =
        std::accumulate(lines.begin(), lines.end(), std::string(),
                        [](std::string all, const std::string& one) { return all + one + '\n'; });
    LineSplitter splitter(1000);
    std::vector<std::string> found;
    for (std::size_t at = 0; at < stream.size();) {
        const auto step = *rc::gen::inRange<std::size_t>(1, 8);
        RC_ASSERT(splitter.feed(std::string_view(stream).substr(at, step)));
        at += step;
        if (*rc::gen::arbitrary<bool>()) {
            const auto some = drain(splitter);
            found.insert(found.end(), some.begin(), some.end());
        }
    }
    const auto rest = drain(splitter);
    found.insert(found.end(), rest.begin(), rest.end());
    RC_ASSERT(found == lines);
    RC_ASSERT(splitter.unfinished() == 0U);
}

}  // namespace
}  // namespace causeway::control
