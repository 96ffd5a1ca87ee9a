// Who is to carry the tunnels' packets, as people choose it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace causeway {

enum class DataPlaneKind : std::uint8_t {
    automatic,
    kernel,     ///< the kernel's IPsec
    userspace,  ///< causewayd itself
};
/// "auto", "kernel", "userspace".
std::string_view name_of(DataPlaneKind kind);
/// Nothing for another word.
std::optional<DataPlaneKind> data_plane_named(std::string_view word);
inline constexpr std::string_view data_plane_names = "auto, kernel or userspace";

}  // namespace causeway
