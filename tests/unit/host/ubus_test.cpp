#include "host/ubus.hpp"

#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>

#include "loop.hpp"
#include "program.hpp"

namespace causeway::host {
namespace {

using std::chrono::milliseconds;
using test::Program;
using test::runs_until;

class UbusTest : public ::testing::Test {
 protected:
    Result<std::string> call(const std::string& program, Ubus::Limits limits = {}) {
        Ubus ubus(loop_, program, limits);
        std::optional<Result<std::string>> result;
        ubus.call("network.interface", "dump", [&](Result<std::string> one) { result = std::move(one); });
        EXPECT_TRUE(ubus.busy());
        EXPECT_TRUE(runs_until(loop_, [&] { return result.has_value(); }));
        EXPECT_FALSE(ubus.busy());
        return result ? *result : fail(Errc::cancelled, "no answer");
    }
    EventLoop loop_;
};

/// Of a process that a script wrote down.
pid_t number_in(const std::string& file) {
    pid_t pid = 0;
    std::ifstream(file) >> pid;
    return pid;
}
bool is_gone(pid_t pid) {
    return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

TEST_F(UbusTest, GivesWhatTheProgramPrints) {
    const Program program("echo \"$# $1 $2 $3\"; echo complaint >&2; env | grep -c HOME");
    const auto printed = call(program.path());
    // grep's status is the script's: nothing of our environment was handed on.
    ASSERT_FALSE(printed);
    EXPECT_NE(printed.error().text().find("it ended with status 1"), std::string::npos)
        << printed.error().text();
    program.write("echo \"$# $1 $2 $3\"; echo complaint >&2");
    const auto again = call(program.path());
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, "3 call network.interface dump\n");
}

TEST_F(UbusTest, AFailureIsNoAnswerWhateverWasPrinted) {
    const auto printed = call(Program("echo '{}'; exit 4").path());
    ASSERT_FALSE(printed);
    EXPECT_NE(printed.error().text().find("it ended with status 4"), std::string::npos);
    const auto killed = call(Program("echo '{}'; kill -9 $$").path());
    ASSERT_FALSE(killed);
    EXPECT_NE(killed.error().text().find("it ended with signal 9"), std::string::npos);
}

TEST_F(UbusTest, OneThatDoesNotAnswerIsKilled) {
    const Program program("trap '' TERM; echo $$ > \"${0%/*}/pid\"; exec sleep 1000");
    const Instant begin = now();
    const auto printed = call(program.path(), {milliseconds(300), 1000});
    ASSERT_FALSE(printed);
    EXPECT_NE(printed.error().text().find("it did not answer within 0.3 s"), std::string::npos)
        << printed.error().text();
    EXPECT_GE(now() - begin, milliseconds(300));
    EXPECT_TRUE(is_gone(number_in(program.file("pid"))));
}

TEST_F(UbusTest, OneThatClosesItsOutputAndStaysIsKilled) {
    const Program program("echo $$ > \"${0%/*}/pid\"; echo '{}'; exec sleep 1000 >&-");
    const auto printed = call(program.path(), {milliseconds(300), 1000});
    ASSERT_FALSE(printed);
    EXPECT_TRUE(is_gone(number_in(program.file("pid"))));
}

TEST_F(UbusTest, OneThatPrintsWithoutEndIsKilled) {
    const Program program(
        "echo $$ > \"${0%/*}/pid\"; while :; do echo 0123456789012345678901234567890; done");
    const auto printed = call(program.path(), {test::patience, 10000});
    ASSERT_FALSE(printed);
    EXPECT_NE(printed.error().text().find("it printed more than 10000 octets"), std::string::npos);
    EXPECT_TRUE(is_gone(number_in(program.file("pid"))));
}

TEST_F(UbusTest, MuchIsReadWhole) {
    const auto printed =
        call(Program("i=0; while [ $i -lt 5000 ]; do echo 0123456789; i=$((i+1)); done").path());
    ASSERT_TRUE(printed) << printed.error().text();
    EXPECT_EQ(printed->size(), 55000U);
}

TEST_F(UbusTest, OneThatIsNotThereIsAnError) {
    const auto printed = call("/nonexistent/ubus");
    ASSERT_FALSE(printed);
    EXPECT_NE(printed.error().text().find("/nonexistent/ubus: it"), std::string::npos)
        << printed.error().text();
}

TEST_F(UbusTest, ACallMayFollowACallInItsAnswer) {
    const Program program("echo once");
    Ubus ubus(loop_, program.path(), {});
    int answers = 0;
    std::function<void(Result<std::string>)> done = [&](const Result<std::string>& one) {
        EXPECT_TRUE(one);
        if (++answers < 3) {
            ubus.call("network.interface", "dump", done);
        }
    };
    ubus.call("network.interface", "dump", done);
    EXPECT_TRUE(runs_until(loop_, [&] { return answers == 3; }));
}

TEST_F(UbusTest, GoingAwayTakesTheChildAlong) {
    const Program program("echo $$ > \"${0%/*}/pid\"; exec sleep 1000");
    EventLoop::Timer tick = loop_.timer([&] { tick.arm(now() + milliseconds(5)); });
    tick.arm(now());
    {
        Ubus ubus(loop_, program.path(), {test::patience, 1000});
        ubus.call("network.interface", "dump", [](const Result<std::string>&) { FAIL() << "was given up"; });
        ASSERT_TRUE(runs_until(loop_, [&] { return number_in(program.file("pid")) > 0; }));
        EXPECT_FALSE(is_gone(number_in(program.file("pid"))));
    }
    EXPECT_TRUE(is_gone(number_in(program.file("pid"))));
    EXPECT_FALSE(loop_.run_until([] { return false; }, milliseconds(20)));
}

}  // namespace
}  // namespace causeway::host
