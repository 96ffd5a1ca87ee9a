#include "sim/bounds.hpp"

#include <algorithm>

#include "ike/limits.hpp"
#include "sa/sa.hpp"

namespace causeway::sim {

namespace limits = ike::limits;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Until an end acts on the peer's silence: its packets go unanswered for at most `idle` (the patience that
/// doubles), then the questions. Without DPD it waits for `unanswered_without_dpd`. Where the peer does
/// not tell what it has lost, the tunnel is renewed in the end; with traffic that is never answered, once in
/// a while.
Duration detection(const Effective& e) {
    const Duration patience = std::max<Duration>(e.idle, sa::unanswered_first);
    const Duration asked = limits::dpd_repeat * e.misses;
    const Duration renewed = e.deletes   ? Duration{}
                             : e.one_way ? Duration(limits::unanswered_renewal_max)
                                         : limits::unanswered_renewal(e.idle);
    return std::max({patience, e.dpd ? Duration{} : Duration(limits::unanswered_without_dpd), renewed}) +
           asked + sa::unanswered_interval;
}

/// Main Mode and Quick Mode: nine messages, Diffie-Hellman four times; the responder of Phase 1 lets the
/// initiator go first for 3 s. With some peers one Quick Mode at a time.
Duration handshake(const Effective& e) {
    return e.round_trip * 5 + seconds(4) + e.round_trip * 2 * (e.tunnels - 1);
}

/// A negotiation that was begun in vain repeats its message, or the pause after it has to pass; pauses grow
/// with the fault up to their ceiling.
Duration attempt(const Effective& e) {
    return limits::retransmit_max + std::min<Duration>(limits::retry_max, e.lasted + seconds(2));
}

Duration lookup(const Effective& e) {
    return std::min<Duration>(limits::lookup_lazy, std::max<Duration>(limits::lookup_eager, e.lasted));
}

struct Row {
    Class cls;
    std::string_view name;
    Duration (*bound)(const Effective&);
};

Duration noticed(const Effective& e) {
    return detection(e) + attempt(e) + handshake(e);
}
Duration noticed_and_found(const Effective& e) {
    return detection(e) + lookup(e) + attempt(e) + handshake(e);
}
/// Nothing has to be noticed: both ends know.
Duration known(const Effective& e) {
    return attempt(e) + handshake(e);
}

/// One end knows, and tells the other; else that one has to notice.
Duration told(const Effective& e) {
    return e.deletes ? known(e) : noticed(e);
}

/// By kilobytes of the peer's wish pairs do not follow each other sooner than we renew.
Duration told_and_rested(const Effective& e) {
    return told(e) + (e.kilobytes ? Duration(limits::renewal_interval) : Duration{});
}

/// Each bound is 1.5 times the sum of what has to happen one after the other.
constexpr Row table[] = {
    {Class::start, "start", known},
    {Class::outage, "outage", noticed},
    {Class::outage_one_way, "outage-one-way", noticed},
    {Class::loss, "loss", noticed},
    {Class::corruption, "corruption", noticed},
    {Class::peer_address, "peer-address", noticed_and_found},
    {Class::peer_address_late_dns, "peer-address-late-dns", noticed_and_found},
    {Class::both_addresses, "both-addresses", noticed_and_found},
    // The new mapping is known with the next packet of the end behind it, at the latest a liveness check.
    {Class::nat_rebind, "nat-rebind", noticed},
    {Class::nat_expiry, "nat-expiry", noticed},
    {Class::nat_address, "nat-address", noticed_and_found},
    {Class::crash, "crash", noticed},
    {Class::restart, "restart", noticed},
    {Class::clock, "clock", noticed},
    {Class::sleep, "sleep", noticed},
    {Class::reload, "reload", told},
    {Class::command, "command", told},
    {Class::early_delete, "early-delete", told_and_rested},
    {Class::short_lived, "short-lived", told},
    {Class::flood, "flood", noticed},
    {Class::combined, "combined", [](const Effective& e) { return 2 * noticed_and_found(e); }},
};

}  // namespace

std::string_view name_of(Class cls) {
    return table[static_cast<std::size_t>(cls)].name;
}

Duration noticing(const Effective& effective) {
    return (detection(effective) + limits::lookup_lazy) * 3 / 2;
}

Duration bound_of(Class cls, const Effective& effective) {
    return table[static_cast<std::size_t>(cls)].bound(effective) * 3 / 2;
}

}  // namespace causeway::sim
