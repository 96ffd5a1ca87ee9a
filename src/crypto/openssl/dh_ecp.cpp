// Groups on curves over a prime (RFC 5903): KE is x|y, g^xy is x alone. With points and not with EVP_PKEY,
// which multiplies every peer's point by the order as well: on these curves, whose cofactor is 1, a point
// that is on the curve has the order already.
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <span>
#include <utility>

#include "crypto/openssl/dh_groups.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

Curve make_curve(int nid) {
    Curve curve(EC_GROUP_new_by_curve_name(nid));
    if (!curve) {
        library_failed("ECP groups");
    }
    return curve;
}

const EC_GROUP* curve_of(GroupId id) {
    static const Curve p256 = make_curve(NID_X9_62_prime256v1);
    static const Curve p384 = make_curve(NID_secp384r1);
    static const Curve p521 = make_curve(NID_secp521r1);
    switch (id) {
        case GroupId::ecp384:
            return p384.get();
        case GroupId::ecp521:
            return p521.get();
        default:
            return p256.get();
    }
}

/// The point x|y; null when it is not on the curve.
Point point_from(const EC_GROUP* curve, ByteView x_y) {
    // SEC 1, 2.3.3: an octet in front says that the point is not compressed.
    Bytes encoded{POINT_CONVERSION_UNCOMPRESSED};
    append(encoded, x_y);
    Point point(EC_POINT_new(curve));
    return point && EC_POINT_oct2point(curve, point.get(), encoded.data(), encoded.size(), nullptr) == 1
               ? std::move(point)
               : nullptr;
}

/// `private_number` times a point, or times the generator when `point` is null; in constant time.
Point multiplied(const EC_GROUP* curve, const BIGNUM* private_number, const EC_POINT* point) {
    Point product(EC_POINT_new(curve));
    const NumberContext scratch(BN_CTX_secure_new());
    const bool done =
        product && scratch &&
        (point ? EC_POINT_mul(curve, product.get(), nullptr, point, private_number, scratch.get())
               : EC_POINT_mul(curve, product.get(), private_number, nullptr, nullptr, scratch.get())) == 1 &&
        EC_POINT_is_at_infinity(curve, product.get()) != 1;
    return done ? std::move(product) : nullptr;
}

/// Big-endian coordinates with their left padding; `y` may be empty.
bool write_coordinates(const EC_GROUP* curve, const EC_POINT* point, std::span<std::uint8_t> x,
                       std::span<std::uint8_t> y) {
    const auto padded = [](const BIGNUM* number, std::span<std::uint8_t> octets) {
        const int size = static_cast<int>(octets.size());
        return BN_bn2binpad(number, octets.data(), size) == size;
    };
    const Number x_number(BN_secure_new());
    const Number y_number(BN_secure_new());
    return x_number && y_number &&
           EC_POINT_get_affine_coordinates(curve, point, x_number.get(), y_number.get(), nullptr) == 1 &&
           padded(x_number.get(), x) && (y.empty() || padded(y_number.get(), y));
}

class EcpKey final : public DhKey {
 public:
    EcpKey(GroupId id, Number x, Bytes public_value)
        : id_(id), x_(std::move(x)), public_value_(std::move(public_value)) {}

    [[nodiscard]] GroupId group() const override { return id_; }
    [[nodiscard]] ByteView public_value() const override { return public_value_; }

    [[nodiscard]] Result<Secret> agree(ByteView peer_public) const override {
        const GroupInfo& g = info(id_);
        CAUSEWAY_CHECK(judge_public_value(id_, peer_public));
        const EC_GROUP* curve = curve_of(id_);
        const Point peer = point_from(curve, peer_public);
        const Point gxy = peer ? multiplied(curve, x_.get(), peer.get()) : nullptr;
        Secret secret(g.secret_octets);
        if (!gxy || !write_coordinates(curve, gxy.get(), secret.writable(), {})) {
            return library_error("g^xy");
        }
        return secret;
    }

 private:
    GroupId id_;
    Number x_;
    Bytes public_value_;
};

Number number_from(ByteView octets) {
    Number number(BN_secure_new());
    return number && BN_bin2bn(octets.data(), static_cast<int>(octets.size()), number.get())
               ? std::move(number)
               : nullptr;
}

/// 1 to order - 1.
Number random_below(const BIGNUM* order) {
    Number number(BN_secure_new());
    do {
        if (!number || BN_priv_rand_range(number.get(), order) != 1) {
            return nullptr;
        }
    } while (BN_is_zero(number.get()));
    return number;
}

}  // namespace

Result<void> judge_ecp_value(GroupId id, ByteView peer_public) {
    if (!point_from(curve_of(id), peer_public)) {
        ERR_clear_error();
        return fail(Errc::unacceptable,
                    fmt::format("the peer's {} public value is no point of the curve", info(id).name));
    }
    return {};
}

MadeKey make_ecp_key(GroupId id, PrivateValue private_value) {
    const EC_GROUP* curve = curve_of(id);
    const BIGNUM* order = EC_GROUP_get0_order(curve);
    Number x = private_value ? number_from(*private_value) : random_below(order);
    if (!x) {
        return library_error("private value");
    }
    if (BN_is_zero(x.get()) || BN_cmp(x.get(), order) >= 0) {
        return fail(Errc::malformed, fmt::format("no private value of {}", info(id).name));
    }
    BN_set_flags(x.get(), BN_FLG_CONSTTIME);
    const Point gx = multiplied(curve, x.get(), nullptr);
    Bytes public_value(info(id).public_octets);
    const std::span<std::uint8_t> octets(public_value);
    const std::size_t half = octets.size() / 2;
    if (!gx || !write_coordinates(curve, gx.get(), octets.first(half), octets.subspan(half))) {
        return library_error("g^x");
    }
    return std::make_unique<EcpKey>(id, std::move(x), std::move(public_value));
}

}  // namespace causeway::crypto::openssl
