#include "sim/names.hpp"

#include <algorithm>

namespace causeway::sim {

void Names::publish(const std::string& name, const IpAddress& address, Instant visible, Duration ttl) {
    Record& record = records_[name];
    record.ttl = ttl;
    // What was still on its way is overtaken.
    std::erase_if(record.addresses, [&](const auto& one) { return one.first >= visible; });
    record.addresses.emplace_back(visible, address);
    if (record.addresses.size() > 8) {
        record.addresses.erase(record.addresses.begin());
    }
}

void Names::trouble(const std::string& name, Trouble trouble, Instant until, const IpAddress& wrong) {
    Record& record = records_[name];
    record.trouble = trouble;
    record.trouble_until = until;
    record.wrong = wrong;
}

Names::Answer Names::ask(const std::string& name, Instant now) const {
    const auto found = records_.find(name);
    if (found == records_.end()) {
        return {Trouble::nxdomain, {}, {}};
    }
    const Record& record = found->second;
    if (record.trouble != Trouble::none && now < record.trouble_until) {
        return {record.trouble, record.trouble == Trouble::wrong ? std::optional(record.wrong) : std::nullopt,
                record.ttl};
    }
    Answer answer{Trouble::none, {}, record.ttl};
    for (const auto& [visible, address] : record.addresses) {
        if (visible <= now) {
            answer.address = address;
        }
    }
    if (!answer.address) {
        answer.trouble = Trouble::nxdomain;
    }
    return answer;
}

}  // namespace causeway::sim
