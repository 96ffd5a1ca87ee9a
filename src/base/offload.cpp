#include "base/offload.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace causeway {
namespace {

constexpr std::array<std::pair<OffloadWish, std::string_view>, 3> wishes{
    {{OffloadWish::automatic, "auto"}, {OffloadWish::on, "on"}, {OffloadWish::off, "off"}}};

}  // namespace

std::string_view name_of(OffloadWish wish) {
    const auto* const at =
        std::find_if(wishes.begin(), wishes.end(), [&](const auto& one) { return one.first == wish; });
    return at == wishes.end() ? "" : at->second;
}

std::optional<OffloadWish> offload_wish_named(std::string_view word) {
    const auto* const at =
        std::find_if(wishes.begin(), wishes.end(), [&](const auto& one) { return one.second == word; });
    return at == wishes.end() ? std::nullopt : std::optional(at->first);
}

}  // namespace causeway
