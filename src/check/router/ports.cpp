#include "check/router/ports.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "base/ports.hpp"

namespace causeway::check {
namespace {

struct Service {
    std::string_view name;
    std::string_view protocol;
    std::uint16_t port;  ///< 0: the protocol has none
};
constexpr Service ike{"UDP 500", "udp", ike_port};
constexpr Service nat_t{"UDP 4500", "udp", nat_t_port};
constexpr Service esp{"ESP", "esp", 0};

/// What the firewall does with a service.
struct Found {
    Service service{};
    bool open = false;
    const Rule* from_port_only = nullptr;  ///< opens it for one source port
    const Rule* forwarded = nullptr;       ///< is for it, and for a host behind the router
};

class PortChecker {
 public:
    PortChecker(const Firewall& firewall, const Zone& wan, Context& context)
        : firewall_(firewall), wan_(wan), context_(context) {
        found_.push_back(find(ike));
        if (!context.no_nat_traversal()) {
            found_.push_back(find(nat_t));
        }
        // A tunnel that always has its ESP in UDP needs no protocol 50.
        if (!std::ranges::all_of(context.ours.peers, &config::Peer::force_encapsulation)) {
            found_.push_back(find(esp));
        }
    }

    [[nodiscard]] bool any_closed() const {
        return std::ranges::any_of(found_, [](const Found& one) { return !one.open; });
    }

    void run() {
        if (context_.daemon_opens()) {
            return left_to_daemon();
        }
        source_ports();
        forwarded();
        std::vector<Found> closed;
        std::ranges::copy_if(found_, std::back_inserter(closed),
                             [](const Found& one) { return !one.open && one.forwarded == nullptr; });
        if (closed.empty()) {
            return;
        }
        if (is_closed(ike)) {
            if (closed.front().service.port == ike.port) {
                ports_closed(closed);
            }
            return;  // else what is said of the rule for UDP 500 has the whole remedy
        }
        for (const auto& one : closed) {
            one_closed(one);
        }
    }

 private:
    void left_to_daemon() const {
        std::vector<Found> closed;
        std::ranges::copy_if(found_, std::back_inserter(closed),
                             [](const Found& one) { return !one.open || one.from_port_only != nullptr; });
        if (!closed.empty()) {
            context_.findings.push_back(finding<FindingId::ports_left_to_daemon>(
                wan_.place, field<"services">(names(closed)), field<"zone">(wan_.name),
                field<"unless">(firewall_.unless()), field<"rule_to_write">(rule_for(closed))));
        }
    }

    /// Lets in all whose address is known.
    [[nodiscard]] bool for_all_peers(const Rule& rule) const {
        for (const auto& peer : context_.ours.peers) {
            for (const auto& address : peer.addresses) {
                const auto* const ip = std::get_if<IpAddress>(&address.value);
                if (ip != nullptr && ip->is_v4() && !covers(rule.source_nets, Ipv4Net{ip->v4_number(), 32})) {
                    return false;
                }
            }
        }
        return true;
    }

    [[nodiscard]] Found find(const Service& service) const {
        Found found{service, wan_.input == Verdict::accept};
        for (const auto& rule : firewall_.rules) {
            const bool is_for_it =
                rule.target == Verdict::accept && (rule.source == wan_.name || rule.source == "*") &&
                rule.takes(service.protocol) && (service.port == 0 || rule.takes_port(service.port)) &&
                for_all_peers(rule);
            if (!is_for_it) {
                continue;
            }
            if (!rule.destination.empty()) {
                // One for everything is about the hosts behind, and was not meant for this.
                const bool meant = service.port == 0 ? !rule.takes("tcp") : !rule.ports.empty();
                found.forwarded = meant && found.forwarded == nullptr ? &rule : found.forwarded;
            } else if (service.port != 0 && !rule.source_ports.empty() && !context_.no_nat_traversal()) {
                found.from_port_only = &rule;
            } else {
                found.open = true;
            }
        }
        if (found.open) {
            found.from_port_only = nullptr;
            found.forwarded = nullptr;
        }
        // To a peer without NAT the port is open.
        found.open = found.open || found.from_port_only != nullptr;
        return found;
    }

    [[nodiscard]] bool is_closed(const Service& service) const {
        return std::ranges::any_of(
            found_, [&](const Found& one) { return one.service.name == service.name && !one.open; });
    }

    void say(Finding finding) const {
        if (context_.only_they_dial() && firewall_.unseen() == nullptr) {
            finding.severity = Severity::error;
        }
        context_.findings.push_back(std::move(finding));
    }

    static std::string names(const std::vector<Found>& services) {
        std::string out;
        for (std::size_t i = 0; i < services.size(); ++i) {
            out += i == 0 ? "" : i + 1 == services.size() ? " and " : ", ";
            out += services[i].service.name;
        }
        return out;
    }

    /// A rule for the source port as well: behind NAT a peer has any (RFC 3947 4).
    void source_ports() const {
        const Rule* said = nullptr;
        for (const auto& one : found_) {
            const auto* const rule = one.from_port_only;
            if (rule == nullptr || rule == said) {
                continue;
            }
            said = rule;
            if (rule->takes_port(nat_t.port)) {
                context_.findings.push_back(finding<FindingId::nat_t_from_source_port>(
                    rule->source_ports_place, field<"rule">(rule->title)));
            } else {
                context_.findings.push_back(finding<FindingId::ike_from_source_port>(
                    rule->source_ports_place, field<"rule">(rule->title)));
            }
        }
    }

    void forwarded() const {
        std::vector<Found> wrong;
        std::vector<Place> places;
        std::string rules;
        for (const auto& one : found_) {
            if (one.open || one.forwarded == nullptr) {
                continue;
            }
            wrong.push_back(one);
            const auto& place = one.forwarded->destination_place;
            if (std::ranges::find(places, place) == places.end()) {
                places.push_back(place);
                rules += (rules.empty() ? "" : " and ") + one.forwarded->title;
            }
        }
        if (!wrong.empty()) {
            say(finding<FindingId::rule_forwards>(
                places, field<"rules">(rules), field<"services">(names(wrong)),
                field<"unless">(firewall_.unless()), field<"zone">(wan_.name),
                field<"rule_to_write">(rule_for(wrong))));
        }
    }

    /// What to write. Where UDP 500 is missing, UDP 4500 is written with it.
    [[nodiscard]] std::string rule_for(const std::vector<Found>& services) const {
        const bool udp = services.front().service.port != 0;
        auto out = udp ? fmt::format(
                             "config rule, option src '{}', option proto 'udp', option dest_port '500 4500', "
                             "option target 'ACCEPT'",
                             wan_.name)
                       : std::string();
        if (services.back().service.port == 0) {
            out += fmt::format("{}config rule, option src '{}', option proto 'esp', option target 'ACCEPT'",
                               udp ? "; " : "", wan_.name);
        }
        return out;
    }

    void ports_closed(const std::vector<Found>& closed) const {
        say(finding<FindingId::ike_port_closed>(
            wan_.place, field<"zone">(wan_.name), field<"services">(names(closed)),
            field<"unless">(firewall_.unless()), field<"rule_to_write">(rule_for(closed))));
    }

    void one_closed(const Found& one) const {
        if (one.service.port == 0) {
            context_.findings.push_back(finding<FindingId::esp_closed>(
                wan_.place, field<"zone">(wan_.name), field<"unless">(firewall_.unless()),
                field<"rule_to_write">(rule_for({one}))));
            return;
        }
        say(finding<FindingId::nat_t_port_closed>(place_of_ike(), field<"zone">(wan_.name),
                                                  field<"unless">(firewall_.unless())));
    }

    /// The rule that needs one port more.
    [[nodiscard]] Place place_of_ike() const {
        const auto rule = std::ranges::find_if(firewall_.rules, [&](const Rule& one) {
            return one.target == Verdict::accept && one.source == wan_.name && one.destination.empty() &&
                   one.takes("udp") && !one.ports.empty() && one.takes_port(ike.port);
        });
        return rule == firewall_.rules.end() ? wan_.place : rule->ports_place;
    }

    const Firewall& firewall_;
    const Zone& wan_;
    Context& context_;
    std::vector<Found> found_{};
};

}  // namespace

void check_ports(const Firewall& firewall, Context& context) {
    if (const auto* const wan = firewall.wan(); wan != nullptr && !context.ours.peers.empty()) {
        PortChecker(firewall, *wan, context).run();
    }
}

bool has_closed_port(const Firewall& firewall, Context& context) {
    const auto* const wan = firewall.wan();
    return wan != nullptr && !context.daemon_opens() && PortChecker(firewall, *wan, context).any_closed();
}

}  // namespace causeway::check
