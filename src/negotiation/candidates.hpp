// Whom a responder may be talking to, until an identity has named the peer: those who are known to be at the
// address that the message came from, the likeliest first, then those who may come from anywhere. Whoever
// makes the list keeps alive what it points at. Pure: where a peer was last seen is for the caller to know.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "config/model.hpp"

namespace causeway::negotiation {

/// The address is one that the configuration gives the peer.
bool is_configured_at(const config::Peer& peer, const IpAddress& remote);
/// Not all of its addresses are fixed, so the address of a caller says nothing: a name may be behind the
/// times.
bool may_come_from_anywhere(const config::Peer& peer);

/// Everybody of one model who may come from anywhere. Shared by all exchanges: a half-open one costs a
/// pointer.
struct Anywhere {
    /// Of `all` those who may. No more than `keys_max` keys are kept.
    Anywhere(std::span<const config::Peer> all, std::size_t keys_max);

    std::vector<const config::Peer*> peers;
    std::vector<const config::Peer*> keys;          ///< one owner of each pre-shared key, not all of them
    std::vector<config::Phase1Proposal> proposals;  ///< what any of them accepts
};

struct Candidates {
    std::vector<const config::Peer*> likely;
    std::shared_ptr<const Anywhere> anywhere;

    [[nodiscard]] bool empty() const { return likely.empty() && (!anywhere || anywhere->peers.empty()); }
    /// The likeliest one: it speaks in messages until the identity has named the peer. Not when empty().
    [[nodiscard]] const config::Peer& front() const {
        return likely.empty() ? *anywhere->peers.front() : *likely.front();
    }
    /// The only one; null when there are several. Not when empty().
    [[nodiscard]] const config::Peer* only() const;
    /// The first one, the likeliest first, that `fits`; null when none does.
    template <class Fits>
    [[nodiscard]] const config::Peer* find(Fits&& fits) const {
        for (const auto* peer : likely) {
            if (fits(*peer)) {
                return peer;
            }
        }
        for (const auto* peer : anywhere ? anywhere->peers : none) {
            if (fits(*peer)) {
                return peer;
            }
        }
        return nullptr;
    }
    /// What any of them accepts; the identity decides later which of them it is.
    [[nodiscard]] std::vector<config::Phase1Proposal> proposals() const;
    /// One owner of each pre-shared key of those at the address, no more than `keys_max`, and of the others'
    /// keys that are not among these. RFC 2409 5.4: in Main Mode the key must be found before the identity.
    [[nodiscard]] std::vector<const config::Peer*> likely_keys(std::size_t keys_max) const;
    [[nodiscard]] std::vector<const config::Peer*> other_keys(std::size_t keys_max) const;

 private:
    static const std::vector<const config::Peer*> none;
};

}  // namespace causeway::negotiation
