// A toy in the place of a version of IKE: it shows that the engine needs no more of one than ike/session.hpp says, and
// knows nothing of IKEv1. NO PROTOCOL THAT ANYBODY SHOULD USE: nothing in it is encrypted, signed or proved, and its ESP
// keys are made of their SPIs.
//
// Its messages have the header that all versions of IKE share (RFC 2408 3.1, RFC 7296 3.1), in clear, and words behind
// it. As in RFC 7296 there are requests and answers with message ids of their own: each side has one request under way,
// sends that again until it is answered, and says its last answer again to a request that comes again.
//
//     HELLO        WELCOME              each has the other's SPI
//     PROVE        PROVED or NO         who they are: they stand
//     CHILD        CHILD_OK or NO       a pair of ESP SAs, in two messages
//     ALIVE        ALIVE_OK
//     DELETE       DELETED              a pair, by the SPI that its sender receives on
//     BYE          -                    the sender is gone
//     -            REFUSED, UNKNOWN     to those with whom there is no session
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "codec/isakmp/message.hpp"
#include "ike/session.hpp"

namespace causeway::toy {

inline constexpr unsigned major_version = 3;

/// In the header where the exchange type is; numbers for private use (RFC 7296 3.1).
enum class Kind : std::uint8_t {
    hello = 240,
    welcome,
    prove,
    proved,
    child,
    child_ok,
    alive,
    alive_ok,
    remove,
    removed,
    bye,
    no,
    refused,
    unknown,
};
std::string name_of(Kind kind);

/// What a message says: "life=3600;nonce=0011223344556677". Neither names nor values have '=' or ';'.
using Words = std::map<std::string, std::string>;

struct Message {
    isakmp::Header header{};
    Words words;

    [[nodiscard]] Kind kind() const { return static_cast<Kind>(header.exchange); }
    [[nodiscard]] bool is_answer() const;
    /// It was sent by whoever began the session (RFC 7296 3.1: the I bit).
    [[nodiscard]] bool of_initiator() const;
    /// Empty when it is not said.
    [[nodiscard]] std::string word(const std::string& name) const;
    [[nodiscard]] std::uint32_t number(const std::string& name) const;
};

struct Direction {
    bool answer = false;
    bool of_initiator = false;
};
Bytes encode(const isakmp::Cookie& spi_i, const isakmp::Cookie& spi_r, Kind kind, Direction direction,
             std::uint32_t id, const Words& words);
/// Fails on what has another version, an unknown kind, or no words.
Result<Message> decode(ByteView datagram);

class Protocol final : public ike::Protocol {
 public:
    [[nodiscard]] unsigned major_version() const override { return toy::major_version; }
    [[nodiscard]] ike::Unclaimed classify(const ike::Datagram& datagram) const override;
    [[nodiscard]] std::unique_ptr<ike::Session> make(ike::SessionOwner& owner, ike::Role role,
                                                     const ike::Place& place) const override;
    [[nodiscard]] Bytes refusal(const isakmp::Header& about, const negotiation::Reason& reason,
                                RandomSource& random) const override;
    [[nodiscard]] Bytes session_unknown(const isakmp::Header& about, RandomSource& random) const override;
};

}  // namespace causeway::toy
