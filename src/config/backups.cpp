#include "config/backups.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/findings.hpp"

namespace causeway::config {
namespace {

/// The LAN of a FRITZ!Box as it is delivered: AVM, FRITZ!Box Fon WLAN 7570, operation manual, 3.2 DHCP
/// Server, "Factory Settings".
constexpr Ipv4Net delivered{0xc0a8b200, 24};

struct Member {
    const Peer* peer = nullptr;
    const Tunnel* tunnel = nullptr;
};

bool same_gateway(const Peer& a, const Peer& b) {
    return std::ranges::equal(
        a.addresses, b.addresses, {}, [](const auto& address) { return address.value; },
        [](const auto& address) { return address.value; });
}

/// Without an identity of its own a peer is known by its address.
bool same_identity(const Peer& a, const Peer& b) {
    if (a.remote_id_any || b.remote_id_any) {
        return true;
    }
    if (!a.remote_id && !b.remote_id) {
        return same_gateway(a, b);
    }
    return a.remote_id && b.remote_id && a.remote_id->value == b.remote_id->value;
}

/// No file says for sure whether one network is reached in two ways, or two networks have one number. Boxes
/// that were left as they were delivered are the case that people meet.
bool two_boxes(const Member& first, const Member& later) {
    if (later.tunnel->backup) {
        return !later.tunnel->backup->value;
    }
    return later.tunnel->remote.net == delivered && !same_gateway(*first.peer, *later.peer) &&
           !same_identity(*first.peer, *later.peer);
}

auto tunnel_of(const Member& one) {
    return field<"tunnel">(one.tunnel->name);
}
auto peer_of(const Member& one) {
    return field<"peer">(one.peer->name);
}

class Settler {
 public:
    Settler(Model& model, Report& report) : model_(model), report_(report) {}

    void run() {
        for (const auto& peer : model_.peers) {
            for (const auto& tunnel : peer.tunnels) {
                settle({&peer, &tunnel});
            }
        }
        for (const auto& [networks, members] : groups_) {
            const auto& alone = members.front();
            if (members.size() == 1 && alone.tunnel->backup && alone.tunnel->backup->value) {
                report_.say(
                    finding<FindingId::backup_of_nothing>(alone.tunnel->backup->place, tunnel_of(alone)));
            }
        }
        take_out();
    }

 private:
    void settle(const Member& later) {
        auto& members = groups_[{later.tunnel->local, later.tunnel->remote}];
        if (members.empty()) {
            members.push_back(later);
        } else if (members.back().peer == later.peer) {
            repeated(members.back(), later);
            out_.insert(later.tunnel);
        } else if (uci() && two_boxes(members.front(), later)) {
            conflict(members.front(), later);
            out_.insert(later.tunnel);
        } else {
            backup(members.front(), later);
            members.push_back(later);
        }
    }

    /// causeway's own file, which can say what is meant.
    [[nodiscard]] bool uci() const {
        return model_.schema != Schema::vpncfg && model_.schema != Schema::swanctl &&
               model_.schema != Schema::ipsec_conf;
    }

    /// A section that several remotes name has one place: then it is the remotes that are shown.
    static std::vector<Place> places(const Member& later, const Member& first, Place Tunnel::*which) {
        const auto& here = later.tunnel->*which;
        const auto& there = first.tunnel->*which;
        return here == there ? std::vector{later.peer->place, first.peer->place} : std::vector{here, there};
    }

    static std::string line_of(const std::vector<Place>& places) {
        return std::to_string(places.back().line);
    }

    /// Other programs have no back-up: there it is hardly meant.
    void say_of_backup(Finding finding) {
        if (!uci()) {
            finding.severity = Severity::warning;
        }
        report_.say(std::move(finding));
    }

    void repeated(const Member& first, const Member& later) {
        // A section's further pairs of networks are called NAME-2, NAME-3.
        const auto section =
            later.tunnel->name.substr(0, uci() ? later.tunnel->name.find('-') : std::string::npos);
        auto again = first.tunnel->place == later.tunnel->place
                         ? finding<FindingId::tunnel_listed_again>(later.tunnel->place,
                                                                   field<"tunnel">(section), peer_of(later))
                         : finding<FindingId::networks_of_peer_again>(
                               std::vector{later.tunnel->place, first.tunnel->place}, tunnel_of(later),
                               peer_of(later), field<"first">(first.tunnel->name),
                               field<"line">(std::to_string(first.tunnel->place.line)));
        again.dropped = true;
        say_of_backup(std::move(again));
    }

    void backup(const Member& first, const Member& later) {
        auto where = places(later, first, &Tunnel::place);
        auto line = field<"line">(line_of(where));
        say_of_backup(finding<FindingId::tunnel_is_backup>(
            std::move(where), tunnel_of(later), peer_of(later), field<"first">(first.tunnel->name),
            field<"other">(first.peer->name), std::move(line)));
    }

    void conflict(const Member& first, const Member& later) {
        auto where = places(later, first, &Tunnel::remote_place);
        auto line = field<"line">(line_of(where));
        report_.dropped(finding<FindingId::two_boxes_one_network>(
            std::move(where), tunnel_of(later), peer_of(later), field<"other">(first.peer->name),
            field<"network">(later.tunnel->remote.net.text()), std::move(line)));
    }

    void take_out() {
        if (out_.empty()) {
            return;
        }
        for (auto& peer : model_.peers) {
            std::vector<Tunnel> kept;
            for (auto& tunnel : peer.tunnels) {
                if (!out_.contains(&tunnel)) {
                    kept.push_back(std::move(tunnel));
                }
            }
            peer.tunnels = std::move(kept);
        }
        std::erase_if(model_.peers, [](const Peer& peer) { return peer.tunnels.empty(); });
    }

    Model& model_;
    Report& report_;
    std::map<std::pair<TrafficSelector, TrafficSelector>, std::vector<Member>> groups_;
    std::unordered_set<const Tunnel*> out_;
};

}  // namespace

void settle_backups(Model& model, Report& report) {
    Settler(model, report).run();
}

}  // namespace causeway::config
