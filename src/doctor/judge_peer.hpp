// What lies between this machine and a peer, and what has been negotiated with it: names, NAT, the route there, Phase 1.
// Private to doctor/. Pure.
#pragma once

#include <vector>

#include "doctor/examination.hpp"
#include "doctor/report.hpp"
#include "status/status.hpp"

namespace causeway::doctor {

std::vector<Step> judge_peer(const Examination& seen, const status::Peer& peer);

}  // namespace causeway::doctor
