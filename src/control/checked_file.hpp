// What a check of a configuration file says, for programs: `causeway config check --json`. Never shows a key.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "status/told.hpp"

namespace causeway::control {

/// One that the file configures.
struct CheckedTunnel {
    std::string name;     ///< as the status has it
    std::string gateway;  ///< the peer's first name or address
    std::string local;    ///< a network
    std::string remote;
};

struct CheckedFile {
    std::string file;
    bool usable = false;  ///< the daemon starts with it, or reloads it
    // How many there are, those included that are too many to be listed.
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t notes = 0;
    std::vector<status::Told> findings;
    std::vector<CheckedTunnel> tunnels;
};

/// Indented by two. The keys of a finding are those of the status (causeway(8)).
std::string to_json(const CheckedFile& checked);

}  // namespace causeway::control
