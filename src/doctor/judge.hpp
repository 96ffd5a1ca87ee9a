// Judges what was looked at: a step for each layer, and the verdict. Pure; sends nothing, opens nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "doctor/examination.hpp"
#include "doctor/report.hpp"

namespace causeway::doctor {

/// One peer: its steps and this machine's in the order of the layers. Several: this machine's first, then each peer's.
Report judge(const Examination& seen);

/// The cross that explains the others: the one with which a connection stops earliest; of several what is proved before
/// what is likely before what is one of several causes; of these the one nearest to the ground.
std::optional<std::size_t> verdict_of(const std::vector<Step>& steps);

}  // namespace causeway::doctor
