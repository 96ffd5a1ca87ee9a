// The daemon's one event loop: descriptors, timers, signals, and calls from other threads. Everything but
// post() is for the loop's own thread. It knows nothing of IKE or packets, and nobody above it sees the
// library underneath.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/time.hpp"
#include "host/task.hpp"

namespace causeway::host {

/// The monotonic clock. It does not run while the machine is suspended.
Instant now();

class EventLoop {
 public:
    /// A descriptor that is waited on, until it is stopped or destroyed; both are allowed in its own
    /// callback. It never closes the descriptor, and must be stopped before its owner does.
    class Watch {
     public:
        Watch() = default;
        Watch(Watch&&) noexcept;
        Watch& operator=(Watch&&) noexcept;
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch();

        void stop();
        /// Starts or stops calling `writable`; off at first.
        void want_write(bool wanted);

     private:
        friend class EventLoop;
        struct State;
        std::shared_ptr<State> state_;
    };

    /// One alarm at a time; arming it again replaces the time.
    class Timer {
     public:
        Timer() = default;
        Timer(Timer&&) noexcept;
        Timer& operator=(Timer&&) noexcept;
        Timer(const Timer&) = delete;
        Timer& operator=(const Timer&) = delete;
        ~Timer();

        void arm(Instant at);
        void cancel();

     private:
        friend class EventLoop;
        struct State;
        std::shared_ptr<State> state_;
    };

    EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    ~EventLoop();

    /// Runs until stop().
    void run();
    /// For tests: runs until `done` holds (true) or the time has passed (false).
    bool run_until(const std::function<bool()>& done, Duration limit);
    void stop();

    /// From any thread: `task` runs on the loop, in the order of posting.
    void post(Task task);

    /// Calls `readable` again and again while there is something to read, `writable` likewise once wanted.
    [[nodiscard]] Watch watch(int fd, std::function<void()> readable, std::function<void()> writable = {});
    [[nodiscard]] Timer timer(std::function<void()> expired);
    /// At most one call for the life of the loop.
    void on_signals(const std::vector<int>& numbers, std::function<void(int)> arrived);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::host
