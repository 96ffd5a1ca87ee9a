#include "check/router/network.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <utility>

#include "check/router/firewall.hpp"
#include "config/uci/document.hpp"

namespace causeway::check {
namespace {

using config::uci::Section;

bool is_among(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

/// `ipaddr` is an address with `netmask` beside it, or has its prefix with it; it may be a list.
void read_addresses(const UciFile& file, const Section& section, Interface& interface) {
    const auto mask = UciFile::text(section, "netmask");
    for (const auto& word : file.words(section, "ipaddr")) {
        const auto slash = word.value.find('/');
        if (const auto address = IpAddress::parse(std::string_view(word.value).substr(0, slash));
            address && address->is_v4()) {
            interface.addresses.push_back({*address, word.place});
        }
        const bool has_mask = slash == std::string::npos && !mask.empty();
        if (const auto net = lenient_net(has_mask ? word.value + "/" + mask : word.value)) {
            interface.nets.push_back({*net, word.place});
        }
    }
}

Interface interface_of(const UciFile& file, const Section& section) {
    Interface out;
    out.name = std::string(section.name);
    out.protocol = UciFile::text(section, "proto");
    if (out.protocol.empty()) {
        out.protocol = "none";
    }
    out.place = file.place(section.at);
    out.protocol_place = file.place(section, "proto");
    for (const std::string_view option : {"device", "ifname"}) {
        for (auto& word : file.words(section, option)) {
            out.devices.push_back(std::move(word.value));
        }
    }
    out.is_bridge = UciFile::text(section, "type") == "bridge";
    out.zone = UciFile::text(section, "zone");
    read_addresses(file, section, out);
    return out;
}

std::optional<Ipv4Net> route_of(const Section& section) {
    auto target = UciFile::text(section, "target");
    const auto mask = UciFile::text(section, "netmask");
    if (target.find('/') == std::string::npos && !mask.empty()) {
        target += "/" + mask;
    }
    return lenient_net(target);
}

}  // namespace

// The protocol handlers of OpenWrt's packages ppp, comgt, uqmi, umbim and ModemManager, beside netifd's own dhcp.
bool Interface::is_dynamic() const {
    return is_among(protocol, {"dhcp", "pppoe", "pppoa", "ppp", "pptp", "l2tp", "3g", "qmi", "mbim", "ncm",
                               "modemmanager"});
}

// Packages ds-lite (RFC 6333) and 464xlat (RFC 6877).
bool Interface::is_behind_carrier() const {
    return is_among(protocol, {"dslite", "464xlat"});
}

std::optional<std::string> Interface::l3_device() const {
    // ppp.sh: "${proto:-ppp}-$config".
    if (is_among(protocol, {"pppoe", "pppoa", "ppp", "pptp", "l2tp", "3g"})) {
        return fmt::format("{}-{}", protocol, name);
    }
    if (!is_among(protocol, {"static", "dhcp", "none"})) {
        return {};
    }
    if (is_bridge) {
        return "br-" + name;
    }
    return devices.empty() || devices.front().starts_with('@') ? std::nullopt
                                                               : std::optional(devices.front());
}

Network Network::of(const UciFile& file) {
    Network out;
    for (const auto& section : file.document().sections) {
        if (section.type == "interface" && !UciFile::flag(section, "disabled", false) &&
            section.name != "loopback") {
            out.interfaces.push_back(interface_of(file, section));
        } else if (section.type == "alias") {
            // More addresses of an interface, before they could be a list.
            out.interfaces.push_back(interface_of(file, section));
        } else if (section.type == "route") {
            if (const auto net = route_of(section)) {
                out.routes.push_back(*net);
            }
        }
    }
    return out;
}

const Interface* Network::named(std::string_view name) const {
    const auto found = std::ranges::find(interfaces, name, &Interface::name);
    return found == interfaces.end() ? nullptr : &*found;
}

}  // namespace causeway::check
