// What the hotplug script and the init script do that cannot work, or not every time.
#pragma once

#include "check/router/context.hpp"
#include "check/router/network.hpp"
#include "config/load.hpp"

namespace causeway::check {

/// `init` and `network` may be null. The scripts' names count: that of the hotplug script decides when it runs, that of
/// the init script is what can be called.
void check_hotplug(const config::NamedText& hotplug, const config::NamedText* init, const Network* network,
                   Context& context);

void check_init(const config::NamedText& init, Context& context);

}  // namespace causeway::check
