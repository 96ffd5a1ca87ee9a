#include "dataplane/userspace/raw_esp_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "host/packet_mark.hpp"
#include "host/privileges.hpp"

namespace causeway::dataplane {

namespace {

// The kernel reassembles outer fragments before a raw socket sees the packet, so any length may come. The
// buffers are not touched, and so take no memory, beyond what has arrived.
constexpr std::size_t slot_octets = 65536;
constexpr int wanted_buffer = 4 * 1024 * 1024;
constexpr std::size_t control_octets = 128;

IpAddress address_of(const in6_addr& address) {
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &address, octets.size());
    return IpAddress::v6(octets);
}

bool set_option(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

// Copies octets out of and into control messages, whose alignment is their own affair.
template <class T>
T control_value(const cmsghdr* message) {
    T value{};
    std::memcpy(&value, CMSG_DATA(message), sizeof value);
    return value;
}

template <class T>
cmsghdr* put_control(cmsghdr* at, int level, int type, const T& value) {
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(sizeof(T));
    std::memcpy(CMSG_DATA(at), &value, sizeof value);
    return at;
}

}  // namespace

struct RawEspSocket::Slots {
    struct Control {
        alignas(cmsghdr) std::array<std::uint8_t, control_octets> octets{};
    };
    std::unique_ptr<std::uint8_t[]> buffers =
        std::make_unique_for_overwrite<std::uint8_t[]>(batch_packets * slot_octets);
    std::array<mmsghdr, batch_packets> messages{};
    std::array<iovec, batch_packets> vectors{};
    std::array<sockaddr_storage, batch_packets> names{};
    std::array<Control, batch_packets> controls{};

    std::span<std::uint8_t> buffer(std::size_t i) { return {buffers.get() + i * slot_octets, slot_octets}; }
    void prepare(std::size_t i, std::span<const std::uint8_t> octets, socklen_t name_octets) {
        vectors[i] = {const_cast<std::uint8_t*>(octets.data()), octets.size()};
        msghdr& header = messages[i].msg_hdr;
        header = {};
        header.msg_name = &names[i];
        header.msg_namelen = name_octets;
        header.msg_iov = &vectors[i];
        header.msg_iovlen = 1;
        header.msg_control = controls[i].octets.data();
        header.msg_controllen = control_octets;
    }
};

RawEspSocket::RawEspSocket(Family family) : family_(family), slots_(std::make_unique<Slots>()) {
    arrivals_.reserve(batch_packets);
}

RawEspSocket::~RawEspSocket() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

Result<std::unique_ptr<RawEspSocket>> RawEspSocket::open(Family family) {
    std::unique_ptr<RawEspSocket> raw(new RawEspSocket(family));
    const bool v4 = family == Family::v4;
    raw->fd_ = socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ESP);
    if (raw->fd_ < 0) {
        const bool rights = errno == EPERM || errno == EACCES;
        return fail(Error{rights ? Errc::permission : Errc::system,
                          fmt::format("cannot open the raw socket for ESP over {}: {}", v4 ? "IPv4" : "IPv6",
                                      std::strerror(errno)),
                          {},
                          rights ? host::needs_capability("CAP_NET_RAW") : ""});
    }
    const int fd = raw->fd_;
    // DF stays off (RFC 4301 8.1): the inner MTU is what we control, a smaller path fragments outside.
    const bool set = v4 ? set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT)
                        : set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT) &&
                              set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
                              set_option(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
    if (!set) {
        return fail(Errc::system,
                    fmt::format("cannot set up the raw socket for ESP: {}", std::strerror(errno)));
    }
    // Where it is refused the UDP sockets' is refused too, and said there.
    static_cast<void>(host::mark_packets(fd));
    for (const auto& [forced, plain] : {std::pair{SO_RCVBUFFORCE, SO_RCVBUF}, {SO_SNDBUFFORCE, SO_SNDBUF}}) {
        if (!set_option(fd, SOL_SOCKET, forced, wanted_buffer)) {
            set_option(fd, SOL_SOCKET, plain, wanted_buffer);
        }
    }
    return raw;
}

Result<void> RawEspSocket::be_deaf() {
    sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
    const sock_fprog program{1, &nothing};
    if (setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
        return fail(Errc::system,
                    fmt::format("cannot set up the raw socket for ESP: {}", std::strerror(errno)));
    }
    // What came before it was.
    while (!receive().empty()) {
    }
    return {};
}

void RawEspSocket::listen() {
    set_option(fd_, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

std::span<esp::Arrival> RawEspSocket::receive() {
    arrivals_.clear();
    for (std::size_t i = 0; i < batch_packets; ++i) {
        slots_->prepare(i, slots_->buffer(i), sizeof(sockaddr_storage));
    }
    const int got = recvmmsg(fd_, slots_->messages.data(), batch_packets, MSG_DONTWAIT, nullptr);
    for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got); ++i) {
        msghdr& header = slots_->messages[i].msg_hdr;
        std::span<std::uint8_t> octets = slots_->buffer(i).first(slots_->messages[i].msg_len);
        esp::Arrival arrival;
        if (family_ == Family::v4) {  // the IP header comes with the packet
            if (octets.size() < 20 || octets.size() < std::size_t{octets[0] & 0x0fU} * 4) {
                continue;
            }
            arrival.tos = octets[1];
            arrival.remote.address = *IpAddress::from_octets(octets.subspan(12, 4));
            arrival.local.address = *IpAddress::from_octets(octets.subspan(16, 4));
            arrival.packet = octets.subspan(std::size_t{octets[0] & 0x0fU} * 4);
        } else {
            arrival.packet = octets;
            arrival.remote.address =
                address_of(reinterpret_cast<const sockaddr_in6&>(slots_->names[i]).sin6_addr);
            for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
                if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                    arrival.local.address = address_of(control_value<in6_pktinfo>(c).ipi6_addr);
                } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
                    arrival.tos = static_cast<std::uint8_t>(control_value<int>(c));
                }
            }
        }
        arrivals_.push_back(arrival);
    }
    return arrivals_;
}

std::size_t RawEspSocket::send(std::span<const esp::Sealed> packets) {
    const std::size_t count = std::min(packets.size(), batch_packets);
    for (std::size_t i = 0; i < count; ++i) {
        const esp::Sealed& packet = packets[i];
        slots_->controls[i] = {};
        const bool v4 = family_ == Family::v4;
        slots_->prepare(i, packet.packet, v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        msghdr& header = slots_->messages[i].msg_hdr;
        cmsghdr* first = CMSG_FIRSTHDR(&header);
        const ByteView to = packet.remote.address.octets();
        const ByteView from = packet.local.address.octets();
        const int tos = packet.tos;
        slots_->names[i] = {};
        if (v4) {
            auto& name = reinterpret_cast<sockaddr_in&>(slots_->names[i]);
            name.sin_family = AF_INET;
            std::memcpy(&name.sin_addr, to.data(), to.size());
            in_pktinfo source{};
            std::memcpy(&source.ipi_spec_dst, from.data(), std::min(from.size(), sizeof source.ipi_spec_dst));
            put_control(first, IPPROTO_IP, IP_PKTINFO, source);
            put_control(CMSG_NXTHDR(&header, first), IPPROTO_IP, IP_TOS, tos);
            header.msg_controllen = CMSG_SPACE(sizeof source) + CMSG_SPACE(sizeof tos);
        } else {
            auto& name = reinterpret_cast<sockaddr_in6&>(slots_->names[i]);
            name.sin6_family = AF_INET6;
            std::memcpy(&name.sin6_addr, to.data(), to.size());
            in6_pktinfo source{};
            std::memcpy(&source.ipi6_addr, from.data(), std::min(from.size(), sizeof source.ipi6_addr));
            put_control(first, IPPROTO_IPV6, IPV6_PKTINFO, source);
            put_control(CMSG_NXTHDR(&header, first), IPPROTO_IPV6, IPV6_TCLASS, tos);
            header.msg_controllen = CMSG_SPACE(sizeof source) + CMSG_SPACE(sizeof tos);
        }
    }
    // A packet that is refused is skipped, so that one bad address does not stop the others.
    std::size_t sent = 0;
    for (std::size_t at = 0; at < count;) {
        const int taken =
            sendmmsg(fd_, &slots_->messages[at], static_cast<unsigned>(count - at), MSG_DONTWAIT);
        if (taken <= 0) {
            ++at;
            continue;
        }
        sent += static_cast<std::size_t>(taken);
        at += static_cast<std::size_t>(taken);
    }
    return sent;
}

}  // namespace causeway::dataplane
