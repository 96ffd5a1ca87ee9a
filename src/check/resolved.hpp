// What the name server says of the names in both files, held against what they are for. Pure: whoever asks passes the
// answers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/finding.hpp"
#include "config/model.hpp"

namespace causeway::check {

struct NameAnswer {
    std::vector<IpAddress> addresses;
    std::string error;  ///< why there are none, in the resolver's words
};
using NameAnswers = std::map<std::string, NameAnswer>;

/// Every name that either side calls, and every name that a side has for itself.
std::vector<std::string> names_in(const config::Model& model);

/// Names that lead nowhere, into a private network, or to IPv6 alone.
void check_answers(const config::Model& model, const NameAnswers& answers, std::vector<Finding>& findings);

}  // namespace causeway::check
