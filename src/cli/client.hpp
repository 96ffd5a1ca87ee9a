// The tool's end of the control socket: blocking, with a deadline on every wait. Used by the commands that
// need a running daemon. Never retries a request: whether it was carried out is for the caller to find out.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

#include "cli/descriptor.hpp"
#include "cli/failure.hpp"
#include "control/lines.hpp"
#include "control/protocol.hpp"
#include "control/reply_parts.hpp"

namespace causeway::cli {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// Milliseconds until the deadline, for poll(2); never negative.
int milliseconds_until(Deadline deadline);

class Client {
 public:
    /// Exit::not_running when nobody listens, Exit::no when the system does not let us, each with what to do.
    static Outcome<Client> connect(const std::string& path, Deadline deadline);

    Outcome<> send(const control::Request& request, Deadline deadline);
    /// The next reply, be it the final one or one that says `more`.
    Outcome<control::Reply> receive(Deadline deadline);
    [[nodiscard]] Failure not_understood(const std::string& why) const;
    /// The next reply, as it was written; `more` is called after each part of it, and its time does not count. No other request may
    /// be under way. Errors: timed_out, not_running (the daemon ended), unusable (too long).
    Outcome<> receive_status(control::StatusLine& line, const std::function<void()>& more, Deadline deadline);
    /// Waits until the daemon has closed the connection and its process has ended. False: not in time.
    bool wait_until_gone(Deadline deadline);

    /// The process at the other end as the kernel knows it; 0 when it does not.
    [[nodiscard]] pid_t peer() const;

 private:
    Client(Descriptor socket, std::string path)
        : socket_(std::move(socket)), path_(std::move(path)), lines_(control::max_reply_octets) {}

    Outcome<std::string> receive_line(Deadline deadline);
    /// What has come; never nothing. `unfinished`: octets of an answer that were there before.
    Outcome<std::string_view> receive_octets(std::span<char> room, std::size_t unfinished, Deadline deadline);
    [[nodiscard]] Failure too_long() const;

    Descriptor socket_;
    std::string path_;
    control::LineSplitter lines_;
};

/// Prints the status as JSON for people. `begun` is set once some of it has been printed, also where the rest fails: what is longer
/// than 1 MiB is printed while it comes. Errors: as Client's, and the daemon's refusal; what `to` does not take is at ferror(to).
Outcome<> print_status(const std::string& path, std::chrono::milliseconds patience, std::FILE* to,
                       bool& begun);
/// One request and its final reply. Replies before it go to `progress`. `patience` is how long to wait for
/// it.
Outcome<control::Reply> ask(const std::string& path, const control::Request& request,
                            std::chrono::milliseconds patience,
                            const std::function<void(const control::Reply&)>& progress = {});

}  // namespace causeway::cli
