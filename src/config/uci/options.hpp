// Every option of /etc/config/ipsec and /etc/config/swanctl that somebody uses
// or used, declared once: where it stands, which generation of the schema knows
// it, what it holds and what causeway does with it. The mapper, the remarks
// about unknown and unsupported options, docs/configuration.md and the manual
// page's test read this table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/uci/document.hpp"

namespace causeway::config::uci {

enum class SectionKind { ipsec, remote, tunnel, p1_proposal, p2_proposal, crypto_proposal };
std::string_view name_of(SectionKind kind);
std::optional<SectionKind> section_kind(std::string_view type);

/// Who knows an option: the schema's generations (docs/configuration.md), and causeway itself.
using Generations = unsigned;
inline constexpr Generations g0 = 1;
inline constexpr Generations g1 = 2;
inline constexpr Generations g2 = 4;
inline constexpr Generations g3 = 8;
inline constexpr Generations own = 16;
inline constexpr Generations g4 = 32;

enum class Holds { text, boolean, number, duration, address, network, algorithm, names };

enum class Standing {
    used,         ///< does what it says
    unneeded,     ///< what it asks for is so anyway, or has no meaning here: at most a note
    unsupported,  ///< a warning with the consequence
    refused,      ///< what it stands in is refused, unless it has its quiet value
};

/// What a number may be; a duration in seconds.
struct Range {
    std::uint64_t least = 0;
    std::uint64_t most = 0;

    [[nodiscard]] constexpr bool limited() const { return most != 0; }
    [[nodiscard]] constexpr bool holds(std::uint64_t value) const {
        return !limited() || (value >= least && value <= most);
    }
};

struct OptionRule {
    SectionKind section;
    std::string_view name;
    Generations known_to;
    Generations list_in;  ///< where people write it as a list
    Holds holds;
    Standing standing;
    std::string_view meaning;           ///< when used: what it sets; otherwise the consequence
    std::string_view quiet_value = {};  ///< a value that asks for nothing: no remark
    Range range = {};
    std::string_view otherwise = {};  ///< without it: a value, or which one in words; empty: none
};

std::span<const OptionRule> option_table();
const OptionRule* find_rule(SectionKind section, std::string_view name);

/// The name that G4 gave to an option of the earlier generations, or the
/// earlier one of a name of G4's; empty: it has one name only.
std::string_view other_name(std::string_view option);

/// The likely meaning of an unknown option, as a remedy: "did you mean
/// 'gateway'?", or the section it belongs in.
std::string suggestion(SectionKind section, std::string_view name);

/// "1 to 100", "10s to 365d".
std::string range_text(const OptionRule& rule);

/// The table as docs/configuration.md shows it (Markdown).
std::string option_table_text();

}  // namespace causeway::config::uci
