// Curve25519 (RFC 7748, RFC 8031): KE and g^xy are 32 octets, little-endian.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <openssl/err.h>
#include <utility>

#include "crypto/openssl/dh_groups.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

constexpr const char* algorithm = "X25519";
constexpr std::size_t value_octets = 32;

using Value = std::array<std::uint8_t, value_octets>;

/// 2^255 - 19 and its neighbours, little-endian.
constexpr Value near_p(std::uint8_t first) {
    Value value{};
    value.fill(0xff);
    value.front() = first;
    value.back() = 0x7f;
    return value;
}

/// The points of the curve and of its twist whose order divides the cofactor (RFC 7748 6.1), in each form
/// that is not reduced, too.
constexpr std::array<Value, 7> small_orders{{
    {0},
    {1},
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
     0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
     0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
    near_p(0xec),
    near_p(0xed),
    near_p(0xee),
}};

class X25519Key final : public DhKey {
 public:
    X25519Key(Pkey key, Bytes public_value) : key_(std::move(key)), public_value_(std::move(public_value)) {}

    [[nodiscard]] GroupId group() const override { return GroupId::x25519; }
    [[nodiscard]] ByteView public_value() const override { return public_value_; }

    [[nodiscard]] Result<Secret> agree(ByteView peer_public) const override {
        CAUSEWAY_CHECK(judge_public_value(GroupId::x25519, peer_public));
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

Result<void> judge_x25519_value(ByteView peer_public) {
    Value value{};
    std::ranges::copy(peer_public.first(value_octets), value.begin());
    value.back() &= 0x7f;  // RFC 7748 5: the highest bit does not count
    if (std::ranges::find(small_orders, value) != small_orders.end()) {
        return fail(Errc::unacceptable,
                    "the peer's x25519 public value has a small order: g^xy would be no secret");
    }
    return {};
}

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
