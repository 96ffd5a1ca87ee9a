#include "crypto/cbc.hpp"

#include <fmt/format.h>
#include <limits>

#include "crypto/openssl/library.hpp"

namespace causeway::crypto {
namespace {

enum class Direction { decrypt = 0, encrypt = 1 };

Result<Bytes> cbc(Direction direction, CipherId id, ByteView key, ByteView iv, ByteView text) {
    const CipherInfo& cipher = info(id);
    const EVP_CIPHER* algorithm = openssl::cipher(id);
    if (cipher.is_aead() || algorithm == nullptr) {
        return fail(Errc::unsupported, fmt::format("{} does not protect ISAKMP messages", cipher.name));
    }
    if (key.size() != cipher.key_octets) {
        return fail(Errc::malformed, fmt::format("{} takes a key of {} octets, not {}", cipher.name,
                                                 cipher.key_octets, key.size()));
    }
    if (iv.size() != cipher.block_octets) {
        return fail(Errc::malformed, fmt::format("{} takes an IV of {} octets, not {}", cipher.name,
                                                 cipher.block_octets, iv.size()));
    }
    if (text.size() % cipher.block_octets != 0 || text.size() > std::numeric_limits<int>::max()) {
        return fail(Errc::malformed,
                    fmt::format("{} octets are no whole number of {} blocks", text.size(), cipher.name));
    }
    Bytes result(text.size());
    if (text.empty()) {
        return result;
    }
    // The context is freed, and cleared, at the end of each call: its key must not outlive the ISAKMP SA.
    const openssl::CipherContext context(EVP_CIPHER_CTX_new());
    int written = 0;
    if (!context ||
        EVP_CipherInit_ex2(context.get(), algorithm, key.data(), iv.data(), static_cast<int>(direction),
                           nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
        EVP_CipherUpdate(context.get(), result.data(), &written, text.data(),
                         static_cast<int>(text.size())) != 1 ||
        static_cast<std::size_t>(written) != text.size()) {
        return openssl::library_error(cipher.name);
    }
    return result;
}

}  // namespace

Result<Bytes> cbc_encrypt(CipherId cipher, ByteView key, ByteView iv, ByteView plaintext) {
    return cbc(Direction::encrypt, cipher, key, iv, plaintext);
}

Result<Bytes> cbc_decrypt(CipherId cipher, ByteView key, ByteView iv, ByteView ciphertext) {
    return cbc(Direction::decrypt, cipher, key, iv, ciphertext);
}

}  // namespace causeway::crypto
