#include "host/event_loop.hpp"

#include <csignal>
#include <cstdint>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

namespace causeway::host {

Instant now() {
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

struct EventLoop::Impl {
    asio::io_context context{1};
    asio::signal_set signals{context};
    std::function<void(int)> signal_arrived;

    void wait_for_signal() {
        signals.async_wait([this](const asio::error_code& error, int number) {
            if (error) {
                return;
            }
            signal_arrived(number);
            wait_for_signal();
        });
    }
};

// Operations under way hold the state, so that a callback may destroy its own Watch.
struct EventLoop::Watch::State : std::enable_shared_from_this<State> {
    State(asio::io_context& context, int fd) : descriptor(context, fd) {}

    asio::posix::stream_descriptor descriptor;
    std::function<void()> readable;
    std::function<void()> writable;
    bool open = true;
    bool write_wanted = false;
    bool write_armed = false;

    void arm_read() {
        descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](const asio::error_code& error) {
                                  if (error || !self->open) {
                                      return;
                                  }
                                  self->readable();
                                  if (self->open) {
                                      self->arm_read();
                                  }
                              });
    }
    void arm_write() {
        write_armed = true;
        descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                              [self = shared_from_this()](const asio::error_code& error) {
                                  self->write_armed = false;
                                  if (error || !self->open || !self->write_wanted) {
                                      return;
                                  }
                                  self->writable();
                                  if (self->open && self->write_wanted && !self->write_armed) {
                                      self->arm_write();
                                  }
                              });
    }
    void close() {
        if (open) {
            open = false;
            descriptor.release();
        }
    }
};

EventLoop::Watch::Watch(Watch&&) noexcept = default;
EventLoop::Watch& EventLoop::Watch::operator=(Watch&& other) noexcept {
    if (this != &other) {
        stop();
        state_ = std::move(other.state_);
    }
    return *this;
}
EventLoop::Watch::~Watch() {
    stop();
}
void EventLoop::Watch::stop() {
    if (state_) {
        std::exchange(state_, nullptr)->close();
    }
}
void EventLoop::Watch::want_write(bool wanted) {
    if (!state_ || state_->write_wanted == wanted) {
        return;
    }
    state_->write_wanted = wanted;
    if (wanted && !state_->write_armed) {
        state_->arm_write();
    }
}

struct EventLoop::Timer::State : std::enable_shared_from_this<State> {
    explicit State(asio::io_context& context) : timer(context) {}

    asio::steady_timer timer;
    std::function<void()> expired;
    std::uint64_t generation = 0;  // of the last arm() or cancel(): an alarm already queued knows it is stale
};

EventLoop::Timer::Timer(Timer&&) noexcept = default;
EventLoop::Timer& EventLoop::Timer::operator=(Timer&& other) noexcept {
    if (this != &other) {
        cancel();
        state_ = std::move(other.state_);
    }
    return *this;
}
EventLoop::Timer::~Timer() {
    cancel();
}
void EventLoop::Timer::arm(Instant at) {
    state_->timer.expires_at(std::chrono::steady_clock::time_point(at.time_since_epoch()));
    state_->timer.async_wait([self = state_, mine = ++state_->generation](const asio::error_code& error) {
        if (!error && mine == self->generation) {
            self->expired();
        }
    });
}
void EventLoop::Timer::cancel() {
    if (state_) {
        ++state_->generation;
        state_->timer.cancel();
    }
}

EventLoop::EventLoop() : impl_(std::make_unique<Impl>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
    const auto work = asio::make_work_guard(impl_->context);
    impl_->context.run();
    impl_->context.restart();
}

bool EventLoop::run_until(const std::function<bool()>& done, Duration limit) {
    impl_->context.restart();  // it stopped when the last work of an earlier call was done
    const auto work = asio::make_work_guard(impl_->context);
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done()) {
        if (impl_->context.run_one_until(end) == 0) {
            return done();
        }
    }
    return true;
}

void EventLoop::stop() {
    impl_->context.stop();
}

void EventLoop::post(Task task) {
    asio::post(impl_->context, [task = std::move(task)]() mutable { task(); });
}

EventLoop::Watch EventLoop::watch(int fd, std::function<void()> readable, std::function<void()> writable) {
    Watch watch;
    watch.state_ = std::make_shared<Watch::State>(impl_->context, fd);
    watch.state_->readable = std::move(readable);
    watch.state_->writable = std::move(writable);
    if (watch.state_->readable) {
        watch.state_->arm_read();
    }
    return watch;
}

EventLoop::Timer EventLoop::timer(std::function<void()> expired) {
    Timer timer;
    timer.state_ = std::make_shared<Timer::State>(impl_->context);
    timer.state_->expired = std::move(expired);
    return timer;
}

void EventLoop::on_signals(const std::vector<int>& numbers, std::function<void(int)> arrived) {
    for (const int number : numbers) {
        impl_->signals.add(number);
    }
    impl_->signal_arrived = std::move(arrived);
    impl_->wait_for_signal();
}

}  // namespace causeway::host
