// The one source of chance of a run: everything that a seed decides is drawn here, in one order.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace causeway::sim {

class Dice {
 public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15ULL + 0x632be59bd9b4e019ULL) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31U);
    }
    /// 0 to n-1; n is small against 2^64.
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : next() % n; }
    /// In [0, 1).
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    bool chance(double probability) { return probability > 0 && unit() < probability; }
    Duration between(Duration least, Duration most) {
        return least >= most ? least
                             : least + Duration(static_cast<std::int64_t>(
                                           below(static_cast<std::uint64_t>((most - least).count()) + 1)));
    }
    /// Each order of magnitude alike: short ones are frequent, long ones happen. `least` above zero.
    Duration spread(Duration least, Duration most) {
        const double low = std::log(static_cast<double>(least.count()));
        const double high = std::log(static_cast<double>(most.count()));
        return Duration(static_cast<std::int64_t>(std::exp(low + (high - low) * unit())));
    }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }

 private:
    std::uint64_t state_;
};

}  // namespace causeway::sim
