// What is computed for those who call us before they have proved anything: Diffie-Hellman, and keys that are
// tried on their messages. Strangers and those who call from where a peer is known to be have budgets apart, so
// that a flood of the ones takes nothing from the others. The time is handed in.
#pragma once

#include <array>
#include <cstddef>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "ike/engine/budget.hpp"

namespace causeway::ike {

struct Caller {
    enum class Standing { stranger, known };
    IpAddress remote{};
    Standing standing = Standing::stranger;

    /// Where exchanges and computations count together: an address at which a peer is known counts by itself.
    [[nodiscard]] IpAddress source() const {
        return standing == Standing::known ? remote : prefix_of(remote);
    }
};

class CallerBudgets {
 public:
    /// One Diffie-Hellman in this mode.
    [[nodiscard]] bool may_compute(config::ExchangeMode mode, const Caller& caller, Instant now) const;
    void compute(config::ExchangeMode mode, const Caller& caller, Instant now);

    /// Keys that may be derived now to read a message of the caller's.
    [[nodiscard]] std::size_t trials_left(const Caller& caller, Instant now) const;
    void try_keys(std::size_t count, const Caller& caller, Instant now);

 private:
    struct Spent {
        Budgets each;
        Budget all;
    };
    using OfBoth = std::array<Spent, 2>;  ///< by Caller::Standing

    OfBoth main_;
    OfBoth aggressive_;
    OfBoth trials_;
};

}  // namespace causeway::ike
