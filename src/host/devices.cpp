#include "host/devices.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <net/if.h>
#include <utility>

#include "host/sysctl.hpp"

namespace causeway::host {

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
        const unsigned index = ::if_nametoindex(name.c_str());
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

std::string device_name(unsigned index) {
    std::array<char, IF_NAMESIZE> name{};
    if (::if_indextoname(index, name.data()) == nullptr) {
        return fmt::format("device {}", index);
    }
    return name.data();
}

// ip-sysctl: the greater of the two counts.
unsigned reverse_path_filter(const std::string& device) {
    unsigned value = 0;
    for (const std::string& name : {std::string("all"), device}) {
        const auto text = read_sysctl(fmt::format("net/ipv4/conf/{}/rp_filter", name));
        if (text == "1" || text == "2") {
            value = std::max(value, text == "1" ? 1U : 2U);
        }
    }
    return value;
}

}  // namespace causeway::host
