#include "crypto/ipsec_mb/lanes.hpp"

#include <array>
#include <memory>
#include <utility>

namespace causeway::crypto::ipsec_mb {
namespace {

// Per hash: SHA1, SHA2-256, SHA2-384, SHA2-512.
using Worths = std::array<Worth, 4>;
constexpr Worths sse{{{2, 2, 2}, {2, 2, 2}, {2, 2, 2}, {2, 2, 2}}};
constexpr Worths avx2{{{4, 6, 8}, {4, 6, 8}, {4, 4, 4}, {4, 4, 4}}};
constexpr Worths avx512{{{3, 4, 16}, {6, 10, 16}, {4, 4, 8}, {4, 4, 8}}};

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
