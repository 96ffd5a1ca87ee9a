// What this machine's firewall has to let through for the tunnels (option firewall), kept in line with the
// configuration, and what keeps hosts from reaching each other although a tunnel is up: no forwarding, or a
// rule of somebody else's. The guard against clear text is the data plane's, and stays whatever this says.
// The parent runs programs for it to their end, some milliseconds each, when something has changed.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/finding.hpp"
#include "config/model.hpp"
#include "daemon/parent_link.hpp"
#include "firewall/openings.hpp"
#include "firewall/ruleset.hpp"
#include "firewall/tunnels.hpp"
#include "host/nft_chains.hpp"
#include "host/routes.hpp"
#include "status/status.hpp"

namespace causeway::daemon {

class Firewall {
 public:
    /// `device` is the tunnels'. `parent` places what is opened, and lists the rules of others.
    Firewall(ParentLink& parent, std::string device, std::string guard_table);

    /// Opens what the model's tunnels need, and closes what is no longer needed. Changes nothing where all is
    /// as it was left.
    void apply(const config::Model& model);
    /// The same, unless it was taken away by hand: somebody may have built his rules anew.
    void apply_again(const config::Model& model);
    /// Takes away all that apply() placed.
    void remove();
    /// Looks for what keeps packets from being forwarded. What is new is reported.
    void look(const config::Model& model, host::Routes& routes);
    /// What look() has found, the first cause first.
    [[nodiscard]] const std::vector<Finding>& obstacles() const { return obstacles_; }
    /// What it has found about packets between hosts of two networks.
    [[nodiscard]] status::FirewallLamp lamp(const Ipv4Net& local, const Ipv4Net& remote) const;
    /// Whose rules, in words: "fw4, zone vpn".
    [[nodiscard]] std::string text() const;
    /// What is in force, line by line: the guard's table as nft lists it, and what apply() has placed.
    [[nodiscard]] std::vector<std::string> rules() const;
    /// Why the last apply() or remove() did not do all; empty: it did.
    [[nodiscard]] const std::string& failure() const { return failure_; }

    std::function<void(Event)> on_report;

 private:
    [[nodiscard]] config::Firewall chosen(const config::Model& model, Programs programs) const;
    void place(config::Firewall kind, const firewall::Openings& openings, const std::string& zone);
    void failed(std::string why);
    [[nodiscard]] std::vector<Finding> find_obstacles(const config::Model& model, host::Routes& routes);
    [[nodiscard]] firewall::Ruleset rules_of_others();
    [[nodiscard]] std::optional<Finding> who_refuses(const config::Model& model,
                                                     const firewall::Ruleset& ruleset, host::Routes& routes);

    ParentLink& parent_;
    std::string device_;
    std::string guard_table_;
    config::Firewall kind_ = config::Firewall::off;  ///< where something was placed
    bool zone_forwards_ = false;
    std::string zone_;
    std::string placed_;   ///< as text
    std::string failure_;  ///< the last one that was reported
    std::vector<Finding> obstacles_;
    bool forwarding_ = true;  ///< this machine forwards at all
    bool all_read_ = false;   ///< every rule that may drop; false before the first look()
    std::set<firewall::GuardedPair> refused_;
};

}  // namespace causeway::daemon
