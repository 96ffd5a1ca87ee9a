#include "daemon/daemon.hpp"

int main(int argc, char** argv) {
    return causeway::daemon::run(argc, argv, CAUSEWAY_VERSION);
}
