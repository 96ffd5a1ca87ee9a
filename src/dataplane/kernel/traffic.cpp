#include "dataplane/kernel/traffic.hpp"

namespace causeway::dataplane {

namespace {

bool due(const std::optional<Instant>& told, Instant now, Duration interval) {
    return !told || now - *told >= interval;
}

}  // namespace

void Traffic::add(sa::SaId id, sa::ReqId reqid) {
    Pair pair;
    pair.reqid = reqid;
    pairs_.insert_or_assign(id, pair);
    ++tunnels_[reqid].pairs;
}

void Traffic::remove(sa::SaId id) {
    const auto gone = pairs_.extract(id);
    if (!gone) {
        return;
    }
    const auto tunnel = tunnels_.find(gone.mapped().reqid);
    if (--tunnel->second.pairs == 0) {
        tunnels_.erase(tunnel);
    }
}

bool Traffic::waits(sa::SaId id) const {
    const auto at = pairs_.find(id);
    return at != pairs_.end() && !at->second.inbound_seen;
}

sa::Usage Traffic::before(sa::SaId id) const {
    const auto at = pairs_.find(id);
    return at == pairs_.end() ? sa::Usage{} : at->second.before;
}

void Traffic::look(sa::SaId id, const sa::Usage& usage, Instant now, std::vector<sa::Event>& events) {
    const auto at = pairs_.find(id);
    if (at == pairs_.end()) {
        return;
    }
    Pair& pair = at->second;
    Tunnel& tunnel = tunnels_[pair.reqid];
    const bool came = usage.packets_in > pair.before.packets_in;
    const bool left = usage.packets_out > pair.before.packets_out;
    if (came && !pair.inbound_seen) {
        pair.inbound_seen = true;
        events.emplace_back(sa::FirstInbound{id});
    }
    if (came) {
        tunnel.unanswered_since.reset();
    } else if (left && !tunnel.unanswered_since) {
        tunnel.unanswered_since = now;
    } else if (left && now - *tunnel.unanswered_since >= sa::unanswered_first &&
               due(tunnel.unanswered_told, now, sa::unanswered_interval)) {
        tunnel.unanswered_told = now;
        events.emplace_back(sa::Unanswered{pair.reqid, *tunnel.unanswered_since});
    }
    if (!pair.inbound_seen && usage.dropped_integrity > pair.before.dropped_integrity &&
        usage.dropped_integrity >= sa::unauthentic_first &&
        due(pair.unauthentic_told, now, sa::misfit_interval)) {
        pair.unauthentic_told = now;
        events.emplace_back(sa::Unauthentic{id, usage.dropped_integrity});
    }
    pair.before = usage;
}

}  // namespace causeway::dataplane
