#include "crypto/openssl/iv_stream.hpp"

#include <algorithm>
#include <cstdint>
#include <openssl/rand.h>
#include <optional>
#include <span>
#include <utility>

namespace causeway::crypto::openssl {

Result<IvStream> IvStream::make() {
    Secret key(block_octets);
    static constexpr std::array<std::uint8_t, block_octets> first_counter{};
    CipherContext context(EVP_CIPHER_CTX_new());
    if (!context || RAND_priv_bytes(key.writable().data(), static_cast<int>(key.size())) != 1 ||
        EVP_EncryptInit_ex2(context.get(), counter_cipher(), key.view().data(), first_counter.data(),
                            nullptr) != 1) {
        return library_error("IVs");
    }
    return IvStream(std::move(context));
}

Result<IvStream*> IvStream::of_thread() {
    thread_local std::optional<IvStream> stream;
    if (!stream) {
        stream.emplace(CAUSEWAY_TRY(make()));
    }
    return &*stream;
}

bool IvStream::next(std::span<std::uint8_t> iv) {
    if (used_ == blocks_.size()) {
        // Counter mode over zeros is the encrypted counter itself.
        blocks_.fill(0);
        int written = 0;
        if (EVP_EncryptUpdate(context_.get(), blocks_.data(), &written, blocks_.data(),
                              static_cast<int>(blocks_.size())) != 1) {
            return false;
        }
        used_ = 0;
    }
    std::copy_n(blocks_.begin() + static_cast<std::ptrdiff_t>(used_), iv.size(), iv.begin());
    used_ += block_octets;
    return true;
}

}  // namespace causeway::crypto::openssl
