// What the cryptography costs: the key formulas of one negotiation, Diffie-Hellman for each group, and one
// ESP packet sealed or opened. Times are those of one operation. batch_seal and batch_open go by octets of an
// inner packet and by packets of a batch, with each library; per_packet is the time of one packet.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crypto/cbc.hpp"
#include "crypto/dh.hpp"
#include "crypto/esp_cipher.hpp"
#include "crypto/hash.hpp"
#include "crypto/ikev1_keys.hpp"

namespace causeway::crypto {
namespace {

const Bytes psk(24, 0x11);
const Bytes cookie_i(8, 0x22);
const Bytes cookie_r(8, 0x33);
const Bytes nonce_i(32, 0x44);
const Bytes nonce_r(32, 0x55);
const Bytes gxy(256, 0x66);

/// SKEYID to SKEYID_e, Ka, the first IV, HASH_I and HASH_R: all of Phase 1 but Diffie-Hellman.
void phase1_keys(benchmark::State& state, HashId hash) {
    const Bytes sa(52, 0x77);
    const Bytes id(12, 0x88);
    for (auto _ : state) {
        const Skeyids keys =
            derive_skeyids(hash, skeyid_from_psk(hash, psk, nonce_i, nonce_r), gxy, cookie_i, cookie_r);
        const Secret ka = encryption_key(hash, keys.skeyid_e.view(), CipherId::aes_cbc_256);
        benchmark::DoNotOptimize(ka.view().data());
        benchmark::DoNotOptimize(phase1_iv(hash, gxy, gxy, CipherId::aes_cbc_256));
        benchmark::DoNotOptimize(hash_i(hash, keys.skeyid.view(), gxy, gxy, cookie_i, cookie_r, sa, id));
        benchmark::DoNotOptimize(hash_r(hash, keys.skeyid.view(), gxy, gxy, cookie_i, cookie_r, sa, id));
    }
}

/// HASH(1), HASH(2), HASH(3) and both KEYMATs, with PFS: all of Quick Mode but Diffie-Hellman.
void quick_mode_keys(benchmark::State& state, HashId hash) {
    const Bytes skeyid(info(hash).digest_octets, 0x99);
    const Bytes rest(300, 0xaa);
    for (auto _ : state) {
        benchmark::DoNotOptimize(hash_1(hash, skeyid, 1, rest));
        benchmark::DoNotOptimize(hash_2(hash, skeyid, 1, nonce_i, rest));
        benchmark::DoNotOptimize(hash_3(hash, skeyid, 1, nonce_i, nonce_r));
        for (const std::uint32_t spi : {1u, 2u}) {
            const Secret keys = keymat(hash, skeyid, gxy, 3, spi, nonce_i, nonce_r, 64);
            benchmark::DoNotOptimize(keys.view().data());
        }
    }
}

void one_prf(benchmark::State& state, HashId hash) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(prf_secret(hash, psk, {nonce_i, nonce_r}).view().data());
    }
}

/// One encrypted ISAKMP message of 300 octets.
void isakmp_message(benchmark::State& state, CipherId cipher) {
    const Bytes key(info(cipher).key_octets, 0x11);
    const Bytes iv(info(cipher).block_octets, 0x22);
    const Bytes text(304, 0x33);
    for (auto _ : state) {
        benchmark::DoNotOptimize(cbc_encrypt(cipher, key, iv, text));
    }
}

void dh_generate(benchmark::State& state, GroupId group) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(generate_dh_key(group));
    }
}

void dh_agree(benchmark::State& state, GroupId group) {
    const auto ours = generate_dh_key(group);
    const auto theirs = generate_dh_key(group);
    for (auto _ : state) {
        const auto secret = (*ours)->agree((*theirs)->public_value());
        if (!secret) {
            state.SkipWithError("no secret");
            break;
        }
    }
}

struct Suite {
    CipherId cipher;
    IntegrityId integrity;

    [[nodiscard]] std::string name() const {
        const std::string cipher_name{info(cipher).name};
        return integrity == IntegrityId::none ? cipher_name
                                              : cipher_name + "-" + std::string(info(integrity).name);
    }
    [[nodiscard]] std::unique_ptr<EspCipher> make(EspEngine engine = EspEngine::openssl) const {
        const Bytes key(std::size_t{info(cipher).key_octets} + info(cipher).salt_octets, 0x11);
        const Bytes integrity_key(info(integrity).key_octets, 0x22);
        return std::move(*make_esp_cipher(cipher, integrity, key, integrity_key, EspUse::both, engine));
    }
    /// With an inner packet of `inner` octets, padded.
    [[nodiscard]] Bytes packet(std::size_t inner) const {
        const std::size_t unit = info(cipher).is_aead() ? 4 : info(cipher).block_octets;
        const std::size_t text = (inner + 2 + unit - 1) / unit * unit;
        const std::size_t icv = info(cipher).is_aead() ? info(cipher).icv_octets : info(integrity).icv_octets;
        return Bytes(std::size_t{8} + info(cipher).iv_octets + text + icv, 0x5a);
    }
};

void esp_seal(benchmark::State& state, Suite suite) {
    const auto cipher = suite.make();
    const auto inner = static_cast<std::size_t>(state.range(0));
    Bytes packet = suite.packet(inner);
    std::uint64_t sequence = 0;
    for (auto _ : state) {
        SealOp op{packet.data(), packet.size(), ++sequence};
        if (!cipher->seal({&op, 1})) {
            state.SkipWithError("not sealed");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

/// Opening works in place, so each packet is copied first; the copy is part of the figure.
void esp_open(benchmark::State& state, Suite suite) {
    const auto cipher = suite.make();
    Bytes sealed = suite.packet(static_cast<std::size_t>(state.range(0)));
    SealOp seal{sealed.data(), sealed.size(), 1};
    if (!cipher->seal({&seal, 1})) {
        state.SkipWithError("not sealed");
        return;
    }
    Bytes packet = sealed;
    for (auto _ : state) {
        std::copy(sealed.begin(), sealed.end(), packet.begin());
        OpenOp op{packet.data(), packet.size(), false};
        cipher->open({&op, 1});
        if (!op.ok) {
            state.SkipWithError("not opened");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

/// Equal packets, sealed or opened together; what is opened is copied first, and the copy is part of the
/// figure.
struct Batch {
    std::vector<Bytes> packets;
    std::vector<SealOp> seal;
    std::vector<OpenOp> open;

    Batch(const Suite& suite, std::size_t size, std::size_t inner) : packets(size, suite.packet(inner)) {
        for (Bytes& packet : packets) {
            seal.push_back({packet.data(), packet.size(), 0});
            open.push_back({packet.data(), packet.size(), false});
        }
    }
    bool sealed_by(EspCipher& cipher, std::uint64_t& sequence) {
        for (SealOp& op : seal) {
            op.sequence = ++sequence;
        }
        return cipher.seal(seal).has_value();
    }
};

void count_packets(benchmark::State& state, std::size_t batch) {
    state.counters["per_packet"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(batch),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// The choice between the libraries as it is under load, when a large batch has been seen.
void warm_up(const Suite& suite, EspEngine engine) {
    std::uint64_t sequence = 0;
    static_cast<void>(Batch(suite, 64, 64).sealed_by(*suite.make(engine), sequence));
}

void seal_batch(benchmark::State& state, Suite suite, EspEngine engine) {
    const auto size = static_cast<std::size_t>(state.range(1));
    warm_up(suite, engine);
    const auto cipher = suite.make(engine);
    Batch batch(suite, size, static_cast<std::size_t>(state.range(0)));
    std::uint64_t sequence = 0;
    for (auto _ : state) {
        if (!batch.sealed_by(*cipher, sequence)) {
            state.SkipWithError("not sealed");
            break;
        }
    }
    count_packets(state, size);
}

void open_batch(benchmark::State& state, Suite suite, EspEngine engine) {
    const auto size = static_cast<std::size_t>(state.range(1));
    warm_up(suite, engine);
    const auto cipher = suite.make(engine);
    Batch batch(suite, size, static_cast<std::size_t>(state.range(0)));
    std::uint64_t sequence = 0;
    if (!batch.sealed_by(*cipher, sequence)) {
        state.SkipWithError("not sealed");
        return;
    }
    const std::vector<Bytes> sealed = batch.packets;
    for (auto _ : state) {
        for (std::size_t i = 0; i < size; ++i) {
            std::copy(sealed[i].begin(), sealed[i].end(), batch.packets[i].begin());
        }
        cipher->open(batch.open);
        if (!batch.open.back().ok) {
            state.SkipWithError("not opened");
            break;
        }
    }
    count_packets(state, size);
}

const char* name_of(EspEngine engine) {
    switch (engine) {
        case EspEngine::openssl:
            return "openssl";
        case EspEngine::ipsec_mb:
            return "ipsec_mb";
        default:
            return "automatic";
    }
}

void register_batches(const Suite& suite, EspEngine engine) {
    const std::string tail = "/" + suite.name() + "/" + name_of(engine);
    const std::vector<std::vector<std::int64_t>> sizes{{64, 576, 1428}, {1, 2, 4, 8, 16, 32, 64}};
    benchmark::RegisterBenchmark(("batch_seal" + tail).c_str(), seal_batch, suite, engine)
        ->ArgsProduct(sizes);
    benchmark::RegisterBenchmark(("batch_open" + tail).c_str(), open_batch, suite, engine)
        ->ArgsProduct(sizes);
}

void esp_new_sa(benchmark::State& state, Suite suite) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(suite.make());
    }
}

[[maybe_unused]] const bool registered = [] {
    using benchmark::RegisterBenchmark;
    for (const HashInfo& hash : all_hashes()) {
        const std::string name{hash.name};
        RegisterBenchmark(("prf/" + name).c_str(), one_prf, hash.id);
        RegisterBenchmark(("phase1_keys/" + name).c_str(), phase1_keys, hash.id);
        RegisterBenchmark(("quick_mode_keys/" + name).c_str(), quick_mode_keys, hash.id);
    }
    for (const CipherId cipher : {CipherId::tdes_cbc, CipherId::aes_cbc_256}) {
        RegisterBenchmark(("isakmp_message/" + std::string(info(cipher).name)).c_str(), isakmp_message,
                          cipher);
    }
    for (const GroupInfo& group : all_groups()) {
        if (group.supported) {
            RegisterBenchmark(("dh_generate/" + std::string(group.name)).c_str(), dh_generate, group.id);
            RegisterBenchmark(("dh_agree/" + std::string(group.name)).c_str(), dh_agree, group.id);
        }
    }
    using C = CipherId;
    using I = IntegrityId;
    for (const Suite suite :
         {Suite{C::aes_cbc_128, I::hmac_sha1_96}, Suite{C::aes_cbc_256, I::hmac_sha1_96},
          Suite{C::aes_cbc_256, I::hmac_sha2_256_128}, Suite{C::aes_cbc_256, I::hmac_sha2_384_192},
          Suite{C::aes_cbc_256, I::hmac_sha2_512_256}, Suite{C::aes_gcm16_128, I::none},
          Suite{C::aes_gcm16_256, I::none}, Suite{C::tdes_cbc, I::hmac_md5_96}}) {
        RegisterBenchmark(("esp_seal/" + suite.name()).c_str(), esp_seal, suite)
            ->Arg(64)
            ->Arg(576)
            ->Arg(1400);
        RegisterBenchmark(("esp_open/" + suite.name()).c_str(), esp_open, suite)
            ->Arg(64)
            ->Arg(576)
            ->Arg(1400);
        RegisterBenchmark(("esp_new_sa/" + suite.name()).c_str(), esp_new_sa, suite);
    }
    for (const Suite suite :
         {Suite{C::aes_cbc_128, I::hmac_sha1_96}, Suite{C::aes_cbc_256, I::hmac_sha2_256_128},
          Suite{C::aes_cbc_256, I::hmac_sha2_512_256}, Suite{C::aes_gcm16_128, I::none}}) {
        for (const EspEngine engine : esp_engines()) {
            register_batches(suite, engine);
        }
        register_batches(suite, EspEngine::automatic);
    }
    return true;
}();

}  // namespace
}  // namespace causeway::crypto
