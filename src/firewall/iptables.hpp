// iptables, as OpenWrt had it before 22.03 (fw3) and as others still have it: chains of our own and one jump
// into each, as text for `iptables-restore --noflush`. Where fw3 keeps chains for what a user adds
// (input_rule, forwarding_rule, postrouting_rule) the jumps stand there. IPv4 only. Pure.
#pragma once

#include <string>
#include <string_view>

#include "firewall/openings.hpp"

namespace causeway::firewall {

/// `saved` is what `iptables-save` prints: which jumps are there already, and whether fw3's chains are.
/// Replaces what an earlier text has placed; no pairs remove it.
std::string render_iptables(const Openings& openings, std::string_view saved);

/// True when every jump into a chain of ours that has one is there.
bool iptables_stands(std::string_view saved);

}  // namespace causeway::firewall
