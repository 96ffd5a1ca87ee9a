#include "negotiation/networks.hpp"

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>

namespace causeway::negotiation {
namespace {

std::optional<Ipv4Net> net_of(const isakmp::Identification& id) {
    const auto number = [&](std::size_t at) {
        return std::uint32_t{id.data[at]} << 24 | std::uint32_t{id.data[at + 1]} << 16 |
               std::uint32_t{id.data[at + 2]} << 8 | id.data[at + 3];
    };
    if (id.type == isakmp::IdType::ipv4_addr && id.data.size() == 4) {
        return Ipv4Net{number(0), 32};
    }
    if (id.type == isakmp::IdType::ipv4_addr_subnet && id.data.size() == 8) {
        return Ipv4Net::from_mask(number(0), number(4));
    }
    if (id.type == isakmp::IdType::ipv4_addr_range && id.data.size() == 8) {
        // A range that is a network; others cannot be carried by one route.
        const std::uint32_t first = number(0);
        const std::uint32_t last = number(4);
        const auto net = Ipv4Net::from_mask(first, ~(first ^ last));
        if (net && net->first() == first && net->last() == last) {
            return net;
        }
    }
    return std::nullopt;
}

std::string words_of(const Result<TrafficSelector>& selector) {
    return selector ? selector->text() : selector.error().what;
}

std::string pair_of(std::string_view local, std::string_view remote) {
    return fmt::format("{} === {}", local, remote);
}

std::string pair_of(const config::Tunnel& tunnel) {
    return pair_of(tunnel.local.text(), tunnel.remote.text());
}

/// How a pair that is none of ours is like `tunnel`.
Likeness likeness_of(const config::Tunnel& tunnel, const TrafficSelector& local,
                     const TrafficSelector& remote) {
    if (tunnel.local == remote && tunnel.remote == local) {
        return Likeness::exchanged;
    }
    return tunnel.local.net.overlaps(local.net) && tunnel.remote.net.overlaps(remote.net) ? Likeness::mask
                                                                                          : Likeness::none;
}

}  // namespace

std::optional<TrafficSelector> selector_of(const isakmp::Identification& id) {
    if (const auto net = net_of(id)) {
        return TrafficSelector{*net, id.protocol, id.port};
    }
    return std::nullopt;
}

isakmp::Identification id_of(const TrafficSelector& selector) {
    isakmp::Identification id{isakmp::IdType::ipv4_addr_subnet, selector.protocol, selector.port, {}};
    for (const std::uint32_t number : {selector.net.network, selector.net.mask()}) {
        append(id.data, IpAddress::v4(number).octets());
    }
    return id;
}

Result<TrafficSelector> selector_or_host(ByteView id_body, const IpAddress& host) {
    if (id_body.empty()) {
        if (!host.is_v4()) {
            return fail(Errc::unsupported, "no ID payloads between IPv6 hosts");
        }
        return TrafficSelector{{host.v4_number(), 32}, 0, 0};
    }
    const auto id = CAUSEWAY_TRY(isakmp::decode_identification(id_body));
    const auto selector = selector_of(id);
    if (!selector) {
        return fail(Errc::unsupported, fmt::format("{} is not an IPv4 network", name_of(id.type)));
    }
    return *selector;
}

tl::expected<const config::Tunnel*, Reason> choose_tunnel(const config::Peer& peer,
                                                          const Result<TrafficSelector>& local,
                                                          const Result<TrafficSelector>& remote) {
    for (const auto& tunnel : peer.tunnels) {
        if (local && remote && tunnel.local == *local && tunnel.remote == *remote) {
            return &tunnel;
        }
    }
    Reason reason;
    reason.obstacle = Obstacle::networks;
    reason.phase = Phase::phase2;
    reason.offered = pair_of(words_of(local), words_of(remote));
    for (const auto& tunnel : peer.tunnels) {
        reason.accepted += (reason.accepted.empty() ? "" : ", ") + pair_of(tunnel);
        if (local && remote && reason.likeness == Likeness::none) {
            reason.likeness = likeness_of(tunnel, *local, *remote);
        }
    }
    reason.subject = peer.name;
    if (!peer.tunnels.empty()) {
        reason.place = peer.tunnels.front().place;
    }
    return tl::unexpected(std::move(reason));
}

tl::expected<void, Reason> check_networks(const config::Tunnel& tunnel, const TrafficSelector& local,
                                          const TrafficSelector& remote) {
    if (local == tunnel.local && remote == tunnel.remote) {
        return {};
    }
    Reason reason;
    reason.obstacle = Obstacle::other_networks;
    reason.phase = Phase::phase2;
    reason.offered = pair_of(local.text(), remote.text());
    reason.accepted = pair_of(tunnel);
    reason.likeness = likeness_of(tunnel, local, remote);
    reason.subject = tunnel.display_name;
    reason.place = tunnel.place;
    return tl::unexpected(std::move(reason));
}

}  // namespace causeway::negotiation
