// The way in: ESP packets become inner packets (RFC 4303 3.4, RFC 4301 5.2).
#include <cstdint>
#include <optional>
#include <span>

#include "esp/mss.hpp"
#include "esp/octets.hpp"
#include "esp/pair.hpp"
#include "esp/sa_table.hpp"
#include "esp/tos.hpp"
#include "esp/trailer.hpp"

namespace causeway::esp {

namespace {

constexpr std::size_t esp_header = 8;
constexpr Duration unknown_spi_interval = std::chrono::seconds(1);
constexpr std::size_t unknown_spi_sources = 64;  // a flood of forged sources must not collect memory
constexpr Duration peer_moved_interval = std::chrono::seconds(1);

}  // namespace

void SaTable::open(std::span<Arrival> batch, Instant now) {
    open_ops_.assign(batch.size(), {});
    open_pairs_.assign(batch.size(), nullptr);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        open_pairs_[i] = admit(batch[i], now);
        open_ops_[i] = {batch[i].packet.data(), batch[i].packet.size(), false};
    }
    for (std::size_t begin = 0; begin < batch.size();) {
        std::size_t end = begin + 1;
        while (end < batch.size() && open_pairs_[end] == open_pairs_[begin]) {
            ++end;
        }
        Pair* pair = open_pairs_[begin];
        if (auto* opener = pair != nullptr ? pair->opening() : nullptr) {
            opener->open(std::span(open_ops_).subspan(begin, end - begin));
        }
        begin = end;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        Pair* pair = open_pairs_[i];
        if (pair == nullptr) {
            continue;
        }
        if (!open_ops_[i].ok) {
            ++pair->usage.dropped_integrity;
            notice_unauthentic(*pair, now);
            drop(batch[i], Drop::integrity);
            continue;
        }
        finish(*pair, batch[i], now);
    }
}

// What can be said before the ICV is checked; null when the packet is dropped.
SaTable::Pair* SaTable::admit(Arrival& arrival, Instant now) {
    arrival.inner = {};
    arrival.why = Drop::none;
    if (arrival.packet.size() < esp_header) {
        drop(arrival, Drop::runt);
        return nullptr;
    }
    const std::uint32_t spi = load32(arrival.packet.data());
    const auto at = by_spi_.find(spi);
    if (at == by_spi_.end()) {
        drop(arrival, Drop::unknown_spi);
        unknown_spi(spi, arrival.remote, now);
        return nullptr;
    }
    Pair& pair = *at->second;
    if (pair.hard_reported) {
        drop(arrival, Drop::expired);
        return nullptr;
    }
    if (!pair.window.admits(load32(arrival.packet.data() + 4))) {
        ++pair.usage.dropped_replay;
        drop(arrival, Drop::replayed);
        return nullptr;
    }
    return &pair;
}

// The packet is authentic. Its number is looked at again: the same one may have stood earlier in the batch.
void SaTable::finish(Pair& pair, Arrival& arrival, Instant now) {
    const ReplayWindow::Verdict verdict = pair.window.accept(load32(arrival.packet.data() + 4));
    if (verdict == ReplayWindow::Verdict::replayed) {
        ++pair.usage.dropped_replay;
        drop(arrival, Drop::replayed);
        return;
    }
    if (!pair.inbound_seen) {
        pair.inbound_seen = true;
        events_.emplace_back(sa::FirstInbound{pair.sa->id});
    }
    if (verdict == ReplayWindow::Verdict::newest) {
        notice_endpoint(pair, arrival, now);
    }
    pair.usage.last_in = now;
    if (const Drop why = unwrap(pair, arrival, now); why != Drop::none) {
        arrival.inner = {};
        if (why == Drop::selectors) {
            ++pair.usage.dropped_policy;
        }
        drop(arrival, why);
        return;
    }
    arrival.sa = pair.sa->id;
    account(pair, true, arrival.inner.size(), now);
}

// RFC 3948 has no address update; RFC 4301 and MOBIKE's lesson: only authentic packets count, and only the
// newest, or a replayed packet could divert the answers.
void SaTable::notice_endpoint(Pair& pair, const Arrival& arrival, Instant now) {
    if (arrival.encapsulation != pair.encapsulation) {
        return;
    }
    const bool udp = arrival.encapsulation == sa::Encapsulation::udp;
    if (arrival.remote.address == pair.remote.address && (!udp || arrival.remote.port == pair.remote.port)) {
        pair.reported_at.reset();
        return;
    }
    if (pair.reported_at && pair.reported_remote == arrival.remote &&
        now - *pair.reported_at < peer_moved_interval) {
        return;
    }
    pair.reported_at = now;
    pair.reported_remote = arrival.remote;
    events_.emplace_back(sa::PeerMoved{pair.sa->id, arrival.remote});
}

// From plaintext to inner packet; sets arrival.inner.
Drop SaTable::unwrap(Pair& pair, Arrival& arrival, Instant now) {
    const std::size_t around = esp_header + pair.suite.iv + pair.suite.icv;
    if (arrival.packet.size() < around) {
        return Drop::malformed;
    }
    const std::span<std::uint8_t> plaintext =
        arrival.packet.subspan(esp_header + pair.suite.iv, arrival.packet.size() - around);
    const Plaintext content = read_trailer(plaintext);
    if (!content.padding_ok) {
        return Drop::padding;
    }
    if (content.next_header == protocol_none) {
        return Drop::dummy;
    }
    if (content.next_header != protocol_ipv4) {
        return Drop::next_header;
    }
    std::span<std::uint8_t> packet = plaintext.first(content.payload_octets);
    const std::optional<InnerPacket> inner = parse_inner(packet);
    if (!inner) {
        return Drop::malformed;
    }
    packet =
        packet.first(inner->total_length);  // what follows is traffic flow confidentiality (RFC 4303 2.7)
    if (!fits_inbound(pair.sa->local, pair.sa->remote, *inner)) {
        notice_misrouted(pair, *inner, now);
        return Drop::selectors;
    }
    const std::optional<std::uint8_t> tos = decapsulated_tos(arrival.tos, inner->tos);
    if (!tos) {
        return Drop::congestion;
    }
    if (*tos != inner->tos) {
        set_tos(packet.data(), *tos);
    }
    notice_syn(pair, packet, *inner, now);
    if (options_.clamp_mss) {
        clamp_mss(packet, *inner, mss_for(pair.tcp_mtu));
    }
    arrival.inner = packet;
    return Drop::none;
}

/// A single damaged packet among good ones is nothing to speak of.
void SaTable::notice_unauthentic(Pair& pair, Instant now) {
    if (!pair.inbound_seen && pair.usage.dropped_integrity >= sa::unauthentic_first &&
        (!pair.unauthentic_told || now - *pair.unauthentic_told >= sa::misfit_interval)) {
        pair.unauthentic_told = now;
        events_.emplace_back(sa::Unauthentic{pair.sa->id, pair.usage.dropped_integrity});
    }
}

void SaTable::notice_misrouted(Pair& pair, const InnerPacket& inner, Instant now) {
    if (!pair.misrouted_told || now - *pair.misrouted_told >= sa::misfit_interval) {
        pair.misrouted_told = now;
        events_.emplace_back(sa::Misrouted{pair.sa->id, IpAddress::v4(inner.source),
                                           IpAddress::v4(inner.destination), pair.usage.dropped_policy + 1});
    }
}

void SaTable::unknown_spi(std::uint32_t spi, const Endpoint& remote, Instant now) {
    const auto at = unknown_spi_seen_.find(remote.address);
    if (at != unknown_spi_seen_.end()) {
        if (now - at->second < unknown_spi_interval) {
            return;
        }
        at->second = now;
    } else {
        if (unknown_spi_seen_.size() >= unknown_spi_sources) {
            std::erase_if(unknown_spi_seen_,
                          [&](const auto& entry) { return now - entry.second >= unknown_spi_interval; });
            if (unknown_spi_seen_.size() >= unknown_spi_sources) {
                return;
            }
        }
        unknown_spi_seen_.emplace(remote.address, now);
    }
    events_.emplace_back(sa::UnknownSpi{spi, remote});
}

}  // namespace causeway::esp
