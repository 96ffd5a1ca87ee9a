// How long SAs live, and when we renew them: as both ends have agreed, but by ourselves never more often than
// once a minute because the peer wishes it so.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

// The two ends do not begin to count at the same time, and no RFC says when they do: of messages that had to
// be repeated one end may count from the first, the other from the last. So a renewal is counted from the
// earliest instant from which the peer may count, and the end from the latest.

/// Of an SA that may have begun to live at `begun` for the peer, and stands since `since`. It lives for
/// `agreed`; `own` is what our configuration says.
Engine::Impl::Life Engine::Impl::life_of(Instant begun, Instant since, Duration agreed, Duration own,
                                         Role role) {
    Life life;
    life.expires = since + agreed;
    // The original responder waits half a margin longer, so that one side renews and not both.
    const Duration margin = limits::rekey_margin(agreed);
    life.rekey_at =
        begun + agreed - jittered(margin, limits::rekey_jitter_permille) / (role == Role::initiator ? 1 : 2);
    const Instant earliest =
        begun + std::min<Duration>(limits::renewal_interval, own - limits::rekey_margin(own));
    if (*life.rekey_at < earliest) {
        life.rekey_at = earliest;
    }
    if (*life.rekey_at >= life.expires) {
        life.rekey_at.reset();
        life.rest_until = earliest;
    }
    return life;
}

void Engine::Impl::set_life(IkeSa& sa, Duration agreed) {
    auto& peer = *sa.peer;
    const Instant begun = *sa.life.established();
    const Life life = life_of(sa.initiator() ? sa.life.created() : begun, begun, agreed,
                              std::chrono::seconds(peer.config->lifetime.seconds), sa.session->role());
    sa.life.set(life.expires, peer.config->rekey ? life.rekey_at : std::nullopt);
    if (peer.attempts.rest_until(life.rest_until)) {
        tell_short_life(peer.name, sa.remote(), fmt::format("{:.0f} s", seconds_of(agreed)));
    }
}

Engine::Impl::Life Engine::Impl::life_of_pair(Tunnel& tunnel, const sa::SaPair& pair, Instant begun,
                                              Duration agreed, Role role) {
    const Life life =
        life_of(begun, now_, agreed, std::chrono::seconds(tunnel.config->lifetime.seconds), role);
    if (tunnel.retries.rest_until(life.rest_until)) {
        tell_short_life(tunnel.config->display_name, pair.remote_outer,
                        fmt::format("{:.0f} s", seconds_of(agreed)));
    }
    return life;
}

/// Its kilobytes are used up, or nearly. Where it was the peer that set them the next pair waits, unless this
/// one has carried so much that its renewal is nothing beside it.
void Engine::Impl::used_up(Tunnel& tunnel, const ChildSa& child) {
    const auto own = tunnel.config->lifetime.kilobytes;
    const auto agreed = child.pair->hard_kilobytes;
    const auto usage = usage_.usage(child.pair->id);
    if (agreed == 0 || (own != 0 && own <= agreed) ||
        (usage && usage->bytes_in + usage->bytes_out >= limits::renewal_octets)) {
        return;
    }
    if (tunnel.retries.rest_at_least_until(child.established + limits::renewal_interval, now_)) {
        tell_short_life(tunnel.config->display_name, child.remote, fmt::format("{} kB", agreed));
    }
}

void Engine::Impl::tell_short_life(const std::string& subject, const Endpoint& remote,
                                   const std::string& life) {
    report(EventCode::lifetime_short, subject,
           {{"remote", remote.text()},
            {"life", life},
            {"interval", fmt::format("{:.0f} s", seconds_of(limits::renewal_interval))}});
}

}  // namespace causeway::ike
