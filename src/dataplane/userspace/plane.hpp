// The userspace data plane: IP packets between a TUN device and ESP, plain over raw sockets or in UDP through
// the host's sockets. Made by dataplane::open(); everything happens on the loop that it is attached to. The
// packets' rules are esp::SaTable's, the system's routes are Networks'.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dataplane/closed/networks.hpp"
#include "dataplane/dataplane.hpp"
#include "dataplane/userspace/raw_esp_socket.hpp"
#include "dataplane/userspace/tun_port.hpp"
#include "esp/batch.hpp"
#include "esp/rate_limit.hpp"
#include "esp/sa_table.hpp"
#include "host/event_loop.hpp"
#include "host/ike_ports.hpp"
#include "host/tun.hpp"
#include "host/udp_socket.hpp"

namespace causeway::dataplane {

class UserspacePlane final : public DataPlane {
 public:
    /// What a plane needs of the system, without a device and deaf: for one that may have to carry when nothing can be
    /// opened any more.
    struct Reserve {
        std::vector<host::Descriptor> tun;
        Networks networks;
        std::unique_ptr<RawEspSocket> raw_v4;
        std::unique_ptr<RawEspSocket> raw_v6;  ///< null without IPv6
    };
    /// Errors name what is missing: TUN, rights, raw sockets. IPv6 is done without where there is none.
    static Result<Reserve> reserve(const Options& options);
    /// Makes the device. Errors: its name.
    static Result<std::unique_ptr<UserspacePlane>> open(Options options, Reserve reserve);
    static Result<std::unique_ptr<UserspacePlane>> open(Options options);
    ~UserspacePlane() override;

    [[nodiscard]] const esp::DropCounters& drops() const { return table_.drops(); }

    Result<void> set_policies(std::span<const Policy> policies) override;
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) override;
    void activate_outbound(sa::SaId id) override;
    void doubt(sa::SaId id, bool doubted) override { table_.doubt(id, doubted); }
    void remove(sa::SaId id) override;
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
              sa::Encapsulation encapsulation) override;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override { return table_.usage(id); }
    void set_path_mtu(sa::SaId id, std::optional<std::size_t> octets) override;
    [[nodiscard]] std::optional<PathMtu> path_mtu(sa::SaId id) const override;
    void attach(host::EventLoop& loop, host::IkePorts& ports) override;
    void network_changed() override;
    void firewall_changed() override { networks_.fit_guard(reporter_); }
    void guard_taken() override { networks_.restore_guard(reporter_); }
    [[nodiscard]] bool alive() const override;
    void keep_reachable(std::vector<IpAddress> hosts) override;
    void set_peers(std::vector<IpAddress> peers) override;
    void give_way(const IpAddress& caller) override;
    [[nodiscard]] std::string not_carried(const Ipv4Net& remote) const override {
        return networks_.not_carried(remote);
    }
    [[nodiscard]] std::map<Ipv4Net, RouteState> route_states() override { return networks_.route_states(); }
    [[nodiscard]] Facts facts() override;

 private:
    /// A pair and the network behind its peer.
    using Installed = std::pair<Ipv4Net, sa::SaId>;

    UserspacePlane(Options options, host::Tun tun, Reserve reserve);

    /// Calls `read` whenever something can be read; it deals with a turn's worth.
    void watch(host::EventLoop& loop, int fd, std::function<void(Instant)> read);
    void from_tun(Instant now);
    void from_raw(RawEspSocket& socket, Instant now);
    void from_udp(std::span<host::UdpDatagram> datagrams, Instant now);
    void open_batch(std::span<esp::Arrival> batch, Instant now);
    void seal_and_send(std::span<const ByteView> packets, Instant now);
    void transmit();
    void send_run(std::span<const esp::Sealed> run);
    void send_queued(sa::SaId id);
    void measure_path(sa::SaId id);
    void size_route(const Ipv4Net& remote_net);
    void tell();
    void report(Event event) const;
    void report_drops(Instant now);

    Options options_;
    host::IkePorts* ports_ = nullptr;  ///< null until attached
    TunPort inside_;
    Networks networks_;
    std::unique_ptr<RawEspSocket> raw_v4_;
    std::unique_ptr<RawEspSocket> raw_v6_;  ///< null without IPv6
    esp::SaTable table_;
    esp::SealBatch sealed_;
    std::vector<host::UdpOutgoing> outgoing_;
    std::vector<esp::Arrival> arrivals_;
    std::vector<Installed> installed_;  ///< sorted
    Networks::Reporter reporter_;
    /// Whoever writes in the name of a host inside a remote network has routes and rules changed, once for
    /// each network.
    esp::RateLimit gives_way_{8, 1};
    esp::DropCounters reported_drops_;
    std::optional<Instant> drops_reported_at_;
    std::vector<host::EventLoop::Watch> watches_;  ///< last: they end before what they wait on is closed
};

}  // namespace causeway::dataplane
