// What every part of the engine's inside uses and what uses none of them: outputs, reports, numbers that nobody else has.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

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
        bool taken = spi < 256;
        for (const auto& peer : peers_) {
            for (const auto& tunnel : peer->tunnels) {
                for (const auto& child : tunnel->sas.all()) {
                    taken = taken || child.pair->inbound.spi == spi;
                }
            }
        }
        if (!taken) {
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
    sa.peer = peer;
    auto& all = siblings(peer);
    const auto number = [](const IkeSa* one) { return one->number; };
    all.insert(std::ranges::upper_bound(all, sa.number, {}, number), &sa);
}

void Engine::Impl::sweep() {
    for (const auto& sa : sas_) {
        if (sa->over()) {
            std::erase(siblings(sa->peer), sa.get());
        }
    }
    std::erase_if(sas_, [](const auto& sa) { return sa->over(); });
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
