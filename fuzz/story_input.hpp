// What the engine's fuzz target stands on: the input as a stream of octets, and what two gateways have
// agreed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

#include "world/world.hpp"

namespace causeway::fuzzing {

inline void require(bool condition, std::source_location where = std::source_location::current()) {
    if (!condition) {
        std::fprintf(stderr, "line %u does not hold\n", where.line());
        std::abort();
    }
}

class Input {
 public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    [[nodiscard]] bool empty() const { return at_ >= size_; }
    std::uint8_t next() { return empty() ? std::uint8_t{0} : data_[at_++]; }
    Bytes octets(std::size_t count) {
        Bytes taken(count);
        std::generate(taken.begin(), taken.end(), [&] { return next(); });
        return taken;
    }

 private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t at_ = 0;
};

/// What was agreed with keys: nobody without them may change it.
struct Agreed {
    std::set<std::pair<sa::SaId, bool>> pairs;
    std::set<std::pair<sa::SaId, Endpoint>> where;
    std::set<std::string> ike_sas;  ///< established ones: cookies and where the peer is
    std::vector<bool> wanted;
    friend bool operator==(const Agreed&, const Agreed&) = default;
};

inline Agreed agreed(const world::Gateway& who, Instant now) {
    Agreed all;
    for (const auto& [id, one] : who.installed) {
        all.pairs.emplace(id, one.outbound);
        all.where.emplace(id, one.remote);
    }
    const auto status = who.engine->status(now);
    for (const auto& peer : status.peers) {
        for (const auto& sa : peer.ike_sas) {
            if (sa.established) {
                all.ike_sas.insert(sa.cky_i + sa.cky_r + sa.remote.text());
            }
        }
        for (const auto& tunnel : peer.tunnels) {
            all.wanted.push_back(tunnel.wanted);
        }
    }
    return all;
}

}  // namespace causeway::fuzzing
