#include "world/plane.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace causeway::world {

const Installed* Plane::sending(sa::ReqId reqid) const {
    const Installed* newest = nullptr;
    for (const auto& [id, one] : installed) {
        if (one.pair->reqid == reqid && one.outbound && (newest == nullptr || one.order > newest->order)) {
            newest = &one;
        }
    }
    return newest;
}

const Installed* Plane::receiving(std::uint32_t spi) const {
    const auto at = std::find_if(installed.begin(), installed.end(),
                                 [&](const auto& one) { return one.second.pair->inbound.spi == spi; });
    return at == installed.end() ? nullptr : &at->second;
}

bool Plane::due(std::map<sa::ReqId, Instant>& last, sa::ReqId reqid, Instant now, Duration interval) {
    const auto [at, first] = last.try_emplace(reqid, now);
    if (!first && now - at->second < interval) {
        return false;
    }
    at->second = now;
    return true;
}

void Plane::tell(const sa::Event& event) const {
    if (on_event) {
        on_event(event);
    }
}

void Plane::leaves(sa::ReqId reqid, Instant now) {
    if (const Installed* out = sending(reqid)) {
        auto& sender = usages[out->pair->id];
        ++sender.packets_out;
        sender.last_out = now;
        const Instant since = unanswered_since.try_emplace(reqid, now).first->second;
        if (now - since >= sa::unanswered_first &&
            due(unanswered_told_, reqid, now, sa::unanswered_interval)) {
            tell(sa::Unanswered{reqid, since});
        }
        return;
    }
    const bool wanted = std::any_of(policies.begin(), policies.end(), [&](const dataplane::Policy& policy) {
        return policy.reqid == reqid && policy.acquire;
    });
    if (wanted && due(acquired_, reqid, now, std::chrono::seconds(1))) {
        tell(sa::Acquire{reqid});
    }
}

void Plane::arrives(std::uint32_t spi, const Endpoint& source, Instant now) {
    const Installed* in = receiving(spi);
    if (in == nullptr) {
        return tell(sa::UnknownSpi{spi, source});
    }
    const Installed got = *in;  // whoever is told may remove it
    auto& receiver = usages[got.pair->id];
    receiver.last_in = now;
    unanswered_since.erase(got.pair->reqid);
    if (++receiver.packets_in == 1) {
        tell(sa::FirstInbound{got.pair->id});
    }
    if (got.pair->encapsulation == sa::Encapsulation::udp && source != got.remote) {
        tell(sa::PeerMoved{got.pair->id, source});
    }
}

void Plane::forget() {
    installed.clear();
    usages.clear();
    unanswered_since.clear();
    acquired_.clear();
    unanswered_told_.clear();
}

Result<void> Plane::set_policies(std::span<const dataplane::Policy> wanted) {
    policies.assign(wanted.begin(), wanted.end());
    return {};
}

Result<void> Plane::install(std::shared_ptr<const sa::SaPair> pair, bool outbound) {
    const sa::SaId id = pair->id;
    if (installed.contains(id)) {
        return fail(Errc::exists, "this id is in use");
    }
    const Endpoint remote = pair->remote_outer;
    installed[id] = {std::move(pair), outbound, remote, outbound ? ++order_ : 0};
    usages[id] = {};
    return {};
}

void Plane::activate_outbound(sa::SaId id) {
    if (const auto at = installed.find(id); at != installed.end()) {
        at->second.outbound = true;
        at->second.order = ++order_;
    }
}

void Plane::doubt(sa::SaId id, bool doubted) {
    if (const auto at = installed.find(id); at != installed.end()) {
        at->second.doubted = doubted;
    }
}

void Plane::remove(sa::SaId id) {
    installed.erase(id);
    usages.erase(id);
}

void Plane::move(sa::SaId id, const Endpoint&, const Endpoint& remote, sa::Encapsulation) {
    if (const auto at = installed.find(id); at != installed.end()) {
        at->second.remote = remote;
    }
}

std::optional<sa::Usage> Plane::usage(sa::SaId id) const {
    const auto found = usages.find(id);
    return found == usages.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace causeway::world
