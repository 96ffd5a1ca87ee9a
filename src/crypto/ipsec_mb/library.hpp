// Intel's multi-buffer library (libipsec-mb), loaded when first asked for and never before: a daemon without
// load does not map it (docs/decisions/0016-intels-library-by-the-way.md). Here is what is called of it by name; the rest
// are pointers in its manager.
#pragma once

#include <string>

#define NO_COMPAT_IMB_API_053  // its old names are macros like CBC and SHA1
#include <intel-ipsec-mb.h>

namespace causeway::crypto::ipsec_mb {

struct Library {
    decltype(&::alloc_mb_mgr) allocate = nullptr;
    decltype(&::free_mb_mgr) release = nullptr;
    decltype(&::init_mb_mgr_auto) initialise = nullptr;
};

/// Of the life of the program. Null where it is not installed, or is not of the version that this program was
/// built with: its structures, which we lay out, change from one to the next.
const Library* library();

/// A new manager tests itself and so touches nearly all code of the library, 3.4 MiB. Gives those pages back:
/// what work needs of them comes again.
void forget_pages();

/// Of a manager that was made: which instructions it uses, and whether it works. For facts().
void note_manager(IMB_ARCH architecture, bool works);

/// In words, for status; from any thread, and loads nothing.
std::string facts();

}  // namespace causeway::crypto::ipsec_mb
