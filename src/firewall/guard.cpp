#include "firewall/guard.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace causeway::firewall {

namespace {

// Networks of ours that lie inside the remote network (a spoke of a hub): what stays among them is no traffic
// of the tunnel.
std::string exception(const std::vector<GuardedPair>& pairs, const Ipv4Net& remote, std::string_view field) {
    std::vector<Ipv4Net> inside;
    for (const GuardedPair& pair : pairs) {
        if (remote.prefix <= pair.local.prefix && remote.contains(pair.local.network)) {
            inside.push_back(pair.local);
        }
    }
    std::sort(inside.begin(), inside.end());
    inside.erase(std::unique(inside.begin(), inside.end()), inside.end());
    std::string text;
    for (const Ipv4Net& net : inside) {
        text += fmt::format("ip {} != {} ", field, net.text());
    }
    return text;
}

/// How packets of one direction are named: the remote end's field, the local end's, and the device's.
struct Direction {
    std::string_view remote;
    std::string_view local;
    std::string_view device;
};
constexpr Direction outwards{"daddr", "saddr", "oifname"};
constexpr Direction inwards{"saddr", "daddr", "iifname"};

// The smallest remote networks first: what is on a link inside a large one may be another tunnel's whole.
void add_pairs(std::string& text, const Guard& guard, const std::vector<GuardedPair>& pairs,
               const Direction& way) {
    const auto both = [&](const GuardedPair& pair) {
        return way.remote == "daddr"
                   ? fmt::format("ip saddr {} ip daddr {}", pair.local.text(), pair.remote.text())
                   : fmt::format("ip saddr {} ip daddr {}", pair.remote.text(), pair.local.text());
    };
    for (const GuardedPair& pair : pairs) {
        for (const OnLink& link : guard.on_link) {
            if (link.net.prefix > pair.remote.prefix && pair.remote.contains(link.net.network)) {
                text += fmt::format("        {} \"{}\" ip {} {} ip {} {} accept\n", way.device, link.device,
                                    way.remote, link.net.text(), way.local, pair.local.text());
            }
        }
        text +=
            fmt::format("        {} {}counter drop\n", both(pair), exception(pairs, pair.remote, way.remote));
    }
}

}  // namespace

std::string render_guard(const Guard& guard) {
    std::vector<GuardedPair> pairs = guard.pairs;
    const auto key = [](const GuardedPair& p) {
        return std::tuple(-int{p.remote.prefix}, p.local, p.remote);
    };
    std::sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());

    std::string text = render_guard_removal(guard.table);
    text += fmt::format("table ip {} {{\n", guard.table);
    text += "    comment \"between the networks of a tunnel: encrypted or not at all\"\n";
    text += "    chain leaving {\n";
    text += "        type filter hook postrouting priority -300; policy accept;\n";
    text += fmt::format("        oifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    add_pairs(text, guard, pairs, outwards);
    text += "    }\n";
    text += "    chain entering {\n";
    text += "        type filter hook prerouting priority -300; policy accept;\n";
    text += fmt::format("        iifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    add_pairs(text, guard, pairs, inwards);
    text += "    }\n";
    // What a redirection sent to an address of ours in a tunnel's network after the first look.
    text += "    chain to_us {\n";
    text += "        type filter hook input priority -300; policy accept;\n";
    text += fmt::format("        iifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    text += "        ip protocol esp accept\n";
    text += "        udp dport { 500, 4500 } accept\n";
    add_pairs(text, guard, pairs, inwards);
    text += "    }\n}\n";
    return text;
}

std::string render_guard_removal(const std::string& table) {
    // Adding first makes the deletion succeed when there was no table.
    return fmt::format("add table ip {}\ndelete table ip {}\n", table, table);
}

}  // namespace causeway::firewall
