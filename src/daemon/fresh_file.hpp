// Files that others read while the daemon writes them anew: made beside and put in their place, so that whoever reads finds the
// old one or the new one.
#pragma once

#include <string>
#include <sys/types.h>

#include "base/bytes.hpp"

namespace causeway::daemon {

/// 0, or errno; then the old one stays. Beside it means PATH.new, which is none of a link's.
int write_fresh_file(const std::string& path, ByteView octets, mode_t mode);

}  // namespace causeway::daemon
