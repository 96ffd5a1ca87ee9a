// check-agrees [FIRST [LAST]]: plays pairs of that number, 1 to 2000 unless said otherwise; prints each in which check and
// engines disagree, and how many agree. Exit 0 only when all do.
#include <cstdint>
#include <cstdlib>
#include <fmt/format.h>

#include "agreement/pairs.hpp"

int main(int argc, char** argv) {
    const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    const std::uint64_t last = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : first + 1999;
    std::uint64_t agreed = 0;
    std::uint64_t connected = 0;
    for (auto seed = first; seed <= last; ++seed) {
        const auto verdict = causeway::agreement::play(seed);
        agreed += verdict.agrees ? 1 : 0;
        connected += verdict.connects ? 1 : 0;
        if (!verdict.agrees) {
            fmt::print("{}\n", verdict.text);
        }
    }
    const auto pairs = last - first + 1;
    fmt::print("{} of {} pairs agree; {} connect\n", agreed, pairs, connected);
    // Pairs that all connect, or never, would try nothing.
    const bool both = connected > pairs / 20 && connected < pairs - pairs / 20;
    return agreed == pairs && both ? 0 : 1;
}
