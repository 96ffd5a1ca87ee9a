// What the process that reads strangers' datagrams may still ask of the kernel: a seccomp filter (seccomp(2)) that admits the
// calls of its steady state and refuses the rest with EPERM. It cannot open a file, execute, start a process, trace one, or
// open another socket than those that names are looked up with. Set by the daemon as the last thing before its loop runs; what
// needs more is done by its parent (docs/decisions/0019-two-processes.md). Nothing takes it off again.
#pragma once

#include <string>

namespace causeway::host {

/// Whether a sanitizer is inside: what it does by itself at any time (it opens files, stops threads, traces) would be refused.
[[nodiscard]] bool built_with_sanitizer();
/// Confines every thread of the process, and those to come. Needs no_new_privs (host/privileges.hpp). What kept the kernel from
/// it, in words; empty: it holds. Not for a program with a sanitizer inside.
[[nodiscard]] std::string confine_system_calls();

}  // namespace causeway::host
