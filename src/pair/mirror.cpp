#include "pair/mirror.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/own_name.hpp"
#include "config/profiles.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {
namespace {

using config::AnyAddress;
using config::HostName;
using config::Identity;
using config::LossAction;
using config::Model;
using config::Peer;
using config::PeerAddress;
using config::StartAction;

class Mirror {
 public:
    Mirror(const Peer& ours, Model& model) : ours_(ours), model_(model) {}

    Peer run() {
        theirs_.name = ours_.name;
        theirs_.display_name = ours_.display_name;
        theirs_.place = ours_.place;
        theirs_.mode = ours_.mode;
        theirs_.mode_place = ours_.mode_place;
        theirs_.pre_shared_key = ours_.pre_shared_key.clone();
        theirs_.pre_shared_key_place = ours_.pre_shared_key_place;
        theirs_.proposals = ours_.proposals;
        theirs_.proposals_place = ours_.proposals_place;
        theirs_.lifetime = ours_.lifetime;
        theirs_.lifetime_place = ours_.lifetime_place;
        theirs_.nat_traversal = ours_.nat_traversal;
        theirs_.liveness = ours_.liveness;
        theirs_.rekey = ours_.rekey;
        theirs_.quirks = config::quirks_of_unknown_peer();
        identities();
        addresses();
        tunnels();
        return std::move(theirs_);
    }

 private:
    template <FindingId id>
    void say() {
        model_.findings.push_back(finding<id>(ours_.place, field<"peer">(title_of(ours_))));
    }

    void identities() {
        if (ours_.local_id) {
            theirs_.remote_id = ours_.local_id;
        } else if (ours_.local_address) {
            // What we send then (config::Peer::local_id).
            theirs_.remote_id = Sourced<Identity>{Identity::of_address(ours_.local_address->value),
                                                  ours_.local_address->place};
        } else {
            theirs_.remote_id_any = true;
            say<FindingId::own_identity_unsaid>();
        }
        if (ours_.remote_id && !ours_.remote_id->value.pattern) {
            theirs_.local_id = ours_.remote_id;
        } else if (ours_.remote_id || ours_.remote_id_any) {
            say<FindingId::peer_identity_unsaid>();
        }
    }

    /// Where we are, as far as our side knows.
    [[nodiscard]] std::optional<Sourced<PeerAddress>> our_address() const {
        if (auto name = config::own_name_of(ours_)) {
            const auto place = ours_.own_name ? ours_.own_name->place : ours_.local_id->place;
            return Sourced<PeerAddress>{HostName{std::move(*name)}, place};
        }
        // Nobody dials an address behind NAT.
        if (ours_.local_address && !ours_.local_address->value.is_private()) {
            return Sourced<PeerAddress>{ours_.local_address->value, ours_.local_address->place};
        }
        if (ours_.local_id && (ours_.local_id->value.type == isakmp::IdType::ipv4_addr ||
                               ours_.local_id->value.type == isakmp::IdType::ipv6_addr)) {
            const auto address = IpAddress::from_octets(ours_.local_id->value.data);
            if (address && !address->is_private()) {
                return Sourced<PeerAddress>{*address, ours_.local_id->place};
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool we_dial() const {
        return !std::ranges::all_of(ours_.addresses, [](const auto& address) {
            return std::holds_alternative<AnyAddress>(address.value);
        });
    }

    void addresses() {
        auto ours = our_address();
        reachable_ = ours.has_value();
        theirs_.addresses.push_back(ours ? std::move(*ours)
                                         : Sourced<PeerAddress>{AnyAddress{}, ours_.place});
        if (!reachable_) {
            we_dial() ? say<FindingId::own_address_unsaid>() : say<FindingId::neither_side_dials>();
        }
        for (const auto& address : ours_.addresses) {
            const auto* const host = std::get_if<HostName>(&address.value);
            if (host != nullptr && config::own_name_of(theirs_) != host->name) {
                theirs_.own_name = Sourced<std::string>{host->name, address.place};
                break;
            }
            if (host != nullptr) {
                break;
            }
        }
    }

    void tunnels() {
        for (const auto& ours : ours_.tunnels) {
            auto theirs = ours;
            std::swap(theirs.local, theirs.remote);
            std::swap(theirs.local_place, theirs.remote_place);
            if (!reachable_) {
                theirs.start = StartAction::none;
                theirs.on_close = theirs.on_silence = LossAction::clear;
            } else if (ours.start == StartAction::none) {
                // We wait, so it dials.
                theirs.start = StartAction::start;
                theirs.on_close = theirs.on_silence = LossAction::restart;
            }
            theirs_.tunnels.push_back(std::move(theirs));
        }
    }

    const Peer& ours_;
    Model& model_;
    Peer theirs_;
    bool reachable_ = false;
};

}  // namespace

Model mirror(const Model& ours) {
    Model theirs;
    theirs.schema = ours.schema;
    theirs.file = ours.file;
    for (const auto& peer : ours.peers) {
        theirs.peers.push_back(Mirror(peer, theirs).run());
    }
    return theirs;
}

}  // namespace causeway::pair
