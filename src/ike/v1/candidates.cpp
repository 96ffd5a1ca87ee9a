#include "ike/v1/candidates.hpp"

#include <algorithm>
#include <utility>

#include "ike/limits.hpp"
#include "negotiation/phase1.hpp"

namespace causeway::ike::v1 {

namespace {

using Peers = std::vector<const config::Peer*>;

void join(std::vector<config::Phase1Proposal>& joined, const std::vector<config::Phase1Proposal>& more) {
    for (const auto& proposal : more) {
        if (!negotiation::accepts(joined, proposal.cipher, proposal.hash, proposal.group)) {
            joined.push_back(proposal);
        }
    }
}

bool has_key(const Peers& owners, const Secret& key) {
    return std::ranges::any_of(owners,
                               [&](const config::Peer* owner) { return owner->pre_shared_key == key; });
}

Peers owners_of_keys(const Peers& peers) {
    Peers owners;
    for (const auto* peer : peers) {
        if (owners.size() < limits::psk_trials && !has_key(owners, peer->pre_shared_key)) {
            owners.push_back(peer);
        }
    }
    return owners;
}

}  // namespace

const Peers Candidates::none;

Anywhere::Anywhere(Peers peers_) : peers(std::move(peers_)), keys(owners_of_keys(peers)) {
    for (const auto* peer : peers) {
        join(proposals, peer->proposals);
    }
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

Peers Candidates::likely_keys() const {
    return owners_of_keys(likely);
}

Peers Candidates::other_keys() const {
    Peers others;
    const Peers known = likely_keys();
    for (const auto* owner : anywhere ? anywhere->keys : none) {
        if (!has_key(known, owner->pre_shared_key)) {
            others.push_back(owner);
        }
    }
    return others;
}

}  // namespace causeway::ike::v1
