#include "negotiation/attributes.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <span>

namespace causeway::negotiation {
namespace {

using isakmp::Attribute;
using isakmp::Phase1Attribute;
using isakmp::Phase2Attribute;

/// The attributes of one phase.
struct Vocabulary {
    std::span<const std::uint16_t> supported;
    std::span<const std::uint16_t> known;  ///< defined, and not supported
    std::uint16_t life_type = 0;
    std::uint16_t life_duration = 0;
    std::string (*name)(std::uint16_t type) = nullptr;
};

template <class... Types>
constexpr std::array<std::uint16_t, sizeof...(Types)> numbers(Types... types) {
    return {static_cast<std::uint16_t>(types)...};
}

constexpr auto phase1_supported =
    numbers(Phase1Attribute::encryption_algorithm, Phase1Attribute::hash_algorithm,
            Phase1Attribute::authentication_method, Phase1Attribute::group_description,
            Phase1Attribute::life_type, Phase1Attribute::life_duration, Phase1Attribute::key_length);
/// RFC 2409 Appendix A: groups that are described instead of named, and pseudo-random functions other than
/// the hash's HMAC.
constexpr auto phase1_known = numbers(
    Phase1Attribute::group_type, Phase1Attribute::group_prime, Phase1Attribute::group_generator_one,
    Phase1Attribute::group_generator_two, Phase1Attribute::group_curve_a, Phase1Attribute::group_curve_b,
    Phase1Attribute::prf, Phase1Attribute::field_size, Phase1Attribute::group_order);

constexpr auto phase2_supported =
    numbers(Phase2Attribute::life_type, Phase2Attribute::life_duration, Phase2Attribute::group_description,
            Phase2Attribute::encapsulation_mode, Phase2Attribute::authentication_algorithm,
            Phase2Attribute::key_length,
            Phase2Attribute::extended_sequence_number);  // last: a reason of its own
constexpr auto phase2_known =
    numbers(Phase2Attribute::key_rounds, Phase2Attribute::compress_dictionary_size,
            Phase2Attribute::compress_private_algorithm, Phase2Attribute::ecn_tunnel);

constexpr Vocabulary phase1{phase1_supported, phase1_known,
                            static_cast<std::uint16_t>(Phase1Attribute::life_type),
                            static_cast<std::uint16_t>(Phase1Attribute::life_duration),
                            [](std::uint16_t type) { return name_of(static_cast<Phase1Attribute>(type)); }};
constexpr Vocabulary phase2{phase2_supported, phase2_known,
                            static_cast<std::uint16_t>(Phase2Attribute::life_type),
                            static_cast<std::uint16_t>(Phase2Attribute::life_duration),
                            [](std::uint16_t type) { return name_of(static_cast<Phase2Attribute>(type)); }};

bool contains(std::span<const std::uint16_t> types, std::uint16_t type) {
    return std::find(types.begin(), types.end(), type) != types.end();
}

/// One attribute by itself.
std::optional<Unfit> unfit(const Attribute& attribute, const Vocabulary& words) {
    if (contains(words.known, attribute.type)) {
        return Unfit{Obstacle::attribute, fmt::format("attribute {} ({}) is not supported", attribute.type,
                                                      words.name(attribute.type))};
    }
    if (!contains(words.supported, attribute.type)) {
        return Unfit{Obstacle::attribute, fmt::format("attribute {} is unknown", attribute.type)};
    }
    if (!attribute.as_number()) {
        return Unfit{Obstacle::attribute,
                     fmt::format("attribute {} ({}) has a value of {} octets, which is not a valid number",
                                 attribute.type, words.name(attribute.type), attribute.value.size())};
    }
    return std::nullopt;
}

/// Lifetimes: one for each unit, in any order, the unit before its duration (RFC 2407 4.5, 4.5.2). A duration
/// without a unit says nothing, unless there is another one that it contradicts.
std::optional<Unfit> contradicting_lifetimes(const isakmp::Transform& transform, const Vocabulary& words) {
    std::array<std::optional<std::uint64_t>, 3> durations;  // [0]: the last one, whatever its unit
    std::uint64_t unit = 0;
    for (const auto& attribute : transform.attributes) {
        const std::uint64_t value = attribute.as_number().value_or(0);
        if (attribute.type == words.life_type) {
            unit = value;
            if (unit != isakmp::life_type_seconds && unit != isakmp::life_type_kilobytes) {
                return Unfit{Obstacle::attribute, fmt::format("Life Type {} is unknown", unit)};
            }
        } else if (attribute.type == words.life_duration) {
            auto& before = durations.at(static_cast<std::size_t>(unit));
            if (before && *before != value) {
                return Unfit{Obstacle::attribute,
                             fmt::format("two different lifetimes{}, {} and {}",
                                         unit == isakmp::life_type_seconds     ? " in seconds"
                                         : unit == isakmp::life_type_kilobytes ? " in kilobytes"
                                                                               : "",
                                         *before, value)};
            }
            before = value;
            durations.front() = value;
            unit = 0;
        }
    }
    return std::nullopt;
}

std::optional<Unfit> unfit(const isakmp::Transform& transform, const Vocabulary& words) {
    for (auto at = transform.attributes.begin(); at != transform.attributes.end(); ++at) {
        if (auto reason = unfit(*at, words)) {
            return reason;
        }
        if (at->type == words.life_type || at->type == words.life_duration) {
            continue;
        }
        // The same value again contradicts nothing, however it is encoded.
        const auto other = std::find_if(transform.attributes.begin(), at, [&](const Attribute& before) {
            return before.type == at->type && before.as_number() != at->as_number();
        });
        if (other != at) {
            return Unfit{Obstacle::attribute,
                         fmt::format("attribute {} ({}) is given twice, as {} and as {}", at->type,
                                     words.name(at->type), other->as_number().value_or(0),
                                     at->as_number().value_or(0))};
        }
    }
    return contradicting_lifetimes(transform, words);
}

}  // namespace

std::optional<Unfit> unfit_for_phase1(const isakmp::Transform& transform) {
    return unfit(transform, phase1);
}

std::optional<Unfit> unfit_for_phase2(const isakmp::Transform& transform) {
    auto reason = unfit(transform, phase2);
    // RFC 4304: sequence numbers of 64 bits change what the ICV covers; accepted and not used, no packet
    // would pass. Whatever the attribute's value is: charon takes any for a yes.
    if (!reason &&
        transform.find(static_cast<std::uint16_t>(Phase2Attribute::extended_sequence_number)) != nullptr) {
        reason = Unfit{Obstacle::esn, "extended sequence numbers (ESN) are not supported"};
    }
    return reason;
}

}  // namespace causeway::negotiation
