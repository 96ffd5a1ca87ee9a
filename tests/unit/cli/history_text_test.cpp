// The strip of a connection's history, and the sentences below it.
#include "cli/history_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/charset.hpp"

namespace causeway::cli {
namespace {

using history::History;
using history::Row;
using history::State;
using ::testing::HasSubstr;
using ::testing::Not;

/// Times are those of Greenwich.
class HistoryText : public ::testing::Test {
 protected:
    void SetUp() override {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
    void TearDown() override {
        ::unsetenv("TZ");
        ::tzset();
    }
};

/// 2023-11-14 22:15:00, the beginning of a step.
constexpr std::int64_t last = 1'700'000'100;

/// An hour: up, then the far end falls silent, and comes back at another address.
History an_hour() {
    History history;
    history.now = last + 72;
    history.first = last - 11 * history::step_seconds;
    history.kept_hours = 168;
    history.starts = {history.first + 2 * history::step_seconds};
    auto& connection = history.connections.emplace_back();
    connection.name = "office";
    connection.display_name = "ipsec-office_lan";
    connection.gateway = "office.example.org";
    connection.steps.resize(12);
    const auto set = [&](Row row, std::string_view letters) {
        for (std::size_t i = 0; i < letters.size(); ++i) {
            connection.steps[i].marks[static_cast<std::size_t>(row)] = history::mark_of(letters[i]).value();
        }
    };
    set(Row::address, "nnuuuuuuuUuu");
    set(Row::phase1, "nnUuuupddPuu");
    set(Row::phase2, "nnUuUupddPuu");
    set(Row::answers, "nnuuuupddpun");
    const std::vector<std::optional<std::uint32_t>> trips{{},     {}, 12'000, 13'100, 12'500, 25'000,
                                                          96'000, {}, {},     9'000,  12'300, {}};
    for (std::size_t i = 0; i < trips.size(); ++i) {
        connection.steps[i].round_trip_us = trips[i];
    }
    connection.whys = {
        {last - 1500, last - 1400, 1,
         "no reply from 198.51.100.7:4500 to 3 liveness checks; its SAs are dropped and built again"},
        {last - 1390, last - 700, 12,
         "no reply from 198.51.100.7:500 to 5 attempts at Main Mode message 1; retrying in 60 s"},
        {last - 600, last - 600, 1,
         "the peer's address changed from 198.51.100.7:4500 to 198.51.100.9:4500"}};
    return history;
}

TEST_F(HistoryText, IsAStripOfFourRows) {
    EXPECT_EQ(
        history_text(an_hour(), {100, true, false}),
        "ipsec-office_lan (office.example.org): 1 hour to 2023-11-14 22:16:12, a column is 5 minutes\n"
        "  name and address    ███████┃██\n"
        "  Phase 1             ┃███▄░░┃██\n"
        "  Phase 2             ┃█┃█▄░░┃██\n"
        "  far end answers     ████▄░░▄█\n"
        "  round trip          ▁▂▂▃█  ▁▂\n"
        "                    9.0 ms to 96 ms, median 13 ms; full height is 96 ms\n"
        "  causewayd           ▲\n"
        "                    21:20\n"
        "  2023-11-14 21:51:40  no reply from 198.51.100.7:4500 to 3 liveness checks; its SAs are dropped "
        "and\n"
        "                       built again\n"
        "  2023-11-14 22:03:20  no reply from 198.51.100.7:500 to 5 attempts at Main Mode message 1; "
        "retrying\n"
        "                       in 60 s (12 times since 2023-11-14 21:51:50)\n"
        "  2023-11-14 22:05:00  the peer's address changed from 198.51.100.7:4500 to 198.51.100.9:4500\n"
        "\n"
        "█ up, ▄ partly, ░ down, blank: not known; ┃ another address, an SA made or renewed, the far end\n"
        "    started anew; ▲ causewayd started\n");
}

TEST_F(HistoryText, IsMadeOfAsciiWhereThereIsNothingElse) {
    const std::string text = history_text(an_hour(), {100, false, false});
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }))
        << text;
    EXPECT_EQ(
        text,
        "ipsec-office_lan (office.example.org): 1 hour to 2023-11-14 22:16:12, a column is 5 minutes\n"
        "  name and address    #######|##\n"
        "  Phase 1             |###+..|##\n"
        "  Phase 2             |#|#+..|##\n"
        "  far end answers     ####+..+#\n"
        "  round trip          12238  12\n"
        "                    9.0 ms to 96 ms, median 13 ms; full height is 96 ms\n"
        "  causewayd           ^\n"
        "                    21:20\n"
        "  2023-11-14 21:51:40  no reply from 198.51.100.7:4500 to 3 liveness checks; its SAs are dropped "
        "and\n"
        "                       built again\n"
        "  2023-11-14 22:03:20  no reply from 198.51.100.7:500 to 5 attempts at Main Mode message 1; "
        "retrying\n"
        "                       in 60 s (12 times since 2023-11-14 21:51:50)\n"
        "  2023-11-14 22:05:00  the peer's address changed from 198.51.100.7:4500 to 198.51.100.9:4500\n"
        "\n"
        "# up, + partly, . down, blank: not known; | another address, an SA made or renewed, the far end\n"
        "    started anew; ^ causewayd started\n");
}

TEST_F(HistoryText, HasColoursWhereTheyAreWanted) {
    const std::string text = history_text(an_hour(), {100, false, true});
    EXPECT_THAT(
        text,
        HasSubstr("  Phase 2             \x1b[32m|#|#\x1b[0m\x1b[33m+\x1b[0m\x1b[31m..\x1b[0m\x1b[33m|\x1b[0m"
                  "\x1b[32m##\x1b[0m\n"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b[0m\x1b[0m")));
}

std::size_t longest_line(const std::string& text) {
    std::size_t longest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        longest = std::max(longest, static_cast<std::size_t>(std::ranges::count_if(line, [](char c) {
                               return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
                           })));
    }
    return longest;
}

/// A history of so many hours in which everything was always up.
History long_one(std::size_t hours) {
    History history = an_hour();
    const std::size_t steps = hours * history::steps_of_an_hour;
    history.first = last - static_cast<std::int64_t>(steps - 1) * history::step_seconds;
    auto& connection = history.connections[0];
    connection.steps.assign(steps, connection.steps[3]);
    connection.gateway = std::string(200, 'g');
    connection.whys[0].message = std::string(240, 'w');
    return history;
}

TEST_F(HistoryText, FitsIntoItsColumnsHoweverLongItIs) {
    for (const bool utf8 : {true, false}) {
        for (const std::size_t hours : {std::size_t{1}, std::size_t{5}, std::size_t{24}, std::size_t{168}}) {
            const History history = long_one(hours);
            for (const std::size_t columns : {std::size_t{100}, std::size_t{80}, std::size_t{50}}) {
                EXPECT_LE(longest_line(history_text(history, {columns, utf8, false})), columns) << hours;
            }
        }
    }
}

TEST_F(HistoryText, ADayHasColumnsOfTwentyMinutes) {
    History history = long_one(24);
    history.connections[0].gateway = "far.example.net";
    const std::string text = history_text(history, {100, false, false});
    EXPECT_THAT(text, HasSubstr("24 hours to 2023-11-14 22:16:12, a column is 20 minutes\n"));
    EXPECT_THAT(text, HasSubstr("  Phase 1           " + std::string(72, '#') + "\n"));
    EXPECT_THAT(
        text,
        HasSubstr("                    22:20       02:20       06:20       10:20       14:20       18:20\n"));
}

TEST_F(HistoryText, AColumnOfSeveralStepsHasWhatAnyOfThemHad) {
    History history = long_one(24);
    history.connections[0].steps[286].marks[1] = {State::down, false};
    history.connections[0].steps[280].marks[1] = {State::up, true};
    EXPECT_THAT(history_text(history, {100, false, false}),
                HasSubstr("  Phase 1           " + std::string(70, '#') + "|+\n"));
}

TEST_F(HistoryText, SaysSoWhenNothingIsKnown) {
    History history;
    EXPECT_EQ(history_text(history, {}), "no connection has a history\n");
    auto& connection = history.connections.emplace_back();
    connection.name = "office";
    connection.steps.resize(12);
    const std::string text = history_text(history, {});
    EXPECT_THAT(text, HasSubstr("  Phase 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("round trip")));
    EXPECT_THAT(text, Not(HasSubstr("causewayd\n")));
}

TEST_F(HistoryText, ShowsTheLastTenSentences) {
    History history = an_hour();
    auto& whys = history.connections[0].whys;
    whys.clear();
    for (int i = 0; i < 12; ++i) {
        whys.push_back({last, last, 1, "sentence " + std::to_string(i) + "\x1b[2J"});
    }
    const std::string text = history_text(history, {});
    EXPECT_THAT(text, Not(HasSubstr("sentence 1\\")));
    EXPECT_THAT(text, HasSubstr("sentence 2\\x1b[2J\n"));
    EXPECT_THAT(text, HasSubstr("sentence 11\\x1b"));
}

TEST(Charset, IsThatOfTheFirstVariableThatSaysOne) {
    const auto wanted = [](const char* all, const char* type, const char* lang) {
        ::setenv("LC_ALL", all, 1);
        ::setenv("LC_CTYPE", type, 1);
        ::setenv("LANG", lang, 1);
        const bool found = utf8_wanted();
        ::unsetenv("LC_ALL");
        ::unsetenv("LC_CTYPE");
        ::unsetenv("LANG");
        return found;
    };
    EXPECT_FALSE(wanted("", "", ""));
    EXPECT_TRUE(wanted("", "", "de_DE.UTF-8"));
    EXPECT_TRUE(wanted("", "C.utf8", "C"));
    EXPECT_FALSE(wanted("C", "C.UTF-8", "de_DE.UTF-8"));
    EXPECT_TRUE(wanted("en_US.UTF8", "", "C"));
    EXPECT_FALSE(wanted("", "", "de_DE@euro"));
}

}  // namespace
}  // namespace causeway::cli
