// What is told of a connection beside the reason why it is down, or although it is up: each thing once, until it is
// over or has not been seen for long. Bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/finding.hpp"
#include "base/time.hpp"

namespace causeway::ike {

class Remarks {
 public:
    enum class News { no, yes };

    struct Remark {
        Finding what;
        Instant since;  ///< seen first
        Instant last;   ///< seen last
        std::uint64_t times = 1;
    };

    /// Seen now. News: nothing of this cause stands, or it reads otherwise than before.
    News see(const Finding& what, Instant now);
    /// The same of something that is counted: other figures are no news.
    News measure(const Finding& what, Instant now);
    /// It is seen no more. What it was; nothing: it did not stand.
    std::optional<Finding> over(FindingId id);
    void clear() { remarks_.clear(); }

    /// When it was seen first; nothing: it does not stand.
    [[nodiscard]] std::optional<Instant> since(FindingId id) const;

    /// Those that were seen in the last limits::remark_stays, the newest last.
    [[nodiscard]] std::vector<Remark> standing(Instant now) const;
    /// The newest of them that keeps something from working; null: none.
    [[nodiscard]] const Finding* newest_error(Instant now) const;

 private:
    News add(const Finding& what, Instant now);

    std::vector<Remark> remarks_;  ///< by when they were seen last
};

}  // namespace causeway::ike
