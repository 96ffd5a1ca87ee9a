// The TUN device: a network interface whose other end is this program. Called by dataplane/userspace, from
// one thread. It never blocks, and it is gone when the object is (or the program, however it ends).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace causeway::host {

class Tun {
 public:
    struct Options {
        std::string name = "causeway0";
        unsigned mtu = 1500;             ///< octets
        unsigned transmit_queue = 2000;  ///< packets; the kernel's 500 overflow in one burst of a fast sender
    };

    /// Makes the device and takes it up. Each error says what is missing: the module, the rights, the name.
    static Result<Tun> open(const Options& options);
    Tun(Tun&& other) noexcept;
    Tun& operator=(Tun&& other) noexcept;
    Tun(const Tun&) = delete;
    Tun& operator=(const Tun&) = delete;
    ~Tun();

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] unsigned index() const { return index_; }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// One packet that the system sends; 0 when there is none (now, or because the device is down).
    std::size_t read(std::span<std::uint8_t> room);
    /// One packet that the system receives; false when it did not take it.
    bool write(ByteView packet);

 private:
    Tun() = default;

    int fd_ = -1;
    unsigned index_ = 0;
    std::string name_;
};

}  // namespace causeway::host
