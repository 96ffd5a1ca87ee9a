// What a probe has found out about a peer: what was asked, on which port, what answered, and what follows from it. A
// value; made by the prober, shown by the tool. Holds octets of a stranger: whoever shows them makes them printable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "codec/isakmp/vendor.hpp"

namespace causeway::probe {

/// What came of one question. Nothing of it is proved: no answer here is authenticated, and anybody on the way can
/// forge each of them.
enum class Outcome {
    not_asked,
    silent,    ///< no answer to the question or to its one retransmission
    accepted,  ///< the exchange would go on
    refused,   ///< by a notification
    odd,       ///< an answer with our cookie that does not fit what was asked
};

struct Asked {
    Outcome outcome = Outcome::not_asked;
    std::optional<std::uint16_t>
        notify;         ///< of a refusal: the number on the wire (RFC 2408 3.14.1, RFC 7296 3.10.1)
    std::string suite;  ///< accepted: what was chosen, "aes256-sha512-modp2048"
};

struct AskedPort {
    std::uint16_t port = 0;
    std::uint16_t local_port = 0;
    bool answered = false;
    bool unreachable = false;  ///< ICMP said that nothing listens there
};

/// Seen by the peer, or by us in what it says of itself (RFC 3947 3.2, RFC 7296 2.23).
enum class Nat { unknown, none, here, there, both };

/// Why the list of accepted suites ends.
enum class SuitesEnd {
    not_asked,  ///< nothing was accepted in the first place
    refused,    ///< the peer refused all that were left: the list is whole
    silent,     ///< it stopped answering
    bound,      ///< the probe has sent enough
};

struct Report {
    IpAddress address;
    AskedPort ike;    ///< port 500, or the one that was asked in its place
    AskedPort nat_t;  ///< port 4500; port 0: not asked

    Asked main;        ///< Main Mode, on port 500
    Asked main_nat_t;  ///< Main Mode, on port 4500
    Asked version2;    ///< IKE_SA_INIT, on the first port that answered it
    Asked aggressive;
    Asked key;  ///< message 3 of Main Mode: refused where the peer has no pre-shared key for our address
    std::string aggressive_identity;  ///< what the peer calls itself in Aggressive Mode; printable

    std::vector<std::string> offered;   ///< the suites of the first message
    std::vector<std::string> accepted;  ///< in the order in which the peer chose them
    std::vector<std::string> rest;      ///< those that it never chose
    SuitesEnd suites_end = SuitesEnd::not_asked;

    std::vector<isakmp::Vendor> vendors;
    std::vector<Bytes> unknown_vendors;  ///< at most `unknown_vendors_max`
    Nat nat = Nat::unknown;
    std::optional<Duration> round_trip;  ///< the shortest to an answer that was not asked for twice

    unsigned sent = 0;
    unsigned received = 0;  ///< from the address and port that were asked
    unsigned ignored = 0;   ///< what belongs to no question, or cannot be read
    Duration took{};
    bool out_of_time = false;

    [[nodiscard]] bool answered() const { return ike.answered || nat_t.answered; }
};

inline constexpr std::size_t unknown_vendors_max = 8;

}  // namespace causeway::probe
