// causewayd from its command line to its exit status.
#pragma once

#include <string>

namespace causeway::daemon {

int run(int argc, char** argv, const std::string& version);

}  // namespace causeway::daemon
