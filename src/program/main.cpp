// Both programs in one file, for machines where flash is dear: what they have in common is there once. Which
// of them it is, the name tells that it is called by.

#include <string_view>

#include "cli/command_line.hpp"
#include "daemon/daemon.hpp"

int main(int argc, char** argv) {
    const std::string_view path = argc > 0 ? argv[0] : "";
    return path.substr(path.find_last_of('/') + 1) == "causewayd"
               ? causeway::daemon::run(argc, argv, CAUSEWAY_VERSION)
               : causeway::cli::run(argc, argv, CAUSEWAY_VERSION);
}
