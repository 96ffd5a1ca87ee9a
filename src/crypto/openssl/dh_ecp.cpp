// Groups on curves over a prime (RFC 5903): KE is x|y, g^xy is x alone.
#include <array>
#include <fmt/format.h>
#include <limits>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "crypto/openssl/dh_groups.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
/// Freed with its secret parts cleared, because they are pushed from secure numbers.
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

struct CurveName {
    const char* name;
    int nid;
};

CurveName curve_of(GroupId id) {
    switch (id) {
        case GroupId::ecp384:
            return {"P-384", NID_secp384r1};
        case GroupId::ecp521:
            return {"P-521", NID_secp521r1};
        default:
            return {"P-256", NID_X9_62_prime256v1};
    }
}

/// x|y as OpenSSL writes a point that is not compressed (SEC 1, 2.3.3).
Bytes encoded_point(ByteView x_y) {
    Bytes point{POINT_CONVERSION_UNCOMPRESSED};
    append(point, x_y);
    return point;
}

/// A key from a point and, when there is one, its private number; null when the point is not on the curve.
Pkey pkey_from(GroupId id, ByteView point, const BIGNUM* private_number) {
    const ParameterBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve_of(id).name, 0) !=
            1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1 ||
        (private_number &&
         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, private_number) != 1)) {
        return nullptr;
    }
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, private_number ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                          parameters.get()) != 1) {
        return nullptr;
    }
    return Pkey(key);
}

class EcpKey final : public DhKey {
 public:
    EcpKey(GroupId id, Pkey key, Bytes public_value)
        : id_(id), key_(std::move(key)), public_value_(std::move(public_value)) {}

    [[nodiscard]] GroupId group() const override { return id_; }
    [[nodiscard]] ByteView public_value() const override { return public_value_; }

    [[nodiscard]] Result<Secret> agree(ByteView peer_public) const override {
        const GroupInfo& g = info(id_);
        CAUSEWAY_CHECK(check_public_length(id_, peer_public));
        const Pkey peer = pkey_from(id_, encoded_point(peer_public), nullptr);
        if (!peer) {
            ERR_clear_error();
            return fail(Errc::unacceptable,
                        fmt::format("the peer's {} public value is no point of the curve", g.name));
        }
        const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
        Secret secret(g.secret_octets);
        std::size_t written = secret.size();
        if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
            EVP_PKEY_derive_set_peer(context.get(), peer.get()) != 1 ||
            EVP_PKEY_derive(context.get(), secret.writable().data(), &written) != 1 ||
            written != secret.size()) {
            return library_error("g^xy");
        }
        return secret;
    }

 private:
    GroupId id_;
    Pkey key_;
    Bytes public_value_;
};

Pkey generated_key(GroupId id) {
    return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve_of(id).name));
}

Result<Pkey> given_key(GroupId id, ByteView private_value) {
    const Curve curve(EC_GROUP_new_by_curve_name(curve_of(id).nid));
    const Number x(BN_secure_new());
    if (!curve || !x || !BN_bin2bn(private_value.data(), static_cast<int>(private_value.size()), x.get())) {
        return library_error("private value");
    }
    if (BN_is_zero(x.get()) || BN_cmp(x.get(), EC_GROUP_get0_order(curve.get())) >= 0) {
        return fail(Errc::malformed, fmt::format("no private value of {}", info(id).name));
    }
    BN_set_flags(x.get(), BN_FLG_CONSTTIME);
    const Point point(EC_POINT_new(curve.get()));
    Bytes encoded(std::size_t{1} + info(id).public_octets);
    if (!point || EC_POINT_mul(curve.get(), point.get(), x.get(), nullptr, nullptr, nullptr) != 1 ||
        EC_POINT_point2oct(curve.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                           encoded.size(), nullptr) != encoded.size()) {
        return library_error("g^x");
    }
    return pkey_from(id, encoded, x.get());
}

}  // namespace

MadeKey make_ecp_key(GroupId id, PrivateValue private_value) {
    Pkey key = private_value ? CAUSEWAY_TRY(given_key(id, *private_value)) : generated_key(id);
    Bytes point(std::size_t{1} + info(id).public_octets);
    std::size_t written = 0;
    if (!key ||
        EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(),
                                        &written) != 1 ||
        written != point.size() || point.front() != POINT_CONVERSION_UNCOMPRESSED) {
        return library_error("key pair");
    }
    point.erase(point.begin());
    return std::make_unique<EcpKey>(id, std::move(key), std::move(point));
}

}  // namespace causeway::crypto::openssl
