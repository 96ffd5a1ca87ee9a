// Whom a responder may be talking to, until an identity has named the peer: those who are known to be at the
// address that the message came from, the likeliest first, then those who may come from anywhere. The engine
// makes the list and keeps alive what it points at.
#pragma once

#include <memory>
#include <vector>

#include "config/model.hpp"

namespace causeway::ike::v1 {

/// Everybody of one model who may come from anywhere. Shared by all exchanges: a half-open one costs a
/// pointer.
struct Anywhere {
    explicit Anywhere(std::vector<const config::Peer*> peers);

    std::vector<const config::Peer*> peers;
    std::vector<const config::Peer*> keys;          ///< one owner of each pre-shared key, not all of them:
                                                    ///< see limits::psk_trials
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
    /// The only one; null when there are several.
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
    /// One owner of each pre-shared key of those at the address, and of the others' keys that are not among
    /// these.
    [[nodiscard]] std::vector<const config::Peer*> likely_keys() const;
    [[nodiscard]] std::vector<const config::Peer*> other_keys() const;

 private:
    static const std::vector<const config::Peer*> none;
};

}  // namespace causeway::ike::v1
