// HMAC under one key for packet after packet (RFC 2104): the states of the hash behind the two padded keys are
// made once and copied (RFC 2104 4). EVP_MAC does the same below two more layers, which cost as much as a
// short packet's hash.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/algorithm.hpp"
#include "crypto/openssl/handles.hpp"

namespace causeway::crypto::openssl {

class KeyedHmac {
 public:
    using Digest = std::array<std::uint8_t, EVP_MAX_MD_SIZE>;

    /// `key` is at most a block of the hash: ESP's keys are.
    static Result<KeyedHmac> make(HashId hash, ByteView key);

    /// Of all of `message`, not truncated. False when libcrypto failed: then `digest` is worth nothing.
    [[nodiscard]] bool digest_of(ByteView message, Digest& digest);

 private:
    KeyedHmac(MdContext inner, MdContext outer, MdContext running)
        : inner_(std::move(inner)), outer_(std::move(outer)), running_(std::move(running)) {}

    MdContext inner_;
    MdContext outer_;
    MdContext running_;
};

}  // namespace causeway::crypto::openssl
