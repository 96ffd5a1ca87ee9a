#include "check/rules/suites.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/lines.hpp"
#include "check/rules/rules.hpp"
#include "negotiation/phase1.hpp"

namespace causeway::check {
namespace {

using config::Phase1Proposal;
using config::Phase2Proposal;

bool same_cipher_kind(crypto::CipherId a, crypto::CipherId b) {
    const auto& one = crypto::info(a);
    const auto& other = crypto::info(b);
    return one.oakley == other.oakley && one.esp_transform == other.esp_transform && a != b;
}

/// What differs in the nearest suites of two sides, in the order in which it matters.
struct Difference {
    bool cipher = false;
    bool key_length = false;  ///< of one cipher
    bool hash = false;
    bool group = false;
    bool one_without_group = false;  ///< PFS on one side alone

    [[nodiscard]] unsigned weight() const {
        return (cipher ? 4U : 0U) + (key_length ? 3U : 0U) + (hash ? 3U : 0U) + (group ? 2U : 0U);
    }
    [[nodiscard]] unsigned count() const {
        return static_cast<unsigned>(cipher) + static_cast<unsigned>(key_length) +
               static_cast<unsigned>(hash) + static_cast<unsigned>(group);
    }
    [[nodiscard]] std::string text() const {
        std::string all;
        const auto add = [&](bool differs, std::string_view what) {
            all += differs ? fmt::format("{}{}", all.empty() ? "" : ", ", what) : "";
        };
        add(cipher, "cipher");
        add(key_length, "key length");
        add(hash, "hash");
        add(group, "group");
        return all;
    }
};

Difference between(const Phase1Proposal& a, const Phase1Proposal& b) {
    const bool length = same_cipher_kind(a.cipher, b.cipher);
    return {a.cipher != b.cipher && !length, length, a.hash != b.hash, a.group != b.group, false};
}
Difference between(const Phase2Proposal& a, const Phase2Proposal& b) {
    const bool length = same_cipher_kind(a.cipher, b.cipher);
    return {a.cipher != b.cipher && !length, length, a.integrity != b.integrity, a.pfs != b.pfs,
            a.pfs.has_value() != b.pfs.has_value()};
}

template <class Proposal>
struct Nearest {
    const Proposal* here = nullptr;
    const Proposal* there = nullptr;
    Difference difference{};
};

template <class Proposal>
Nearest<Proposal> nearest(const std::vector<Proposal>& ours, const std::vector<Proposal>& theirs) {
    Nearest<Proposal> best;
    for (const auto& here : ours) {
        for (const auto& there : theirs) {
            const auto difference = between(here, there);
            // Which is offered is nearer than what is merely accepted.
            if (best.here == nullptr || difference.weight() < best.difference.weight()) {
                best = {&here, &there, difference};
            }
        }
    }
    return best;
}

template <class Proposal>
FindingId row_of(const Difference& difference) {
    constexpr bool phase1 = std::is_same_v<Proposal, Phase1Proposal>;
    if (difference.count() != 1) {
        return FindingId::pair_suites_differ;
    }
    if (difference.cipher) {
        return phase1 ? FindingId::pair_phase1_ciphers_differ : FindingId::pair_phase2_ciphers_differ;
    }
    if (difference.key_length) {
        return phase1 ? FindingId::pair_phase1_key_lengths_differ : FindingId::pair_phase2_key_lengths_differ;
    }
    if (difference.hash) {
        return phase1 ? FindingId::pair_phase1_hashes_differ : FindingId::pair_phase2_hashes_differ;
    }
    if (phase1) {
        return FindingId::pair_phase1_groups_differ;
    }
    return difference.one_without_group ? FindingId::pair_pfs_on_one_side : FindingId::pair_pfs_groups_differ;
}

std::string_view phase_of(const Phase1Proposal&) {
    return "Phase 1";
}
std::string_view phase_of(const Phase2Proposal&) {
    return "Phase 2";
}

/// Is there a suite of one side's that any box is known to take?
template <class Proposal>
bool known_to_box(const std::vector<Proposal>& ours) {
    return std::ranges::any_of(ours, [](const Proposal& one) { return box_may_take(one); });
}

struct Files {
    config::Schema here;
    config::Schema there;
    bool box_here;
    bool box_there;
    bool here_calls;
    bool there_calls;
};

/// Both would take it: the side that calls does not offer it.
template <class Proposal>
Finding not_offered(const std::string& connection, const Proposal& known, std::vector<Place> places,
                    const Files& files) {
    const auto line = [&](bool calls, config::Schema file) {
        return calls ? suite_line(file, known, known) : std::string{};
    };
    return finding<FindingId::pair_suite_not_offered>(
        std::move(places), field<"connection">(connection), field<"phase">(std::string(phase_of(known))),
        field<"suite">(known.text()),
        field<"remedy">(either(line(files.here_calls, files.here), line(files.there_calls, files.there))));
}

/// Nothing fits: what differs in the nearest two, and what mends it.
template <class Proposal>
Finding mismatch(const std::string& connection, const std::vector<Proposal>& ours,
                 const std::vector<Proposal>& theirs, std::vector<Place> places, const Files& files) {
    const auto found = nearest(ours, theirs);
    if (found.difference.count() == 0) {
        return not_offered(connection, *found.here, std::move(places), files);
    }
    const std::string phase(phase_of(ours.front()));
    if ((files.box_there && !known_to_box(ours)) || (files.box_here && !known_to_box(theirs))) {
        const auto& wanting = files.box_there ? ours : theirs;
        const auto schema = files.box_there ? files.here : files.there;
        const auto line = suite_line(schema, wanting.front(), *(files.box_there ? found.there : found.here));
        return finding<FindingId::pair_beyond_box>(
            std::move(places), field<"connection">(connection), field<"phase">(phase),
            field<"here">(wanting.front().text()), field<"what">(beyond_box(wanting.front())),
            field<"remedy">(files.box_there ? either(line, {}) : either({}, line)));
    }
    auto here = suite_line(files.here, *found.here, *found.there);
    auto there = suite_line(files.there, *found.there, *found.here);
    // Of two ways to mend it the one that makes nothing weaker.
    if (weakness(*found.here).size() < weakness(*found.there).size() && !there.empty()) {
        here.clear();
    } else if (weakness(*found.there).size() < weakness(*found.here).size() && !here.empty()) {
        there.clear();
    }
    const auto remedy = either(here, there);
    auto made = finding<FindingId::pair_suites_differ>(
        std::move(places), field<"connection">(connection), field<"phase">(phase),
        field<"here">(found.here->text()), field<"there">(found.there->text()),
        field<"differences">(found.difference.text()), field<"remedy">(remedy));
    made.id = row_of<Proposal>(found.difference);
    return made;
}

Files files_of(const Connection& connection) {
    return {connection.our_model->schema,
            connection.their_model->schema,
            connection.ours.manner->kind == Kind::fritzbox,
            connection.theirs.manner->kind == Kind::fritzbox,
            connection.out.dials,
            connection.in.dials};
}

/// The best suite that both sides could have: both do everything that causeway does, but for a box.
template <class Proposal>
void tell_weak(const Connection& connection, const Proposal& chosen, const std::string& name,
               const std::vector<Proposal>& ours, const std::vector<Proposal>& theirs,
               std::vector<Place> places, Findings& findings) {
    const auto weak = weakness(chosen);
    if (weak.empty()) {
        return;
    }
    const auto files = files_of(connection);
    const bool box = files.box_here || files.box_there;
    const auto better = better_than(chosen, box);
    if (better.text() == chosen.text()) {
        return;
    }
    // Whoever offers it already need not write it.
    const auto line = [&](config::Schema file, const std::vector<Proposal>& proposals) {
        const bool has = std::ranges::any_of(
            proposals, [&](const Proposal& one) { return one.offered && one.text() == better.text(); });
        return has ? std::string{} : suite_line(file, chosen, better);
    };
    auto remedy = both(line(files.here, ours), line(files.there, theirs));
    if (remedy.empty()) {
        remedy = "write it before the others";
    }
    const std::string phase(phase_of(chosen));
    const std::string verb = weak.find(" and ") == std::string::npos ? "is" : "are";
    findings.push_back(box ? finding<FindingId::pair_suite_of_its_time>(
                                 places, field<"connection">(name), field<"phase">(phase),
                                 field<"suite">(chosen.text()), field<"what">(weak), field<"verb">(verb),
                                 field<"better">(better.text()), field<"remedy">(remedy))
                           : finding<FindingId::pair_weak_suite>(
                                 places, field<"connection">(name), field<"phase">(phase),
                                 field<"suite">(chosen.text()), field<"what">(weak), field<"verb">(verb),
                                 field<"better">(better.text()), field<"remedy">(remedy)));
}

/// Who dials in Aggressive Mode, and does not try again with another group, offers the first one alone.
std::vector<Phase1Proposal> offered_by(const End& end, const Direction& direction) {
    const auto& all = end.peer->proposals;
    const bool first_alone = direction.dials && end.peer->mode == config::ExchangeMode::aggressive &&
                             !end.manner->tries_every_group;
    const auto groups = negotiation::offered_groups(all);
    return first_alone && !groups.empty() ? negotiation::offered_with(all, groups.front()) : all;
}

/// A tunnel stands when the suite of one that asks is taken. Where nobody asks, that is another matter.
bool keeps_down(const config::Tunnel& ours, bool out_fails, const config::Tunnel& theirs, bool in_fails) {
    const bool we_ask = ours.start != config::StartAction::none;
    const bool they_ask = theirs.start != config::StartAction::none;
    if (!we_ask && !they_ask) {
        return out_fails && in_fails;
    }
    return (!we_ask || out_fails) && (!they_ask || in_fails);
}

}  // namespace

void check_phase1_suites(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    const auto& out = connection.out.phase1;
    const auto& in = connection.in.phase1;
    const auto severity = severity_of(out.suite.has_value(), in.suite.has_value(), connection);
    const bool none = out.suite && in.suite;
    if (none || (severity == Severity::error && (connection.out.dials || connection.in.dials))) {
        findings.push_back(mismatch(ours.name, offered_by(connection.ours, connection.out),
                                    offered_by(connection.theirs, connection.in),
                                    {ours.proposals_place, theirs.proposals_place}, files_of(connection)));
        return;
    }
    const auto& choice = connection.out.dials && out.choice ? out.choice : in.choice ? in.choice : out.choice;
    if (choice) {
        tell_weak(connection,
                  Phase1Proposal{.cipher = choice->cipher, .hash = choice->hash, .group = choice->group},
                  ours.name, ours.proposals, theirs.proposals, {ours.proposals_place, theirs.proposals_place},
                  findings);
    }
}

void check_phase2_suites(const Connection& connection, Findings& findings) {
    const auto& name = connection.ours.peer->name;
    for (const auto& out : connection.out.phase2) {
        if (out.responder == nullptr) {
            continue;  // its networks are nobody's
        }
        const auto in = std::ranges::find_if(connection.in.phase2, [&](const auto& other) {
            return other.initiator == out.responder && other.responder == out.initiator;
        });
        const bool in_fails = in == connection.in.phase2.end() || in->suite.has_value();
        const auto title = connection.out.phase2.size() == 1 ? name : out.initiator->name;
        if (keeps_down(*out.initiator, out.suite.has_value(), *out.responder, in_fails)) {
            findings.push_back(mismatch(title, out.initiator->proposals, out.responder->proposals,
                                        {out.initiator->proposals_place, out.responder->proposals_place},
                                        files_of(connection)));
        } else if (const auto& choice = out.choice ? out.choice : in->choice) {
            tell_weak(
                connection,
                Phase2Proposal{.cipher = choice->cipher, .integrity = choice->integrity, .pfs = choice->pfs},
                title, out.initiator->proposals, out.responder->proposals,
                {out.initiator->proposals_place, out.responder->proposals_place}, findings);
        }
    }
}

}  // namespace causeway::check
