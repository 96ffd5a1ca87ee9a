#include "ike/engine/told_strangers.hpp"

#include <algorithm>

#include "ike/engine/budget.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

namespace {

Duration interval(ToldStrangers::Topic topic) {
    return topic == ToldStrangers::Topic::unknown_cookies ? limits::invalid_cookie_interval
                                                          : limits::refusal_interval;
}

}  // namespace

bool ToldStrangers::tell(Topic topic, const IpAddress& source, Instant now) {
    auto& told = topics_.at(static_cast<std::size_t>(topic));
    std::erase_if(told, [&](const Told& one) { return one.at + interval(topic) <= now; });
    const auto of_prefix =
        std::ranges::count(told, prefix_of(source), [](const Told& one) { return prefix_of(one.source); });
    if (was_told_lately(topic, source, now) ||
        static_cast<std::size_t>(of_prefix) >= limits::refusals_per_prefix ||
        told.size() >= limits::refusal_sources) {
        return false;
    }
    told.push_back({source, now});
    return true;
}

bool ToldStrangers::was_told_lately(Topic topic, const IpAddress& source, Instant now) const {
    return std::ranges::any_of(topics_.at(static_cast<std::size_t>(topic)), [&](const Told& one) {
        return one.source == source && now < one.at + interval(topic);
    });
}

}  // namespace causeway::ike
