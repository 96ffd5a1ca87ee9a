// The words people write for algorithms: strongSwan's, racoon's, libreswan's and the ones our own texts
// print.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "crypto/algorithm.hpp"

namespace causeway::crypto {
namespace {

/// Lower case, without the separators that people put in or leave out: "AES_CBC_128", "aes-128" -> "aes128".
std::string folded(std::string_view name) {
    std::string plain;
    plain.reserve(name.size());
    for (const char c : name) {
        const bool separator = (c == '_' || c == '-') && !plain.empty();
        if (!separator) {
            plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    return plain;
}

template <class Id>
struct Alias {
    std::string_view folded_name;
    Id id;
};

constexpr std::array<Alias<CipherId>, 16> cipher_aliases{{
    {"aes", CipherId::aes_cbc_128},
    {"rijndael", CipherId::aes_cbc_128},
    {"des3", CipherId::tdes_cbc},
    {"tripledes", CipherId::tdes_cbc},
    {"aes128cbc", CipherId::aes_cbc_128},
    {"aes192cbc", CipherId::aes_cbc_192},
    {"aes256cbc", CipherId::aes_cbc_256},
    {"aesgcm", CipherId::aes_gcm16_128},
    {"aesgcm16", CipherId::aes_gcm16_128},
    {"aes128gcm", CipherId::aes_gcm16_128},
    {"aes192gcm", CipherId::aes_gcm16_192},
    {"aes256gcm", CipherId::aes_gcm16_256},
    // strongSwan counts the ICV in bits as well.
    {"aes128gcm128", CipherId::aes_gcm16_128},
    {"aes192gcm128", CipherId::aes_gcm16_192},
    {"aes256gcm128", CipherId::aes_gcm16_256},
    {"descbc", CipherId::des_cbc},
}};

constexpr std::array<Alias<HashId>, 10> hash_aliases{{
    {"sha", HashId::sha1},
    {"sha2", HashId::sha2_256},
    {"sha2256", HashId::sha2_256},
    {"sha2384", HashId::sha2_384},
    {"sha2512", HashId::sha2_512},
    // racoon's authentication_algorithm
    {"hmacsha", HashId::sha1},
    {"hmacsha256", HashId::sha2_256},
    {"hmacsha384", HashId::sha2_384},
    {"hmacsha512", HashId::sha2_512},
    {"hmacsha2", HashId::sha2_256},
}};

// sha256_96, the truncation of old Linux kernels, is another algorithm: it has no name here on purpose.
constexpr std::array<Alias<IntegrityId>, 6> integrity_aliases{{
    {"nonauth", IntegrityId::none},
    {"md596", IntegrityId::hmac_md5_96},
    {"sha196", IntegrityId::hmac_sha1_96},
    {"sha256128", IntegrityId::hmac_sha2_256_128},
    {"sha384192", IntegrityId::hmac_sha2_384_192},
    {"sha512256", IntegrityId::hmac_sha2_512_256},
}};

constexpr std::array<Alias<GroupId>, 2> group_aliases{{
    {"curve25519", GroupId::x25519},
    {"25519", GroupId::x25519},
}};

template <class Id, class Info, std::size_t N>
std::optional<Id> look_up(const std::string& name, std::span<const Info> table,
                          const std::array<Alias<Id>, N>& aliases) {
    for (const Info& entry : table) {
        if (name == folded(entry.name) || name == folded(entry.long_name)) {
            return entry.id;
        }
    }
    for (const auto& alias : aliases) {
        if (name == alias.folded_name) {
            return alias.id;
        }
    }
    return std::nullopt;
}

/// "2", "dh2" and "group2" name group 2 by its number.
std::optional<std::uint16_t> group_number(std::string_view name) {
    for (const std::string_view prefix : {"dhgroup", "dh", "group"}) {
        if (name.starts_with(prefix)) {
            name.remove_prefix(prefix.size());
            break;
        }
    }
    if (name.empty() || name.size() > 2 ||
        !std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    std::uint16_t number = 0;
    for (const char digit : name) {
        number = static_cast<std::uint16_t>(number * 10 + (digit - '0'));
    }
    return number;
}

}  // namespace

std::optional<CipherId> cipher_from_name(std::string_view name) {
    return look_up<CipherId>(folded(name), all_ciphers(), cipher_aliases);
}

std::optional<HashId> hash_from_name(std::string_view name) {
    return look_up<HashId>(folded(name), all_hashes(), hash_aliases);
}

std::optional<IntegrityId> integrity_from_name(std::string_view name) {
    const std::string plain = folded(name);
    if (const auto id = look_up<IntegrityId>(plain, all_integrities(), integrity_aliases)) {
        return id;
    }
    // What names a hash names its HMAC with the usual truncation as well.
    const auto hash = hash_from_name(plain);
    for (const IntegrityInfo& integrity : all_integrities()) {
        if (hash && integrity.id != IntegrityId::none && integrity.hash == *hash) {
            return integrity.id;
        }
    }
    return std::nullopt;
}

std::optional<GroupId> group_from_name(std::string_view name) {
    const std::string plain = folded(name);
    if (const auto number = group_number(plain)) {
        return group_from_number(*number);
    }
    return look_up<GroupId>(plain, all_groups(), group_aliases);
}

}  // namespace causeway::crypto
