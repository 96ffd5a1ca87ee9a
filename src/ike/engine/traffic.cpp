// What stands and carries nothing, or not all: what the data plane sees of it becomes findings of the tunnel.
#include <algorithm>
#include <fmt/format.h>
#include <string>

#include "crypto/algorithm.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

/// In the log when it is news: other figures are none.
void Engine::Impl::remark(Tunnel& tunnel, const Finding& what) {
    if (tunnel.remarks.measure(what, now_) == Remarks::News::yes) {
        report(EventCode::finding_seen, tunnel.config->display_name, {{"text", what.sentence()}});
    }
}

void Engine::Impl::remark_over(Tunnel& tunnel, FindingId what) {
    if (const auto was = tunnel.remarks.over(what)) {
        report(EventCode::finding_over, tunnel.config->display_name, {{"text", was->message()}});
    }
}

/// No key of ours opens what comes: the check value may be cut to another length. RFC 4868 has 128 bits for SHA2-256,
/// and a draft before it had 96.
void Engine::Impl::on(sa::Unauthentic&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    const auto& place = found.tunnel->config->proposals_place;
    const auto count = field<"count">(std::to_string(event.count));
    remark(*found.tunnel,
           found.child->pair->integrity == crypto::IntegrityId::hmac_sha2_256_128
               ? finding<FindingId::sha2_cut_short>(place, count)
               : finding<FindingId::integrity_fails>(place, count, field<"suite">(found.child->suite())));
}

void Engine::Impl::on(sa::Misrouted&& event) {
    const auto found = find_child(event.id);
    if (found.child == nullptr) {
        return;
    }
    remark(*found.tunnel,
           finding<FindingId::packets_of_others>(
               found.tunnel->config->place, field<"count">(std::to_string(event.count)),
               field<"source">(event.source.text()), field<"destination">(event.destination.text())));
}

/// The peer answers under Phase 1, and packets have gone into the tunnel without one that came back. It may be traffic
/// that nobody answers; but then there are few who send on.
void Engine::Impl::notice_one_way(const Peer& peer, Tunnel& tunnel, const IkeSa& sa, const OneWay& traffic) {
    const auto* carrier = tunnel.carrier();
    if (carrier == nullptr) {
        return;
    }
    const auto usage = usage_.usage(carrier->pair->id);
    const auto told = tunnel.remarks.since(FindingId::nothing_comes_back);
    if (usage && usage->last_in && told && *usage->last_in > *told) {
        remark_over(tunnel, FindingId::nothing_comes_back);
    }
    const Duration silence = now_ - std::max(traffic.since, carrier->established);
    if (!usage || usage->packets_out < limits::one_way_packets || silence < limits::one_way_after ||
        traffic.last_life <= traffic.since || usage->dropped_integrity != 0) {
        return;
    }
    if (!tunnel.remarks.since(FindingId::nothing_comes_back)) {
        outputs_.emplace_back(NothingComesBack{tunnel.config->reqid, sa.remote().address});
    }
    const bool udp = carrier->pair->encapsulation == sa::Encapsulation::udp;
    remark(tunnel,
           finding<FindingId::nothing_comes_back>(
               peer.config->place, field<"sent">(std::to_string(usage->packets_out)),
               field<"time">(fmt::format("{:.0f} s", seconds_of(silence))),
               field<"remote">(sa.remote().address.text()),
               field<"remedy">(fmt::format(
                   "{} may be lost on the way, or the other end does not forward, masquerades or has another "
                   "route: ping from a host of the LAN and look there",
                   udp ? "ESP in UDP 4500" : "ESP (IP protocol 50)")),
               field<"candidates">("one-way-traffic esp-closed vpn-forwarding-missing")));
}

/// A tunnel that was up has gone down, and nobody here wanted that.
void Engine::Impl::notice_flapping(Tunnel& tunnel, const Finding& why) {
    if (why.severity == Severity::note) {
        return;
    }
    const auto flaps = tunnel.flapping.down(now_);
    if (!flaps || tunnel.retries.setbacks().is_habit()) {
        return;
    }
    remark(tunnel, finding<FindingId::up_and_down>(
                       tunnel.config->place, field<"count">(std::to_string(flaps->count)),
                       field<"time">(fmt::format("{:.0f} s", seconds_of(flaps->within))),
                       field<"period">(fmt::format("{:.0f} s", seconds_of(flaps->period))),
                       field<"candidates">("lifetime-differs mode-mismatch peer-deleted")));
}

}  // namespace causeway::ike
