#include "cli/probe.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/event.hpp"
#include "base/ports.hpp"
#include "cli/ask_names.hpp"
#include "cli/descriptor.hpp"
#include "cli/probe_json.hpp"
#include "cli/system_address.hpp"
#include "cli/wrap.hpp"
#include "config/identity.hpp"
#include "crypto/dh.hpp"
#include "crypto/random.hpp"
#include "probe/prober.hpp"
#include "probe/words.hpp"

namespace causeway::cli {
namespace {

constexpr unsigned default_seconds = 20;
/// As large as UDP is; what answers a probe is far smaller.
constexpr std::size_t datagram_max = 65535;

Instant now() {
    return Instant(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

/// One port of the peer. The socket is connected: the system then passes on what comes from there, ICMP among it, and
/// says which address and port of ours are used. That is never 500 or 4500, which the daemon may want meanwhile.
class PortSocket {
 public:
    static Outcome<PortSocket> open(const Endpoint& remote) {
        PortSocket made;
        made.remote_ = remote;
        made.socket_ = Descriptor(::socket(remote.address.is_v4() ? AF_INET : AF_INET6,
                                           SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        const auto there = system_address(remote);
        sockaddr_storage here{};
        socklen_t octets = sizeof here;
        if (made.socket_.get() < 0 || ::connect(made.socket_.get(), there.get(), there.octets) != 0 ||
            ::getsockname(made.socket_.get(), reinterpret_cast<sockaddr*>(&here), &octets) != 0) {
            return failure(Exit::unusable, fmt::format("{} cannot be reached: {}", remote.address.text(),
                                                       std::strerror(errno)));
        }
        made.local_ = endpoint_of(here);
        return made;
    }

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] const Endpoint& local() const { return local_; }
    [[nodiscard]] const Endpoint& remote() const { return remote_; }

    /// What an earlier datagram met (ICMP) is handed out first, and takes the place of sending: so twice.
    void send(ByteView octets, bool& refused) const {
        for (int tries = 0; tries < 2 && ::send(socket_.get(), octets.data(), octets.size(), 0) < 0;
             ++tries) {
            refused = refused || errno == ECONNREFUSED;
        }
    }

    /// The next datagram; nothing: none is there.
    [[nodiscard]] std::optional<ByteView> receive(Bytes& room, bool& refused) const {
        room.resize(datagram_max);
        for (;;) {
            const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
            if (got >= 0) {
                return ByteView(room).first(static_cast<std::size_t>(got));
            }
            if (errno == ECONNREFUSED) {
                refused = true;
            } else if (errno != EINTR) {
                return std::nullopt;
            }
        }
    }

 private:
    Descriptor socket_;
    Endpoint local_;
    Endpoint remote_;
};

Outcome<IpAddress> address_of(const std::string& host) {
    if (const auto literal = IpAddress::parse(host)) {
        return *literal;
    }
    const auto answers = ask_names({host});
    const auto& answer = answers.at(host);
    if (answer.addresses.empty()) {
        return failure(Exit::unusable,
                       fmt::format("'{}' cannot be looked up: {}", printable(host), answer.error));
    }
    // IPv4 first, as a FRITZ!Box has it.
    const auto v4 = std::ranges::find_if(answer.addresses, &IpAddress::is_v4);
    return v4 != answer.addresses.end() ? *v4 : answer.addresses.front();
}

using Sockets = std::array<std::optional<PortSocket>, 2>;

constexpr std::size_t index_of(probe::Port port) {
    return port == probe::Port::ike ? 0 : 1;
}

void receive_all(probe::Prober& prober, const Sockets& sockets) {
    Bytes room;
    for (const auto port : {probe::Port::ike, probe::Port::nat_t}) {
        const auto& socket = sockets.at(index_of(port));
        bool refused = false;
        while (socket) {
            const auto datagram = socket->receive(room, refused);
            if (refused) {
                prober.unreachable(now(), port);
            }
            if (!datagram) {
                break;
            }
            prober.receive(now(), port, socket->remote(), *datagram);
        }
    }
}

probe::Report run(probe::Prober& prober, const Sockets& sockets) {
    for (;;) {
        while (const auto out = prober.next(now())) {
            bool refused = false;
            sockets.at(index_of(out->port))->send(out->octets, refused);
            if (refused) {
                prober.unreachable(now(), out->port);
            }
        }
        const auto wake = prober.wake_at();
        if (!wake) {
            return prober.report(now());
        }
        std::array<pollfd, 2> waited{};
        for (std::size_t i = 0; i < waited.size(); ++i) {
            waited.at(i) = {sockets.at(i) ? sockets.at(i)->descriptor() : -1, POLLIN, 0};
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*wake - now()).count();
        ::poll(waited.data(), waited.size(), static_cast<int>(std::max<decltype(left)>(left, 0)));
        receive_all(prober, sockets);
    }
}

Result<Bytes> public_value(crypto::GroupId group) {
    return to_bytes((CAUSEWAY_TRY(crypto::generate_dh_key(group)))->public_value());
}

void print(const probe::Report& report, const std::string& host) {
    const auto columns = terminal_columns(STDOUT_FILENO).value_or(columns_max);
    const std::string address = report.address.text();
    std::string text = host == address ? address + "\n" : fmt::format("{} ({})\n", printable(host), address);
    for (const auto& row : probe::rows(report)) {
        text += fmt::format("  {:<15}  {}\n", row.label, row.text);
    }
    text += fmt::format("  {:<15}  {} sent, {} received in {:.1f} s\n\n", "Packets", report.sent,
                        report.received, seconds_of(report.took));
    fmt::print("{}", wrapped(text, columns));
    for (const auto& sentence : probe::meaning(report)) {
        fmt::print("{}\n", filled(sentence, columns));
    }
}

Outcome<probe::Report> asked(const Arguments& arguments) {
    probe::Settings settings;
    if (!arguments.aggressive.empty()) {
        const auto identity = config::Identity::parse(arguments.aggressive);
        if (!identity) {
            return failure(Exit::unusable, "--aggressive: " + identity.error().text());
        }
        settings.identity = identity->payload();
    }
    const auto address = address_of(arguments.word);
    if (!address) {
        return tl::unexpected<Failure>(address.error());
    }
    settings.time_max = std::chrono::seconds(arguments.timeout_seconds.value_or(default_seconds));
    settings.remote = {*address, arguments.port.value_or(ike_port)};
    Sockets sockets;
    for (const auto port : {probe::Port::ike, probe::Port::nat_t}) {
        if (port == probe::Port::nat_t && settings.remote.port == nat_t_port) {
            continue;
        }
        auto socket =
            PortSocket::open({*address, port == probe::Port::ike ? settings.remote.port : nat_t_port});
        if (!socket) {
            return tl::unexpected<Failure>(socket.error());
        }
        if (port == probe::Port::ike) {
            settings.local = socket->local();
        } else {
            settings.nat_t = socket->remote();
            settings.local_nat_t = socket->local();
        }
        sockets.at(index_of(port)) = std::move(*socket);
    }
    crypto::SystemRandom random;
    probe::Prober prober(std::move(settings), random, public_value, now());
    return run(prober, sockets);
}

}  // namespace

Exit probe(const Arguments& arguments) {
    const auto report = asked(arguments);
    if (!report) {
        return complain(report.error());
    }
    if (arguments.json) {
        fmt::print("{}\n", to_json(*report, arguments.word));
    } else {
        print(*report, arguments.word);
    }
    return report->answered() ? Exit::done : Exit::no;
}

}  // namespace causeway::cli
