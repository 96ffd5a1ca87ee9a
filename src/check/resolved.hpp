// What the name server says of the names in both files, held against what they are for. Pure: whoever asks passes the
// answers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/finding.hpp"
#include "check/check.hpp"
#include "config/model.hpp"

namespace causeway::check {

struct NameAnswer {
    std::vector<IpAddress> addresses;
    std::string error;  ///< why there are none
    bool asked = true;  ///< false: no name server answered, so nothing is known of the name
};
using NameAnswers = std::map<std::string, NameAnswer>;

/// Every name that either side calls, and every name that a side has for itself.
std::vector<std::string> names_in(const config::Model& model);

/// Names that lead nowhere, to the caller itself, into a private network, or to IPv6 alone.
void check_answers(const config::Model& model, const NameAnswers& answers, std::vector<Finding>& findings);
/// What the names of both sides say together. Takes the weight from a difference of names that lead to one host.
void check_answers(const Outcome& outcome, const NameAnswers& answers, std::vector<Finding>& findings);

/// Connections that nobody can begin, by what has been found since, do not connect; others begin where it can be done.
void take_back(Outcome& outcome, const std::vector<Finding>& findings);

}  // namespace causeway::check
