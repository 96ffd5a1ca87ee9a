// What the engine's fuzz target remembers of a story: everything that was said and heard, and what strangers
// have cost.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "ike/limits.hpp"
#include "story_input.hpp"

namespace causeway::fuzzing {

/// What somebody without keys has had computed, and for how many octets.
struct Charge {
    std::size_t computed = 0;
    std::size_t octets = 0;
};
/// As many as there may be unfinished exchanges, and then so many a second.
inline constexpr std::size_t computations_at_first = 600;
inline constexpr std::size_t computations_per_second = 20;
/// An offer, a public value and a nonce are at least so long.
inline constexpr std::size_t octets_per_computation = 100;
inline std::size_t charge_allowed(Duration passed) {
    return computations_at_first +
           computations_per_second *
               static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(passed).count());
}

/// The datagram belongs to an ISAKMP SA that stands.
inline bool in_time(const world::Gateway& who, Instant now, ByteView datagram) {
    const auto header = isakmp::decode_header(datagram);
    if (!header || !header->encrypted()) {
        return false;
    }
    const std::string cookies = to_hex(header->cky_i) + to_hex(header->cky_r);
    const auto all = agreed(who, now).ike_sas;
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.starts_with(cookies); });
}

class Memory {
 public:
    void said(const world::Flight& flight) {
        auto& all = said_[flight.from];
        if (all.size() < most) {
            all.push_back(flight);
        }
        const auto header = isakmp::decode_header(flight.payload);
        if (header && header->cky_r == isakmp::Cookie{} && !header->encrypted()) {
            first_[header->exchange] = flight;
        }
    }
    void heard(const std::string& by, const world::Flight& flight) {
        if (auto& all = heard_[by]; all.size() < most) {
            all.push_back(flight);
        }
    }
    const world::Flight* said_by(const std::string& name, Input& input) const {
        return any(said_, name, input);
    }
    const world::Flight* heard_by(const std::string& name, Input& input) const {
        return any(heard_, name, input);
    }
    /// A first message, whoever sent it.
    const world::Flight* first_of(isakmp::ExchangeType exchange) const {
        const auto found = first_.find(exchange);
        return found == first_.end() ? nullptr : &found->second;
    }

 private:
    using All = std::map<std::string, std::vector<world::Flight>>;
    static constexpr std::size_t most = 512;
    static const world::Flight* any(const All& all, const std::string& name, Input& input) {
        const auto found = all.find(name);
        const auto at = static_cast<std::size_t>(input.next() * 256 + input.next());
        return found == all.end() || found->second.empty() ? nullptr
                                                           : &found->second[at % found->second.size()];
    }

    All said_;
    All heard_;
    std::map<isakmp::ExchangeType, world::Flight> first_;
};

}  // namespace causeway::fuzzing
