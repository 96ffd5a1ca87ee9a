// Whose turn it is of several groups when one exchange can offer one only: PFS in Quick Mode (RFC 2409 5.5), and
// Aggressive Mode, whose first message has the initiator's public value (RFC 2409 5.4).
#pragma once

#include <cstddef>

namespace causeway::ike {

/// Of a list of groups that the configuration has; `count` is its length.
class OfferedGroups {
 public:
    enum class Answer {
        refused,  ///< the peer has said no to what was offered
        silence,
    };

    /// What the next exchange offers. `count` is not 0.
    [[nodiscard]] std::size_t turn(std::size_t count) const { return turn_ % count; }
    /// Another one has not been refused in this round.
    [[nodiscard]] bool another_left(std::size_t count) const { return refused_ + 1 < count; }

    /// The exchange has failed: it is the next one's turn. One that the peer has agreed to before is not given
    /// up for mere silence. True: that next one has not been refused in this round.
    bool failed(Answer answer, std::size_t count);
    void agreed(std::size_t group);

 private:
    std::size_t turn_ = 0;
    std::size_t refused_ = 0;  ///< one after the other, less than there are
    bool agreed_ = false;      ///< the last exchange was finished with it
};

}  // namespace causeway::ike
