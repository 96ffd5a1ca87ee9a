#include "host/udp_socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "host/packet_mark.hpp"
#include "host/socket_address.hpp"

namespace causeway::host {
namespace {

// A burst of a fast peer must fit while the loop is busy elsewhere for some milliseconds.
constexpr int buffer_octets = 4 << 20;
// The longest UDP payload there is, and an odd step between slots: a power of two would map the heads of all
// datagrams to the same lines of the processor's cache.
constexpr std::size_t payload_octets = 65535;
constexpr std::size_t slot_octets = 65536 + 2112;
constexpr std::size_t control_octets = 128;

Errc code_of(int error) {
    switch (error) {
        case EACCES:
        case EPERM:
            return Errc::permission;
        case EADDRINUSE:
            return Errc::exists;
        case EAFNOSUPPORT:
        case EADDRNOTAVAIL:
            return Errc::unsupported;
        default:
            return Errc::system;
    }
}

bool set(int fd, int level, int option, int value) {
    return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/// IP_PMTUDISC_PROBE sets DF and does not look at the path MTU that the system remembers (ip(7), ipv6(7)).
bool fragment(int fd, UdpSocket::Family family, bool allowed) {
    if (family == UdpSocket::Family::v4) {
        return set(fd, IPPROTO_IP, IP_MTU_DISCOVER, allowed ? IP_PMTUDISC_DONT : IP_PMTUDISC_PROBE);
    }
    return set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, allowed ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_PROBE) &&
           set(fd, IPPROTO_IPV6, IPV6_DONTFRAG, allowed ? 0 : 1);
}

bool configure(int fd, UdpSocket::Family family) {
    // Root may exceed the system's limit; others take what they get.
    if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, buffer_octets)) {
        set(fd, SOL_SOCKET, SO_RCVBUF, buffer_octets);
    }
    if (!set(fd, SOL_SOCKET, SO_SNDBUFFORCE, buffer_octets)) {
        set(fd, SOL_SOCKET, SO_SNDBUF, buffer_octets);
    }
    if (family == UdpSocket::Family::v4) {
        return set(fd, IPPROTO_IP, IP_PKTINFO, 1) && set(fd, IPPROTO_IP, IP_RECVTOS, 1) &&
               set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    }
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
}

void read_control(msghdr& header, UdpDatagram& datagram) {
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
            // ipi_addr is the header's destination; ipi_spec_dst would be ours even for a broadcast.
            datagram.local.address = from_system(info.ipi_addr);
            datagram.device = static_cast<unsigned>(info.ipi_ifindex);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(c), sizeof info);
            datagram.local.address = from_system(info.ipi6_addr);
            datagram.device = info.ipi6_ifindex;
        } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
            datagram.tos = *CMSG_DATA(c);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
            int value = 0;
            std::memcpy(&value, CMSG_DATA(c), sizeof value);
            datagram.tos = static_cast<std::uint8_t>(value);
        }
    }
}

struct alignas(cmsghdr) Control {
    std::array<std::uint8_t, control_octets> octets;
};

// One message with its control part, ready for sendmsg() or sendmmsg(). Stays where it is built.
struct Outgoing {
    SocketAddress to;
    iovec data{};
    Control control;

    void put(msghdr& header, int level, int type, const void* value, std::size_t octets) {
        auto* at = reinterpret_cast<cmsghdr*>(control.octets.data() + header.msg_controllen);
        at->cmsg_level = level;
        at->cmsg_type = type;
        at->cmsg_len = static_cast<decltype(at->cmsg_len)>(CMSG_LEN(octets));
        std::memcpy(CMSG_DATA(at), value, octets);
        header.msg_controllen += CMSG_SPACE(octets);
    }

    void fill(msghdr& header, const UdpOutgoing& datagram) {
        to = to_system(datagram.remote);
        data.iov_base = const_cast<std::uint8_t*>(datagram.payload.data());
        data.iov_len = datagram.payload.size();
        header = {};
        header.msg_name = to.get();
        header.msg_namelen = to.length;
        header.msg_iov = &data;
        header.msg_iovlen = 1;
        header.msg_control = control.octets.data();
        const bool v4 = datagram.remote.address.is_v4();
        const int tos = datagram.tos;
        if (!datagram.local.is_unspecified()) {
            if (v4) {
                in_pktinfo info{};
                info.ipi_spec_dst = to_in_addr(datagram.local);
                put(header, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
            } else {
                in6_pktinfo info{};
                info.ipi6_addr = to_in6_addr(datagram.local);
                put(header, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
            }
        }
        if (tos != 0) {
            put(header, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos, sizeof tos);
        }
        if (header.msg_controllen == 0) {
            header.msg_control = nullptr;
        }
    }
};

bool families_agree(const UdpOutgoing& datagram, UdpSocket::Family family) {
    const bool v4 = family == UdpSocket::Family::v4;
    return datagram.remote.address.is_v4() == v4 &&
           (datagram.local.is_unspecified() || datagram.local.is_v4() == v4);
}

}  // namespace

struct UdpRoom::Slots {
    std::unique_ptr<std::uint8_t[]> octets =
        std::make_unique_for_overwrite<std::uint8_t[]>(batch_datagrams * slot_octets);
    std::array<mmsghdr, batch_datagrams> messages{};
    std::array<iovec, batch_datagrams> data{};
    std::array<sockaddr_storage, batch_datagrams> from{};
    std::array<Control, batch_datagrams> control{};
    std::vector<UdpDatagram> datagrams;
};

UdpRoom::UdpRoom() : slots_(std::make_unique<Slots>()) {
    slots_->datagrams.reserve(batch_datagrams);
}
UdpRoom::~UdpRoom() = default;

Result<UdpSocket> UdpSocket::open(Family family, std::uint16_t port) {
    const bool v4 = family == Family::v4;
    const auto failed = [&](std::string_view what) {
        const int error = errno;
        return fail(code_of(error), fmt::format("{} UDP port {}: {}: {}", v4 ? "IPv4" : "IPv6", port, what,
                                                std::strerror(error)));
    };
    UdpSocket made(::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), family);
    if (made.fd_ < 0) {
        return failed("socket");
    }
    if (!configure(made.fd_, family)) {
        return failed("setsockopt");
    }
    SocketAddress any = to_system({v4 ? IpAddress{} : IpAddress::v6({}), port});
    if (::bind(made.fd_, any.get(), any.length) != 0) {
        return failed("bind");
    }
    if (::getsockname(made.fd_, any.get(), &any.length) != 0) {
        return failed("getsockname");
    }
    made.port_ = from_system(any.get()).port;
    made.marked_ = mark_packets(made.fd_);
    return made;
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), family_(other.family_), port_(other.port_), marked_(other.marked_) {}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(family_, other.family_);
    std::swap(port_, other.port_);
    std::swap(marked_, other.marked_);
    return *this;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::span<UdpDatagram> UdpSocket::receive(UdpRoom& room) {
    UdpRoom::Slots& slots = *room.slots_;
    slots.datagrams.clear();
    for (std::size_t i = 0; i < UdpRoom::batch_datagrams; ++i) {
        slots.data[i] = {slots.octets.get() + i * slot_octets, payload_octets};
        msghdr& header = slots.messages[i].msg_hdr;
        header = {};
        header.msg_name = &slots.from[i];
        header.msg_namelen = sizeof slots.from[i];
        header.msg_iov = &slots.data[i];
        header.msg_iovlen = 1;
        header.msg_control = slots.control[i].octets.data();
        header.msg_controllen = control_octets;
    }
    const int got = ::recvmmsg(fd_, slots.messages.data(), UdpRoom::batch_datagrams, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < got; ++i) {
        const auto at = static_cast<std::size_t>(i);
        UdpDatagram& datagram = slots.datagrams.emplace_back();
        datagram.remote = from_system(reinterpret_cast<const sockaddr*>(&slots.from[at]));
        datagram.local.port = port_;
        datagram.payload = {slots.octets.get() + at * slot_octets, slots.messages[at].msg_len};
        read_control(slots.messages[at].msg_hdr, datagram);
    }
    return slots.datagrams;
}

Result<void> UdpSocket::send(const UdpOutgoing& datagram) {
    if (!families_agree(datagram, family_)) {
        return fail(Errc::unsupported, "local and remote address are of different families");
    }
    Outgoing out;
    msghdr header{};
    out.fill(header, datagram);
    if (datagram.dont_fragment && !fragment(fd_, family_, false)) {
        const int error = errno;
        fragment(fd_, family_, true);
        return fail(code_of(error), std::strerror(error));
    }
    const bool sent = ::sendmsg(fd_, &header, MSG_DONTWAIT) >= 0;
    const int error = errno;
    if (datagram.dont_fragment) {
        fragment(fd_, family_, true);
    }
    if (!sent) {
        return fail(code_of(error), std::strerror(error));
    }
    return {};
}

std::size_t UdpSocket::send_batch(std::span<const UdpOutgoing> batch) {
    constexpr std::size_t step = UdpRoom::batch_datagrams;
    std::array<Outgoing, step> out;
    std::array<mmsghdr, step> messages;
    std::size_t failed = 0;
    while (!batch.empty()) {
        std::size_t filled = 0;
        std::size_t looked_at = 0;
        while (looked_at < batch.size() && filled < step) {
            const UdpOutgoing& datagram = batch[looked_at++];
            if (families_agree(datagram, family_)) {
                out[filled].fill(messages[filled].msg_hdr, datagram);
                ++filled;
            } else {
                ++failed;
            }
        }
        batch = batch.subspan(looked_at);
        // The system stops at the first datagram it refuses; the ones behind it deserve their own try.
        for (std::size_t sent = 0; sent < filled;) {
            const int took =
                ::sendmmsg(fd_, &messages[sent], static_cast<unsigned>(filled - sent), MSG_DONTWAIT);
            if (took > 0) {
                sent += static_cast<std::size_t>(took);
            } else if (errno != EINTR) {
                ++failed;
                ++sent;
            }
        }
    }
    return failed;
}

}  // namespace causeway::host
