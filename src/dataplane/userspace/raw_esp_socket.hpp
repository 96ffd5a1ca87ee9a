// Plain ESP, IP protocol 50, over a raw socket of one address family. Used by the userspace plane only. It
// reads and sends up to 64 packets with one system call; it never blocks.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "esp/batch.hpp"

namespace causeway::dataplane {

class RawEspSocket {
 public:
    enum class Family { v4, v6 };
    static constexpr std::size_t batch_packets = 64;

    static Result<std::unique_ptr<RawEspSocket>> open(Family family);
    RawEspSocket(const RawEspSocket&) = delete;
    RawEspSocket& operator=(const RawEspSocket&) = delete;
    ~RawEspSocket();

    [[nodiscard]] int fd() const { return fd_; }

    /// Nothing arrives until it listens: what comes meanwhile is somebody else's, or nobody's.
    Result<void> be_deaf();
    void listen();
    /// What has arrived, at most one batch; the packets live until the next call.
    std::span<esp::Arrival> receive();
    /// Sends up to one batch of packets of this family; returns how many the system took.
    std::size_t send(std::span<const esp::Sealed> packets);

 private:
    explicit RawEspSocket(Family family);

    struct Slots;  // message headers and their buffers, made once

    Family family_;
    int fd_ = -1;
    std::unique_ptr<Slots> slots_;
    std::vector<esp::Arrival> arrivals_;
};

}  // namespace causeway::dataplane
