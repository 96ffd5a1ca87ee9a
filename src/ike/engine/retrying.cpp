#include "ike/engine/retrying.hpp"

#include <chrono>
#include <fmt/format.h>

namespace causeway::ike {

std::string retrying(Instant at, Instant now) {
    const auto seconds = std::chrono::round<std::chrono::seconds>(at - now).count();
    return seconds > 0 ? fmt::format("retrying in {} s", seconds) : "retrying now";
}

}  // namespace causeway::ike
