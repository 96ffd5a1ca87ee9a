// The log: events as lines for the person at the router, to stderr, to the journal or to syslog. Made by the
// daemon; called from its loop's thread only. Levels below the wanted one are dropped, repeated events held
// back (RepeatLimit). A line goes out at once and whole; nothing is buffered.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/event.hpp"
#include "base/time.hpp"
#include "host/repeat_limit.hpp"

namespace causeway::host {

class Log {
 public:
    /// `journal`: stderr, which systemd reads. It knows the time itself and takes the level from a number in
    /// front of each line (sd-daemon(3)).
    enum class Target { stderr_lines, journal, syslog };
    /// What stderr is: the journal, if JOURNAL_STREAM names it (systemd.exec(5)).
    static Target of_stderr();

    explicit Log(Target target, std::string program = "causewayd");
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    ~Log();

    /// Lines for syslog leave by this instead: a confined process cannot find its way to syslog again once that was restarted.
    void write_by(std::function<void(Level, std::string_view)> writer) { writer_ = std::move(writer); }

    void set_level(Level level) { level_ = level; }
    [[nodiscard]] Level level() const { return level_; }

    void write(Instant now, const Event& event);
    /// Sums up what was held back; to be called at next_timeout().
    void handle_timeout(Instant now);
    [[nodiscard]] std::optional<Instant> next_timeout() const { return limit_.next_expiry(); }

 private:
    void put(const Event& event);

    Target target_;
    std::string program_;  ///< the system keeps a pointer to it
    std::function<void(Level, std::string_view)> writer_;
    RepeatLimit limit_;
    Level level_ = Level::info;
};

/// A line for syslog, in the name of the Log that was made for it.
void write_syslog(Level level, const std::string& line);

/// What `option debug` asks for: 0 notices and worse, 1 info, 2 and above debug.
Level level_for_debug(int debug);

}  // namespace causeway::host
