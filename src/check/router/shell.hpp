// A shell script as the commands in it, each word with its place: enough to see what firewall.user, a hotplug script or
// an init script does, and no interpreter. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/place.hpp"
#include "config/load.hpp"

namespace causeway::check {

struct ShellWord {
    /// Without quotes. A variable that has one literal value in the whole script is replaced by it; others stay as
    /// "$NAME".
    std::string text;
    Place place{};
};

struct ShellCommand {
    /// What stands before it: "\n", ";", "&&", "||", "|", "&", "(", ")", "`" or "$(".
    std::string_view joined_by;
    std::vector<ShellWord> words;  ///< at least one; assignments in front are words too

    /// The word has this text.
    [[nodiscard]] bool has(std::string_view text) const;
};

/// Comments, empty lines and here-documents' marks are nothing; keywords (`if`, `then`) are words.
std::vector<ShellCommand> shell_commands(const config::NamedText& script);

}  // namespace causeway::check
