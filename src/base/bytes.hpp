// Octet strings and their text form. Used by every floor; owns nothing but what it returns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace causeway {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Lower-case hexadecimal, two digits an octet, no separators.
std::string to_hex(ByteView bytes);

/// The octets of a hexadecimal text (either case, no separators); nothing when the text is not one.
std::optional<Bytes> from_hex(std::string_view text);

/// The octets of a text, without a terminating zero.
inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The octets as text, whatever they are; for values that the sender says are text.
inline std::string as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView view) {
    return {view.begin(), view.end()};
}

inline void append(Bytes& to, ByteView what) {
    to.insert(to.end(), what.begin(), what.end());
}

/// Same length and same octets; not for secrets (see base/secret.hpp).
bool equal(ByteView a, ByteView b);

}  // namespace causeway
