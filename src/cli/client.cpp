#include "cli/client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <utility>

namespace causeway::cli {
namespace {

/// How often a full queue of connections or, on old kernels, a process is looked at again.
constexpr std::chrono::milliseconds look_again{20};
/// What is read at once.
constexpr std::size_t room_octets = 65536;
/// A status that is longer, of some hundred tunnels, is printed while it comes.
constexpr std::size_t most_held = std::size_t{1} << 20U;
constexpr std::size_t part_printed = 65536;

bool wait_for(int fd, short events, Deadline deadline) {
    pollfd waiting{.fd = fd, .events = events, .revents = 0};
    for (;;) {
        const int ready = ::poll(&waiting, 1, milliseconds_until(deadline));
        if (ready > 0) {
            return true;
        }
        if (ready == 0 && Clock::now() >= deadline) {
            return false;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

Failure cannot_connect(const std::string& path, int error) {
    switch (error) {
        case ENOENT:
            return {Exit::not_running,
                    fmt::format("causewayd is not running: there is no control socket {}", path)};
        case ECONNREFUSED:
            return {Exit::not_running,
                    fmt::format(
                        "causewayd is not running: nobody listens on {}, which an earlier one left behind",
                        path)};
        case EACCES:
        case EPERM:
            return {
                Exit::no,
                fmt::format("no permission for the control socket {}: run this command as root, or, to ask "
                            "only, as a member of the group of option control_group",
                            path)};
        case ENOTSOCK:
            return {Exit::unusable,
                    fmt::format("{} is not a socket; --control names the daemon's control socket", path)};
        default:
            return {Exit::not_running,
                    fmt::format("cannot reach causewayd through {}: {}", path, strerror(error))};
    }
}

int open_pidfd(pid_t pid) {
    // glibc has a wrapper from 2.36 only, musl none.
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
}

}  // namespace

int milliseconds_until(Deadline deadline) {
    // Rounded up: a wait of 0 ms before the deadline would spin.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

Outcome<Client> Client::connect(const std::string& path, Deadline deadline) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return failure(Exit::unusable, fmt::format("'{}' cannot name a socket: 1 to {} octets are possible",
                                                   path, sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.open()) {
        return tl::unexpected(cannot_connect(path, errno));
    }
    while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno == EINTR) {
            continue;
        }
        // A Unix socket whose queue is full says EAGAIN and gives no event when there is room.
        if (errno != EAGAIN) {
            return tl::unexpected(cannot_connect(path, errno));
        }
        if (Clock::now() >= deadline) {
            return failure(Exit::timed_out, fmt::format("causewayd does not take connections on {}", path));
        }
        ::poll(nullptr, 0, static_cast<int>(look_again.count()));
    }
    return Client(std::move(socket), path);
}

Outcome<> Client::send(const control::Request& request, Deadline deadline) {
    const std::string line = control::encode(request);
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            rest.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno == EAGAIN) {
            if (!wait_for(socket_.get(), POLLOUT, deadline)) {
                return failure(Exit::timed_out, "causewayd does not take the request");
            }
        } else if (errno != EINTR) {
            return failure(Exit::not_running,
                           fmt::format("causewayd ended before it took the request: {}", strerror(errno)));
        }
    }
    return {};
}

Outcome<control::Reply> Client::receive(Deadline deadline) {
    auto line = receive_line(deadline);
    if (!line) {
        return tl::unexpected(std::move(line.error()));
    }
    auto reply = control::parse_reply(*line);
    if (!reply) {
        return tl::unexpected(not_understood(reply.error().text()));
    }
    return std::move(*reply);
}

Outcome<std::string> Client::receive_line(Deadline deadline) {
    std::array<char, room_octets> room;
    for (;;) {
        if (auto line = lines_.next()) {
            return std::move(*line);
        }
        if (lines_.overflowed()) {
            return tl::unexpected(too_long());
        }
        const auto octets = receive_octets(room, lines_.unfinished(), deadline);
        if (!octets) {
            return tl::unexpected(octets.error());
        }
        lines_.feed(*octets);
    }
}

Outcome<> Client::receive_status(control::StatusLine& line, const std::function<void()>& more,
                                 Deadline deadline) {
    std::array<char, room_octets> room;
    for (auto state = control::StatusLine::State::growing; state != control::StatusLine::State::whole;) {
        const auto octets = receive_octets(room, line.unfinished(), deadline);
        if (!octets) {
            return tl::unexpected(octets.error());
        }
        state = line.feed(*octets);
        if (state == control::StatusLine::State::too_long) {
            return tl::unexpected(too_long());
        }
        const Deadline stopped = Clock::now();
        more();
        deadline += Clock::now() - stopped;
    }
    return {};
}

Outcome<std::string_view> Client::receive_octets(std::span<char> room, std::size_t unfinished,
                                                 Deadline deadline) {
    for (;;) {
        if (!wait_for(socket_.get(), POLLIN, deadline)) {
            return failure(Exit::timed_out, "causewayd has not answered in time");
        }
        const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
        if (got > 0) {
            return std::string_view(room.data(), static_cast<std::size_t>(got));
        }
        if (got == 0) {
            return unfinished > 0
                       ? failure(Exit::not_running, "causewayd ended in the middle of its answer")
                       : failure(Exit::not_running, "causewayd closed the connection without an answer");
        }
        if (errno != EINTR && errno != EAGAIN) {
            return failure(Exit::not_running,
                           fmt::format("causewayd ended before it answered: {}", strerror(errno)));
        }
    }
}

Failure Client::too_long() const {
    return not_understood(fmt::format("a line of more than {} octets", control::max_reply_octets));
}

bool Client::wait_until_gone(Deadline deadline) {
    // Opened first: after the end of file the number may already be somebody else's.
    const pid_t pid = peer();
    const Descriptor process(pid > 0 ? open_pidfd(pid) : -1);
    std::array<char, 4096> ignored;
    for (;;) {
        if (!wait_for(socket_.get(), POLLIN, deadline)) {
            return false;
        }
        const ssize_t got = ::recv(socket_.get(), ignored.data(), ignored.size(), 0);
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
            break;
        }
    }
    // Without pidfd (Linux before 5.3) the end of file has to do.
    return !process.open() || wait_for(process.get(), POLLIN, deadline);
}

pid_t Client::peer() const {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (::getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
        return 0;
    }
    return credentials.pid;
}

Failure Client::not_understood(const std::string& why) const {
    return {Exit::unusable, fmt::format("what answers on {} is not a causewayd that this tool understands: "
                                        "{}; are tool and daemon of the "
                                        "same version?",
                                        path_, why)};
}

Outcome<> print_status(const std::string& path, std::chrono::milliseconds patience, std::FILE* to,
                       bool& begun) {
    const Deadline deadline = Clock::now() + patience;
    auto client = Client::connect(path, deadline);
    if (!client) {
        return tl::unexpected(std::move(client.error()));
    }
    if (auto sent = client->send(control::AskStatus{}, deadline); !sent) {
        return sent;
    }
    control::StatusLine line;
    const auto print = [&] {
        if (const auto text = line.take_text(); text && !text->empty()) {
            begun = true;
            std::fwrite(text->data(), 1, text->size(), to);
        }
    };
    const auto more = [&] {
        if (line.laid_out() >= (begun ? part_printed : most_held)) {
            print();
        }
    };
    if (auto received = client->receive_status(line, more, deadline); !received) {
        return received;
    }
    if (line.told()) {
        print();
        std::fputc('\n', to);
        return {};
    }
    const auto reply = control::parse_reply(line.line());
    if (!reply) {
        return tl::unexpected(client->not_understood(reply.error().text()));
    }
    return failure(reply->ok() ? Exit::unusable : reply->exit, reply->message.empty()
                                                                   ? "causewayd answered without a status"
                                                                   : printable(reply->message, 4096));
}

Outcome<control::Reply> ask(const std::string& path, const control::Request& request,
                            std::chrono::milliseconds patience,
                            const std::function<void(const control::Reply&)>& progress) {
    const Deadline deadline = Clock::now() + patience;
    auto client = Client::connect(path, deadline);
    if (!client) {
        return tl::unexpected(std::move(client.error()));
    }
    if (auto sent = client->send(request, deadline); !sent) {
        return tl::unexpected(std::move(sent.error()));
    }
    for (;;) {
        auto reply = client->receive(deadline);
        if (!reply || !reply->more) {
            return reply;
        }
        if (progress) {
            progress(*reply);
        }
        // A daemon that only ever reports progress must not hold the tool beyond its time.
        if (Clock::now() >= deadline) {
            return failure(Exit::timed_out, "causewayd has not come to an end in time");
        }
    }
}

}  // namespace causeway::cli
