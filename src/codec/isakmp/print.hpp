// ISAKMP messages in words, for `causeway decode` and debug logs. Never fails: what cannot be decoded is
// shown in hex with the reason. Clear messages are shown to the last attribute, encrypted bodies by length.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace causeway::isakmp {

/// Several lines, each ended by a newline. The datagram has no non-ESP marker.
std::string print_message(ByteView datagram);

}  // namespace causeway::isakmp
