// The way out of trains: a frame that the system left unfinished (codec/vnet/header.hpp) becomes the packets
// that it stands for, as Linux would have cut it. IPv4. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"

namespace causeway::esp {

/// One frame at a time: begin(), then next() until done(); release() wherever the packets of next() are dealt
/// with, also in the midst of a frame. Packets of several frames may be collected before it.
///
/// Segments carry the frame's headers with their options; IPv4 identifications count up, CWR stands on the
/// first alone, FIN and PSH on the last alone.
class Splitter {
 public:
    static constexpr std::size_t default_octets = std::size_t{128} * 1024;
    static constexpr std::size_t least_octets = std::size_t{64} * 1024;  ///< the largest packet fits

    /// All memory that it will have; segments are made in it.
    explicit Splitter(std::size_t scratch_octets = default_octets);

    /// `frame`: what follows the header, written to, and left where it is until release() after done().
    /// False: the two do not agree, or the train is none that Linux would cut; nothing comes of it. What was
    /// left of the frame before is forgotten.
    ///
    /// Lengths are read from the packet; `headers_octets` is not looked at. A train may leave
    /// `needs_checksum` out, since each segment's checksum is made anew.
    bool begin(std::span<std::uint8_t> frame, const vnet::Header& header);

    /// Appends packets, each complete, as far as the scratch memory goes; none when it is full. A frame that
    /// is no train is one packet and needs none.
    void next(std::vector<ByteView>& out);

    [[nodiscard]] bool done() const { return kind_ == Kind::nothing; }

    /// The packets of next() become invalid.
    void release() { used_ = 0; }

 private:
    enum class Kind : std::uint8_t { nothing, whole, tcp, udp };

    bool begin_train(const vnet::Header& header);
    void prepare(Kind kind);
    std::uint16_t write_tcp(std::uint8_t* tcp, std::size_t payload_octets) const;

    std::size_t octets_;
    std::size_t used_ = 0;
    std::unique_ptr<std::uint8_t[]> scratch_;

    Kind kind_ = Kind::nothing;  ///< of what is left of the frame
    std::span<std::uint8_t> frame_{};
    std::size_t ip_header_ = 0;  ///< octets
    std::size_t headers_ = 0;    ///< octets of IP and transport header
    std::size_t segment_ = 0;    ///< payload octets of each segment but the last
    std::size_t at_ = 0;         ///< of the next segment's payload in the frame
    std::uint16_t id_ = 0;       ///< of the next segment
    std::uint32_t sequence_ = 0;
    std::uint8_t flags_ = 0;
    std::uint32_t ip_sum_ = 0;         ///< of the IP header without what differs from segment to segment
    std::uint32_t transport_sum_ = 0;  ///< of transport header and pseudo-header, likewise
};

}  // namespace causeway::esp
