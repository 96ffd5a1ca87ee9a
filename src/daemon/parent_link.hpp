// The confined process's end of the line to its parent (parent.hpp): each thing that it may ask for, asked and waited for. Used
// on the loop's thread only. When the parent is gone every call fails, and the kernel ends this process (process.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/result.hpp"
#include "config/model.hpp"
#include "daemon/requests.hpp"
#include "firewall/guard.hpp"
#include "firewall/openings.hpp"
#include "host/channel.hpp"
#include "host/descriptor.hpp"
#include "host/ubus.hpp"

namespace causeway::daemon {

/// Which there are on this machine.
struct Programs {
    bool nft = false;
    bool iptables = false;
};

/// A configuration file, opened, and who may replace it.
struct OpenedConfiguration {
    host::Descriptor file;
    std::uint32_t folder_mode = 0;  ///< st_mode and st_uid; 0 and 0 also when it cannot be looked at
    std::uint32_t folder_owner = 0;
};

struct PlacedOpenings {
    std::string failure;  ///< empty: all was done
    std::string text;     ///< what stands there
    bool zone_forwards = false;
};

class ParentLink {
 public:
    explicit ParentLink(host::Channel channel) : channel_(std::move(channel)) {}

    /// What this process wants of its machine from now on goes through here (host/outside.hpp). Must outlive it.
    void reach_out();

    Result<host::Descriptor> open_control();
    Result<host::Descriptor> share_lock();
    Result<OpenedConfiguration> open_configuration(std::uint8_t which);
    Programs programs();
    Result<std::string> list_table(const std::string& family, const std::string& table);
    /// Null: takes it away.
    Result<void> place_guard(const firewall::Guard* guard);
    Result<PlacedOpenings> place_openings(config::Firewall kind, const firewall::Openings& openings,
                                          const std::string& zone);
    /// In place of the file that is there. The error has no more than the system's words.
    Result<void> save(FreshFile::Which which, ByteView octets);
    Result<void> name_metrics_file(const std::string& path);
    /// A line for syslog.
    void log(Level level, std::string_view line);
    void announce(Announce::What what, const std::string& text = {});
    /// Starts ubus there.
    [[nodiscard]] std::unique_ptr<host::UbusStarter> ubus();

 private:
    struct Answered {
        Answer answer;
        host::Descriptor descriptor;
    };
    Result<Answered> ask(const Request& request);
    Result<host::Descriptor> descriptor(const Request& request);

    class Ubus;
    host::Channel channel_;
};

}  // namespace causeway::daemon
