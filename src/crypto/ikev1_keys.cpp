#include "crypto/ikev1_keys.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "crypto/hash.hpp"

namespace causeway::crypto {
namespace {

using Octets4 = std::array<std::uint8_t, 4>;

Octets4 network_order(std::uint32_t number) {
    return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

Bytes cut(Bytes octets, std::size_t size) {
    octets.resize(std::min(octets.size(), size));
    return octets;
}

/// Copies block after block into a secret of fixed size, the last one cut.
class SecretFiller {
 public:
    explicit SecretFiller(std::size_t octets) : secret_(octets) {}
    [[nodiscard]] bool full() const { return filled_ == secret_.size(); }
    void add(ByteView block) {
        const std::size_t take = std::min(block.size(), secret_.size() - filled_);
        std::copy_n(block.begin(), take, secret_.writable().begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += take;
    }
    Secret take() { return std::move(secret_); }

 private:
    Secret secret_;
    std::size_t filled_ = 0;
};

}  // namespace

Secret skeyid_from_psk(HashId prf, ByteView psk, ByteView ni_b, ByteView nr_b) {
    return prf_secret(prf, psk, {ni_b, nr_b});
}

Skeyids derive_skeyids(HashId prf, Secret skeyid, ByteView gxy, ByteView cky_i, ByteView cky_r) {
    static constexpr std::array<std::uint8_t, 3> counters{0, 1, 2};
    const ByteView zero{&counters[0], 1};
    const ByteView one{&counters[1], 1};
    const ByteView two{&counters[2], 1};

    Skeyids keys;
    keys.skeyid = std::move(skeyid);
    const ByteView key = keys.skeyid.view();
    keys.skeyid_d = prf_secret(prf, key, {gxy, cky_i, cky_r, zero});
    keys.skeyid_a = prf_secret(prf, key, {keys.skeyid_d.view(), gxy, cky_i, cky_r, one});
    keys.skeyid_e = prf_secret(prf, key, {keys.skeyid_a.view(), gxy, cky_i, cky_r, two});
    return keys;
}

Secret encryption_key(HashId prf, ByteView skeyid_e, CipherId cipher) {
    const std::size_t size = info(cipher).key_octets;
    if (skeyid_e.size() >= size) {
        return Secret(skeyid_e.first(size));
    }
    // RFC 2409 App. B: Ka = K1 | K2 | K3, K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), ...
    static constexpr std::array<std::uint8_t, 1> zero{0};
    SecretFiller ka(size);
    Secret block = prf_secret(prf, skeyid_e, {zero});
    ka.add(block.view());
    while (!ka.full()) {
        block = prf_secret(prf, skeyid_e, {block.view()});
        ka.add(block.view());
    }
    return ka.take();
}

Bytes phase1_iv(HashId hash, ByteView gxi, ByteView gxr, CipherId cipher) {
    return cut(crypto::hash(hash, {gxi, gxr}), info(cipher).block_octets);
}

Bytes phase2_iv(HashId hash, ByteView last_phase1_block, std::uint32_t message_id, CipherId cipher) {
    return cut(crypto::hash(hash, {last_phase1_block, network_order(message_id)}), info(cipher).block_octets);
}

Bytes hash_i(HashId prf, ByteView skeyid, ByteView gxi, ByteView gxr, ByteView cky_i, ByteView cky_r,
             ByteView sai_b, ByteView idii_b) {
    return crypto::prf(prf, skeyid, {gxi, gxr, cky_i, cky_r, sai_b, idii_b});
}

Bytes hash_r(HashId prf, ByteView skeyid, ByteView gxi, ByteView gxr, ByteView cky_i, ByteView cky_r,
             ByteView sai_b, ByteView idir_b) {
    return crypto::prf(prf, skeyid, {gxr, gxi, cky_r, cky_i, sai_b, idir_b});
}

Bytes hash_1(HashId prf, ByteView skeyid_a, std::uint32_t message_id, ByteView rest) {
    return crypto::prf(prf, skeyid_a, {network_order(message_id), rest});
}

Bytes hash_2(HashId prf, ByteView skeyid_a, std::uint32_t message_id, ByteView ni_b, ByteView rest) {
    return crypto::prf(prf, skeyid_a, {network_order(message_id), ni_b, rest});
}

Bytes hash_3(HashId prf, ByteView skeyid_a, std::uint32_t message_id, ByteView ni_b, ByteView nr_b) {
    static constexpr std::array<std::uint8_t, 1> zero{0};
    return crypto::prf(prf, skeyid_a, {zero, network_order(message_id), ni_b, nr_b});
}

Secret keymat(HashId prf, ByteView skeyid_d, ByteView gxy_qm, std::uint8_t protocol, std::uint32_t spi,
              ByteView ni_b, ByteView nr_b, std::size_t octets) {
    const ByteView protocol_octet{&protocol, 1};
    const Octets4 spi_octets = network_order(spi);
    SecretFiller keymat(octets);
    Secret block;  // K0 is empty, so K1 needs no case of its own.
    while (!keymat.full()) {
        block = prf_secret(prf, skeyid_d, {block.view(), gxy_qm, protocol_octet, spi_octets, ni_b, nr_b});
        keymat.add(block.view());
    }
    return keymat.take();
}

Bytes nat_d_hash(HashId hash, ByteView cky_i, ByteView cky_r, ByteView address, std::uint16_t port) {
    const std::array<std::uint8_t, 2> port_octets{static_cast<std::uint8_t>(port >> 8),
                                                  static_cast<std::uint8_t>(port)};
    return crypto::hash(hash, {cky_i, cky_r, address, port_octets});
}

}  // namespace causeway::crypto
