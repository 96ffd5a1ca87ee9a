// The commands that work on files alone: no daemon is asked, nothing is written. Called by the command line
// only.
#pragma once

#include <optional>
#include <string>

#include "cli/failure.hpp"
#include "config/load.hpp"

namespace causeway::cli {

/// `config show`: the file as it was understood. Shows keys: it is the user's own file.
Exit config_show(const std::string& file, std::optional<config::Format> format, bool json);
/// How the outcome of a check is printed.
enum class Shown { without_notes, with_notes, json };
/// `config check`: the effective tunnels in words, and what there is to say about the file. Never shows a
/// key.
Exit config_check(const std::string& file, std::optional<config::Format> format, Shown shown);
/// `decode`: a capture file, hexadecimal digits, or "-" for either on stdin.
Exit decode(const std::string& what);

}  // namespace causeway::cli
