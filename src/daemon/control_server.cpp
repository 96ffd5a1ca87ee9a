#include "daemon/control_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include "control/paths.hpp"
#include "daemon/process.hpp"

namespace causeway::daemon {

namespace {

/// Whoever may talk to the socket is root; the bound is against a script that forgets to hang up.
constexpr std::size_t max_connections = 64;
/// A reader that does not read is hung up on.
constexpr std::size_t max_unsent = 2 * control::max_reply_octets;
/// The status of some dozens of tunnels. To make it takes ten times its size.
constexpr std::size_t large_reply = std::size_t{64} * 1024;

Error system_error(const std::string& what, int error) {
    return {error == EACCES || error == EPERM || error == EROFS ? Errc::permission : Errc::system,
            fmt::format("{}: {}", what, std::strerror(error)),
            {},
            "name another place with --control, or run as root"};
}

/// A locked file beside the socket. Whoever ends removes it, so another one may be there by the time it is
/// locked.
Result<int> lock_beside(const std::string& path) {
    const std::string lock = path + ".lock";
    for (;;) {
        const int fd = ::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0) {
            return fail(system_error(fmt::format("{} cannot be opened", lock), errno));
        }
        if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
            ::close(fd);
            return fail({Errc::exists,
                         fmt::format("another causewayd is running with the control socket {}", path),
                         {},
                         "stop it first (ipsec stop), or give this one another --control"});
        }
        struct stat ours {};
        struct stat there {};
        if (::fstat(fd, &ours) == 0 && ::lstat(lock.c_str(), &there) == 0 && ours.st_ino == there.st_ino &&
            ours.st_dev == there.st_dev) {
            return fd;
        }
        ::close(fd);
    }
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(const std::string& path) {
    std::unique_ptr<ControlServer> server(new ControlServer);
    server->path_ = path;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return fail({Errc::limit, fmt::format("{} is too long for a socket", path), {}, "shorten --control"});
    }
    std::copy(path.begin(), path.end(), address.sun_path);
    if (const auto folder = control::folder_of(path); !folder.empty()) {
        if (const int error = control::make_folders(folder); error != 0) {
            return fail(system_error(fmt::format("{} cannot be made", folder), error));
        }
    }
    // The lock, not the socket, tells whether another daemon lives: the kernel drops it with the process.
    server->lock_ = CAUSEWAY_TRY(lock_beside(path));
    server->fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd_ < 0) {
        return fail(system_error("a control socket cannot be made", errno));
    }
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0 && !S_ISSOCK(there.st_mode)) {
        return fail({Errc::unacceptable,
                     fmt::format("{} exists and is not a socket", path),
                     {},
                     "name another place with --control"});
    }
    ::unlink(path.c_str());
    // Made unreachable for others from the first moment on.
    const mode_t before = ::umask(0177);
    const int bound = ::bind(server->fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = errno;
    ::umask(before);
    if (bound != 0 || ::listen(server->fd_, 16) != 0) {
        return fail(system_error(fmt::format("the control socket {} cannot be opened", path),
                                 bound != 0 ? error : errno));
    }
    server->bound_ = true;
    return server;
}

ControlServer::Connection::~Connection() {
    watch.stop();
    if (fd >= 0) {
        ::close(fd);
    }
}

ControlServer::~ControlServer() {
    watch_.stop();
    connections_.clear();
    if (fd_ >= 0) {
        ::close(fd_);
    }
    if (bound_) {
        ::unlink(path_.c_str());
    }
    if (lock_ >= 0) {
        ::unlink((path_ + ".lock").c_str());  // while it is still locked
        ::close(lock_);
    }
}

void ControlServer::attach(host::EventLoop& loop) {
    loop_ = &loop;
    watch_ = loop.watch(fd_, [this] { accept(); });
}

void ControlServer::accept() {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    if (connections_.size() >= max_connections) {
        ::close(fd);
        return;
    }
    const ConnectionId id = next_++;
    auto connection = std::make_unique<Connection>();
    connection->fd = fd;
    connection->watch = loop_->watch(
        fd, [this, id] { read(id); }, [this, id] { write(id); });
    connections_.emplace(id, std::move(connection));
}

void ControlServer::read(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    std::array<char, 4096> room{};
    const ssize_t got = ::recv(found->second->fd, room.data(), room.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        return close(id);
    }
    if (!found->second->lines.feed({room.data(), static_cast<std::size_t>(got)})) {
        return close(id);
    }
    serve(id);
}

void ControlServer::serve(ConnectionId id) {
    for (;;) {
        const auto found = connections_.find(id);
        if (found == connections_.end() || found->second->busy) {
            return;
        }
        const auto line = found->second->lines.next();
        if (!line) {
            return;
        }
        found->second->busy = true;
        if (const auto request = control::parse_request(*line)) {
            on_request(id, *request);
        } else {
            reply(id, control::refusal(request.error()));
        }
    }
}

void ControlServer::reply(ConnectionId id, const control::Reply& reply) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    std::string text = control::encode(reply);
    found->second->large = found->second->large || text.size() > large_reply;
    if (found->second->out.empty()) {
        found->second->out = std::move(text);
    } else {
        found->second->out += text;
    }
    found->second->busy = found->second->busy && reply.more;
    write(id);
    // The next request of this connection is looked at later, so that one connection cannot keep the loop.
    loop_->post([this, id] { serve(id); });
}

void ControlServer::write(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    Connection& connection = *found->second;
    while (connection.sent < connection.out.size()) {
        const std::string_view rest = std::string_view(connection.out).substr(connection.sent);
        const ssize_t sent = ::send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && rest.size() <= max_unsent) {
            return connection.watch.want_write(true);
        }
        if (sent <= 0) {
            return close(id);
        }
        connection.sent += static_cast<std::size_t>(sent);
    }
    connection.out = {};
    connection.sent = 0;
    connection.watch.want_write(false);
}

void ControlServer::close(ConnectionId id) {
    const auto found = connections_.find(id);
    const bool large = found != connections_.end() && found->second->large;
    connections_.erase(id);
    if (large) {
        give_back_memory();
    }
    if (on_closed) {
        on_closed(id);
    }
}

}  // namespace causeway::daemon
