// Durations, times and figures in the words that status lines use. Pure, but for local_time's time zone.
#pragma once

#include <cstdint>
#include <string>

namespace causeway::cli {

/// "4 seconds", "25 minutes", "3 hours", "2 days": the largest unit of which there are more than two, rounded
/// down, as strongSwan's status words it. "1 second".
std::string delta(std::int64_t seconds);
/// "in 43 minutes", "now" for what is due or overdue.
std::string in(std::int64_t seconds);
/// "2016-01-02 14:03:12" in the time zone of the person who asks.
std::string local_time(std::int64_t unix_seconds);
/// "2016-01-02T14:03:12.000004Z"; the octets of a capture carry no time zone.
std::string utc_time(std::int64_t unix_seconds, std::uint32_t nanoseconds);
/// "1 packet", "2 packets".
std::string counted(std::uint64_t count, const char* noun);

}  // namespace causeway::cli
