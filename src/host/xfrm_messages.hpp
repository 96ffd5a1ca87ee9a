// The messages of XFRM netlink (linux/xfrm.h) as values: ESP states in tunnel mode and the policies over them, to octets
// and back, and what the kernel tells by itself. Pure: xfrm.hpp has the socket. Inner packets are IPv4; the outer
// addresses may be of either family. Message octets hold keys and are wiped; what is read back leaves the keys out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"

struct nlmsghdr;

namespace causeway::host {

/// What the kernel knows a state by: one of each in a network namespace. The protocol is always ESP.
struct XfrmId {
    IpAddress destination{};  ///< outer
    std::uint32_t spi = 0;    ///< host order

    friend bool operator==(const XfrmId&, const XfrmId&) = default;
    friend auto operator<=>(const XfrmId&, const XfrmId&) = default;
};

/// Which inner packets. A port of 0 is any.
struct XfrmSelector {
    Ipv4Net source{};
    Ipv4Net destination{};
    std::uint8_t protocol = 0;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;

    friend bool operator==(const XfrmSelector&, const XfrmSelector&) = default;
    friend auto operator<=>(const XfrmSelector&, const XfrmSelector&) = default;
};

/// ESP in UDP (RFC 3948): the outer ports, seen from the sender.
struct XfrmPorts {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;

    friend bool operator==(const XfrmPorts&, const XfrmPorts&) = default;
};

/// What of a state must live on when it moves: numbers under which packets were sealed, and those that were taken.
struct XfrmReplay {
    std::uint32_t sent = 0;             ///< the last sequence number that left
    std::uint32_t received = 0;         ///< the highest that came
    std::vector<std::uint32_t> bitmap;  ///< of those below it, as the kernel keeps them

    friend bool operator==(const XfrmReplay&, const XfrmReplay&) = default;
};

/// Bounds of a state; 0: none.
struct XfrmLimits {
    std::uint64_t soft_bytes = 0;
    std::uint64_t hard_bytes = 0;
    std::uint64_t soft_packets = 0;
    std::uint64_t hard_packets = 0;
    /// Where there is a soft one the kernel lets no step of the wall clock end the state before it.
    std::uint64_t soft_seconds = 0;
    std::uint64_t hard_seconds = 0;

    friend bool operator==(const XfrmLimits&, const XfrmLimits&) = default;
};

/// The greatest anti-replay window, in packets, that the kernel takes.
inline constexpr unsigned xfrm_window_most = 4096;

/// A state to be installed. Names are those of the kernel's crypto API; keys are borrowed for the call.
struct XfrmState {
    XfrmId id{};
    IpAddress source{};
    std::uint32_t reqid = 0;
    std::uint32_t if_id = 0;
    XfrmSelector selector{};  ///< the kernel drops what comes out of the state and does not fit
    std::string_view cipher{};
    ByteView cipher_key{};   ///< salt behind the key, where the cipher has one
    unsigned aead_bits = 0;  ///< of the ICV of an AEAD; 0: the cipher is none
    std::string_view integrity{};
    ByteView integrity_key{};
    unsigned integrity_bits = 0;  ///< that the ICV is truncated to
    unsigned replay_window = 32;  ///< packets, at most xfrm_window_most
    std::optional<XfrmPorts> ports{};
    XfrmLimits limits{};
    bool copy_dscp = true;                ///< outwards
    std::optional<std::uint32_t> mark{};  ///< packet mark of what leaves by it
    std::optional<XfrmReplay> replay{};   ///< goes on from there
};

/// A state as the kernel describes it, less its keys.
struct XfrmFacts {
    XfrmId id{};
    IpAddress source{};
    std::uint32_t reqid = 0;
    std::uint32_t if_id = 0;
    std::uint64_t bytes = 0;
    std::uint64_t packets = 0;
    std::uint64_t dropped_replay = 0;
    std::uint64_t dropped_integrity = 0;
    std::optional<std::uint64_t> last_used{};  ///< seconds since 1970; nothing: never, or an older kernel
    XfrmReplay replay{};
    std::optional<XfrmPorts> ports{};
    std::string cipher{};
    std::string integrity{};
};

enum class XfrmDirection : std::uint8_t { in, out, forward };

/// How packets of a policy leave, or have come. Unspecified addresses and zeros are any.
struct XfrmTemplate {
    IpAddress source{};
    IpAddress destination{};
    std::uint32_t spi = 0;
    std::uint32_t reqid = 0;

    friend bool operator==(const XfrmTemplate&, const XfrmTemplate&) = default;
};

/// What the kernel knows a policy by, on an interface.
struct XfrmPolicyId {
    XfrmDirection direction = XfrmDirection::out;
    XfrmSelector selector{};

    friend bool operator==(const XfrmPolicyId&, const XfrmPolicyId&) = default;
    friend auto operator<=>(const XfrmPolicyId&, const XfrmPolicyId&) = default;
};

struct XfrmPolicy {
    XfrmPolicyId id{};
    std::uint32_t if_id = 0;
    std::uint32_t priority = 0;                  ///< the least wins
    std::optional<XfrmTemplate> protected_by{};  ///< nothing: packets are dropped

    friend bool operator==(const XfrmPolicy&, const XfrmPolicy&) = default;
};

/// A packet met a policy whose template fits no state. The kernel tells it once, and keeps a state in its place (`id`)
/// until it expires or is removed.
struct XfrmAcquire {
    XfrmId id{};
    std::uint32_t reqid = 0;
    std::uint32_t if_id = 0;
    friend bool operator==(const XfrmAcquire&, const XfrmAcquire&) = default;
};
struct XfrmExpire {
    XfrmId id{};
    std::uint32_t if_id = 0;
    bool hard = false;
    friend bool operator==(const XfrmExpire&, const XfrmExpire&) = default;
};
/// An authentic packet in UDP came from another place than the state names.
struct XfrmMapping {
    XfrmId id{};
    std::uint32_t reqid = 0;
    Endpoint from{};
    friend bool operator==(const XfrmMapping&, const XfrmMapping&) = default;
};
using XfrmEvent = std::variant<XfrmAcquire, XfrmExpire, XfrmMapping>;

/// A request in octets, wiped when it dies.
class XfrmMessage {
 public:
    XfrmMessage();
    XfrmMessage(const XfrmMessage&) = delete;
    XfrmMessage& operator=(const XfrmMessage&) = delete;
    ~XfrmMessage();
    [[nodiscard]] nlmsghdr* get() { return reinterpret_cast<nlmsghdr*>(octets_.data()); }
    [[nodiscard]] const nlmsghdr* get() const { return reinterpret_cast<const nlmsghdr*>(octets_.data()); }
    [[nodiscard]] ByteView octets() const;

 private:
    // The longest: a state with two algorithms and the bitmap of the greatest window.
    alignas(8) std::array<std::uint8_t, 2048> octets_{};
};

enum class XfrmPut : std::uint8_t { add, replace };

/// XFRM_MSG_NEWSA, or UPDSA: ports and limits of a state that is there, or all of one that an acquire left.
void put_state(XfrmMessage& message, const XfrmState& state, XfrmPut how = XfrmPut::add);
void put_state_removal(XfrmMessage& message, const XfrmId& id);
void put_state_question(XfrmMessage& message, const XfrmId& id);
/// All states of the namespace.
void put_states_question(XfrmMessage& message);
/// XFRM_MSG_UPDPOLICY: makes it, or replaces the one of the same id.
void put_policy(XfrmMessage& message, const XfrmPolicy& policy);
void put_policy_removal(XfrmMessage& message, const XfrmPolicyId& id, std::uint32_t if_id);
/// All policies of the namespace.
void put_policies_question(XfrmMessage& message);

/// XFRM_MSG_NEWSA; nothing for another message, or a state that is no ESP.
std::optional<XfrmFacts> read_state(const nlmsghdr* message);
/// XFRM_MSG_NEWPOLICY; nothing for another message, and for policies that XfrmPolicy cannot express.
std::optional<XfrmPolicy> read_policy(const nlmsghdr* message);
/// Nothing for messages that are none of them.
std::optional<XfrmEvent> read_event(const nlmsghdr* message);

}  // namespace causeway::host
