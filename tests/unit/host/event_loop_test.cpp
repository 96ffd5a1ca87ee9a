#include "host/event_loop.hpp"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "host/worker.hpp"
#include "loop.hpp"

namespace causeway::host {
namespace {

using std::chrono::milliseconds;
using test::runs_until;

struct Pipe {
    Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    void put(char c) const { EXPECT_EQ(::write(ends[1], &c, 1), 1); }
    char take() const {
        char c = 0;
        return ::read(ends[0], &c, 1) == 1 ? c : '-';
    }
    int ends[2]{};
};

TEST(EventLoop, TimersFireInTheOrderOfTheirTimes) {
    EventLoop loop;
    std::string order;
    auto late = loop.timer([&] { order += 'c'; });
    auto early = loop.timer([&] { order += 'a'; });
    auto middle = loop.timer([&] { order += 'b'; });
    const Instant begin = now();
    late.arm(begin + milliseconds(30));
    early.arm(begin + milliseconds(10));
    middle.arm(begin + milliseconds(20));
    EXPECT_TRUE(runs_until(loop, [&] { return order.size() == 3; }));
    EXPECT_EQ(order, "abc");
    EXPECT_GE(now() - begin, milliseconds(30));
}

TEST(EventLoop, ArmingAgainReplacesTheTimeAndCancellingStops) {
    EventLoop loop;
    int fired = 0;
    bool end = false;
    auto again = loop.timer([&] { ++fired; });
    auto never = loop.timer([&] { FAIL() << "was cancelled"; });
    auto last = loop.timer([&] { end = true; });
    const Instant begin = now();
    again.arm(begin);
    again.arm(begin + milliseconds(5));
    never.arm(begin + milliseconds(5));
    never.cancel();
    last.arm(begin + milliseconds(20));
    EXPECT_TRUE(runs_until(loop, [&] { return end; }));
    EXPECT_EQ(fired, 1);
}

TEST(EventLoop, AnAlarmAlreadyQueuedKnowsThatItIsStale) {
    EventLoop loop;
    bool end = false;
    EventLoop::Timer second;
    auto first = loop.timer([&] { second.cancel(); });
    second = loop.timer([&] { FAIL() << "was cancelled by the one before"; });
    auto last = loop.timer([&] { end = true; });
    const Instant past = now() - milliseconds(1);  // all three are due at once
    first.arm(past - milliseconds(1));
    second.arm(past);
    last.arm(now() + milliseconds(5));
    EXPECT_TRUE(runs_until(loop, [&] { return end; }));
}

TEST(EventLoop, AWatchCallsAsLongAsThereIsSomethingToRead) {
    EventLoop loop;
    const Pipe pipe;
    std::string got;
    auto watch = loop.watch(pipe.ends[0], [&] { got += pipe.take(); });  // one octet a call
    pipe.put('a');
    pipe.put('b');
    EXPECT_TRUE(runs_until(loop, [&] { return got == "ab"; }));
    pipe.put('c');
    EXPECT_TRUE(runs_until(loop, [&] { return got == "abc"; }));
}

TEST(EventLoop, AWatchMayEndItselfInItsOwnCall) {
    EventLoop loop;
    const Pipe pipe;
    int calls = 0;
    auto watch = std::make_unique<EventLoop::Watch>();
    *watch = loop.watch(pipe.ends[0], [&] {
        ++calls;
        watch.reset();
    });
    pipe.put('a');
    EXPECT_TRUE(runs_until(loop, [&] { return calls == 1; }));
    // The descriptor is the owner's still, and can be watched anew.
    std::string got;
    auto next = loop.watch(pipe.ends[0], [&] { got += pipe.take(); });
    EXPECT_TRUE(runs_until(loop, [&] { return got == "a"; }));
    EXPECT_EQ(calls, 1);
}

TEST(EventLoop, WritableIsCalledOnlyWhileWanted) {
    EventLoop loop;
    const Pipe pipe;
    int calls = 0;
    EventLoop::Watch watch;
    watch = loop.watch(
        pipe.ends[1], [] {},
        [&] {
            if (++calls == 3) {
                watch.want_write(false);
            }
        });
    EXPECT_FALSE(loop.run_until([&] { return calls != 0; }, milliseconds(10)));
    watch.want_write(true);
    EXPECT_TRUE(runs_until(loop, [&] { return calls == 3; }));
    EXPECT_FALSE(loop.run_until([&] { return calls != 3; }, milliseconds(10)));
}

TEST(EventLoop, TasksOfOtherThreadsRunOnTheLoopInTheirOrder) {
    EventLoop loop;
    std::string order;
    const auto home = std::this_thread::get_id();
    std::thread other([&] {
        for (const char c : {'a', 'b', 'c'}) {
            loop.post([&order, home, c, secret = std::make_unique<int>(1)] {
                EXPECT_EQ(std::this_thread::get_id(), home);
                order += c;
            });
        }
    });
    EXPECT_TRUE(runs_until(loop, [&] { return order.size() == 3; }));
    other.join();
    EXPECT_EQ(order, "abc");
}

TEST(EventLoop, SignalsArriveOnTheLoopOneAfterTheOther) {
    EventLoop loop;
    std::vector<int> arrived;
    loop.on_signals({SIGUSR1, SIGUSR2}, [&](int number) { arrived.push_back(number); });
    ASSERT_EQ(::raise(SIGUSR1), 0);
    EXPECT_TRUE(runs_until(loop, [&] { return arrived.size() == 1; }));
    ASSERT_EQ(::raise(SIGUSR2), 0);
    EXPECT_TRUE(runs_until(loop, [&] { return arrived.size() == 2; }));
    EXPECT_EQ(arrived, (std::vector<int>{SIGUSR1, SIGUSR2}));
}

TEST(Worker, DoesJobsInOrderAndOffTheLoopsThread) {
    EventLoop loop;
    Worker worker;
    std::string order;
    const auto home = std::this_thread::get_id();
    for (const char c : {'a', 'b', 'c'}) {
        worker.run([&, c] {
            EXPECT_NE(std::this_thread::get_id(), home);
            loop.post([&order, c] { order += c; });
        });
    }
    EXPECT_TRUE(runs_until(loop, [&] { return order.size() == 3; }));
    EXPECT_EQ(order, "abc");
}

TEST(Worker, EndsWithoutTheJobsThatHaveNotBegun) {
    std::atomic<bool> begun = false;
    std::atomic<bool> go_on = false;
    std::atomic<int> done = 0;
    {
        Worker worker;
        worker.run([&] {
            begun = true;
            while (!go_on) {
                std::this_thread::yield();
            }
            ++done;
        });
        worker.run([&] { ++done; });
        while (!begun) {
            std::this_thread::yield();
        }
        // Let go only once the end has begun or is about to: the first job is waited for either way.
        go_on = true;
    }
    EXPECT_GE(done, 1);
}

}  // namespace
}  // namespace causeway::host
