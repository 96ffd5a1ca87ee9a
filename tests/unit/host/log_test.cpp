#include "host/log.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace causeway::host {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

const Instant begin{std::chrono::seconds(1000)};

TEST(Log, WritesOneLineWithTimeLevelSubjectAndSentence) {
    Log log(Log::Target::stderr_lines);
    ::testing::internal::CaptureStderr();
    log.write(begin, {EventCode::peer_moved, "box", {{"from", "192.0.2.1"}, {"to", "192.0.2.2"}}});
    EXPECT_THAT(::testing::internal::GetCapturedStderr(),
                MatchesRegex("[0-9]+-[0-9]+-[0-9]+ [0-9]+:[0-9]+:[0-9]+.[0-9]+ notice  box: the peer's "
                             "address changed from 192.0.2.1 to 192.0.2.2\n"));
}

TEST(Log, DropsWhatIsBelowTheLevel) {
    Log log(Log::Target::stderr_lines);
    ::testing::internal::CaptureStderr();
    log.write(begin, {EventCode::control_request, "", {{"what", "status"}}});
    log.set_level(Level::debug);
    log.write(begin, {EventCode::control_request, "", {{"what", "reload"}}});
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(text, Not(HasSubstr("status")));
    EXPECT_THAT(text, HasSubstr("control request: reload"));
}

TEST(Log, APeersWordsCannotMakeLinesOrSteerATerminal) {
    Log log(Log::Target::stderr_lines);
    ::testing::internal::CaptureStderr();
    log.write(begin, {EventCode::data_plane, "", {{"what", "a\nb\x1b[31mc"}}});
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_THAT(text, HasSubstr("a b [31mc"));
}

TEST(Log, AFloodEndsInASummary) {
    Log log(Log::Target::stderr_lines);
    ::testing::internal::CaptureStderr();
    for (int i = 0; i < 100; ++i) {
        log.write(begin, {EventCode::data_plane, "", {{"what", "again"}}});
    }
    ASSERT_TRUE(log.next_timeout());
    log.handle_timeout(*log.next_timeout());
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
    EXPECT_THAT(text, HasSubstr("95 more messages of the kind 'data_plane' were not logged"));
    EXPECT_FALSE(log.next_timeout());
}

/// stderr is a pipe that JOURNAL_STREAM names, as systemd would have it.
TEST(Log, TheJournalGetsALevelAndNoSecondTime) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    struct stat pipe {};
    ASSERT_EQ(::fstat(ends[1], &pipe), 0);
    const int kept = ::dup(STDERR_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", pipe.st_dev, pipe.st_ino).c_str(), 1);
    const auto target = Log::of_stderr();
    Log(target).write(begin, {EventCode::start_failed, "", {{"text", "no TUN"}}});
    ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", pipe.st_dev, pipe.st_ino + 1).c_str(), 1);
    const auto of_another = Log::of_stderr();
    ::unsetenv("JOURNAL_STREAM");
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    ::close(ends[1]);
    char text[256] = {};
    ASSERT_GT(::read(ends[0], text, sizeof text - 1), 0);
    ::close(ends[0]);
    EXPECT_EQ(target, Log::Target::journal);
    EXPECT_STREQ(text, "<3>causewayd did not start: no TUN\n");
    EXPECT_EQ(of_another, Log::Target::stderr_lines);
    EXPECT_EQ(Log::of_stderr(), Log::Target::stderr_lines);
}

TEST(Log, OptionDebugChoosesTheLevel) {
    EXPECT_EQ(level_for_debug(0), Level::notice);
    EXPECT_EQ(level_for_debug(1), Level::info);
    EXPECT_EQ(level_for_debug(2), Level::debug);
    EXPECT_EQ(level_for_debug(4), Level::debug);
}

}  // namespace
}  // namespace causeway::host
