// What an ISAKMP SA remembers, for its whole life, of the messages under it: those that we sent, for HASH(1)
// (RFC 2409 5.5, 5.7) does not say who made it, and the message ids that the peer has used, for it does not
// say when either. Flat and bounded; when they are nearly full the ISAKMP SA is renewed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "codec/isakmp/message.hpp"
#include "ike/v1/protection.hpp"

namespace causeway::ike::v1 {

/// Our own datagrams, to know them when they come back: from somebody who reflects them, or in a gateway that
/// talks to itself, where both roles have the same cookies.
class SentMessages {
 public:
    /// True when it takes room of what is bounded.
    bool add(const MessageIds& ids, std::uint32_t message_id, ByteView datagram);
    /// Also true for what comes under a message id of ours for which there was no room any more. Never by the
    /// id alone else: some peers answer under our id, and the ids of two gateways may meet.
    [[nodiscard]] bool contains(const MessageIds& ids, std::uint32_t message_id, ByteView datagram) const;
    [[nodiscard]] std::size_t size() const { return begun_.size(); }

 private:
    std::vector<std::uint64_t> phase1_;  ///< the few of Phase 1
    /// First messages of our own exchanges, in the order of their ids: four octets each are enough, for only
    /// a message under the very same id is compared with them.
    std::vector<std::uint32_t> begun_;
    /// Later messages of Quick Mode, the latest: their IVs are chained, so they can be read as nothing else.
    std::vector<std::uint64_t> later_;
    std::size_t next_ = 0;  ///< in later_, where the oldest one makes room
};

/// The message ids of the peer's exchanges: each counts once.
class SeenMessageIds {
 public:
    [[nodiscard]] bool contains(std::uint32_t id) const;
    /// False when it was there already, or there is no room.
    bool add(std::uint32_t id);
    [[nodiscard]] bool full() const;
    [[nodiscard]] std::size_t size() const { return sorted_.size(); }

 private:
    std::vector<std::uint32_t> sorted_;
};

}  // namespace causeway::ike::v1
