#include "firewall/guard.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace causeway::firewall {

namespace {

template <class T>
void sort_unique(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

bool inside(const Ipv4Net& inner, const Ipv4Net& outer) {
    return outer.prefix <= inner.prefix && outer.contains(inner.network);
}

bool strictly_inside(const Ipv4Net& inner, const Ipv4Net& outer) {
    return outer.prefix < inner.prefix && inside(inner, outer);
}

/// The pairs whose remote networks are equally large, and so are equal or have nothing in common: the order of
/// their elements does not matter, and what is on a link inside one is inside no other.
struct Layer {
    int prefix = 0;
    std::vector<GuardedPair> pairs;
    std::vector<OnLink> on_link;
    /// Networks of ours inside a remote one (a spoke of a hub): what stays among them is no traffic of the
    /// tunnel.
    std::vector<Ipv4Net> ours;
};

// A set with intervals takes no element that lies in another.
bool covered(const GuardedPair& pair, const std::vector<GuardedPair>& pairs) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const GuardedPair& other) {
        return other.remote == pair.remote && strictly_inside(pair.local, other.local);
    });
}

Layer layer_of(int prefix, const Guard& guard) {
    Layer layer;
    layer.prefix = prefix;
    std::vector<GuardedPair> all;
    std::copy_if(guard.pairs.begin(), guard.pairs.end(), std::back_inserter(all),
                 [&](const GuardedPair& pair) { return pair.remote.prefix == prefix; });
    if (all.empty()) {
        return layer;
    }
    std::vector<Ipv4Net> remotes;
    // Many networks of ours for one remote network are rare; many remote networks are not.
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::tie(a.remote, a.local) < std::tie(b.remote, b.local);
    });
    for (auto begin = all.begin(); begin != all.end();) {
        const auto end = std::find_if(begin, all.end(),
                                      [&](const GuardedPair& pair) { return pair.remote != begin->remote; });
        const std::vector<GuardedPair> same(begin, end);
        std::copy_if(begin, end, std::back_inserter(layer.pairs),
                     [&](const GuardedPair& pair) { return !covered(pair, same); });
        remotes.push_back(begin->remote);
        begin = end;
    }
    const auto in_one = [&](const Ipv4Net& net, bool strictly) {
        Ipv4Net around{net.network, static_cast<std::uint8_t>(prefix)};
        around.network &= around.mask();
        return (strictly ? prefix < net.prefix : prefix <= net.prefix) &&
               std::binary_search(remotes.begin(), remotes.end(), around);
    };
    for (const OnLink& link : guard.on_link) {
        if (in_one(link.net, true)) {
            layer.on_link.push_back(link);
        }
    }
    for (const GuardedPair& pair : guard.pairs) {
        if (in_one(pair.local, false)) {
            layer.ours.push_back(pair.local);
        }
    }
    sort_unique(layer.ours);
    std::erase_if(layer.ours, [&](const Ipv4Net& net) {
        return std::any_of(layer.ours.begin(), layer.ours.end(),
                           [&](const Ipv4Net& other) { return strictly_inside(net, other); });
    });
    return layer;
}

/// The smallest remote networks first: what is on a link inside a large one may be another tunnel's whole.
std::vector<Layer> layers_of(const Guard& guard) {
    std::vector<Layer> layers;
    for (int prefix = 32; prefix >= 0; --prefix) {
        if (Layer layer = layer_of(prefix, guard); !layer.pairs.empty()) {
            layers.push_back(std::move(layer));
        }
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

void add_sets(std::string& text, const Layer& layer) {
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
std::string in_tunnel_of(const Layer& layer, const Direction& way) {
    if (layer.pairs.size() == 1) {
        const GuardedPair& pair = layer.pairs.front();
        return fmt::format("ip {} {} ip {} {}", way.local, pair.local.text(), way.remote, pair.remote.text());
    }
    return fmt::format("ip {} . ip {} @tunnels_{}", way.local, way.remote, layer.prefix);
}

void add_layers(std::string& text, const std::vector<Layer>& layers, const Direction& way) {
    for (const Layer& layer : layers) {
        const std::string in_tunnel = in_tunnel_of(layer, way);
        for (const OnLink& link : layer.on_link) {
            text += fmt::format("        {} \"{}\" ip {} {} {} accept\n", way.device, link.device, way.remote,
                                link.net.text(), in_tunnel);
        }
        if (!layer.ours.empty()) {
            text += fmt::format("        ip {} @ours_{} {} accept\n", way.remote, layer.prefix, in_tunnel);
        }
        text += fmt::format("        {} counter drop\n", in_tunnel);
    }
}

std::string outer_elements(const std::vector<OuterPair>& outer) {
    std::string text;
    for (const OuterPair& pair : outer) {
        text += fmt::format("{}{} . {}", text.empty() ? "" : ", ", IpAddress::v4(pair.remote.network).text(),
                            IpAddress::v4(pair.local.network).text());
    }
    return text;
}

void add_chains(std::string& text, const Guard& guard, const std::vector<Layer>& layers) {
    text += "    chain leaving {\n";
    text += "        type filter hook postrouting priority -300; policy accept;\n";
    text += fmt::format("        oifname {{ \"{}\", \"lo\" }} accept\n", guard.device);
    if (guard.mark != 0) {
        text += fmt::format("        meta mark & {0:#010x} == {0:#010x} accept\n", guard.mark);
    }
    add_layers(text, layers, outwards);
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
    if (guard.exempt_from_nat) {
        // A chain of NAT that comes first and gives a connection the source that it has settles it: those
        // behind are not asked. An accept would be no answer to them.
        text += "    chain keep_source {\n";
        text += "        type nat hook postrouting priority 99; policy accept;\n";
        for (const Layer& layer : layers) {
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
    const std::vector<Layer> layers = layers_of(guard);
    std::string text = render_guard_removal(guard.table);
    text += fmt::format("table ip {} {{\n", guard.table);
    text += "    comment \"between the networks of a tunnel: encrypted or not at all\"\n";
    for (const Layer& layer : layers) {
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
