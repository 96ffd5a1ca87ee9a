// Values as strongSwan's files have them: switches, times, addresses of peers, networks. Both readers of its files
// use it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/place.hpp"
#include "config/model.hpp"

namespace causeway::config::strongswan {

/// yes, true, enabled, 1; no, false, disabled, 0, in letters of either case: parse_bool() of vici_config.c.
std::optional<bool> parse_switch(std::string_view text);

/// Where a peer is, as `remote_addrs` and `right` say it.
struct Address {
    PeerAddress address;
    bool wide =
        false;  ///< a network or a range, within which strongSwan answers and does not dial: read as anywhere
};
std::optional<Address> parse_address(std::string_view text);

/// One network of `local_ts` or `leftsubnet`.
struct Selector {
    enum class Kind {
        network,
        dynamic,  ///< the address of that side
        of_ipv6,
        with_ports,  ///< a protocol or a port beside it
        no_network,  ///< a range that is not one network
        unreadable,  ///< strongSwan does not take it either
    };
    Kind kind = Kind::unreadable;
    Ipv4Net net{};          ///< of a network
    bool is_host = false;   ///< an address inside the network is written
    bool maskless = false;  ///< no mask is written, and the address ends in 0: a network may be meant
    /// Of a mask that is written 255.255.255.0: the bits that are meant. strongSwan reads 255, which it takes for
    /// 32 (measured with 5.9.8).
    std::optional<std::uint8_t> dotted{};
};
Selector parse_selector(std::string_view text);

/// Which of several networks IKEv1 proposes: the first that lies in none of the others (child_cfg.c,
/// get_traffic_selectors(), and quick_mode.c, select_ts(), of 5.9.8). `selectors` has at least one.
std::size_t proposed(std::span<const Selector> selectors);

}  // namespace causeway::config::strongswan
