// nft, the program that nftables scripts are for: where it is on this machine, and a script executed by it.
// What the script says is firewall's matter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace causeway::host {

/// The path of the program; nothing when it is not installed.
std::optional<std::string> find_nft();

/// Has the script executed: all of it or, on an error, nothing of it. Blocks for the life of the child, some
/// milliseconds.
Result<void> run_nft(const std::string& nft, std::string_view script);

/// What it prints when it is called with these words, for example {"list", "ruleset"}.
Result<std::string> list_nft(const std::string& nft, const std::vector<std::string>& arguments);

}  // namespace causeway::host
