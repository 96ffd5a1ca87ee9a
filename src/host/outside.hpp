// What a confined process (host/system_calls.hpp) cannot do itself and every program may want of its machine: reading one of a
// few files of the system's, and opening a socket of netlink's. Done here as long as nobody else was named for it. Whoever
// confines the process names its parent, before; once, because the confinement too is the whole process's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "host/descriptor.hpp"
#include "host/nft_chains.hpp"

namespace causeway::host {

/// A file by what it is for. Nobody names one by a path.
enum class SystemFile : std::uint8_t {
    resolv_conf,
    resolv_conf_of_openwrt,      ///< behind a forwarder, this one and the next three
    resolv_conf_of_old_openwrt,  ///< before 21.02
    resolv_conf_of_systemd,
    resolv_conf_of_dnsmasq,
    hosts,
    ip_forward,
    rp_filter,        ///< of a device, or of "all"
    iptables_tables,  ///< the names of its tables that are loaded
};
inline constexpr SystemFile last_system_file = SystemFile::iptables_tables;

/// 1 to 15 characters, none of them a slash, a blank or a quotation mark: what Linux takes as a device's name
/// (dev_valid_name()), less what a text that is made of it would have to quote.
bool is_device_name(std::string_view name);

/// Where it is. `device` is for rp_filter only.
std::string path_of(SystemFile file, const std::string& device = {});

/// To be read; errno's words in the error, not_found when there is none.
Result<Descriptor> open_file(SystemFile file, const std::string& device = {});
/// Its first octets, at most `limit`; empty when it cannot be read.
std::string first_octets(SystemFile file, std::size_t limit, const std::string& device = {});

struct Outside {
    std::function<Result<Descriptor>(SystemFile, const std::string& device)> open;
    std::function<Result<std::vector<NftChain>>()> chains;
};
/// From now on these are asked.
void reach_out_by(Outside outside);
/// Those that were named; empty functions when none were.
const Outside& outside();

}  // namespace causeway::host
