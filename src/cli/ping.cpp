#include "cli/ping.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "cli/client.hpp"
#include "cli/descriptor.hpp"
#include "cli/system_address.hpp"
#include "crypto/random.hpp"

namespace causeway::cli {
namespace {

constexpr std::uint8_t echo_request = 8;  // RFC 792
constexpr std::uint8_t echo_reply = 0;
constexpr std::size_t header = 8;
/// What an answer brings back: nobody else's has it.
using Token = std::array<std::uint8_t, 16>;

/// RFC 1071.
std::uint16_t checksum(ByteView octets) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < octets.size(); i += 2) {
        sum += static_cast<std::uint32_t>(octets[i] << 8U | octets[i + 1]);
    }
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16U);
    }
    return static_cast<std::uint16_t>(~sum);
}

/// The identifier is the token's beginning; the kernel's own socket for pings writes another one.
std::array<std::uint8_t, header + sizeof(Token)> question(const Token& token, std::uint8_t sequence) {
    std::array<std::uint8_t, header + sizeof(Token)> octets{echo_request, 0,        0, 0,
                                                            token[0],     token[1], 0, sequence};
    std::ranges::copy(token, octets.begin() + header);
    const auto sum = checksum(octets);
    octets[2] = static_cast<std::uint8_t>(sum >> 8U);
    octets[3] = static_cast<std::uint8_t>(sum & 0xffU);
    return octets;
}

class PingSocket {
 public:
    /// The error is one of the system's.
    static std::optional<PingSocket> open(const IpAddress& source, std::string& error) {
        PingSocket made;
        for (const int kind : {SOCK_RAW, SOCK_DGRAM}) {
            made.raw_ = kind == SOCK_RAW;
            made.socket_ = Descriptor(::socket(AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP));
            if (made.socket_.open()) {
                break;
            }
        }
        const auto here = system_address({source, 0});
        if (!made.socket_.open() || ::bind(made.socket_.get(), here.get(), here.octets) != 0) {
            error = std::strerror(errno);
            return std::nullopt;
        }
        return made;
    }

    [[nodiscard]] int descriptor() const { return socket_.get(); }

    /// An answer from `from` to the question with that token and number is there. Others are read and dropped.
    [[nodiscard]] bool has_answer(const IpAddress& from, const Token& token, std::uint8_t sequence) const {
        std::array<std::uint8_t, 2048> room{};
        sockaddr_storage sender{};
        for (;;) {
            socklen_t octets = sizeof sender;
            const auto got = ::recvfrom(socket_.get(), room.data(), room.size(), 0,
                                        reinterpret_cast<sockaddr*>(&sender), &octets);
            if (got < 0) {
                return false;
            }
            auto packet = ByteView(room).first(static_cast<std::size_t>(got));
            // A raw socket has the IP header in front, whose length is in its first octet, in words of four.
            const std::size_t skipped = raw_ && !packet.empty() ? std::size_t{packet[0] & 0xfU} * 4 : 0;
            if (packet.size() < skipped + header + token.size() || endpoint_of(sender).address != from) {
                continue;
            }
            packet = packet.subspan(skipped);
            if (packet[0] == echo_reply && packet[7] == sequence &&
                std::ranges::equal(packet.subspan(header, token.size()), token)) {
                return true;
            }
        }
    }

 private:
    Descriptor socket_;
    bool raw_ = false;
};

/// The round trip; nothing: no answer in time.
std::optional<Duration> wait_for(const PingSocket& socket, const IpAddress& address, const Token& token,
                                 std::uint8_t sequence) {
    const auto asked = Clock::now();
    const auto deadline = asked + ping_patience;
    while (Clock::now() < deadline) {
        pollfd waiting{socket.descriptor(), POLLIN, 0};
        if (::poll(&waiting, 1, milliseconds_until(deadline)) > 0 &&
            socket.has_answer(address, token, sequence)) {
            return std::chrono::duration_cast<Duration>(Clock::now() - asked);
        }
    }
    return std::nullopt;
}

}  // namespace

doctor::Ping ping(const IpAddress& address, const IpAddress& source) {
    doctor::Ping seen;
    seen.address = address;
    seen.source = source;
    const auto socket = PingSocket::open(source, seen.error);
    if (!socket) {
        return seen;
    }
    Token token{};
    crypto::SystemRandom().fill(token);
    const auto there = system_address({address, 0});
    for (std::uint8_t sequence = 1; sequence <= pings_max; ++sequence) {
        const auto octets = question(token, sequence);
        if (::sendto(socket->descriptor(), octets.data(), octets.size(), 0, there.get(), there.octets) < 0) {
            seen.error = std::strerror(errno);
            return seen;
        }
        ++seen.sent;
        if (const auto trip = wait_for(*socket, address, token, sequence)) {
            ++seen.received;
            seen.best = seen.best ? std::min(*seen.best, *trip) : *trip;
        }
    }
    return seen;
}

}  // namespace causeway::cli
