// The firewall's half of "encrypted or not at all": an nftables table of our own that drops packets between
// the networks of a tunnel wherever they pass outside the tunnel device. What it closes is the pair of
// selectors (RFC 4301 4.4.1), less what is on a link of this machine inside the remote network. Values in, a
// script for `nft -f -` out: nothing here runs it (host/nft.hpp) or asks the machine. Each packet costs a
// lookup for every length of prefix among the remote networks, however many tunnels there are.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "firewall/tunnels.hpp"

namespace causeway::firewall {

/// A network, or a router, at a device of this machine that is not the tunnel's.
struct OnLink {
    std::string device;
    Ipv4Net net{};
    friend bool operator==(const OnLink&, const OnLink&) = default;
    friend std::strong_ordering operator<=>(const OnLink&, const OnLink&) = default;
};

/// Outer addresses of a tunnel, single hosts, that lie in its own networks: a peer inside the remote network.
struct OuterPair {
    Ipv4Net remote{};
    Ipv4Net local{};
    friend bool operator==(const OuterPair&, const OuterPair&) = default;
    friend std::strong_ordering operator<=>(const OuterPair&, const OuterPair&) = default;
};

struct Guard {
    std::string table = "causeway";
    std::string device = "causeway0";  ///< the tunnel's
    std::vector<GuardedPair> pairs{};
    /// What lies inside a remote network and is never the tunnel's. Without it the guard closes more, and
    /// never more than pairs: nobody but hosts of a tunnel's own network is kept from anything.
    std::vector<OnLink> on_link{};
    /// What leaves with this bit in its packet mark is ESP and IKE of our own; 0: nothing is marked.
    std::uint32_t mark = 0;
    std::vector<OuterPair> outer{};  ///< ESP and IKE between these enter
    /// Packets into the tunnel keep their source address whoever masquerades behind us. Costs connection
    /// tracking where nothing else wants it.
    bool exempt_from_nat = false;
    /// The kernel's IPsec carries: before it encrypts a packet, that packet passes the device by which ESP leaves. Wants
    /// Linux 5.0 and nft 0.9.1.
    bool kernel_encrypts = false;
    friend bool operator==(const Guard&, const Guard&) = default;
};

/// The nft script that replaces the table in one transaction; the same guard gives the same text, in any
/// order of its lists.
std::string render_guard(Guard guard);
/// The script that removes the table, whether or not it is there.
std::string render_guard_removal(const std::string& table);

}  // namespace causeway::firewall
