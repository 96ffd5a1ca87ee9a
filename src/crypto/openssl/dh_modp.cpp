// Groups modulo a prime (RFC 2409 6.2, RFC 3526). With numbers and not with EVP_PKEY: modp1024 has no name
// there, lengths and checks are the RFC's to the octet, and a key costs one exponentiation and nothing else.
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "crypto/openssl/dh_groups.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

/// p, with g = 2 always.
struct ModpGroup {
    GroupId id;
    Number p;
    Number p_minus_1;
    Montgomery montgomery;
    /// Twice the larger strength estimate of RFC 3526 8, rounded up: longer exponents only cost time. For modp1024, which is
    /// not in its table, RFC 3766 5 has less than 80 bits. All p are safe primes, so a checked peer value has an order of at
    /// least (p-1)/2 and a short exponent gives nothing away.
    int exponent_bits;
};

ModpGroup make_group(GroupId id, BIGNUM* p, int exponent_bits) {
    ModpGroup group{id, Number(p), Number(BN_dup(p)), Montgomery(BN_MONT_CTX_new()), exponent_bits};
    const NumberContext scratch(BN_CTX_new());
    if (!group.p || !group.p_minus_1 || !group.montgomery || !scratch ||
        BN_sub_word(group.p_minus_1.get(), 1) != 1 ||
        BN_MONT_CTX_set(group.montgomery.get(), group.p.get(), scratch.get()) != 1) {
        library_failed("modp groups");
    }
    return group;
}

const ModpGroup& group_of(GroupId id) {
    static const std::array<ModpGroup, 5> groups{
        make_group(GroupId::modp1024, BN_get_rfc2409_prime_1024(nullptr), 192),
        make_group(GroupId::modp1536, BN_get_rfc3526_prime_1536(nullptr), 256),
        make_group(GroupId::modp2048, BN_get_rfc3526_prime_2048(nullptr), 320),
        make_group(GroupId::modp3072, BN_get_rfc3526_prime_3072(nullptr), 448),
        make_group(GroupId::modp4096, BN_get_rfc3526_prime_4096(nullptr), 512),
    };
    std::size_t index = 0;
    while (index < groups.size() && groups[index].id != id) {
        ++index;
    }
    return groups.at(index);
}

/// base^exponent mod p, in time that does not depend on the exponent's bits.
Number power(const ModpGroup& group, const BIGNUM* base, const BIGNUM* exponent) {
    Number result(BN_new());
    const NumberContext scratch(BN_CTX_secure_new());
    if (!result || !scratch ||
        BN_mod_exp_mont_consttime(result.get(), base, exponent, group.p.get(), scratch.get(),
                                  group.montgomery.get()) != 1) {
        return nullptr;
    }
    return result;
}

/// Big-endian with the left padding of RFC 2409 5: as long as p.
bool write_padded(const BIGNUM* number, std::span<std::uint8_t> octets) {
    const int size = static_cast<int>(octets.size());
    return BN_bn2binpad(number, octets.data(), size) == size;
}

Number number_from(ByteView octets) {
    return Number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}

class ModpKey final : public DhKey {
 public:
    ModpKey(const ModpGroup& group, Number x, Bytes public_value)
        : group_(group), x_(std::move(x)), public_value_(std::move(public_value)) {}

    [[nodiscard]] GroupId group() const override { return group_.id; }
    [[nodiscard]] ByteView public_value() const override { return public_value_; }

    [[nodiscard]] Result<Secret> agree(ByteView peer_public) const override {
        const GroupInfo& g = info(group_.id);
        CAUSEWAY_CHECK(judge_public_value(group_.id, peer_public));
        const Number y = number_from(peer_public);
        const Number gxy = y ? power(group_, y.get(), x_.get()) : nullptr;
        Secret secret(g.secret_octets);
        if (!gxy || !write_padded(gxy.get(), secret.writable())) {
            return library_error("g^xy");
        }
        return secret;
    }

 private:
    const ModpGroup& group_;
    Number x_;
    Bytes public_value_;
};

/// Of exactly `exponent_bits` bits, the highest one set.
Number random_exponent(const ModpGroup& group) {
    Number x(BN_secure_new());
    return x && BN_priv_rand(x.get(), group.exponent_bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
               ? std::move(x)
               : nullptr;
}

Number given_exponent(ByteView octets) {
    Number x(BN_secure_new());
    return x && BN_bin2bn(octets.data(), static_cast<int>(octets.size()), x.get()) ? std::move(x) : nullptr;
}

}  // namespace

Result<void> judge_modp_value(GroupId id, ByteView peer_public) {
    const std::string_view name = info(id).name;
    const Number y = number_from(peer_public);
    if (!y) {
        return library_error("the peer's public value");
    }
    if (BN_is_zero(y.get()) || BN_is_one(y.get())) {
        return fail(Errc::unacceptable,
                    fmt::format("the peer's {} public value is {}: g^xy would be no secret", name,
                                BN_is_zero(y.get()) ? 0 : 1));
    }
    if (BN_cmp(y.get(), group_of(id).p_minus_1.get()) >= 0) {
        return fail(
            Errc::unacceptable,
            fmt::format("the peer's {} public value is not below p-1: g^xy would be no secret", name));
    }
    return {};
}

MadeKey make_modp_key(GroupId id, PrivateValue private_value) {
    const ModpGroup& group = group_of(id);
    Number x = private_value ? given_exponent(*private_value) : random_exponent(group);
    const Number g(BN_new());
    if (!x || !g || BN_set_word(g.get(), 2) != 1) {
        return library_error("private value");
    }
    if (BN_is_zero(x.get()) || BN_cmp(x.get(), group.p_minus_1.get()) >= 0) {
        return fail(Errc::malformed, fmt::format("no private value of {}", info(id).name));
    }
    BN_set_flags(x.get(), BN_FLG_CONSTTIME);
    const Number gx = power(group, g.get(), x.get());
    Bytes public_value(info(id).public_octets);
    if (!gx || !write_padded(gx.get(), public_value)) {
        return library_error("g^x");
    }
    return std::make_unique<ModpKey>(group, std::move(x), std::move(public_value));
}

}  // namespace causeway::crypto::openssl
