// Asks OpenWrt's message bus by its program `ubus`, one call at a time, on the loop and never blocking it.
// What a call may take is bounded in time and in size; a child that exceeds either is killed. Used by the
// daemon, which has the program started by its parent.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "host/descriptor.hpp"
#include "host/event_loop.hpp"

namespace causeway::host {

/// Where ubus is on this machine; nothing where there is none, which is everywhere but on OpenWrt.
std::optional<std::string> find_ubus();

/// Whoever starts the program, one at a time.
class UbusStarter {
 public:
    UbusStarter() = default;
    UbusStarter(const UbusStarter&) = delete;
    UbusStarter& operator=(const UbusStarter&) = delete;
    virtual ~UbusStarter() = default;

    /// `ubus call OBJECT METHOD`: where to read what it prints, without blocking.
    virtual Result<Descriptor> start(const std::string& object, const std::string& method) = 0;
    /// Nothing: it still runs. Empty: it ended well. Else how it ended, in words. Not asked again afterwards.
    virtual std::optional<std::string> ended() = 0;
    /// Ends one that runs; ended() tells when it has.
    virtual void kill() = 0;
};

/// Here, by this process.
class UbusProgram final : public UbusStarter {
 public:
    explicit UbusProgram(std::string program) : program_(std::move(program)) {}
    UbusProgram(const UbusProgram&) = delete;
    UbusProgram& operator=(const UbusProgram&) = delete;
    /// One that runs is killed and waited for.
    ~UbusProgram() override;

    Result<Descriptor> start(const std::string& object, const std::string& method) override;
    std::optional<std::string> ended() override;
    void kill() override;

 private:
    std::string program_;
    pid_t child_ = 0;
};

class Ubus {
 public:
    struct Limits {
        Duration time = std::chrono::seconds(5);
        std::size_t octets = std::size_t{256} * 1024;
    };
    using Done = std::function<void(Result<std::string>)>;

    Ubus(EventLoop& loop, std::string program, Limits limits);
    /// `program` is for messages only.
    Ubus(EventLoop& loop, std::string program, Limits limits, std::unique_ptr<UbusStarter> starter);
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
    std::unique_ptr<UbusStarter> starter_;
    std::unique_ptr<Child> child_;
};

}  // namespace causeway::host
