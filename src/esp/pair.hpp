// One installed SA pair with its state of motion: ciphers, counters, window. Private to this floor.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/esp_cipher.hpp"
#include "esp/acquire_queue.hpp"
#include "esp/path_mtu.hpp"
#include "esp/replay_window.hpp"
#include "esp/sa_table.hpp"
#include "esp/sizes.hpp"

namespace causeway::esp {

// RFC 4303 3.3.3: without extended sequence numbers the counter must not pass 2^32-1. Asking for a successor
// at half of it leaves days even at line rate.
inline constexpr std::uint64_t last_sequence = 0xffff'ffff;
inline constexpr std::uint64_t soft_sequence = std::uint64_t{1} << 31;

struct SaTable::Pair {
    std::shared_ptr<const sa::SaPair> sa;
    TunnelState* tunnel = nullptr;  ///< outlives the pair
    /// Made with the first packet of its direction: most of a hub's tunnels carry nothing most of the time, and these
    /// are half of what a pair needs.
    std::unique_ptr<crypto::EspCipher> sealer;
    std::unique_ptr<crypto::EspCipher> opener;
    Suite suite{};
    Endpoint local{};
    Endpoint remote{};
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
    PathMtu path{1500};
    std::size_t inner_mtu = 0;  ///< what of a packet fits the way
    std::size_t tcp_mtu = 0;    ///< the same for TCP that begins: less until the way is proven

    std::uint64_t last_sent = 0;  ///< sequence number of the newest outbound packet
    ReplayWindow window;
    sa::Usage usage{};
    bool inbound_seen = false;
    bool doubted = false;  ///< the peer gives no sign of life
    bool soft_reported = false;
    bool hard_reported = false;
    Endpoint reported_remote{};  ///< where sa::PeerMoved said the peer is
    OptionalInstant reported_at;
    OptionalInstant unauthentic_told;
    OptionalInstant misrouted_told;

    /// Null: it cannot be made.
    [[nodiscard]] crypto::EspCipher* sealing() { return made(sealer, sa->outbound, crypto::EspUse::seal); }
    [[nodiscard]] crypto::EspCipher* opening() { return made(opener, sa->inbound, crypto::EspUse::open); }
    [[nodiscard]] bool can_send() const { return !hard_reported && last_sent < last_sequence; }

 private:
    crypto::EspCipher* made(std::unique_ptr<crypto::EspCipher>& cipher, const sa::EspSa& keys,
                            crypto::EspUse use) const {
        if (!cipher) {
            auto fresh = crypto::make_esp_cipher(sa->cipher, sa->integrity, keys.encryption_key.view(),
                                                 keys.integrity_key.view(), use);
            cipher = fresh ? std::move(*fresh) : nullptr;
        }
        return cipher.get();
    }
};

struct SaTable::TunnelState {
    explicit TunnelState(sa::ReqId its_number) : reqid(its_number) {}

    const sa::ReqId reqid;
    std::uint32_t pairs = 0;  ///< that are installed
    AcquireQueue queue;
    OptionalInstant last_acquire;
    OptionalInstant unanswered_since;  ///< first packet out after the last one in
    OptionalInstant unanswered_told;
    std::vector<Pair*> senders;  ///< pairs that were made outbound, the current one last
};

}  // namespace causeway::esp
