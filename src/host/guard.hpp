// The firewall's half of "encrypted or not at all": an nftables table of our own that drops packets between
// the networks of a tunnel wherever they pass outside the TUN device. Rendering is pure; applying runs
// `nft -f -` as a child, without a shell. The table outlives the program, however it ends, and is taken over
// by the next one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/result.hpp"

namespace causeway::host {

struct GuardedPair {
    Ipv4Net local{};
    Ipv4Net remote{};
    friend bool operator==(const GuardedPair&, const GuardedPair&) = default;
};

struct Guard {
    std::string table = "causeway";
    std::string device = "causeway0";  ///< the TUN
    std::vector<GuardedPair> pairs{};
};

/// The nft script that replaces the table in one transaction; the same guard gives the same text.
std::string render_guard(const Guard& guard);
/// The script that removes the table, whether or not it is there.
std::string render_guard_removal(const std::string& table);

/// Where nft is on this machine; nothing when it is not installed.
std::optional<std::string> find_nft();

/// Has the script executed: all of it or, on an error, nothing of it. Blocks for the life of the child, some
/// milliseconds.
Result<void> run_nft(const std::string& nft, std::string_view script);

}  // namespace causeway::host
