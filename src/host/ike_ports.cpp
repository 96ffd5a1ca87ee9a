#include "host/ike_ports.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "codec/esp/header.hpp"
#include "host/port_owner.hpp"
#include "host/privileges.hpp"

namespace causeway::host {
namespace {

// RFC 3948 2.2.
constexpr std::size_t marker_octets = 4;
constexpr std::array<std::uint8_t, 1> keepalive{0xff};

/// A program that was killed has no descriptor any more some milliseconds before its sockets are closed.
constexpr Duration ending = std::chrono::seconds(1);
constexpr std::chrono::milliseconds look_again{10};

/// Of a port that is taken; nothing: by none that can be seen.
using Holder = std::optional<std::string>;

Result<UdpSocket> open_when_free(UdpSocket::Family family, std::uint16_t port, const UdpOffload& offload,
                                 Holder& holder) {
    for (const Instant limit = now() + ending;;) {
        auto socket = UdpSocket::open(family, port, offload);
        if (socket || socket.error().code != Errc::exists) {
            return socket;
        }
        holder = owner_of_udp_port(port);
        if (holder || now() >= limit) {
            return socket;
        }
        std::this_thread::sleep_for(look_again);
    }
}

}  // namespace

Result<std::unique_ptr<IkePorts>> IkePorts::open(Ports ports, const UdpOffload& offload) {
    std::unique_ptr<IkePorts> made(new IkePorts);
    for (const auto family : {UdpSocket::Family::v4, UdpSocket::Family::v6}) {
        for (const auto& [port, nat_port] : {std::pair{ports.ike, false}, std::pair{ports.nat, true}}) {
            auto added = made->add(family, port, nat_port, nat_port ? offload : UdpOffload{});
            const bool no_ipv6 =
                family == UdpSocket::Family::v6 && !added && added.error().code == Errc::unsupported;
            if (!added && !no_ipv6) {
                return fail(std::move(added.error()));
            }
        }
    }
    return made;
}

Result<void> IkePorts::add(UdpSocket::Family family, std::uint16_t port, bool nat_port,
                           const UdpOffload& offload) {
    Holder holder;
    auto socket = open_when_free(family, port, offload, holder);
    if (!socket) {
        Error error = std::move(socket.error());
        if (error.code == Errc::exists) {
            error.what = fmt::format("UDP port {} is taken by {}", port, holder.value_or("another program"));
            error.remedy = "end that program: only one on a machine can speak IKE";
        } else if (error.code == Errc::permission) {
            error.remedy = needs_capability("CAP_NET_BIND_SERVICE");
        }
        return fail(std::move(error));
    }
    socket->on_no_trains = [this](const IpAddress& remote, std::string_view why) {
        if (on_no_trains) {
            on_no_trains(remote, why);
        }
    };
    listeners_.push_back(std::make_unique<Listener>(std::move(*socket), nat_port));
    return {};
}

void IkePorts::attach(EventLoop& loop) {
    for (const auto& listener : listeners_) {
        listener->watch = loop.watch(listener->socket.fd(), [this, at = listener.get()] { receive(*at); });
    }
}

// IKE of ours passes by all policies, whoever has made them. A kernel that refuses that has none that could catch it.
Result<void> IkePorts::leave_esp_to_kernel() {
    bool taken = true;
    for (const auto& listener : listeners_) {
        listener->socket.bypass_ipsec();
        if (listener->nat_port && !listener->socket.leave_esp_to_kernel()) {
            // A kernel without IPv6's encapsulation (before 5.8) has no peer behind a NAT of it.
            taken = taken && listener->socket.family() == UdpSocket::Family::v6;
        }
    }
    if (!taken) {
        return fail(Errc::unsupported, "this kernel takes no ESP in UDP (UDP_ENCAP_ESPINUDP)");
    }
    return {};
}

void IkePorts::take_esp_from_kernel() {
    for (const auto& listener : listeners_) {
        if (listener->nat_port) {
            listener->socket.take_esp_from_kernel();
        }
    }
}

void IkePorts::receive(Listener& listener) {
    esp_.clear();
    for (UdpDatagram& datagram : listener.socket.receive(room_)) {
        if (!devices_.admits(datagram.device)) {
            ++counters_.other_devices;
            continue;
        }
        if (!listener.nat_port) {
            if (on_ike) {
                on_ike(datagram.local, datagram.remote, datagram.payload);
            }
            continue;
        }
        switch (esp::classify(datagram.payload)) {
            case esp::Kind::keepalive:
                ++counters_.keepalives;
                break;
            case esp::Kind::runt:
                ++counters_.runts;
                break;
            case esp::Kind::ike:
                if (on_ike) {
                    on_ike(datagram.local, datagram.remote, datagram.payload.subspan(marker_octets));
                }
                break;
            case esp::Kind::esp:
                esp_.push_back(datagram);
                break;
        }
    }
    if (!esp_.empty() && on_esp) {
        on_esp(esp_);
    }
}

IkePorts::Listener* IkePorts::find(bool v4, bool nat_port) {
    const auto family = v4 ? UdpSocket::Family::v4 : UdpSocket::Family::v6;
    const auto at = std::find_if(listeners_.begin(), listeners_.end(), [&](const auto& one) {
        return one->socket.family() == family && one->nat_port == nat_port;
    });
    return at == listeners_.end() ? nullptr : at->get();
}

IkePorts::Listener* IkePorts::find(bool v4, std::uint16_t port) {
    const auto family = v4 ? UdpSocket::Family::v4 : UdpSocket::Family::v6;
    const auto at = std::find_if(listeners_.begin(), listeners_.end(), [&](const auto& one) {
        return one->socket.family() == family && one->socket.port() == port;
    });
    return at == listeners_.end() ? nullptr : at->get();
}

Result<void> IkePorts::send_ike(const Endpoint& local, const Endpoint& remote, ByteView message,
                                bool dont_fragment) {
    Listener* listener = find(remote.address.is_v4(), local.port);
    if (listener == nullptr) {
        ++counters_.unsent;
        return fail(Errc::unsupported, fmt::format("no {} socket on port {}",
                                                   remote.address.is_v4() ? "IPv4" : "IPv6", local.port));
    }
    if (listener->nat_port) {
        marked_.assign(marker_octets, 0);
        append(marked_, message);
        message = marked_;
    }
    auto sent = listener->socket.send({local.address, remote, message, 0, dont_fragment});
    counters_.unsent += sent ? 0 : 1;
    return sent;
}

Result<void> IkePorts::send_keepalive(const IpAddress& local, const Endpoint& remote) {
    Listener* listener = find(remote.address.is_v4(), true);
    if (listener == nullptr) {
        return fail(Errc::unsupported, "no NAT-T socket of this address family");
    }
    return listener->socket.send({local, remote, keepalive, 0});
}

std::size_t IkePorts::send_esp(std::span<const UdpOutgoing> batch) {
    std::size_t failed = 0;
    // A batch rarely mixes address families; runs of one family go to one socket.
    while (!batch.empty()) {
        const bool v4 = batch.front().remote.address.is_v4();
        const auto end = std::find_if(batch.begin(), batch.end(), [v4](const UdpOutgoing& one) {
            return one.remote.address.is_v4() != v4;
        });
        const auto run = batch.first(static_cast<std::size_t>(end - batch.begin()));
        Listener* listener = find(v4, true);
        failed += listener != nullptr ? listener->socket.send_batch(run) : run.size();
        batch = batch.subspan(run.size());
    }
    counters_.unsent += failed;
    return failed;
}

bool IkePorts::marked() const {
    return std::all_of(listeners_.begin(), listeners_.end(),
                       [](const auto& listener) { return listener->socket.marked(); });
}

// Both families of one kernel can the same; one may have something to tell of its peers.
OffloadState IkePorts::sends_trains() const {
    OffloadState state;
    for (const auto& listener : listeners_) {
        if (listener->nat_port && state.why.empty()) {
            state = listener->socket.sends_trains();
        }
    }
    return state;
}

OffloadState IkePorts::receives_trains() const {
    const auto nat = std::find_if(listeners_.begin(), listeners_.end(),
                                  [](const auto& listener) { return listener->nat_port; });
    return (*nat)->socket.receives_trains();
}

std::vector<Endpoint> IkePorts::listening() const {
    std::vector<Endpoint> out;
    for (const auto& listener : listeners_) {
        const bool v4 = listener->socket.family() == UdpSocket::Family::v4;
        out.push_back({v4 ? IpAddress{} : IpAddress::v6({}), listener->socket.port()});
    }
    return out;
}

}  // namespace causeway::host
