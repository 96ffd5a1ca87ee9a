// What the tests of this folder share: a loop that runs until something holds, and loopback addresses.
#pragma once

#include <chrono>
#include <gtest/gtest.h>
#include <string_view>

#include "base/address.hpp"
#include "host/event_loop.hpp"

namespace causeway::test {

/// Far longer than anything here takes, so that only a hang reaches it.
inline constexpr Duration patience = std::chrono::seconds(20);

inline IpAddress address(std::string_view text) {
    return *IpAddress::parse(text);
}

/// True once `done` holds.
template <class Done>
bool runs_until(host::EventLoop& loop, Done done) {
    return loop.run_until(done, patience);
}

}  // namespace causeway::test
