#include "host/devices.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

#include "host/descriptor.hpp"
#include "host/sysctl.hpp"

namespace causeway::host {

namespace {

/// As the C library's if_nametoindex() does it, by a socket of a family that a confined process may have.
bool ask_of_devices(unsigned long what, ifreq& request) {
    const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    return socket && ::ioctl(socket.get(), what, &request) == 0;
}

}  // namespace

DeviceFilter::DeviceFilter(std::vector<std::string> names)
    : restricted_(!names.empty()), names_(std::move(names)) {}

DeviceFilter DeviceFilter::only(std::vector<std::string> names) {
    DeviceFilter filter(std::move(names));
    filter.restricted_ = true;
    return filter;
}

DeviceFilter::Change DeviceFilter::refresh() {
    Change change;
    admitted_.clear();
    for (const std::string& name : names_) {
        const unsigned index = device_index(name);
        const bool was_there = present_.contains(name);
        if (index != 0) {
            admitted_.insert(index);
            if (!was_there) {
                present_.insert(name);
                change.appeared.push_back(name);
            }
        } else if (was_there || !looked_) {
            present_.erase(name);
            change.gone.push_back(name);
        }
    }
    looked_ = true;
    return change;
}

unsigned device_index(const std::string& name) {
    ifreq request{};
    if (name.empty() || name.size() >= IFNAMSIZ) {
        return 0;
    }
    name.copy(static_cast<char*>(request.ifr_name), IFNAMSIZ - 1);
    return ask_of_devices(SIOCGIFINDEX, request) ? static_cast<unsigned>(request.ifr_ifindex) : 0;
}

std::optional<std::string> find_device(unsigned index) {
    ifreq request{};
    request.ifr_ifindex = static_cast<int>(index);
    if (!ask_of_devices(SIOCGIFNAME, request)) {
        return std::nullopt;
    }
    return static_cast<const char*>(request.ifr_name);
}

std::string device_name(unsigned index) {
    return find_device(index).value_or(fmt::format("device {}", index));
}

// ip-sysctl: the greater of the two counts.
unsigned reverse_path_filter(const std::string& device) {
    unsigned value = 0;
    for (const std::string& name : {std::string("all"), device}) {
        const auto text = read_sysctl(SystemFile::rp_filter, name);
        if (text == "1" || text == "2") {
            value = std::max(value, text == "1" ? 1U : 2U);
        }
    }
    return value;
}

}  // namespace causeway::host
