// The five answers a command can end with: the tool's exit status, and the field "exit" of every reply.
#pragma once

namespace causeway::control {

enum class Exit : int {
    done = 0,         ///< what was asked for holds
    no = 1,           ///< the answer is no: not up, refused
    unusable = 2,     ///< wrong usage, a name nobody knows, a file nobody can read
    not_running = 3,  ///< no daemon to ask; only the tool says so
    timed_out = 4,    ///< not known in time
};

}  // namespace causeway::control
