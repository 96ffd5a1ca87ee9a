#include "config/uci/options.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "config/words.hpp"

namespace causeway::config::uci {
namespace {

using enum SectionKind;
using enum Holds;
using enum Standing;

constexpr Generations all = g0 | g1 | g2 | g3 | g4;
constexpr Generations later = g1 | g2 | g3 | g4;
constexpr Generations swanctl = g2 | g3 | g4;
constexpr Generations before_g4 = g2 | g3;

// In seconds.
constexpr std::uint64_t a_day = 86400;
constexpr std::uint64_t a_year = 365 * a_day;
constexpr Range lifetimes{10, a_year};
constexpr Range any{};
constexpr Range from(std::uint64_t least, std::uint64_t most) {
    return {least, most};
}

constexpr OptionRule table[] = {
    // The daemon as a whole.
    {ipsec, "debug", all, 0, number, used, "0: notice and above; 1: info; 2 and above: debug", "",
     from(0, 100), "0"},
    {ipsec, "zone", g0 | swanctl, 0, text, used,
     "OpenWrt's firewall zone for the tunnels' device; where that zone has the device, its forwardings "
     "count"},
    {ipsec, "firewall", own, 0, text, used,
     "whose rules let IKE, ESP and the tunnels through: `auto`, `fw4`, `nftables`, `iptables` or `off`", "",
     any, "auto"},
    {ipsec, "listen", g0 | own, g0 | own, names, used, "devices to speak IKE on, as `eth0.2` or `pppoe-wan`",
     "", any, "all"},
    {ipsec, "interface", later | own, later | own, names, used,
     "the same by OpenWrt's names, as `wan`: ubus tells their devices, also when they change; where it knows "
     "none of them, IKE listens on all devices"},
    {ipsec, "setup_option", g0, g0, text, unsupported, "lines for ipsec.conf have no meaning here"},
    {ipsec, "rtinstall_enabled", later, 0, boolean, unsupported,
     "routes to the remote networks are always installed", "1"},
    {ipsec, "ignore_routing_tables", later, g3 | g4, names, unsupported, "all routing tables are respected"},
    {ipsec, "copy_dscp", own, 0, boolean, used, "copy DSCP of a packet to the packet that carries it", "",
     any, "1"},
    {ipsec, "probe_path", own, 0, boolean, used,
     "find out by padded liveness messages how large a packet the path carries", "", any, "1"},
    {ipsec, "dataplane", own, 0, text, used,
     "who carries the tunnels' packets: `auto`, `kernel` or `userspace`; see below", "", any, "auto"},
    {ipsec, "offload_tun", own, 0, text, used,
     "packets inside the tunnels go to the kernel and come from it many as one: `auto`, `on` or `off`; see "
     "below",
     "", any, "auto"},
    {ipsec, "offload_udp_send", own, 0, text, used, "the same for ESP in UDP that is sent", "", any, "auto"},
    {ipsec, "offload_udp_receive", own, 0, text, used, "the same for ESP in UDP that arrives", "", any,
     "auto"},
    {ipsec, "replay_window", own, 0, number, used, "anti-replay window in packets", "", from(32, 8192),
     "1024"},
    {ipsec, "tun_mtu", own, 0, number, used, "MTU inside the tunnel", "", from(576, 9000), "computed"},
    {ipsec, "lookup_floor", own, 0, duration, used, "shortest time between two look-ups of a peer's name", "",
     from(1, a_day), "5s"},
    {ipsec, "lookup_ceiling", own, 0, duration, used, "longest time between two look-ups", "", from(1, a_day),
     "300s"},

    {ipsec, "metrics_file", own, 0, text, used,
     "a file that the state of all connections is written to, for Prometheus' textfile collector, as "
     "`/var/lib/prometheus/node-exporter/causeway.prom`"},
    {ipsec, "control_group", own, 0, text, used,
     "a group whose members may ask the daemon (`causeway status`, `history`, `metrics`) and change nothing; "
     "else root alone may"},

    // A peer.
    {remote, "enabled", all, 0, boolean, used, "1: this peer is called and answered", "", any,
     "0, as everywhere in this schema"},
    {remote, "gateway", g0 | g1 | g2, 0, address, used, "the peer's name or address; `any`: it dials us"},
    {remote, "remote_addrs", g3 | g4, g3 | g4, address, used, "the same, several allowed: tried in turn"},
    {remote, "remote_gateway", g3, 0, address, used, "the same, for some weeks between G2 and G3"},
    {remote, "local_gateway", g0, 0, address, used, "local source address", "", any,
     "chosen by the routing table"},
    {remote, "local_ip", g2, 0, address, used, "the same"},
    {remote, "local_addrs", g3 | g4, g3 | g4, address, used, "the same; the first address counts"},
    {remote, "exchange_mode", g0 | own, 0, text, used, "`main` or `aggressive`", "", any, "main"},
    {remote, "aggressive", swanctl | own, 0, boolean, used, "1: Aggressive Mode", "", any, "0"},
    {remote, "local_identifier", all, 0, text, used,
     "`@name`, `user@name`, an address, `keyid:...`, see below", "", any, "own address"},
    {remote, "remote_identifier", all, 0, text, used, "the same of the peer; `%any`: every identity", "", any,
     "see below"},
    {remote, "authentication_method", all, 0, text, used, "only `psk`"},
    {remote, "pre_shared_key", all, 0, text, used, "the key that both ends know"},
    {remote, "p1_proposal", g0, g0, names, used, "names of `p1_proposal` sections, best first"},
    {remote, "crypto_proposal", later, swanctl, names, used,
     "names of `crypto_proposal` sections, best first"},
    {remote, "force_crypto_proposal", later, 0, boolean, unneeded, "only the listed proposals are ever used",
     "1"},
    {remote, "tunnel", g0 | g1 | g2 | g3, all, names, used, "names of `tunnel` sections"},
    {remote, "child", g4, g4, names, used, "the same: names of `child` sections"},
    {remote, "transport", later, later, names, refused,
     "transport mode is not supported: these children are left out"},
    {remote, "keyexchange", later, 0, text, used,
     "must be `ikev1`: absent, `ike` and `ikev2` mean IKEv2 in this schema"},
    {remote, "keyingtries", later, 0, number, used,
     "attempts before giving up, 0: never; ignored unless `honour_keyingtries` is set, as peers can be away "
     "for hours",
     "", any, "0"},
    {remote, "honour_keyingtries", own, 0, boolean, used,
     "1: keyingtries counts, and the tunnel then stays down until somebody raises it", "", any, "0"},
    {remote, "own_name", own, 0, text, used,
     "our own name as the peer looks it up: watched, and reported while it points elsewhere; `none`: not "
     "watched",
     "", any, "local_identifier, where it looks like a public name"},
    {remote, "dpddelay", g1 | g2 | g3 | own, 0, duration, used,
     "silence before the peer is asked whether it lives, 0: never. A tunnel whose packets nobody answers "
     "although the peer is there is renewed after four times this, 5 min at most",
     "", from(0, a_day), "15s"},
    {remote, "dpd_delay", g4, 0, duration, used, "the same"},
    {remote, "dpd_misses", own, 0, number, used, "unanswered questions before the peer counts as gone", "",
     from(1, 100), "3"},
    {remote, "encap", swanctl, 0, boolean, used, "1: ESP in UDP even without NAT", "", any, "0"},
    {remote, "force_encapsulation", own, 0, boolean, used, "the same"},
    {remote, "nat_traversal", own, 0, boolean, used, "0: never negotiate NAT traversal", "", any, "1"},
    {remote, "ikelifetime", own, 0, duration, used, "lifetime of the ISAKMP SA", "", lifetimes,
     "3h (G0, G1), 4h 24m (G2, G3)"},
    {remote, "lifetime", own, 0, duration, used, "default lifetime of the tunnels' IPsec SAs", "", lifetimes},
    {remote, "rekeytime", before_g4, 0, duration, used,
     "ISAKMP SA: rekeyed after this; the lifetime is `overtime` more", "", from(0, a_year)},
    {remote, "rekey_time", g4, 0, duration, used, "the same"},
    {remote, "overtime", before_g4, 0, duration, used, "how long after `rekeytime` the SA expires", "",
     from(0, a_year), "a tenth of rekeytime"},
    {remote, "over_time", g4, 0, duration, used, "the same"},
    {remote, "rekey", own, 0, boolean, used, "0: let the SAs expire", "", any, "1"},
    {remote, "accept_either_mode", own, 0, boolean, used,
     "1: also answer the peer in the mode that is not configured", "", any, "0"},
    {remote, "allow_md5", own, 0, boolean, used, "1: admit MD5 in proposals", "", any, "0"},
    {remote, "allow_des", own, 0, boolean, unsupported, "single DES is not supported at all", "0"},
    {remote, "fragmentation", swanctl, 0, text, unneeded,
     "IKE messages of a pre-shared key fit one datagram"},
    {remote, "mobike", swanctl, 0, boolean, unneeded,
     "belongs to IKEv2; address changes are followed anyway"},
    {remote, "extra_option", g0, g0, text, unsupported, "lines for ipsec.conf have no meaning here"},
    {remote, "local_sourceip", g1 | g2, g1 | g2, address, unsupported, "no virtual address is asked for"},
    {remote, "vips", g3 | g4, g3 | g4, address, unsupported, "no virtual address is asked for"},
    {remote, "inactivity", swanctl, 0, duration, unsupported, "an idle tunnel stays up", "0"},
    {remote, "send_cert", swanctl, 0, text, unsupported, "certificates are not supported", "never"},
    {remote, "send_certreq", swanctl, 0, boolean, unneeded, "belongs to certificates"},
    {remote, "local_cert", swanctl, 0, text, unsupported, "certificates are not supported"},
    {remote, "local_key", swanctl, 0, text, unsupported, "certificates are not supported"},
    {remote, "ca_cert", swanctl, 0, text, unsupported, "certificates are not supported"},
    {remote, "remote_ca_certs", swanctl, swanctl, text, unsupported, "certificates are not supported"},
    {remote, "eap_id", swanctl, 0, text, unsupported, "EAP belongs to IKEv2"},
    {remote, "local_leftip", own, 0, address, used, "own address to speak from, as `local_ip`"},
    {remote, "reqid", own, 0, number, unneeded, "numbers are given by causeway and shown by its status"},
    {remote, "packet_marker", own, 0, text, unsupported, "packets are chosen by their addresses alone"},
    {remote, "ns_name", own, 0, text, unneeded, "NethSecurity's own name for the tunnel"},
    {remote, "ns_link", own, 0, text, unneeded, "NethSecurity's own mark"},
    {remote, "pools", swanctl, swanctl, names, unsupported, "no addresses are handed out"},

    // One or more pairs of networks.
    {tunnel, "local_subnet", all, swanctl, network, used,
     "networks on this side; several: one IPsec SA for each pair"},
    {tunnel, "remote_subnet", all, swanctl, network, used, "networks on the other side"},
    {tunnel, "p2_proposal", g0, 0, names, used, "names of `p2_proposal` sections, best first"},
    {tunnel, "crypto_proposal", later, swanctl, names, used,
     "names of `crypto_proposal` sections, best first"},
    {tunnel, "force_crypto_proposal", later, 0, boolean, unneeded, "only the listed proposals are ever used",
     "1"},
    {tunnel, "mode", g1 | g4 | own, 0, text, used,
     "G4: `tunnel`, and `transport` is refused. Before: `start`: at once and kept up; `route`: by the first "
     "packet; `add`: by the peer or by hand",
     "", any, "start (G0), route (G1)"},
    {tunnel, "startaction", before_g4, 0, text, used, "the same; `trap` is `route`, `none` is `add`", "", any,
     "route"},
    {tunnel, "start_action", g4, 0, text, used, "the same"},
    {tunnel, "closeaction", before_g4 | own, 0, text, used,
     "when the peer closes it: `clear` or `none` (wait for the peer), `hold` or `trap` (for a packet), "
     "`restart`, whatever `startaction` says",
     "", any, "as it was started"},
    {tunnel, "close_action", g4, 0, text, used, "the same"},
    {tunnel, "dpdaction", g1 | g2 | g3 | own, 0, text, used,
     "when the peer is gone: the same, but `none` is the default, and on all tunnels: do not ask"},
    {tunnel, "dpd_action", g4, 0, text, used, "the same"},
    {tunnel, "lifetime", g1 | g2 | g3 | own, 0, duration, used, "lifetime of the IPsec SA", "", lifetimes,
     "1h (G0, G1), 1h 6m (G2, G3)"},
    {tunnel, "life_time", g4, 0, duration, used, "the same"},
    {tunnel, "rekeytime", before_g4, 0, duration, used, "rekeyed after this; the lifetime is a tenth more",
     "", from(0, a_year)},
    {tunnel, "rekey_time", g4, 0, duration, used, "the same"},
    {tunnel, "lifebytes", before_g4, 0, number, used,
     "lifetime in octets, or with `k`, `m` or `g` behind the number (1024, ...)"},
    {tunnel, "life_bytes", g4, 0, number, used, "the same"},
    {tunnel, "rekeybytes", before_g4, 0, number, used, "rekeyed after so many; the lifetime is a tenth more"},
    {tunnel, "rekey_bytes", g4, 0, number, used, "the same"},
    {tunnel, "pfs", own, 0, text, used, "0: without PFS; 1 or a group: with PFS, whatever the proposals say"},
    {tunnel, "backup", own, 0, boolean, used,
     "beside an earlier tunnel with the same networks: 1: stands behind it, and carries while it is down; 0: "
     "is none, and refused: two networks cannot have one number",
     "", any, "1, but 0 for two FRITZ!Boxes that were left at 192.168.178.0/24"},
    {tunnel, "ikelifetime", g1, 0, duration, used, "of the peer's ISAKMP SA; the first tunnel's counts", "",
     lifetimes, "3h"},
    {tunnel, "keyingtries", g1, 0, number, used, "of the peer, 0: for ever; the first tunnel's counts", "",
     any, "0"},
    {tunnel, "dpddelay", g1, 0, duration, used, "of the peer; the first tunnel's counts", "", from(0, a_day),
     "15s"},
    {tunnel, "keyexchange", g1, 0, text, used,
     "must be `ikev1`: absent, `ike` and `ikev2` mean IKEv2 in this schema"},
    {tunnel, "local_leftip", g1, 0, address, used, "own address to speak from; the first tunnel's counts"},
    {tunnel, "local_nat", g0 | g1 | g2, 0, network, refused,
     "translating the local network into another one is not supported: the tunnel would carry other "
     "addresses than the peer expects"},
    {tunnel, "margintime", g1, 0, duration, unneeded, "the margin before expiry is chosen by causeway"},
    {tunnel, "lifepackets", before_g4, 0, number, unsupported, "packets are not counted towards the lifetime",
     "0"},
    {tunnel, "life_packets", g4, 0, number, unsupported, "packets are not counted towards the lifetime", "0"},
    {tunnel, "rekeypackets", before_g4, 0, number, unsupported,
     "packets are not counted towards the lifetime", "0"},
    {tunnel, "rekey_packets", g4, 0, number, unsupported, "packets are not counted towards the lifetime",
     "0"},
    {tunnel, "replay_window", swanctl, 0, number, unsupported,
     "the window is set for all tunnels in the `ipsec` section"},
    {tunnel, "inactivity", later, 0, duration, unsupported, "an idle tunnel stays up", "0"},
    {tunnel, "ipcomp", swanctl, 0, boolean, unsupported,
     "packets are not compressed; the peer's offer without compression is taken", "0"},
    {tunnel, "hw_offload", swanctl, 0, text, unneeded, "encryption is not handed to a network card", "no"},
    {tunnel, "reqid", g1, 0, number, unneeded, "numbers are given by causeway and shown by its status"},
    {tunnel, "packet_marker", g1, 0, text, unsupported, "packets are chosen by their addresses alone"},
    {tunnel, "ns_name", own, 0, text, unneeded, "NethSecurity's own name for the tunnel"},
    {tunnel, "ns_link", own, 0, text, unneeded, "NethSecurity's own mark"},
    {tunnel, "if_id", swanctl, 0, number, unsupported,
     "xfrm interfaces are not used: routes go to causeway's own device"},
    {tunnel, "interface", swanctl, 0, text, unsupported, "the tunnel is not bound to an interface"},
    {tunnel, "priority", swanctl, 0, number, unsupported, "the longer network counts first"},
    {tunnel, "updown", swanctl, 0, text, unsupported, "the script is not called"},
    {tunnel, "local_updown", g1, 0, text, unsupported, "the script is not called"},
    {tunnel, "remote_updown", g1, 0, text, unsupported, "the script is not called"},
    {tunnel, "firewall", swanctl, 0, boolean, unneeded, "it had no effect in the old script either"},
    {tunnel, "local_firewall", g1, 0, boolean, unsupported, "no rules are added for it", "no"},
    {tunnel, "remote_firewall", g1, 0, boolean, unsupported, "no rules are added for it", "no"},
    {tunnel, "local_sourceip", g1, 0, address, unsupported, "no virtual address is asked for"},
    {tunnel, "remote_sourceip", g1, 0, address, unsupported, "no addresses are handed out"},

    // Suites.
    {p1_proposal, "encryption_algorithm", g0, 0, algorithm, used, "`aes128`, `aes192`, `aes256`, `3des`"},
    {p1_proposal, "hash_algorithm", g0, 0, algorithm, used,
     "`sha1`, `sha256`, `sha384`, `sha512`; `md5` if admitted"},
    {p1_proposal, "dh_group", g0, 0, algorithm, used,
     "`modp1024`, `modp2048`, `ecp256`, ..., or the group's number"},
    {p2_proposal, "encryption_algorithm", g0, 0, algorithm, used, "`aes128`, ..., `aes256gcm16`, `3des`"},
    {p2_proposal, "authentication_algorithm", g0, 0, algorithm, used, "`sha1`, ...; none with GCM"},
    {p2_proposal, "pfs_group", g0, 0, algorithm, used, "as dh_group; absent or empty: without PFS"},
    {crypto_proposal, "encryption_algorithm", later, 0, algorithm, used, "as above; GCM for tunnels only"},
    {crypto_proposal, "hash_algorithm", later, 0, algorithm, used, "as above"},
    {crypto_proposal, "dh_group", later, 0, algorithm, used, "as above; for a tunnel: PFS"},
    {crypto_proposal, "prf_algorithm", swanctl, 0, algorithm, unneeded,
     "in IKEv1 the PRF follows from the hash"},
    {crypto_proposal, "is_esp", swanctl, 0, boolean, unneeded, "what names the proposal says it"},
    {crypto_proposal, "use_custom_proposal", swanctl, 0, boolean, unsupported,
     "only the three algorithms count", "0"},
    {crypto_proposal, "custom_proposal", swanctl, 0, text, unsupported, "only the three algorithms count"},
};

constexpr std::pair<std::string_view, SectionKind> kinds[] = {
    {"ipsec", ipsec},
    {"remote", remote},
    {"tunnel", tunnel},
    {"child", tunnel},
    {"globals", ipsec},
    {"p1_proposal", p1_proposal},
    {"p2_proposal", p2_proposal},
    {"crypto_proposal", crypto_proposal},
};

std::string generations_text(Generations known_to) {
    if (known_to == all) {
        return "all";
    }
    std::string text;
    constexpr std::pair<Generations, std::string_view> names[] = {{g0, "G0"}, {g1, "G1"}, {g2, "G2"},
                                                                  {g3, "G3"}, {g4, "G4"}, {own, "causeway"}};
    for (const auto& [bit, name] : names) {
        if ((known_to & bit) != 0) {
            text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
        }
    }
    return text;
}

/// The table's order is the manual's; this one is for looking up.
constexpr auto rules_by_name = [] {
    std::array<std::uint16_t, std::size(table)> order{};
    for (std::uint16_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::ranges::sort(order, {}, [](std::uint16_t i) { return std::pair(table[i].name, table[i].section); });
    return order;
}();

std::string_view standing_text(Standing standing) {
    switch (standing) {
        case used:
            return "";
        case unneeded:
            return "not needed: ";
        case unsupported:
            return "**not supported**: ";
        case refused:
            return "**refused**: ";
    }
    return "";
}

/// "; 1 to 100; default: 3".
std::string limits_text(const OptionRule& rule) {
    std::string text = rule.range.limited() ? fmt::format("; {}", range_text(rule)) : "";
    return text + (rule.otherwise.empty() ? "" : fmt::format("; default: {}", rule.otherwise));
}

}  // namespace

std::string range_text(const OptionRule& rule) {
    const auto in_unit = [&](std::uint64_t bound) {
        return rule.holds == Holds::duration ? in_words(std::chrono::seconds(bound)) : std::to_string(bound);
    };
    return fmt::format("{} to {}", in_unit(rule.range.least), in_unit(rule.range.most));
}

std::string_view name_of(SectionKind kind) {
    return std::ranges::find(kinds, kind, &std::pair<std::string_view, SectionKind>::second)->first;
}

std::optional<SectionKind> section_kind(std::string_view type) {
    const auto* found = std::ranges::find(kinds, type, &std::pair<std::string_view, SectionKind>::first);
    return found != std::end(kinds) ? std::optional(found->second) : std::nullopt;
}

std::span<const OptionRule> option_table() {
    return table;
}

const OptionRule* find_rule(SectionKind section, std::string_view name) {
    const auto key = [](std::uint16_t i) { return std::pair(table[i].name, table[i].section); };
    const auto wanted = std::pair(name, section);
    const auto* const found = std::ranges::lower_bound(rules_by_name, wanted, {}, key);
    return found != rules_by_name.end() && key(*found) == wanted ? &table[*found] : nullptr;
}

std::string_view other_name(std::string_view option) {
    constexpr std::pair<std::string_view, std::string_view> renamed[] = {
        {"startaction", "start_action"},   {"closeaction", "close_action"}, {"dpdaction", "dpd_action"},
        {"dpddelay", "dpd_delay"},         {"rekeytime", "rekey_time"},     {"lifetime", "life_time"},
        {"overtime", "over_time"},         {"rekeybytes", "rekey_bytes"},   {"lifebytes", "life_bytes"},
        {"rekeypackets", "rekey_packets"}, {"lifepackets", "life_packets"},
    };
    for (const auto& [before, after] : renamed) {
        if (option == before || option == after) {
            return option == before ? after : before;
        }
    }
    return {};
}

std::string suggestion(SectionKind section, std::string_view name) {
    std::vector<std::string_view> known;
    for (const auto& rule : table) {
        if (rule.section == section) {
            known.push_back(rule.name);
        }
    }
    for (const auto& [where, written, meant] : {
             std::tuple(p2_proposal, "dh_group", "pfs_group"),
             std::tuple(p2_proposal, "hash_algorithm", "authentication_algorithm"),
             std::tuple(p1_proposal, "pfs_group", "dh_group"),
             std::tuple(p1_proposal, "authentication_algorithm", "hash_algorithm"),
             std::tuple(crypto_proposal, "pfs_group", "dh_group"),
             std::tuple(crypto_proposal, "authentication_algorithm", "hash_algorithm"),
         }) {
        if (section == where && name == written) {
            return fmt::format("in a '{}' section it is called '{}'", name_of(section), meant);
        }
    }
    if (const auto near = nearest(name, known)) {
        return fmt::format("did you mean '{}'?", *near);
    }
    for (const auto& rule : table) {
        if (rule.name == name) {
            return fmt::format("it belongs in a '{}' section", name_of(rule.section));
        }
    }
    return {};
}

std::string option_table_text() {
    std::string text;
    std::optional<SectionKind> section;
    for (const auto& rule : table) {
        if (section != rule.section) {
            section = rule.section;
            text += fmt::format(
                "\n### `config {}`{}\n\n| Option | Known to | What "
                "it does |\n| --- | --- | --- |\n",
                name_of(rule.section),
                rule.section == tunnel  ? ", in G4 `config child`"
                : rule.section == ipsec ? ", in G4 `config globals`"
                                        : "");
        }
        text += fmt::format("| {} `{}` | {} | {}{}{} |\n", rule.list_in != 0 ? "list" : "option", rule.name,
                            generations_text(rule.known_to), standing_text(rule.standing), rule.meaning,
                            limits_text(rule));
    }
    return text;
}

}  // namespace causeway::config::uci
