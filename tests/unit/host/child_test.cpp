// A program run to its end, with shell scripts in its place.
#include "host/child.hpp"

#include <csignal>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "unit/host/program.hpp"

namespace causeway::host {
namespace {

using test::Program;

TEST(Child, ReadsItsScriptAndItsArguments) {
    const Program program("echo \"$# $1 $2\"; exec /bin/cat");
    const auto end = run_child(program.path(), {"-f", "-"}, "first line\nsecond line\n");
    ASSERT_TRUE(end) << end.error().text();
    EXPECT_TRUE(end->succeeded);
    EXPECT_EQ(end->output, "2 -f -\nfirst line\nsecond line\n");
}

TEST(Child, WhatItSaysIsKeptUpToTheLimit) {
    const Program program("/bin/cat >&2; exit 3");
    // More than a pipe holds: a child must not wait for a reader.
    const auto end = run_child(program.path(), {}, std::string(1 << 20, 'x'));
    ASSERT_TRUE(end) << end.error().text();
    EXPECT_FALSE(end->succeeded);
    EXPECT_EQ(end->output, std::string(child_output_octets, 'x'));
}

TEST(Child, KilledIsNoSuccess) {
    const auto end = run_child(Program("kill -9 $$").path(), {}, "");
    ASSERT_TRUE(end) << end.error().text();
    EXPECT_FALSE(end->succeeded);
}

TEST(Child, OneThatIsNotThereIsAnError) {
    const auto end = run_child("/nonexistent/program", {}, "");
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().what, "cannot start /nonexistent/program: No such file or directory");
}

// A signal to the whole process group, as ^C is one, must not end it half way; what we block is not blocked
// there.
TEST(Child, RunsInAGroupOfItsOwnWithSignalsAsTheyAreByDefault) {
    const Program program(
        "read -r _ _ _ _ group _ < /proc/self/stat\necho \"group $group\"\n"
        "/bin/grep -E 'Sig(Blk|Ign)' /proc/self/status");
    sigset_t term;
    sigset_t before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &term, &before);
    const auto ignored = std::signal(SIGPIPE, SIG_IGN);
    const auto end = run_child(program.path(), {}, "");
    std::signal(SIGPIPE, ignored);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ASSERT_TRUE(end) << end.error().text();
    const std::string& said = end->output;
    EXPECT_NE(said.find("group "), std::string::npos) << said;
    EXPECT_EQ(said.find(fmt::format("group {}\n", ::getpgrp())), std::string::npos) << said;
    EXPECT_NE(said.find("SigBlk:\t0000000000000000"), std::string::npos) << said;
    const auto at = said.find("SigIgn:\t");
    ASSERT_NE(at, std::string::npos) << said;
    EXPECT_EQ(std::stoull(said.substr(at + 8, 16), nullptr, 16) >> (SIGPIPE - 1) & 1U, 0U) << said;
}

}  // namespace
}  // namespace causeway::host
