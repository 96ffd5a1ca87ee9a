// A report in words, for people: a table of what answered, and sentences that say what it means and what it does not.
// Pure. What came from the peer is printable in it.
#pragma once

#include <string>
#include <vector>

#include "probe/report.hpp"

namespace causeway::probe {

/// "Port 500", "answers in 12 ms".
struct Row {
    std::string label;
    std::string text;
};
std::vector<Row> rows(const Report& report);

/// One sentence or two each. Says "may" where the wire alone does not decide.
std::vector<std::string> meaning(const Report& report);

// The words of a script, in JSON.
std::string word_of(Outcome outcome);  ///< "not asked", "silent", "accepted", "refused", "odd"
std::string word_of(Nat nat);          ///< "unknown", "none", "here", "there", "both"
std::string word_of(SuitesEnd end);    ///< "not asked", "refused", "silent", "bound"
/// The notification's name as the RFC of that version spells it; empty: none.
std::string notify_of(const Asked& asked, bool version2);

}  // namespace causeway::probe
