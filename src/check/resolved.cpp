#include "check/resolved.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/identity.hpp"
#include "config/own_name.hpp"
#include "config/words.hpp"

namespace causeway::check {
namespace {

/// In the house itself a private address is the right one.
bool inside(const config::Peer& peer, const IpAddress& address) {
    return std::ranges::any_of(
        peer.tunnels, [&](const auto& tunnel) { return tunnel.local.net.contains(address.v4_number()); });
}

/// What a packet can be sent to: filters of advertising answer 0.0.0.0.
std::vector<IpAddress> hosts_in(const NameAnswer& answer) {
    auto hosts = answer.addresses;
    std::erase_if(hosts, [](const IpAddress& host) { return host.is_no_host(); });
    return hosts;
}

std::vector<IpAddress> ipv4_of(const NameAnswers& answers, const std::string& name) {
    const auto answer = answers.find(name);
    if (answer == answers.end()) {
        return {};
    }
    auto hosts = hosts_in(answer->second);
    std::erase_if(hosts, [](const IpAddress& host) { return host.is_v6(); });
    return hosts;
}

/// The name's finding, which may be none.
std::optional<Finding> judged(const config::Peer& peer, const Place& place, const std::string& name,
                              const NameAnswer& answer) {
    const auto of_name = [&]<FindingId id>(auto... more) {
        return finding<id>(place, field<"connection">(peer.name), field<"name">(name), std::move(more)...);
    };
    if (!answer.asked) {
        return of_name.operator()<FindingId::name_not_asked_for>(field<"why">(answer.error));
    }
    const auto hosts = hosts_in(answer);
    if (hosts.empty()) {
        return of_name.operator()<FindingId::resolved_to_nothing>(field<"why">(
            answer.addresses.empty() ? answer.error
                                     : answer.addresses.front().text() + " is no host's address"));
    }
    std::vector<IpAddress> usable;
    std::ranges::copy_if(hosts, std::back_inserter(usable), &IpAddress::is_v4);
    if (usable.empty()) {
        return of_name.operator()<FindingId::resolved_to_ipv6>(field<"address">(hosts.front().text()));
    }
    if (std::ranges::all_of(usable, &IpAddress::is_loopback)) {
        return of_name.operator()<FindingId::resolved_to_caller>(field<"address">(usable.front().text()));
    }
    const auto hidden = std::ranges::find_if(
        usable, [&](const IpAddress& one) { return one.is_private() && !inside(peer, one); });
    if (hidden != usable.end() && std::ranges::all_of(usable, &IpAddress::is_private)) {
        return of_name.operator()<FindingId::resolved_to_private>(field<"address">(hidden->text()));
    }
    return std::nullopt;
}

/// The one name that a side calls.
const Sourced<config::PeerAddress>* called_name(const config::Peer& peer) {
    const bool one =
        peer.addresses.size() == 1 && std::holds_alternative<config::HostName>(peer.addresses.front().value);
    return one ? &peer.addresses.front() : nullptr;
}

const std::string& name_of(const Sourced<config::PeerAddress>& called) {
    return std::get<config::HostName>(called.value).name;
}

bool is_among(const IpAddress& address, const std::vector<IpAddress>& all) {
    return std::ranges::find(all, address) != all.end();
}

/// The called side binds to one address, and the name leads to others.
void check_fixed(const config::Peer& caller, const config::Peer& called, bool ours,
                 const std::string& connection, const NameAnswers& answers, std::vector<Finding>& findings) {
    const auto* const name = called_name(caller);
    // A private address is one behind NAT, which the name does not show.
    if (name == nullptr || !called.local_address || called.local_address->value.is_private()) {
        return;
    }
    const auto found = ipv4_of(answers, name_of(*name));
    const auto& own = *called.local_address;
    if (found.empty() || is_among(own.value, found)) {
        return;
    }
    findings.push_back(finding<FindingId::resolved_elsewhere>(
        ours ? std::vector{name->place, own.place} : std::vector{own.place, name->place},
        field<"connection">(connection), field<"name">(name_of(*name)),
        field<"address">(found.front().text()), field<"called">(ours ? "the other side" : "this side"),
        field<"own">(own.value.text())));
}

/// Both call one address: one of the two names is not the right end's.
void check_both(const config::Peer& ours, const config::Peer& theirs, const NameAnswers& answers,
                std::vector<Finding>& findings) {
    const auto* const here = called_name(ours);
    const auto* const there = called_name(theirs);
    if (here == nullptr || there == nullptr) {
        return;
    }
    const auto found = ipv4_of(answers, name_of(*there));
    for (const auto& address : ipv4_of(answers, name_of(*here))) {
        if (is_among(address, found)) {
            findings.push_back(finding<FindingId::resolved_to_one_address>(
                std::vector{here->place, there->place}, field<"connection">(ours.name),
                field<"name">(name_of(*here)), field<"other">(name_of(*there)),
                field<"address">(address.text())));
            return;
        }
    }
}

std::string_view value_of(const Finding& finding, std::string_view name) {
    const auto found =
        std::ranges::find(finding.fields, name, &std::pair<std::string_view, std::string>::first);
    return found != finding.fields.end() ? std::string_view(found->second) : std::string_view();
}

/// Every address that it would call is known to lead nowhere.
bool calls_in_vain(const config::Peer& peer, const std::vector<Finding>& findings) {
    return !peer.addresses.empty() && std::ranges::all_of(peer.addresses, [&](const auto& address) {
        return std::ranges::any_of(findings, [&](const Finding& one) {
            return one.severity == Severity::error && one.place() == address.place &&
                   (one.code() == Code::peer_name_unresolved || one.code() == Code::no_public_ipv4);
        });
    });
}

/// By the WAN address, or by the firewall: an error there is one of a router that only answers.
bool cannot_be_called(const config::Peer& peer, const std::vector<Finding>& findings) {
    return std::ranges::any_of(findings, [&](const Finding& one) {
        return one.severity == Severity::error &&
               (one.id == FindingId::ike_port_closed ||
                (one.code() == Code::no_public_ipv4 && one.place() == peer.place));
    });
}

}  // namespace

std::vector<std::string> names_in(const config::Model& model) {
    std::set<std::string> names;
    for (const auto& peer : model.peers) {
        for (const auto& address : peer.addresses) {
            if (const auto* host = std::get_if<config::HostName>(&address.value)) {
                names.insert(host->name);
            }
        }
        if (auto own = config::own_name_of(peer)) {
            names.insert(std::move(*own));
        }
        // What is called is held against it, whatever it looks like.
        const auto* id = peer.local_id ? &peer.local_id->value : nullptr;
        if (id != nullptr && id->type == isakmp::IdType::fqdn && config::is_host_name(id->text())) {
            names.insert(id->text());
        }
    }
    return {names.begin(), names.end()};
}

void check_answers(const config::Model& model, const NameAnswers& answers, std::vector<Finding>& findings) {
    for (const auto& peer : model.peers) {
        for (const auto& address : peer.addresses) {
            const auto* host = std::get_if<config::HostName>(&address.value);
            const auto answer = host != nullptr ? answers.find(host->name) : answers.end();
            if (answer == answers.end()) {
                continue;
            }
            if (auto one = judged(peer, address.place, host->name, answer->second)) {
                findings.push_back(std::move(*one));
            }
        }
    }
}

void check_answers(const Outcome& outcome, const NameAnswers& answers, std::vector<Finding>& findings) {
    for (const auto& connection : outcome.connections) {
        if (connection.theirs == nullptr) {
            continue;
        }
        const auto& ours = *connection.ours;
        const auto& theirs = *connection.theirs;
        check_fixed(ours, theirs, true, ours.name, answers, findings);
        check_fixed(theirs, ours, false, ours.name, answers, findings);
        check_both(ours, theirs, answers, findings);
    }
    for (auto& one : findings) {
        if (one.id != FindingId::pair_name_not_ours) {
            continue;
        }
        const auto own = ipv4_of(answers, std::string(value_of(one, "own")));
        const auto called = ipv4_of(answers, std::string(value_of(one, "name")));
        if (std::ranges::any_of(called, [&](const IpAddress& address) { return is_among(address, own); })) {
            one.severity = Severity::note;
        }
    }
}

void take_back(Outcome& outcome, const std::vector<Finding>& findings) {
    for (auto& connection : outcome.connections) {
        const bool alone = connection.theirs == nullptr;  // what the other side does is not known
        const bool out = connection.initiator == Initiator::ours || connection.initiator == Initiator::either;
        const bool in =
            alone || connection.initiator == Initiator::theirs || connection.initiator == Initiator::either;
        const bool ours = out && !calls_in_vain(*connection.ours, findings);
        const bool theirs = in && !cannot_be_called(*connection.ours, findings) &&
                            (alone || !calls_in_vain(*connection.theirs, findings));
        if (connection.connects == Connects::no || ours || theirs) {
            if (ours != theirs && !alone && connection.connects == Connects::yes) {
                connection.initiator = ours ? Initiator::ours : Initiator::theirs;
            }
            continue;
        }
        connection.connects = outcome.connects = Connects::no;
        if (connection.phase1) {
            connection.phase1->up = false;
        }
        for (auto& tunnel : connection.phase2) {
            tunnel.up = false;
        }
    }
}

}  // namespace causeway::check
