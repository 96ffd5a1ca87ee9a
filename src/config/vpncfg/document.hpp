// A vpncfg file as a tree: names with values and names with blocks, in the order of the file, unknown ones
// included, each with its place. The parser makes it, the writer prints it, the mapper reads it. It knows
// nothing of IPsec.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::config::vpncfg {

/// Line and column from 1, in octets; 0 when not read from a file.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct Scalar {
    enum class Kind {
        string,  ///< "...", kept without quotes and escapes
        word,    ///< yes, 192.168.1.0, conntype_lan, 3600
    };
    Kind kind = Kind::word;
    std::string text;
    Position at{};
    friend bool operator==(const Scalar& a, const Scalar& b) { return a.kind == b.kind && a.text == b.text; }
};

struct Block;

/// `name = value, value;` or `name { ... } { ... }`: exactly one of the two is not empty.
struct Entry {
    std::string name;
    std::vector<Scalar> values;
    std::vector<Block> blocks;
    Position at{};
};

struct Block {
    std::vector<Entry> entries;
    Position at{};  ///< of the opening brace

    /// The first entry of the name.
    [[nodiscard]] const Entry* find(std::string_view name) const;
};

bool operator==(const Entry& a, const Entry& b);
bool operator==(const Block& a, const Block& b);

/// The whole file as one block without braces.
using Document = Block;

/// What may stand without quotes: a name, a number with an optional unit, an IP or MAC address.
bool is_word(std::string_view text);
/// `[A-Za-z_][A-Za-z0-9_]*`, '-' inside admitted as some readers do.
bool is_name(std::string_view text);

}  // namespace causeway::config::vpncfg
