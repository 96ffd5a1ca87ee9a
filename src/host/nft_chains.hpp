// Which chains nftables has on this machine and what they hook into, asked of the kernel by netlink: what has
// to be known before a program is started to read their rules. Blocks for microseconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace causeway::host {

enum class NftHook { none, prerouting, input, forward, output, postrouting, other };

struct NftChain {
    std::string family;  ///< "inet", "ip"; empty: one that no IPv4 packet meets
    std::string table;
    std::string name;
    std::string type{};  ///< "filter", "nat"; empty: no base chain
    NftHook hook = NftHook::none;
};

/// "inet" or "ip" for NFPROTO_INET or NFPROTO_IPV4; empty for another one.
std::string nft_family_name(std::uint8_t family);

/// All chains of the network namespace. Errors: no nftables in the kernel, or no CAP_NET_ADMIN.
Result<std::vector<NftChain>> nft_chains();

}  // namespace causeway::host
