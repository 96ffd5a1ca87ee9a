// What every part of the engine's inside uses and what uses none of them: outputs, reports, numbers that nobody else has.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/engine/impl.hpp"

namespace causeway::ike {

void Engine::Impl::report(EventCode code, std::string subject, Fields fields) {
    outputs_.push_back(Report{Event{code, std::move(subject), std::move(fields)}});
}

void Engine::Impl::report_ignored(const Endpoint& remote, std::string why) {
    ++messages_ignored_;
    report(EventCode::message_ignored, {}, {{"remote", remote.text()}, {"why", std::move(why)}});
}

std::uint32_t Engine::Impl::new_spi() {
    for (;;) {
        const std::uint32_t spi = random_.u32();
        // RFC 4303 2.1: 0 to 255 are reserved.
        if (spi >= 256 && !spis_.contains(spi)) {
            return spi;
        }
    }
}

Duration Engine::Impl::jittered(Duration d, unsigned permille) {
    return ike::jittered(d, permille, random_);
}

std::optional<Output> Engine::Impl::poll() {
    if (outputs_.empty()) {
        return std::nullopt;
    }
    auto output = std::move(outputs_.front());
    outputs_.pop_front();
    return output;
}

void Engine::Impl::transmit(Transmit&& transmit) {
    ++messages_out_;
    outputs_.emplace_back(std::move(transmit));
}

// Also of a new SA, whose peer may stay unknown.
void Engine::Impl::assign(IkeSa& sa, Peer* peer) {
    std::erase(siblings(sa.peer), &sa);
    if (sa.peer == nullptr && peer != nullptr) {
        nobodys_agenda_.forget(sa);
        stir_those_at(sa.remote().address);
    }
    sa.peer = peer;
    stir(sa);
    auto& all = siblings(peer);
    const auto number = [](const IkeSa* one) { return one->number; };
    all.insert(std::ranges::upper_bound(all, sa.number, {}, number), &sa);
}

void Engine::Impl::sweep() {
    if (ended_.empty()) {
        return;
    }
    // None of the others is looked at: there may be many.
    std::vector<std::size_t> places;
    for (IkeSa* sa : std::exchange(ended_, {})) {
        strike(*sa);
        const auto at =
            std::ranges::lower_bound(sas_, sa->number, {}, [](const auto& one) { return one->number; });
        places.push_back(static_cast<std::size_t>(at - sas_.begin()));
    }
    for (const std::size_t place : places) {
        sas_[place].reset();
    }
    std::erase(sas_, nullptr);
}

/// From all that it is found by.
void Engine::Impl::strike(IkeSa& sa) {
    stir(sa);
    if (sa.peer == nullptr) {
        stir_those_at(sa.remote().address);
    }
    nobodys_agenda_.forget(sa);
    std::erase(siblings(sa.peer), &sa);
    if (sa.by_cookie) {
        by_cookie_.erase(*std::exchange(sa.by_cookie, std::nullopt));
    }
    not_half_open(sa);
}

/// Among those that are found by the initiator's cookie, which it has now.
void Engine::Impl::enlist(IkeSa& sa) {
    sa.by_cookie = by_cookie_.emplace(sa.session->spi_i(), &sa);
}

void Engine::Impl::is_half_open(IkeSa& sa, const IpAddress& source) {
    sa.half_open = half_open_like(sa).emplace(source, &sa);
}

void Engine::Impl::not_half_open(IkeSa& sa) {
    if (sa.half_open) {
        half_open_like(sa).erase(*std::exchange(sa.half_open, std::nullopt));
    }
}

void Engine::Impl::stir(IkeSa& sa) {
    if (sa.peer != nullptr) {
        peer_agenda_.stir(*sa.peer);
    } else {
        nobodys_agenda_.stir(sa);
    }
}

void Engine::Impl::stir_all() {
    for (auto& peer : peers_) {
        peer_agenda_.stir(*peer);
    }
    for (auto* sa : nobodys_) {
        nobodys_agenda_.stir(*sa);
    }
}

void Engine::Impl::stir_those_at(const IpAddress& address) {
    for (Peer* peer : places_.at(address)) {
        peer_agenda_.stir(*peer);
    }
}

/// Wherever one is configured, was found or is spoken with.
void Engine::Impl::list_places() {
    places_.clear();
    for (auto& peer : peers_) {
        for (const auto& address : peer->config->addresses) {
            if (const auto* written = std::get_if<IpAddress>(&address.value)) {
                places_.note(*written, *peer);
            }
        }
        for (const auto& path : peer->whereabouts.paths()) {
            places_.note(path.remote, *peer);
        }
        for (const auto* sa : peer->sas) {
            places_.note(sa->remote().address, *peer);
        }
    }
    places_.listed();
}

void Engine::Impl::note_place(const IpAddress& address, Peer& peer) {
    if (places_.overgrown()) {
        list_places();
    }
    places_.note(address, peer);
}

void Engine::Impl::call_over(Peer& peer) {
    peer.calls.over();
    await_call(peer);
}

void Engine::Impl::await_call(Peer& peer) {
    if (!std::exchange(peer.not_called, true)) {
        not_called_.push_back(&peer);
    }
}

std::vector<Peer*> Engine::Impl::take_not_called() {
    for (Peer* peer : not_called_) {
        peer->not_called = false;
    }
    return std::exchange(not_called_, {});
}

void Engine::Impl::on(IkeSa& sa, session::WornOut&&) {
    sa.life.wear_out(now_);
}

void Engine::Impl::tell_limit(const Endpoint& remote, const std::string& what) {
    if (!told_strangers_.tell(ToldStrangers::Topic::limit, remote.address, now_)) {
        return report_ignored(remote, what);
    }
    ++messages_ignored_;
    report(EventCode::limit_reached, {},
           {{"what", fmt::format("{}, from {}", what, remote.text())}, {"next", "it is ignored for now"}});
}

void Engine::Impl::malformed(const Endpoint& remote, const Error& error) {
    if (error.code == Errc::limit) {
        return cannot_read(remote, error);
    }
    ++messages_ignored_;
    report(EventCode::message_malformed, {}, {{"remote", remote.text()}, {"why", error.what}});
}

void Engine::Impl::cannot_read(const Endpoint& remote, const Error& error) {
    if (error.code == Errc::limit) {
        return tell_limit(remote, "a message of " + error.what);
    }
    report_ignored(remote, error.what);
}

}  // namespace causeway::ike
