// Every number of an algorithm in one place: names, IKEv1 numbers of both phases, key, block, IV and ICV
// sizes. Whoever needs a size or a number asks here. Sizes are in octets unless the name says bits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace causeway::crypto {

/// A cipher with its key length. AEADs carry their own integrity.
enum class CipherId {
    des_cbc,  ///< known by name so that it can be refused by name
    tdes_cbc,
    aes_cbc_128,
    aes_cbc_192,
    aes_cbc_256,
    aes_gcm16_128,
    aes_gcm16_192,
    aes_gcm16_256,
};

struct CipherInfo {
    CipherId id;
    std::string_view name;                ///< "aes128", "3des", "aes256gcm16": strongSwan's words
    std::string_view long_name;           ///< "AES_CBC_128", as strongSwan's status prints it
    std::optional<std::uint16_t> oakley;  ///< RFC 2409 App. A encryption algorithm; none for AEADs
    std::uint8_t esp_transform;           ///< RFC 2407 4.4.4; RFC 3602, RFC 4106
    std::optional<std::uint16_t>
        key_length_bits;  ///< the Key Length attribute; none where the length is fixed
    std::uint16_t key_octets;
    std::uint16_t salt_octets;  ///< taken from KEYMAT behind the key (RFC 4106 8.1)
    std::uint16_t block_octets;
    std::uint16_t iv_octets;   ///< on the wire in ESP
    std::uint16_t icv_octets;  ///< of an AEAD, else 0
    [[nodiscard]] bool is_aead() const { return icv_octets != 0; }
};

enum class HashId { md5, sha1, sha2_256, sha2_384, sha2_512 };

struct HashInfo {
    HashId id;
    std::string_view name;       ///< "sha1", "sha256"
    std::string_view long_name;  ///< "HMAC_SHA1"
    std::uint16_t oakley;        ///< RFC 2409 App. A hash algorithm; RFC 4868 for SHA2
    std::uint16_t digest_octets;
    std::uint16_t block_octets;
};

/// ESP integrity, truncated as its name says (RFC 2403, 2404, 4868).
enum class IntegrityId {
    none,
    hmac_md5_96,
    hmac_sha1_96,
    hmac_sha2_256_128,
    hmac_sha2_384_192,
    hmac_sha2_512_256
};

struct IntegrityInfo {
    IntegrityId id;
    std::string_view name;       ///< "sha1", "sha256"
    std::string_view long_name;  ///< "HMAC_SHA1_96"
    HashId hash;                 ///< meaningless for none
    std::uint16_t attribute;     ///< RFC 2407 4.5 Authentication Algorithm; 0 for none
    std::uint16_t key_octets;
    std::uint16_t icv_octets;
};

/// Diffie-Hellman groups by their IANA number (RFC 2409 6, RFC 3526, RFC 5903, RFC 8031).
enum class GroupId : std::uint16_t {
    modp768 = 1,  ///< known by name so that it can be refused by name
    modp1024 = 2,
    modp1536 = 5,
    modp2048 = 14,
    modp3072 = 15,
    modp4096 = 16,
    ecp256 = 19,
    ecp384 = 20,
    ecp521 = 21,
    x25519 = 31,
};

struct GroupInfo {
    GroupId id;
    std::string_view name;        ///< "modp1024"
    std::string_view long_name;   ///< "MODP_1024"
    std::uint16_t public_octets;  ///< of the KE payload body: x|y for ECP (RFC 5903 7)
    std::uint16_t secret_octets;  ///< of g^xy as it enters the PRF: left-padded to the prime; x alone for ECP
    bool supported;
};

const CipherInfo& info(CipherId id);
const HashInfo& info(HashId id);
const IntegrityInfo& info(IntegrityId id);
const GroupInfo& info(GroupId id);

std::span<const CipherInfo> all_ciphers();
std::span<const HashInfo> all_hashes();
std::span<const IntegrityInfo> all_integrities();
std::span<const GroupInfo> all_groups();

// From the numbers on the wire; nothing when we do not know them. `key_bits` is the Key Length attribute. An
// absent one for AES means 128 bits (some peers leave it out); one on a fixed-length cipher fits nothing.
std::optional<CipherId> cipher_from_oakley(std::uint16_t oakley, std::optional<std::uint16_t> key_bits);
std::optional<CipherId> cipher_from_esp(std::uint8_t transform, std::optional<std::uint16_t> key_bits);
std::optional<HashId> hash_from_oakley(std::uint16_t oakley);
std::optional<IntegrityId> integrity_from_attribute(std::uint16_t attribute);
std::optional<GroupId> group_from_number(std::uint16_t number);

// From the words people write, strongSwan's and racoon's ("aes", "aes128", "aes_128", "3des", "sha", "sha1",
// "modp1024", "2", "dh2", "group2"); case does not matter.
std::optional<CipherId> cipher_from_name(std::string_view name);
std::optional<HashId> hash_from_name(std::string_view name);
std::optional<IntegrityId> integrity_from_name(std::string_view name);
std::optional<GroupId> group_from_name(std::string_view name);

}  // namespace causeway::crypto
