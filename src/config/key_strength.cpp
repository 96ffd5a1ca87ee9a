#include "config/key_strength.hpp"

#include <string>

#include "base/findings.hpp"

namespace causeway::config {
namespace {

template <FindingId id>
void warn(const Peer& peer, const std::string& title, Report& report) {
    report.say(finding<id>(peer.pre_shared_key_place, field<"peer">(title),
                           field<"wanted">(std::to_string(key_octets_wanted))));
}

}  // namespace

void warn_of_short_key(const Peer& peer, const std::string& title, Report& report) {
    if (peer.pre_shared_key.empty() || peer.pre_shared_key.size() >= key_octets_wanted) {
        return;
    }
    const bool answers_aggressive_mode =
        peer.mode == ExchangeMode::aggressive || peer.quirks.accept_any_mode_as_responder;
    answers_aggressive_mode ? warn<FindingId::key_short_in_aggressive_mode>(peer, title, report)
                            : warn<FindingId::key_short>(peer, title, report);
}

}  // namespace causeway::config
