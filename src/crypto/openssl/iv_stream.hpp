// Unpredictable IVs without asking the system for each packet (RFC 3602 3): a counter, encrypted with AES
// under a random key of its own, many blocks at a time. One stream serves all SAs of a thread: whatever the
// packets, no block of it comes twice.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "base/secret.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {

class IvStream {
 public:
    /// The thread's own. Takes its key from the system's randomness; fails when it cannot be made.
    static Result<IvStream*> of_thread();

    /// Fills a block of at most 16 octets. False when libcrypto failed: then nothing may be sealed.
    [[nodiscard]] bool next(std::span<std::uint8_t> iv);

 private:
    static constexpr std::size_t block_octets = 16;
    static constexpr std::size_t blocks_at_once = 64;

    static Result<IvStream> make();
    explicit IvStream(CipherContext context) : context_(std::move(context)) {}

    CipherContext context_;
    std::array<std::uint8_t, block_octets * blocks_at_once> blocks_{};
    std::size_t used_ = block_octets * blocks_at_once;
};

}  // namespace causeway::crypto::openssl
