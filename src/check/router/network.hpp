// /etc/config/network as values: netifd's interfaces with their networks and devices, and static routes. IPv4 only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/place.hpp"
#include "check/router/uci_file.hpp"

namespace causeway::check {

struct Interface {
    std::string name;
    std::string protocol;  ///< "static", "dhcp", "pppoe"; "none" when missing
    Place place{};
    Place protocol_place{};
    std::vector<std::string> devices;  ///< as written: `device`, or `ifname` of older files
    bool is_bridge = false;            ///< `option type bridge`, before 21.02
    std::string zone;                  ///< of the firewall, for interfaces that claim one
    std::vector<Sourced<IpAddress>> addresses;
    std::vector<Sourced<Ipv4Net>> nets;

    /// Its IPv4 address comes from somebody else, and may be another one tomorrow.
    [[nodiscard]] bool is_dynamic() const;
    /// IPv4 in IPv6 through the provider's own NAT: nobody can call in.
    [[nodiscard]] bool is_behind_carrier() const;
    /// What hotplug scripts are told as DEVICE; nothing: not known from the file.
    [[nodiscard]] std::optional<std::string> l3_device() const;
};

struct Network {
    std::vector<Interface> interfaces;
    std::vector<Ipv4Net> routes;

    static Network of(const UciFile& file);

    [[nodiscard]] const Interface* named(std::string_view name) const;
};

}  // namespace causeway::check
