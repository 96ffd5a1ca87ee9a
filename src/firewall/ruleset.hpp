// Somebody else's nftables rules, read from what `nft list ruleset` prints, as far as it takes to say which of
// them keeps a tunnel's packets from being forwarded. What is not understood is never taken for a refusal.
// Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace causeway::firewall {

struct RulesetChain {
    std::string family;  ///< "inet", "ip"
    std::string table;
    std::string name;
    std::string type;                ///< "filter", "nat"; empty: no base chain
    std::string hook;                ///< "forward"
    bool drops = false;              ///< its policy
    std::vector<std::string> rules;  ///< each in one line
};

struct Ruleset {
    std::vector<RulesetChain> chains;  ///< as they are listed

    [[nodiscard]] const RulesetChain* find(const RulesetChain& beside, std::string_view name) const;
};

/// Reads the listing; `own_table` is left out.
Ruleset parse_ruleset(std::string_view listing, std::string_view own_table);

/// A new connection from `source` behind device `in` to `destination` through device `out`.
struct Forwarded {
    std::string in;  ///< empty: not known
    std::string out;
    IpAddress source{};
    IpAddress destination{};
};

struct Refusal {
    std::string where;  ///< "chain forward of table inet filter"
    std::string rule;   ///< "policy drop", or the words of the rule in that chain that drops or leads to it
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// The first base chain that drops or rejects such a packet whatever it carries; nothing when none does, or when
/// that depends on what is not understood.
std::optional<Refusal> refusal_of(const Ruleset& ruleset, const Forwarded& packet);

}  // namespace causeway::firewall
