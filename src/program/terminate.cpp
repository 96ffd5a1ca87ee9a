// What the C++ library says before it aborts takes a decoder of mangled names, 60 KB of a program that has it
// inside. One sentence does: nothing in causeway is meant to end like this, and a core file or a debugger
// names the place.

#include <cstdlib>
#include <unistd.h>

namespace __gnu_cxx {

/// libstdc++ calls it for an exception that nobody catches; ours takes the place of its own.
[[noreturn]] void __verbose_terminate_handler();  // NOLINT(bugprone-reserved-identifier)

void __verbose_terminate_handler() {  // NOLINT(bugprone-reserved-identifier)
    constexpr char sentence[] = "causeway: ended by an error that nobody expected\n";
    if (::write(STDERR_FILENO, sentence, sizeof sentence - 1) < 0) {
        // Nobody to tell.
    }
    std::abort();
}

}  // namespace __gnu_cxx
