#include "base/data_plane.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace causeway {
namespace {

constexpr std::array<std::pair<DataPlaneKind, std::string_view>, 3> kinds{
    {{DataPlaneKind::automatic, "auto"},
     {DataPlaneKind::kernel, "kernel"},
     {DataPlaneKind::userspace, "userspace"}}};

}  // namespace

std::string_view name_of(DataPlaneKind kind) {
    const auto* const at =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.first == kind; });
    return at == kinds.end() ? "" : at->second;
}

std::optional<DataPlaneKind> data_plane_named(std::string_view word) {
    const auto* const at =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.second == word; });
    return at == kinds.end() ? std::nullopt : std::optional(at->first);
}

}  // namespace causeway
