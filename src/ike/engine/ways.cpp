// Our own end: from which of our addresses a peer is reached, what follows when that changes, and what our own
// names are compared with.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/own_name.hpp"
#include "ike/engine/impl.hpp"

namespace causeway::ike {

void Engine::Impl::on(LocalAddressesChanged&& changed) {
    own_addresses_.set(std::move(changed.addresses));
    if (shutting_down_) {
        return;
    }
    stir_all();
    perform(own_names_.our_addresses_changed(now_));
    for (auto& peer : peers_) {
        // What failed before failed under other circumstances.
        reset_backoff(*peer);
        const auto* standing = usable_sa(*peer);
        perform(*peer, peer->whereabouts.our_addresses_changed(
                           standing != nullptr ? std::optional(standing->remote().address) : std::nullopt,
                           situation(*peer), now_));
    }
}

void Engine::Impl::watch_own_names() {
    std::vector<std::string> names;
    for (const auto& peer : model_->peers) {
        if (auto name = config::own_name_of(peer)) {
            names.push_back(std::move(*name));
        }
    }
    own_names_.set_names(names, {model_->options.lookup_floor, model_->options.lookup_ceiling}, now_);
}

OurEnds Engine::Impl::our_ends(const std::string& own_name) const {
    OurEnds ends;
    for (const auto& peer : peers_) {
        if (config::own_name_of(*peer->config) != own_name) {
            continue;
        }
        auto local = local_in_use(*peer);
        if (const auto next = peer->whereabouts.next_path(); !local && next) {
            local = next->local;
        }
        if (local) {
            const auto* standing = usable_sa(*peer);
            ends.add(*local, standing != nullptr && standing->session->nat().local ? OurEnds::Nat::found
                                                                                   : OurEnds::Nat::none_seen);
        }
    }
    return ends;
}

void Engine::Impl::on(NameDone&& done) {
    if (!shutting_down_) {
        const auto ends = our_ends(done.name);
        perform(own_names_.answered(std::move(done), ends, now_));
    }
}

void Engine::Impl::compare_own_names() {
    while (const auto name = shutting_down_ ? std::nullopt : own_names_.doubted()) {
        perform(own_names_.compare(*name, our_ends(*name), now_));
    }
}

void Engine::Impl::perform(OwnNames::Changes&& changes) {
    for (auto& change : changes) {
        std::visit([this](auto&& one) { perform(std::forward<decltype(one)>(one)); }, std::move(change));
    }
}

/// What was refused because of our name may be accepted as soon as the peer's name server has heard of it.
void Engine::Impl::perform(OwnNames::RecognisableAgain&& again) {
    for (auto& peer : peers_) {
        if (config::own_name_of(*peer->config) == again.name && searching(*peer)) {
            peer->whereabouts.our_end_changed(now_);
            stir(*peer);
            network_is_back(*peer);
            pursue(*peer);
        }
    }
}

}  // namespace causeway::ike
