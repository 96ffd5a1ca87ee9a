// The tool `causeway`, also called `ipsec`.

#include <cstdio>
#include <exception>

#include "cli/command_line.hpp"

int main(int argc, char** argv) {
    using causeway::cli::Exit;
    Exit exit = Exit::unusable;
    try {
        exit = causeway::cli::run(argc, argv, CAUSEWAY_VERSION);
    } catch (const std::exception& failed) {
        // Out of memory, a stdout that cannot be written to: nothing that a command expects.
        std::fprintf(stderr, "causeway: %s\n", failed.what());
    }
    if (std::fflush(stdout) != 0) {
        std::perror("causeway: cannot write the output");
        exit = Exit::unusable;
    }
    return static_cast<int>(exit);
}
