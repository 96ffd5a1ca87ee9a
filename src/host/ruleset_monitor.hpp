// Watches who changes this machine's nftables ruleset, through nfnetlink: a firewall that is loaded anew takes
// away what others had placed, and says so to nobody. Tells after each burst. It changes nothing, and knows
// nothing of rules that were made by the older iptables-legacy.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "host/event_loop.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace causeway::host {

class RulesetMonitor {
 public:
    /// Of the tables that a burst was about.
    struct Change {
        /// Something was taken away from these last, family and name: the table, a chain or a rule. Whoever
        /// replaces a table takes away first and adds then, which leaves it out.
        std::set<std::pair<std::string, std::string>> reduced;
        /// More was changed at once than the kernel could tell: what `reduced` lacks may be gone as well.
        bool missed = false;
    };
    /// Changes come in bursts (loading a firewall is one of many tables); they are gathered for this long.
    static constexpr Duration quiet_time = std::chrono::milliseconds(100);

    /// An error means that this kernel has no nftables, or does not say.
    static Result<std::unique_ptr<RulesetMonitor>> open(EventLoop& loop);
    RulesetMonitor(const RulesetMonitor&) = delete;
    RulesetMonitor& operator=(const RulesetMonitor&) = delete;
    ~RulesetMonitor();

    /// Also when it was this process, or a child of it, that has changed something. Elements of sets are not
    /// looked at.
    std::function<void(const Change&)> on_change;

 private:
    explicit RulesetMonitor(EventLoop& loop);
    void receive();
    void look_at(const nlmsghdr* message);

    mnl_socket* socket_ = nullptr;
    EventLoop::Watch watch_;
    EventLoop::Timer quiet_;
    Change change_;
    bool burst_ = false;
};

}  // namespace causeway::host
