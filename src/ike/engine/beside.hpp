// Why Phase 1 is begun beside the session that stands, make before break.
#pragma once

#include <utility>

namespace causeway::ike {

class Beside {
 public:
    /// The peer gives no sign of life: until one of them shows some. False: that was known.
    bool suspect() { return !std::exchange(suspected_, true); }
    /// True: it was suspected until now.
    bool trust() { return std::exchange(suspected_, false); }
    [[nodiscard]] bool suspected() const { return suspected_; }
    /// Packets to it leave by another address of ours.
    void move() { moving_ = true; }
    /// True: it was moving until now.
    bool stay() { return std::exchange(moving_, false); }
    /// One is to be begun.
    [[nodiscard]] bool wanted() const { return suspected_ || moving_; }

 private:
    bool suspected_ = false;
    bool moving_ = false;
};

}  // namespace causeway::ike
