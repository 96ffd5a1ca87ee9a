// The keys of a vpncfg connection, declared once: what causeway does with each. The mapper's remarks and
// docs/configuration.md read this table.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::config::vpncfg {

enum class Use {
    used,
    kept,         ///< read, written back, without effect; no remark
    unsupported,  ///< a warning, unless it has its quiet value
};

enum class Holds {
    value,   ///< one; further ones are told
    values,  ///< any number
    block,
};

struct KeyRule {
    std::string_view name;
    Use use;
    std::string_view meaning;  ///< or the consequence
    std::string_view quiet_value = {};
    Holds holds = Holds::value;
};

std::span<const KeyRule> key_table();
const KeyRule* find_key(std::string_view name);
/// For "did you mean".
const std::vector<std::string_view>& key_names();
/// Of those that have a block.
const std::vector<std::string_view>& block_names();
/// The table as docs/configuration.md shows it (Markdown).
std::string key_table_text();
/// The strategies as docs/configuration.md shows them (Markdown).
std::string strategy_table_text();

}  // namespace causeway::config::vpncfg
