// Offloads: the system takes several packets of a flow as one, and gives them as one. Whether that is wished
// for, and what has become of the wish.
#pragma once

#include <cstdint>
#include <string>

namespace causeway {

enum class OffloadWish : std::uint8_t {
    automatic,  ///< where the kernel can, and is not known to do it wrongly
    on,         ///< where the kernel can
    off,
};

struct OffloadState {
    bool on = false;
    std::string why;  ///< off: the reason; on: for whom it is off all the same, or empty

    friend bool operator==(const OffloadState&, const OffloadState&) = default;
};

}  // namespace causeway
