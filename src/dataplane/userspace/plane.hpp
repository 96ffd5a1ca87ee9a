// The userspace data plane: IP packets between a TUN device and ESP, plain over raw sockets or in UDP through
// the host's sockets. The daemon opens it, waits on its descriptors and calls readable(); everything happens
// on that one thread. The packets' rules are esp::SaTable's, the system's routes are Networks'.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dataplane/closed/networks.hpp"
#include "dataplane/dataplane.hpp"
#include "dataplane/esp_udp_sender.hpp"
#include "dataplane/userspace/raw_esp_socket.hpp"
#include "esp/batch.hpp"
#include "esp/sa_table.hpp"
#include "host/tun.hpp"

namespace causeway::dataplane {

class UserspacePlane final : public DataPlane {
 public:
    struct Options {
        host::Tun::Options tun{};
        std::string guard_table = "causeway";
        bool clamp_mss = true;
        std::function<Instant()> clock;  ///< for the calls that carry no time; must be set
    };

    /// `sender` must outlive the plane. Errors name what is missing: TUN, rights, raw sockets.
    static Result<std::unique_ptr<UserspacePlane>> open(Options options, EspUdpSender& sender);

    /// Destroying the plane takes the TUN and its routes away, and leaves the unreachable routes and the
    /// guard: fail closed. A clean end of service is set_policies({}) first.
    ~UserspacePlane() override = default;

    /// To be waited on for reading; the same for the life of the plane.
    [[nodiscard]] std::vector<int> fds() const;
    /// One of them is readable: up to 64 packets are dealt with. Spurious calls are harmless.
    void readable(int fd, Instant now);
    /// This machine's addresses, links or routes changed.
    void refresh();
    /// See Networks.
    void keep_reachable(std::vector<IpAddress> hosts);
    [[nodiscard]] std::string not_carried(const Ipv4Net& remote) const {
        return networks_.not_carried(remote);
    }
    /// What arrived in UDP, as one batch, sockets of any number mixed; opened in place.
    void esp_in_udp_batch(std::span<esp::Arrival> batch, Instant now);

    [[nodiscard]] const esp::DropCounters& drops() const { return table_.drops(); }
    [[nodiscard]] const std::string& device() const { return tun_.name(); }

    Result<void> set_policies(std::span<const Policy> policies) override;
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) override;
    void activate_outbound(sa::SaId id) override;
    void remove(sa::SaId id) override;
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
              sa::Encapsulation encapsulation) override;
    void esp_in_udp(const Endpoint& local, const Endpoint& remote, std::span<std::uint8_t> datagram,
                    std::uint8_t outer_tos) override;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override { return table_.usage(id); }

 private:
    struct Installed {
        Ipv4Net remote_net{};
        IpAddress local{};
        IpAddress remote{};
    };

    UserspacePlane(Options options, EspUdpSender& sender, host::Tun tun, Networks networks);

    void from_tun(Instant now);
    void from_raw(RawEspSocket& socket, Instant now);
    void open_batch(std::span<esp::Arrival> batch, Instant now);
    void seal_and_send(std::span<const ByteView> packets, Instant now);
    void transmit();
    void send_run(std::span<const esp::Sealed> run);
    void send_queued(sa::SaId id);
    void measure_path(sa::SaId id, const Installed& installed);
    void tell();
    void report(Event event) const;
    void report_drops(Instant now);

    Options options_;
    EspUdpSender& sender_;
    host::Tun tun_;
    Networks networks_;
    std::unique_ptr<RawEspSocket> raw_v4_;
    std::unique_ptr<RawEspSocket> raw_v6_;  ///< null without IPv6
    esp::SaTable table_;
    esp::SealBatch sealed_;
    std::size_t slot_octets_;
    std::unique_ptr<std::uint8_t[]> slots_;  ///< one batch of packets from the TUN
    std::vector<ByteView> inner_;
    std::vector<EspUdpSender::Datagram> datagrams_;
    std::map<sa::SaId, Installed> installed_;
    Networks::Reporter reporter_;
    esp::DropCounters reported_drops_;
    std::optional<Instant> drops_reported_at_;
};

}  // namespace causeway::dataplane
