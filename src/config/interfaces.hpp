// OpenWrt's logical interfaces ('wan'), as `ubus call network.interface dump` prints them. Pure: host/ubus
// runs the program, daemon/interface_devices keeps what came of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace causeway::config {

struct LogicalInterface {
    std::string name;
    std::string device;  ///< packets pass through it (netifd's l3_device); empty while the interface is down
    friend bool operator==(const LogicalInterface&, const LogicalInterface&) = default;
};

/// An entry without a name, or with a device that no device can be called, is passed over: one odd interface
/// is no reason to lose the others.
Result<std::vector<LogicalInterface>> parse_interfaces(std::string_view json);

}  // namespace causeway::config
