// The keys of an ISAKMP SA and what they do to messages: encryption with its chain of IVs (RFC 2409 App. B),
// and the hashed Informational (RFC 2409 5.7). Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "codec/isakmp/message.hpp"
#include "crypto/ikev1_keys.hpp"

namespace causeway::ike::v1 {

/// What Phase 1 agreed on. Shared by the states that need it, wiped with the last of them.
struct Keys {
    crypto::CipherId cipher{};
    crypto::HashId hash{};
    crypto::GroupId group{};
    crypto::Skeyids skeyids;
    Secret ka;
};
using SharedKeys = std::shared_ptr<const Keys>;

/// A datagram and what could be read of it. `payloads` is filled for clear messages only.
struct Message {
    isakmp::Header header{};
    ByteView datagram;  ///< header and body, nothing behind
    ByteView body;      ///< behind the header
    std::vector<isakmp::Payload> payloads;
};

/// Header, and payloads when the message is in clear.
Result<Message> read_message(ByteView datagram);

/// An encrypted message made: the datagram, and the block that the next message of the exchange is chained
/// to.
struct Sealed {
    Bytes datagram;
    Bytes last_block;
};
/// `header` needs cookies, exchange and message id; flags, next payload and length are set here. Padding makes
/// the datagram as long as whole blocks within `octets` allow, where it is shorter without.
Result<Sealed> seal(const Keys& keys, ByteView iv, isakmp::Header header,
                    std::span<const isakmp::Payload> payloads, std::size_t octets = 0);

/// An encrypted message opened. `plain` holds all payloads and the padding; `octets` of it are payloads.
struct Opened {
    std::vector<isakmp::Payload> payloads;
    Bytes plain;
    std::size_t octets = 0;
    Bytes last_block;

    /// What follows the first payload, without padding: the "rest" that HASH(1) and HASH(2) cover.
    [[nodiscard]] ByteView rest_after_first() const;
};
/// Looks at the first block only: whether the payload that begins there could end within the message. False
/// is certain, true is not: for messages that anybody may have written, each of which is tried with several
/// keys.
bool may_open(const Keys& keys, ByteView iv, const Message& message);
Result<Opened> open(const Keys& keys, ByteView iv, const Message& message);

/// HDR*, HASH(1), payloads: an Informational under the ISAKMP SA, with its own message id and IV
/// (RFC 2409 5.7). `octets` as of seal().
Result<Bytes> make_informational(const Keys& keys, ByteView last_phase1_block, const isakmp::Cookie& cky_i,
                                 const isakmp::Cookie& cky_r, std::uint32_t message_id,
                                 std::span<const isakmp::Payload> payloads, std::size_t octets = 0);
/// The payloads behind HASH(1), after it was verified.
Result<std::vector<isakmp::Payload>> open_informational(const Keys& keys, ByteView last_phase1_block,
                                                        const Message& message);

/// The same before Phase 1 has ended, or as its first message after the end: a peer that ends Phase 1 with a
/// refusal may not have stored the block that IVs come from. libreswan 4.10 then hashes the message id alone.
Result<std::vector<isakmp::Payload>> open_early_informational(const Keys& keys, ByteView last_phase1_block,
                                                              const Message& message);

/// A random message id, never 0 (RFC 2408 3.1); for what is sent in clear.
std::uint32_t new_message_id(RandomSource& random);

/// The message ids of the exchanges that we begin under one ISAKMP SA: the first is random (RFC 2408 3.1),
/// and none comes twice (RFC 2409 5.7), since a second message under the same id would be encrypted under the
/// same IV (RFC 2409 Appendix B), and a peer that remembers ids would take it for a replay. Random numbers
/// alone meet after tens of thousands.
class MessageIds {
 public:
    explicit MessageIds(RandomSource& random) : first_(new_message_id(random)) {}
    std::uint32_t next();
    /// Which of those that were given out this one is, from 0; nothing when it is none of them.
    [[nodiscard]] std::optional<std::uint32_t> ordinal(std::uint32_t id) const;

 private:
    std::uint32_t first_;
    std::uint32_t given_ = 0;  ///< with 0, which is left out
};

}  // namespace causeway::ike::v1
