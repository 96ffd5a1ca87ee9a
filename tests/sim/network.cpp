#include "sim/network.hpp"

#include <algorithm>
#include <cstdint>

namespace causeway::sim {

namespace {

constexpr std::size_t outer_headers = 28;  // IPv4 and UDP

}  // namespace

NatBox::Mapping& NatBox::outbound(unsigned node, const Endpoint& source, const Endpoint& destination,
                                  Instant now) {
    std::erase_if(mappings, [&](const Mapping& one) { return one.used + timeout < now; });
    auto found = std::find_if(mappings.begin(), mappings.end(), [&](const Mapping& one) {
        return one.node == node && one.inner_port == source.port;
    });
    if (found == mappings.end()) {
        const bool ike = source.port == 500 || source.port == 4500;
        const bool taken = (forward && ike) ||
                           std::any_of(mappings.begin(), mappings.end(),
                                       [&](const Mapping& one) { return one.outer_port == source.port; });
        const bool keep = (keep_ports && !taken) || source.port == 0 || (forward == node && ike);
        const std::uint16_t port = keep ? source.port : next_port++;
        mappings.push_back({node, source.port, port, now, {}});
        found = mappings.end() - 1;
    }
    found->used = now;
    if (std::find(found->contacted.begin(), found->contacted.end(), destination.address) ==
        found->contacted.end()) {
        found->contacted.push_back(destination.address);
    }
    return *found;
}

std::optional<std::pair<unsigned, std::uint16_t>> NatBox::inbound(const Packet& packet, Instant now) const {
    for (const auto& one : mappings) {
        if (one.outer_port == packet.destination.port && one.used + timeout >= now &&
            (!filter || std::find(one.contacted.begin(), one.contacted.end(), packet.source.address) !=
                            one.contacted.end())) {
            return std::pair{one.node, one.inner_port};
        }
    }
    if (forward) {
        return std::pair{*forward, packet.destination.port};
    }
    return std::nullopt;
}

unsigned Network::add(Site site) {
    sites_.push_back(std::move(site));
    return static_cast<unsigned>(sites_.size() - 1);
}

IpAddress Network::public_address(unsigned node) const {
    const Site& one = sites_[node];
    return one.nat ? one.nat->outer : one.address;
}

std::optional<unsigned> Network::owner(const Packet& packet, std::uint16_t& inner_port) const {
    for (unsigned node = 0; node < sites_.size(); ++node) {
        const Site& one = sites_[node];
        if (!one.online) {
            continue;
        }
        if (one.nat != nullptr ? one.nat->outer == packet.destination.address
                               : one.address == packet.destination.address) {
            if (one.nat == nullptr) {
                return node;
            }
            const auto inside = one.nat->inbound(packet, agenda_.now());
            if (!inside) {
                return std::nullopt;
            }
            inner_port = inside->second;
            return inside->first;
        }
    }
    return std::nullopt;
}

bool Network::conditions(const Line& line, Packet& packet, Duration& delay, bool& twice) {
    if (line.down || dice_.chance(line.loss)) {
        return false;
    }
    // ESP leaves with DF set; IKE is cut by IP, and each piece may be lost.
    if (packet.octets.size() + outer_headers > line.mtu &&
        (packet.kind != Carried::ike || dice_.chance(line.loss))) {
        return false;
    }
    delay += line.delay;
    if (line.jitter > Duration{}) {
        delay += dice_.between({}, line.jitter);
    }
    if (dice_.chance(line.reorder)) {
        delay += line.reorder_by;
    }
    twice = twice || dice_.chance(line.duplicate);
    if (!packet.octets.empty() && dice_.chance(line.corrupt)) {
        // One bit, and somebody who repaired the UDP checksum: a router with bad memory.
        packet.octets[dice_.below(packet.octets.size())] ^= static_cast<std::uint8_t>(1U << dice_.below(8));
        packet.damaged = true;
    }
    return true;
}

void Network::send(unsigned from, Packet packet) {
    const Site& site = sites_[from];
    if (!site.online || packet.source.address != site.address) {
        return tell("cannot leave", packet);  // the kernel has no such address, or no way out
    }
    if (site.nat) {
        const auto& mapping = site.nat->outbound(from, packet.source, packet.destination, agenda_.now());
        packet.source = {site.nat->outer, mapping.outer_port};
    }
    if (divert && divert(packet)) {
        return;
    }
    tell("leaves", packet);
    Duration delay{};
    bool twice = false;
    if (!conditions(site.up, packet, delay, twice)) {
        return tell("is lost", packet);
    }
    std::uint16_t port = packet.destination.port;
    if (const auto to = owner(packet, port); to && !conditions(sites_[*to].down, packet, delay, twice)) {
        return tell("is lost", packet);
    }
    if (twice) {
        Packet again = packet;
        again.first_copy = false;
        inject(std::move(again), delay + dice_.between({}, std::chrono::milliseconds(50)));
    }
    inject(std::move(packet), delay);
}

void Network::inject(Packet packet, Duration after) {
    agenda_.in(after, [this, packet = std::move(packet)]() mutable { arrive(std::move(packet)); });
}

void Network::arrive(Packet packet) {
    std::uint16_t port = packet.destination.port;
    const auto node = owner(packet, port);
    if (!node) {
        tell("goes astray", packet);
        on_astray(packet, "nobody has this address, or a NAT does not let it in");
        return;
    }
    if (sites_[*node].down.down) {
        return tell("is lost", packet);
    }
    if (!sites_[*node].running) {
        on_astray(packet, "the gateway is not running");
        return;
    }
    packet.destination = {sites_[*node].address, port};
    tell("arrives", packet);
    on_arrival(*node, packet);
}

}  // namespace causeway::sim
