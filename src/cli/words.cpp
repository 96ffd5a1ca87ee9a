#include "cli/words.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>

namespace causeway::cli {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

std::string broken_down(const std::tm& time, char separator) {
    return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", time.tm_year + 1900, time.tm_mon + 1,
                       time.tm_mday, separator, time.tm_hour, time.tm_min, time.tm_sec);
}

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
    const auto time = static_cast<std::time_t>(unix_seconds);
    std::tm parts{};
    return localtime_r(&time, &parts) != nullptr ? broken_down(parts, ' ') : fmt::format("@{}", unix_seconds);
}

std::string utc_time(std::int64_t unix_seconds, std::uint32_t nanoseconds) {
    const auto time = static_cast<std::time_t>(unix_seconds);
    std::tm parts{};
    if (gmtime_r(&time, &parts) == nullptr) {
        return fmt::format("@{}.{:06}", unix_seconds, nanoseconds / 1000);
    }
    return fmt::format("{}.{:06}Z", broken_down(parts, 'T'), nanoseconds / 1000);
}

std::string counted(std::uint64_t count, const char* noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace causeway::cli
