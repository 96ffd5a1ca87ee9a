// A pair of the kernel's data plane whose outer addresses are others from now on. The kernel names states by them, so that
// a state goes and one comes: with its keys, after the last number under which a packet was sealed, and with what its
// window has seen.
#include <cerrno>
#include <cstdint>
#include <utility>

#include "dataplane/kernel/plane.hpp"

namespace causeway::dataplane {

namespace {

// Packets that are on their way through the state while it is asked for its number.
constexpr std::uint32_t under_way = 1024;

}  // namespace

void KernelPlane::move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
                       sa::Encapsulation encapsulation) {
    Pair* pair = find(id);
    if (pair == nullptr) {
        return;
    }
    const Outer before = std::exchange(pair->outer, Outer{local, remote, encapsulation});
    const auto states = states_of(*pair->sa, pair->outer, if_id_);
    count(*pair);
    const bool same_addresses =
        before.local.address == local.address && before.remote.address == remote.address;
    if (same_addresses && before.encapsulation == encapsulation) {
        move_in_place(*pair, *states);
    } else {
        pair->base = pair->usage;
        move_inbound(*pair, states->inbound);
        move_outbound(*pair, states->outbound);
    }
    if (!same_addresses) {
        pair->path.forget();
    }
    pair->moved_to.reset();
    pair->moved_told.reset();
    measure_path(*pair);
    size_routes({pair->sa->remote.net});
}

// Ports can be changed where they stand.
void KernelPlane::move_in_place(Pair& pair, const PairStates& states) {
    if (pair.outer.encapsulation != sa::Encapsulation::udp) {
        return;
    }
    for (const host::XfrmState* state : {&states.inbound, &states.outbound}) {
        put_moved(*state);
    }
}

void KernelPlane::put_moved(const host::XfrmState& state) {
    if (const auto outcome = xfrm_->put(state, host::XfrmPut::replace); !outcome.ok()) {
        refused("other addresses of a tunnel", outcome);
    }
}

void KernelPlane::move_inbound(Pair& pair, host::XfrmState state) {
    if (const auto now = xfrm_->ask(pair.inbound)) {
        state.replay = now->replay;
    }
    xfrm_->remove(pair.inbound);
    by_state_.erase(pair.inbound);
    pair.inbound = state.id;
    by_state_.insert_or_assign(pair.inbound, pair.sa->id);
    if (const auto outcome = xfrm_->put(state); !outcome.ok()) {
        refused("other addresses of a tunnel", outcome);
    }
}

// Nothing leaves while the number is asked for: no number may come twice (RFC 4303 3.3.3).
void KernelPlane::move_outbound(Pair& pair, host::XfrmState state) {
    const Groups::Key* key = groups_.key_of(pair.sa->reqid);
    if (key != nullptr && carrier_of(groups_.around(pair.sa->reqid)) == &pair) {
        host::XfrmPolicy closed = wanted_outbound(*key, groups_.around(pair.sa->reqid));
        closed.protected_by.reset();
        place(closed);
    }
    const auto now = xfrm_->ask(pair.outbound);
    xfrm_->remove(pair.outbound);
    by_state_.erase(pair.outbound);
    pair.outbound = state.id;
    by_state_.insert_or_assign(pair.outbound, pair.sa->id);
    if (!now) {
        // Gone already: without its number it must not come back.
        return refused("other addresses of a tunnel", {ESRCH, {}});
    }
    state.replay = host::XfrmReplay{now->replay.sent + under_way, 0, {}};
    if (const auto outcome = xfrm_->put(state); !outcome.ok()) {
        refused("other addresses of a tunnel", outcome);
    }
    place_outbound(pair.sa->reqid);
}

}  // namespace causeway::dataplane
