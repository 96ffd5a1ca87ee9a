#include "dataplane/open.hpp"

#include <utility>

#include "dataplane/userspace/plane.hpp"

namespace causeway::dataplane {

Result<std::unique_ptr<DataPlane>> open(Kind kind, Options options) {
    switch (kind) {
        case Kind::automatic:  // there is one so far
        case Kind::userspace:
            break;
    }
    return CAUSEWAY_TRY(UserspacePlane::open(std::move(options)));
}

}  // namespace causeway::dataplane
