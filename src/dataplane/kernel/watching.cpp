// What the kernel's data plane hears from the kernel, and what it sees in its counters.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "dataplane/kernel/plane.hpp"

namespace causeway::dataplane {

namespace {

constexpr Duration acquire_interval = std::chrono::seconds(1);
constexpr Duration peer_moved_interval = std::chrono::seconds(1);
// While a pair has not carried anything yet, and otherwise.
constexpr Duration look_soon = std::chrono::milliseconds(100);
constexpr Duration look_later = std::chrono::seconds(1);
// Two questions each, some ten microseconds: with more pairs each is looked at less often.
constexpr std::size_t pairs_at_a_time = 256;

}  // namespace

void KernelPlane::attach(host::EventLoop& loop, host::IkePorts& ports) {
    attached_ = true;
    if (auto taken = ports.leave_esp_to_kernel(); !taken) {
        report(
            {EventCode::kernel_plane_refused, "", {{"what", "ESP in UDP"}, {"why", taken.error().text()}}});
    }
    timer_ = loop.timer([this] { look(); });
    if (auto monitor = host::XfrmMonitor::open(loop)) {
        monitor_ = std::move(*monitor);
        monitor_->on_event = [this](const host::XfrmEvent& event) { hear(event); };
    } else {
        report({EventCode::kernel_plane_refused,
                "",
                {{"what", "to tell of packets that wait"}, {"why", monitor.error().text()}}});
    }
    look_again();
}

void KernelPlane::hear(const host::XfrmEvent& event) {
    std::visit([this](const auto& one) { hear(one); }, event);
    tell();
}

// Until the state that the kernel has put there goes, it tells of no further packet: it is taken away in time.
void KernelPlane::hear(const host::XfrmAcquire& acquire) {
    if (acquire.if_id != if_id_) {
        return;
    }
    const Instant now = options_.clock();
    acquired_.try_emplace(acquire.id, now);
    ask_for(groups_.around(acquire.reqid), now);
    look_again();
}

// Those of the group before the one that carries, and all while none does: a first one would never come back otherwise.
void KernelPlane::ask_for(std::span<const Policy> group, Instant now) {
    for (const Policy& tunnel : group) {
        if (const Pair* pair = sender_of(tunnel.reqid)) {
            if (!pair->doubted) {
                return;
            }
            continue;
        }
        const auto asked = asked_for_.find(tunnel.reqid);
        if (tunnel.acquire && (asked == asked_for_.end() || now - asked->second >= acquire_interval)) {
            asked_for_.insert_or_assign(tunnel.reqid, now);
            events_.emplace_back(sa::Acquire{tunnel.reqid});
        }
    }
}

// The wall clock's bound is a backstop that the engine knows nothing of; volume is its matter.
void KernelPlane::hear(const host::XfrmExpire& expire) {
    const auto at = by_state_.find(expire.id);
    if (expire.if_id != if_id_ || at == by_state_.end()) {
        return;
    }
    const sa::SaId id = at->second;
    Pair& pair = *find(id);
    if (!expire.hard) {
        const auto states = states_of(*pair.sa, pair.outer, if_id_);
        const host::XfrmLimits& limits = states->outbound.limits;
        count(pair);
        const bool bytes = limits.soft_bytes != 0 &&
                           std::max(pair.usage.bytes_in, pair.usage.bytes_out) >= limits.soft_bytes;
        const bool packets = std::max(pair.usage.packets_in, pair.usage.packets_out) >= limits.soft_packets;
        if (pair.soft_told || (!bytes && !packets)) {
            return;
        }
        pair.soft_told = true;
    }
    events_.emplace_back(sa::Exhausted{id, expire.hard});
}

void KernelPlane::hear(const host::XfrmMapping& mapping) {
    const auto at = by_state_.find(mapping.id);
    if (at == by_state_.end()) {
        return;
    }
    Pair& pair = *find(at->second);
    const Instant now = options_.clock();
    const bool told =
        pair.moved_to == mapping.from && pair.moved_told && now - *pair.moved_told < peer_moved_interval;
    if (pair.inbound != mapping.id || mapping.from == pair.outer.remote || told) {
        return;
    }
    pair.moved_to = mapping.from;
    pair.moved_told = now;
    events_.emplace_back(sa::PeerMoved{at->second, mapping.from});
}

void KernelPlane::count(Pair& pair) const {
    const Instant now = options_.clock();
    const auto last = [&](const host::XfrmFacts& facts) {
        const auto age = host::since_last_use(facts);
        return age ? std::max(pair.looked, now - *age) : now;
    };
    sa::Usage& usage = pair.usage;
    if (const auto in = xfrm_->ask(pair.inbound)) {
        const std::uint64_t packets = pair.base.packets_in + in->packets;
        if (packets > usage.packets_in) {
            usage.last_in = last(*in);
        }
        usage.packets_in = packets;
        usage.bytes_in = pair.base.bytes_in + in->bytes;
        usage.dropped_replay = pair.base.dropped_replay + in->dropped_replay;
        usage.dropped_integrity = pair.base.dropped_integrity + in->dropped_integrity;
    }
    if (const auto out = xfrm_->ask(pair.outbound)) {
        const std::uint64_t packets = pair.base.packets_out + out->packets;
        if (packets > usage.packets_out) {
            usage.last_out = last(*out);
        }
        usage.packets_out = packets;
        usage.bytes_out = pair.base.bytes_out + out->bytes;
    }
    pair.looked = now;
}

std::optional<sa::Usage> KernelPlane::usage(sa::SaId id) const {
    Pair* pair = find(id);
    if (pair == nullptr) {
        return std::nullopt;
    }
    count(*pair);
    return pair->usage;
}

void KernelPlane::look_at(sa::SaId id, Pair& pair, Instant now) {
    const sa::Usage before = traffic_.before(id);
    count(pair);
    traffic_.look(id, pair.usage, now, events_);
    const bool left = pair.usage.packets_out > before.packets_out;
    const bool came = pair.usage.packets_in > before.packets_in;
    if (left) {
        ask_for(groups_.around(pair.sa->reqid), now);
    }
    // TCP cannot be told from the rest here: whatever passes asks for the proof.
    if ((left || came) && pair.sa->probe_path && pair.path.ask(now)) {
        events_.emplace_back(sa::PathUnproven{id, pair.path.device()});
    }
}

// All of them in turn, so many at a time.
void KernelPlane::look() {
    look_due_.reset();
    const Instant now = options_.clock();
    drop_acquired(now);
    auto at = pairs_.upper_bound(looked_at_);
    for (std::size_t i = 0; i < std::min(pairs_.size(), pairs_at_a_time); ++i, ++at) {
        if (at == pairs_.end()) {
            at = pairs_.begin();
        }
        looked_at_ = at->first;
        look_at(at->first, *at->second, now);
    }
    tell();
    look_again();
}

void KernelPlane::drop_acquired(Instant now) {
    std::erase_if(acquired_, [&](const auto& entry) {
        const bool over = now - entry.second >= acquire_interval;
        if (over && !by_state_.contains(entry.first)) {
            xfrm_->remove(entry.first);
        }
        return over;
    });
}

void KernelPlane::look_again() {
    if (!attached_ || (pairs_.empty() && acquired_.empty())) {
        return;
    }
    const bool soon = !acquired_.empty() || std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& entry) {
        return traffic_.waits(entry.first);
    });
    const Instant due = host::now() + (soon ? look_soon : look_later);
    if (!look_due_ || due < *look_due_) {
        look_due_ = due;
        timer_.arm(due);
    }
}

}  // namespace causeway::dataplane
