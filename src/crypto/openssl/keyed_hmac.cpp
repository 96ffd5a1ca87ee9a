#include "crypto/openssl/keyed_hmac.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <utility>

#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

/// The hash after one block: the key, filled up with zeros, over `pad`; null on failure.
MdContext started(const EVP_MD* algorithm, std::size_t block_octets, ByteView key, std::uint8_t pad) {
    Secret block(block_octets);
    for (std::size_t i = 0; i < block_octets; ++i) {
        block.writable()[i] = static_cast<std::uint8_t>((i < key.size() ? key[i] : 0) ^ pad);
    }
    MdContext context(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), block.view().data(), block.size()) != 1) {
        return nullptr;
    }
    return context;
}

}  // namespace

Result<KeyedHmac> KeyedHmac::make(HashId hash, ByteView key) {
    const EVP_MD* algorithm = digest(hash);
    const std::size_t block_octets = info(hash).block_octets;
    if (algorithm == nullptr || key.size() > block_octets) {
        return library_error(info(hash).long_name);
    }
    MdContext inner = started(algorithm, block_octets, key, 0x36);
    MdContext outer = started(algorithm, block_octets, key, 0x5c);
    MdContext running(EVP_MD_CTX_new());
    if (!inner || !outer || !running) {
        return library_error(info(hash).long_name);
    }
    return KeyedHmac(std::move(inner), std::move(outer), std::move(running));
}

bool KeyedHmac::digest_of(ByteView message, Digest& digest) {
    EVP_MD_CTX* running = running_.get();
    unsigned octets = 0;
    return EVP_MD_CTX_copy_ex(running, inner_.get()) == 1 &&
           EVP_DigestUpdate(running, message.data(), message.size()) == 1 &&
           EVP_DigestFinal_ex(running, digest.data(), &octets) == 1 &&
           EVP_MD_CTX_copy_ex(running, outer_.get()) == 1 &&
           EVP_DigestUpdate(running, digest.data(), octets) == 1 &&
           EVP_DigestFinal_ex(running, digest.data(), &octets) == 1;
}

}  // namespace causeway::crypto::openssl
