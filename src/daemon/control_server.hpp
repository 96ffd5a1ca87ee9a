// The daemon's end of the control socket: a Unix stream socket, one JSON object a line
// (control/protocol.hpp). It holds connections and their bounds; what a request means is the service's
// matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

#include "control/lines.hpp"
#include "control/protocol.hpp"
#include "control/reply_parts.hpp"
#include "daemon/control_group.hpp"
#include "host/descriptor.hpp"
#include "host/event_loop.hpp"

namespace causeway::daemon {

/// Names a connection; never reused.
using ConnectionId = std::uint64_t;

class ControlServer {
 public:
    /// `listening`: control_socket.hpp has made it.
    explicit ControlServer(host::Descriptor listening);
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;
    /// Closes everything.
    ~ControlServer();

    /// A request that wants an answer by reply(), now or later; the next one of the connection waits until all of that has left. Of
    /// those that wait 1 MiB is kept, then the connection is closed.
    std::function<void(ConnectionId, const control::Request&)> on_request;
    /// The other end has hung up.
    std::function<void(ConnectionId)> on_closed;

    /// Its members may ask, and change nothing (control_group.hpp); nothing: nobody but root and our user. Connections that
    /// are there keep their rights. Errors: as let_group_use(); then nobody else may.
    Result<void> admit(const std::string& socket, std::optional<gid_t> group);
    /// Whether the group that was admitted still is; the socket's file stays as it is.
    void keep_admitted(bool wanted) { group_ = admitted_ && wanted; }

    void attach(host::EventLoop& loop);
    /// Ignored when the connection has gone.
    void reply(ConnectionId id, control::Reply reply);

 private:
    struct Connection {
        ~Connection();
        /// What is to be sent next; empty: nothing.
        std::string next_part();
        [[nodiscard]] bool all_sent() const { return replies.empty() && sent == out.size(); }

        int fd = -1;
        host::EventLoop::Watch watch;
        control::LineSplitter lines{control::max_request_octets};
        std::deque<control::ReplyParts> replies;  ///< that are not yet in `out`
        std::size_t queued = 0;                   ///< octets of theirs that are text already
        std::string out;                          ///< the part that is being sent
        std::size_t sent = 0;                     ///< of that
        ControlRights rights = ControlRights::none;
        bool busy = false;   ///< a request waits for its final reply
        bool large = false;  ///< a reply took much memory to make
    };

    void accept();
    void read(ConnectionId id);
    void write(ConnectionId id);
    void serve(ConnectionId id);
    void close(ConnectionId id);

    host::Descriptor listening_;
    bool admitted_ = false;  ///< a group may use the socket's file
    bool group_ = false;     ///< and its members are listened to
    host::EventLoop* loop_ = nullptr;
    host::EventLoop::Watch watch_;
    std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
    ConnectionId next_ = 1;
};

}  // namespace causeway::daemon
