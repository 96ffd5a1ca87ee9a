// Curve25519 (RFC 7748, RFC 8031): KE and g^xy are 32 octets, little-endian.
#include <openssl/err.h>

#include "crypto/openssl/dh_groups.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

constexpr const char* algorithm = "X25519";

class X25519Key final : public DhKey {
 public:
    X25519Key(Pkey key, Bytes public_value) : key_(std::move(key)), public_value_(std::move(public_value)) {}

    [[nodiscard]] GroupId group() const override { return GroupId::x25519; }
    [[nodiscard]] ByteView public_value() const override { return public_value_; }

    [[nodiscard]] Result<Secret> agree(ByteView peer_public) const override {
        CAUSEWAY_CHECK(check_public_length(GroupId::x25519, peer_public));
        const Pkey peer(EVP_PKEY_new_raw_public_key_ex(nullptr, algorithm, nullptr, peer_public.data(),
                                                       peer_public.size()));
        const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
        if (!peer || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
            EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1) {
            return library_error("g^xy");
        }
        Secret secret(info(GroupId::x25519).secret_octets);
        std::size_t written = secret.size();
        const bool derived = EVP_PKEY_derive(context.get(), secret.writable().data(), &written) == 1;
        // RFC 7748 6.1: a point of small order gives all zeros, whatever our private value.
        if (secret == Secret(secret.size())) {
            ERR_clear_error();
            return fail(Errc::unacceptable,
                        "the peer's x25519 public value has a small order: g^xy would be no secret");
        }
        if (!derived || written != secret.size()) {
            return library_error("g^xy");
        }
        return secret;
    }

 private:
    Pkey key_;
    Bytes public_value_;
};

}  // namespace

MadeKey make_x25519_key(PrivateValue private_value) {
    Pkey key;
    if (private_value) {
        if (private_value->size() != info(GroupId::x25519).secret_octets) {
            return fail(Errc::malformed, "a private value of x25519 has 32 octets");
        }
        key.reset(EVP_PKEY_new_raw_private_key_ex(nullptr, algorithm, nullptr, private_value->data(),
                                                  private_value->size()));
    } else {
        key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm));
    }
    Bytes public_value(info(GroupId::x25519).public_octets);
    std::size_t written = public_value.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), public_value.data(), &written) != 1 ||
        written != public_value.size()) {
        return library_error("key pair");
    }
    return std::make_unique<X25519Key>(std::move(key), std::move(public_value));
}

}  // namespace causeway::crypto::openssl
