#include "config/profiles.hpp"

namespace causeway::config {

Quirks quirks_of_unknown_peer() {
    Quirks quirks;
    // FRITZ!Boxes of 2011 to 2013 knew only draft 03 of NAT traversal (vpnc 17e21eb), so the drafts are
    // announced too.
    quirks.announce_nat_t_drafts = true;
    // RFC 2408 3.15: a peer should be told which SA is gone.
    quirks.delete_on_rekey = true;
    quirks.accept_any_mode_as_responder = false;
    return quirks;
}

Quirks quirks_when_playing_the_box() {
    auto quirks = quirks_of_unknown_peer();
    // Three published pairs have the box in Main Mode and strongSwan in Aggressive Mode, and report a
    // connection that the box accepted. Not so here unless it is asked for (--accept-either-mode): Aggressive
    // Mode gives HASH_R to whoever asks.
    quirks.accept_any_mode_as_responder = false;
    return quirks;
}

}  // namespace causeway::config
