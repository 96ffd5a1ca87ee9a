#include "crypto/openssl/library.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

namespace causeway::crypto::openssl {
namespace {

// In the order of HashId and CipherId.
constexpr std::array<const char*, 5> digest_names{"MD5", "SHA1", "SHA2-256", "SHA2-384", "SHA2-512"};
constexpr std::array<const char*, 8> cipher_names{nullptr,       "DES-EDE3-CBC", "AES-128-CBC",
                                                  "AES-192-CBC", "AES-256-CBC",  "AES-128-GCM",
                                                  "AES-192-GCM", "AES-256-GCM"};

// Kept without an owner on purpose: a worker may still use them while the program's statics are destroyed.
struct Fetched {
    std::array<EVP_MD*, digest_names.size()> digests{};
    std::array<EVP_CIPHER*, cipher_names.size()> ciphers{};
    EVP_CIPHER* counter = EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr);
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);

    Fetched() {
        for (std::size_t i = 0; i < digests.size(); ++i) {
            digests[i] = EVP_MD_fetch(nullptr, digest_names[i], nullptr);
        }
        for (std::size_t i = 0; i < ciphers.size(); ++i) {
            ciphers[i] = cipher_names[i] ? EVP_CIPHER_fetch(nullptr, cipher_names[i], nullptr) : nullptr;
        }
        ERR_clear_error();
    }
};

const Fetched& fetched() {
    static const Fetched once;
    return once;
}

/// The oldest reason in the queue, which is the cause; the queue is empty afterwards.
std::string_view reason() {
    const char* text = ERR_reason_error_string(ERR_get_error());
    ERR_clear_error();
    return text ? text : "no reason given";
}

}  // namespace

const EVP_MD* digest(HashId id) {
    return fetched().digests.at(static_cast<std::size_t>(id));
}

EVP_CIPHER* cipher(CipherId id) {
    return fetched().ciphers.at(static_cast<std::size_t>(id));
}

EVP_CIPHER* counter_cipher() {
    return fetched().counter;
}

std::string_view version() {
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

MacContext make_hmac(HashId id) {
    MacContext context(EVP_MAC_CTX_new(fetched().hmac));
    // The parameter is not written to, whatever its type says.
    auto* name = const_cast<char*>(digest_names.at(static_cast<std::size_t>(id)));
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
    if (!context || EVP_MAC_CTX_set_params(context.get(), parameters.data()) != 1) {
        return nullptr;
    }
    return context;
}

tl::unexpected<Error> library_error(std::string_view what) {
    return fail(Errc::crypto, fmt::format("{}: {}", what, reason()));
}

void library_failed(std::string_view what) {
    std::fputs(fmt::format("libcrypto: {}: {}\n", what, reason()).c_str(), stderr);
    std::abort();
}

}  // namespace causeway::crypto::openssl
