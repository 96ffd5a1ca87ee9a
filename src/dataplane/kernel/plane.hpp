// The kernel's data plane: states and policies of XFRM behind a network device of kind xfrm, which the routes lead into as
// they lead into the TUN device of the userspace plane. Made by dataplane::open(). No packet passes the program: it puts
// what is to hold, hears what the kernel tells, and looks at counters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "dataplane/closed/networks.hpp"
#include "dataplane/dataplane.hpp"
#include "dataplane/kernel/policies.hpp"
#include "dataplane/kernel/states.hpp"
#include "dataplane/kernel/traffic.hpp"
#include "esp/path_mtu.hpp"
#include "esp/rate_limit.hpp"
#include "esp/sizes.hpp"
#include "host/event_loop.hpp"
#include "host/ike_ports.hpp"
#include "host/xfrm.hpp"
#include "host/xfrm_device.hpp"

namespace causeway::dataplane {

class KernelPlane final : public DataPlane {
 public:
    /// What an earlier run left is removed first; other programs' states and policies are none of it. Errors say what
    /// this kernel lacks, or what forbids it, and the remedy.
    static Result<std::unique_ptr<KernelPlane>> open(Options options);
    /// States, policies and device of an earlier run, which was killed.
    static void clear(const std::string& device);
    ~KernelPlane() override;

    Result<void> set_policies(std::span<const Policy> policies) override;
    Result<void> install(std::shared_ptr<const sa::SaPair> pair, bool outbound) override;
    void activate_outbound(sa::SaId id) override;
    void doubt(sa::SaId id, bool doubted) override;
    void remove(sa::SaId id) override;
    void move(sa::SaId id, const Endpoint& local, const Endpoint& remote,
              sa::Encapsulation encapsulation) override;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId id) const override;
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
    struct Pair {
        std::shared_ptr<const sa::SaPair> sa;
        Outer outer{};
        host::XfrmId inbound{};
        host::XfrmId outbound{};
        bool doubted = false;
        esp::PathMtu path;
        sa::Usage usage{};
        sa::Usage base{};  ///< of states that it had before it moved
        Instant looked{};
        std::optional<Endpoint> moved_to{};  ///< as was told
        std::optional<Instant> moved_told{};
        bool soft_told = false;
    };

    KernelPlane(Options options, std::uint32_t if_id, host::Xfrm xfrm, host::XfrmDevice device,
                Networks networks);

    Pair* find(sa::SaId id) const;
    [[nodiscard]] Pair* sender_of(sa::ReqId reqid) const;
    [[nodiscard]] Pair* carrier_of(std::span<const Policy> group) const;
    [[nodiscard]] host::XfrmPolicy wanted_outbound(const Groups::Key& key,
                                                   std::span<const Policy> group) const;
    void place(const host::XfrmPolicy& policy);
    void place_outbound(sa::ReqId reqid);
    void remove_policy(const host::XfrmPolicyId& id);
    void refused(std::string what, const host::NetlinkOutcome& outcome) const;

    void hear(const host::XfrmEvent& event);
    void hear(const host::XfrmAcquire& acquire);
    void hear(const host::XfrmExpire& expire);
    void hear(const host::XfrmMapping& mapping);
    void ask_for(std::span<const Policy> group, Instant now);

    /// Fresh counters of a pair.
    void count(Pair& pair) const;
    void look();
    void look_at(sa::SaId id, Pair& pair, Instant now);
    void drop_acquired(Instant now);
    void look_again();

    void move_in_place(Pair& pair, const PairStates& states);
    void move_inbound(Pair& pair, host::XfrmState state);
    void move_outbound(Pair& pair, host::XfrmState state);
    void put_moved(const host::XfrmState& state);

    [[nodiscard]] std::size_t inner_mtu(const Pair& pair) const;
    void measure_path(Pair& pair);
    void size_routes(const std::set<Ipv4Net>& remote_nets);
    void tell();
    void report(Event event) const;

    Options options_;
    std::uint32_t if_id_;
    std::unique_ptr<host::Xfrm> xfrm_;
    host::XfrmDevice device_;
    Networks networks_;
    Groups groups_;
    std::map<host::XfrmPolicyId, host::XfrmPolicy> placed_;
    std::map<sa::SaId, std::unique_ptr<Pair>> pairs_;
    std::map<host::XfrmId, sa::SaId> by_state_;
    std::map<sa::ReqId, std::vector<sa::SaId>> senders_;  ///< of each tunnel, the newest last
    std::map<sa::ReqId, Instant> asked_for_;
    std::map<host::XfrmId, Instant> acquired_;  ///< what acquires have left in the kernel, and since when
    Traffic traffic_;
    sa::SaId looked_at_{};  ///< the last one
    std::vector<sa::Event> events_;
    Networks::Reporter reporter_;
    esp::RateLimit gives_way_{8, 1};
    host::EventLoop::Timer timer_;
    std::unique_ptr<host::XfrmMonitor> monitor_;
    std::optional<Instant> look_due_;  ///< by the loop's clock
    bool attached_ = false;
};

}  // namespace causeway::dataplane
