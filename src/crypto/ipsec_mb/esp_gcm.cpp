// ESP with AES-GCM and a 16 octet ICV (RFC 4106), one packet after the other: here a batch gains nothing, and
// the library is faster at any. Nonces follow the rule of crypto/openssl/esp_gcm.cpp: salt | sequence number,
// each higher than the one before, whichever library seals.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "base/secret.hpp"
#include "crypto/ipsec_mb/suites.hpp"

namespace causeway::crypto::ipsec_mb {
namespace {

constexpr std::size_t salt_octets = 4;
constexpr std::size_t iv_octets = 8;
constexpr std::size_t icv_octets = 16;
constexpr std::size_t front_octets = esp_header_octets + iv_octets;

/// The schedule and the powers of the hash key.
struct alignas(64) Keys {
    gcm_key_data data;

    Keys() = default;
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
    ~Keys() { wipe({reinterpret_cast<std::uint8_t*>(&data), sizeof data}); }
};

class Gcm final : public EspCipher {
 public:
    Gcm(CipherId cipher, ByteView key, ByteView salt, EspUse use, Behind behind)
        : cipher_(cipher), use_(use), key_(key), behind_(std::move(behind)) {
        std::copy_n(salt.begin(), salt_octets, nonce_.begin());
    }
    ~Gcm() override { wipe(nonce_); }

    Result<void> seal(std::span<SealOp> batch) override {
        Lanes* const lanes = use_ != EspUse::open ? lanes_for(behind_, batch.size()) : nullptr;
        engine_ = lanes != nullptr ? EspEngine::ipsec_mb : EspEngine::openssl;
        if (lanes == nullptr) {
            return seal_behind(batch);
        }
        const gcm_key_data& key = keys(*lanes);
        const aes_gcm_enc_dec_t encrypt = encryptor(*lanes->manager());
        for (const SealOp& op : batch) {
            if (!fits(op.packet, op.length)) {
                return fail(Errc::malformed, fmt::format("no ESP packet to seal in {} octets", op.length));
            }
            if (op.sequence <= last_sealed_) {
                return used_before(op.sequence);
            }
            last_sealed_ = op.sequence;
            seal_one(op, key, encrypt);
        }
        return {};
    }

    void open(std::span<OpenOp> batch) override {
        Lanes* const lanes = use_ != EspUse::seal ? lanes_for(behind_, batch.size()) : nullptr;
        engine_ = lanes != nullptr ? EspEngine::ipsec_mb : EspEngine::openssl;
        if (lanes == nullptr) {
            behind_.cipher->open(batch);
            return;
        }
        const gcm_key_data& key = keys(*lanes);
        const aes_gcm_enc_dec_t decrypt = decryptor(*lanes->manager());
        for (OpenOp& op : batch) {
            op.ok = fits(op.packet, op.length) && open_one(op, key, decrypt);
        }
    }

    [[nodiscard]] EspEngine last_engine() const override { return engine_; }

 private:
    [[nodiscard]] static bool fits(const std::uint8_t* packet, std::size_t length) {
        return packet != nullptr && length > front_octets + icv_octets &&
               length <= std::numeric_limits<int>::max();
    }

    /// Two packets under one nonce give away both texts and the key of the ICV: rather none is sent.
    [[nodiscard]] tl::unexpected<Error> used_before(std::uint64_t sequence) const {
        return fail(Errc::limit, fmt::format("sequence number {} was used before, the last was {}", sequence,
                                             last_sealed_));
    }

    /// OpenSSL's cipher knows only the numbers that it has sealed itself.
    Result<void> seal_behind(std::span<SealOp> batch) {
        std::size_t fresh = 0;
        while (fresh < batch.size() && batch[fresh].sequence > last_sealed_) {
            last_sealed_ = batch[fresh++].sequence;
        }
        CAUSEWAY_CHECK(behind_.cipher->seal(batch.first(fresh)));
        return fresh == batch.size() ? Result<void>{} : used_before(batch[fresh].sequence);
    }

    /// The schedule is made when first needed, and the key itself is gone then.
    const gcm_key_data& keys(const Lanes& lanes) {
        if (!keys_) {
            keys_ = std::make_unique<Keys>();
            const IMB_MGR* const manager = lanes.manager();
            if (cipher_ == CipherId::aes_gcm16_128) {
                IMB_AES128_GCM_PRE(manager, key_.view().data(), &keys_->data);
            } else if (cipher_ == CipherId::aes_gcm16_192) {
                IMB_AES192_GCM_PRE(manager, key_.view().data(), &keys_->data);
            } else {
                IMB_AES256_GCM_PRE(manager, key_.view().data(), &keys_->data);
            }
            key_ = {};
        }
        return keys_->data;
    }

    [[nodiscard]] aes_gcm_enc_dec_t encryptor(const IMB_MGR& manager) const {
        return cipher_ == CipherId::aes_gcm16_128   ? manager.gcm128_enc
               : cipher_ == CipherId::aes_gcm16_192 ? manager.gcm192_enc
                                                    : manager.gcm256_enc;
    }
    [[nodiscard]] aes_gcm_enc_dec_t decryptor(const IMB_MGR& manager) const {
        return cipher_ == CipherId::aes_gcm16_128   ? manager.gcm128_dec
               : cipher_ == CipherId::aes_gcm16_192 ? manager.gcm192_dec
                                                    : manager.gcm256_dec;
    }

    void seal_one(const SealOp& op, const gcm_key_data& key, aes_gcm_enc_dec_t encrypt) {
        std::uint8_t* iv = op.packet + esp_header_octets;
        for (std::size_t i = 0; i < iv_octets; ++i) {
            iv[i] = static_cast<std::uint8_t>(op.sequence >> (56 - 8 * i));
        }
        std::copy_n(iv, iv_octets, nonce_.begin() + salt_octets);
        std::uint8_t* text = op.packet + front_octets;
        gcm_context_data context;
        encrypt(&key, &context, text, text, op.length - front_octets - icv_octets, nonce_.data(), op.packet,
                esp_header_octets, op.packet + op.length - icv_octets, icv_octets);
    }

    /// The text is decrypted before the ICV is known: what is not genuine is overwritten.
    bool open_one(const OpenOp& op, const gcm_key_data& key, aes_gcm_enc_dec_t decrypt) {
        std::copy_n(op.packet + esp_header_octets, iv_octets, nonce_.begin() + salt_octets);
        std::uint8_t* text = op.packet + front_octets;
        const std::size_t text_octets = op.length - front_octets - icv_octets;
        gcm_context_data context;
        std::array<std::uint8_t, icv_octets> icv;
        decrypt(&key, &context, text, text, text_octets, nonce_.data(), op.packet, esp_header_octets,
                icv.data(), icv_octets);
        const bool genuine = equal_in_constant_time(icv, {text + text_octets, icv_octets});
        if (!genuine) {
            wipe({text, text_octets});
        }
        return genuine;
    }

    CipherId cipher_;
    EspUse use_;
    EspEngine engine_ = EspEngine::openssl;
    Secret key_;
    std::unique_ptr<Keys> keys_;
    std::array<std::uint8_t, salt_octets + iv_octets> nonce_{};
    std::uint64_t last_sealed_ = 0;
    Behind behind_;
};

}  // namespace

std::unique_ptr<EspCipher> make_esp_gcm(CipherId cipher, ByteView key, ByteView salt, EspUse use,
                                        Behind behind) {
    return std::make_unique<Gcm>(cipher, key, salt, use, std::move(behind));
}

}  // namespace causeway::crypto::ipsec_mb
