// What the way to a peer carries, found out in the spirit of RFC 4821: R-U-THERE (RFC 3706) padded to the
// size to be tried, behind its last payload, sent with DF; the answer says that it arrived. For ways that
// swallow larger packets without a word. What is not answered is no sign of death, an answer is one of life.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ports.hpp"
#include "ike/engine/impl.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike {

namespace {

using Step = PathProbe::Step;

/// IP and UDP, and the marker in front of IKE on port 4500 (RFC 3948 2.2).
std::size_t around(const Endpoint& local) {
    return (local.address.is_v4() ? 20U : 40U) + 8U + (local.port == nat_t_port ? 4U : 0U);
}

}  // namespace

void Engine::Impl::on(sa::PathUnproven&& event) {
    const auto found = find_child(event.id);
    if (found.peer == nullptr || shutting_down_) {
        return;
    }
    auto* sa = usable_sa(*found.peer);
    if (sa == nullptr || !sa->dpd.next || sa->takes_no_padding ||
        event.outer_mtu <= limits::path_sizes.back()) {
        outputs_.push_back(PathFound{event.id, std::nullopt});
        return;
    }
    if (sa->path) {
        sa->path->waiting.push_back(event.id);
        return;
    }
    auto path = std::make_unique<PathProbe>();
    path->waiting.push_back(event.id);
    path->device = event.outer_mtu;
    path->local = sa->local;
    path->remote = sa->remote;
    path->until = now_ + limits::path_time;
    // One that is lost by chance must not decide about the first and the last.
    path->sizes.assign(2, event.outer_mtu);
    std::ranges::copy_if(limits::path_sizes, std::back_inserter(path->sizes),
                         [&](std::size_t size) { return size < event.outer_mtu; });
    path->sizes.push_back(limits::path_sizes.back());
    sa->path = std::move(path);
    ask_about_path(*sa);
}

/// A repetition keeps the number, whatever its size; the answer is about the last one, which is the smallest.
void Engine::Impl::send_path_question(IkeSa& sa, std::size_t size) {
    const auto* done = sa.established();
    if (!std::exchange(sa.dpd.number_open, true)) {
        ++sa.dpd.sequence;
    }
    sa.dpd.awaited = true;
    Bytes cookies;
    append(cookies, sa.cky_i);
    append(cookies, sa.cky_r);
    const isakmp::Notification question{isakmp::doi_ipsec, isakmp::Protocol::isakmp, std::move(cookies),
                                        isakmp::NotifyType::r_u_there,
                                        negotiation::spi_octets(sa.dpd.sequence)};
    const std::vector<isakmp::Payload> payloads{
        {isakmp::PayloadType::notification, isakmp::encode(question)}};
    const std::size_t outside = around(sa.local);
    auto datagram =
        v1::make_informational(*done->keys, done->last_block, sa.cky_i, sa.cky_r, sa.message_ids.next(),
                               payloads, size > outside ? size - outside : 0);
    if (!datagram) {
        return;
    }
    sa.path->size = outside + datagram->size();
    sa.path->asked = true;
    transmit(sa, std::move(*datagram));
    std::get<Transmit>(outputs_.back()).dont_fragment = size != 0;
}

/// What is to be sent next, or what it means that nothing is left.
void Engine::Impl::ask_about_path(IkeSa& sa) {
    auto& path = *sa.path;
    if (path.local != sa.local || path.remote != sa.remote || usable_sa(*sa.peer) != &sa ||
        now_ >= path.until) {
        sa.path.reset();  // TCP that begins later asks again
        return;
    }
    if (sa.dpd.unanswered != 0 || (one_at_a_time(sa) && quick_mode_under_way(sa))) {
        path.asked = false;
        path.next = now_ + limits::retransmit_first;
        return;
    }
    if (path.step != Step::sizes) {
        if (++path.tries > limits::path_alive_tries) {
            sa.path.reset();  // liveness will tell
            return;
        }
        path.first_asked = path.tries == 1 ? now_ : path.first_asked;
        path.next = now_ + limits::path_alive_wait;
        return send_path_question(sa, 0);
    }
    if (path.at == path.sizes.size()) {
        path.step = Step::still_alive;
        path.tries = 0;
        return ask_about_path(sa);
    }
    path.next = now_ + std::max<Duration>(path.at == 1 ? limits::path_second_wait : limits::path_wait,
                                          3 * path.round_trip);
    send_path_question(sa, path.sizes[path.at++]);
}

/// The last question was answered.
void Engine::Impl::path_answered(IkeSa& sa) {
    auto& path = *sa.path;
    if (!std::exchange(path.asked, false)) {
        return;
    }
    if (path.step == Step::alive) {
        path.round_trip = std::min<Duration>(now_ - path.first_asked, limits::path_alive_wait);
        path.step = Step::sizes;
        return ask_about_path(sa);
    }
    const Fields fields{{"remote", sa.remote.text()}, {"device", std::to_string(path.device)}};
    std::optional<std::size_t> octets;
    if (path.step == Step::sizes) {
        // Whole blocks do not make every size.
        const bool all = path.sizes[path.at - 1] == path.device && path.device - path.size < 8;
        octets = all ? path.device : path.size;
        if (std::exchange(sa.peer->path_told, *octets) != *octets) {
            auto told = fields;
            told.emplace_back("octets", std::to_string(*octets));
            report(all ? EventCode::path_proven : EventCode::path_reduced, sa.peer->name, std::move(told));
        }
    } else {
        sa.takes_no_padding = true;
        report(EventCode::path_unknown, sa.peer->name, fields);
    }
    const auto answered = std::move(sa.path);
    for (const auto id : answered->waiting) {
        outputs_.push_back(PathFound{id, octets});
    }
}

}  // namespace causeway::ike
