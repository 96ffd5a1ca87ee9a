// Which data plane a gateway gets. Called by the daemon at its start, which knows the plane by its interface
// only.
#pragma once

#include <memory>
#include <optional>

#include "base/data_plane.hpp"
#include "base/result.hpp"
#include "dataplane/dataplane.hpp"

namespace causeway::dataplane {

struct Opened {
    std::unique_ptr<DataPlane> plane;
    /// Why the kernel does not carry, where it was asked first.
    std::optional<Error> kernel_refused;
};

/// Errors name what is missing: the TUN device, rights, raw sockets; for the kernel's plane its modules. What an earlier
/// run with the other plane has left goes.
Result<Opened> open(DataPlaneKind kind, Options options);

}  // namespace causeway::dataplane
