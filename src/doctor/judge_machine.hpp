// What is the same for every connection: configuration, daemon, sockets, firewall and the tunnels' device. Private to
// doctor/. Pure.
#pragma once

#include <vector>

#include "doctor/examination.hpp"
#include "doctor/report.hpp"

namespace causeway::doctor {

std::vector<Step> judge_machine(const Examination& seen);

}  // namespace causeway::doctor
