// The three kinds of Diffie-Hellman groups behind crypto/dh.hpp. A null `private_value` makes a fresh key.
#pragma once

#include <memory>
#include <optional>

#include "crypto/dh.hpp"

namespace causeway::crypto::openssl {

using PrivateValue = std::optional<ByteView>;
using MadeKey = Result<std::unique_ptr<DhKey>>;

MadeKey make_modp_key(GroupId group, PrivateValue private_value);
MadeKey make_ecp_key(GroupId group, PrivateValue private_value);
MadeKey make_x25519_key(PrivateValue private_value);

/// The same in each kind of group, for values of the right length.
Result<void> judge_modp_value(GroupId group, ByteView peer_public);
Result<void> judge_ecp_value(GroupId group, ByteView peer_public);
Result<void> judge_x25519_value(ByteView peer_public);

}  // namespace causeway::crypto::openssl
