#include "host/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>
#include <utility>

namespace causeway::host {
namespace {

int priority(Level level) {
    switch (level) {
        case Level::debug:
            return LOG_DEBUG;
        case Level::info:
            return LOG_INFO;
        case Level::notice:
            return LOG_NOTICE;
        case Level::warning:
            return LOG_WARNING;
        case Level::error:
            break;
    }
    return LOG_ERR;
}

/// Local time, to be held against the log of the far end; milliseconds.
std::string time_text() {
    const auto now = std::chrono::system_clock::now();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", local.tm_year + 1900, local.tm_mon + 1,
                       local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, milliseconds % 1000);
}

void write_stderr(std::string_view line) {
    while (!line.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
        if (written < 0 && errno != EINTR) {
            return;  // nobody reads; that is no reason to end
        }
        line.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

}  // namespace

Log::Target Log::of_stderr() {
    const char* const named = std::getenv("JOURNAL_STREAM");
    struct stat stream {};
    if (named == nullptr || ::fstat(STDERR_FILENO, &stream) != 0) {
        return Target::stderr_lines;
    }
    return named == fmt::format("{}:{}", stream.st_dev, stream.st_ino) ? Target::journal
                                                                       : Target::stderr_lines;
}

Log::Log(Target target, std::string program) : target_(target), program_(std::move(program)) {
    if (target_ == Target::syslog) {
        ::openlog(program_.c_str(), LOG_PID, LOG_DAEMON);
    }
}

Log::~Log() {
    if (target_ == Target::syslog) {
        ::closelog();
    }
}

void Log::write(Instant now, const Event& event) {
    if (event.level() < level_ || !limit_.admit(now, event)) {
        return;
    }
    put(event);
}

void Log::handle_timeout(Instant now) {
    for (const Event& summary : limit_.expired(now)) {
        put(summary);
    }
}

void Log::put(const Event& event) {
    // Fields may hold a peer's words; one event is one line whatever they say.
    std::string text = event.text();
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
            c = ' ';
        }
    }
    switch (target_) {
        case Target::stderr_lines:
            write_stderr(fmt::format("{} {:<7} {}\n", time_text(), level_name(event.level()), text));
            break;
        case Target::journal:
            write_stderr(fmt::format("<{}>{}\n", priority(event.level()), text));
            break;
        case Target::syslog:
            if (writer_) {
                writer_(event.level(), text);
            } else {
                write_syslog(event.level(), text);
            }
            break;
    }
}

void write_syslog(Level level, const std::string& line) {
    ::syslog(priority(level), "%s", line.c_str());
}

Level level_for_debug(int debug) {
    return debug <= 0 ? Level::notice : debug == 1 ? Level::info : Level::debug;
}

}  // namespace causeway::host
