// Names to addresses, asynchronously: /etc/hosts first, then the servers of /etc/resolv.conf, both read
// afresh for every look-up (outside.hpp), because both change while a daemon runs. Called by the daemon, on its
// loop; never blocks on the network. What the library opens by itself it opens when a resolver is made: afterwards
// it needs sockets only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "host/event_loop.hpp"

namespace causeway::host {

struct Resolution {
    std::vector<IpAddress> addresses;  ///< IPv4 first: what the FRITZ!Box surely speaks IKEv1 over
    Duration ttl{};                    ///< the shortest of all records; zero from /etc/hosts
    std::string error;                 ///< in words, when there are no addresses
};

class Resolver {
 public:
    struct Options {
        std::vector<Endpoint> servers{};                     ///< empty: the system's
        Duration timeout = std::chrono::milliseconds(1500);  ///< for the first try; doubled for each other
        int tries = 2;                                       ///< whoever wants to know asks again soon
        std::string resolv_conf{};                           ///< empty: the system's
    };
    using Done = std::function<void(Resolution)>;

    /// `loop` must outlive the resolver.
    explicit Resolver(EventLoop& loop) : Resolver(loop, Options{}) {}
    Resolver(EventLoop& loop, Options options);
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    /// Look-ups under way are dropped: their `done` is never called.
    ~Resolver();

    /// `done` is called once, later, never from within this call. Search domains are used for names without
    /// a dot only: "box.example.org" must never turn into "box.example.org.lan".
    void resolve(const std::string& name, Done done);
    [[nodiscard]] std::size_t pending() const;

    /// The network has changed: what is under way may have left by a way that is gone, so it is asked afresh.
    void ask_again();

 private:
    class Library;
    class Question;

    /// Asks those that are not answered yet again; all of them when `afresh`.
    void begin(bool afresh);

    EventLoop& loop_;
    Options options_;
    std::vector<std::unique_ptr<Question>> questions_;
    std::unique_ptr<Library> library_;  ///< goes first: it calls the questions
};

}  // namespace causeway::host
