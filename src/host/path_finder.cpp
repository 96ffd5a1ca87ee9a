#include "host/path_finder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string>

namespace causeway::host {
namespace {

constexpr std::size_t interface_network_octets = 8;  // RFC 4291 2.5.1: /64

bool same_network(const IpAddress& a, const IpAddress& b) {
    return a.is_v6() && b.is_v6() &&
           std::equal(a.octets().begin(), a.octets().begin() + interface_network_octets, b.octets().begin());
}

/// The device that packets from `current` leave by is the one that it belongs to.
bool still_good(Routes& routes, const IpAddress& remote, const IpAddress& current,
                const DeviceFilter& devices, const std::string& own_device) {
    const auto addresses = routes.all_addresses();
    const auto path = routes.lookup(remote, current);
    return addresses && path && devices.admits(path->device) && device_name(path->device) != own_device &&
           std::any_of(addresses->begin(), addresses->end(), [&](const LocalAddress& one) {
               return one.address == current && one.usable && one.device == path->device;
           });
}

IpAddress lasting(Routes& routes, const Path& path) {
    const auto addresses = routes.all_addresses();
    if (path.source.is_v4() || !addresses) {
        return path.source;
    }
    const auto is_temporary = [&](const LocalAddress& one) {
        return one.address == path.source && one.temporary;
    };
    const auto better = [&](const LocalAddress& one) {
        return one.device == path.device && !one.temporary && !one.deprecated && one.usable &&
               same_network(one.address, path.source);
    };
    if (std::none_of(addresses->begin(), addresses->end(), is_temporary)) {
        return path.source;
    }
    const auto found = std::find_if(addresses->begin(), addresses->end(), better);
    return found == addresses->end() ? path.source : found->address;
}

}  // namespace

Result<IpAddress> source_for(Routes& routes, const IpAddress& remote, const std::optional<IpAddress>& local,
                             const DeviceFilter& devices, const std::string& own_device,
                             const std::optional<IpAddress>& current) {
    if (!local && current && current->is_v4() == remote.is_v4() &&
        still_good(routes, remote, *current, devices, own_device)) {
        return *current;
    }
    if (local && local->is_v4() != remote.is_v4()) {
        return fail(Errc::not_found, fmt::format("{} cannot be reached from {}: one is IPv4, the other IPv6",
                                                 remote.text(), local->text()));
    }
    const Path path = CAUSEWAY_TRY(routes.lookup(remote, local));
    const std::string device = device_name(path.device);
    if (device == own_device) {
        return fail(Errc::not_found,
                    fmt::format("the route to {} leads into the tunnel ({})", remote.text(), device));
    }
    if (device == "lo" && !remote.is_loopback()) {
        return fail(Errc::not_found, fmt::format("{} is our own address", remote.text()));
    }
    if (!devices.admits(path.device)) {
        return fail(Errc::not_found,
                    fmt::format("{} is reached through {}, but IKE listens on {} only", remote.text(), device,
                                devices.names().empty() ? "devices that are not there yet"
                                                        : fmt::to_string(fmt::join(devices.names(), ", "))));
    }
    if (local) {
        return *local;
    }
    if (path.source.is_unspecified()) {
        return fail(Errc::not_found,
                    fmt::format("{} has no address to reach {} from", device, remote.text()));
    }
    return lasting(routes, path);
}

}  // namespace causeway::host
