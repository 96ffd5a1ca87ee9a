// ESP with a CBC cipher and an HMAC over all of the packet (RFC 3602, RFC 2451; RFC 2403, 2404, 4868):
// encrypt, then authenticate. Contexts keep their keys; a packet changes the IV only.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "crypto/openssl/esp_suites.hpp"
#include "crypto/openssl/iv_stream.hpp"
#include "crypto/openssl/keyed_hmac.hpp"

namespace causeway::crypto::openssl {
namespace {

class CbcHmac final : public EspCipher {
 public:
    CbcHmac(CipherId cipher, IntegrityId integrity, CipherContext encryptor, CipherContext decryptor,
            KeyedHmac hmac)
        : block_octets_(info(cipher).block_octets),
          icv_octets_(info(integrity).icv_octets),
          encryptor_(std::move(encryptor)),
          decryptor_(std::move(decryptor)),
          hmac_(std::move(hmac)) {}

    Result<void> seal(std::span<SealOp> batch) override {
        if (!encryptor_) {
            return fail(Errc::unsupported, "made for opening only");
        }
        IvStream& ivs = *CAUSEWAY_TRY(IvStream::of_thread());
        for (const SealOp& op : batch) {
            if (!fits(op.packet, op.length)) {
                return fail(Errc::malformed, fmt::format("no ESP packet to seal in {} octets", op.length));
            }
            if (!seal_one(op, ivs)) {
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
    using Digest = KeyedHmac::Digest;

    /// The IV of CBC is one block.
    [[nodiscard]] std::size_t front_octets() const { return esp_header_octets + block_octets_; }

    /// Header, IV and ICV are there, and at least one whole block between them.
    [[nodiscard]] bool fits(const std::uint8_t* packet, std::size_t length) const {
        const std::size_t around = front_octets() + icv_octets_;
        return packet != nullptr && length > around && (length - around) % block_octets_ == 0 &&
               length <= std::numeric_limits<int>::max();
    }

    /// HMAC of the packet up to its ICV, not yet truncated.
    bool digest_of(const std::uint8_t* packet, std::size_t length, Digest& digest) {
        return hmac_.digest_of({packet, length - icv_octets_}, digest);
    }

    bool seal_one(const SealOp& op, IvStream& ivs) {
        std::uint8_t* iv = op.packet + esp_header_octets;
        const int octets = static_cast<int>(op.length - esp_header_octets - icv_octets_);
        int written = 0;
        Digest digest;
        if (!ivs.next({iv, block_octets_}) ||
            EVP_EncryptUpdate(encryptor_.get(), iv, &written, iv, octets) != 1 || written != octets ||
            !digest_of(op.packet, op.length, digest)) {
            return false;
        }
        std::copy_n(digest.begin(), icv_octets_, op.packet + op.length - icv_octets_);
        return true;
    }

    bool open_one(const OpenOp& op) {
        Digest digest;
        const ByteView icv{op.packet + op.length - icv_octets_, icv_octets_};
        if (!digest_of(op.packet, op.length, digest) ||
            !equal_in_constant_time(ByteView(digest).first(icv_octets_), icv)) {
            return false;
        }
        std::uint8_t* iv = op.packet + esp_header_octets;
        const int octets = static_cast<int>(op.length - esp_header_octets - icv_octets_);
        int written = 0;
        return EVP_DecryptUpdate(decryptor_.get(), iv, &written, iv, octets) == 1 && written == octets;
    }

    std::size_t block_octets_;
    std::size_t icv_octets_;
    CipherContext encryptor_;
    CipherContext decryptor_;
    KeyedHmac hmac_;
};

/// A context with its key schedule made, for one direction, at the beginning of its run; null on failure.
CipherContext keyed(const EVP_CIPHER* algorithm, ByteView key, bool encrypt) {
    static constexpr std::array<std::uint8_t, EVP_MAX_IV_LENGTH> start{};
    CipherContext context(EVP_CIPHER_CTX_new());
    if (!context ||
        EVP_CipherInit_ex2(context.get(), algorithm, key.data(), start.data(), encrypt ? 1 : 0, nullptr) !=
            1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1) {
        return nullptr;
    }
    return context;
}

}  // namespace

MadeCipher make_esp_cbc_hmac(CipherId cipher, IntegrityId integrity, ByteView encryption_key,
                             ByteView integrity_key, EspUse use) {
    const EVP_CIPHER* algorithm = openssl::cipher(cipher);
    if (algorithm == nullptr) {
        return fail(Errc::unsupported, fmt::format("{} does not protect packets", info(cipher).name));
    }
    if (use != EspUse::open) {
        static_cast<void>(CAUSEWAY_TRY(IvStream::of_thread()));
    }
    CipherContext encryptor = use != EspUse::open ? keyed(algorithm, encryption_key, true) : nullptr;
    CipherContext decryptor = use != EspUse::seal ? keyed(algorithm, encryption_key, false) : nullptr;
    KeyedHmac hmac = CAUSEWAY_TRY(KeyedHmac::make(info(integrity).hash, integrity_key));
    if (!complete(encryptor, decryptor, use)) {
        return library_error(fmt::format("{}-{}", info(cipher).name, info(integrity).name));
    }
    return std::make_unique<CbcHmac>(cipher, integrity, std::move(encryptor), std::move(decryptor),
                                     std::move(hmac));
}

}  // namespace causeway::crypto::openssl
