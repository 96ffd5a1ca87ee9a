// Installing, looking up and removing; the ways of the packets are in seal.cpp and open.cpp.
#include "esp/sa_table.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "esp/mss.hpp"
#include "esp/pair.hpp"

namespace causeway::esp {

namespace {

// Of pairs and of tunnels' states, whose types only the table knows.
constexpr auto leads_before = [](const auto* one, const auto* other) {
    return std::tie(one->remote.address, one->sa->id) < std::tie(other->remote.address, other->sa->id);
};
constexpr auto number_of = [](const auto& state) { return state->reqid; };

}  // namespace

SaTable::~SaTable() = default;

SaTable::SaTable(Options options) : options_(options) {}

void SaTable::set_tunnels(std::span<const Tunnel> tunnels) {
    policies_.set(tunnels);
    std::erase_if(tunnels_, [&](const auto& state) {
        const bool configured = !policies_.group_of(state->reqid).empty();
        if (!configured) {
            state->queue.clear();
        }
        return !configured && state->pairs == 0;
    });
    for (const Tunnel& tunnel : tunnels) {
        state_of(tunnel.reqid);
    }
    states_.clear();
    states_.reserve(tunnels.size());
    for (const Tunnel& tunnel : policies_.all()) {
        states_.push_back(find_state(tunnel.reqid));
    }
}

Result<void> SaTable::install(std::shared_ptr<const sa::SaPair> sa, bool outbound) {
    if (sa->inbound.spi < 256 || sa->outbound.spi < 256) {
        return fail(Errc::unacceptable, "SPIs below 256 are reserved");
    }
    if (by_spi_.contains(sa->inbound.spi)) {
        return fail(Errc::exists, fmt::format("inbound SPI {:08x} is in use", sa->inbound.spi));
    }
    if (find(sa->id) != nullptr) {
        return fail(Errc::exists, "the SA pair is installed already");
    }
    // Whether the keys fit is known now, not with the first packet.
    for (const sa::EspSa* one : {&sa->outbound, &sa->inbound}) {
        CAUSEWAY_CHECK(crypto::make_esp_cipher(
            sa->cipher, sa->integrity, one->encryption_key.view(), one->integrity_key.view(),
            one == &sa->outbound ? crypto::EspUse::seal : crypto::EspUse::open));
    }
    auto pair = std::make_unique<Pair>();
    pair->suite = suite_of(sa->cipher, sa->integrity);
    pair->local = sa->local_outer;
    pair->remote = sa->remote_outer;
    pair->encapsulation = sa->encapsulation;
    pair->path = PathMtu(options_.outer_mtu);
    inherit_path(*pair);
    pair->window = ReplayWindow(sa->replay_window);
    by_spi_.emplace(sa->inbound.spi, pair.get());
    pair->tunnel = &state_of(sa->reqid);
    ++pair->tunnel->pairs;
    const sa::SaId id = sa->id;
    pair->sa = std::move(sa);
    update_sizes(*pair);
    list_by_remote(*pair);
    pairs_.insert(std::ranges::upper_bound(pairs_, id, {}, &Installed::id), Installed{id, std::move(pair)});
    if (outbound) {
        activate_outbound(id);
    }
    return {};
}

void SaTable::activate_outbound(sa::SaId id) {
    if (Pair* pair = find(id)) {
        std::vector<Pair*>& senders = pair->tunnel->senders;
        std::erase(senders, pair);
        senders.push_back(pair);
    }
}

void SaTable::doubt(sa::SaId id, bool doubted) {
    if (Pair* pair = find(id)) {
        pair->doubted = doubted;
    }
}

void SaTable::remove(sa::SaId id) {
    const auto at = std::ranges::lower_bound(pairs_, id, {}, &Installed::id);
    if (at == pairs_.end() || at->id != id) {
        return;
    }
    Pair* pair = at->pair.get();
    by_spi_.erase(pair->sa->inbound.spi);
    TunnelState& tunnel = *pair->tunnel;
    std::erase(tunnel.senders, pair);
    --tunnel.pairs;
    unlist_by_remote(*pair);
    pairs_.erase(at);
    if (tunnel.pairs == 0 && policies_.group_of(tunnel.reqid).empty()) {
        tunnels_.erase(std::ranges::lower_bound(tunnels_, tunnel.reqid, {}, number_of));
    }
}

void SaTable::list_by_remote(Pair& pair) {
    by_remote_.insert(std::ranges::upper_bound(by_remote_, &pair, leads_before), &pair);
}

void SaTable::unlist_by_remote(Pair& pair) {
    by_remote_.erase(std::ranges::lower_bound(by_remote_, &pair, leads_before));
}

void SaTable::move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
                   sa::Encapsulation encapsulation) {
    if (Pair* pair = find(id)) {
        if (pair->local.address != local.address || pair->remote.address != remote.address) {
            pair->path.forget();
        }
        unlist_by_remote(*pair);
        pair->local = local;
        pair->remote = remote;
        list_by_remote(*pair);
        pair->encapsulation = encapsulation;
        pair->reported_at.reset();
        update_sizes(*pair);
    }
}

void SaTable::set_outer_mtu(sa::SaId id, std::size_t octets) {
    if (Pair* pair = find(id)) {
        pair->path.set_device(octets);
        update_sizes(*pair);
    }
}

std::vector<sa::SaId> SaTable::set_path_mtu(sa::SaId id, std::optional<std::size_t> octets, Instant now) {
    std::vector<sa::SaId> concerned;
    if (const Pair* found = find(id)) {
        for (Pair* pair : between(found->local.address, found->remote.address)) {
            pair->path.set_found(octets, now);
            update_sizes(*pair);
            concerned.push_back(pair->sa->id);
        }
    }
    return concerned;
}

std::vector<SaTable::Pair*> SaTable::between(const IpAddress& local, const IpAddress& remote) const {
    std::vector<Pair*> found;
    const auto leads_to = [](const Pair* pair) -> const IpAddress& { return pair->remote.address; };
    for (auto at = std::ranges::lower_bound(by_remote_, remote, {}, leads_to);
         at != by_remote_.end() && leads_to(*at) == remote; ++at) {
        if ((*at)->local.address == local) {
            found.push_back(*at);
        }
    }
    return found;
}

// The way is the one that pairs before it have gone.
void SaTable::inherit_path(Pair& pair) const {
    const auto before = between(pair.local.address, pair.remote.address);
    if (!before.empty()) {
        pair.path = before.front()->path;
    }
}

// In either direction: what the hosts behind us tell the peer's is what those send.
void SaTable::notice_syn(Pair& pair, ByteView packet, const InnerPacket& inner, Instant now) {
    if (pair.sa->probe_path && is_syn(packet, inner) && pair.path.ask(now)) {
        events_.emplace_back(sa::PathUnproven{pair.sa->id, pair.path.device()});
    }
}

void SaTable::resume_outbound(sa::SaId id, std::uint64_t sequence) {
    if (Pair* pair = find(id)) {
        pair->last_sent = std::max(pair->last_sent, sequence);
    }
}

void SaTable::update_sizes(Pair& pair) const {
    const auto inside = [&](std::size_t octets) {
        return esp::inner_mtu(pair.suite, pair.encapsulation, pair.remote.address.is_v4(), octets);
    };
    pair.inner_mtu = inside(pair.path.octets());
    pair.tcp_mtu = pair.sa->probe_path ? inside(pair.path.octets_of_tcp()) : pair.inner_mtu;
}

std::optional<std::size_t> SaTable::inner_mtu(sa::SaId id) const {
    const Pair* pair = find(id);
    return pair ? std::optional(pair->inner_mtu) : std::nullopt;
}

std::optional<PathMtu> SaTable::path_mtu(sa::SaId id) const {
    const Pair* pair = find(id);
    return pair ? std::optional(pair->path) : std::nullopt;
}

std::optional<sa::Usage> SaTable::usage(sa::SaId id) const {
    const Pair* pair = find(id);
    return pair ? std::optional(pair->usage) : std::nullopt;
}

std::optional<SaTable::Way> SaTable::way_of(sa::SaId id) const {
    const Pair* pair = find(id);
    return pair ? std::optional(Way{pair->sa->remote.net, pair->local.address, pair->remote.address})
                : std::nullopt;
}

std::optional<sa::ReqId> SaTable::reqid_of(sa::SaId id) const {
    const Pair* pair = find(id);
    return pair ? std::optional(pair->sa->reqid) : std::nullopt;
}

SaTable::Pair* SaTable::find(sa::SaId id) const {
    const auto at = std::ranges::lower_bound(pairs_, id, {}, &Installed::id);
    return at == pairs_.end() || at->id != id ? nullptr : at->pair.get();
}

SaTable::TunnelState* SaTable::find_state(sa::ReqId reqid) const {
    const auto at = std::ranges::lower_bound(tunnels_, reqid, {}, number_of);
    return at == tunnels_.end() || (*at)->reqid != reqid ? nullptr : at->get();
}

SaTable::TunnelState& SaTable::state_of(sa::ReqId reqid) {
    if (TunnelState* state = find_state(reqid)) {
        return *state;
    }
    return **tunnels_.insert(std::ranges::upper_bound(tunnels_, reqid, {}, number_of),
                             std::make_unique<TunnelState>(reqid));
}

SaTable::TunnelState& SaTable::state_of(const Tunnel& listed) const {
    return *states_[static_cast<std::size_t>(&listed - policies_.all().data())];
}

SaTable::Pair* SaTable::sending_pair(const TunnelState& tunnel) {
    return !tunnel.senders.empty() && tunnel.senders.back()->can_send() ? tunnel.senders.back() : nullptr;
}

// One queue for a group, that of its first on-demand tunnel: whichever of them comes up takes it.
AcquireQueue* SaTable::queue_of(std::span<const Tunnel> group) const {
    const auto holder = std::ranges::find_if(group, &Tunnel::acquire);
    return holder == group.end() ? nullptr : &state_of(*holder).queue;
}

bool SaTable::has_sendable_queue(sa::ReqId reqid) const {
    const TunnelState* state = find_state(reqid);
    if (state == nullptr || sending_pair(*state) == nullptr) {
        return false;
    }
    const AcquireQueue* queue = queue_of(policies_.group_of(reqid));
    return queue != nullptr && queue->packets() != 0;
}

std::vector<Bytes> SaTable::take_queued(sa::ReqId reqid, Instant now) {
    AcquireQueue* queue = queue_of(policies_.group_of(reqid));
    return queue == nullptr ? std::vector<Bytes>{} : queue->take(now);
}

std::vector<sa::Event> SaTable::take_events() {
    return std::exchange(events_, {});
}

// Of the tunnel, not of the pair: around a renewal answers still come on the old one.
void SaTable::notice_unanswered(const Pair& pair, Instant now) {
    TunnelState& tunnel = *pair.tunnel;
    if (!tunnel.unanswered_since) {
        tunnel.unanswered_since = now;
    } else if (now - *tunnel.unanswered_since >= sa::unanswered_first &&
               (!tunnel.unanswered_told || now - *tunnel.unanswered_told >= sa::unanswered_interval)) {
        tunnel.unanswered_told = now;
        events_.emplace_back(sa::Unanswered{tunnel.reqid, *tunnel.unanswered_since});
    }
}

// Called for every packet, so everything that ends a pair is looked at here and nowhere else.
void SaTable::account(Pair& pair, bool inbound, std::size_t octets, Instant now) {
    sa::Usage& usage = pair.usage;
    if (inbound) {
        usage.bytes_in += octets;
        usage.packets_in += 1;
        usage.last_in = now;
        pair.tunnel->unanswered_since.reset();
    } else {
        notice_unanswered(pair, now);
        usage.bytes_out += octets;
        usage.packets_out += 1;
        usage.last_out = now;
    }
    // Each direction is an SA of its own with its own volume (RFC 2407 4.5, SA Life Duration in kilobytes).
    // A kilobyte has 1,000 octets (RFC 2407 4.5.2); a peer may name a number that has no product.
    constexpr std::uint64_t kilobyte = 1000;
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max() / kilobyte;
    const std::uint64_t limit = std::min(pair.sa->hard_kilobytes, most) * kilobyte;
    const std::uint64_t used = std::max(usage.bytes_in, usage.bytes_out);
    const bool hard = pair.last_sent >= last_sequence || (limit != 0 && used >= limit);
    const bool soft = hard || pair.last_sent >= soft_sequence || (limit != 0 && used >= limit - limit / 10);
    if (soft && !pair.soft_reported) {
        pair.soft_reported = true;
        events_.emplace_back(sa::Exhausted{pair.sa->id, false});
    }
    if (hard && !pair.hard_reported) {
        pair.hard_reported = true;
        events_.emplace_back(sa::Exhausted{pair.sa->id, true});
    }
}

}  // namespace causeway::esp
