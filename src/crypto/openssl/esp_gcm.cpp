// ESP with AES-GCM and a 16 octet ICV (RFC 4106). The nonce is salt | IV, the IV the 64-bit sequence number:
// it never repeats under one key, and costs no randomness. The context keeps its key; a packet changes the IV
// only.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <openssl/core_names.h>
#include <span>
#include <utility>

#include "crypto/openssl/esp_suites.hpp"
#include "crypto/openssl/library.hpp"

namespace causeway::crypto::openssl {
namespace {

constexpr std::size_t salt_octets = 4;
constexpr std::size_t iv_octets = 8;
constexpr std::size_t icv_octets = 16;
constexpr std::size_t front_octets = esp_header_octets + iv_octets;

class Gcm final : public EspCipher {
 public:
    Gcm(CipherContext encryptor, CipherContext decryptor, ByteView salt)
        : encryptor_(std::move(encryptor)), decryptor_(std::move(decryptor)) {
        std::copy_n(salt.begin(), salt_octets, nonce_.begin());
    }
    ~Gcm() override { wipe(nonce_); }

    Result<void> seal(std::span<SealOp> batch) override {
        if (!encryptor_) {
            return fail(Errc::unsupported, "made for opening only");
        }
        for (const SealOp& op : batch) {
            if (!fits(op.packet, op.length)) {
                return fail(Errc::malformed, fmt::format("no ESP packet to seal in {} octets", op.length));
            }
            // Two packets under one nonce give away both texts and the key of the ICV: rather none is sent.
            if (op.sequence <= last_sealed_) {
                return fail(Errc::limit, fmt::format("sequence number {} was used before, the last was {}",
                                                     op.sequence, last_sealed_));
            }
            last_sealed_ = op.sequence;
            if (!seal_one(op)) {
                return library_error("sealing an ESP packet");
            }
        }
        return {};
    }

    void open(std::span<OpenOp> batch) override {
        for (OpenOp& op : batch) {
            op.ok = decryptor_ && fits(op.packet, op.length) && open_one(op);
        }
    }

 private:
    [[nodiscard]] static bool fits(const std::uint8_t* packet, std::size_t length) {
        return packet != nullptr && length > front_octets + icv_octets &&
               length <= std::numeric_limits<int>::max();
    }

    /// The tag is written to, or read from, the place where it stands in the packet.
    static std::array<OSSL_PARAM, 2> tag_at(std::uint8_t* place) {
        return {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, place, icv_octets),
                OSSL_PARAM_construct_end()};
    }

    bool seal_one(const SealOp& op) {
        std::uint8_t* iv = op.packet + esp_header_octets;
        for (std::size_t i = 0; i < iv_octets; ++i) {
            iv[i] = static_cast<std::uint8_t>(op.sequence >> (56 - 8 * i));
        }
        std::copy_n(iv, iv_octets, nonce_.begin() + salt_octets);
        std::uint8_t* text = op.packet + front_octets;
        const int text_octets = static_cast<int>(op.length - front_octets - icv_octets);
        auto tag = tag_at(op.packet + op.length - icv_octets);
        EVP_CIPHER_CTX* context = encryptor_.get();
        int written = 0;
        return EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce_.data(), nullptr) == 1 &&
               EVP_EncryptUpdate(context, nullptr, &written, op.packet, esp_header_octets) == 1 &&
               EVP_EncryptUpdate(context, text, &written, text, text_octets) == 1 && written == text_octets &&
               EVP_EncryptFinal_ex(context, text, &written) == 1 &&
               EVP_CIPHER_CTX_get_params(context, tag.data()) == 1;
    }

    /// The text is decrypted before the ICV is known: what is not genuine is overwritten.
    bool open_one(const OpenOp& op) {
        std::copy_n(op.packet + esp_header_octets, iv_octets, nonce_.begin() + salt_octets);
        std::uint8_t* text = op.packet + front_octets;
        const int text_octets = static_cast<int>(op.length - front_octets - icv_octets);
        const auto tag = tag_at(op.packet + op.length - icv_octets);
        EVP_CIPHER_CTX* context = decryptor_.get();
        int written = 0;
        const bool genuine =
            EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce_.data(), nullptr) == 1 &&
            EVP_DecryptUpdate(context, nullptr, &written, op.packet, esp_header_octets) == 1 &&
            EVP_DecryptUpdate(context, text, &written, text, text_octets) == 1 && written == text_octets &&
            EVP_CIPHER_CTX_set_params(context, tag.data()) == 1 &&
            EVP_DecryptFinal_ex(context, text, &written) == 1;
        if (!genuine) {
            wipe({text, static_cast<std::size_t>(text_octets)});
        }
        return genuine;
    }

    CipherContext encryptor_;
    CipherContext decryptor_;
    std::array<std::uint8_t, salt_octets + iv_octets> nonce_{};
    std::uint64_t last_sealed_ = 0;
};

CipherContext keyed(const EVP_CIPHER* algorithm, ByteView key, bool encrypt) {
    CipherContext context(EVP_CIPHER_CTX_new());
    if (!context ||
        EVP_CipherInit_ex2(context.get(), algorithm, key.data(), nullptr, encrypt ? 1 : 0, nullptr) != 1) {
        return nullptr;
    }
    return context;
}

}  // namespace

MadeCipher make_esp_gcm(CipherId cipher, ByteView key, ByteView salt, EspUse use) {
    const EVP_CIPHER* algorithm = openssl::cipher(cipher);
    CipherContext encryptor = use != EspUse::open ? keyed(algorithm, key, true) : nullptr;
    CipherContext decryptor = use != EspUse::seal ? keyed(algorithm, key, false) : nullptr;
    if (algorithm == nullptr || !complete(encryptor, decryptor, use)) {
        return library_error(info(cipher).name);
    }
    return std::make_unique<Gcm>(std::move(encryptor), std::move(decryptor), salt);
}

}  // namespace causeway::crypto::openssl
