// Whether this machine has rules that nftables does not show: those of iptables' own tables in the kernel,
// which iptables-legacy writes. Asks the kernel.
#pragma once

namespace causeway::host {

enum class LegacyRules { none, there, unknown };

/// Of the table "filter" for IPv4, in this network namespace. It may be empty all the same.
LegacyRules legacy_filter();

}  // namespace causeway::host
