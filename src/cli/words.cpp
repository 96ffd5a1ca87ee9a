#include "cli/words.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fmt/format.h>

namespace causeway::cli {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

/// Of the year 10000.
constexpr std::int64_t years_of_five_digits = 253'402'300'800;

}  // namespace

std::string delta(std::int64_t seconds) {
    seconds = std::max<std::int64_t>(0, seconds);
    if (seconds > 2 * day) {
        return fmt::format("{} days", seconds / day);
    }
    if (seconds > 2 * hour) {
        return fmt::format("{} hours", seconds / hour);
    }
    if (seconds > 2 * minute) {
        return fmt::format("{} minutes", seconds / minute);
    }
    return seconds == 1 ? "1 second" : fmt::format("{} seconds", seconds);
}

std::string in(std::int64_t seconds) {
    return seconds <= 0 ? "now" : "in " + delta(seconds);
}

std::string local_time(std::int64_t unix_seconds) {
    const auto time = static_cast<std::time_t>(unix_seconds);  // 32 bits with glibc for ARM and MIPS
    std::tm parts{};
    if (time != unix_seconds || localtime_r(&time, &parts) == nullptr) {
        return fmt::format("@{}", unix_seconds);
    }
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// Not by gmtime_r(): a capture's seconds reach beyond those of a time_t of 32 bits.
std::string utc_time(std::int64_t unix_seconds, std::uint32_t nanoseconds) {
    if (unix_seconds < 0 || unix_seconds >= years_of_five_digits) {
        return fmt::format("@{}.{:06}", unix_seconds, nanoseconds / 1000);
    }
    const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
    const auto midnight = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(time - midnight);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       nanoseconds / 1000);
}

std::string counted(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace causeway::cli
