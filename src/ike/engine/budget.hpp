// What is given to others only so often: a rate, and rates of many sources side by side. Values; the time is
// handed in.
#pragma once

#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {

/// Sources that count together: IPv4 /24, IPv6 /56.
IpAddress prefix_of(const IpAddress& address);

class Budget {
 public:
    /// How many there are now.
    [[nodiscard]] std::size_t left(Instant now, const limits::Rate& rate) const;
    void take(Instant now, const limits::Rate& rate, std::size_t count = 1);
    /// Whole again then.
    [[nodiscard]] Instant whole_at() const { return whole_at_; }

 private:
    Instant whole_at_{};
};

/// One for each source, of those that have used some lately.
class Budgets {
 public:
    [[nodiscard]] std::size_t left(Instant now, const limits::Rate& rate, const IpAddress& source) const;
    void take(Instant now, const limits::Rate& rate, const IpAddress& source, std::size_t count = 1);

 private:
    struct Source {
        IpAddress address;
        Budget budget;
    };
    std::vector<Source> sources_;
};

}  // namespace causeway::ike
