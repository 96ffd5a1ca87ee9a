#include "ike/engine/budget.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace causeway::ike {

IpAddress prefix_of(const IpAddress& address) {
    if (address.is_v4()) {
        return IpAddress::v4(address.v4_number() & 0xffffff00U);
    }
    std::array<std::uint8_t, 16> octets{};
    std::ranges::copy(address.octets().first(7), octets.begin());
    return IpAddress::v6(octets);
}

std::size_t Budget::left(Instant now, const limits::Rate& rate) const {
    const Duration used = std::max(whole_at_ - now, Duration{});
    const auto missing = static_cast<std::size_t>((used + rate.each - Duration{1}) / rate.each);
    return rate.burst - std::min<std::size_t>(missing, rate.burst);
}

void Budget::take(Instant now, const limits::Rate& rate, std::size_t count) {
    whole_at_ = std::max(whole_at_, now) + rate.each * static_cast<Duration::rep>(count);
}

std::size_t Budgets::left(Instant now, const limits::Rate& rate, const IpAddress& source) const {
    const auto found = std::ranges::find(sources_, source, &Source::address);
    return found == sources_.end() ? rate.burst : found->budget.left(now, rate);
}

void Budgets::take(Instant now, const limits::Rate& rate, const IpAddress& source, std::size_t count) {
    auto found = std::ranges::find(sources_, source, &Source::address);
    if (found == sources_.end()) {
        std::erase_if(sources_, [&](const Source& one) { return one.budget.whole_at() <= now; });
        if (sources_.size() >= limits::rated_sources) {
            sources_.erase(std::ranges::min_element(sources_, {},
                                                    [](const Source& one) { return one.budget.whole_at(); }));
        }
        sources_.push_back({source, {}});
        found = sources_.end() - 1;
    }
    found->budget.take(now, rate, count);
}

}  // namespace causeway::ike
