// What is lost while a configuration is written: findings with places in its source. Used by the writers.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/finding.hpp"
#include "base/findings.hpp"
#include "config/model.hpp"
#include "pair/write.hpp"

namespace causeway::pair {

/// "peer 'office'", as sentences about a peer begin.
std::string title_of(const config::Peer& peer);

class Losses {
 public:
    explicit Losses(Form form) : form_(form) {}

    [[nodiscard]] Form form() const { return form_; }
    [[nodiscard]] Field<"form"> field_form() const { return {std::string(title_of(form_))}; }

    void say(Finding finding) { all_.push_back(std::move(finding)); }

    /// `setting`: one word for scripts; `what`: "the lifetime of Phase 1 (8h)"; `instead`: what counts now.
    void setting(const config::Peer& peer, const Place& place, std::string setting, std::string what,
                 std::string instead);
    /// The same, where it hardly matters.
    void minor(const config::Peer& peer, const Place& place, std::string setting, std::string what,
               std::string instead);
    /// What forms without a place for the daemon's own settings lose of them, unless they are the usual ones.
    void daemon(const config::Model& model);
    /// Our own additions that no other program knows: the name that is watched, the other mode as responder.
    void additions(const config::Peer& peer);
    /// False, and said: there is no tunnel to write.
    bool has_tunnel(const config::Peer& peer);
    void renamed(const Place& place, std::string_view name, std::string_view called);
    /// Suites that are accepted and not offered, for forms that know no such thing.
    void only_accepted(const config::Peer& peer);

    std::vector<Finding> take() { return std::move(all_); }

 private:
    Form form_;
    std::vector<Finding> all_;
};

}  // namespace causeway::pair
