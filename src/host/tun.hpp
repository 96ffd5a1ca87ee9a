// The TUN device: a network interface whose other end is this program. Called by dataplane/userspace, from
// one thread. It never blocks, and it is gone when the object is (or the program, however it ends). With
// offloads the system hands over many segments of a flow as one frame, their checksums unfinished, and takes
// such frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/offload.hpp"
#include "base/result.hpp"
#include "codec/vnet/header.hpp"
#include "host/descriptor.hpp"

namespace causeway::host {

class Tun {
 public:
    /// Of any frame, with offloads on; without, the device's MTU bounds it.
    static constexpr std::size_t frame_octets = 65535;
    /// Of write(): the headers, and what 64 datagrams bring.
    static constexpr std::size_t most_pieces = 65;

    struct Options {
        std::string name = "causeway0";
        unsigned mtu = 1500;             ///< octets
        unsigned transmit_queue = 2000;  ///< packets; the kernel's 500 overflow in one burst of a fast sender
        /// Where the kernel refuses, the device is the plain one.
        OffloadWish offload = OffloadWish::off;
    };

    /// What may come merged from read() and go merged into write().
    struct Offloads {
        OffloadState tcp;
        OffloadState udp;  ///< never on without `tcp`; since Linux 6.2
    };

    /// One packet, or many as one. Empty: there is none.
    struct Frame {
        vnet::Header header{};
        std::span<std::uint8_t> packet;
    };

    enum class Written : std::uint8_t {
        taken,
        refused,   ///< this packet, whatever the reason; as it is with any device
        unmerged,  ///< the kernel takes no merged packets: write their parts. The offloads are off from now on
    };

    /// What a device is made with, as often as open() may need it: for a process that will not be able to open files when the
    /// time comes. No device is there yet. Each error says what is missing: the module, the rights.
    static Result<std::vector<Descriptor>> open_files();
    /// Makes the device and takes it up. Errors: the name.
    static Result<Tun> open(const Options& options, std::vector<Descriptor> files);
    /// Both.
    static Result<Tun> open(const Options& options);
    Tun(Tun&& other) noexcept;
    Tun& operator=(Tun&& other) noexcept;
    Tun(const Tun&) = delete;
    Tun& operator=(const Tun&) = delete;
    ~Tun();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Offloads& offloads() const { return offloads_; }

    /// What the system sends; nothing when there is none (now, or because the device is down). `room` holds
    /// frame_octets, or without offloads the MTU. A frame that was on its way when they were turned off may be
    /// a merged one still: its header tells.
    Frame read(std::span<std::uint8_t> room);
    /// One packet that the system receives; false when it did not take it.
    bool write(ByteView packet);
    /// One frame that the system receives, in up to most_pieces. A header that says anything needs offloads.
    Written write(const vnet::Header& header, std::span<const ByteView> pieces);

 private:
    Tun() = default;
    Result<void> attach(Descriptor file, bool with_header);
    /// Asks the kernel for the offloads; the reason why it has none, or empty.
    std::string offer(OffloadWish wish);
    Result<void> configure(const Options& options);

    int fd_ = -1;
    unsigned index_ = 0;
    bool with_header_ = false;  ///< each frame has the octets of codec/vnet in front of it
    std::string name_;
    Offloads offloads_;
};

}  // namespace causeway::host
