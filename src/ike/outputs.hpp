// What conversations with peers take and give on the wire, as values: datagrams, and what the engine's driver is to
// do with the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "crypto/dh.hpp"
#include "sa/sa.hpp"

namespace causeway::ike {

/// An IKE message, non-ESP marker removed. `local.port` says on which of our sockets it came: 500 or 4500.
struct Datagram {
    Endpoint local{};
    Endpoint remote{};
    Bytes payload;
};

/// Answer to StartDh.
struct DhDone {
    std::uint64_t job = 0;
    std::shared_ptr<const crypto::DhKey> key;  ///< null when it failed
    Secret shared;                             ///< empty when only a key pair was asked for
    std::string error;                         ///< why it failed, for the log
};

/// Send from `local` to `remote`; the host puts the non-ESP marker in front when local.port is 4500.
struct Transmit {
    Endpoint local{};
    Endpoint remote{};
    Bytes payload;
    bool dont_fragment = false;  ///< it tries the size of the path: it arrives whole or not at all
};

/// What came of sa::PathUnproven: the largest IP packet that the way carries, octets; nothing: it cannot be
/// found out.
struct PathFound {
    sa::SaId id{};
    std::optional<std::size_t> octets;
};

}  // namespace causeway::ike
