// strongSwan's proposals, as swanctl.conf and ipsec.conf have them ("aes256-sha256-modp2048", "default") -> the
// model's, for IKEv1: of a proposal with several algorithms of a kind charon offers the first of each alone and
// accepts all of them (proposal_substructure.c and proposal.c of 5.9.8). Both readers of strongSwan's files use it.
#pragma once

#include <string>
#include <vector>

#include "base/place.hpp"
#include "config/model.hpp"
#include "config/report.hpp"

namespace causeway::config::strongswan {

/// Who has the proposals, for what is said of them.
struct Owner {
    std::string option;  ///< "esp_proposals"
    std::string title;   ///< "child 'lan' of 'office'"
};

/// What a list of proposals came to.
template <class Proposal>
struct Proposals {
    std::vector<Proposal> usable;  ///< in the order of the file
    /// strongSwan does not load what has the list: a keyword that it does not know, or too few of them. Said.
    bool refused = false;
};

/// `words` are what stands between the commas. What is not usable is left out with a finding.
Proposals<Phase1Proposal> ike_proposals(const std::vector<Sourced<std::string>>& words, const Owner& owner,
                                        Report& report);
Proposals<Phase2Proposal> esp_proposals(const std::vector<Sourced<std::string>>& words, const Owner& owner,
                                        Report& report);

/// Without a word: proposal_create_default() and proposal_create_default_aead() of 5.9.8, as far as the algorithms are
/// known here. Of IKE's the first one is offered and the others are accepted.
std::vector<Phase1Proposal> default_ike_proposals(const Place& place = {});
/// Without PFS. The list that counts when a child has none begins with AES-GCM, the one of the word "default" with
/// AES-CBC (vici_config.c of 5.9.8).
enum class EspOrder { aead_first, cbc_first };
std::vector<Phase2Proposal> default_esp_proposals(EspOrder order, const Place& place = {});

}  // namespace causeway::config::strongswan
