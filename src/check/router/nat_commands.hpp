// The iptables and nft commands of a script that decide about source NAT, as values.
#pragma once

#include <string>
#include <vector>

#include "base/place.hpp"
#include "check/router/firewall.hpp"
#include "config/load.hpp"

namespace causeway::check {

struct NatCommand {
    bool is_nft = false;
    std::string table;     ///< nft: "fw4"; iptables: "nat"
    std::string chain;     ///< "postrouting_rule"
    bool appended = true;  ///< else inserted before what the chain has
    std::vector<NetMatch> source_nets;
    std::vector<NetMatch> destination_nets;
    bool by_policy = false;           ///< `-m policy --pol ipsec`, `ipsec out`, `rt ipsec exists`
    Verdict target = Verdict::other;  ///< RETURN counts as other
    bool returns = false;
    Place place{};  ///< of the command

    /// Of the first network that it is for, or of the command.
    [[nodiscard]] Place where() const {
        return destination_nets.empty() ? place : destination_nets.front().place;
    }
};

/// Only those of the chains behind routing, in the order of the script; deletions are left out.
std::vector<NatCommand> nat_commands(const config::NamedText& script);

/// It has the look of a script of iptables and nft commands, and not of UCI.
bool is_firewall_script(const config::NamedText& file);

}  // namespace causeway::check
