// What every check of the router's files needs to know of the configuration: the networks that its tunnels carry, who
// dials, and where findings go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/finding.hpp"
#include "base/place.hpp"
#include "check/router.hpp"
#include "config/model.hpp"

namespace causeway::check {

/// What causeway calls its device unless told otherwise (causewayd --tun).
inline constexpr std::string_view tun_device = "causeway0";

/// One pair of networks of a tunnel.
struct Carried {
    Ipv4Net local{};
    Ipv4Net remote{};
    Place local_place{};
    Place remote_place{};
};

struct Context {
    const config::Model& ours;
    const config::Model* theirs;
    Plane plane;
    std::vector<Carried> carried;  ///< one of each remote network
    std::vector<Finding>& findings;

    Context(const config::Model& ours, const config::Model* theirs, Plane plane,
            std::vector<Finding>& findings);

    /// While it runs our daemon lets IKE, ESP and the tunnels' packets through a firewall of OpenWrt's
    /// (option firewall).
    [[nodiscard]] bool daemon_opens() const;
    /// One of the remote networks has an address in `net`.
    [[nodiscard]] bool carries(const Ipv4Net& net) const;
    /// A peer can only call us: nothing of ours would begin.
    [[nodiscard]] bool only_they_dial() const;
    /// Neither end, or only one of them, does NAT traversal, in every connection: UDP 4500 stays unused.
    [[nodiscard]] bool no_nat_traversal() const;
};

/// Any of the peer's addresses may be dialled, and a tunnel makes us do it.
bool dials(const config::Peer& peer);

}  // namespace causeway::check
