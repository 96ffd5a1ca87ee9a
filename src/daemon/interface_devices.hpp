// The devices behind the configured logical interfaces (`list interface 'wan'`): asks ubus at the start, at a
// reload and when addresses or links have changed, and keeps what it answered last. Used by the service, on
// its loop; it never blocks it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/event.hpp"
#include "config/interfaces.hpp"
#include "host/event_loop.hpp"
#include "host/ubus.hpp"

namespace causeway::daemon {

class InterfaceDevices {
 public:
    struct Pace {
        host::Ubus::Limits limits{};
        Duration least_pause = std::chrono::seconds(1);  ///< between two calls, however often links change
        Duration retry = std::chrono::seconds(10);       ///< after a call that failed
    };

    /// Without a program there is no ubus here. `starter` starts it for a process that cannot; none: done here.
    InterfaceDevices(host::EventLoop& loop, std::optional<std::string> program, Pace pace,
                     std::unique_ptr<host::UbusStarter> starter = nullptr);

    /// An answer, or the reason why there is none, is there: devices() may be another list now.
    std::function<void()> on_change;
    std::function<void(const Event&)> on_report;

    /// The names that are asked for from now on; asks at once. `devices_too`: devices are named as well.
    void follow(std::vector<std::string> names, bool devices_too);
    /// Something has changed: asks again, as soon as the pace allows.
    void look_again();

    [[nodiscard]] bool follows() const { return !names_.empty(); }
    /// Not yet: the first answer is still awaited.
    [[nodiscard]] bool settled() const { return settled_; }
    /// At least one of the names is known to ubus. If not, they restrict nothing.
    [[nodiscard]] bool known() const { return !known_.empty(); }
    /// Of the known names that are up.
    [[nodiscard]] std::vector<std::string> devices() const;

 private:
    void ask();
    void answered(Result<std::string> dump);
    void take(const std::vector<config::LogicalInterface>& interfaces);
    void report_failure(EventCode code, const std::string& why);
    void report(const Event& event) const;
    /// What is done without the names that ubus does not know.
    [[nodiscard]] std::string instead() const;

    host::EventLoop& loop_;
    std::optional<std::string> program_;
    Pace pace_;
    std::vector<std::string> names_;
    std::map<std::string, std::string> known_;  ///< name to device; an empty one is down
    std::map<std::string, std::string> told_;   ///< what was last reported of a name
    std::string failure_;                       ///< what was last reported of ubus
    bool devices_too_ = false;
    bool settled_ = true;
    bool again_ = false;
    Instant next_{};
    host::EventLoop::Timer timer_;
    std::optional<host::Ubus> ubus_;
};

}  // namespace causeway::daemon
