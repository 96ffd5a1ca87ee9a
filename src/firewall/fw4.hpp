// OpenWrt's firewall since 22.03, fw4 (nftables, table inet fw4). An accept in a table of one's own does not
// stop fw4's drop, so the rules stand inside fw4's chains, before its own: as files that fw4 includes whenever
// it builds its rules anew (/usr/share/nftables.d/chain-pre/CHAIN/*.nft), and at once by a script for `nft -f
// -`. Where a zone of fw4's has the tunnel's device, what is forwarded is that zone's matter. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "firewall/openings.hpp"

namespace causeway::firewall {

struct ChainRules {
    std::string chain;
    std::vector<std::string> rules;
    friend bool operator==(const ChainRules&, const ChainRules&) = default;
};

/// `forwarding` is false where a zone sees to it. Chains without a rule are there as well, so that their files
/// become empty.
std::vector<ChainRules> fw4_rules(const Openings& openings, bool forwarding);

/// The file for one chain.
std::string render_fw4_include(const ChainRules& rules);

/// A rule of ours in the ruleset that is loaded.
struct PlacedRule {
    std::string chain;
    unsigned long handle = 0;
    friend bool operator==(const PlacedRule&, const PlacedRule&) = default;
};
/// Ours among what `nft -a list table inet fw4` prints: each carries a comment that says so.
std::vector<PlacedRule> placed_rules(std::string_view listing);
/// True when fw4's table, so printed, has packets of `device` go to the zone's chain when they are forwarded.
bool zone_has_device(std::string_view listing, std::string_view zone, std::string_view device);

/// Replaces `placed` by `rules` in one transaction; no rules remove them.
std::string render_fw4_live(const std::vector<PlacedRule>& placed, const std::vector<ChainRules>& rules);

}  // namespace causeway::firewall
