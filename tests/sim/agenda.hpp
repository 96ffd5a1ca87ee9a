// What is going to happen, in the order of time; what falls on one instant happens in the order in which it
// was entered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace causeway::sim {

class Agenda {
 public:
    using Deed = std::function<void()>;

    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] std::uint64_t done() const { return done_; }

    /// An instant that has passed means: next.
    void at(Instant when, Deed deed) {
        heap_.push_back({std::max(when, now_), order_++, std::move(deed)});
        std::push_heap(heap_.begin(), heap_.end(), later);
    }
    void in(Duration delay, Deed deed) { at(now_ + delay, std::move(deed)); }

    /// Does the next thing, unless it lies beyond `end`.
    bool step(Instant end) {
        if (heap_.empty() || heap_.front().when > end) {
            return false;
        }
        std::pop_heap(heap_.begin(), heap_.end(), later);
        Entry entry = std::move(heap_.back());
        heap_.pop_back();
        now_ = entry.when;
        ++done_;
        entry.deed();
        return true;
    }

 private:
    struct Entry {
        Instant when{};
        std::uint64_t order = 0;
        Deed deed;
    };
    static bool later(const Entry& a, const Entry& b) {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }

    Instant now_{std::chrono::hours(1)};
    std::uint64_t order_ = 0;
    std::uint64_t done_ = 0;
    std::vector<Entry> heap_;
};

}  // namespace causeway::sim
