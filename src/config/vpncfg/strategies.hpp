// What stands behind the names in phase1ss and phase2ss: one row for each name that was found in public
// material, with its source and how sure it is. The box's own lists, with their order, are not public.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/model.hpp"

namespace causeway::config::vpncfg {

enum class Certainty {
    stated,    ///< a source says what is inside
    inferred,  ///< concluded from names, files or what connects
    recalled,  ///< general knowledge that no source confirmed
};
std::string_view name_of(Certainty certainty);

// Sets of algorithms, as bits.
using Ciphers = unsigned;
inline constexpr Ciphers with_aes256 = 1;
inline constexpr Ciphers with_aes192 = 2;
inline constexpr Ciphers with_aes128 = 4;
inline constexpr Ciphers with_3des = 8;
inline constexpr Ciphers with_des = 16;  ///< never used; its presence is told
using Hashes = unsigned;
inline constexpr Hashes with_sha512 = 1;
inline constexpr Hashes with_sha1 = 2;
inline constexpr Hashes with_md5 = 4;  ///< only when admitted

struct Phase1Strategy {
    std::string_view name;
    Ciphers ciphers;
    Hashes hashes;
    crypto::GroupId offered;
    bool other_groups;  ///< 1024, 1536, 2048 and 3072 bits are accepted as well
    Certainty certainty;
    std::string_view source;
};

enum class AhPart { none, optional, required };

struct Phase2Strategy {
    std::string_view name;
    Ciphers ciphers;
    Hashes hashes;
    AhPart ah;
    bool pfs;
    Certainty certainty;
    std::string_view source;
};

std::span<const Phase1Strategy> phase1_strategies();
std::span<const Phase2Strategy> phase2_strategies();

/// A strategy as a file names it: a prefix like "LT8h/" sets the lifetime.
struct NamedStrategy {
    std::string_view name;           ///< without the prefix
    std::uint32_t lifetime_seconds;  ///< 3600 without a prefix
    bool has_prefix;
};
NamedStrategy split_lifetime(std::string_view name);

/// Nothing when the name is in no row.
const Phase1Strategy* find_phase1(std::string_view name);
const Phase2Strategy* find_phase2(std::string_view name);
/// What an unknown name is taken for; without PFS when it ends in "/no-pfs".
const Phase1Strategy& widest_phase1();
const Phase2Strategy& widest_phase2(std::string_view unknown_name);

std::vector<Phase1Proposal> proposals(const Phase1Strategy& strategy, bool admit_md5, const Place& place);
std::vector<Phase2Proposal> proposals(const Phase2Strategy& strategy, bool admit_md5, const Place& place);

}  // namespace causeway::config::vpncfg
