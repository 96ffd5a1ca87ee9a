#include "history/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <utility>

#include "history/layout.hpp"

namespace causeway::history {

namespace {

/// Before the first second and after the last one that the file can name, clocks are not set.
std::int64_t sane(std::int64_t seconds) {
    return std::clamp<std::int64_t>(seconds, 1, std::numeric_limits<std::uint32_t>::max());
}

std::int64_t step_of(std::int64_t seconds) {
    return std::max<std::int64_t>(1, sane(seconds) / step_seconds);
}

/// When the first of so many steps begins, of which the last is `newest`.
std::int64_t first_of(std::int64_t newest, std::size_t steps) {
    return (newest - static_cast<std::int64_t>(steps) + 1) * step_seconds;
}

/// What a peer chose was made printable when the event was; here nothing but its bounds are left to see to.
std::string sentence(std::string_view message) {
    constexpr std::string_view cut = "...";
    std::string words(message.substr(0, max_why_octets));
    if (message.size() > max_why_octets) {
        words.replace(max_why_octets - cut.size(), cut.size(), cut);
    }
    std::ranges::replace_if(
        words, [](char c) { return !layout::is_plain(c); }, '?');
    return words;
}

std::uint8_t bits_of(State state, Row row) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(state) << (2 * static_cast<unsigned>(row)));
}

}  // namespace

void Recorder::adopt(const std::vector<std::string>& names) {
    std::size_t longest = 0;
    std::map<std::string, Line, std::less<>> kept;
    for (const auto& name : names) {
        if (kept.size() == max_peers || name.size() > max_name_octets) {
            continue;
        }
        auto known = lines_.extract(name);
        if (known.empty()) {
            kept.emplace(name, Line{});
        } else {
            kept.insert(std::move(known));
        }
        longest = std::max(longest, name.size());
    }
    lines_ = std::move(kept);
    const std::size_t share =
        std::min(max_peer_octets - layout::head_octets,
                 (max_octets - layout::head_octets) / std::max<std::size_t>(1, lines_.size()));
    // A quarter for sentences, and what a week of steps leaves.
    const std::size_t room = share - layout::line_octets - longest;
    resize(std::min(max_steps, (room - share / 4) / layout::step_octets));
    whys_octets_ = room - capacity_ * layout::step_octets;
    for (auto& [name, line] : lines_) {
        trim(line);
    }
}

/// The oldest one that is kept comes to stand first.
void Recorder::resize(std::size_t steps) {
    if (steps == capacity_) {
        return;
    }
    recorded_ = std::min(steps, recorded_);
    for (auto& [name, line] : lines_) {
        std::vector<Packed> fresh(line.steps.empty() ? 0 : recorded_);
        for (std::size_t age = 0; age < fresh.size(); ++age) {
            fresh[recorded_ - 1 - age] = kept(line, age);
        }
        line.steps = std::move(fresh);
    }
    capacity_ = steps;
    head_ = recorded_ == 0 ? 0 : recorded_ - 1;
}

Recorder::Packed& Recorder::newest(Line& line) const {
    if (head_ >= line.steps.size()) {
        if (head_ >= line.steps.capacity()) {
            line.steps.reserve(std::min(capacity_, head_ + 1 + head_ / 4));
        }
        line.steps.resize(head_ + 1);
    }
    return line.steps[head_];
}

void Recorder::clear_newest() {
    for (auto& [name, line] : lines_) {
        if (head_ < line.steps.size()) {
            line.steps[head_] = {};
        }
    }
}

void Recorder::trim(Line& line) const {
    std::size_t octets = 0;
    std::size_t count = 0;
    while (count < std::min(line.whys.size(), max_whys)) {
        octets += layout::why_octets + line.whys[line.whys.size() - 1 - count].why.message.size();
        if (octets > whys_octets_) {
            break;
        }
        ++count;
    }
    line.whys.erase(line.whys.begin(), line.whys.end() - static_cast<std::ptrdiff_t>(count));
}

void Recorder::advance(std::int64_t step) {
    const auto count =
        newest_ == 0 ? 0 : std::min<std::int64_t>(step - newest_, static_cast<std::int64_t>(capacity_));
    for (std::int64_t i = 0; i < count; ++i) {
        head_ = (head_ + 1) % capacity_;
        clear_newest();
    }
    recorded_ = std::min(capacity_, std::max<std::size_t>(1, recorded_ + static_cast<std::size_t>(count)));
    newest_ = step;
    for (auto& [name, line] : lines_) {
        line.measured = 0;
    }
}

void Recorder::go_back(std::int64_t step) {
    const auto count = std::min<std::int64_t>(newest_ - step, static_cast<std::int64_t>(capacity_));
    for (std::int64_t i = 0; i < count; ++i) {
        clear_newest();
        head_ = at(1);
    }
    recorded_ = std::max<std::size_t>(1, recorded_ - std::min(recorded_, static_cast<std::size_t>(count)));
    newest_ = step;
    for (auto& [name, line] : lines_) {
        line.measured = 0;
    }
}

void Recorder::drop_words_after(std::int64_t now) {
    for (auto& [name, line] : lines_) {
        std::erase_if(line.whys, [now](const Sentence& one) { return one.why.last > now; });
    }
    std::erase_if(starts_, [now](std::int64_t start) { return start > now; });
}

Recorder::Line* Recorder::advance(std::string_view peer, std::int64_t now) {
    const auto found = lines_.find(peer);
    if (found == lines_.end()) {
        return nullptr;
    }
    if (const auto step = step_of(now); step > newest_) {
        advance(step);
    } else if (step < newest_) {
        go_back(step);
        drop_words_after(sane(now));
    }
    return &found->second;
}

void Recorder::saw(std::string_view peer, Row row, bool up, std::int64_t now) {
    if (Line* const line = advance(peer, now)) {
        newest(*line).states |= bits_of(up ? State::up : State::down, row);
    }
}

void Recorder::tick(std::string_view peer, Row row, std::int64_t now) {
    if (Line* const line = advance(peer, now)) {
        newest(*line).ticks |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(row));
        ++changes_;
    }
}

void Recorder::round_trip(std::string_view peer, Duration took, std::int64_t now) {
    Line* const line = advance(peer, now);
    if (line == nullptr) {
        return;
    }
    auto& last = line->round_trips;
    last[line->measured % last.size()] =
        static_cast<std::uint16_t>(std::clamp<std::int64_t>(took / round_trip_unit, 1, 0xffff));
    // Full it stays full.
    line->measured =
        static_cast<std::uint8_t>(line->measured + 1U < 2 * last.size() ? line->measured + 1U : last.size());
    auto sorted = last;
    const auto count = std::min<std::size_t>(line->measured, sorted.size());
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count / 2),
                     sorted.begin() + static_cast<std::ptrdiff_t>(count));
    newest(*line).round_trip = sorted[count / 2];
}

void Recorder::why(std::string_view peer, std::string_view cause, std::string_view message,
                   Repetition repetition, std::int64_t now) {
    Line* const line = advance(peer, now);
    if (line == nullptr) {
        return;
    }
    ++changes_;
    now = sane(now);
    std::string words = sentence(message);
    auto& whys = line->whys;
    const auto recent = whys.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, whys.size()));
    const auto before = std::find_if(recent, whys.end(), [&](const Sentence& one) {
        return one.why.message == words || (repetition == Repetition::same_cause && one.cause == cause);
    });
    Sentence said{{now, now, 1, std::move(words)}, std::string(cause)};
    if (before != whys.end()) {
        said.why.since = before->why.since;
        said.why.times = before->why.times < std::numeric_limits<std::uint32_t>::max() ? before->why.times + 1
                                                                                       : before->why.times;
        whys.erase(before);
    }
    whys.push_back(std::move(said));
    trim(*line);
}

void Recorder::started(std::int64_t now) {
    if (starts_.size() == max_starts) {
        starts_.erase(starts_.begin());
    }
    starts_.push_back(sane(now));
    ++changes_;
}

void Recorder::clock_set(std::int64_t seconds) {
    const auto moved = [seconds](std::int64_t when) { return sane(when + seconds); };
    if (newest_ != 0) {
        const std::int64_t half = seconds < 0 ? -step_seconds / 2 : step_seconds / 2;
        newest_ = std::clamp<std::int64_t>(newest_ + (seconds + half) / step_seconds, 1,
                                           step_of(std::numeric_limits<std::uint32_t>::max()));
    }
    std::ranges::transform(starts_, starts_.begin(), moved);
    for (auto& [name, line] : lines_) {
        for (Sentence& one : line.whys) {
            one.why.since = moved(one.why.since);
            one.why.last = moved(one.why.last);
        }
    }
}

History Recorder::head(std::size_t steps, std::int64_t now) const {
    History history;
    history.now = now;
    history.first = first_of(step_of(now), std::min(steps, capacity_));
    history.kept_hours = capacity_ / steps_of_an_hour;
    std::ranges::copy_if(starts_, std::back_inserter(history.starts),
                         [&](std::int64_t start) { return start >= history.first; });
    return history;
}

std::optional<Connection> Recorder::told(std::string_view peer, std::size_t steps, std::int64_t now) const {
    const auto found = lines_.find(peer);
    if (found == lines_.end()) {
        return std::nullopt;
    }
    const auto& [name, line] = *found;
    const std::int64_t newest = step_of(now);
    Connection connection;
    connection.name = name;
    connection.steps.resize(std::min(steps, capacity_));
    for (std::size_t i = 0; i < connection.steps.size(); ++i) {
        const auto before = static_cast<std::int64_t>(connection.steps.size() - 1 - i);
        const std::int64_t age = newest_ - (newest - before);
        if (newest_ == 0 || age < 0 || age >= static_cast<std::int64_t>(capacity_)) {
            continue;
        }
        const Packed packed = kept(line, static_cast<std::size_t>(age));
        Step& step = connection.steps[i];
        for (std::size_t row = 0; row < rows.size(); ++row) {
            step.marks[row] = {static_cast<State>(packed.states >> (2 * row) & 3U),
                               (packed.ticks >> row & 1U) != 0};
        }
        if (packed.round_trip != 0) {
            step.round_trip_us = packed.round_trip *
                                 static_cast<std::uint32_t>(round_trip_unit / std::chrono::microseconds(1));
        }
    }
    const std::int64_t first = first_of(newest, connection.steps.size());
    for (const Sentence& one : line.whys) {
        if (one.why.last >= first) {
            connection.whys.push_back(one.why);
        }
    }
    return connection;
}

}  // namespace causeway::history
