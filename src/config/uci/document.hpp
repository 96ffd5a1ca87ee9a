// A UCI package as a tree: what libuci keeps of a file, with the place of every value. The parser and the
// mapper to other formats make it, the writer prints it, the mapper to the model reads it. It knows nothing
// of IPsec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace causeway::config::uci {

/// Line and column from 1, in octets; 0 when the value was not read from a file.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct Value {
    std::string text;
    Position at{};
};

/// `option NAME 'VALUE'`, or all `list NAME 'VALUE'` of one name.
struct Option {
    std::string name;
    bool is_list = false;
    std::vector<Value> values;  ///< exactly one unless `is_list`
    Position at{};              ///< of the name, where it stands first
};

struct Section {
    std::string type;
    std::string name;  ///< libuci's "cfg01b606" when anonymous
    bool anonymous = false;
    std::vector<Option> options;
    Position at{};

    [[nodiscard]] const Option* find(std::string_view option) const;
};

/// What libuci does without a word and the author of the file hardly meant.
struct Surprise {
    Position at{};
    std::string what;
    std::string consequence;
    std::string remedy;
};

struct Document {
    std::vector<Section> sections;    ///< one of each name
    std::vector<Surprise> surprises;  ///< in the order of the file
    /// Where in `sections` a name is; the parser fills it. Sections that are added later need not be in it.
    std::unordered_map<std::string, std::size_t> by_name;

    [[nodiscard]] const Section* find(const std::string& name) const;
};

/// The name that libuci gives to an anonymous section: its number in the package (named ones count) and a
/// hash of its type.
std::string anonymous_name(std::size_t number, std::string_view type);

/// Same sections, names, options and values; places and surprises do not count.
bool same_content(const Document& a, const Document& b);

}  // namespace causeway::config::uci
