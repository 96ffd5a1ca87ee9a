// The little of IKEv2 that one who does not speak it must know: a message that refuses it, so that the
// caller's log says why, and such a message about IKEv1 (RFC 5996 1.5, 2.5, 3.1, 3.10). Pure.
#pragma once

#include <cstdint>

#include "codec/isakmp/message.hpp"

namespace causeway::isakmp::version2 {

inline constexpr std::uint8_t version_2_0 = 0x20;

/// Is this a request, that is, may it be answered (RFC 5996 3.1: the R bit)?
bool is_request(const Header& header);
/// INVALID_MAJOR_VERSION to a request: its SPIs, its exchange and its message id, in clear.
Bytes invalid_major_version(const Header& request);
/// Does this datagram, whose header was read, say so to us?
bool says_invalid_major_version(const Header& header, ByteView datagram);

}  // namespace causeway::isakmp::version2
