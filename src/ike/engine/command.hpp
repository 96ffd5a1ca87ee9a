// What somebody wants of the tunnels, and what came of it. Values: inputs and outputs of the engine, and of its
// part that knows who waits.
#pragma once

#include <cstdint>
#include <string>

namespace causeway::ike {

/// Given by whoever commands, so that the outcome finds back to who waits for it.
enum class CommandId : std::uint64_t {};

/// A tunnel (display name), a peer (section name) or, empty, everything.
struct CommandUp {
    std::string name;
    CommandId id{};
};
struct CommandDown {
    std::string name;
    CommandId id{};
};

/// The outcome of CommandUp or CommandDown, for whoever waits: sent once for each command, unless it is never
/// decided.
struct CommandOutcome {
    std::string name{};
    bool up = false;    ///< state reached
    bool done = false;  ///< the wish is fulfilled; false: `why` says what stopped it (it may go on trying)
    std::string why{};
    CommandId id{};
};

}  // namespace causeway::ike
