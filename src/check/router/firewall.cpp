#include "check/router/firewall.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "config/uci/document.hpp"
#include "config/words.hpp"

namespace causeway::check {
namespace {

using config::uci::Section;

std::string in_small_letters(std::string_view text) {
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// The start of a word is enough for either firewall (fw4.uc, parse_enum).
Verdict verdict(std::string_view text, Verdict otherwise) {
    constexpr std::pair<std::string_view, Verdict> known[]{{"accept", Verdict::accept},
                                                           {"reject", Verdict::reject},
                                                           {"drop", Verdict::drop},
                                                           {"masquerade", Verdict::masquerade},
                                                           {"snat", Verdict::snat}};
    const auto small = in_small_letters(text);
    for (const auto& [word, meaning] : known) {
        if (!small.empty() && word.starts_with(small)) {
            return meaning;
        }
    }
    return text.empty() ? otherwise : Verdict::other;
}

std::vector<NetMatch> net_matches(const UciFile& file, const Section& section, std::string_view option) {
    std::vector<NetMatch> out;
    for (const auto& word : file.words(section, option)) {
        out.push_back(net_match(word));
    }
    return out;
}

/// "500", "500-4500", "500:4500"; what else there is takes any port, so that nobody is alarmed by it.
std::vector<Ports> port_ranges(const UciFile& file, const Section& section, std::string_view option) {
    constexpr std::uint16_t highest = 65535;
    std::vector<Ports> out;
    for (const auto& word : file.words(section, option)) {
        const auto dash = word.value.find_first_of("-:");
        const auto first = config::parse_number(std::string_view(word.value).substr(0, dash));
        const auto last = dash == std::string::npos
                              ? first
                              : config::parse_number(std::string_view(word.value).substr(dash + 1));
        if (!first || !last || *first > highest || *last > highest) {
            out.push_back({0, highest});
        } else {
            out.push_back({static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)});
        }
    }
    return out;
}

std::string title(const Section& section, const Place& place) {
    const auto name = UciFile::text(section, "name");
    return name.empty() ? fmt::format("the '{}' of line {}", section.type, place.line)
                        : fmt::format("{} '{}'", section.type, config::printable(name));
}

Zone zone_of(const UciFile& file, const Section& section, Verdict default_input) {
    Zone zone;
    zone.name = UciFile::text(section, "name");
    zone.place = file.place(section.at);
    zone.networks = file.words(section, "network");
    zone.devices = file.words(section, "device");
    zone.subnets = net_matches(file, section, "subnet");
    zone.input = verdict(UciFile::text(section, "input"), default_input);
    zone.masq = UciFile::flag(section, "masq", false);
    zone.masq_place = file.place(section, "masq");
    zone.masq_src = net_matches(file, section, "masq_src");
    zone.masq_dest = net_matches(file, section, "masq_dest");
    zone.has_extra = section.find("extra") != nullptr || section.find("extra_src") != nullptr;
    return zone;
}

std::optional<Rule> rule_of(const UciFile& file, const Section& section) {
    const auto family = in_small_letters(UciFile::text(section, "family"));
    if (family.find('6') != std::string::npos) {
        return {};
    }
    Rule rule;
    rule.place = file.place(section.at);
    rule.title = title(section, rule.place);
    rule.source = UciFile::text(section, "src");
    rule.destination = UciFile::text(section, "dest");
    rule.destination_place = file.place(section, "dest");
    for (const auto& word : file.words(section, "proto")) {
        rule.protocols.push_back(in_small_letters(word.value));
    }
    rule.source_ports = port_ranges(file, section, "src_port");
    rule.source_ports_place = file.place(section, "src_port");
    rule.ports = port_ranges(file, section, "dest_port");
    rule.ports_place = file.place(section, "dest_port");
    rule.source_nets = net_matches(file, section, "src_ip");
    rule.destination_nets = net_matches(file, section, "dest_ip");
    rule.target = verdict(UciFile::text(section, "target"), Verdict::other);
    return rule;
}

NatRule nat_rule_of(const UciFile& file, const Section& section) {
    NatRule rule;
    rule.place = file.place(section.at);
    rule.title = title(section, rule.place);
    rule.target_place = file.place(section, "target");
    rule.source = UciFile::text(section, "src");
    rule.source_nets = net_matches(file, section, "src_ip");
    rule.destination_nets = net_matches(file, section, "dest_ip");
    rule.target = verdict(UciFile::text(section, "target"), Verdict::masquerade);
    if (rule.target != Verdict::accept && rule.target != Verdict::snat) {
        rule.target = Verdict::masquerade;
    }
    return rule;
}

Include include_of(const UciFile& file, const Section& section) {
    Include include;
    include.path = UciFile::text(section, "path");
    include.place = file.place(section, "path");
    include.is_nftables = in_small_letters(UciFile::text(section, "type")).starts_with("nft");
    include.position = in_small_letters(UciFile::text(section, "position"));
    include.chain = UciFile::text(section, "chain");
    include.declared_compatible = UciFile::flag(section, "fw4_compatible", false);
    include.compatible_by_default =
        section.find("fw4_compatible") == nullptr && include.path != "/etc/firewall.user";
    return include;
}

}  // namespace

std::optional<Ipv4Net> lenient_net(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address || !address->is_v4()) {
        return {};
    }
    if (slash == std::string_view::npos) {
        return Ipv4Net{address->v4_number(), 32};
    }
    const auto behind = text.substr(slash + 1);
    if (const auto mask = IpAddress::parse(behind); mask && mask->is_v4()) {
        return Ipv4Net::from_mask(address->v4_number(), mask->v4_number());
    }
    const auto prefix = config::parse_number(behind);
    if (!prefix || *prefix > 32) {
        return {};
    }
    Ipv4Net net{0, static_cast<std::uint8_t>(*prefix)};
    net.network = address->v4_number() & net.mask();
    return net;
}

NetMatch net_match(const Sourced<std::string>& value) {
    std::string_view text = value.value;
    const bool negated = text.starts_with('!');
    text.remove_prefix(negated ? 1 : 0);
    return {lenient_net(text), negated, value.place};
}

bool covers(const std::vector<NetMatch>& matches, const Ipv4Net& net) {
    bool has_positive = false;
    bool matched = false;
    for (const auto& match : matches) {
        if (!match.net) {
            return true;
        }
        if (match.negated && match.net->overlaps(net)) {
            return false;
        }
        has_positive = has_positive || !match.negated;
        matched = matched || (!match.negated && match.net->prefix <= net.prefix && match.net->overlaps(net));
    }
    return matched || !has_positive;
}

bool Zone::has_device(std::string_view device) const {
    return std::ranges::any_of(devices, [&](const Sourced<std::string>& one) {
        std::string_view pattern = one.value;
        if (!pattern.empty() && (pattern.back() == '+' || pattern.back() == '*')) {
            pattern.remove_suffix(1);
            return device.starts_with(pattern);
        }
        return pattern == device;
    });
}

bool Rule::takes(std::string_view protocol) const {
    if (protocols.empty()) {
        return protocol == "udp" || protocol == "tcp";
    }
    return std::ranges::any_of(protocols, [&](const std::string& one) {
        return one == protocol || one == "all" || one == "any" || one == "*" ||
               (one == "tcpudp" && (protocol == "udp" || protocol == "tcp")) ||
               (one == "17" && protocol == "udp") || (one == "50" && protocol == "esp");
    });
}

bool Rule::takes_port(std::uint16_t port) const {
    return ports.empty() ||
           std::ranges::any_of(ports, [&](Ports range) { return port >= range.first && port <= range.last; });
}

Firewall Firewall::of(const UciFile& file) {
    Firewall out;
    for (const auto& section : file.document().sections) {
        if (section.type == "defaults") {
            out.default_input = verdict(UciFile::text(section, "input"), Verdict::drop);
            out.default_forward = verdict(UciFile::text(section, "forward"), Verdict::drop);
            if (UciFile::flag(section, "flow_offloading", false)) {
                out.flow_offloading = file.place(section, "flow_offloading");
            }
        }
    }
    for (const auto& section : file.document().sections) {
        if (!UciFile::flag(section, "enabled", true)) {
            continue;
        }
        const auto place = file.place(section.at);
        if (section.type == "zone") {
            out.zones.push_back(zone_of(file, section, out.default_input));
        } else if (section.type == "rule") {
            if (auto rule = rule_of(file, section)) {
                out.rules.push_back(std::move(*rule));
            }
        } else if (section.type == "nat") {
            out.nat_rules.push_back(nat_rule_of(file, section));
        } else if (section.type == "forwarding") {
            out.forwardings.push_back({UciFile::text(section, "src"), UciFile::text(section, "dest"), place});
        } else if (section.type == "include") {
            out.includes.push_back(include_of(file, section));
            out.is_fw4 =
                out.is_fw4 || out.includes.back().is_nftables || section.find("fw4_compatible") != nullptr;
        }
        for (const std::string_view option : {"extra", "extra_src", "extra_dest"}) {
            if (section.find(option) != nullptr) {
                out.extras.push_back(
                    {title(section, place), UciFile::text(section, option), file.place(section, option)});
            }
        }
    }
    return out;
}

const Zone* Firewall::zone(std::string_view name) const {
    const auto found = std::ranges::find(zones, name, &Zone::name);
    return found == zones.end() ? nullptr : &*found;
}

const Zone* Firewall::wan() const {
    if (const auto* const named = zone("wan")) {
        return named;
    }
    const auto has_wan = [](const Zone& zone) {
        return std::ranges::any_of(zone.networks, [](const auto& network) { return network.value == "wan"; });
    };
    auto found = std::ranges::find_if(zones, has_wan);
    if (found == zones.end()) {
        found = std::ranges::find_if(zones, &Zone::masq);
    }
    return found == zones.end() ? nullptr : &*found;
}

bool Firewall::forwards(std::string_view from, std::string_view to, const Ipv4Net& source,
                        const Ipv4Net& destination) const {
    const auto is = [](std::string_view written, std::string_view zone) {
        return written == "*" || written == zone;
    };
    if (std::ranges::any_of(forwardings, [&](const Forwarding& one) {
            return is(one.source, from) && is(one.destination, to);
        })) {
        return true;
    }
    // One for a service of a host behind the router, as OpenWrt's for ESP and port 500, is not for the networks.
    return std::ranges::any_of(rules, [&](const Rule& rule) {
        return rule.target == Verdict::accept && is(rule.source, from) && is(rule.destination, to) &&
               rule.takes("tcp") && (rule.ports.empty() || !rule.source_nets.empty()) &&
               covers(rule.source_nets, source) && covers(rule.destination_nets, destination);
    });
}

const Include* Firewall::not_run() const {
    const auto found =
        std::ranges::find_if(includes, [&](const Include& one) { return is_fw4 && !one.run_by_fw4(); });
    return found == includes.end() ? nullptr : &*found;
}

std::string Firewall::unless() const {
    const auto* const include = unseen();
    return include == nullptr ? std::string() : fmt::format(", unless '{}' does it", include->path);
}

const Include* Firewall::unseen() const {
    const auto found =
        std::ranges::find_if(includes, [&](const Include& one) { return !is_fw4 || one.run_by_fw4(); });
    return found == includes.end() ? nullptr : &*found;
}

}  // namespace causeway::check
