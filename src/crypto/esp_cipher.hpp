// Sealing and opening ESP payloads in batches (RFC 4303 3.3, 3.4; facts about speed in docs/performance.md).
// Knows encryption and ICV only: sequence numbers, padding and windows are the business of `esp`.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/algorithm.hpp"

namespace causeway::crypto {

/// One packet to seal in place. Layout: SPI 4 | sequence 4 | IV iv_octets | plaintext (padded, with trailer)
/// | ICV room.
struct SealOp {
    std::uint8_t* packet = nullptr;
    std::size_t length = 0;      ///< of the whole packet, ICV room included
    std::uint64_t sequence = 0;  ///< the IV of AEADs (RFC 4106 3.1): each higher than the one before
};
/// One packet to open in place, same layout. `ok` is the verdict; after a true one the IV's place is
/// undefined, after a false one everything is.
struct OpenOp {
    std::uint8_t* packet = nullptr;
    std::size_t length = 0;
    bool ok = false;
};

/// Who computes. The packets are the same.
enum class EspEngine {
    automatic,  ///< OpenSSL; where Intel's library is there, batches that are worth it by that one
    openssl,
    ipsec_mb,  ///< Intel's for every packet of the suites it carries, whether it pays or not: for tests
};

/// One direction of one SA: key schedule kept, not thread-safe. CBC IVs are unpredictable (RFC 3602 3).
class EspCipher {
 public:
    EspCipher() = default;
    EspCipher(const EspCipher&) = delete;
    EspCipher& operator=(const EspCipher&) = delete;
    virtual ~EspCipher() = default;
    /// Writes IV, ciphertext and ICV. SPI and sequence number stand in the packet already. Fails at the first
    /// packet that has no room, or whose `sequence` an AEAD has passed already: that one and those behind it
    /// must not be sent.
    virtual Result<void> seal(std::span<SealOp> batch) = 0;
    /// Verifies the ICV in constant time, then decrypts in place. Any length is safe to pass.
    virtual void open(std::span<OpenOp> batch) = 0;
    /// Who did the last batch, or its first part; never `automatic`.
    [[nodiscard]] virtual EspEngine last_engine() const { return EspEngine::openssl; }
};

/// What an EspCipher is made for. It keeps key schedules for that only: a tunnel has two of them.
enum class EspUse {
    both,
    seal,  ///< open() finds nothing right
    open,  ///< seal() fails
};

/// `encryption_key` is the cipher's key followed by its salt, `integrity_key` is empty for AEADs: as KEYMAT
/// gives them. CBC without integrity is refused, and `engine` where it is not there.
Result<std::unique_ptr<EspCipher>> make_esp_cipher(CipherId cipher, IntegrityId integrity,
                                                   ByteView encryption_key, ByteView integrity_key,
                                                   EspUse use = EspUse::both,
                                                   EspEngine engine = EspEngine::automatic);

/// Those that this program was built with, `automatic` not among them.
std::span<const EspEngine> esp_engines();

/// For status: what computes for all SAs of this process. From any thread; loads nothing.
struct EspEngineFacts {
    std::string library;  ///< "OpenSSL 3.0.19"
    std::string
        multi_buffer;  ///< "ipsec-mb 1.3.0, AVX512", or why it is not at work; empty when not built in
};
EspEngineFacts esp_engine_facts();

}  // namespace causeway::crypto
