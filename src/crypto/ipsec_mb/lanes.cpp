#include "crypto/ipsec_mb/lanes.hpp"

#include <array>
#include <memory>
#include <utility>

namespace causeway::crypto::ipsec_mb {
namespace {

// Per hash: SHA1, SHA2-256, SHA2-384, SHA2-512; seal, open, lanes. Measured (bench_crypto, batch_*, 1428
// octets) on an AMD EPYC (Zen 5) with libipsec-mb 1.3 told to use these instructions, against OpenSSL 3.0 on the
// same processor, where both use SHA-NI; without it OpenSSL loses more than the lanes do. The first batch that
// costs less, ns a packet, lanes and OpenSSL:
//   AVX512  SHA1 seal 3: 1509, 2220  open 4: 840, 1216   SHA2-256 seal 4: 1921, 2722  open 6: 1069, 1343
//           SHA2-512 seal 2: 2731, 3580  open 2: 1857, 2230; 16 lanes, SHA2-512 has 8
//   AVX2    SHA1 seal 4: 1799, 2220  open 6: 1097, 1216   SHA2-512 seal 3: 2558, 3580  open 4: 1792, 2230
//           SHA2-256 by SHA-NI at any size; without (OpenSSL too) seal 4: 2642, 4354  open 4: 2344, 2984
//   SSE     SHA1 by SHA-NI at any size; without (OpenSSL too, nor AVX) seal 4: 1600, 3346  open 4: 1472, 2279
//           SHA2-512 seal 2: 3723, 5822  open 2: 3158, 3914
using Worths = std::array<Worth, 4>;
constexpr Worths sse{{{4, 4, 4}, {4, 4, 4}, {2, 2, 2}, {2, 2, 2}}};
constexpr Worths avx2{{{4, 6, 8}, {4, 4, 8}, {3, 4, 4}, {3, 4, 4}}};
constexpr Worths avx512{{{3, 4, 16}, {4, 6, 16}, {2, 2, 8}, {2, 2, 8}}};

}  // namespace

Lanes* Lanes::of_thread(std::size_t batch_packets) {
    thread_local std::unique_ptr<Lanes> lanes;
    thread_local bool asked = false;
    if (!asked && batch_packets >= batch_that_makes_them) {
        asked = true;
        lanes = make();
    }
    return lanes.get();
}

std::unique_ptr<Lanes> Lanes::make() {
    const Library* const there = library();
    if (there == nullptr) {
        return nullptr;
    }
    Manager manager(there->allocate(0));
    if (!manager) {
        return nullptr;
    }
    IMB_ARCH architecture = IMB_ARCH_NONE;
    there->initialise(manager.get(), &architecture);
    forget_pages();
    // Below SSE there is an emulation of the AES instructions.
    const bool works = architecture >= IMB_ARCH_SSE && manager->imb_errno == 0;
    note_manager(architecture, works);
    if (!works) {
        return nullptr;
    }
    return std::unique_ptr<Lanes>(new Lanes(std::move(manager), architecture));
}

const Worth& Lanes::worth(HashId hash) const {
    const Worths& all = architecture_ >= IMB_ARCH_AVX512 ? avx512
                        : architecture_ == IMB_ARCH_AVX2 ? avx2
                                                         : sse;
    return all.at(static_cast<std::size_t>(hash) - static_cast<std::size_t>(HashId::sha1));
}

}  // namespace causeway::crypto::ipsec_mb
