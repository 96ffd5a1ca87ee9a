// Offloads: the system takes several packets of a flow as one, and gives them as one. Whether that is wished
// for, and what has become of the wish.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway {

enum class OffloadWish : std::uint8_t {
    automatic,  ///< where the kernel can, and is not known to do it wrongly
    on,         ///< where the kernel can
    off,
};
/// "auto", "on", "off".
std::string_view name_of(OffloadWish wish);
/// Nothing for another word.
std::optional<OffloadWish> offload_wish_named(std::string_view word);
inline constexpr std::string_view offload_wish_names = "auto, on or off";

struct OffloadState {
    bool on = false;
    std::string why;  ///< off: the reason; on: for what it is off all the same, or empty

    friend bool operator==(const OffloadState&, const OffloadState&) = default;
};

/// One for each way into the system or out of it.
template <class Each>
struct Offloads {
    Each tun{};          ///< packets inside the tunnels, both directions
    Each udp_send{};     ///< ESP in UDP that leaves
    Each udp_receive{};  ///< ESP in UDP that arrives

    friend bool operator==(const Offloads&, const Offloads&) = default;
};
using OffloadWishes = Offloads<OffloadWish>;
using OffloadStates = Offloads<OffloadState>;

}  // namespace causeway
