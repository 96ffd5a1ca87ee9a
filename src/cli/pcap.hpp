// Classic capture files (the format that tcpdump -w writes), read by `causeway decode`. Pure: octets in,
// packets out, bounded, no copy. Never reads pcapng, which is recognised and named.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace causeway::cli {

/// One captured frame. `octets` points into the file.
struct PcapPacket {
    std::size_t number = 0;  ///< from 1
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;
    std::uint32_t original_length = 0;  ///< on the wire; `octets` may be shorter
    ByteView octets;
};

class PcapReader {
 public:
    /// Longest frame believed: libpcap's own greatest snapshot length.
    static constexpr std::uint32_t max_frame_octets = 262144;

    /// Either byte order, microseconds or nanoseconds.
    static Result<PcapReader> open(ByteView file);

    [[nodiscard]] std::uint32_t link_type() const { return link_type_; }
    /// The next frame; nothing at the end. An error names the packet and the octet where it stands.
    Result<std::optional<PcapPacket>> next();

 private:
    PcapReader(ByteView file, bool swapped, bool nanoseconds)
        : file_(file), swapped_(swapped), nanoseconds_(nanoseconds) {}
    [[nodiscard]] std::uint32_t u32(std::size_t at) const;

    ByteView file_;
    bool swapped_;
    bool nanoseconds_;
    std::uint32_t link_type_ = 0;
    std::size_t at_ = 0;
    std::size_t number_ = 0;
};

/// True when the octets begin like a capture file of any kind, pcapng included.
bool looks_like_capture(ByteView file);

}  // namespace causeway::cli
