// Tunnels with the same pair of networks, one of the last steps of every mapper: to one peer the first is
// enough; to several peers the later ones are back-ups (esp/policies.hpp), or two boxes have one network.
#pragma once

#include "config/model.hpp"
#include "config/report.hpp"

namespace causeway::config {

/// Takes out of the model what can carry nothing, and says what becomes of each. A peer that keeps no tunnel
/// goes as well. In a file of another program's nothing but the repetitions within one peer is taken out.
void settle_backups(Model& model, Report& report);

}  // namespace causeway::config
