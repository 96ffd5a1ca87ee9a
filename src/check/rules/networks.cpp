// The networks of the tunnels, held against each other in pairs (RFC 2409 5.5).
#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/lines.hpp"
#include "check/rules/rules.hpp"

namespace causeway::check {
namespace {

using config::Tunnel;
using Tunnels = std::vector<const Tunnel*>;

bool mirrored(const Tunnel& ours, const Tunnel& theirs) {
    return ours.local == theirs.remote && ours.remote == theirs.local;
}

std::string pair_text(const TrafficSelector& local, const TrafficSelector& remote) {
    return fmt::format("{} === {}", local.text(), remote.text());
}

/// One contains the other: the same network, by two masks.
bool nested(const TrafficSelector& a, const TrafficSelector& b) {
    return a.net.overlaps(b.net) && a.protocol == b.protocol && a.port == b.port;
}

/// How much two pairs of networks have in common; 0: nothing.
unsigned likeness(const Tunnel& ours, const Tunnel& theirs) {
    const bool swapped = ours.local == theirs.local && ours.remote == theirs.remote;
    const auto one = [](const TrafficSelector& a, const TrafficSelector& b) {
        return a == b ? 2U : nested(a, b) ? 1U : 0U;
    };
    return swapped ? 5U : one(ours.local, theirs.remote) + one(ours.remote, theirs.local);
}

class Networks {
 public:
    static constexpr unsigned most_told = 32;

    Networks(const Connection& connection, Findings& findings)
        : connection_(connection), findings_(findings) {}

    void run() {
        split();
        tell_of_unasked();
        if (our_rest_.empty() && their_rest_.empty()) {
            return;
        }
        if (told_of_box()) {
            return;
        }
        // More help nobody, and each costs a look at all of them.
        for (unsigned told = 0; told < most_told && !our_rest_.empty() && !their_rest_.empty(); ++told) {
            tell_of_nearest();
        }
        for (const auto* tunnel : our_rest_) {
            one_side(*tunnel, pair_text(tunnel->local, tunnel->remote), connection_.ours, connection_.theirs,
                     connection_.out.phase2);
        }
        for (const auto* tunnel : their_rest_) {
            one_side(*tunnel, pair_text(tunnel->remote, tunnel->local), connection_.theirs, connection_.ours,
                     connection_.in.phase2);
        }
    }

 private:
    /// What has its exact counterpart is none of this file's matter.
    void split() {
        const auto& ours = connection_.ours.peer->tunnels;
        const auto& theirs = connection_.theirs.peer->tunnels;
        std::vector<bool> taken(theirs.size());
        for (const auto& tunnel : ours) {
            std::size_t i = 0;
            while (i < theirs.size() && (taken[i] || !mirrored(tunnel, theirs[i]))) {
                ++i;
            }
            if (i < theirs.size()) {
                taken[i] = true;
                ++matched_ours_;
                if (nobody_asks_for(tunnel, theirs[i])) {
                    unasked_.emplace_back(&tunnel, &theirs[i]);
                }
            } else {
                our_rest_.push_back(&tunnel);
            }
        }
        for (std::size_t i = 0; i < theirs.size(); ++i) {
            if (!taken[i]) {
                their_rest_.push_back(&theirs[i]);
            }
        }
    }

    /// Where nobody calls at all, that is said of the connection.
    [[nodiscard]] bool nobody_asks_for(const Tunnel& ours, const Tunnel& theirs) const {
        return ours.start == config::StartAction::none && theirs.start == config::StartAction::none &&
               (connection_.out.dials || connection_.in.dials);
    }

    void tell_of_unasked() {
        const auto line = [](const End& end, config::Schema file, const Tunnel& tunnel) {
            const bool shares_child = std::ranges::any_of(end.peer->tunnels, [&](const Tunnel& other) {
                return other.place == tunnel.place && other.start != config::StartAction::none;
            });
            return !can_dial(*end.peer) ? std::string{}
                   : shares_child       ? "a child of its own for these networks"
                                        : start_line(file);
        };
        for (std::size_t i = 0; i < unasked_.size() && i < most_told; ++i) {
            const auto& [ours, theirs] = unasked_[i];
            findings_.push_back(finding<FindingId::pair_nobody_asks>(
                std::vector<Place>{ours->place, theirs->place}, field<"connection">(name()),
                field<"networks">(pair_text(ours->local, ours->remote)),
                field<"remedy">(either(line(connection_.ours, connection_.our_model->schema, *ours),
                                       line(connection_.theirs, connection_.their_model->schema, *theirs)))));
        }
    }

    [[nodiscard]] const std::string& name() const { return connection_.ours.peer->name; }

    /// A box has one pair of networks a connection: the others are not refused one by one.
    bool told_of_box() {
        const auto tell = [&](const End& box, const End& other, const Tunnels& rest) {
            if (!box.manner->one_pair || other.peer->tunnels.size() < 2 || matched_ours_ == 0 ||
                rest.empty()) {
                return false;
            }
            std::string left_out;
            for (const auto* tunnel : rest) {
                left_out += (left_out.empty() ? "" : ", ") + pair_text(tunnel->local, tunnel->remote);
            }
            findings_.push_back(finding<FindingId::pair_box_has_one_network>(
                std::vector<Place>{rest.front()->remote_place, box.peer->place}, field<"connection">(name()),
                field<"number">(std::to_string(other.peer->tunnels.size())), field<"networks">(left_out)));
            return true;
        };
        return tell(connection_.theirs, connection_.ours, our_rest_) ||
               tell(connection_.ours, connection_.theirs, their_rest_);
    }

    /// The two of the rest that have most in common belong together.
    void tell_of_nearest() {
        std::size_t best_ours = 0;
        std::size_t best_theirs = 0;
        unsigned best = 0;
        for (std::size_t i = 0; i < our_rest_.size(); ++i) {
            for (std::size_t k = 0; k < their_rest_.size(); ++k) {
                if (const auto like = likeness(*our_rest_[i], *their_rest_[k]); like > best) {
                    best = like;
                    best_ours = i;
                    best_theirs = k;
                }
            }
        }
        // Where other pairs have their counterparts, two strangers are no pair.
        if (best == 0 && matched_ours_ > 0) {
            for (const auto* tunnel : std::exchange(our_rest_, {})) {
                one_side(*tunnel, pair_text(tunnel->local, tunnel->remote), connection_.ours,
                         connection_.theirs, connection_.out.phase2);
            }
            return;
        }
        differ(*our_rest_[best_ours], *their_rest_[best_theirs]);
        if (nobody_asks_for(*our_rest_[best_ours], *their_rest_[best_theirs])) {
            findings_.back().severity = Severity::warning;
        }
        our_rest_.erase(our_rest_.begin() + static_cast<std::ptrdiff_t>(best_ours));
        their_rest_.erase(their_rest_.begin() + static_cast<std::ptrdiff_t>(best_theirs));
    }

    void differ(const Tunnel& ours, const Tunnel& theirs) {
        const bool local_differs = ours.local != theirs.remote;
        const std::vector<Place> places{local_differs ? ours.local_place : ours.remote_place,
                                        local_differs ? theirs.remote_place : theirs.local_place};
        if (ours.local == theirs.local && ours.remote == theirs.remote) {
            findings_.push_back(finding<FindingId::pair_networks_swapped>(
                std::vector<Place>{ours.local_place, theirs.local_place, ours.remote_place,
                                   theirs.remote_place},
                field<"connection">(name()), field<"network">(ours.local.text())));
            return;
        }
        if (ours.local == theirs.local) {
            findings_.push_back(finding<FindingId::pair_same_lan>(
                std::vector<Place>{ours.local_place, theirs.local_place}, field<"connection">(name()),
                field<"network">(ours.local.text())));
            return;
        }
        const auto here = pair_text(ours.local, ours.remote);
        const auto there = pair_text(theirs.remote, theirs.local);
        const auto remedy = remedy_for(ours, theirs);
        const bool masks = nested(ours.local, theirs.remote) && nested(ours.remote, theirs.local);
        findings_.push_back(
            masks ? finding<FindingId::pair_masks_differ>(
                        places, field<"connection">(name()),
                        field<"here">(local_differs ? ours.local.text() : ours.remote.text()),
                        field<"there">(local_differs ? theirs.remote.text() : theirs.local.text()),
                        field<"remedy">(remedy))
                  : finding<FindingId::pair_networks_differ>(places, field<"connection">(name()),
                                                             field<"here">(here), field<"there">(there),
                                                             field<"remedy">(remedy)));
        const auto fails = [](const Direction& direction, const Tunnel& tunnel) {
            return std::ranges::any_of(
                direction.phase2, [&](const auto& one) { return one.initiator == &tunnel && one.networks; });
        };
        if (masks) {
            findings_.back().severity =
                severity_of(fails(connection_.out, ours), fails(connection_.in, theirs), connection_);
        }
    }

    /// Lines for what differs; both networks where both do.
    [[nodiscard]] std::string remedy_for(const Tunnel& ours, const Tunnel& theirs) const {
        const auto here_file = connection_.our_model->schema;
        const auto there_file = connection_.their_model->schema;
        std::string here;
        std::string there;
        const auto add = [](std::string& to, const std::string& line) {
            to += (to.empty() ? "" : ", ") + line;
        };
        if (ours.local != theirs.remote) {
            add(here, own_network_line(here_file, theirs.remote));
            add(there, peer_network_line(there_file, ours.local));
        }
        if (ours.remote != theirs.local) {
            add(here, peer_network_line(here_file, theirs.local));
            add(there, own_network_line(there_file, ours.remote));
        }
        return either(here, there);
    }

    /// `own`: whose tunnel it is; the other side's entry is the second place, where the counterpart is missing.
    void one_side(const Tunnel& tunnel, const std::string& networks, const End& own, const End& other,
                  const std::vector<Phase2Outcome>& outcomes) {
        // strongSwan answers a part of what it has, which then is no fault.
        const auto outcome = std::ranges::find(outcomes, &tunnel, &Phase2Outcome::initiator);
        if (outcome != outcomes.end() && !outcome->networks) {
            return;
        }
        // Of the two networks the one that no other tunnel of the side has is the one that is too many.
        const bool local_is_shared = std::ranges::any_of(own.peer->tunnels, [&](const Tunnel& one) {
            return &one != &tunnel && one.local == tunnel.local;
        });
        const auto& here = local_is_shared ? tunnel.remote_place : tunnel.local_place;
        const auto& there =
            other.peer->tunnels.empty() ? other.peer->place : other.peer->tunnels.front().place;
        findings_.push_back(finding<FindingId::pair_network_on_one_side>(
            std::vector<Place>{here, there}, field<"connection">(name()), field<"networks">(networks)));
        if (tunnel.start == config::StartAction::none) {
            findings_.back().severity = Severity::warning;  // nobody asks for it
        }
    }

    const Connection& connection_;
    Findings& findings_;
    Tunnels our_rest_;
    Tunnels their_rest_;
    std::size_t matched_ours_ = 0;
    std::vector<std::pair<const Tunnel*, const Tunnel*>> unasked_;  ///< counterparts that both wait
};

}  // namespace

void check_networks(const Connection& connection, Findings& findings) {
    Networks(connection, findings).run();
}

}  // namespace causeway::check
