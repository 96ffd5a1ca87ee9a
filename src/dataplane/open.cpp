#include "dataplane/open.hpp"

#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>

#include "dataplane/fallback.hpp"
#include "dataplane/kernel/plane.hpp"
#include "dataplane/userspace/plane.hpp"

namespace causeway::dataplane {

namespace {

// All that the userspace plane will need is taken now: later this process may open nothing any more. A machine without TUN
// devices has the kernel alone.
Result<std::unique_ptr<DataPlane>> kernel_first(Options options) {
    auto reserved = UserspacePlane::reserve(options);
    if (!reserved) {
        options.note = fmt::format("no other could take its place: {}", reserved.error().text());
        return KernelPlane::open(std::move(options));
    }
    auto kernel = CAUSEWAY_TRY(KernelPlane::open(options));
    auto reserve = std::make_shared<UserspacePlane::Reserve>(std::move(*reserved));
    return std::make_unique<FallbackPlane>(
        std::move(kernel),
        [options = std::move(options),
         reserve](std::string note) mutable -> Result<std::unique_ptr<DataPlane>> {
            options.note = std::move(note);
            return UserspacePlane::open(std::move(options), std::move(*reserve));
        });
}

}  // namespace

Result<Opened> open(DataPlaneKind kind, Options options) {
    Opened opened;
    if (kind == DataPlaneKind::kernel) {
        opened.plane = CAUSEWAY_TRY(KernelPlane::open(std::move(options)));
        return opened;
    }
    if (kind == DataPlaneKind::automatic) {
        if (auto chosen = kernel_first(options)) {
            opened.plane = std::move(*chosen);
            return opened;
        } else {
            options.note = fmt::format("the kernel does not carry: {}", chosen.error().text());
            opened.kernel_refused = std::move(chosen.error());
        }
    }
    KernelPlane::clear(options.device);
    opened.plane = CAUSEWAY_TRY(UserspacePlane::open(std::move(options)));
    return opened;
}

}  // namespace causeway::dataplane
