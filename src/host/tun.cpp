#include "host/tun.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "host/privileges.hpp"

namespace causeway::host {

namespace {

constexpr const char* device = "/dev/net/tun";

tl::unexpected<Error> device_error(int error) {
    Error e{Errc::system, fmt::format("{}: {}", device, std::strerror(error)), {}, {}};
    if (error == ENOENT || error == ENODEV || error == ENXIO) {
        e.code = Errc::not_found;
        e.remedy =
            "load the module: modprobe tun (OpenWrt: install kmod-tun); a container gets it from its host";
    } else if (error == EPERM || error == EACCES) {
        e.code = Errc::permission;
        e.remedy = needs_capability("CAP_NET_ADMIN and the right to open it");
    } else if (error == ENOTTY) {
        e = Error{Errc::unacceptable,
                  fmt::format("{} is not the TUN device", device),
                  {},
                  fmt::format("remove it, and make it: mknod {} c 10 200", device)};
    }
    return fail(std::move(e));
}

// An ioctl socket that closes itself.
struct ControlSocket {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ControlSocket() = default;
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    ~ControlSocket() {
        if (fd >= 0) {
            close(fd);
        }
    }
};

// IPv6 on the device would only send router solicitations into the tunnel. No IPv6 in the kernel: fine.
void disable_ipv6(const std::string& name) {
    const int fd =
        open(fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", name).c_str(), O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        [[maybe_unused]] const ssize_t written = write(fd, "1", 1);
        close(fd);
    }
}

}  // namespace

Result<Tun> Tun::open(const Options& options) {
    if (options.name.empty() || options.name.size() >= IFNAMSIZ) {
        return fail(Errc::unacceptable,
                    fmt::format("'{}' cannot be the name of a network device: 1 to {} characters",
                                options.name, IFNAMSIZ - 1));
    }
    Tun tun;
    tun.name_ = options.name;
    tun.fd_ = ::open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tun.fd_ < 0) {
        return device_error(errno);
    }
    ifreq request{};
    options.name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (ioctl(tun.fd_, TUNSETIFF, &request) < 0) {
        if (errno == EBUSY) {
            return fail(Error{Errc::exists,
                              fmt::format("the device {} is in use by another program", options.name),
                              {},
                              "is another causewayd running?"});
        }
        if (errno == EINVAL) {
            return fail(Errc::exists,
                        fmt::format("a network device {} exists and is not a TUN device", options.name));
        }
        return device_error(errno);
    }
    const ControlSocket control;
    // The request's own type is the C library's: unsigned long, musl's int.
    const auto set = [&](int outcome, const char* what) -> Result<void> {
        if (outcome < 0) {
            return fail(Errc::system,
                        fmt::format("{}: cannot set {}: {}", options.name, what, std::strerror(errno)));
        }
        return {};
    };
    disable_ipv6(options.name);
    request.ifr_mtu = static_cast<int>(options.mtu);
    CAUSEWAY_CHECK(set(ioctl(control.fd, SIOCSIFMTU, &request), "the MTU"));
    request.ifr_qlen = static_cast<int>(options.transmit_queue);
    CAUSEWAY_CHECK(set(ioctl(control.fd, SIOCSIFTXQLEN, &request), "the transmit queue"));
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_NOARP;
    CAUSEWAY_CHECK(set(ioctl(control.fd, SIOCSIFFLAGS, &request), "it up"));
    tun.index_ = if_nametoindex(options.name.c_str());
    return tun;
}

Tun::Tun(Tun&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), index_(other.index_), name_(std::move(other.name_)) {}

Tun& Tun::operator=(Tun&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(index_, other.index_);
    std::swap(name_, other.name_);
    return *this;
}

Tun::~Tun() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

std::size_t Tun::read(std::span<std::uint8_t> room) {
    const ssize_t got = ::read(fd_, room.data(), room.size());
    return got > 0 ? static_cast<std::size_t>(got) : 0;
}

bool Tun::write(ByteView packet) {
    return ::write(fd_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

}  // namespace causeway::host
