#include "negotiation/peer.hpp"

#include <string>

namespace causeway::negotiation {
namespace {

bool identity_fits(const config::Peer& peer, const config::Identity& received, const IpAddress& remote) {
    if (peer.remote_id_any) {
        return true;
    }
    return peer.remote_id ? peer.remote_id->value.admits(received)
                          : received.same_as(config::Identity::of_address(remote));
}

/// How the identity that came is like one that would have been right.
Likeness likeness_of(const config::Peer& peer, const config::Identity& received, const IpAddress& remote) {
    if (!peer.remote_id) {
        return Likeness::none;
    }
    const auto& expected = peer.remote_id->value;
    if (received.type != expected.type && received.text() == expected.text()) {
        return Likeness::other_kind;
    }
    if (peer.local_id && received.same_as(peer.local_id->value)) {
        return Likeness::exchanged;
    }
    return received.same_as(config::Identity::of_address(remote)) ? Likeness::address : Likeness::none;
}

Reason wrong_identity(Obstacle obstacle, const config::Peer& peer, const config::Identity& received,
                      const IpAddress& remote) {
    Reason reason;
    reason.obstacle = obstacle;
    reason.offered = received.text_with_type();
    reason.accepted =
        (peer.remote_id ? peer.remote_id->value : config::Identity::of_address(remote)).text_with_type();
    reason.identity = received;
    reason.likeness = likeness_of(peer, received, remote);
    reason.subject = peer.name;
    reason.place = peer.remote_id ? peer.remote_id->place : peer.place;
    return reason;
}

Reason wrong_mode(const config::Peer& peer, config::ExchangeMode received) {
    Reason reason;
    reason.obstacle = Obstacle::mode;
    reason.offered = name_of(received);
    reason.accepted = name_of(peer.mode);
    reason.subject = peer.name;
    reason.place = peer.mode_place;
    return reason;
}

}  // namespace

config::Identity own_identity(const config::Peer& peer, const IpAddress& local) {
    return peer.local_id ? peer.local_id->value : config::Identity::of_address(local);
}

bool answers(const config::Peer& peer, config::ExchangeMode mode) {
    return peer.mode == mode || peer.quirks.accept_any_mode_as_responder;
}

tl::expected<void, Reason> check_address(const Candidates& candidates, config::ExchangeMode mode) {
    if (!candidates.empty()) {
        return {};
    }
    Reason reason;
    reason.obstacle = Obstacle::address;
    reason.offered = name_of(mode);
    return tl::unexpected(reason);
}

tl::expected<void, Reason> check_mode(const Candidates& candidates, config::ExchangeMode mode) {
    if (candidates.find([&](const config::Peer& peer) { return answers(peer, mode); }) != nullptr) {
        return {};
    }
    return tl::unexpected(wrong_mode(candidates.front(), mode));
}

tl::expected<void, Reason> check_identity(const config::Peer& peer, const config::Identity& received,
                                          const IpAddress& remote) {
    if (identity_fits(peer, received, remote)) {
        return {};
    }
    return tl::unexpected(wrong_identity(Obstacle::identity, peer, received, remote));
}

tl::expected<const config::Peer*, Reason> choose_peer(const Candidates& candidates, const Caller& caller) {
    const auto* owner = caller.key_owner;
    const auto fits = [&](const config::Peer& peer) {
        return (owner == nullptr || peer.pre_shared_key == owner->pre_shared_key) &&
               identity_fits(peer, caller.identity, caller.remote);
    };
    const auto* named =
        candidates.find([&](const config::Peer& peer) { return answers(peer, caller.mode) && fits(peer); });
    if (named != nullptr) {
        return named;
    }
    if (const auto* other = candidates.find(fits); other != nullptr) {
        return tl::unexpected(wrong_mode(*other, caller.mode));
    }
    // Who has the key is somebody of ours under another name; of others not even that is known.
    return tl::unexpected(
        owner != nullptr
            ? wrong_identity(Obstacle::identity, *owner, caller.identity, caller.remote)
            : wrong_identity(Obstacle::unknown_identity, candidates.front(), caller.identity, caller.remote));
}

}  // namespace causeway::negotiation
