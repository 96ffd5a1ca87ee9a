// The process that the service manager knows: it opens files and runs programs for the other one, which speaks IKE and carries
// packets and can do neither (host/system_calls.hpp). It takes requests.hpp's requests only, hands signals on, and ends when the
// other one has, with its status. It never sees a datagram, an answer of a name server, or a request of the control socket.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>

#include "daemon/control_socket.hpp"
#include "daemon/openings_placer.hpp"
#include "daemon/options.hpp"
#include "daemon/process.hpp"
#include "daemon/requests.hpp"
#include "host/channel.hpp"
#include "host/descriptor.hpp"
#include "host/log.hpp"
#include "host/ubus.hpp"

namespace causeway::daemon {

/// The nftables table of the fail-closed guard.
inline constexpr const char* guard_table = "causeway";

/// Where the daemon's log goes.
host::Log::Target log_target(const Options& options);

class Parent {
 public:
    /// `child` is the other process, and `channel` leads to it.
    Parent(const Options& options, Background background, host::Channel channel, pid_t child);
    Parent(const Parent&) = delete;
    Parent& operator=(const Parent&) = delete;
    ~Parent();

    /// Signals that are handed on, and the one that tells of the child's end: to be blocked before there is a child.
    static void block_signals();
    /// In the child, once it can take them.
    static void take_signals();

    /// Serves until the child has ended: its status, as waitpid() tells it.
    int run();

 private:
    struct Performed {
        Answer answer;
        host::Descriptor kept;  ///< closed once the answer has left
        int descriptor = -1;    ///< goes with it; none of the answer's own, or `kept`
    };

    bool serve();
    void hand_on_signals(int signals);
    Performed perform(const OpenControl& asked);
    Performed perform(const ShareLock& asked);
    Performed perform(const OpenConfiguration& asked);
    Performed perform(const OpenSystemFile& asked);
    Performed perform(const FindPrograms& asked);
    Performed perform(const ListChains& asked);
    Performed perform(const ListTable& asked);
    Performed perform(const PlaceGuard& asked);
    Performed perform(const PlaceOpenings& asked);
    Performed perform(const StartUbus& asked);
    Performed perform(const EndUbus& asked);
    Performed perform(const FreshFile& asked);
    Performed perform(const WriteLog& asked);
    Performed perform(const Announce& asked);
    Performed perform(const NameMetricsFile& asked);

    const Options& options_;
    Background background_;
    host::Channel channel_;
    pid_t child_;
    std::unique_ptr<ControlSocket> control_;
    std::optional<PidFile> pid_file_;
    std::optional<host::Log> log_;
    OpeningsPlacer openings_;
    std::string metrics_file_;  ///< empty: none is written
    bool ready_ = false;
    std::unique_ptr<host::UbusProgram> ubus_;
};

}  // namespace causeway::daemon
