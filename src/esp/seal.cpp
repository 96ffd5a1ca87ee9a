// The way out: inner packets become ESP packets (RFC 4301 5.1, RFC 4303 3.3).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "esp/fragment.hpp"
#include "esp/icmp.hpp"
#include "esp/mss.hpp"
#include "esp/octets.hpp"
#include "esp/pair.hpp"
#include "esp/sa_table.hpp"
#include "esp/tos.hpp"
#include "esp/trailer.hpp"

namespace causeway::esp {

namespace {

constexpr std::size_t esp_header = 8;
constexpr Duration acquire_interval = std::chrono::seconds(1);

}  // namespace

std::size_t SaTable::seal(std::span<const ByteView> inner, SealBatch& out, Instant now) {
    const std::size_t first = out.packets_.size();
    seal_ops_.clear();
    seal_pairs_.clear();
    std::size_t done = 0;
    while (done < inner.size() && seal_one(inner[done], out, now) == Placed::yes) {
        ++done;
    }
    encrypt(out, first);
    return done;
}

SaTable::Placed SaTable::seal_one(ByteView packet, SealBatch& out, Instant now) {
    const std::optional<InnerPacket> inner = parse_inner(packet);
    if (!inner) {
        drops_.add(Drop::not_ipv4);
        return Placed::yes;
    }
    packet = packet.first(inner->total_length);
    const Tunnel* tunnel = policies_.find(*inner);
    if (tunnel == nullptr) {
        drops_.add(Drop::no_policy);
        return Placed::yes;
    }
    Pair* pair = pair_for(*tunnel, now);
    if (pair == nullptr) {
        hold(*tunnel, packet, now);
        return Placed::yes;
    }
    // RFC 4301 4.4.1: the packet must fit what was negotiated, which may be less than what is configured.
    if (!fits_outbound(pair->sa->local, pair->sa->remote, *inner)) {
        ++pair->usage.dropped_policy;
        drops_.add(Drop::selectors);
        return Placed::yes;
    }
    notice_syn(*pair, packet, *inner, now);
    if (packet.size() > pair->inner_mtu) {
        if (inner->dont_fragment) {
            answer_too_big(packet, *inner, *pair, out, now);
            return Placed::yes;
        }
        return place_fragments(packet, *inner, *pair, out, now);
    }
    return place(packet, {}, *inner, *pair, out, now) ? Placed::yes : Placed::arena_full;
}

// The first of the group that can send, but one whose peer gives no sign of life only where there is no other.
// On-demand tunnels before it are asked for all the same: a first one would never come back otherwise.
SaTable::Pair* SaTable::pair_for(const Tunnel& first, Instant now) {
    Pair* doubtful = nullptr;
    for (const Tunnel& tunnel : policies_.group(first)) {
        Pair* pair = sending_pair(state_of(tunnel));
        if (pair == nullptr) {
            acquire(tunnel, now);
        } else if (!pair->doubted) {
            return pair;
        } else if (doubtful == nullptr) {
            doubtful = pair;
        }
    }
    return doubtful;
}

void SaTable::hold(const Tunnel& first, ByteView packet, Instant now) {
    AcquireQueue* queue = queue_of(policies_.group(first));
    if (queue == nullptr) {
        drops_.add(Drop::no_sa);
        return;
    }
    drops_.add(Drop::queue_full, queue->push(packet, now));
}

void SaTable::acquire(const Tunnel& tunnel, Instant now) {
    TunnelState& state = state_of(tunnel);
    if (tunnel.acquire && (!state.last_acquire || now - *state.last_acquire >= acquire_interval)) {
        state.last_acquire = now;
        events_.emplace_back(sa::Acquire{tunnel.reqid});
    }
}

void SaTable::answer_too_big(ByteView packet, const InnerPacket& inner, const Pair& pair, SealBatch& out,
                             Instant now) {
    drops_.add(Drop::too_big);
    if (!icmp_limit_.allow(now)) {
        return;
    }
    if (Bytes reply = fragmentation_needed(packet, inner, pair.inner_mtu); !reply.empty()) {
        out.replies_.push_back(std::move(reply));
    }
}

SaTable::Placed SaTable::place_fragments(ByteView packet, const InnerPacket& inner, Pair& pair,
                                         SealBatch& out, Instant now) {
    // All fragments or none: a packet of which only a part is sent is lost and costs bandwidth.
    const std::size_t pieces = packet.size() / (pair.inner_mtu - 60 - 8) + 1;
    if (out.room() < pieces * sealed_octets(pair.suite, pair.inner_mtu)) {
        if (out.packets_.empty()) {  // would not fit an empty arena either
            drops_.add(Drop::too_big);
            return Placed::yes;
        }
        return Placed::arena_full;
    }
    Fragmenter fragmenter(packet, inner, pair.inner_mtu);
    Fragment fragment;
    while (fragmenter.next(fragment) && pair.can_send()) {
        place({fragment.header, fragment.header_octets}, fragment.payload, inner, pair, out, now);
    }
    return Placed::yes;
}

// Lays one packet out in the arena: SPI | sequence | IV | inner | padding | pad length | next header | ICV.
// The inner packet is given in two parts so that fragments need no buffer of their own.
bool SaTable::place(ByteView header, ByteView payload, const InnerPacket& inner, Pair& pair, SealBatch& out,
                    Instant now) {
    const std::size_t inner_octets = header.size() + payload.size();
    const std::size_t octets = sealed_octets(pair.suite, inner_octets);
    if (out.room() < octets) {
        return false;
    }
    const std::span<std::uint8_t> packet = out.claim(octets);
    const std::uint64_t sequence = ++pair.last_sent;
    store32(packet.data(), pair.sa->outbound.spi);
    store32(packet.data() + 4, static_cast<std::uint32_t>(sequence));
    const std::span<std::uint8_t> body = packet.subspan(esp_header + pair.suite.iv);
    std::copy(header.begin(), header.end(), body.begin());
    std::copy(payload.begin(), payload.end(), body.begin() + static_cast<std::ptrdiff_t>(header.size()));
    if (options_.clamp_mss && payload.empty()) {
        clamp_mss(body.first(inner_octets), inner, mss_for(pair.tcp_mtu));
    }
    write_trailer(body.subspan(inner_octets, body.size() - inner_octets - pair.suite.icv), protocol_ipv4);
    out.packets_.push_back({packet, pair.sa->id, pair.local, pair.remote, pair.encapsulation,
                            outer_tos(inner.tos, pair.sa->copy_dscp)});
    seal_ops_.push_back({packet.data(), packet.size(), sequence});
    seal_pairs_.push_back(&pair);
    account(pair, false, inner_octets, now);
    return true;
}

// Runs of packets of one SA go to the cipher together.
void SaTable::encrypt(SealBatch& out, std::size_t first) {
    std::size_t kept = first;
    for (std::size_t begin = 0; begin < seal_ops_.size();) {
        std::size_t end = begin + 1;
        while (end < seal_ops_.size() && seal_pairs_[end] == seal_pairs_[begin]) {
            ++end;
        }
        Pair& pair = *seal_pairs_[begin];
        auto* sealer = pair.sealing();
        const bool sealed =
            sealer != nullptr && sealer->seal(std::span(seal_ops_).subspan(begin, end - begin)).has_value();
        for (std::size_t i = begin; i < end; ++i) {
            if (!sealed) {  // never hand out plaintext
                drops_.add(Drop::cipher);
                continue;
            }
            out.packets_[kept++] = out.packets_[first + i];
        }
        begin = end;
    }
    out.packets_.resize(kept);
}

}  // namespace causeway::esp
