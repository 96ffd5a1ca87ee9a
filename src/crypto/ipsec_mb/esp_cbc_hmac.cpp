// ESP with AES-CBC and HMAC-SHA (RFC 3602; RFC 2404, 4868), many packets side by side: all are encrypted, then
// all are authenticated; or all are verified, then those that are genuine are decrypted.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <utility>

#include "base/secret.hpp"
#include "crypto/ipsec_mb/suites.hpp"
#include "crypto/openssl/iv_stream.hpp"

namespace causeway::crypto::ipsec_mb {
namespace {

constexpr std::size_t block_octets = 16;
constexpr std::size_t front_octets = esp_header_octets + block_octets;
/// The library counts a job's octets in 16 bits, some for itself. Longer ones are rare, and OpenSSL's.
constexpr std::size_t longest_packet = 65000;

/// As the library wants them: schedules of 15 round keys, states of the hash behind the padded keys.
struct Keys {
    alignas(16) std::array<std::uint8_t, 240> encrypt;
    alignas(16) std::array<std::uint8_t, 240> decrypt;
    alignas(16) std::array<std::uint8_t, 64> inner;
    alignas(16) std::array<std::uint8_t, 64> outer;

    Keys() = default;
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
    ~Keys() { wipe({encrypt.data(), sizeof(Keys)}); }
};

void expand(const IMB_MGR* manager, ByteView key, Keys& keys) {
    if (key.size() == IMB_KEY_128_BYTES) {
        IMB_AES_KEYEXP_128(manager, key.data(), keys.encrypt.data(), keys.decrypt.data());
    } else if (key.size() == IMB_KEY_192_BYTES) {
        IMB_AES_KEYEXP_192(manager, key.data(), keys.encrypt.data(), keys.decrypt.data());
    } else {
        IMB_AES_KEYEXP_256(manager, key.data(), keys.encrypt.data(), keys.decrypt.data());
    }
}

void hash_block(const IMB_MGR* manager, HashId hash, const std::uint8_t* block, std::uint8_t* state) {
    switch (hash) {
        case HashId::sha1:
            return IMB_SHA1_ONE_BLOCK(manager, block, state);
        case HashId::sha2_256:
            return IMB_SHA256_ONE_BLOCK(manager, block, state);
        case HashId::sha2_384:
            return IMB_SHA384_ONE_BLOCK(manager, block, state);
        default:
            return IMB_SHA512_ONE_BLOCK(manager, block, state);
    }
}

/// The state of the hash behind the key, filled up with zeros, over `pad` (RFC 2104 4).
void begin_hash(const IMB_MGR* manager, HashId hash, ByteView key, std::uint8_t pad, std::uint8_t* state) {
    Secret block(info(hash).block_octets);
    std::fill(block.writable().begin(), block.writable().end(), pad);
    for (std::size_t i = 0; i < key.size(); ++i) {
        block.writable()[i] = static_cast<std::uint8_t>(key[i] ^ pad);
    }
    hash_block(manager, hash, block.view().data(), state);
}

IMB_HASH_ALG hmac_of(HashId hash) {
    switch (hash) {
        case HashId::sha1:
            return IMB_AUTH_HMAC_SHA_1;
        case HashId::sha2_256:
            return IMB_AUTH_HMAC_SHA_256;
        case HashId::sha2_384:
            return IMB_AUTH_HMAC_SHA_384;
        default:
            return IMB_AUTH_HMAC_SHA_512;
    }
}

class CbcHmac final : public EspCipher {
 public:
    CbcHmac(CipherId cipher, IntegrityId integrity, ByteView encryption_key, ByteView integrity_key,
            EspUse use, Behind behind)
        : hash_(info(integrity).hash),
          icv_octets_(info(integrity).icv_octets),
          key_size_(static_cast<IMB_KEY_SIZE_BYTES>(info(cipher).key_octets)),
          use_(use),
          encryption_key_(encryption_key),
          integrity_key_(integrity_key),
          behind_(std::move(behind)) {}

    Result<void> seal(std::span<SealOp> batch) override {
        Lanes* const lanes = use_ != EspUse::open ? lanes_for(behind_, batch.size()) : nullptr;
        const std::size_t share =
            lanes != nullptr ? share_of(*lanes, std::span<const SealOp>(batch), lanes->worth(hash_).seal) : 0;
        engine_ = share != 0 ? EspEngine::ipsec_mb : EspEngine::openssl;
        for (std::size_t i = 0; i < share; i += Lanes::jobs_at_once) {
            CAUSEWAY_CHECK(seal_some(*lanes, batch.subspan(i, std::min(share - i, Lanes::jobs_at_once))));
        }
        return share < batch.size() ? behind_.cipher->seal(batch.subspan(share)) : Result<void>{};
    }

    void open(std::span<OpenOp> batch) override {
        Lanes* const lanes = use_ != EspUse::seal ? lanes_for(behind_, batch.size()) : nullptr;
        const std::size_t share =
            lanes != nullptr ? share_of(*lanes, std::span<const OpenOp>(batch), lanes->worth(hash_).open) : 0;
        engine_ = share != 0 ? EspEngine::ipsec_mb : EspEngine::openssl;
        for (std::size_t i = 0; i < share; i += Lanes::jobs_at_once) {
            open_some(*lanes, batch.subspan(i, std::min(share - i, Lanes::jobs_at_once)));
        }
        if (share < batch.size()) {
            behind_.cipher->open(batch.subspan(share));
        }
    }

    [[nodiscard]] EspEngine last_engine() const override { return engine_; }

 private:
    /// Header, IV and ICV are there, and at least one whole block between them.
    [[nodiscard]] bool fits(const std::uint8_t* packet, std::size_t length) const {
        const std::size_t around = front_octets + icv_octets_;
        return packet != nullptr && length > around && (length - around) % block_octets == 0;
    }

    /// How many packets from the first on go through the lanes. A lane takes as long as the longest of them, so
    /// packets of unequal lengths count for less; and what the last full row leaves over must pay, too.
    template <class Op>
    [[nodiscard]] std::size_t share_of(const Lanes& lanes, std::span<const Op> batch,
                                       std::size_t least) const {
        const std::size_t left_over = batch.size() % lanes.worth(hash_).lanes;
        std::size_t share = batch.size();
        if (!behind_.passed_by && left_over < least) {
            share -= left_over;
        }
        std::size_t longest = 0;
        std::size_t octets = 0;
        for (const Op& op : batch.first(share)) {
            longest = std::max(longest, op.length);
            octets += std::min(op.length, longest_packet);
        }
        const bool pays = behind_.passed_by || octets >= least * longest;
        return longest <= longest_packet && pays ? share : 0;
    }

    /// The schedules are made when first needed, and the keys themselves are gone then.
    const Keys& keys(const Lanes& lanes) {
        if (!keys_) {
            keys_ = std::make_unique<Keys>();
            expand(lanes.manager(), encryption_key_.view(), *keys_);
            begin_hash(lanes.manager(), hash_, integrity_key_.view(), 0x36, keys_->inner.data());
            begin_hash(lanes.manager(), hash_, integrity_key_.view(), 0x5c, keys_->outer.data());
            encryption_key_ = {};
            integrity_key_ = {};
        }
        return *keys_;
    }

    /// One job says both what to hash and what to cipher; each burst takes its part.
    void fill(IMB_JOB& job, const Keys& keys, std::uint8_t* packet, std::size_t length, std::uint8_t* icv) {
        job.src = packet;
        job.dst = packet + front_octets;
        job.enc_keys = keys.encrypt.data();
        job.dec_keys = keys.decrypt.data();
        job.key_len_in_bytes = key_size_;
        job.cipher_mode = IMB_CIPHER_CBC;
        job.cipher_start_src_offset_in_bytes = front_octets;
        job.msg_len_to_cipher_in_bytes = length - front_octets - icv_octets_;
        job.iv = packet + esp_header_octets;
        job.iv_len_in_bytes = block_octets;
        job.hash_alg = hmac_of(hash_);
        job.hash_start_src_offset_in_bytes = 0;
        job.msg_len_to_hash_in_bytes = length - icv_octets_;
        job.auth_tag_output = icv;
        job.auth_tag_output_len_in_bytes = icv_octets_;
        job.u.HMAC._hashed_auth_key_xor_ipad = keys.inner.data();
        job.u.HMAC._hashed_auth_key_xor_opad = keys.outer.data();
    }

    bool hash(Lanes& lanes, std::uint32_t jobs) {
        IMB_MGR* const manager = lanes.manager();
        return IMB_SUBMIT_HASH_BURST(manager, lanes.jobs().data(), jobs, hmac_of(hash_)) == jobs;
    }
    bool cipher(Lanes& lanes, std::uint32_t jobs, IMB_CIPHER_DIRECTION direction) {
        IMB_MGR* const manager = lanes.manager();
        return IMB_SUBMIT_CIPHER_BURST(manager, lanes.jobs().data(), jobs, IMB_CIPHER_CBC, direction,
                                       key_size_) == jobs;
    }

    Result<void> seal_some(Lanes& lanes, std::span<const SealOp> batch) {
        openssl::IvStream& ivs = *CAUSEWAY_TRY(openssl::IvStream::of_thread());
        const Keys& keys = this->keys(lanes);
        std::uint32_t jobs = 0;
        for (const SealOp& op : batch) {
            if (!fits(op.packet, op.length)) {
                break;
            }
            if (!ivs.next({op.packet + esp_header_octets, block_octets})) {
                return fail(Errc::crypto, "no IVs for ESP packets");
            }
            fill(lanes.jobs()[jobs++], keys, op.packet, op.length, op.packet + op.length - icv_octets_);
        }
        if (jobs != 0 && (!cipher(lanes, jobs, IMB_DIR_ENCRYPT) || !hash(lanes, jobs))) {
            return fail(Errc::crypto, fmt::format("sealing {} ESP packets by ipsec-mb", jobs));
        }
        if (jobs < batch.size()) {
            return fail(Errc::malformed,
                        fmt::format("no ESP packet to seal in {} octets", batch[jobs].length));
        }
        return {};
    }

    void open_some(Lanes& lanes, std::span<OpenOp> batch) {
        const Keys& keys = this->keys(lanes);
        std::array<OpenOp*, Lanes::jobs_at_once> hashed;
        std::uint32_t jobs = 0;
        for (OpenOp& op : batch) {
            op.ok = false;
            if (fits(op.packet, op.length)) {
                fill(lanes.jobs()[jobs], keys, op.packet, op.length, lanes.digests()[jobs].data());
                hashed[jobs++] = &op;
            }
        }
        if (jobs == 0 || !hash(lanes, jobs)) {
            return;
        }
        std::uint32_t genuine = 0;
        for (std::uint32_t i = 0; i < jobs; ++i) {
            const OpenOp& op = *hashed[i];
            const ByteView icv{op.packet + op.length - icv_octets_, icv_octets_};
            if (equal_in_constant_time(ByteView(lanes.digests()[i]).first(icv_octets_), icv)) {
                hashed[genuine] = hashed[i];
                if (genuine != i) {
                    lanes.jobs()[genuine] = lanes.jobs()[i];
                }
                ++genuine;
            }
        }
        const bool opened = genuine != 0 && cipher(lanes, genuine, IMB_DIR_DECRYPT);
        for (std::uint32_t i = 0; i < genuine; ++i) {
            hashed[i]->ok = opened;
        }
    }

    HashId hash_;
    std::size_t icv_octets_;
    IMB_KEY_SIZE_BYTES key_size_;
    EspUse use_;
    EspEngine engine_ = EspEngine::openssl;
    Secret encryption_key_;
    Secret integrity_key_;
    std::unique_ptr<Keys> keys_;
    Behind behind_;
};

}  // namespace

std::unique_ptr<EspCipher> make_esp_cbc_hmac(CipherId cipher, IntegrityId integrity, ByteView encryption_key,
                                             ByteView integrity_key, EspUse use, Behind behind) {
    return std::make_unique<CbcHmac>(cipher, integrity, encryption_key, integrity_key, use,
                                     std::move(behind));
}

}  // namespace causeway::crypto::ipsec_mb
