#include "crypto/algorithm.hpp"

#include <array>

namespace causeway::crypto {
namespace {

constexpr auto no_number = std::nullopt;

// Oakley numbers: RFC 2409 App. A (DES 1, 3DES 5), IANA (AES 7). ESP: RFC 2407 4.4.4 (DES 2, 3DES 3),
// RFC 3602 (AES 12), RFC 4106 8.2 (GCM with a 16 octet ICV 20).
constexpr std::array<CipherInfo, 8> ciphers{{
    {CipherId::des_cbc, "des", "DES_CBC", 1, 2, no_number, 8, 0, 8, 8, 0},
    {CipherId::tdes_cbc, "3des", "3DES_CBC", 5, 3, no_number, 24, 0, 8, 8, 0},
    {CipherId::aes_cbc_128, "aes128", "AES_CBC_128", 7, 12, 128, 16, 0, 16, 16, 0},
    {CipherId::aes_cbc_192, "aes192", "AES_CBC_192", 7, 12, 192, 24, 0, 16, 16, 0},
    {CipherId::aes_cbc_256, "aes256", "AES_CBC_256", 7, 12, 256, 32, 0, 16, 16, 0},
    {CipherId::aes_gcm16_128, "aes128gcm16", "AES_GCM_16_128", no_number, 20, 128, 16, 4, 1, 8, 16},
    {CipherId::aes_gcm16_192, "aes192gcm16", "AES_GCM_16_192", no_number, 20, 192, 24, 4, 1, 8, 16},
    {CipherId::aes_gcm16_256, "aes256gcm16", "AES_GCM_16_256", no_number, 20, 256, 32, 4, 1, 8, 16},
}};

constexpr std::array<HashInfo, 5> hashes{{
    {HashId::md5, "md5", "HMAC_MD5", 1, 16, 64},
    {HashId::sha1, "sha1", "HMAC_SHA1", 2, 20, 64},
    {HashId::sha2_256, "sha256", "HMAC_SHA2_256", 4, 32, 64},
    {HashId::sha2_384, "sha384", "HMAC_SHA2_384", 5, 48, 128},
    {HashId::sha2_512, "sha512", "HMAC_SHA2_512", 6, 64, 128},
}};

// Keys have the length of the digest (RFC 2403 3, RFC 2404 3, RFC 4868 2.1.1).
constexpr std::array<IntegrityInfo, 6> integrities{{
    {IntegrityId::none, "none", "NONE", HashId::sha1, 0, 0, 0},
    {IntegrityId::hmac_md5_96, "md5", "HMAC_MD5_96", HashId::md5, 1, 16, 12},
    {IntegrityId::hmac_sha1_96, "sha1", "HMAC_SHA1_96", HashId::sha1, 2, 20, 12},
    {IntegrityId::hmac_sha2_256_128, "sha256", "HMAC_SHA2_256_128", HashId::sha2_256, 5, 32, 16},
    {IntegrityId::hmac_sha2_384_192, "sha384", "HMAC_SHA2_384_192", HashId::sha2_384, 6, 48, 24},
    {IntegrityId::hmac_sha2_512_256, "sha512", "HMAC_SHA2_512_256", HashId::sha2_512, 7, 64, 32},
}};

constexpr std::array<GroupInfo, 10> groups{{
    {GroupId::modp768, "modp768", "MODP_768", 96, 96, false},
    {GroupId::modp1024, "modp1024", "MODP_1024", 128, 128, true},
    {GroupId::modp1536, "modp1536", "MODP_1536", 192, 192, true},
    {GroupId::modp2048, "modp2048", "MODP_2048", 256, 256, true},
    {GroupId::modp3072, "modp3072", "MODP_3072", 384, 384, true},
    {GroupId::modp4096, "modp4096", "MODP_4096", 512, 512, true},
    {GroupId::ecp256, "ecp256", "ECP_256", 64, 32, true},
    {GroupId::ecp384, "ecp384", "ECP_384", 96, 48, true},
    {GroupId::ecp521, "ecp521", "ECP_521", 132, 66, true},
    {GroupId::x25519, "x25519", "CURVE_25519", 32, 32, true},
}};

/// The enumerations count from 0 in the order of the tables; info() relies on it.
template <class Table>
constexpr bool in_order(const Table& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].id) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(ciphers) && in_order(hashes) && in_order(integrities));

using KeyBits = std::optional<std::uint16_t>;

bool fits_key_length(const CipherInfo& cipher, KeyBits key_bits) {
    constexpr std::uint16_t when_absent = 128;
    return cipher.key_length_bits ? *cipher.key_length_bits == key_bits.value_or(when_absent) : !key_bits;
}

}  // namespace

const CipherInfo& info(CipherId id) {
    return ciphers.at(static_cast<std::size_t>(id));
}

const HashInfo& info(HashId id) {
    return hashes.at(static_cast<std::size_t>(id));
}

const IntegrityInfo& info(IntegrityId id) {
    return integrities.at(static_cast<std::size_t>(id));
}

const GroupInfo& info(GroupId id) {
    std::size_t index = 0;
    while (index < groups.size() && groups[index].id != id) {
        ++index;
    }
    return groups.at(index);
}

std::span<const CipherInfo> all_ciphers() {
    return ciphers;
}

std::span<const HashInfo> all_hashes() {
    return hashes;
}

std::span<const IntegrityInfo> all_integrities() {
    return integrities;
}

std::span<const GroupInfo> all_groups() {
    return groups;
}

std::optional<CipherId> cipher_from_oakley(std::uint16_t oakley, KeyBits key_bits) {
    for (const CipherInfo& cipher : ciphers) {
        if (cipher.oakley == oakley && fits_key_length(cipher, key_bits)) {
            return cipher.id;
        }
    }
    return std::nullopt;
}

std::optional<CipherId> cipher_from_esp(std::uint8_t transform, KeyBits key_bits) {
    for (const CipherInfo& cipher : ciphers) {
        if (cipher.esp_transform == transform && fits_key_length(cipher, key_bits)) {
            return cipher.id;
        }
    }
    return std::nullopt;
}

std::optional<HashId> hash_from_oakley(std::uint16_t oakley) {
    for (const HashInfo& hash : hashes) {
        if (hash.oakley == oakley) {
            return hash.id;
        }
    }
    return std::nullopt;
}

std::optional<IntegrityId> integrity_from_attribute(std::uint16_t attribute) {
    for (const IntegrityInfo& integrity : integrities) {
        // 0 is reserved on the wire (RFC 2407 4.5): "none" is the absence of the attribute, never a value.
        if (integrity.attribute != 0 && integrity.attribute == attribute) {
            return integrity.id;
        }
    }
    return std::nullopt;
}

std::optional<GroupId> group_from_number(std::uint16_t number) {
    for (const GroupInfo& group : groups) {
        if (static_cast<std::uint16_t>(group.id) == number) {
            return group.id;
        }
    }
    return std::nullopt;
}

}  // namespace causeway::crypto
