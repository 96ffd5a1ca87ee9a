// What became of connections over the last hours, as values: kept by a Recorder, told by the daemon, drawn by the tool.
// Times are those of the wall clock, seconds since 1970. Never holds a secret.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::history {

/// What time is cut into.
inline constexpr std::int64_t step_seconds = 300;
inline constexpr std::int64_t steps_of_an_hour = 3600 / step_seconds;
/// Nothing older is kept, however few connections there are: a week.
inline constexpr std::size_t max_hours = 168;
inline constexpr std::size_t max_steps = max_hours * steps_of_an_hour;
inline constexpr std::size_t default_hours = 24;

/// What is watched of a connection, from the name down to the far end.
enum class Row { address, phase1, phase2, answers };
inline constexpr std::array<std::string_view, 4> rows{"address", "phase1", "phase2", "answers"};

/// How a row was during one step or several: a set of two bits.
enum class State : std::uint8_t { unknown = 0, up = 1, down = 2, part = 3 };
constexpr State both(State a, State b) {
    return static_cast<State>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}

/// A row during one step. `tick`: its address was another one from then on, its SA was made or renewed, the far end had
/// started anew.
struct Mark {
    State state = State::unknown;
    bool tick = false;

    friend bool operator==(const Mark&, const Mark&) = default;
};

/// As one letter: "u" up, "d" down, "p" part of both, "n" not known; capital with a tick.
char letter(Mark mark);
/// Nothing: no such letter.
std::optional<Mark> mark_of(char letter);

/// One step of one connection.
struct Step {
    std::array<Mark, rows.size()> marks{};
    /// Median of the liveness checks that were answered at the first try, microseconds.
    std::optional<std::uint32_t> round_trip_us;

    friend bool operator==(const Step&, const Step&) = default;
};

/// A sentence about what happened; said again it is one, with the last time.
struct Why {
    std::int64_t since = 0;
    std::int64_t last = 0;
    std::uint32_t times = 1;
    std::string message;

    friend bool operator==(const Why&, const Why&) = default;
};

struct Connection {
    std::string name;          ///< the section
    std::string display_name;  ///< by whoever knows the configuration, as is the next
    std::string gateway;
    std::vector<Step> steps;  ///< oldest first; the last one is under way
    std::vector<Why> whys;    ///< oldest first, by the last time

    friend bool operator==(const Connection&, const Connection&) = default;
};

struct History {
    std::int64_t now = 0;
    std::int64_t first = 0;            ///< when the first step began
    std::uint64_t kept_hours = 0;      ///< how far back it can reach at most: less when there are many peers
    std::vector<std::int64_t> starts;  ///< of the daemon, oldest first
    std::vector<Connection> connections;

    friend bool operator==(const History&, const History&) = default;
};

}  // namespace causeway::history
