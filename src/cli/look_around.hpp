// What this machine says of itself, as `doctor` wants it: addresses, devices, routes, ports, forwarding and the TUN driver.
// Nothing is sent and nothing changed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "doctor/examination.hpp"

namespace causeway::cli {

/// Fills in what concerns the machine; `peers` are whom the ways are asked for. Without a daemon (`running`) also who has
/// the ports, and whether there is a TUN driver: a daemon has both.
void look_around(doctor::Examination& seen, const std::vector<IpAddress>& peers);

}  // namespace causeway::cli
