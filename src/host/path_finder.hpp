// From where to reach a peer: the route's answer, restricted to the devices that IKE is spoken on. Used by
// the daemon for every look-up of a peer.
#pragma once

#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/result.hpp"
#include "host/devices.hpp"
#include "host/routes.hpp"

namespace causeway::host {

/// The address of ours that datagrams to `remote` leave from. With `local`: that one, if it is ours and of
/// the same family. Never by way of `own_device`: a tunnel cannot carry what carries it. `current` is kept
/// while datagrams from it leave by the device that it belongs to. A temporary IPv6 address (RFC 8981) is not
/// chosen where the device has a lasting one in the same network: the peer would have to learn another one
/// every day.
Result<IpAddress> source_for(Routes& routes, const IpAddress& remote, const std::optional<IpAddress>& local,
                             const DeviceFilter& devices, const std::string& own_device,
                             const std::optional<IpAddress>& current = std::nullopt);

}  // namespace causeway::host
