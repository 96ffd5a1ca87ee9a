#include "host/udp_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "host/event_loop.hpp"
#include "host/kernel_defects.hpp"
#include "host/packet_mark.hpp"
#include "host/socket_address.hpp"
#include "host/udp_messages.hpp"
#include "host/xfrm.hpp"

namespace causeway::host {
namespace {

// A burst of a fast peer must fit while the loop is busy elsewhere for some milliseconds.
constexpr int buffer_octets = 4 << 20;
// The longest UDP payload there is, and an odd step between slots: a power of two would map the heads of all
// datagrams to the same lines of the processor's cache.
constexpr std::size_t payload_octets = 65535;
constexpr std::size_t slot_octets = 65536 + 2112;
// While trains come, each message may be as long as a slot: no more memory is touched than caches hold.
constexpr unsigned trains_at_a_time = 8;
constexpr std::size_t small_octets = 4096;
// After so many single datagrams none is expected. Where trains and singles come mixed, as from a device that takes
// trains of ten, each change of mind would cost the memory of a batch.
constexpr unsigned no_more_trains = 1024;
constexpr const char* switched_off = "switched off";

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

/// Returns the size of each datagram of a train but the last; 0: it is none.
std::size_t read_control(msghdr& header, UdpDatagram& datagram) {
    std::size_t segment = 0;
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
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == udp_gro_option) {
            int value = 0;
            std::memcpy(&value, CMSG_DATA(c), sizeof value);
            segment = static_cast<std::size_t>(std::max(value, 0));
        }
    }
    return segment;
}

// Reading an option back is how a kernel shows that it knows it.
bool knows(int fd, int option) {
    int value = 0;
    socklen_t octets = sizeof value;
    return ::getsockopt(fd, IPPROTO_UDP, option, &value, &octets) == 0;
}

OffloadState ask_for_sending(int fd, OffloadWish wish) {
    if (wish == OffloadWish::off) {
        return {false, switched_off};
    }
    if (!knows(fd, udp_segment_option)) {
        return {false, "the kernel cannot (Linux 4.18 can)"};
    }
    std::string defect = wish == OffloadWish::automatic ? udp_send_defect(kernel_release()) : "";
    return {defect.empty(), std::move(defect)};
}

OffloadState ask_for_receiving(int fd, OffloadWish wish) {
    if (wish == OffloadWish::off) {
        return {false, switched_off};
    }
    // Kernels before 5.12 do it and do not tell; several of them wrongly.
    if (wish == OffloadWish::automatic && !knows(fd, udp_gro_option)) {
        return {false, "the kernel does not tell whether it can (Linux 5.12 does)"};
    }
    if (!set(fd, IPPROTO_UDP, udp_gro_option, 1)) {
        return {false, "the kernel cannot (Linux 5.0 can)"};
    }
    return {true, {}};
}

// What the system says of a train, and would not say of its datagrams one by one: no checksum offload on the device
// or IPsec of the system's own on the way (EIO), datagrams larger than the way carries (EINVAL, later EMSGSIZE).
bool blames_the_train(int error) {
    return error == EIO || error == EINVAL || error == EMSGSIZE;
}

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
    std::array<UdpControl, batch_datagrams> control{};
    std::vector<UdpDatagram> datagrams;
    std::size_t filled = 0;  ///< slots, counted from the first, that long messages have come into

    /// A burst of trains may have filled all slots once; such an amount is not kept.
    void give_back() {
        if (filled > trains_at_a_time) {
            const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
            const auto begin = reinterpret_cast<std::uintptr_t>(octets.get());
            const std::uintptr_t first = (begin + trains_at_a_time * slot_octets + page - 1) / page * page;
            const std::uintptr_t end = (begin + batch_datagrams * slot_octets) / page * page;
            ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
        }
        filled = 0;
    }
};

UdpRoom::UdpRoom() : slots_(std::make_unique<Slots>()) {
    slots_->datagrams.reserve(batch_datagrams);
}
UdpRoom::~UdpRoom() = default;

Result<UdpSocket> UdpSocket::open(Family family, std::uint16_t port, const UdpOffload& offload) {
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
    made.sends_trains_ = ask_for_sending(made.fd_, offload.send);
    made.receives_trains_ = ask_for_receiving(made.fd_, offload.receive);
    return made;
}

bool UdpSocket::leave_esp_to_kernel() {
    // A train would reach the kernel's ESP as one packet.
    if (receives_trains_.on && set(fd_, IPPROTO_UDP, udp_gro_option, 0)) {
        receives_trains_ = {false, "the kernel carries ESP"};
    }
    return esp_in_udp_by_kernel(fd_);
}

void UdpSocket::take_esp_from_kernel() {
    esp_in_udp_by_program(fd_);
}

bool UdpSocket::bypass_ipsec() {
    return host::bypass_ipsec(fd_, family_ == Family::v4);
}

UdpSocket::UdpSocket(UdpSocket&& other) noexcept
    : on_no_trains(std::move(other.on_no_trains)),
      fd_(std::exchange(other.fd_, -1)),
      family_(other.family_),
      port_(other.port_),
      marked_(other.marked_),
      sends_trains_(std::move(other.sends_trains_)),
      receives_trains_(std::move(other.receives_trains_)),
      no_trains_(std::move(other.no_trains_)),
      last_refusal_(std::move(other.last_refusal_)),
      since_train_(other.since_train_) {}

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
    std::swap(on_no_trains, other.on_no_trains);
    std::swap(fd_, other.fd_);
    std::swap(family_, other.family_);
    std::swap(port_, other.port_);
    std::swap(marked_, other.marked_);
    std::swap(sends_trains_, other.sends_trains_);
    std::swap(receives_trains_, other.receives_trains_);
    std::swap(no_trains_, other.no_trains_);
    std::swap(last_refusal_, other.last_refusal_);
    std::swap(since_train_, other.since_train_);
    return *this;
}

UdpSocket::~UdpSocket() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

OffloadState UdpSocket::sends_trains() {
    no_trains_.forget(now());
    return no_trains_.empty() ? sends_trains_ : OffloadState{sends_trains_.on, last_refusal_};
}

std::span<UdpDatagram> UdpSocket::receive(UdpRoom& room) {
    UdpRoom::Slots& slots = *room.slots_;
    slots.datagrams.clear();
    slots.give_back();
    const unsigned at_a_time =
        receives_trains_.on && since_train_ < no_more_trains ? trains_at_a_time : UdpRoom::batch_datagrams;
    for (std::size_t i = 0; i < at_a_time; ++i) {
        slots.data[i] = {slots.octets.get() + i * slot_octets, payload_octets};
        msghdr& header = slots.messages[i].msg_hdr;
        header = {};
        header.msg_name = &slots.from[i];
        header.msg_namelen = sizeof slots.from[i];
        header.msg_iov = &slots.data[i];
        header.msg_iovlen = 1;
        header.msg_control = slots.control[i].octets.data();
        header.msg_controllen = udp_control_octets;
    }
    const int got = ::recvmmsg(fd_, slots.messages.data(), at_a_time, MSG_DONTWAIT, nullptr);
    bool trains = false;
    for (int i = 0; i < got; ++i) {
        const auto at = static_cast<std::size_t>(i);
        UdpDatagram datagram;
        datagram.remote = from_system(reinterpret_cast<const sockaddr*>(&slots.from[at]));
        datagram.local.port = port_;
        const std::size_t segment = read_control(slots.messages[at].msg_hdr, datagram);
        const std::span whole{slots.octets.get() + at * slot_octets, slots.messages[at].msg_len};
        if (whole.size() > small_octets) {
            slots.filled = at + 1;
        }
        trains = split_train(whole, segment, datagram, slots.datagrams) > 1 || trains;
    }
    if (receives_trains_.on && got > 0) {
        since_train_ = trains ? 0 : std::min(since_train_ + static_cast<unsigned>(got), no_more_trains);
    }
    return slots.datagrams;
}

Result<void> UdpSocket::send(const UdpOutgoing& datagram) {
    if (!families_agree(datagram, family_)) {
        return fail(Errc::unsupported, "local and remote address are of different families");
    }
    UdpMessages out;
    out.add(std::span(&datagram, 1));
    if (datagram.dont_fragment && !fragment(fd_, family_, false)) {
        const int error = errno;
        fragment(fd_, family_, true);
        return fail(code_of(error), std::strerror(error));
    }
    const bool sent = ::sendmsg(fd_, &out.from(0).front().msg_hdr, MSG_DONTWAIT) >= 0;
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
    return send_messages(batch, sends_trains_.on);
}

std::size_t UdpSocket::send_messages(std::span<const UdpOutgoing> batch, bool trains) {
    UdpMessages out;
    std::size_t failed = 0;
    while (!batch.empty()) {
        out.clear();
        std::size_t looked_at = 0;
        while (looked_at < batch.size()) {
            const auto rest = batch.subspan(looked_at);
            if (!families_agree(rest.front(), family_)) {
                ++failed;
                ++looked_at;
                continue;
            }
            const auto train = rest.first(trains ? length_of_train(rest) : 1);
            if (!out.add(train)) {
                break;
            }
            looked_at += train.size();
        }
        batch = batch.subspan(looked_at);
        failed += send_all(out);
    }
    return failed;
}

// The system stops at the first message it refuses; the ones behind it deserve their own try.
std::size_t UdpSocket::send_all(UdpMessages& messages) {
    std::size_t failed = 0;
    for (std::size_t sent = 0; sent < messages.count();) {
        const auto rest = messages.from(sent);
        const int took = ::sendmmsg(fd_, rest.data(), static_cast<unsigned>(rest.size()), MSG_DONTWAIT);
        if (took > 0) {
            sent += static_cast<std::size_t>(took);
        } else if (const int error = errno; error != EINTR) {
            const auto train = messages.train(sent++);
            failed += train.size() > 1 && blames_the_train(error) ? send_apart(train, error) : train.size();
        }
    }
    return failed;
}

std::size_t UdpSocket::length_of_train(std::span<const UdpOutgoing> batch) {
    const std::size_t length = train_length(batch);
    const UdpOutgoing& first = batch.front();
    const bool refused = length > 1 && !no_trains_.empty() &&
                         no_trains_.contains(first.remote.address, first.payload.size(), now());
    return refused ? 1 : length;
}

// What fails one by one as well was no train's fault.
std::size_t UdpSocket::send_apart(std::span<const UdpOutgoing> train, int error) {
    const std::size_t failed = send_messages(train, false);
    const IpAddress& remote = train.front().remote.address;
    const std::size_t octets = train.front().payload.size();
    if (failed < train.size() && no_trains_.add(remote, error == EIO ? 0 : octets, now())) {
        const std::string reason =
            error == EIO ? "the device computes no checksums, or the system has IPsec of its own"
                         : fmt::format("those of {} octets are larger than the way carries", octets);
        last_refusal_ = fmt::format("not to {}: {} ({})", remote.text(), reason, std::strerror(error));
        if (on_no_trains) {
            on_no_trains(remote, reason);
        }
    }
    return failed;
}

}  // namespace causeway::host
