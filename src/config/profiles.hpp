// What is known of kinds of peers, as data. Each value stands with its source.
#pragma once

#include "config/model.hpp"

namespace causeway::config {

/// A peer of which nothing is known: what the most implementations bear.
Quirks quirks_of_unknown_peer();

/// How causeway behaves when it plays a FRITZ!Box (a vpncfg was loaded).
Quirks quirks_when_playing_the_box();

}  // namespace causeway::config
