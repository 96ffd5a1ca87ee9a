// Both sides of a tunnel held against each other before a packet is sent: what will connect, with what, and what keeps
// the rest down. Pure: files have been read by config/. Points into the models, which must outlive the outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "config/model.hpp"

namespace causeway::check {

enum class Connects { no, yes, unknown };
/// "false", "true", "unknown".
std::string_view word(Connects connects);

/// Who begins: a side that has the other's address and a reason to call.
enum class Initiator { nobody, ours, theirs, either };
std::string_view word(Initiator initiator);

struct Phase1Agreed {
    bool up = false;
    std::string suite;  ///< "aes128-sha1-modp1024"; empty: none
    config::ExchangeMode mode{};
    std::uint32_t lifetime_seconds = 0;
};

struct Phase2Agreed {
    const config::Tunnel* ours = nullptr;    ///< null: a pair of networks that only the other side has
    const config::Tunnel* theirs = nullptr;  ///< null: one that only we have
    bool up = false;
    bool networks_differ = false;
    std::string suite;
    std::uint32_t lifetime_seconds = 0;
};

struct ConnectionOutcome {
    const config::Peer* ours = nullptr;
    const config::Peer* theirs = nullptr;  ///< null: assumed, or missing
    std::string why_together;              ///< what the two have in common; empty: they are the only ones
    Initiator initiator = Initiator::nobody;
    Connects connects = Connects::unknown;
    std::optional<Phase1Agreed> phase1;
    std::vector<Phase2Agreed> phase2;
};

struct Outcome {
    Connects connects = Connects::unknown;  ///< every connection
    std::vector<ConnectionOutcome> connections;
    std::vector<Finding> findings;  ///< of both together; those of each file are in its model
};

/// Where two files are given.
Outcome check(const config::Model& ours, const config::Model& theirs);
/// Where only ours is: held against what a FRITZ!Box is known to take. `box`: the user says that one is there, so what
/// it cannot take is an error.
Outcome check_alone(const config::Model& ours, bool box);

}  // namespace causeway::check
