#include "host/path_finder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace causeway::host {

Result<IpAddress> source_for(Routes& routes, const IpAddress& remote, const std::optional<IpAddress>& local,
                             const DeviceFilter& devices, const std::string& own_device) {
    if (local && local->is_v4() != remote.is_v4()) {
        return fail(Errc::not_found, fmt::format("{} cannot be reached from {}: one is IPv4, the other IPv6",
                                                 remote.text(), local->text()));
    }
    const Path path = CAUSEWAY_TRY(routes.lookup(remote, local));
    const std::string device = device_name(path.device);
    if (device == own_device) {
        return fail(Errc::not_found,
                    fmt::format("the way to {} leads into the tunnel ({})", remote.text(), device));
    }
    if (!devices.admits(path.device)) {
        return fail(Errc::not_found,
                    fmt::format("the way to {} leads through {}, IKE is to be spoken on {} only",
                                remote.text(), device, fmt::join(devices.names(), ", ")));
    }
    if (local) {
        return *local;
    }
    if (path.source.is_unspecified()) {
        return fail(Errc::not_found,
                    fmt::format("{} has no address to reach {} from", device, remote.text()));
    }
    return path.source;
}

}  // namespace causeway::host
