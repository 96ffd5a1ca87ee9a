// Why a packet went no further: one word for counters and for the log.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace causeway::esp {

enum class Drop : std::uint8_t {
    none,         ///< it went on
    frame,        ///< outbound: the system's frame is not what it says of itself
    not_ipv4,     ///< outbound: no IPv4 packet, or its lengths lie
    no_policy,    ///< outbound: no tunnel carries it
    no_sa,        ///< outbound: the tunnel is down and does not queue
    queue_full,   ///< outbound: the oldest queued packet made room for a newer one
    selectors,    ///< does not fit the SA's selectors (RFC 4301 5.1, 5.2)
    too_big,      ///< outbound: larger than the tunnel carries, DF set
    cipher,       ///< the cryptographic library failed
    unsent,       ///< outbound: the socket refused it
    runt,         ///< inbound: shorter than an ESP packet can be
    unknown_spi,  ///< inbound: no SA of ours
    expired,      ///< inbound: the SA's kilobytes are used up
    replayed,     ///< inbound: seen before, or left of the window
    integrity,    ///< inbound: the ICV is wrong
    padding,      ///< inbound: padding or trailer is not what RFC 4303 2.4 says
    next_header,  ///< inbound: something else than IPv4 in the tunnel
    dummy,        ///< inbound: a dummy packet (RFC 4303 2.6), discarded in silence
    malformed,    ///< inbound: the inner packet's lengths lie
    congestion,   ///< inbound: CE outside, Not-ECT inside (RFC 6040 4.2)
    undelivered,  ///< inbound: the system did not take it
    count,        // the number of the above
};

std::string_view drop_text(Drop why);
/// "no-sa": for machines; it stays as it is.
std::string_view drop_name(Drop why);

/// How often each happened.
struct DropCounters {
    std::array<std::uint64_t, static_cast<std::size_t>(Drop::count)> by_reason{};
    void add(Drop why, std::uint64_t count = 1) { by_reason[static_cast<std::size_t>(why)] += count; }
    [[nodiscard]] std::uint64_t of(Drop why) const { return by_reason[static_cast<std::size_t>(why)]; }
};

}  // namespace causeway::esp
