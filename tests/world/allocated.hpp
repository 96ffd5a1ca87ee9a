// How much of the heap the program holds now, with and without a sanitizer.
#pragma once

#include <cstddef>
#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__)
#define CAUSEWAY_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAUSEWAY_ASAN 1
#endif
#endif
#ifdef CAUSEWAY_ASAN
#include <sanitizer/allocator_interface.h>
#endif

namespace causeway::test {

/// Octets. The sanitizer's allocator knows by itself, without what the C library adds to each block; it keeps
/// freed octets out of the sum.
inline std::size_t allocated() {
#ifdef CAUSEWAY_ASAN
    return __sanitizer_get_current_allocated_bytes();
#else
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
#endif
}

}  // namespace causeway::test
