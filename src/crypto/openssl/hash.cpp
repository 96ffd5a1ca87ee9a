#include "crypto/hash.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "crypto/openssl/library.hpp"

namespace causeway::crypto {
namespace {

using openssl::library_failed;

/// One HMAC context a hash and thread: it keeps its digest, so that an HMAC fetches nothing.
EVP_MAC_CTX* hmac_of_thread(HashId id) {
    thread_local std::array<openssl::MacContext, 5> contexts;
    auto& context = contexts.at(static_cast<std::size_t>(id));
    if (!context) {
        context = openssl::make_hmac(id);
    }
    return context.get();
}

/// HMAC into `digest`, whose size is the hash's. The context outlives the call, so it is given a key that is
/// no secret before it rests.
void hmac_into(std::span<std::uint8_t> digest, HashId id, ByteView key,
               std::initializer_list<ByteView> parts) {
    static constexpr std::array<std::uint8_t, 1> no_secret{0};
    EVP_MAC_CTX* context = hmac_of_thread(id);
    // A null key would mean "the key of the last time".
    const std::uint8_t* start = key.data() != nullptr ? key.data() : no_secret.data();
    bool done = context != nullptr && EVP_MAC_init(context, start, key.size(), nullptr) == 1;
    for (const ByteView part : parts) {
        done = done && (part.empty() || EVP_MAC_update(context, part.data(), part.size()) == 1);
    }
    std::size_t written = 0;
    done = done && EVP_MAC_final(context, digest.data(), &written, digest.size()) == 1;
    done = done && EVP_MAC_init(context, no_secret.data(), no_secret.size(), nullptr) == 1;
    if (!done || written != digest.size()) {
        library_failed("HMAC");
    }
}

}  // namespace

Bytes hash(HashId id, std::initializer_list<ByteView> parts) {
    thread_local const openssl::MdContext context(EVP_MD_CTX_new());
    const EVP_MD* digest = openssl::digest(id);
    Bytes result(info(id).digest_octets);
    bool done = context && digest && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1;
    for (const ByteView part : parts) {
        done = done && (part.empty() || EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    unsigned written = 0;
    done = done && EVP_DigestFinal_ex(context.get(), result.data(), &written) == 1;
    if (!done || written != result.size()) {
        library_failed("hash");
    }
    return result;
}

Bytes prf(HashId id, ByteView key, std::initializer_list<ByteView> parts) {
    Bytes result(info(id).digest_octets);
    hmac_into(result, id, key, parts);
    return result;
}

Secret prf_secret(HashId id, ByteView key, std::initializer_list<ByteView> parts) {
    Secret result(info(id).digest_octets);
    hmac_into(result.writable(), id, key, parts);
    return result;
}

}  // namespace causeway::crypto
