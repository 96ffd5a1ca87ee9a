#include "doctor/judge_peer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/findings.hpp"
#include "doctor/gateways.hpp"
#include "doctor/standing.hpp"
#include "doctor/steps.hpp"

namespace causeway::doctor {
namespace {

const NameAnswer* answer_for(const Examination& seen, const std::string& name) {
    const auto found = seen.names.find(name);
    return found != seen.names.end() ? &found->second : nullptr;
}

std::string listed(const std::vector<IpAddress>& addresses) {
    std::string text;
    for (const IpAddress& address : addresses) {
        text += (text.empty() ? "" : ", ") + address.text();
    }
    return text;
}

bool is_ours(const Examination& seen, const IpAddress& address) {
    return address.is_loopback() ||
           std::ranges::find(seen.addresses, address, &OwnAddress::address) != seen.addresses.end();
}

/// A private address inside a local network is one of the house, where it is the right one.
bool is_hidden(const status::Peer& peer, const IpAddress& address) {
    return address.is_private() && std::ranges::none_of(peer.tunnels, [&](const status::Tunnel& tunnel) {
               const auto net = Ipv4Net::parse(tunnel.local);
               return net && address.is_v4() && net->contains(address.v4_number());
           });
}

Step judge_peer_name(const Examination& seen, const status::Peer& peer, const std::string& name,
                     Stops stops) {
    const About about{Layer::names, peer.display_name};
    const NameAnswer* answer = answer_for(seen, name);
    if (answer == nullptr) {
        return unknown(about, fmt::format("{} was not looked up", name));
    }
    const auto fields = [&]<FindingId id>(std::string why) {
        return wrong(about, finding<id>(field<"name">(name), field<"why">(why), field<"address">(why)),
                     stops);
    };
    if (!answer->asked) {
        return fields.operator()<FindingId::doctor_no_name_server>(answer->error);
    }
    if (answer->addresses.empty()) {
        return fields.operator()<FindingId::doctor_peer_unresolved>(answer->error);
    }
    for (const IpAddress& address : answer->addresses) {
        if (address.is_no_host()) {
            return fields.operator()<FindingId::doctor_peer_unresolved>(address.text() +
                                                                        " is no host's address");
        }
        if (is_ours(seen, address)) {
            return fields.operator()<FindingId::doctor_peer_is_us>(address.text());
        }
    }
    if (stops != Stops::nothing && std::ranges::all_of(answer->addresses, [&](const IpAddress& address) {
            return is_hidden(peer, address);
        })) {
        return fields.operator()<FindingId::doctor_peer_private>(answer->addresses.front().text());
    }
    const auto* sa = isakmp_sa_of(peer);
    const std::string text =
        fmt::format("the peer's name {} resolves to {}", name, listed(answer->addresses));
    if (sa != nullptr &&
        std::ranges::find(answer->addresses, sa->remote.address) == answer->addresses.end()) {
        return unknown(about, fmt::format("{}; the peer is at {} now, so DNS may be behind", text,
                                          sa->remote.address.text()));
    }
    return ok(about, text);
}

/// Where the system would send from: to the peer, else out into the Internet.
std::optional<IpAddress> source_for(const Examination& seen, const std::vector<IpAddress>& peers) {
    for (const IpAddress& address : peers) {
        const auto way = seen.ways.find(address);
        if (way != seen.ways.end() && way->second.source) {
            return way->second.source;
        }
    }
    const auto outwards = seen.ways.find(IpAddress{});
    return peers.empty() && outwards != seen.ways.end() ? outwards->second.source : std::nullopt;
}

/// Of our own name, as we see it ourselves.
Step judge_own_answer(const Examination& seen, const status::Peer& peer, const std::vector<IpAddress>& peers,
                      Stops stops) {
    const About about{Layer::names, peer.display_name};
    const std::string& name = peer.own_name;
    const NameAnswer* answer = answer_for(seen, name);
    if (answer == nullptr) {
        return unknown(about, fmt::format("our name {} was not looked up", name));
    }
    if (answer->addresses.empty()) {
        return answer->asked
                   ? wrong(about,
                           finding<FindingId::doctor_own_name_unresolved>(field<"name">(name),
                                                                          field<"why">(answer->error)),
                           stops)
                   : unknown(about, fmt::format("our name {} cannot be resolved: {}", name, answer->error));
    }
    const std::string text = fmt::format("our name {} points to {}", name, listed(answer->addresses));
    const bool ours = std::ranges::any_of(answer->addresses, [&](const IpAddress& address) {
        return !address.is_loopback() && is_ours(seen, address);
    });
    if (ours) {
        return ok(about, text + ", which is this machine");
    }
    const auto own = source_for(seen, peers);
    if (!own || own->is_private()) {
        return unknown(about,
                       text + (own ? "; we are behind NAT, so only the peer can tell whether that is us"
                                   : "; our WAN address is not known"));
    }
    return wrong(
        about,
        finding<FindingId::doctor_own_name_elsewhere>(
            field<"name">(name), field<"address">(listed(answer->addresses)), field<"own">(own->text())),
        stops);
}

Step judge_own_name(const Examination& seen, const status::Peer& peer, const std::vector<IpAddress>& peers,
                    Stops stops) {
    const About about{Layer::names, peer.display_name};
    const auto state = seen.running ? peer.own_name_state.value_or(status::OwnNameState::unknown)
                                    : status::OwnNameState::unknown;
    switch (state) {
        case status::OwnNameState::right:
            return ok(about, "our name " + peer.own_name_note);
        case status::OwnNameState::behind_nat:
            return unknown(about, "our name " + peer.own_name_note);
        case status::OwnNameState::elsewhere:
        case status::OwnNameState::unresolved:
            return wrong(
                about,
                finding<FindingId::doctor_own_name_wrong>(field<"note">("our name " + peer.own_name_note)),
                stops);
        case status::OwnNameState::unknown:
            break;
    }
    return judge_own_answer(seen, peer, peers, stops);
}

void judge_names(const Examination& seen, const status::Peer& peer, const std::vector<IpAddress>& peers,
                 Stops stops, std::vector<Step>& steps) {
    const auto gateways = gateways_of(peer);
    for (const std::string& gateway : gateways) {
        const About about{Layer::names, peer.display_name};
        if (gateway == anywhere) {
            steps.push_back(skipped(about, "no address of the peer is configured: it calls us"));
        } else if (IpAddress::parse(gateway)) {
            steps.push_back(ok(about, fmt::format("the peer's address {} is configured", gateway)));
        } else {
            steps.push_back(
                judge_peer_name(seen, peer, gateway, gateways.size() == 1 ? stops : Stops::nothing));
        }
    }
    if (!peer.own_name.empty()) {
        steps.push_back(judge_own_name(seen, peer, peers, stops));
    }
}

/// Where the peer is, as far as that is known.
std::vector<IpAddress> addresses_of(const Examination& seen, const status::Peer& peer) {
    if (const auto* sa = isakmp_sa_of(peer)) {
        return {sa->remote.address};
    }
    std::vector<IpAddress> addresses;
    for (const std::string& gateway : gateways_of(peer)) {
        if (const auto literal = IpAddress::parse(gateway)) {
            addresses.push_back(*literal);
        } else if (const auto* answer = answer_for(seen, gateway)) {
            std::ranges::copy_if(answer->addresses, std::back_inserter(addresses),
                                 [](const IpAddress& one) { return !one.is_no_host(); });
        }
    }
    return addresses;
}

Step judge_nat(const Examination& seen, const status::Peer& peer, const std::vector<IpAddress>& peers) {
    const About about{Layer::nat, peer.display_name};
    if (const auto* sa = isakmp_sa_of(peer)) {
        const bool nat = sa->nat_local || sa->nat_remote;
        const bool plain = std::ranges::any_of(peer.tunnels, [](const status::Tunnel& tunnel) {
            const auto* child = child_sa_of(tunnel);
            return child != nullptr && !child->udp;
        });
        if (nat && plain) {
            return wrong(about, finding<FindingId::doctor_nat_without_udp>(), Stops::packets);
        }
        return ok(about, std::string(sa->nat_local && sa->nat_remote ? "both ends are behind NAT"
                                     : sa->nat_local                 ? "this end is behind NAT"
                                     : sa->nat_remote                ? "the peer is behind NAT"
                                                                     : "no NAT between the ends") +
                             (nat && is_up(peer) ? ", and ESP is sent in UDP" : ""));
    }
    const auto own = source_for(seen, peers);
    if (!own) {
        return unknown(about, "our WAN address is not known");
    }
    if (!own->is_private()) {
        return ok(about, fmt::format("our address {} is a public one", own->text()));
    }
    if (peer.gateway == anywhere) {
        return wrong(about, finding<FindingId::doctor_cannot_be_called>(field<"address">(own->text())),
                     Stops::phase1);
    }
    return ok(about,
              fmt::format("our address {} is private: this end is behind NAT, and has to call", own->text()));
}

Step judge_route(const Examination& seen, const status::Peer& peer, const std::vector<IpAddress>& peers,
                 Stops stops) {
    const About about{Layer::route, peer.display_name};
    if (peers.empty()) {
        return skipped(about, "to the peer: its address is not known");
    }
    std::optional<std::pair<IpAddress, std::string>> refused;
    for (const IpAddress& address : peers) {
        const auto way = seen.ways.find(address);
        if (way != seen.ways.end() && way->second.source) {
            return ok(about,
                      fmt::format("{} is reached from {}", address.text(), way->second.source->text()));
        }
        if (way != seen.ways.end() && !refused) {
            refused = {address, way->second.error};
        }
    }
    if (!refused) {
        return unknown(about, fmt::format("to {}: not known", peers.front().text()));
    }
    return wrong(about,
                 finding<FindingId::doctor_peer_not_routed>(field<"address">(refused->first.text()),
                                                            field<"why">(refused->second)),
                 stops);
}

/// Nothing is wrong, and there is no ISAKMP SA: what is known of that.
std::string waiting(const status::Peer& peer) {
    for (const status::IsakmpSa& sa : peer.ike_sas) {
        if (sa.state == status::IsakmpSaState::connecting) {
            return fmt::format("negotiating with {}{}", sa.remote.address.text(),
                               sa.exchange_state.empty() ? "" : " (" + sa.exchange_state + ")");
        }
    }
    for (const status::Tunnel& tunnel : peer.tunnels) {
        if (tunnel.why_down) {
            return "no ISAKMP SA: " + tunnel.why_down->message +
                   (tunnel.next.empty() ? "" : "; next: " + tunnel.next);
        }
    }
    return "no ISAKMP SA at present";
}

Step judge_phase1(const Examination& seen, const status::Peer& peer) {
    const About about{Layer::phase1, peer.display_name};
    if (!seen.running) {
        return skipped(about, "causewayd is not running");
    }
    if (const auto* sa = isakmp_sa_of(peer)) {
        const auto since = status::seconds_ago(sa->established, seen.status.taken);
        return ok(about, fmt::format("established with {}{} ({}{})", sa->remote.address.text(),
                                     since ? fmt::format(" {} ago", age(*since)) : "",
                                     sa->mode.empty() ? "" : sa->mode + ", ", sa->suite));
    }
    if (is_up(peer)) {
        return ok(about, "no ISAKMP SA at present; the tunnel's own SA is installed");
    }
    if (std::ranges::none_of(peer.tunnels, &status::Tunnel::wanted)) {
        return skipped(about, "taken down by command");
    }
    const auto* why = why_down(peer);
    if (why == nullptr || layer_of(why->code, false) == Layer::phase2) {
        return unknown(about, waiting(peer));
    }
    Step step = wrong(about, *why, Stops::phase1);
    if (why->code == text(Code::nobody_dials)) {
        step.certainty = Certainty::one_of;  // that it waits is sure; why nobody calls is not
    }
    return step;
}

}  // namespace

std::vector<Step> judge_peer(const Examination& seen, const status::Peer& peer) {
    const auto peers = addresses_of(seen, peer);
    const auto stops = is_up(peer) ? Stops::nothing : Stops::phase1;
    std::vector<Step> steps;
    judge_names(seen, peer, peers, stops, steps);
    steps.push_back(judge_nat(seen, peer, peers));
    steps.push_back(judge_route(seen, peer, peers, stops));
    steps.push_back(judge_phase1(seen, peer));
    const auto* why = why_down(peer);
    std::ranges::move(standing_steps(peer.findings, peer.display_name, isakmp_sa_of(peer) != nullptr,
                                     is_up(peer), why != nullptr ? why->code : std::string_view()),
                      std::back_inserter(steps));
    return steps;
}

}  // namespace causeway::doctor
