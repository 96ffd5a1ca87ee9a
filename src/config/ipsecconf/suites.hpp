// Words for cipher suites, `aes256-sha512-modp2048,aes128-sha1-modp1024!`, -> the model's proposals, as strongSwan or
// libreswan takes them.
#pragma once

#include <string>
#include <vector>

#include "config/model.hpp"
#include "config/report.hpp"

namespace causeway::config::ipsecconf {

struct SuiteRules {
    /// libreswan: what is written is all there is (ipsec.conf(5), ike), and every combination of a suite is offered.
    /// strongSwan: its defaults come behind unless the list ends in `!`, and of a suite with several algorithms of a
    /// kind the first ones are offered, as a transform of IKEv1 has no more (5.9.8,
    /// encoding/payloads/proposal_substructure.c); every combination is accepted.
    bool libreswan = false;
};

/// `written`: the items of the list; none: the defaults. An item that is not usable is left out with a finding;
/// `title` is the conn's.
std::vector<Phase1Proposal> phase1_of(const std::vector<Sourced<std::string>>& written, SuiteRules rules,
                                      const std::string& title, Report& report);
std::vector<Phase2Proposal> phase2_of(const std::vector<Sourced<std::string>>& written, SuiteRules rules,
                                      const std::string& title, Report& report);

}  // namespace causeway::config::ipsecconf
