#include "config/key_strength.hpp"

#include <fmt/format.h>

namespace causeway::config {

void warn_of_short_key(const Peer& peer, const std::string& title, Report& report) {
    if (peer.pre_shared_key.empty() || peer.pre_shared_key.size() >= key_octets_wanted) {
        return;
    }
    const std::string remedy =
        fmt::format("use a random key of at least {} characters on both ends", key_octets_wanted);
    if (peer.mode == ExchangeMode::aggressive || peer.quirks.accept_any_mode_as_responder) {
        report.warning(peer.pre_shared_key_place,
                       fmt::format("DANGER: {} has a pre-shared key shorter than {} characters and answers "
                                   "Aggressive Mode",
                                   title, key_octets_wanted),
                       "anyone on the Internet who knows its name can fetch a hash with one packet and "
                       "brute-force the key offline",
                       remedy + ", and Main Mode");
        return;
    }
    report.warning(
        peer.pre_shared_key_place,
        fmt::format("{} has a pre-shared key shorter than {} characters", title, key_octets_wanted),
        "anyone who took part in one exchange can brute-force it offline", remedy);
}

}  // namespace causeway::config
