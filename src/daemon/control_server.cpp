#include "daemon/control_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "daemon/process.hpp"

namespace causeway::daemon {

namespace {

/// Against a script that forgets to hang up.
constexpr std::size_t max_connections = 64;
/// Of those who only ask: they never keep root out.
constexpr std::size_t max_asking = max_connections / 2;
/// A reader that does not read is hung up on. Of a status only what is text counts: one is made at a time for each connection.
constexpr std::size_t max_unsent = 2 * control::max_reply_octets;
/// Of requests that wait for the answer to one before.
constexpr std::size_t max_waiting = 16 * control::max_request_octets;
/// The status of some dozens of tunnels. To make it takes ten times its size.
constexpr std::size_t large_reply = std::size_t{64} * 1024;
/// Of a long status at a time, before others have their turn.
constexpr int parts_at_once = 8;

}  // namespace

ControlServer::Connection::~Connection() {
    watch.stop();
    if (fd >= 0) {
        ::close(fd);
    }
}

ControlServer::ControlServer(host::Descriptor listening) : listening_(std::move(listening)) {}

ControlServer::~ControlServer() {
    watch_.stop();
    connections_.clear();
}

Result<void> ControlServer::admit(const std::string& socket, std::optional<gid_t> group) {
    auto done = let_group_use(socket, group);
    admitted_ = group && done;
    group_ = admitted_;
    return done;
}

void ControlServer::attach(host::EventLoop& loop) {
    loop_ = &loop;
    watch_ = loop.watch(listening_.get(), [this] { accept(); });
}

void ControlServer::accept() {
    const int fd = ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    if (connections_.size() >= max_connections) {
        ::close(fd);
        return;
    }
    const ControlRights rights = rights_at(fd, group_);
    const auto asking = std::ranges::count_if(
        connections_, [](const auto& one) { return one.second->rights != ControlRights::everything; });
    if (rights != ControlRights::everything && static_cast<std::size_t>(asking) >= max_asking) {
        ::close(fd);
        return;
    }
    const ConnectionId id = next_++;
    auto connection = std::make_unique<Connection>();
    connection->fd = fd;
    connection->rights = rights;
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
    if (const auto still = connections_.find(id);
        still != connections_.end() && still->second->lines.waiting() > max_waiting) {
        close(id);
    }
}

/// One request. write() has the next one looked at once it has nothing left to send, and others have had their turn.
void ControlServer::serve(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end() || found->second->busy || !found->second->all_sent()) {
        return;
    }
    const auto line = found->second->lines.next();
    if (!line) {
        return;
    }
    found->second->busy = true;
    const auto request = control::parse_request(*line);
    const ControlRights rights = found->second->rights;
    if (!request) {
        reply(id, control::refusal(request.error()));
    } else if (rights == ControlRights::everything || (rights == ControlRights::ask && only_asks(*request))) {
        on_request(id, *request);
    } else {
        reply(id, not_permitted(*request, rights));
    }
}

void ControlServer::reply(ConnectionId id, control::Reply reply) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    Connection& connection = *found->second;
    connection.busy = connection.busy && reply.more;
    connection.replies.emplace_back(std::move(reply));
    connection.queued += connection.replies.back().written();
    write(id);
}

void ControlServer::write(ConnectionId id) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) {
        return;
    }
    Connection& connection = *found->second;
    for (int parts = 0;;) {
        if (connection.sent == connection.out.size()) {
            if (parts++ == parts_at_once) {
                break;
            }
            connection.sent = 0;
            std::string part = connection.next_part();
            connection.out.swap(part);
        }
        if (connection.out.empty()) {
            connection.watch.want_write(false);
            return loop_->post([this, id] { serve(id); });
        }
        const std::string_view rest = std::string_view(connection.out).substr(connection.sent);
        const ssize_t sent = ::send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && connection.queued <= max_unsent) {
            break;
        }
        if (sent <= 0) {
            return close(id);
        }
        connection.sent += static_cast<std::size_t>(sent);
    }
    connection.watch.want_write(true);
}

std::string ControlServer::Connection::next_part() {
    if (replies.empty()) {
        return {};
    }
    control::ReplyParts& reply = replies.front();
    queued -= reply.written();
    std::string part = reply.next();
    large = large || part.size() > large_reply;
    if (reply.ended()) {
        replies.pop_front();
    }
    return part;
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
