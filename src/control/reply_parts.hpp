// The line of a reply in parts: a status of ten thousand peers has 30 MB, which neither end holds as one text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "control/laid_out.hpp"
#include "control/protocol.hpp"
#include "status/status.hpp"

namespace causeway::control {

/// Writes what encode() makes of the reply. The moment that a status is of is when the reply was made.
class ReplyParts {
 public:
    ReplyParts() = default;
    explicit ReplyParts(Reply reply);

    [[nodiscard]] bool ended() const { return ended_; }
    /// Octets that are text already.
    [[nodiscard]] std::size_t written() const { return head_.size(); }
    /// The next part: 64 KiB and what is left of a peer, who is never cut (3 KiB a tunnel). What was told is forgotten. Only before
    /// ended().
    [[nodiscard]] std::string next();

 private:
    std::string head_;  ///< up to the peers
    std::vector<status::Peer> peers_;
    std::size_t told_ = 0;  ///< of them
    Instant taken_{};
    bool ended_ = true;
};

/// Reads a reply, and of a good one with a status lays it out for people without reading it into values.
class StatusLine {
 public:
    enum class State {
        growing,
        whole,     ///< its newline has come
        too_long,  ///< more than max_reply_octets
    };

    /// What follows the newline is ignored.
    State feed(std::string_view octets);
    /// Octets that wait for their newline.
    [[nodiscard]] std::size_t unfinished() const { return octets_; }
    /// Octets of text that take_text() would give.
    [[nodiscard]] std::size_t laid_out() const { return status_.fit() ? status_.size() : 0; }
    /// The status since the last time. Nothing: there is none, or nothing more that could be shown.
    [[nodiscard]] std::optional<std::string> take_text();
    /// Once the line is whole: so is its status.
    [[nodiscard]] bool told() const { return passing_ && brace_ && status_.whole(); }
    /// The whole line of a reply without a status; else its begin.
    [[nodiscard]] const std::string& line() const { return line_; }

 private:
    void take(std::string_view octets);
    void pass(std::string_view octets);

    std::string line_;
    LaidOut status_;
    std::size_t octets_ = 0;
    bool passing_ = false;  ///< the status has begun
    bool brace_ = false;    ///< held back: the last of the line closes the reply
};

}  // namespace causeway::control
