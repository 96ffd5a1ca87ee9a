// Asks OpenWrt's message bus by its program `ubus`, one call at a time, on the loop and never blocking it.
// What a call may take is bounded in time and in size; a child that exceeds either is killed. Used by the
// daemon.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "host/event_loop.hpp"

namespace causeway::host {

/// Where ubus is on this machine; nothing where there is none, which is everywhere but on OpenWrt.
std::optional<std::string> find_ubus();

class Ubus {
 public:
    struct Limits {
        Duration time = std::chrono::seconds(5);
        std::size_t octets = std::size_t{256} * 1024;
    };
    using Done = std::function<void(Result<std::string>)>;

    Ubus(EventLoop& loop, std::string program, Limits limits);
    Ubus(const Ubus&) = delete;
    Ubus& operator=(const Ubus&) = delete;
    /// A call under way is given up: its child is killed, `done` is not called.
    ~Ubus();

    [[nodiscard]] bool busy() const;
    /// `ubus call OBJECT METHOD`: what it printed, or why there is nothing. Not while busy. `done` is called
    /// from the loop, and may call again.
    void call(const std::string& object, const std::string& method, Done done);

 private:
    class Child;
    EventLoop& loop_;
    std::string program_;
    Limits limits_;
    std::unique_ptr<Child> child_;
};

}  // namespace causeway::host
