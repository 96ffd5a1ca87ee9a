// A few pings (RFC 792, echo) from an address of our own, in bounded time. Called by `doctor --ping` only.
#pragma once

#include <chrono>

#include "base/address.hpp"
#include "doctor/examination.hpp"

namespace causeway::cli {

/// No more than that are sent, and no more is waited for an answer to each.
inline constexpr unsigned pings_max = 3;
inline constexpr std::chrono::milliseconds ping_patience{1000};

/// IPv4 alone. Through a raw socket, or through the kernel's socket for pings where only that is allowed.
doctor::Ping ping(const IpAddress& address, const IpAddress& source);

}  // namespace causeway::cli
