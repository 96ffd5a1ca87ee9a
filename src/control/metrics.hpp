// A status as Prometheus reads it: the text format of its exporters, version 0.0.4. Printed by `causeway metrics`, written to a
// file by the daemon. Pure. Labels are names from the configuration and words of ours, never an address or a secret.
#pragma once

#include <string>

#include "control/status.hpp"

namespace causeway::control {

/// What a collector asks for, and the media type of a text like ours.
inline constexpr const char* metrics_version = "0.0.4";

/// Every metric with its help and type, also those without a value; causeway(8) lists them, and they are only ever added to.
/// Seconds, octets and counts; a counter begins anew when the daemon does.
std::string metrics_text(const Status& status);
/// Of a daemon that does not run.
std::string metrics_text_of_none();

/// "  NAME TYPE LABELS" and its help, a block for each metric: for the manual.
std::string metrics_list();

}  // namespace causeway::control
