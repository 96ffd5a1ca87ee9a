// A history as octets, for the file that outlives the daemon: its mark, version and counts, a line for each peer, and the
// checksum of gzip (RFC 1952 8). Numbers are in network order. Nothing that was read is believed before it was checked.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "codec/reader.hpp"
#include "codec/writer.hpp"
#include "history/layout.hpp"
#include "history/recorder.hpp"

namespace causeway::history {

namespace {

constexpr std::string_view mark = "causeway history";
constexpr std::uint16_t version = 1;
constexpr std::size_t checksum_octets = 4;

static_assert(mark.size() + 2 + 2 + 4 + 1 + 4 * max_starts + 4 + checksum_octets <= layout::head_octets);
static_assert(max_why_octets <= std::numeric_limits<std::uint8_t>::max());

constexpr std::array<std::uint32_t, 256> crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t n = 0; n < table.size(); ++n) {
        std::uint32_t c = n;
        for (int bit = 0; bit < 8; ++bit) {
            c = (c & 1U) != 0 ? 0xedb88320U ^ c >> 1U : c >> 1U;
        }
        table[n] = c;
    }
    return table;
}

std::uint32_t checksum(ByteView octets) {
    static constexpr auto table = crc_table();
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t octet : octets) {
        crc = table[(crc ^ octet) & 0xffU] ^ crc >> 8U;
    }
    return ~crc;
}

std::uint32_t four(std::int64_t seconds) {
    return static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

/// The octets between mark and checksum; an error when this is none of our files, or damaged.
Result<ByteView> inside(ByteView octets) {
    if (octets.size() > max_octets) {
        return fail(Errc::limit, "is larger than a history gets");
    }
    if (octets.size() < mark.size() + 2 + checksum_octets ||
        !equal(octets.first(mark.size()), as_bytes(mark))) {
        return fail(Errc::malformed, "is no history of causewayd");
    }
    Reader end(octets.last(checksum_octets));
    const auto whole = octets.first(octets.size() - checksum_octets);
    if (checksum(whole) != end.u32()) {
        return fail(Errc::malformed, "is damaged");
    }
    Reader reader(whole.subspan(mark.size()));
    if (const auto found = reader.u16(); found != version) {
        return fail(Errc::unsupported, "has the version " + std::to_string(found) + ", and this one reads " +
                                           std::to_string(version));
    }
    return reader.take_rest();
}

}  // namespace

Bytes Recorder::encode() const {
    Writer writer;
    writer.octets(as_bytes(mark)).u16(version);
    writer.u16(static_cast<std::uint16_t>(capacity_)).u32(four(newest_));
    writer.u8(static_cast<std::uint8_t>(starts_.size()));
    for (const std::int64_t start : starts_) {
        writer.u32(four(start));
    }
    writer.u32(static_cast<std::uint32_t>(lines_.size()));
    for (const auto& [name, line] : lines_) {
        writer.u16(static_cast<std::uint16_t>(name.size())).octets(as_bytes(name));
        std::size_t steps = capacity_;  // from the first one of which anything is known
        const auto empty = [](const Packed& one) {
            return one.states == 0 && one.ticks == 0 && one.round_trip == 0;
        };
        while (steps > 0 && empty(kept(line, steps - 1))) {
            --steps;
        }
        writer.u16(static_cast<std::uint16_t>(steps));
        for (std::size_t age = steps; age-- > 0;) {
            const Packed one = kept(line, age);
            writer.u8(one.states).u8(one.ticks).u16(one.round_trip);
        }
        writer.u8(static_cast<std::uint8_t>(line.whys.size()));
        for (const Sentence& one : line.whys) {
            writer.u32(four(one.why.since)).u32(four(one.why.last)).u32(one.why.times);
            writer.u8(static_cast<std::uint8_t>(one.why.message.size())).octets(as_bytes(one.why.message));
        }
    }
    Bytes octets = std::move(writer).finish();
    const std::uint32_t crc = checksum(octets);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        octets.push_back(static_cast<std::uint8_t>(crc >> shift));
    }
    return octets;
}

Result<> Recorder::restore(ByteView octets, std::int64_t now) {
    Reader reader(CAUSEWAY_TRY(inside(octets)));
    Recorder read;
    read.capacity_ = reader.u16();
    read.newest_ = reader.u32();
    for (unsigned left = reader.u8(); left > 0; --left) {
        read.starts_.push_back(reader.u32());
    }
    bool sound = read.capacity_ >= 1 && read.capacity_ <= max_steps && read.starts_.size() <= max_starts;
    read.recorded_ = read.newest_ == 0 ? 0 : 1;
    for (std::uint32_t left = reader.u32(); left > 0 && sound && !reader.failed(); --left) {
        const std::string name = as_text(reader.take(reader.u16()));
        Line line;
        const std::size_t steps = reader.u16();
        sound = steps <= read.capacity_ && steps * layout::step_octets <= reader.left();
        if (!sound) {
            break;
        }
        // Only of peers that there are still: a file cannot make us keep more than the configuration does.
        const bool known = lines_.contains(name);
        line.steps.resize(known ? steps : 0);
        read.recorded_ = std::max(read.recorded_, line.steps.size());
        for (std::size_t age = steps; age-- > 0;) {
            const Packed one{reader.u8(), static_cast<std::uint8_t>(reader.u8() & 0x0fU), reader.u16()};
            if (known) {
                line.steps[steps - 1 - age] = one;
            }
        }
        for (unsigned whys = reader.u8(); whys > 0 && !reader.failed(); --whys) {
            Sentence one;
            one.why.since = reader.u32();
            one.why.last = reader.u32();
            one.why.times = std::max<std::uint32_t>(1, reader.u32());
            one.why.message = as_text(reader.take(reader.u8()));
            sound = sound && one.why.message.size() <= max_why_octets &&
                    std::ranges::all_of(one.why.message, layout::is_plain);
            line.whys.push_back(std::move(one));
        }
        if (known) {
            read.lines_.insert_or_assign(name, std::move(line));
        }
    }
    if (reader.failed() || reader.left() != 0 || !sound) {
        return fail(Errc::malformed, "is damaged");
    }
    // All of them end with the same step.
    read.head_ = read.recorded_ == 0 ? 0 : read.recorded_ - 1;
    for (auto& [name, line] : read.lines_) {
        line.steps.insert(line.steps.begin(), line.steps.empty() ? 0 : read.recorded_ - line.steps.size(),
                          {});
    }
    std::vector<std::string> names;
    std::ranges::transform(lines_, std::back_inserter(names), [](const auto& line) { return line.first; });
    read.adopt(names);
    if (const std::int64_t step = std::max<std::int64_t>(1, now / step_seconds); read.newest_ > step) {
        read.go_back(step);
    }
    read.drop_words_after(now);
    *this = std::move(read);
    ++changes_;
    return {};
}

}  // namespace causeway::history
