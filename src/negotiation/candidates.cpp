#include "negotiation/candidates.hpp"

#include <algorithm>
#include <variant>

#include "negotiation/phase1.hpp"

namespace causeway::negotiation {

namespace {

using Peers = std::vector<const config::Peer*>;

void join(std::vector<config::Phase1Proposal>& joined, const std::vector<config::Phase1Proposal>& more) {
    for (const auto& proposal : more) {
        if (!accepts(joined, proposal.cipher, proposal.hash, proposal.group)) {
            joined.push_back(proposal);
        }
    }
}

bool has_key(const Peers& owners, const Secret& key) {
    return std::ranges::any_of(owners,
                               [&](const config::Peer* owner) { return owner->pre_shared_key == key; });
}

Peers owners_of_keys(const Peers& peers, std::size_t keys_max) {
    Peers owners;
    for (const auto* peer : peers) {
        if (owners.size() < keys_max && !has_key(owners, peer->pre_shared_key)) {
            owners.push_back(peer);
        }
    }
    return owners;
}

}  // namespace

bool is_configured_at(const config::Peer& peer, const IpAddress& remote) {
    return std::ranges::any_of(peer.addresses, [&](const auto& address) {
        const auto* fixed = std::get_if<IpAddress>(&address.value);
        return fixed != nullptr && *fixed == remote;
    });
}

bool may_come_from_anywhere(const config::Peer& peer) {
    return std::ranges::any_of(peer.addresses, [](const auto& address) {
        return !std::holds_alternative<IpAddress>(address.value);
    });
}

const Peers Candidates::none;

Anywhere::Anywhere(std::span<const config::Peer> all, std::size_t keys_max) {
    for (const auto& peer : all) {
        if (may_come_from_anywhere(peer)) {
            peers.push_back(&peer);
            join(proposals, peer.proposals);
        }
    }
    keys = owners_of_keys(peers, keys_max);
}

const config::Peer* Candidates::only() const {
    const auto& peer = front();
    return find([&](const config::Peer& other) { return &other != &peer; }) == nullptr ? &peer : nullptr;
}

std::vector<config::Phase1Proposal> Candidates::proposals() const {
    std::vector<config::Phase1Proposal> joined;
    for (const auto* peer : likely) {
        join(joined, peer->proposals);
    }
    if (anywhere) {
        join(joined, anywhere->proposals);
    }
    return joined;
}

Peers Candidates::likely_keys(std::size_t keys_max) const {
    return owners_of_keys(likely, keys_max);
}

Peers Candidates::other_keys(std::size_t keys_max) const {
    Peers others;
    const Peers known = likely_keys(keys_max);
    for (const auto* owner : anywhere ? anywhere->keys : none) {
        if (!has_key(known, owner->pre_shared_key)) {
            others.push_back(owner);
        }
    }
    return others;
}

}  // namespace causeway::negotiation
