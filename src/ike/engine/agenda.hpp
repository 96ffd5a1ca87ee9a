// Which of many have something to do, and when the next one has: nobody goes through ten thousand peers because one of
// them is heard. Whoever may have changed is stirred; its deadline is asked for once the input has been dealt with.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace causeway::ike {

/// Of an item's place in an Agenda.
struct Scheduled {
    OptionalInstant due;   ///< as it is listed; nothing: it is not
    bool stale = false;    ///< is to be asked for its deadline again
    bool stirred = false;  ///< is looked at with the next timeout, whatever its deadline
};

/// Of items with a member `scheduled`, which live until they are forgotten.
template <class Item>
class Agenda {
 public:
    /// Something has happened to it.
    void stir(Item& item) {
        ask_again(item);
        if (!std::exchange(item.scheduled.stirred, true)) {
            stirred_.push_back(&item);
        }
    }
    void forget(Item& item) {
        unlist(item);
        if (std::exchange(item.scheduled.stale, false)) {
            std::erase(stale_, &item);
        }
        if (std::exchange(item.scheduled.stirred, false)) {
            std::erase(stirred_, &item);
        }
    }
    /// Of everything, when the items are about to be others.
    void clear() {
        due_.clear();
        stale_.clear();
        stirred_.clear();
    }
    /// `deadline_of(item)`: std::optional<Instant>, of each that was stirred since.
    template <class DeadlineOf>
    void settle(DeadlineOf&& deadline_of) {
        for (Item* item : stale_) {
            item->scheduled.stale = false;
            const OptionalInstant due = deadline_of(*item);
            if (due != item->scheduled.due) {
                unlist(*item);
                if (due) {
                    due_.emplace(*due, item);
                    item->scheduled.due = due;
                }
            }
        }
        stale_.clear();
    }
    [[nodiscard]] std::optional<Instant> next() const {
        return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
    }
    /// Those that are due or were stirred since the last call, each once. They are asked again by settle().
    [[nodiscard]] std::vector<Item*> take(Instant now) {
        for (auto at = due_.begin(); at != due_.end() && at->first <= now; ++at) {
            stir(*at->second);
        }
        for (Item* item : stirred_) {
            item->scheduled.stirred = false;
            ask_again(*item);
        }
        return std::exchange(stirred_, {});
    }

 private:
    void ask_again(Item& item) {
        if (!std::exchange(item.scheduled.stale, true)) {
            stale_.push_back(&item);
        }
    }
    void unlist(Item& item) {
        if (item.scheduled.due) {
            due_.erase({*item.scheduled.due, &item});
            item.scheduled.due.reset();
        }
    }

    std::set<std::pair<Instant, Item*>> due_;
    std::vector<Item*> stale_;
    std::vector<Item*> stirred_;
};

}  // namespace causeway::ike
