// The network devices that IKE is spoken on: all of them, or those with configured names. A name may belong
// to a device that does not exist yet (PPPoE, a modem that registers late); refresh() looks again.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace causeway::host {

class DeviceFilter {
 public:
    DeviceFilter() = default;
    /// No names: every device.
    explicit DeviceFilter(std::vector<std::string> names);
    /// These and no others: without names no device at all.
    static DeviceFilter only(std::vector<std::string> names);

    struct Change {
        std::vector<std::string> appeared;
        std::vector<std::string> gone;  ///< or, at the first call, not there yet
    };
    /// Asks the system for the devices' indices, and says what differs from the call before.
    Change refresh();

    [[nodiscard]] bool admits(unsigned device) const { return !restricted_ || admitted_.contains(device); }
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    [[nodiscard]] bool same_as(const DeviceFilter& other) const {
        return restricted_ == other.restricted_ && names_ == other.names_;
    }

 private:
    bool restricted_ = false;
    std::vector<std::string> names_;
    std::set<unsigned> admitted_;
    std::set<std::string> present_;
    bool looked_ = false;
};

/// 0: there is none of that name.
unsigned device_index(const std::string& name);
/// Nothing: there is none of that index.
std::optional<std::string> find_device(unsigned index);
/// The device's name, "device 7" when it has none any more.
std::string device_name(unsigned index);

/// What is in force of /proc/sys/net/ipv4/conf/*/rp_filter for that device: 0 nothing, 1 strict, 2 loose.
unsigned reverse_path_filter(const std::string& device);

}  // namespace causeway::host
