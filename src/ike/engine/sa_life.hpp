// How long one session lives: when it is renewed, by which one it is replaced and when it ends then. Instants are
// decided by whoever knows the lifetimes; here is what of them still holds.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace causeway::ike {

class SaLife {
 public:
    /// Given up at `until`, if it is not established by then. `renews`: number of the one that it is to replace.
    SaLife(Instant created, Instant until, std::optional<unsigned> renews)
        : created_(created), expires_(until), renews_(renews) {}

    [[nodiscard]] Instant created() const { return created_; }
    [[nodiscard]] std::optional<Instant> established() const { return established_; }
    [[nodiscard]] Instant expires() const { return expires_; }  ///< half-open: given up
    [[nodiscard]] std::optional<Instant> renewal() const { return renewal_; }
    [[nodiscard]] bool is_renewal_of(unsigned number) const { return renews_ == number; }
    /// Another one has taken over; this one is there until what is under way has ended.
    [[nodiscard]] bool is_replaced() const { return deletion_.has_value(); }
    /// Renewed whether it serves or not: no more can be remembered under it soon.
    [[nodiscard]] bool is_worn_out() const { return worn_out_; }
    /// What an exchange that was begun at `since` disclaims as past.
    [[nodiscard]] bool is_older_than(Instant since) const { return established_.value_or(created_) < since; }

    void establish(Instant now) { established_ = now; }
    /// As both ends have agreed. Without a renewal it ends by itself.
    void set(Instant expires, std::optional<Instant> renewal);
    void renews(std::optional<unsigned> number) { renews_ = number; }

    void renew_at(Instant at) { renewal_ = at; }
    /// If it is renewed at all. False: it is not.
    bool move_renewal(Instant at);
    /// The time has come: it is not renewed again before another one is set.
    void take_renewal() { renewal_.reset(); }
    /// It may have to serve yet: after half of what is left, unless that is too short for another one.
    void renew_halfway(Instant now);
    void wear_out(Instant now);

    void replaced(Instant deletion);
    void delete_later(Instant at) { deletion_ = at; }
    /// The one that has replaced it does not serve.
    void serve_again(std::optional<Instant> renewal);

    [[nodiscard]] bool is_expired(Instant now) const { return expires_ <= now; }
    [[nodiscard]] bool is_to_be_deleted(Instant now) const { return deletion_ && *deletion_ <= now; }
    [[nodiscard]] bool is_to_be_renewed(Instant now) const { return renewal_ && *renewal_ <= now; }
    /// Every instant at which one of these begins to hold.
    template <class Visit>
    void each_deadline(Visit&& visit) const {
        visit(expires_);
        if (renewal_) {
            visit(*renewal_);
        }
        if (deletion_) {
            visit(*deletion_);
        }
    }

 private:
    Instant created_;
    Instant expires_;
    std::optional<unsigned> renews_;
    OptionalInstant established_;
    OptionalInstant renewal_;
    OptionalInstant deletion_;
    bool worn_out_ = false;
};

}  // namespace causeway::ike
