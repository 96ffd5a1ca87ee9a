#include "firewall/guard.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway::firewall {

namespace {

/// What of a layer is not the tunnels'.
struct GuardedLayer : Layer {
    std::vector<OnLink> on_link;
    /// Networks of ours inside a remote one (a spoke of a hub): what stays among them is no traffic of the
    /// tunnel.
    std::vector<Ipv4Net> ours;
};

/// The smallest remote networks come first: what is on a link inside a large one may be another tunnel's
/// whole.
std::vector<GuardedLayer> guarded_layers(const Guard& guard) {
    std::vector<GuardedLayer> layers;
    for (Layer& plain : layers_of(guard.pairs)) {
        GuardedLayer& layer = layers.emplace_back(GuardedLayer{std::move(plain), {}, {}});
        std::copy_if(guard.on_link.begin(), guard.on_link.end(), std::back_inserter(layer.on_link),
                     [&](const OnLink& link) { return layer.contains(link.net, true); });
        for (const GuardedPair& pair : guard.pairs) {
            if (layer.contains(pair.local, false)) {
                layer.ours.push_back(pair.local);
            }
        }
        sort_unique(layer.ours);
        const std::vector<Ipv4Net> all = layer.ours;
        std::erase_if(layer.ours, [&](const Ipv4Net& net) {
            return std::any_of(all.begin(), all.end(),
                               [&](const Ipv4Net& other) { return other != net && inside(net, other); });
        });
    }
    return layers;
}

/// One element a line, because a hub has thousands.
void add_set(std::string& text, const std::string& name, std::string_view type,
             const std::vector<std::string>& elements) {
    text += fmt::format("    set {} {{\n        type {}\n        flags interval\n        elements = {{\n",
                        name, type);
    for (const std::string& element : elements) {
        text += fmt::format("            {},\n", element);
    }
    text += "        }\n    }\n";
}

void add_sets(std::string& text, const GuardedLayer& layer) {
    std::vector<std::string> elements;
    if (layer.pairs.size() > 1) {
        for (const GuardedPair& pair : layer.pairs) {
            elements.push_back(pair.local.text() + " . " + pair.remote.text());
        }
        add_set(text, fmt::format("tunnels_{}", layer.prefix), "ipv4_addr . ipv4_addr", elements);
    }
    if (!layer.ours.empty()) {
        elements.clear();
        for (const Ipv4Net& net : layer.ours) {
            elements.push_back(net.text());
        }
        add_set(text, fmt::format("ours_{}", layer.prefix), "ipv4_addr", elements);
    }
}

/// How packets of one direction are named: by the fields of either end, and of the device.
struct Direction {
    std::string_view local;
    std::string_view remote;
    std::string_view device;
};
constexpr Direction outwards{"saddr", "daddr", "oifname"};
constexpr Direction inwards{"daddr", "saddr", "iifname"};

/// Two comparisons for the one tunnel that most have (and that Linux before 5.6 knows), else a lookup.
std::string in_tunnel_of(const GuardedLayer& layer, const Direction& way) {
    if (layer.pairs.size() == 1) {
        const GuardedPair& pair = layer.pairs.front();
        return fmt::format("ip {} {} ip {} {}", way.local, pair.local.text(), way.remote, pair.remote.text());
    }
    return fmt::format("ip {} . ip {} @tunnels_{}", way.local, way.remote, layer.prefix);
}

void add_layers(std::string& text, const std::vector<GuardedLayer>& layers, const Direction& way,
                std::string_view verdict = "counter drop") {
    for (const GuardedLayer& layer : layers) {
        const std::string in_tunnel = in_tunnel_of(layer, way);
        for (const OnLink& link : layer.on_link) {
            text += fmt::format("        {} \"{}\" ip {} {} {} accept\n", way.device, link.device, way.remote,
                                link.net.text(), in_tunnel);
        }
        if (!layer.ours.empty()) {
            text += fmt::format("        ip {} @ours_{} {} accept\n", way.remote, layer.prefix, in_tunnel);
        }
        text += fmt::format("        {} {}\n", in_tunnel, verdict);
    }
}

/// Nobody else sees the handshakes of TCP in passing where the kernel carries. `rt mtu` is the smaller one of the routes to
/// both ends, less the headers, and what is smaller stays (nft_rt.c, nft_exthdr.c).
void add_sizes(std::string& text, const std::string& device) {
    text += "    chain sizes {\n        type filter hook forward priority -150; policy accept;\n";
    for (const char* way : {"oifname", "iifname"}) {
        text += fmt::format(
            "        {} \"{}\" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu\n", way,
            device);
    }
    text += "    }\n";
}

std::string outer_elements(const std::vector<OuterPair>& outer) {
    std::string text;
    for (const OuterPair& pair : outer) {
        text += fmt::format("{}{} . {}", text.empty() ? "" : ", ", IpAddress::v4(pair.remote.network).text(),
                            IpAddress::v4(pair.local.network).text());
    }
    return text;
}

void add_chains(std::string& text, const Guard& guard, const std::vector<GuardedLayer>& layers) {
    const bool ask = guard.mark != 0 || guard.kernel_encrypts;
    if (ask) {
        // Asked of what is in a tunnel's networks only: each packet of ESP would pay for it. And no more than
        // what carries the tunnels, whoever else sets that bit.
        text += "    chain in_clear {\n";
        if (guard.kernel_encrypts) {
            text += "        rt ipsec exists accept\n";
        }
        if (guard.mark != 0) {
            for (const char* what : {"ip protocol esp", "udp sport { 500, 4500 }"}) {
                text +=
                    fmt::format("        meta mark & {0:#010x} == {0:#010x} {1} accept\n", guard.mark, what);
            }
        }
        text += "        counter drop\n    }\n";
    }
    text += "    chain leaving {\n";
    text += "        type filter hook postrouting priority -300; policy accept;\n";
    text += fmt::format("        oifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    add_layers(text, layers, outwards, ask ? "goto in_clear" : "counter drop");
    text += "    }\n";
    text += "    chain entering {\n";
    text += "        type filter hook prerouting priority -300; policy accept;\n";
    text += fmt::format("        iifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    if (!guard.outer.empty()) {
        const std::string ends = outer_elements(guard.outer);
        text += fmt::format("        ip protocol esp ip saddr . ip daddr {{ {} }} accept\n", ends);
        text += fmt::format("        udp dport {{ 500, 4500 }} ip saddr . ip daddr {{ {} }} accept\n", ends);
    }
    add_layers(text, layers, inwards);
    text += "    }\n";
    // What a redirection sent to an address of ours in a tunnel's network after the first look.
    text += "    chain to_us {\n";
    text += "        type filter hook input priority -300; policy accept;\n";
    text += fmt::format("        iifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    text += "        ip protocol esp accept\n";
    text += "        udp dport { 500, 4500 } accept\n";
    add_layers(text, layers, inwards);
    text += "    }\n";
    if (guard.kernel_encrypts) {
        add_sizes(text, guard.device);
    }
    if (guard.exempt_from_nat) {
        // A chain of NAT that comes first and gives a connection the source that it has settles it: those
        // behind are not asked. An accept would be no answer to them.
        text += "    chain keep_source {\n";
        text += "        type nat hook postrouting priority 99; policy accept;\n";
        for (const GuardedLayer& layer : layers) {
            text += fmt::format("        oifname \"{}\" {} snat to ip saddr\n", guard.device,
                                in_tunnel_of(layer, outwards));
        }
        text += "    }\n";
    }
}

}  // namespace

std::string render_guard(Guard guard) {
    sort_unique(guard.pairs);
    sort_unique(guard.on_link);
    sort_unique(guard.outer);
    const std::vector<GuardedLayer> layers = guarded_layers(guard);
    std::string text = render_guard_removal(guard.table);
    text += fmt::format("table ip {} {{\n", guard.table);
    text += "    comment \"between the networks of a tunnel: encrypted or not at all\"\n";
    for (const GuardedLayer& layer : layers) {
        add_sets(text, layer);
    }
    add_chains(text, guard, layers);
    text += "}\n";
    return text;
}

std::string render_guard_removal(const std::string& table) {
    // Adding first makes the deletion succeed when there was no table.
    return fmt::format("add table ip {}\ndelete table ip {}\n", table, table);
}

}  // namespace causeway::firewall
