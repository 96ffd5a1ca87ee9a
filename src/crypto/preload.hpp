// What the libraries under this floor would open by themselves later, opened now: called once by a process that is about to
// give up opening files.
#pragma once

namespace causeway::crypto {

/// libcrypto's configuration and algorithms, and the library that may stand before it, where it is installed: some tens of
/// kilobytes until it is used.
void preload();

}  // namespace causeway::crypto
