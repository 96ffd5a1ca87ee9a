// libuci's input buffer: one logical line that grows when a quote or a backslash needs the next line of the
// file, and in which words are unquoted in place. Its traps (what a ';' or a NUL makes disappear) come from
// that, so it is kept. Used by the parser only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/uci/document.hpp"

namespace causeway::config::uci {

class LogicalLine {
 public:
    explicit LogicalLine(std::string_view text) : rest_(text) {}

    /// Starts a new logical line; false when the text is used up.
    bool next();
    /// Appends the next line of the text at `pos`, over whatever stood behind it.
    void extend() { read_at(pos); }

    /// 0 at the end of the line.
    [[nodiscard]] char current() const { return at(pos); }
    [[nodiscard]] char at(std::size_t index) const { return index < buffer_.size() ? buffer_[index] : '\0'; }
    void put(std::size_t index, char c) { buffer_[index] = c; }
    /// From `index` to the next NUL.
    [[nodiscard]] std::string_view string(std::size_t index) const;
    /// Moves what stands from `pos` to the first of `ends`, or to the end of the line, back to `to`; both go
    /// on behind it.
    void move_to(std::size_t& to, std::string_view ends);
    /// Octets of the line that came from the text.
    [[nodiscard]] std::size_t filled() const { return filled_; }
    /// Line ends read so far, which is how libuci counts lines.
    [[nodiscard]] std::uint32_t lines_read() const { return lines_read_; }
    /// Where in the text the octet at `index` stood.
    [[nodiscard]] Position position(std::size_t index) const;
    /// Where the first NUL octet stood that made text disappear.
    [[nodiscard]] const std::vector<Position>& cut_by_nul() const { return cut_by_nul_; }

    std::size_t pos = 0;

 private:
    struct Segment {
        std::size_t start;
        Position at;
    };

    void read_at(std::size_t offset);
    void grow();
    std::string_view take(std::size_t limit);

    std::string_view rest_;
    Position next_at_{1, 1};
    std::string buffer_;
    std::size_t filled_ = 0;
    std::uint32_t lines_read_ = 0;
    std::vector<Segment> segments_;
    std::vector<Position> cut_by_nul_;
};

}  // namespace causeway::config::uci
