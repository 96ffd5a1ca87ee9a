#include "ike/v1/phase1_requests.hpp"

#include "ike/limits.hpp"

namespace causeway::ike::v1 {

bool Phase1Requests::admits(const Bytes& answer) const {
    return answer.size() <= limits::answer_per_request * octets();
}

const Bytes* Phase1Requests::latest_answer_for(std::size_t octets) const {
    const auto* latest = kept_ ? kept_->answers.latest() : nullptr;
    return latest != nullptr && latest->size() <= limits::answer_per_request * octets ? latest : nullptr;
}

bool Phase1Requests::may_do_better() {
    return ++kept().refused_values < limits::refused_values;
}

}  // namespace causeway::ike::v1
