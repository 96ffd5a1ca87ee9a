#include "dataplane/kernel/ability.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "dataplane/kernel/policies.hpp"
#include "dataplane/kernel/states.hpp"
#include "esp/sa_table.hpp"
#include "host/module_rules.hpp"
#include "host/netlink_socket.hpp"

namespace causeway::dataplane {

namespace {

// TEST-NET-1 (RFC 5737): nobody is there.
constexpr std::uint32_t inside_us = 0xc000'0201;
constexpr std::uint32_t inside_peer = 0xc000'0202;
constexpr std::uint32_t loopback = 0x7f00'0001;
constexpr std::uint32_t spi_in = 0xca05'0001;
constexpr std::uint32_t spi_out = 0xca05'0002;
constexpr sa::ReqId probe_reqid = 1;
constexpr int patience_ms = 1000;

std::string words(const EspSuite& suite) {
    const auto& cipher = crypto::info(suite.cipher);
    return cipher.is_aead() ? std::string(cipher.name)
                            : fmt::format("{}-{}", cipher.name, crypto::info(suite.integrity).name);
}

class Socket {
 public:
    Socket(int type, int protocol) : fd_(::socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol)) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }
    /// To a port of its own at 127.0.0.1; 0: refused.
    [[nodiscard]] std::uint16_t bind() const {
        sockaddr_in name = name_of(loopback, 0);
        socklen_t octets = sizeof name;
        const bool bound = ::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 &&
                           ::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &octets) == 0;
        return bound ? ntohs(name.sin_port) : std::uint16_t{0};
    }
    [[nodiscard]] bool send(std::uint32_t address, std::uint16_t port, ByteView octets) const {
        const sockaddr_in name = name_of(address, port);
        return ::sendto(fd_, octets.data(), octets.size(), 0, reinterpret_cast<const sockaddr*>(&name),
                        sizeof name) == static_cast<ssize_t>(octets.size());
    }
    /// Empty: nothing came in time.
    [[nodiscard]] Bytes receive() const {
        pollfd waiting{fd_, POLLIN, 0};
        Bytes octets(2048);
        const bool came = ::poll(&waiting, 1, patience_ms) == 1;
        const ssize_t got = came ? ::recv(fd_, octets.data(), octets.size(), 0) : 0;
        octets.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return octets;
    }

 private:
    static sockaddr_in name_of(std::uint32_t address, std::uint16_t port) {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_port = htons(port);
        name.sin_addr.s_addr = htonl(address);
        return name;
    }
    int fd_;
};

// An IPv4 packet of a protocol that nothing listens to (RFC 3692), with something to encrypt in it.
Bytes packet(std::uint32_t source, std::uint32_t destination) {
    Bytes made(84, 0x5a);
    const std::array<std::uint8_t, 20> header{0x45, 0, 0, 84, 0, 1, 0, 0, 64, 253};
    std::copy(header.begin(), header.end(), made.begin());
    for (unsigned i = 0; i < 4; ++i) {
        made[12 + i] = static_cast<std::uint8_t>(source >> (24 - 8 * i));
        made[16 + i] = static_cast<std::uint8_t>(destination >> (24 - 8 * i));
    }
    std::uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2) {
        sum += static_cast<std::uint32_t>(made[i] << 8 | made[i + 1]);
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = ~(sum + (sum >> 16));
    made[10] = static_cast<std::uint8_t>(sum >> 8);
    made[11] = static_cast<std::uint8_t>(sum);
    return made;
}

std::shared_ptr<sa::SaPair> probe_pair(const EspSuite& suite, bool ours, std::uint16_t port,
                                       std::uint16_t peer_port) {
    auto made = std::make_shared<sa::SaPair>();
    made->reqid = probe_reqid;
    made->cipher = suite.cipher;
    made->integrity = suite.integrity;
    const auto& cipher = crypto::info(suite.cipher);
    const auto keys = [&](std::uint32_t spi) {
        Bytes encryption(std::size_t{cipher.key_octets} + cipher.salt_octets);
        // The three keys of 3DES must differ: FIPS kernels refuse it otherwise.
        for (std::size_t i = 0; i < encryption.size(); ++i) {
            encryption[i] = static_cast<std::uint8_t>(spi + 2 * i + 1);
        }
        const Bytes integrity(crypto::info(suite.integrity).key_octets, static_cast<std::uint8_t>(spi));
        return sa::EspSa{spi, Secret(ByteView(encryption)), Secret(ByteView(integrity))};
    };
    made->inbound = keys(ours ? spi_in : spi_out);
    made->outbound = keys(ours ? spi_out : spi_in);
    // Whatever the packet's addresses: a firewall that masquerades without asking for a device changes them.
    made->local = made->remote = {{0, 0}, 0, 0};
    made->local_outer = {IpAddress::v4(loopback), port};
    made->remote_outer = {IpAddress::v4(loopback), peer_port};
    made->encapsulation = sa::Encapsulation::udp;
    return made;
}

/// One suite between the kernel at one socket and esp::SaTable at the other.
class Trial {
 public:
    Trial(host::Xfrm& xfrm, const host::XfrmDevice& device, std::uint32_t if_id, const EspSuite& suite)
        : xfrm_(xfrm), device_(device), if_id_(if_id), suite_(suite) {}
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;
    ~Trial() {
        xfrm_.remove(policy_, if_id_);
        for (const std::uint32_t spi : {spi_in, spi_out}) {
            xfrm_.remove({IpAddress::v4(loopback), spi});
        }
    }

    Result<void> run() {
        const std::uint16_t port = kernel_.bind();
        const std::uint16_t peer_port = own_.bind();
        if (port == 0 || peer_port == 0 || !host::esp_in_udp_by_kernel(kernel_.fd())) {
            return fail(Errc::unsupported, "the kernel takes no ESP in UDP (UDP_ENCAP_ESPINUDP)");
        }
        const auto ours = probe_pair(suite_, true, port, peer_port);
        const auto theirs = probe_pair(suite_, false, peer_port, port);
        CAUSEWAY_CHECK(put(*ours));
        const esp::Tunnel tunnel{probe_reqid, theirs->local, theirs->remote, false};
        table_.set_tunnels({&tunnel, 1});
        CAUSEWAY_CHECK(table_.install(theirs, true));
        CAUSEWAY_CHECK(outwards(peer_port));
        return inwards(port);
    }

 private:
    Result<void> put(const sa::SaPair& ours) {
        const auto states =
            states_of(ours, {ours.local_outer, ours.remote_outer, ours.encapsulation}, if_id_);
        if (!states) {
            return fail(Errc::unsupported,
                        fmt::format("the kernel's ESP is not used with {}", words(suite_)));
        }
        for (const host::XfrmState* state : {&states->inbound, &states->outbound}) {
            if (const auto outcome = xfrm_.put(*state); !outcome.ok()) {
                return fail(why_refused(outcome, suite_.cipher, suite_.integrity));
            }
        }
        inbound_ = states->inbound.id;
        policy_ = {host::XfrmDirection::out, outbound_selector(ours.local, ours.remote)};
        const host::XfrmTemplate sending{states->outbound.source, states->outbound.id.destination,
                                         states->outbound.id.spi, probe_reqid};
        if (const auto outcome = xfrm_.put(host::XfrmPolicy{policy_, if_id_, 1, sending}); !outcome.ok()) {
            return fail(outcome.as_error("the kernel refuses a policy of IPsec"));
        }
        return {};
    }

    [[nodiscard]] Error silent(std::string_view what) const {
        return {Errc::system,
                fmt::format("the kernel's {} fails its test over loopback: {}", words(suite_), what),
                {},
                "a driver for cryptography that does not work can be kept from loading (modprobe.d); a "
                "firewall must let pass what this machine sends to itself (lo)"};
    }

    Result<void> outwards(std::uint16_t peer_port) {
        const Socket inside(SOCK_RAW, IPPROTO_RAW);
        const Bytes sent = packet(inside_us, inside_peer);
        if (::setsockopt(inside.fd(), SOL_SOCKET, SO_BINDTODEVICE, device_.name().c_str(),
                         static_cast<socklen_t>(device_.name().size())) != 0 ||
            !inside.send(inside_peer, 0, sent)) {
            return fail(
                silent(fmt::format("nothing can be sent into {}: {}", device_.name(), std::strerror(errno))));
        }
        Bytes came = own_.receive();
        if (came.empty()) {
            return fail(silent("no packet comes out of it"));
        }
        esp::Arrival arrival;
        arrival.packet = came;
        arrival.local = {IpAddress::v4(loopback), peer_port};
        arrival.remote = arrival.local;
        arrival.encapsulation = sa::Encapsulation::udp;
        table_.open({&arrival, 1}, Instant{});
        // The kernel may have numbered the packet.
        if (arrival.inner.size() != sent.size() ||
            !std::equal(sent.begin() + 20, sent.end(), arrival.inner.begin() + 20)) {
            return fail(silent("what comes out of it cannot be opened"));
        }
        return {};
    }

    Result<void> inwards(std::uint16_t port) {
        const Bytes sent = packet(inside_peer, inside_us);
        const ByteView one = sent;
        esp::SealBatch sealed;
        table_.seal({&one, 1}, sealed, Instant{});
        if (sealed.packets().size() != 1 || !own_.send(loopback, port, sealed.packets()[0].packet)) {
            return fail(silent("nothing can be sent to it"));
        }
        for (int waited = 0; waited < patience_ms; ++waited) {
            const auto facts = xfrm_.ask(inbound_);
            if (!facts || facts->dropped_integrity != 0) {
                break;
            }
            if (facts->packets == 1) {
                return {};
            }
            ::poll(nullptr, 0, 1);
        }
        return fail(silent("it opens no packet"));
    }

    host::Xfrm& xfrm_;
    const host::XfrmDevice& device_;
    std::uint32_t if_id_;
    EspSuite suite_;
    Socket kernel_{SOCK_DGRAM, 0};
    Socket own_{SOCK_DGRAM, 0};
    esp::SaTable table_;
    host::XfrmId inbound_{};
    host::XfrmPolicyId policy_{};
};

Error forbidden(std::string what, const host::ModuleRule& rule) {
    return {Errc::unsupported,
            fmt::format("{}: {}:{} says \"{}\"", what, rule.file, rule.line, rule.text),
            {},
            "remove that line if its reason is gone, and restart causewayd"};
}

}  // namespace

Error why_no_xfrm(const Error& refusal) {
    if (const auto rule = host::rule_against("xfrm_user")) {
        return forbidden("the kernel's IPsec is forbidden", *rule);
    }
    Error error = refusal;
    if (error.code == Errc::unsupported) {
        error.what = "this kernel has no IPsec (XFRM)";
        error.remedy = "load the module: modprobe xfrm_user (OpenWrt: install kmod-ipsec)";
    }
    return error;
}

Error why_refused(const host::NetlinkOutcome& outcome, crypto::CipherId cipher,
                  crypto::IntegrityId integrity) {
    if (outcome.error == EPROTONOSUPPORT) {
        if (const auto rule = host::rule_against("esp4")) {
            return forbidden("the kernel's ESP is forbidden", *rule);
        }
        return {Errc::unsupported,
                "this kernel has no ESP (esp4)",
                {},
                "load the module: modprobe esp4 (OpenWrt: install kmod-ipsec4)"};
    }
    const std::string suite = words({cipher, integrity});
    if (outcome.error == ENOSYS || outcome.error == ENOENT) {
        return {Errc::unsupported,
                fmt::format("this kernel's ESP lacks {}: {}", suite, outcome.text()),
                {},
                fmt::format("load the modules of the algorithm (OpenWrt: install {})",
                            fmt::join(packages_of(cipher, integrity), ", "))};
    }
    return outcome.as_error(fmt::format("the kernel refuses an SA with {}", suite));
}

Result<void> can_carry(host::Xfrm& xfrm, const host::XfrmDevice& device, std::uint32_t if_id,
                       std::span<const EspSuite> suites) {
    for (const EspSuite& suite : suites) {
        CAUSEWAY_CHECK(Trial(xfrm, device, if_id, suite).run());
    }
    return {};
}

}  // namespace causeway::dataplane
