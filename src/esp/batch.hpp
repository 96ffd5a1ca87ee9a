// Packet descriptors, and the buffers that they point into. Made once by a data plane or a simulator, filled
// and emptied for each batch: nothing here is allocated per packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "esp/drop.hpp"
#include "sa/sa.hpp"

namespace causeway::esp {

/// An ESP packet ready to leave: from SPI to ICV, without outer headers.
struct Sealed {
    std::span<std::uint8_t> packet{};
    sa::SaId sa{};
    Endpoint local{};
    Endpoint remote{};
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
    std::uint8_t tos = 0;  ///< for the outer header
};

/// An ESP packet that arrived, and what became of it.
struct Arrival {
    std::span<std::uint8_t> packet{};  ///< from the SPI on; opened in place
    Endpoint local{};
    Endpoint remote{};  ///< port 0 for IP protocol 50
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
    std::uint8_t tos = 0;  ///< of the outer header

    std::span<std::uint8_t> inner{};  ///< within `packet`; empty unless accepted
    sa::SaId sa{};                    ///< of an accepted packet
    Drop why = Drop::none;
};

/// What SaTable::seal fills: ESP packets back to back in one arena, and packets for the sender behind us.
class SealBatch {
 public:
    static constexpr std::size_t default_octets = std::size_t{256} * 1024;

    explicit SealBatch(std::size_t arena_octets = default_octets)
        : octets_(arena_octets), arena_(std::make_unique_for_overwrite<std::uint8_t[]>(arena_octets)) {}

    [[nodiscard]] std::span<const Sealed> packets() const { return packets_; }
    /// ICMP messages to be given back to the inside.
    [[nodiscard]] std::span<const Bytes> replies() const { return replies_; }
    [[nodiscard]] std::size_t room() const { return octets_ - used_; }
    /// All packets handed out become invalid.
    void clear() {
        used_ = 0;
        packets_.clear();
        replies_.clear();
    }

 private:
    friend class SaTable;

    std::span<std::uint8_t> claim(std::size_t octets) {
        std::span<std::uint8_t> claimed{arena_.get() + used_, octets};
        used_ += octets;
        return claimed;
    }

    std::size_t octets_;
    std::size_t used_ = 0;
    std::unique_ptr<std::uint8_t[]> arena_;
    std::vector<Sealed> packets_;
    std::vector<Bytes> replies_;
};

}  // namespace causeway::esp
