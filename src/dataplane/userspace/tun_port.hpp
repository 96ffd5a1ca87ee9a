// The hosts' side of the userspace plane: frames of the TUN become packets for the SA table, packets out of the
// tunnels become as few frames as the system takes. Where the device has no offloads a frame is a packet. Used
// by UserspacePlane, on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "esp/batch.hpp"
#include "esp/merger.hpp"
#include "esp/splitter.hpp"
#include "host/tun.hpp"

namespace causeway::dataplane {

class TunPort {
 public:
    /// Is handed packets that are valid until it returns.
    using Deal = std::function<void(std::span<const ByteView> packets)>;

    /// `mtu` of the device, octets.
    TunPort(host::Tun tun, unsigned mtu);

    [[nodiscard]] const host::Tun& tun() const { return tun_; }

    /// What the system has to send, no more than a turn's worth: the other direction waits meanwhile. Returns
    /// how many frames were dropped because what they say of themselves is not so.
    std::size_t read(const Deal& deal);

    /// One packet for the system; false when it did not take it.
    bool write(ByteView packet) { return tun_.write(packet); }
    /// The inner packets of a batch that was opened, in order within each flow; their headers may be written
    /// to. Returns how many the system did not take.
    std::size_t write(std::span<const esp::Arrival> batch);

 private:
    std::size_t write_parts(const esp::Merger::Run& run);

    host::Tun tun_;
    std::size_t room_octets_;  ///< of a frame that may come
    std::size_t slots_octets_;
    std::unique_ptr<std::uint8_t[]> slots_;  ///< the frames of one turn, one after the other
    esp::Splitter splitter_;
    esp::Merger merger_;
    std::vector<ByteView> packets_;
    Bytes frame_;  ///< of write_parts()
};

}  // namespace causeway::dataplane
