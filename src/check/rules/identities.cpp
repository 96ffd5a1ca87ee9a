// Identities: what each side says of itself, and what the other expects (RFC 2407 4.6.2).
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/findings.hpp"
#include "check/lines.hpp"
#include "check/rules/rules.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/words.hpp"
#include "negotiation/peer.hpp"

namespace causeway::check {
namespace {

using config::Identity;
using config::Schema;

/// What one side says of itself, held against what the other expects.
struct Claim {
    const config::Peer& claimant;
    const config::Peer& reader;
    Schema claimants_file;
    Schema readers_file;
    IpAddress address;  ///< of the claimant
    bool ours;          ///< the claimant is our side
};

std::string side(bool ours) {
    return ours ? "this side" : "the other side";
}

const Place& own_place(const config::Peer& peer) {
    return peer.local_id ? peer.local_id->place : peer.place;
}
const Place& expected_place(const config::Peer& peer) {
    return peer.remote_id ? peer.remote_id->place : peer.place;
}

/// Ours first.
std::vector<Place> places_of(const Claim& claim) {
    const auto& own = own_place(claim.claimant);
    const auto& expected = expected_place(claim.reader);
    return claim.ours ? std::vector{own, expected} : std::vector{expected, own};
}

std::string remedy(const Claim& claim, const std::optional<Identity>& expected,
                   const std::optional<Identity>& received) {
    const auto at_claimant = expected ? own_id_line(claim.claimants_file, *expected) : std::string{};
    const auto at_reader = received ? peer_id_line(claim.readers_file, *received) : std::string{};
    return claim.ours ? either(at_claimant, at_reader) : either(at_reader, at_claimant);
}

/// With its kind; a key id in its letters, where they can be read.
std::string words_of(const Identity& identity) {
    const auto letters = as_text(identity.data);
    const bool readable = identity.type == isakmp::IdType::key_id && !letters.empty() &&
                          std::ranges::all_of(letters, [](char c) { return c > ' ' && c < 0x7f; });
    return readable ? fmt::format("KEY-ID '{}'", letters) : identity.text_with_type();
}

/// Where it looks like a slip of the pen.
std::string slip(std::string_view a, std::string_view b) {
    return a != b && config::distance(a, b) <= 2 ? "; one letter or two differ" : "";
}

void tell(const Claim& claim, const std::string& connection, Findings& findings) {
    const auto received = negotiation::own_identity(claim.claimant, claim.address);
    const auto common = [&](auto make) { findings.push_back(make(places_of(claim))); };
    if (!claim.reader.remote_id) {
        common([&](auto places) {
            return finding<FindingId::pair_identity_not_expected>(
                places, field<"connection">(connection), field<"claimant">(side(claim.ours)),
                field<"received">(words_of(received)), field<"other">(side(!claim.ours)),
                field<"remedy">(remedy(claim, std::nullopt, received)));
        });
        return;
    }
    const auto& expected = claim.reader.remote_id->value;
    if (!claim.claimant.local_id) {
        common([&](auto places) {
            return finding<FindingId::pair_identity_missing>(
                places, field<"connection">(connection), field<"claimant">(side(claim.ours)),
                field<"other">(side(!claim.ours)), field<"expected">(words_of(expected)),
                field<"remedy">(remedy(claim, expected, std::nullopt)));
        });
        return;
    }
    const auto fix = remedy(claim, expected, received);
    const bool same_words = received.type != expected.type &&
                            (received.text() == expected.text() || received.data == expected.data);
    common([&](auto places) {
        return same_words ? finding<FindingId::pair_identity_kinds_differ>(
                                places, field<"connection">(connection), field<"claimant">(side(claim.ours)),
                                field<"received">(words_of(received)), field<"other">(side(!claim.ours)),
                                field<"expected">(words_of(expected)), field<"remedy">(fix))
                          : finding<FindingId::pair_identities_differ>(
                                places, field<"connection">(connection), field<"claimant">(side(claim.ours)),
                                field<"received">(words_of(received)), field<"other">(side(!claim.ours)),
                                field<"expected">(words_of(expected)),
                                field<"slip">(slip(received.text(), expected.text())), field<"remedy">(fix));
    });
}

bool both(const std::optional<Sourced<Identity>>& a, const std::optional<Sourced<Identity>>& b) {
    return a && b && a->value.same_as(b->value);
}

bool swapped(const config::Peer& ours, const config::Peer& theirs) {
    return both(ours.local_id, theirs.local_id) && both(ours.remote_id, theirs.remote_id) &&
           !ours.local_id->value.same_as(ours.remote_id->value);
}

}  // namespace

void check_identities(const Connection& connection, Findings& findings) {
    const auto& ours = *connection.ours.peer;
    const auto& theirs = *connection.theirs.peer;
    const auto& phase1 = connection.out.phase1;
    if (!phase1.initiator_id && !phase1.responder_id) {
        return;
    }
    if (swapped(ours, theirs)) {
        findings.push_back(finding<FindingId::pair_identities_swapped>(
            std::vector<Place>{ours.local_id->place, theirs.local_id->place, ours.remote_id->place,
                               theirs.remote_id->place},
            field<"connection">(ours.name), field<"own">(ours.local_id->value.text())));
        return;
    }
    const auto our_file = connection.our_model->schema;
    const auto their_file = connection.their_model->schema;
    if (phase1.initiator_id) {
        tell({ours, theirs, our_file, their_file, connection.ours.address, true}, ours.name, findings);
    }
    if (phase1.responder_id) {
        tell({theirs, ours, their_file, our_file, connection.theirs.address, false}, ours.name, findings);
    }
}

}  // namespace causeway::check
