// What a check of both sides of a tunnel says, for programs: `causeway check --json`. Never shows a key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "status/told.hpp"

namespace causeway::control {

struct CheckedPhase1 {
    bool up = false;
    std::string suite;  ///< empty: none
    std::string mode;   ///< "Main Mode"
    std::uint32_t lifetime_seconds = 0;
};

struct CheckedPhase2 {
    std::string ours;    ///< the tunnel; empty: this side has none for these networks
    std::string theirs;  ///< the same of the other side
    std::string local;   ///< network
    std::string remote;
    bool up = false;
    std::string suite;
    std::string encapsulation;  ///< "tunnel"
    std::uint32_t lifetime_seconds = 0;
};

struct CheckedConnection {
    std::string ours;              ///< the entry's name
    std::string theirs;            ///< empty: assumed or missing
    std::string because;           ///< what the two have in common; empty: they are the only ones
    std::string initiator;         ///< "ours", "theirs", "either", "nobody"
    std::optional<bool> connects;  ///< none: unknown
    std::optional<CheckedPhase1> phase1;
    std::vector<CheckedPhase2> phase2;
};

struct CheckedSides {
    std::optional<bool> connects;  ///< every connection
    std::vector<CheckedConnection> connections;
    std::size_t errors = 0;
    std::size_t warnings = 0;
    std::size_t notes = 0;
    std::vector<status::Told> findings;
};

/// Indented by two. The keys of a finding are those of the status (causeway(8)).
std::string to_json(const CheckedSides& checked);

}  // namespace causeway::control
