#include "cli/command_line.hpp"

int main(int argc, char** argv) {
    return causeway::cli::run(argc, argv, CAUSEWAY_VERSION);
}
