#include "ike/v1/exchanges.hpp"

#include <algorithm>
#include <utility>

#include "ike/limits.hpp"
#include "negotiation/words.hpp"

namespace causeway::ike::v1 {

Exchange& Exchanges::add(std::unique_ptr<Exchange> exchange) {
    return *all_.emplace_back(std::move(exchange));
}

// ---- those that are not finished ----------------------------------------------------------------------------------

bool Exchanges::negotiates(sa::ReqId reqid) const {
    return std::ranges::any_of(all_,
                               [&](const auto& one) { return !one->finished() && one->reqid() == reqid; });
}

std::size_t Exchanges::unfinished() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(all_, [](const auto& one) { return !one->finished(); }));
}

std::vector<sa::ReqId> Exchanges::own() const {
    std::vector<sa::ReqId> own;
    for (const auto& one : all_) {
        if (one->ours() && !one->finished()) {
            own.push_back(one->reqid());
        }
    }
    return own;
}

ike::Session::Unconfirmed Exchanges::unconfirmed(sa::ReqId reqid) const {
    ike::Session::Unconfirmed found;
    for (const auto& one : all_) {
        if (!one->ours() && !one->finished() && one->reqid() == reqid) {
            found.oldest = found.count == 0 ? one->begun() : std::min(found.oldest, one->begun());
            ++found.count;
        }
    }
    return found;
}

Exchange* Exchanges::unconfirmed(sa::ReqId reqid, std::uint64_t begun) {
    const auto found = std::ranges::find_if(all_, [&](const auto& one) {
        return !one->ours() && !one->finished() && one->reqid() == reqid && one->begun() == begun;
    });
    return found == all_.end() ? nullptr : found->get();
}

bool Exchanges::under_way(Instant now) const {
    return std::ranges::any_of(all_, [&](const auto& one) { return one->under_way(now); });
}

Exchange* Exchanges::that_made(sa::SaId id) {
    const auto found =
        std::ranges::find_if(all_, [&](const auto& one) { return one->made() == id && !one->finished(); });
    return found == all_.end() ? nullptr : found->get();
}

Exchange* Exchanges::with_dh_tag(std::uint64_t tag) {
    const auto found =
        std::ranges::find_if(all_, [&](const auto& one) { return one->dh_tag() == tag && !one->finished(); });
    return found == all_.end() ? nullptr : found->get();
}

Exchanges::Waiting Exchanges::waiting(const Bytes& spi) {
    const auto names = [&](std::uint32_t one) { return one != 0 && spi == negotiation::spi_octets(one); };
    Waiting found;
    std::size_t count = 0;
    for (auto& one : all_) {
        const auto named = one->waits_as();
        if (!named) {
            continue;
        }
        if (names(named->ours) || names(named->theirs)) {
            return {one.get(), nullptr};
        }
        found.only = count == 0 ? one.get() : nullptr;
        ++count;
    }
    return found;
}

bool Exchanges::any_can_be_refused() const {
    return std::ranges::any_of(all_,
                               [](const auto& one) { return !one->finished() || one->has_sent_message_3(); });
}

// ---- what goes ----------------------------------------------------------------------------------------------------

void Exchanges::forget_answered() {
    const auto is_over = [](const auto& one) { return one->finished() && !one->ours(); };
    auto over = std::ranges::count_if(all_, is_over);
    std::erase_if(all_, [&](const auto& one) {
        return is_over(one) && over-- >= static_cast<std::ptrdiff_t>(limits::exchanges_per_sa);
    });
}

void Exchanges::forget_expired(Instant now) {
    std::erase_if(all_, [&](const auto& one) { return one->finished() && one->expired(now); });
}

void Exchanges::drop_own() {
    std::erase_if(all_, [](const auto& one) { return one->ours() && !one->finished(); });
}

void Exchanges::drop_of(sa::ReqId reqid) {
    std::erase_if(all_, [&](const auto& one) { return one->reqid() == reqid && !one->finished(); });
}

void Exchanges::first_inbound(sa::SaId id, Instant now) {
    if (auto* one = that_made(id)) {
        one->finish(now);
    }
}

std::vector<sa::SaId> Exchanges::abandon() {
    std::vector<sa::SaId> made;
    for (auto& one : all_) {
        if (!one->finished() && one->made()) {
            one->abandon();
            made.push_back(*one->made());
        }
    }
    return made;
}

// ---- our own that make room for others ----------------------------------------------------------------------------

Instant Exchanges::make_room(const Exchange& exchange, Instant last_heard) {
    if (!deaf_since_ || last_heard > *deaf_since_) {
        deaf_since_ = exchange.since();
    }
    return *deaf_since_;
}

void Exchanges::add_timers(ike::Session::Timers& timers) const {
    for (const auto& one : all_) {
        one->add_timers(timers);
    }
}

}  // namespace causeway::ike::v1
