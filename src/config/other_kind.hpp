// Files of no kind that is read, and that people give causeway all the same: recognised by their
// text, so that the message says what the file is and which one is meant. Asked only when reading has failed,
// or has found nothing: a file that can be read is what it is read as.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace causeway::config {

struct OtherKind {
    std::string_view what;    ///< "this is a WireGuard configuration"
    std::string_view remedy;  ///< what to give instead
    std::uint32_t line = 0;   ///< where it shows
};

/// Nothing when the text gives itself away as none of them.
std::optional<OtherKind> other_kind(std::string_view text);

}  // namespace causeway::config
