// Cuts a byte stream into lines, bounded. Used by the daemon's control server and by the tool; opens nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::control {

/// Fed with what arrives, asked for whole lines. Once a line grew beyond the limit the stream is `overflowed`
/// for good: nothing can be said about where the next line begins, so the connection is to be closed.
class LineSplitter {
 public:
    /// `limit`: octets of one line without its newline.
    explicit LineSplitter(std::size_t limit) : limit_(limit) {}

    /// Takes the octets over. False: a line is longer than the limit; lines completed before it stay
    /// available.
    bool feed(std::string_view octets);
    /// The next whole line, without its newline and without a carriage return before it.
    [[nodiscard]] std::optional<std::string> next();
    [[nodiscard]] bool overflowed() const { return overflowed_; }
    /// Octets of lines that are whole and that nobody has asked for.
    [[nodiscard]] std::size_t waiting() const { return line_at_ - taken_; }
    /// Octets that wait for their newline. At end of stream a value above 0 means a reply was cut off.
    [[nodiscard]] std::size_t unfinished() const;

 private:
    std::size_t limit_;
    std::string buffer_;
    std::size_t taken_ = 0;    ///< octets at the front that next() has handed out
    std::size_t line_at_ = 0;  ///< where the line that is still growing begins
    bool overflowed_ = false;
};

}  // namespace causeway::control
