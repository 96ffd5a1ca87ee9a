// Which data plane a gateway gets. Called by the daemon at its start, which knows the plane by its interface
// only.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "dataplane/dataplane.hpp"

namespace causeway::dataplane {

enum class Kind {
    automatic,  ///< the best one that this machine has
    userspace,
};

/// Errors name what is missing: the TUN device, rights, raw sockets.
Result<std::unique_ptr<DataPlane>> open(Kind kind, Options options);

}  // namespace causeway::dataplane
