#include "daemon/interface_devices.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace causeway::daemon {

namespace {

/// Of the names that ubus knows, in a message: a router has a handful.
constexpr std::size_t max_listed = 12;

std::string list_of(const std::vector<config::LogicalInterface>& interfaces) {
    std::vector<std::string> names;
    for (const auto& one : interfaces) {
        if (names.size() == max_listed) {
            names.emplace_back("...");
            break;
        }
        names.push_back(printable(one.name, 32));
    }
    return names.empty() ? "none" : fmt::to_string(fmt::join(names, ", "));
}

}  // namespace

InterfaceDevices::InterfaceDevices(host::EventLoop& loop, std::optional<std::string> program, Pace pace,
                                   std::unique_ptr<host::UbusStarter> starter)
    : loop_(loop), program_(std::move(program)), pace_(pace), timer_(loop_.timer([this] { ask(); })) {
    if (program_ && starter) {
        ubus_.emplace(loop_, *program_, pace_.limits, std::move(starter));
    } else if (program_) {
        ubus_.emplace(loop_, *program_, pace_.limits);
    }
}

void InterfaceDevices::follow(std::vector<std::string> names, bool devices_too) {
    devices_too_ = devices_too;
    if (names != names_) {
        names_ = std::move(names);
        std::erase_if(known_, [this](const auto& one) {
            return std::find(names_.begin(), names_.end(), one.first) == names_.end();
        });
        told_.clear();
        failure_.clear();
        settled_ = names_.empty();
    }
    look_again();
}

void InterfaceDevices::look_again() {
    if (names_.empty()) {
        timer_.cancel();
        return;
    }
    if (!ubus_) {
        settled_ = true;
        report_failure(EventCode::interface_without_ubus, {});
        return;
    }
    if (ubus_->busy()) {
        again_ = true;
    } else if (host::now() >= next_) {
        ask();
    } else {
        timer_.arm(next_);
    }
}

std::vector<std::string> InterfaceDevices::devices() const {
    std::vector<std::string> devices;
    for (const auto& [name, device] : known_) {
        if (!device.empty()) {
            devices.push_back(device);
        }
    }
    return devices;
}

void InterfaceDevices::ask() {
    if (names_.empty() || ubus_->busy()) {
        return;
    }
    again_ = false;
    timer_.cancel();
    next_ = host::now() + pace_.least_pause;
    ubus_->call("network.interface", "dump", [this](Result<std::string> dump) { answered(std::move(dump)); });
}

void InterfaceDevices::answered(Result<std::string> dump) {
    if (names_.empty()) {
        return;  // a reload took the last one away meanwhile
    }
    settled_ = true;
    const auto interfaces = dump ? config::parse_interfaces(*dump)
                                 : Result<std::vector<config::LogicalInterface>>(fail(dump.error()));
    if (interfaces) {
        failure_.clear();
        take(*interfaces);
    } else {
        report_failure(EventCode::interface_ubus_failed, interfaces.error().text());
    }
    if (again_ || !interfaces) {
        timer_.arm(interfaces ? next_ : host::now() + pace_.retry);
    }
    if (on_change) {
        on_change();
    }
}

void InterfaceDevices::take(const std::vector<config::LogicalInterface>& interfaces) {
    known_.clear();
    for (const auto& name : names_) {
        const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                        [&](const auto& one) { return one.name == name; });
        if (found != interfaces.end()) {
            known_[name] = found->device;
        }
    }
    for (const auto& name : names_) {
        const auto found = known_.find(name);
        const std::string said = found == known_.end()   ? "unknown to " + list_of(interfaces)
                                 : found->second.empty() ? "down"
                                                         : "is " + found->second;
        if (std::exchange(told_[name], said) == said) {
            continue;
        }
        if (found == known_.end()) {
            report({EventCode::interface_unknown,
                    {},
                    {{"interface", printable(name)}, {"known", list_of(interfaces)}, {"next", instead()}}});
        } else if (found->second.empty()) {
            report({EventCode::interface_down, {}, {{"interface", printable(name)}}});
        } else {
            report({EventCode::interface_device,
                    {},
                    {{"interface", printable(name)}, {"device", printable(found->second)}}});
        }
    }
}

void InterfaceDevices::report_failure(EventCode code, const std::string& why) {
    // What is known stays: a bus that is silent for a while takes no address away.
    const std::string next = known_.empty() ? instead() : "what it reported before stays in force";
    if (std::exchange(failure_, why + next) != why + next) {
        report({code,
                {},
                {{"interfaces", printable(fmt::to_string(fmt::join(names_, ", ")))},
                 {"why", why},
                 {"next", next}}});
    }
}

std::string InterfaceDevices::instead() const {
    return !known_.empty() ? "the others count"
           : devices_too_  ? "only the devices of 'list listen' count"
                           : "IKE listens on all devices";
}

void InterfaceDevices::report(const Event& event) const {
    if (on_report) {
        on_report(event);
    }
}

}  // namespace causeway::daemon
