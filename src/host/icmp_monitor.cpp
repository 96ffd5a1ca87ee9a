#include "host/icmp_monitor.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/icmp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ports.hpp"

namespace causeway::host {

namespace {

constexpr std::size_t ipv4_header = 20;
constexpr std::size_t icmp_header = 8;
constexpr std::size_t ports = 4;
constexpr std::uint8_t unreachable = 3;  // RFC 792
/// A header with options, an ICMP header, and the same again of the packet that it is about: no more is read.
constexpr std::size_t longest = 60 + icmp_header + 60 + ports;
/// What is read in one go: others wait for the loop as well.
constexpr int batch = 32;

std::uint16_t load16(ByteView octets, std::size_t at) {
    return static_cast<std::uint16_t>(octets[at] << 8U | octets[at + 1]);
}

IpAddress address_at(ByteView octets, std::size_t at) {
    return IpAddress::v4(std::uint32_t{load16(octets, at)} << 16U | load16(octets, at + 2));
}

/// Octets of the IPv4 header at the beginning; 0: there is none.
std::size_t header_of(ByteView packet) {
    if (packet.size() < ipv4_header || packet[0] >> 4U != 4) {
        return 0;
    }
    const std::size_t octets = std::size_t{packet[0] & 0x0fU} * 4;
    return octets >= ipv4_header && octets <= packet.size() ? octets : 0;
}

}  // namespace

std::optional<Unreachable> read_unreachable(ByteView packet) {
    const std::size_t outer = header_of(packet);
    if (outer == 0 || packet[9] != IPPROTO_ICMP || packet.size() < outer + icmp_header ||
        packet[outer] != unreachable) {
        return std::nullopt;
    }
    const ByteView about = packet.subspan(outer + icmp_header);
    const std::size_t inner = header_of(about);
    const bool fragment = inner != 0 && (load16(about, 6) & 0x1fffU) != 0;
    if (inner == 0 || fragment || about[9] != IPPROTO_UDP || about.size() < inner + ports) {
        return std::nullopt;
    }
    const Unreachable told{{address_at(about, 12), load16(about, inner)},
                           {address_at(about, 16), load16(about, inner + 2)},
                           address_at(packet, 12),
                           packet[outer + 1]};
    return told.local.port == ike_port || told.local.port == nat_t_port ? std::optional(told) : std::nullopt;
}

Result<std::unique_ptr<IcmpMonitor>> IcmpMonitor::open(EventLoop& loop) {
    std::unique_ptr<IcmpMonitor> made(new IcmpMonitor);
    made->fd_ = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
    if (made->fd_ < 0) {
        return fail(Errc::system, fmt::format("a socket for ICMP: {}", std::strerror(errno)));
    }
    // raw(7): a bit for each type that is kept away.
    icmp_filter filter{};
    filter.data = ~(1U << unreachable);
    if (::setsockopt(made->fd_, SOL_RAW, ICMP_FILTER, &filter, sizeof filter) != 0) {
        return fail(Errc::system, fmt::format("a filter for ICMP: {}", std::strerror(errno)));
    }
    made->watch_ = loop.watch(made->fd_, [self = made.get()] { self->receive(); });
    return made;
}

IcmpMonitor::~IcmpMonitor() {
    watch_ = {};
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

void IcmpMonitor::receive() {
    std::array<std::uint8_t, longest> octets{};
    for (int i = 0; i < batch; ++i) {
        const ssize_t got = ::recv(fd_, octets.data(), octets.size(), MSG_DONTWAIT);
        if (got < 0) {
            return;
        }
        const auto told = read_unreachable(ByteView(octets.data(), static_cast<std::size_t>(got)));
        if (told && on_unreachable) {
            on_unreachable(*told);
        }
    }
}

}  // namespace causeway::host
