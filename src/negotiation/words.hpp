// Small things that both phases need to read transforms and to put their differences into words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/isakmp/payloads.hpp"
#include "config/model.hpp"
#include "negotiation/reason.hpp"

namespace causeway::negotiation {

inline std::optional<std::uint16_t> small_number(std::optional<std::uint64_t> number) {
    // A Key Length beyond 16 bits is no length at all; 0xffff fits no cipher and is refused as such.
    return number ? std::optional(static_cast<std::uint16_t>(std::min<std::uint64_t>(*number, 0xffff)))
                  : std::nullopt;
}

/// RFC 2407 4.5: life type and duration come in pairs, the type first; either may repeat for the other unit.
config::Lifetime read_lifetime(const isakmp::Transform& transform, std::uint16_t type,
                               std::uint16_t duration);
void write_lifetime(isakmp::Transform& transform, std::uint16_t type, std::uint16_t duration,
                    const config::Lifetime& lifetime);

/// SPIs are four octets in network order in a proposal, and numbers everywhere else.
inline Bytes spi_octets(std::uint32_t spi) {
    return {static_cast<std::uint8_t>(spi >> 24), static_cast<std::uint8_t>(spi >> 16),
            static_cast<std::uint8_t>(spi >> 8), static_cast<std::uint8_t>(spi)};
}
inline std::uint32_t spi_number(ByteView octets) {
    return octets.size() != 4 ? 0
                              : std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 |
                                    std::uint32_t{octets[2]} << 8 | octets[3];
}

/// A list for a message: no item twice, the first ten, then how many more.
class List {
 public:
    void add(std::string item) {
        if (std::find(items_.begin(), items_.end(), item) == items_.end()) {
            items_.push_back(std::move(item));
        }
    }
    [[nodiscard]] std::string text() const;

 private:
    std::vector<std::string> items_;
};

template <class Proposals>
std::string list_of(const Proposals& proposals) {
    List list;
    for (const auto& proposal : proposals) {
        list.add(proposal.text());
    }
    return list.text();
}

/// The attributes in which two transforms differ, the first one naming the obstacle.
struct Differences {
    Obstacle first = Obstacle::nothing_offered;
    std::string text;
    unsigned count = 0;

    void add(Obstacle obstacle, std::string_view what, std::string_view theirs, std::string_view ours) {
        note(obstacle, fmt::format("{}: theirs {}, ours {}", what, theirs, ours));
    }
    void note(Obstacle obstacle, std::string_view words) {
        if (text.empty()) {
            first = obstacle;
        } else {
            text += ", ";
        }
        text += words;
        ++count;
    }
};

}  // namespace causeway::negotiation
