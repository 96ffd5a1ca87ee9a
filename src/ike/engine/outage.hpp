// Since when a tunnel is down and why, and what the peer has said against it.
#pragma once

#include <optional>
#include <utility>

#include "base/finding.hpp"
#include "base/occasional.hpp"
#include "base/time.hpp"

namespace causeway::ike {

class Outage {
 public:
    explicit Outage(Instant since) : since_(since) {}

    [[nodiscard]] std::optional<Instant> since() const { return since_; }
    /// Nothing: it was never tried to the end.
    [[nodiscard]] const Occasional<Finding>& why() const { return why_; }
    /// What the peer last said against it; nothing since it was up.
    [[nodiscard]] const Occasional<Finding>& refusal() const { return refusal_; }

    void begin(Instant now, Finding why) {
        since_ = now;
        why_ = std::move(why);
    }
    /// It has been down for longer, perhaps; and this is why.
    void go_on(Instant now, Finding why) {
        since_ = since_.value_or(now);
        why_ = std::move(why);
    }
    void explain(Finding why) { why_ = std::move(why); }
    void refuse(Finding said) { refusal_ = std::move(said); }
    /// Why an attempt has failed. True: not what has been told last.
    [[nodiscard]] bool tell(const Finding& why) {
        const bool news = told_ != why;
        told_ = why;
        return news;
    }
    /// This may be why, if the peer turns out to be there.
    void suspect(Finding why) { suspected_ = std::move(why); }
    [[nodiscard]] std::optional<Finding> take_suspicion() { return suspected_.take(); }
    void end() {
        told_.reset();
        suspected_.reset();
        since_.reset();
        why_.reset();
        refusal_.reset();
    }

 private:
    OptionalInstant since_;
    Occasional<Finding> why_;
    Occasional<Finding> refusal_;
    Occasional<Finding> told_;
    Occasional<Finding> suspected_;
};

}  // namespace causeway::ike
