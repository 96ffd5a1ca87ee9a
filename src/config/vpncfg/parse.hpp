// Text of a vpncfg, bare or inside a whole settings export -> document. Strict, but a slip that occurs in
// published files is named with its likely fix. Never interprets a key, never decrypts a `$$$$` value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/limits.hpp"
#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

/// Published files nest four deep.
inline constexpr unsigned max_depth = 32;

/// An error's place has no file; the caller adds it.
Result<Document> parse(std::string_view text);

/// The part of a settings export that is vpn.cfg, with doubled backslashes made single, and the number of its
/// first line; nothing when the text is no export or has no such part.
struct Exported {
    std::string text;
    std::uint32_t first_line = 1;
};
std::optional<Exported> vpncfg_of_export(std::string_view text);
/// Starts as an export of a box does: `**** FRITZ!Box ... CONFIGURATION EXPORT`.
bool is_export(std::string_view text);

}  // namespace causeway::config::vpncfg
