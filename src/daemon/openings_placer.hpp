// Puts what a firewall has to let through (firewall/openings.hpp) where it belongs: fw4's chains and the files that fw4 includes,
// or iptables. Runs programs and writes files, so it lives in the parent (parent.hpp) and gets values from the other process:
// every rule is made here.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "firewall/fw4.hpp"
#include "firewall/openings.hpp"

namespace causeway::daemon {

class OpeningsPlacer {
 public:
    /// `folder` is for files that fw4 includes; `device` is the tunnels'.
    OpeningsPlacer(std::string folder, std::string device)
        : folder_(std::move(folder)), device_(std::move(device)) {}

    /// What came of it.
    struct Outcome {
        std::string failure;         ///< why not all was done; empty: it was
        std::string placed;          ///< what stands there now, as text for people
        bool zone_forwards = false;  ///< what is forwarded is the zone's matter
    };
    /// In place of what was placed before; nothing is changed where all is as it was left. Without pairs it is taken away.
    Outcome place(config::Firewall kind, firewall::Openings openings, const std::string& zone);

 private:
    void apply_fw4(const firewall::Openings& openings, const std::string& zone);
    void apply_iptables(const firewall::Openings& openings);
    void write_includes(const std::vector<firewall::ChainRules>& rules);
    void failed(std::string why);

    std::string folder_;
    std::string device_;
    bool zone_forwards_ = false;
    std::optional<firewall::Openings> applied_;
    std::string placed_;  ///< as text
    std::string failure_;
};

}  // namespace causeway::daemon
