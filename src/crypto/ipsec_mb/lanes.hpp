// A thread's manager of the multi-buffer library: computes several packets side by side, in the lanes of wide
// registers. It takes 200 KiB and serves all SAs of its thread; the first batch that pays makes it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "crypto/algorithm.hpp"
#include "crypto/ipsec_mb/library.hpp"

namespace causeway::crypto::ipsec_mb {

/// From how many packets on the lanes are faster than one packet after the other by OpenSSL.
struct Worth {
    std::uint8_t seal;
    std::uint8_t open;
    std::uint8_t lanes;  ///< packets that take no longer than one
};

class Lanes {
 public:
    static constexpr std::size_t jobs_at_once = 64;
    /// A batch of so many packets makes a thread's manager: less is no load that is worth 12 ms and 0.9 MiB
    /// (once).
    static constexpr std::size_t batch_that_makes_them = 16;

    /// The thread's own; made by the first batch that is large enough. Null before, and where the library is
    /// not there or does not run on this processor.
    static Lanes* of_thread(std::size_t batch_packets);

    [[nodiscard]] IMB_MGR* manager() const { return manager_.get(); }
    /// CBC with the HMAC of this hash.
    [[nodiscard]] const Worth& worth(HashId hash) const;

    /// Scratch, overwritten by each use.
    using Jobs = std::array<IMB_JOB, jobs_at_once>;
    Jobs& jobs() { return jobs_; }
    using Digests = std::array<std::array<std::uint8_t, 64>, jobs_at_once>;
    Digests& digests() { return digests_; }

 private:
    struct Release {
        void operator()(IMB_MGR* manager) const { library()->release(manager); }
    };
    using Manager = std::unique_ptr<IMB_MGR, Release>;

    static std::unique_ptr<Lanes> make();
    Lanes(Manager manager, IMB_ARCH architecture)
        : manager_(std::move(manager)), architecture_(architecture) {}

    Manager manager_;
    IMB_ARCH architecture_;
    Jobs jobs_{};
    Digests digests_{};
};

}  // namespace causeway::crypto::ipsec_mb
