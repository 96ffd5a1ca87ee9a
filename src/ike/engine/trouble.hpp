// What went wrong with one peer: the last thing, whatever came after it, and what the peer itself has said against
// Phase 1 since one was established.
#pragma once

#include <optional>
#include <utility>

#include "base/finding.hpp"
#include "base/time.hpp"

namespace causeway::ike {

/// Who is silent now may have said why before; that is what helps.
[[nodiscard]] Finding with_refusal(const Finding& why, const std::optional<Finding>& refusal);

class Trouble {
 public:
    void erred(const Finding& why, Instant now) {
        last_ = why;
        at_ = now;
    }
    void refused(const Finding& why) { refusal_ = why; }
    void accepted() { refusal_.reset(); }

    [[nodiscard]] const std::optional<Finding>& last() const { return last_; }
    [[nodiscard]] std::optional<Instant> at() const { return at_; }
    [[nodiscard]] Finding explain(const Finding& why) const { return with_refusal(why, refusal_); }

 private:
    std::optional<Finding> last_;
    std::optional<Instant> at_;
    std::optional<Finding> refusal_;
};

}  // namespace causeway::ike
