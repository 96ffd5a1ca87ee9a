// The running gateway: the engine between sockets, names, timers, the worker and the data plane. It performs
// what the engine asks for and brings back what came of it; it decides nothing about IKE. One thread, the
// loop's, but for Diffie-Hellman.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/data_plane.hpp"
#include "base/offload.hpp"
#include "control/protocol.hpp"
#include "crypto/random.hpp"
#include "daemon/configuration.hpp"
#include "daemon/control_server.hpp"
#include "daemon/firewall.hpp"
#include "daemon/history_keeper.hpp"
#include "daemon/interface_devices.hpp"
#include "daemon/metrics_file.hpp"
#include "daemon/peer_addresses.hpp"
#include "daemon/status.hpp"
#include "dataplane/dataplane.hpp"
#include "host/event_loop.hpp"
#include "host/icmp_monitor.hpp"
#include "host/ike_ports.hpp"
#include "host/log.hpp"
#include "host/network_monitor.hpp"
#include "host/path_finder.hpp"
#include "host/resolver.hpp"
#include "host/ruleset_monitor.hpp"
#include "host/worker.hpp"
#include "ike/engine/engine.hpp"

namespace causeway::daemon {

class Service {
 public:
    /// Everything the machine has to give, then the engine; after this the process is confined
    /// (host/system_calls.hpp). `loop`, `log`, `control` and `parent` must outlive the service.
    static Result<std::unique_ptr<Service>> start(host::EventLoop& loop, host::Log& log,
                                                  ControlServer& control, ParentLink& parent,
                                                  const Options& options, Configuration configuration,
                                                  std::string version);
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    ~Service() = default;

    /// Reads the file again; what did not change stays up. A file that is refused changes nothing.
    control::Reply reload();
    /// Deletes are sent, routes and guard removed (unless they are to stay: control::Stop); then the loop is
    /// stopped.
    void stop(const std::string& why, bool stay_closed = false);
    /// What the program ends with once the loop has stopped (exit_code).
    [[nodiscard]] int exit_status() const { return exit_status_; }

 private:
    /// Somebody at the control socket who wants to hear how `up` or `down` ended.
    struct Waiting {
        ConnectionId connection = 0;
        ike::CommandId id{};
        host::EventLoop::Timer timer;
    };

    Service(host::EventLoop& loop, host::Log& log, ControlServer& control, ParentLink& parent,
            const Options& options, Configuration configuration, std::string version);
    Result<void> open();
    Result<void> open_plane();
    void confine();
    Result<void> open_ports();
    Result<void> watch_the_machine();
    /// Those that were switched on and are not.
    void tell_missing_offloads();
    /// What the configuration that was just read says otherwise than the one of the start, of that which stays until the end:
    /// in sentences.
    std::vector<std::string> tell_changed_at_start();

    void input(ike::Input input);
    void pump();
    void take_answers();
    void arm_engine_timer();
    void tidy_later();
    // service_outputs.cpp, and one in service_control.cpp
    void perform(const ike::Transmit& transmit);
    void perform(const ike::Keepalive& keepalive);
    void perform(ike::StartDh&& job);
    void perform(const ike::Lookup& lookup);
    void perform(const ike::LookupName& own);
    void perform(const ike::InstallSa& install);
    void perform(const ike::ActivateOutbound& activate);
    void perform(const ike::DoubtSa& doubt);
    void perform(const ike::RemoveSa& remove);
    void perform(const ike::MoveSa& move);
    void perform(const ike::NothingComesBack& silent);
    void perform(const ike::PathFound& path);
    void perform(const ike::Report& told);
    void perform(const ike::CommandOutcome& ended);
    void answer(ike::LookupDone done, const std::vector<IpAddress>& addresses, const ike::Lookup& asked);
    void request(ConnectionId connection, const control::Request& request);
    template <class Command>
    void command(ConnectionId connection, const std::string& name, bool up, bool wait,
                 unsigned timeout_seconds);
    void forget(ConnectionId connection);
    void report(const Event& event);
    void look_for_history();
    // service_monitoring.cpp
    void begin_monitoring();
    void write_metrics();
    void give_up(const Event& event);
    void network_changed(const host::NetworkMonitor::Change& change);
    void ruleset_changed(const host::RulesetMonitor::Change& change);
    /// The first word to the peers.
    void begin();
    /// Also asks ubus for the devices of the logical interfaces.
    void follow_configured_devices();
    /// True when they are others than before.
    bool listen_on_configured_devices();
    /// True when one came or went.
    bool refresh_devices();
    void interfaces_answered();
    /// Tells the plane whom this machine reaches beside the tunnels: name servers and peers, as known now.
    void keep_reachable();
    [[nodiscard]] Result<void> apply_policies();
    /// Opens the firewall for the tunnels; what keeps packets from being forwarded is looked for soon after.
    void apply_firewall();
    void look_at_firewall();
    control::Reply firewall(control::AskFirewall::Action action);
    /// Of each configured tunnel, by display name.
    [[nodiscard]] std::map<std::string, Ways> ways();
    [[nodiscard]] control::Reply status();

    host::EventLoop& loop_;
    host::Log& log_;
    ControlServer& control_;
    ParentLink& parent_;
    Options options_;
    Configuration configuration_;
    std::string version_;
    pid_t process_;  ///< the parent's: whom the service manager knows, and who takes signals
    Instant started_;
    /// Ports, plane, group and file of the metrics were opened with these.
    const config::Options started_with_;

    crypto::SystemRandom random_;
    std::unique_ptr<host::IkePorts> ports_;
    std::unique_ptr<dataplane::DataPlane> plane_;  ///< borrows the ports
    std::unique_ptr<host::Routes> routes_;
    std::unique_ptr<host::NetworkMonitor> monitor_;
    std::unique_ptr<host::RulesetMonitor> rulesets_;
    std::unique_ptr<host::IcmpMonitor> icmp_;  ///< null: this kernel does not say
    InterfaceDevices interfaces_;
    host::Resolver resolver_;
    std::unique_ptr<ike::Engine> engine_;
    host::EventLoop::Timer engine_timer_;
    host::EventLoop::Timer log_timer_;
    Firewall firewall_;
    host::EventLoop::Timer look_timer_;
    std::optional<Instant> look_due_;       ///< because of a change of the ruleset
    std::optional<Instant> look_again_at_;  ///< for obstacles; nothing before the first look
    HistoryKeeper history_;
    host::EventLoop::Timer history_timer_;
    MetricsFile metrics_;
    host::EventLoop::Timer metrics_timer_;
    std::deque<ike::Input> inputs_;
    struct Answer {
        ike::LookupDone done;
        Instant since;
    };
    std::deque<Answer> answers_;    ///< they wait until nothing else does
    std::size_t ways_waiting_ = 0;  ///< of those: about the way alone
    bool taking_answers_ = false;   ///< later in this turn of the loop
    PeerAddresses peer_addresses_;
    Instant name_servers_due_{};  ///< they are read again then
    bool begun_ = false;
    bool pumping_ = false;
    bool arming_ = false;   ///< the engine's timer, later in this turn of the loop
    std::size_t jobs_ = 0;  ///< Diffie-Hellmans that are not done yet
    Instant last_job_{};    ///< began
    bool tidying_ = false;  ///< the timer below is set
    host::EventLoop::Timer
        tidy_timer_;  ///< negotiations leave memory behind that lies free between what stays
    bool stopping_ = false;
    int exit_status_ = 0;
    std::vector<std::unique_ptr<Waiting>> waiting_;
    std::uint64_t commands_given_ = 0;  ///< those that somebody waits for: their ids, from 1
    host::Worker worker_;               ///< last: its thread ends before anything it could post about goes
};

}  // namespace causeway::daemon
