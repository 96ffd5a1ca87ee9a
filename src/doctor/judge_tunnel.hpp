// What becomes of one tunnel's packets: its route, the firewall, Phase 2, counters, path MTU and a host at the other end.
// Private to doctor/. Pure.
#pragma once

#include <vector>

#include "doctor/examination.hpp"
#include "doctor/report.hpp"
#include "status/status.hpp"

namespace causeway::doctor {

std::vector<Step> judge_tunnel(const Examination& seen, const status::Peer& peer,
                               const status::Tunnel& tunnel);

}  // namespace causeway::doctor
