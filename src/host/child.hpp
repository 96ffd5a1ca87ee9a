// A program that is run to its end with a script on its standard input, without a shell: nft, and whatever
// else reads such a script. Called by whoever has a script and can wait for it; it says nothing about the
// script.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace causeway::host {

/// How it ended.
struct ChildEnd {
    bool succeeded = false;  ///< it exited by itself, with status 0
    std::string output;      ///< the first octets of what it said, on standard output and standard error
};

/// Octets of output that are kept: enough for the first complaint.
inline constexpr std::size_t child_output_octets = 300;
/// The same of a program that is asked for something.
inline constexpr std::size_t child_answer_octets = std::size_t{4} << 20U;

/// Where a program of the system administrator's is; nothing when it is not installed.
std::optional<std::string> find_program(std::string_view name);

/// Runs `program` (a path) with `arguments` (behind its name) and an empty environment, in a process group of
/// its own. Blocks for the life of the child. Errors (system): it cannot be given the script, started or
/// waited for.
Result<ChildEnd> run_child(const std::string& program, const std::vector<std::string>& arguments,
                           std::string_view script, std::size_t output_octets = child_output_octets);

}  // namespace causeway::host
