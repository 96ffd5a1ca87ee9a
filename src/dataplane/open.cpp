#include "dataplane/open.hpp"

#include <utility>

#include "dataplane/kernel/plane.hpp"
#include "dataplane/userspace/plane.hpp"

namespace causeway::dataplane {

Result<Opened> open(DataPlaneKind kind, Options options) {
    Opened opened;
    if (kind == DataPlaneKind::kernel) {
        opened.plane = CAUSEWAY_TRY(KernelPlane::open(std::move(options)));
        return opened;
    }
    KernelPlane::clear(options.device);
    opened.plane = CAUSEWAY_TRY(UserspacePlane::open(std::move(options)));
    return opened;
}

}  // namespace causeway::dataplane
