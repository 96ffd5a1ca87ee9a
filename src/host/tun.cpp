#include "host/tun.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include "host/devices.hpp"
#include "host/kernel_defects.hpp"
#include "host/privileges.hpp"
#include "host/sysctl.hpp"

namespace causeway::host {

namespace {

constexpr const char* device = "/dev/net/tun";
constexpr const char* no_merged = "the kernel refuses merged packets";
// Older headers lack the last two, TUN_F_USO4 and TUN_F_USO6.
constexpr unsigned long offload_tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
constexpr unsigned long offload_udp = 0x20 | 0x40;

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

// The last segment is shorter than the others, which some kernels (6.6.44 is one) take for an error. The device is
// not up yet, and the packet's time to live is over: it goes nowhere.
bool refuses_merged(int fd) {
    constexpr std::size_t headers = 40;
    constexpr std::size_t octets = headers + 150;
    constexpr std::uint16_t segment = 100;
    std::array<std::uint8_t, vnet::header_octets + octets> frame{};
    vnet::Header header;
    header.needs_checksum = true;
    header.segmentation = vnet::Segmentation::tcp4;
    header.headers_octets = headers;
    header.segment_octets = segment;
    header.checksum_start = 20;
    header.checksum_offset = 16;
    vnet::encode(header, std::span(frame).first<vnet::header_octets>());
    std::uint8_t* ip = &frame[vnet::header_octets];
    ip[0] = 0x45;
    ip[3] = octets;
    ip[9] = IPPROTO_TCP;
    constexpr std::array<std::uint8_t, 8> addresses{192, 0, 2, 1, 192, 0, 2, 2};
    std::copy(addresses.begin(), addresses.end(), ip + 12);
    ip[32] = 0x50;
    ip[33] = 0x10;  // ACK
    return ::write(fd, frame.data(), frame.size()) < 0 && errno == EINVAL;
}

}  // namespace

// One with offloads, and another where the kernel refuses them.
Result<std::vector<Descriptor>> Tun::open_files() {
    std::vector<Descriptor> files(2);
    for (Descriptor& file : files) {
        file = Descriptor(::open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC));
        if (!file) {
            return device_error(errno);
        }
    }
    return files;
}

Result<Tun> Tun::open(const Options& options) {
    return open(options, CAUSEWAY_TRY(open_files()));
}

Result<Tun> Tun::open(const Options& options, std::vector<Descriptor> files) {
    if (options.name.empty() || options.name.size() >= IFNAMSIZ) {
        return fail(Errc::unacceptable,
                    fmt::format("'{}' cannot be the name of a network device: 1 to {} characters",
                                options.name, IFNAMSIZ - 1));
    }
    Tun tun;
    tun.name_ = options.name;
    std::string why_plain = "switched off";
    if (options.offload != OffloadWish::off) {
        if (tun.attach(std::move(files.front()), true)) {
            why_plain = tun.offer(options.offload);
        } else {
            why_plain = "the kernel refuses IFF_VNET_HDR";
        }
    }
    if (!why_plain.empty()) {
        tun.offloads_ = {{false, why_plain}, {false, why_plain}};
        CAUSEWAY_CHECK(tun.attach(std::move(files.back()), false));
    }
    CAUSEWAY_CHECK(tun.configure(options));
    return tun;
}

Result<void> Tun::attach(Descriptor file, bool with_header) {
    if (fd_ >= 0) {
        close(fd_);
    }
    fd_ = file.release();
    with_header_ = with_header;
    ifreq request{};
    name_.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | (with_header ? IFF_VNET_HDR : 0));
    if (ioctl(fd_, TUNSETIFF, &request) < 0) {
        if (errno == EBUSY) {
            return fail(Error{Errc::exists,
                              fmt::format("the device {} is in use by another program", name_),
                              {},
                              "is another causewayd running?"});
        }
        if (errno == EINVAL) {
            return fail(Errc::exists,
                        fmt::format("a network device {} exists and is not a TUN device", name_));
        }
        return device_error(errno);
    }
    // A lasting device may have been another program's, and keeps what that one asked for.
    ioctl(fd_, TUNSETOFFLOAD, 0UL);
    return {};
}

std::string Tun::offer(OffloadWish wish) {
    if (ioctl(fd_, TUNSETOFFLOAD, offload_tcp) < 0) {
        return fmt::format("the kernel refuses it: {}", std::strerror(errno));
    }
    if (refuses_merged(fd_)) {
        return no_merged;
    }
    offloads_ = {{true, {}}, {false, wish == OffloadWish::automatic ? tun_udp_defect(kernel_release()) : ""}};
    if (offloads_.udp.why.empty()) {
        offloads_.udp.on = ioctl(fd_, TUNSETOFFLOAD, offload_tcp | offload_udp) == 0;
        offloads_.udp.why = offloads_.udp.on ? "" : "the kernel cannot (Linux 6.2 can)";
    }
    return {};
}

Result<void> Tun::configure(const Options& options) {
    ifreq request{};
    options.name.copy(request.ifr_name, IFNAMSIZ - 1);
    const ControlSocket control;
    // The request's own type is the C library's: unsigned long, musl's int.
    const auto set = [&](int outcome, const char* what) -> Result<void> {
        if (outcome < 0) {
            return fail(Errc::system,
                        fmt::format("{}: cannot set {}: {}", options.name, what, std::strerror(errno)));
        }
        return {};
    };
    // IPv6 on the device would only send router solicitations into the tunnel. No IPv6 in the kernel: fine.
    write_sysctl(fmt::format("net/ipv6/conf/{}/disable_ipv6", options.name), "1");
    request.ifr_mtu = static_cast<int>(options.mtu);
    CAUSEWAY_CHECK(set(ioctl(control.fd, SIOCSIFMTU, &request), "the MTU"));
    request.ifr_qlen = static_cast<int>(options.transmit_queue);
    CAUSEWAY_CHECK(set(ioctl(control.fd, SIOCSIFTXQLEN, &request), "the transmit queue"));
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_NOARP;
    CAUSEWAY_CHECK(set(ioctl(control.fd, SIOCSIFFLAGS, &request), "it up"));
    index_ = device_index(options.name);
    return {};
}

Tun::Tun(Tun&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      index_(other.index_),
      with_header_(other.with_header_),
      name_(std::move(other.name_)),
      offloads_(std::move(other.offloads_)) {}

Tun& Tun::operator=(Tun&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(index_, other.index_);
    std::swap(with_header_, other.with_header_);
    std::swap(name_, other.name_);
    std::swap(offloads_, other.offloads_);
    return *this;
}

Tun::~Tun() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

Tun::Frame Tun::read(std::span<std::uint8_t> room) {
    if (!with_header_) {
        const ssize_t got = ::read(fd_, room.data(), room.size());
        return {{}, room.first(got > 0 ? static_cast<std::size_t>(got) : 0)};
    }
    std::array<std::uint8_t, vnet::header_octets> octets;
    std::array<iovec, 2> parts{iovec{octets.data(), octets.size()}, iovec{room.data(), room.size()}};
    while (true) {
        const ssize_t got = ::readv(fd_, parts.data(), parts.size());
        if (got <= static_cast<ssize_t>(octets.size())) {
            return {};
        }
        // Only what was asked for comes; anything else could not be sent on.
        if (const auto header = vnet::decode(octets)) {
            return {*header, room.first(static_cast<std::size_t>(got) - octets.size())};
        }
    }
}

bool Tun::write(ByteView packet) {
    if (with_header_) {
        return write({}, std::span(&packet, 1)) == Written::taken;
    }
    return ::write(fd_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size());
}

Tun::Written Tun::write(const vnet::Header& header, std::span<const ByteView> pieces) {
    const bool merged = header.segmentation != vnet::Segmentation::none;
    const bool on = header.segmentation == vnet::Segmentation::udp ? offloads_.udp.on : offloads_.tcp.on;
    if (merged && !on) {
        return Written::unmerged;
    }
    if (pieces.size() > most_pieces || (header.needs_checksum && !with_header_)) {
        return Written::refused;
    }
    std::array<std::uint8_t, vnet::header_octets> octets;
    std::array<iovec, 1 + most_pieces> parts;
    std::size_t count = 0;
    std::size_t whole = 0;
    const auto add = [&](ByteView piece) {
        parts[count++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
        whole += piece.size();
    };
    if (with_header_) {
        vnet::encode(header, octets);
        add(octets);
    }
    std::for_each(pieces.begin(), pieces.end(), add);
    if (::writev(fd_, parts.data(), static_cast<int>(count)) == static_cast<ssize_t>(whole)) {
        return Written::taken;
    }
    if (!merged || errno != EINVAL) {
        return Written::refused;
    }
    // Nothing shall come merged any more either: status is to tell one truth.
    ioctl(fd_, TUNSETOFFLOAD, 0UL);
    offloads_ = {{false, no_merged}, {false, no_merged}};
    return Written::unmerged;
}

}  // namespace causeway::host
