#include "sim/limits.hpp"

#include <cstdint>

#include <nlohmann/json.hpp>

#include "base/time.hpp"
#include "ike/limits.hpp"
#include "sa/sa.hpp"

namespace causeway::sim {
namespace {

double shown(Duration time) {
    return seconds_of(time);
}

std::uint64_t shown(std::uint64_t count) {
    return count;
}

}  // namespace

std::string limits_as_json() {
    nlohmann::ordered_json all;
    // A name that the header does not have does not compile.
#define CAUSEWAY_LIMIT(space, name) all[#name] = shown(space::name)
    CAUSEWAY_LIMIT(sa, unanswered_first);
    CAUSEWAY_LIMIT(sa, unanswered_interval);
    CAUSEWAY_LIMIT(ike::limits, retransmit_first);
    CAUSEWAY_LIMIT(ike::limits, retransmit_max);
    CAUSEWAY_LIMIT(ike::limits, retransmit_tries);
    CAUSEWAY_LIMIT(ike::limits, let_peer_call);
    CAUSEWAY_LIMIT(ike::limits, let_peer_show);
    CAUSEWAY_LIMIT(ike::limits, retry_first);
    CAUSEWAY_LIMIT(ike::limits, retry_max);
    CAUSEWAY_LIMIT(ike::limits, retry_wanted);
    CAUSEWAY_LIMIT(ike::limits, own_change_time);
    CAUSEWAY_LIMIT(ike::limits, own_change_retry);
    CAUSEWAY_LIMIT(ike::limits, lookup_eager);
    CAUSEWAY_LIMIT(ike::limits, lookup_eager_time);
    CAUSEWAY_LIMIT(ike::limits, lookup_lazy);
    CAUSEWAY_LIMIT(ike::limits, lookup_timeout);
    CAUSEWAY_LIMIT(ike::limits, next_address_after);
    CAUSEWAY_LIMIT(ike::limits, addresses_at_once);
    CAUSEWAY_LIMIT(ike::limits, dpd_repeat);
    CAUSEWAY_LIMIT(ike::limits, dpd_repeat_eager);
    CAUSEWAY_LIMIT(ike::limits, dpd_suspect_after);
    CAUSEWAY_LIMIT(ike::limits, suspected_grace);
    CAUSEWAY_LIMIT(ike::limits, unanswered_without_dpd);
    CAUSEWAY_LIMIT(ike::limits, unanswered_renewal_max);
    CAUSEWAY_LIMIT(ike::limits, hint_interval);
    CAUSEWAY_LIMIT(ike::limits, nat_doubted);
    CAUSEWAY_LIMIT(ike::limits, nat_keepalive);
    CAUSEWAY_LIMIT(ike::limits, rekey_margin_min);
    CAUSEWAY_LIMIT(ike::limits, rekey_margin_max);
    CAUSEWAY_LIMIT(ike::limits, renewal_interval);
#undef CAUSEWAY_LIMIT
    return all.dump(2);
}

}  // namespace causeway::sim
