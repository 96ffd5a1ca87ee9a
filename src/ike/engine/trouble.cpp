#include "ike/engine/trouble.hpp"

namespace causeway::ike {

Finding with_refusal(const Finding& why, const Occasional<Finding>& refusal) {
    if (!refusal || *refusal == why) {
        return why;
    }
    Finding told = *refusal;
    told.fields.emplace_back("since", why.sentence());
    return told;
}

}  // namespace causeway::ike
