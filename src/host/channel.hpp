// Messages between the two processes of the daemon: octets of a bounded length, and at most one descriptor with them. It knows
// nothing of what they say. One end of it may belong to a process that somebody else has taken over: nothing that arrives is
// believed, neither a length nor that a message goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "host/descriptor.hpp"

namespace causeway::host {

class Channel {
 public:
    struct Message {
        Bytes octets;
        Descriptor descriptor;  ///< one of ours from now on, or none
    };

    Channel() = default;
    /// Both ends. A process that is started does not inherit them.
    static Result<std::pair<Channel, Channel>> open();

    [[nodiscard]] int fd() const { return socket_.get(); }
    void close() { socket_.close(); }

    /// How long the other end may take for the rest of a message that has begun, and for making room; unbounded at first.
    void bound(Duration patience);

    /// Whole. Blocks while there is no room. Errors (system): the other end is gone, or takes too long.
    Result<void> send(ByteView message, int descriptor = -1);
    /// The next one. Blocks until it is there. Errors: cancelled, the other end is gone; limit, it has more than `limit`
    /// octets; malformed, it stops in the middle or takes too long. After an error the channel is of no use.
    Result<Message> receive(std::size_t limit);

 private:
    explicit Channel(int fd) : socket_(fd) {}
    Result<void> read(std::uint8_t* to, std::size_t octets, Descriptor& descriptor);

    Descriptor socket_;
};

}  // namespace causeway::host
