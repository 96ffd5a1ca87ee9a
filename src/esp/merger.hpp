// The way in of trains: packets that came out of the tunnel are joined into frames that the system takes as
// one each (codec/vnet/header.hpp), where Linux would have joined them. IPv4. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"

namespace causeway::esp {

/// A batch at a time: add() each packet in order of arrival, finish() once, clear().
///
/// Splitting a run gives back the very packets, octet for octet: hence identifications must count up with DF
/// as without it (Linux would also join those that stay the same, but a header of ten octets cannot say so),
/// and checksums must be right and be those that a splitter writes. TCP segments may have no flag but ACK, and
/// the last PSH.
/// Packets of one flow (addresses, protocol, ports) leave in the order in which they came, among them those
/// that cannot be joined and, by their addresses, fragments. Between flows the order is that of each run's
/// first packet.
class Merger {
 public:
    static constexpr std::size_t most_pieces = 64;  ///< of a run; Linux takes no more of UDP

    struct Options {
        bool tcp = true;
        bool udp = true;
    };

    struct Run {
        vnet::Header header{};               ///< all zero for a single packet, which is as it came
        std::span<const ByteView> pieces{};  ///< the first begins with the IP header
    };

    Merger() : Merger(Options{true, true}) {}
    explicit Merger(Options options);

    /// `packet`: without octets behind its total length. It stays where it is until clear(), and finish()
    /// may write to its headers.
    void add(std::span<std::uint8_t> packet);
    /// Valid until clear().
    std::span<const Run> finish();
    void clear();

 private:
    static constexpr std::size_t most_open = 16;
    static constexpr std::uint32_t none = 0xffffffff;

    struct Flow {
        std::uint64_t addresses = 0;
        std::uint32_t ports = 0;
        std::uint8_t protocol = 0;

        friend bool operator==(const Flow&, const Flow&) = default;
    };

    struct Packet {
        std::span<std::uint8_t> octets{};
        std::uint32_t next = none;  ///< of its run
    };

    struct Train {
        std::uint32_t first = none;
        std::uint32_t last = none;
        std::uint16_t count = 0;
        std::uint16_t headers = 0;  ///< octets of IP and transport header
        std::uint16_t segment = 0;  ///< payload octets of each packet but the last
        std::uint16_t total = 0;    ///< octets of the frame that it becomes
    };

    /// A train that may still grow, and what its next packet must be.
    struct Open {
        Flow flow{};
        std::uint32_t train = none;
        std::uint32_t sequence = 0;
        std::uint16_t id = 0;
    };

    /// What a packet would be in a train.
    struct Segment {
        std::uint16_t headers = 0;
        std::uint16_t payload = 0;  ///< octets; 0: it can be in none
        bool last = false;          ///< nothing may follow it
    };

    static Segment segment_of(ByteView packet, std::uint8_t protocol);
    [[nodiscard]] bool continues(const Open& open, const Segment& segment, ByteView packet) const;
    Open* find(const Flow& flow);
    void close(Open* open);
    void close_all(std::uint64_t addresses);
    Train& start(std::uint32_t packet);
    void begin(const Flow& flow, const Segment& segment, std::uint32_t packet);
    void extend(Open& open, const Segment& segment, std::uint32_t packet);
    void complete(const Train& train, Run& run);

    Options options_;
    std::vector<Packet> packets_;
    std::vector<Train> trains_;
    std::array<Open, most_open> open_{};
    std::size_t opened_ = 0;

    std::vector<ByteView> pieces_;
    std::vector<Run> runs_;
};

}  // namespace causeway::esp
