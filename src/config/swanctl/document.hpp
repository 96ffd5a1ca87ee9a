// A swanctl.conf as a tree: settings, sections and includes in the order of the file, each with its place. The
// parser makes it, the writer prints it, config/swanctl/settings joins it with the files that it includes. It
// knows nothing of IPsec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace causeway::config::swanctl {

/// Line and column from 1, in octets.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// What strongSwan's lexer made of the text behind a '='.
struct Value {
    std::string text;
    Position at{};
    std::uint32_t last_line = 0;  ///< where it ends
    bool set = true;              ///< false: nothing stands there, which clears an inherited value
    bool exact =
        true;  ///< `text` stands in the file octet by octet, from `at` on: places inside it are known
    bool quoted = false;  ///< one string in quotes, and nothing else
    // What a person who wrote a key there has lost.
    bool cut_by_hash = false;     ///< a '#' directly behind the value began a comment
    bool blanks_changed = false;  ///< parts were joined with one blank where more, or none, stood
    bool backslash_lost = false;  ///< a '\' in a string that had no meaning of its own
};

struct Reference {
    std::string name;  ///< from the top: "connections.base"
    Position at{};
};

struct Entry {
    enum class Kind {
        setting,  ///< NAME = VALUE
        section,  ///< NAME { ... }, NAME : REFERENCES { ... }
        include,  ///< include PATTERN
    };
    Kind kind = Kind::setting;
    std::string name;  ///< of an include: the pattern
    Position at{};
    Value value{};                        ///< of a setting
    std::vector<Reference> references{};  ///< of a section
    std::vector<Entry> entries{};         ///< of a section
};

/// The whole file.
using Document = std::vector<Entry>;

}  // namespace causeway::config::swanctl
