// Whether this kernel can carry ESP, asked and not guessed: each suite's states are put and removed, and a packet of each
// has to pass the kernel both ways and be what the program's own ESP makes of it. Called when the kernel's data plane is
// opened. A refusal names what is missing, the line that forbids it, and OpenWrt's package.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "crypto/algorithm.hpp"
#include "dataplane/dataplane.hpp"
#include "host/xfrm.hpp"
#include "host/xfrm_device.hpp"

namespace causeway::dataplane {

/// Takes some milliseconds a suite, and a second where a packet is lost. States and policies of `if_id` are used, and
/// removed again.
Result<void> can_carry(host::Xfrm& xfrm, const host::XfrmDevice& device, std::uint32_t if_id,
                       std::span<const EspSuite> suites);

/// A socket of XFRM was refused.
Error why_no_xfrm(const Error& refusal);
/// A state was refused.
Error why_refused(const host::NetlinkOutcome& outcome, crypto::CipherId cipher,
                  crypto::IntegrityId integrity);

}  // namespace causeway::dataplane
