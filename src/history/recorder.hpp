// Keeps the history of every connection in bounded memory: a ring of steps of four octets each, and the last sentences.
// Told what is seen and when; reads no clock and opens no file. Used by the daemon.
//
// How far back it reaches follows from the bounds: with up to 300 peers a week, with 2,000 peers some 30 hours.
// When there come to be more of them, the oldest steps and sentences are given up; beyond max_peers the last ones of the
// configuration have no history.
//
// A clock that goes back: what was recorded for a time that has not come yet is dropped. Whoever knows by how much the
// clock was set says so first (clock_set), and nothing is lost.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "history/history.hpp"

namespace causeway::history {

/// Octets of all that is kept of one peer, and of all peers, as encode() writes it, its head included.
inline constexpr std::size_t max_peer_octets = 16'000;
inline constexpr std::size_t max_octets = 4'000'000;
inline constexpr std::size_t max_peers = 10'000;
/// Longer names have no history: nobody can ask for them either (control::max_name_octets).
inline constexpr std::size_t max_name_octets = 256;
inline constexpr std::size_t max_whys = 32;
inline constexpr std::size_t max_why_octets = 240;
inline constexpr std::size_t max_starts = 32;
/// How fine round trips are kept. Two octets of it are 6.5 s: by then a question has been asked again.
inline constexpr Duration round_trip_unit = std::chrono::microseconds(100);

class Recorder {
 public:
    /// The peers of the configuration, by section, in its order. What was kept of others is forgotten.
    void adopt(const std::vector<std::string>& names);

    // What is told of a peer that is not among them is ignored.
    void saw(std::string_view peer, Row row, bool up, std::int64_t now);
    void tick(std::string_view peer, Row row, std::int64_t now);
    void round_trip(std::string_view peer, Duration took, std::int64_t now);
    enum class Repetition {
        same_words,  ///< the same sentence once more
        same_cause,  ///< of the same cause: figures in it may be others, and the newest words count
    };
    /// A repetition of one of the last two sentences counts it up. What is no printable ASCII becomes a question
    /// mark, and no more than max_why_octets are kept.
    void why(std::string_view peer, std::string_view cause, std::string_view message, Repetition repetition,
             std::int64_t now);
    /// The daemon has started.
    void started(std::int64_t now);
    /// Somebody set the clock, by so much; below 0: back.
    void clock_set(std::int64_t seconds);

    /// All but the connections, for the last `steps` steps, or as many as are kept.
    [[nodiscard]] History head(std::size_t steps, std::int64_t now) const;
    /// Its steps, as many as there are in head(), and the sentences since. Nothing: it is not among them.
    [[nodiscard]] std::optional<Connection> told(std::string_view peer, std::size_t steps,
                                                 std::int64_t now) const;
    [[nodiscard]] std::size_t capacity() const { return capacity_; }  ///< steps that are kept of each
    [[nodiscard]] std::uint64_t changes() const { return changes_; }  ///< counts ticks and sentences

    /// At most max_octets, whatever was told.
    [[nodiscard]] Bytes encode() const;
    /// What encode() wrote, here or in an earlier process, of the peers that were adopted; what lies after `now` is
    /// dropped. Nothing is changed on an error: malformed (not ours, cut off, damaged), unsupported (another version).
    Result<> restore(ByteView octets, std::int64_t now);

 private:
    struct Packed {
        std::uint8_t states = 0;       ///< two bits a row
        std::uint8_t ticks = 0;        ///< a bit a row
        std::uint16_t round_trip = 0;  ///< in units; 0: none
    };
    struct Sentence {
        Why why;
        std::string cause;  ///< empty: it was read from a file
    };
    struct Line {
        /// A ring, as head_ has it; as long as what was recorded needs, until it is whole.
        std::vector<Packed> steps;
        std::vector<Sentence> whys;
        /// Of the step under way, the last ones of them.
        std::array<std::uint16_t, 15> round_trips{};
        std::uint8_t measured = 0;
    };

    Line* advance(std::string_view peer, std::int64_t now);
    void advance(std::int64_t step);
    void go_back(std::int64_t step);
    void drop_words_after(std::int64_t now);
    void resize(std::size_t steps);
    void trim(Line& line) const;
    /// The newest step of the line, to be written to.
    [[nodiscard]] Packed& newest(Line& line) const;
    void clear_newest();
    /// What is kept of the step that was `age` steps before the newest.
    [[nodiscard]] Packed kept(const Line& line, std::size_t age) const {
        return at(age) < line.steps.size() ? line.steps[at(age)] : Packed{};
    }
    /// In the ring, `age` steps before the newest.
    [[nodiscard]] std::size_t at(std::size_t age) const { return (head_ + capacity_ - age) % capacity_; }

    std::map<std::string, Line, std::less<>> lines_;
    std::vector<std::int64_t> starts_;
    std::size_t capacity_ = 0;
    std::size_t recorded_ = 0;     ///< steps since the first one, as far as they are kept
    std::size_t whys_octets_ = 0;  ///< of each line
    std::size_t head_ = 0;
    std::int64_t newest_ = 0;  ///< step since 1970; 0: nothing was recorded
    std::uint64_t changes_ = 0;
};

}  // namespace causeway::history
