#include "host/channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "codec/reader.hpp"
#include "codec/writer.hpp"

namespace causeway::host {

namespace {

constexpr std::size_t length_octets = 4;
/// A message is taken in as it comes: room for one that is announced and never sent is nobody's to make us get.
constexpr std::size_t piece_octets = 65536;

// Aligned as the macros want it.
union ControlRoom {
    cmsghdr header;
    std::array<char, CMSG_SPACE(sizeof(int))> octets;
};

/// The first is kept, others are none of ours.
void take_descriptors(msghdr& head, Descriptor& into) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&head); one != nullptr; one = CMSG_NXTHDR(&head, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(one) + i * sizeof(int), sizeof fd);
            Descriptor owned(fd);
            if (!into) {
                into = std::move(owned);
            }
        }
    }
}

}  // namespace

Result<std::pair<Channel, Channel>> Channel::open() {
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return fail(Errc::system, fmt::format("a pair of sockets: {}", std::strerror(errno)));
    }
    return std::pair(Channel(ends[0]), Channel(ends[1]));
}

void Channel::bound(Duration patience) {
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
    const timeval time{static_cast<time_t>(whole / 1'000'000), static_cast<suseconds_t>(whole % 1'000'000)};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

Result<void> Channel::send(ByteView message, int descriptor) {
    Writer framed;
    framed.u32(static_cast<std::uint32_t>(message.size())).octets(message);
    const Bytes octets = std::move(framed).finish();
    ControlRoom room{};
    ByteView rest = octets;
    while (!rest.empty()) {
        iovec piece{const_cast<std::uint8_t*>(rest.data()), rest.size()};
        msghdr head{};
        head.msg_iov = &piece;
        head.msg_iovlen = 1;
        if (descriptor >= 0) {
            head.msg_control = room.octets.data();
            head.msg_controllen = room.octets.size();
            cmsghdr* one = CMSG_FIRSTHDR(&head);
            one->cmsg_level = SOL_SOCKET;
            one->cmsg_type = SCM_RIGHTS;
            one->cmsg_len = CMSG_LEN(sizeof(int));
            std::memcpy(CMSG_DATA(one), &descriptor, sizeof descriptor);
        }
        const ssize_t sent = ::sendmsg(socket_.get(), &head, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return fail(Errc::system,
                        fmt::format("the other process does not take a message: {}", std::strerror(errno)));
        }
        descriptor = -1;  // it went with the first octets
        rest = rest.subspan(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<void> Channel::read(std::uint8_t* to, std::size_t octets, Descriptor& descriptor) {
    std::size_t have = 0;
    while (have < octets) {
        iovec piece{to + have, octets - have};
        ControlRoom room{};
        msghdr head{};
        head.msg_iov = &piece;
        head.msg_iovlen = 1;
        head.msg_control = room.octets.data();
        head.msg_controllen = room.octets.size();
        const ssize_t got = ::recvmsg(socket_.get(), &head, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return fail(Errc::malformed,
                        fmt::format("a message that does not go on: {}", std::strerror(errno)));
        }
        take_descriptors(head, descriptor);
        if (got == 0) {
            return fail(have == 0 ? Errc::cancelled : Errc::malformed, "the other process is gone");
        }
        have += static_cast<std::size_t>(got);
    }
    return {};
}

Result<Channel::Message> Channel::receive(std::size_t limit) {
    Message message;
    std::array<std::uint8_t, length_octets> head{};
    CAUSEWAY_CHECK(read(head.data(), head.size(), message.descriptor));
    const std::size_t length = Reader(head).u32();
    if (length > limit) {
        return fail(Errc::limit, fmt::format("a message of {} octets; at most {} are taken", length, limit));
    }
    while (message.octets.size() < length) {
        const std::size_t have = message.octets.size();
        const std::size_t piece = std::min(length - have, piece_octets);
        message.octets.resize(have + piece);
        if (auto rest = read(message.octets.data() + have, piece, message.descriptor); !rest) {
            rest.error().code = Errc::malformed;
            return fail(std::move(rest.error()));
        }
    }
    return message;
}

}  // namespace causeway::host
