// Which layer a finding of the daemon's belongs to, by its code, and the steps for those that stand against a connection.
// Private to doctor/. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doctor/report.hpp"
#include "status/status.hpp"
#include "status/told.hpp"

namespace causeway::doctor {

/// `phase1_up`: of codes that either phase may have it is the one that is at fault then.
Layer layer_of(std::string_view code, bool phase1_up);

/// An ISAKMP SA of it is up.
const status::IsakmpSa* isakmp_sa_of(const status::Peer& peer);
/// It works, in part at least: what stands against it stops nothing at present.
bool is_up(const status::Peer& peer);
/// The pair that carries packets; null: none.
const status::ChildSa* child_sa_of(const status::Tunnel& tunnel);

/// Why it is down, where that is a fault: the surest of its tunnels' reasons, else the peer's last error.
const status::Told* why_down(const status::Peer& peer);

/// What stands against a peer or a tunnel. A note is nothing to mend, and its layer is not crossed. Without those that have
/// the code `told`: they are there already.
std::vector<Step> standing_steps(const std::vector<status::Standing>& findings, const std::string& subject,
                                 bool phase1_up, bool up, std::string_view told);

}  // namespace causeway::doctor
