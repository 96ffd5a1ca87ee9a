// `causeway decode`: captures and single messages in words. Pure: text out of octets; the caller reads and
// prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace causeway::cli {

/// What could be read, and the error that ended it early, if one did.
struct Decoded {
    std::string text;
    std::optional<Error> error;
};

/// Every IKE message and ESP packet of a capture: time, addresses, content; a line of sums at the end.
Decoded decode_capture(ByteView file);

/// One IKE message; a non-ESP marker in front is stripped.
std::string decode_datagram(ByteView datagram);

/// The octets of hexadecimal text as people copy it: white space and colons between digits, "0x" in front. An
/// error names the place of the first character that does not belong.
Result<Bytes> octets_of_hex(std::string_view text);

}  // namespace causeway::cli
