#include "check/router/exemption.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "check/router/nat_commands.hpp"

namespace causeway::check {
namespace {

/// A network that somebody exempted, and that no tunnel goes to.
struct Stray {
    Ipv4Net net{};
    Place place{};
    std::string by;  ///< "masq_dest of zone 'wan'"
};

unsigned common_bits(const Ipv4Net& a, const Ipv4Net& b) {
    unsigned bits = 0;
    while (bits < 32 && ((a.network ^ b.network) >> (31 - bits)) == 0) {
        ++bits;
    }
    return bits;
}

/// What the tunnel may have been meant for: the nearest is taken, and taken once.
std::optional<Stray> take_nearest(std::vector<Stray>& strays, const Ipv4Net& net) {
    const auto nearest =
        std::ranges::max_element(strays, {}, [&](const Stray& one) { return common_bits(one.net, net); });
    if (nearest == strays.end()) {
        return {};
    }
    auto out = std::move(*nearest);
    strays.erase(nearest);
    return out;
}

bool contains(const Ipv4Net& outer, const Ipv4Net& inner) {
    return outer.prefix <= inner.prefix && outer.overlaps(inner);
}

/// Packets of the TUN device pass no chain of the WAN, so that there it is worth a note and no more.
class Judge {
 public:
    Judge(Context& context, bool tun_passes) : context_(context), passes_(tun_passes) {}

    [[nodiscard]] bool passes() const { return passes_ || context_.plane == Plane::kernel; }
    [[nodiscard]] std::string consequence() const {
        return passes() ? "packets for it leave with this router's address and miss the tunnel"
                        : "causeway's own device does not pass there, but kernel IPsec and strongSwan do";
    }
    void say(Finding finding) {
        if (!passes()) {
            finding.severity = Severity::note;
        }
        context_.findings.push_back(std::move(finding));
    }

    void wrong_network(const Stray& stray, const Carried& one) {
        say(finding<FindingId::exemption_of_wrong_network>(
            std::vector{stray.place, one.remote_place}, field<"by">(stray.by),
            field<"written">(stray.net.text()), field<"network">(one.remote.text()),
            field<"consequence">(consequence())));
    }
    void part_only(const Stray& part, const Carried& one) {
        say(finding<FindingId::exemption_of_part>(std::vector{part.place, one.remote_place},
                                                  field<"by">(part.by), field<"written">(part.net.text()),
                                                  field<"network">(one.remote.text()),
                                                  field<"consequence">(consequence())));
    }
    void wrong_source(const Stray& source, const Carried& one) {
        say(finding<FindingId::exemption_of_wrong_source>(
            std::vector{source.place, one.local_place}, field<"by">(source.by),
            field<"written">(source.net.text()), field<"network">(one.local.text()),
            field<"consequence">(consequence())));
    }
    void too_late(const Place& place, std::string by, const Carried& one, std::string remedy) {
        say(finding<FindingId::exemption_too_late>(
            std::vector{place, one.remote_place}, field<"by">(std::move(by)),
            field<"network">(one.remote.text()), field<"consequence">(consequence()),
            field<"remedy">(std::move(remedy))));
    }

 private:
    Context& context_;
    bool passes_;
};

// /etc/config/firewall.

class UciExemptions {
 public:
    UciExemptions(const Firewall& firewall, const Zone& wan, Context& context)
        : firewall_(firewall),
          wan_(wan),
          context_(context),
          judge_(context, wan.has_device(tun_device)),
          strays_(strays()) {}

    void run() {
        for (const auto& one : context_.carried) {
            if (masquerades(one)) {
                network(one);
            }
        }
    }

 private:
    [[nodiscard]] bool leaves_through_wan(const NatRule& rule) const {
        return rule.source.empty() || rule.source == "*" || rule.source == wan_.name;
    }

    /// The first that takes these packets. Those without a zone come first (fw4.uc: chain srcnat, then srcnat_wan).
    [[nodiscard]] const NatRule* decisive(const Carried& one) const {
        const NatRule* of_zone = nullptr;
        for (const auto& rule : firewall_.nat_rules) {
            if (!leaves_through_wan(rule) || !covers(rule.source_nets, one.local) ||
                !covers(rule.destination_nets, one.remote)) {
                continue;
            }
            if (rule.source != wan_.name) {
                return &rule;
            }
            of_zone = of_zone == nullptr ? &rule : of_zone;
        }
        return of_zone;
    }

    /// `masq_dest` and `masq_src`: a list of what is masqueraded, less what has a '!'. What is not understood, the
    /// name of an interface perhaps, is taken to be meant for this.
    static bool left_out_by(const std::vector<NetMatch>& matches, const Ipv4Net& net) {
        bool has_positive = false;
        bool wanted = false;
        for (const auto& match : matches) {
            if (!match.net || (match.negated && contains(*match.net, net))) {
                return true;
            }
            has_positive = has_positive || !match.negated;
            wanted = wanted || (!match.negated && match.net->overlaps(net));
        }
        return has_positive && !wanted;
    }

    [[nodiscard]] bool masquerades(const Carried& one) const {
        if (const auto* const rule = decisive(one)) {
            return rule->target != Verdict::accept;
        }
        return wan_.masq && !left_out_by(wan_.masq_dest, one.remote) &&
               !left_out_by(wan_.masq_src, one.local);
    }

    void network(const Carried& one) {
        if (by_rule(one) || by_list(one) || by_include(one)) {
            return;
        }
        if (const auto stray = take_nearest(strays_, one.remote)) {
            judge_.wrong_network(*stray, one);
            return;
        }
        missing(one);
    }

    /// A rule of `config nat` that was meant for this network.
    bool by_rule(const Carried& one) {
        if (const auto* const rule = decisive(one); rule != nullptr && !rule->destination_nets.empty()) {
            judge_.say(finding<FindingId::exemption_masquerades>(
                std::vector{rule->target_place, one.remote_place}, field<"rule">(rule->title),
                field<"network">(one.remote.text()), field<"consequence">(judge_.consequence())));
            return true;
        }
        for (const auto& rule : firewall_.nat_rules) {
            if (rule.target != Verdict::accept || !leaves_through_wan(rule) ||
                rule.destination_nets.empty()) {
                continue;
            }
            const auto& destination = rule.destination_nets.front();
            const auto by = rule.title;
            if (!destination.net || !destination.net->overlaps(one.remote)) {
                continue;
            }
            if (!covers(rule.source_nets, one.local) && rule.source_nets.front().net) {
                judge_.wrong_source({*rule.source_nets.front().net, rule.source_nets.front().place, by}, one);
            } else if (!contains(*destination.net, one.remote)) {
                judge_.part_only({*destination.net, destination.place, by}, one);
            } else {
                judge_.too_late(rule.place, by, one, "move it in front of the rules that masquerade");
            }
            return true;
        }
        return false;
    }

    bool by_list(const Carried& one) {
        for (const auto& match : wan_.masq_dest) {
            if (!match.net || !match.net->overlaps(one.remote)) {
                continue;
            }
            if (match.negated) {
                judge_.part_only({*match.net, match.place, of_zone("masq_dest")}, one);
                return true;
            }
            // 0.0.0.0/0 is what there is without a list.
            if (match.net->prefix != 0) {
                judge_.say(finding<FindingId::exemption_not_negated>(
                    std::vector{match.place, one.remote_place}, field<"zone">(wan_.name),
                    field<"written">(match.net->text()), field<"network">(one.remote.text()),
                    field<"consequence">(judge_.consequence())));
                return true;
            }
        }
        return false;
    }

    /// What is appended to the chain comes behind the zone's masquerading (fw4's ruleset.uc), whatever it says.
    bool by_include(const Carried& one) {
        const auto late = std::ranges::find_if(firewall_.includes, [](const Include& include) {
            return include.is_nftables && include.chain.starts_with("srcnat") &&
                   (include.position == "chain-append" || include.position == "chain-postpend");
        });
        if (late == firewall_.includes.end()) {
            return false;
        }
        judge_.too_late(late->place, fmt::format("'{}'", late->path), one,
                        "write option position 'chain-prepend'");
        return true;
    }

    void missing(const Carried& one) {
        if (const auto* const script = firewall_.not_run(); script != nullptr && judge_.passes()) {
            judge_.say(finding<FindingId::exemption_not_run>(
                std::vector{script->place, wan_.masq_place, one.remote_place}, field<"path">(script->path),
                field<"zone">(wan_.name), field<"network">(one.remote.text())));
            return;
        }
        const auto* const unseen = firewall_.unseen();
        if (unseen == nullptr || !judge_.passes()) {
            judge_.say(finding<FindingId::exemption_missing>(
                std::vector{wan_.masq_place, one.remote_place}, field<"zone">(wan_.name),
                field<"network">(one.remote.text()), field<"consequence">(judge_.consequence())));
            return;
        }
        judge_.say(finding<FindingId::exemption_not_seen>(
            std::vector{wan_.masq_place, one.remote_place}, field<"zone">(wan_.name),
            field<"path">(unseen->path), field<"network">(one.remote.text()),
            field<"consequence">(judge_.consequence())));
    }

    [[nodiscard]] std::string of_zone(std::string_view option) const {
        return fmt::format("{} of zone '{}'", option, wan_.name);
    }

    [[nodiscard]] std::vector<Stray> strays() const {
        std::vector<Stray> out;
        for (const auto& match : wan_.masq_dest) {
            if (match.negated && match.net && !context_.carries(*match.net)) {
                out.push_back({*match.net, match.place, of_zone("masq_dest")});
            }
        }
        for (const auto& rule : firewall_.nat_rules) {
            if (rule.target == Verdict::accept && leaves_through_wan(rule) &&
                !rule.destination_nets.empty()) {
                const auto& match = rule.destination_nets.front();
                if (match.net && !match.negated && !context_.carries(*match.net)) {
                    out.push_back({*match.net, match.place, rule.title});
                }
            }
        }
        return out;
    }

    const Firewall& firewall_;
    const Zone& wan_;
    Context& context_;
    Judge judge_;
    std::vector<Stray> strays_;
};

/// firewall4 reads `extra` and leaves it out (fw4.uc, UNSUPPORTED).
void check_extras(const Firewall& firewall, Judge& judge) {
    for (const auto& extra : firewall.extras) {
        if (extra.text.find("policy") != std::string::npos || extra.text.find("ipsec") != std::string::npos) {
            judge.say(finding<FindingId::policy_match_dropped>(extra.place, field<"title">(extra.title)));
        }
    }
}

// Commands.

bool is_zone_chain(const NatCommand& command) {
    return (command.chain.starts_with("zone_") && command.chain.ends_with("_postrouting")) ||
           command.chain.starts_with("srcnat");
}

/// The chain has masquerading in it before what is appended to it: firewall3 appends the zones' jumps to POSTROUTING
/// and MASQUERADE to zone_wan_postrouting before it runs scripts (fw3 zones.c), firewall4 alike to srcnat.
bool is_too_late(const NatCommand& command) {
    return command.appended && (command.chain == "POSTROUTING" || is_zone_chain(command));
}

/// Keeps packets from masquerading, if it comes in time.
bool exempts(const NatCommand& command) {
    return command.target == Verdict::accept ||
           (command.returns && (command.chain == "POSTROUTING" || is_zone_chain(command)));
}

std::string by_command(const NatCommand& command) {
    return fmt::format("the rule in chain {}", command.chain);
}

std::string inserted(const NatCommand& command, const Carried& one) {
    return command.is_nft
               ? fmt::format("nft insert rule inet fw4 srcnat ip daddr {} accept", one.remote.text())
               : fmt::format("iptables -t nat -I POSTROUTING -d {} -j ACCEPT", one.remote.text());
}

class CommandExemptions {
 public:
    CommandExemptions(std::vector<NatCommand> commands, Context& context)
        : commands_(std::move(commands)), context_(context), judge_(context, false) {
        for (const auto& command : commands_) {
            if (exempts(command) && !command.destination_nets.empty()) {
                const auto& match = command.destination_nets.front();
                if (match.net && !match.negated && !context.carries(*match.net)) {
                    strays_.push_back({*match.net, match.place, by_command(command)});
                }
            }
        }
    }

    void run() {
        for (const auto& one : context_.carried) {
            network(one);
        }
        for (const auto& command : commands_) {
            if (command.by_policy && exempts(command)) {
                by_policy(command);
            }
        }
    }

 private:
    /// The first command that decides about these packets.
    void network(const Carried& one) {
        const NatCommand* late = nullptr;
        const NatCommand* elsewhere = nullptr;
        for (const auto& command : commands_) {
            if (!covers(command.destination_nets, one.remote) || !covers(command.source_nets, one.local)) {
                continue;
            }
            if (!exempts(command)) {
                if (masquerades_it(command, one)) {
                    return;
                }
            } else if (is_too_late(command)) {
                late = &command;
            } else if (command.is_nft && command.table != "fw4") {
                elsewhere = &command;
            } else {
                return;
            }
        }
        if (late != nullptr) {
            judge_.too_late(late->where(), by_command(*late), one, inserted(*late, one));
        } else if (elsewhere != nullptr) {
            judge_.say(finding<FindingId::exemption_in_other_table>(
                std::vector{elsewhere->where(), one.remote_place}, field<"table">(elsewhere->table),
                field<"network">(one.remote.text()), field<"consequence">(judge_.consequence())));
        } else {
            near(one);
        }
    }

    bool masquerades_it(const NatCommand& command, const Carried& one) {
        if ((command.target != Verdict::masquerade && command.target != Verdict::snat) ||
            command.destination_nets.empty() || command.destination_nets.front().negated) {
            return false;
        }
        judge_.say(finding<FindingId::exemption_masquerades>(
            std::vector{command.where(), one.remote_place}, field<"rule">(by_command(command)),
            field<"network">(one.remote.text()), field<"consequence">(judge_.consequence())));
        return true;
    }

    /// A command that was meant for this network, or else one that is for none.
    void near(const Carried& one) {
        for (const auto& command : commands_) {
            if (!exempts(command) || command.destination_nets.empty()) {
                continue;
            }
            const auto& match = command.destination_nets.front();
            if (!match.net || match.negated || !match.net->overlaps(one.remote)) {
                continue;
            }
            if (!contains(*match.net, one.remote)) {
                judge_.part_only({*match.net, match.place, by_command(command)}, one);
                return;
            }
            if (const auto& source = command.source_nets; !source.empty() && source.front().net) {
                judge_.wrong_source({*source.front().net, source.front().place, by_command(command)}, one);
                return;
            }
        }
        if (const auto stray = take_nearest(strays_, one.remote)) {
            judge_.wrong_network(*stray, one);
        }
    }

    void by_policy(const NatCommand& command) {
        // firewall4 issue 53: ahead of the look-up there is no policy to match. iptables has the match, in packages
        // of its own (openwrt/packages pull request 3398).
        judge_.say(command.is_nft ? finding<FindingId::exemption_by_policy>(command.place)
                                  : finding<FindingId::exemption_by_policy_of_iptables>(command.place));
    }

    std::vector<NatCommand> commands_;
    Context& context_;
    Judge judge_;
    std::vector<Stray> strays_{};
};

}  // namespace

void check_exemptions(const Firewall& firewall, Context& context) {
    const auto* const wan = firewall.wan();
    if (wan != nullptr) {
        UciExemptions(firewall, *wan, context).run();
    }
    Judge judge(context, false);
    check_extras(firewall, judge);
}

void check_exemptions(const config::NamedText& script, Context& context) {
    CommandExemptions(nat_commands(script), context).run();
}

}  // namespace causeway::check
