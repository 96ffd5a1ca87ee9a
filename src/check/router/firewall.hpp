// /etc/config/firewall as values: what firewall3 (up to OpenWrt 21.02) and firewall4 make of zones, rules, NAT rules,
// forwardings and includes, as far as tunnels are concerned. IPv4 only, as the tunnels are. Sections that are switched
// off are left out. Read by the checks beside this file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/place.hpp"
#include "check/router/uci_file.hpp"

namespace causeway::check {

/// `masq_dest '!192.168.0.0/24'`, with any notation of the mask that OpenWrt takes.
struct NetMatch {
    std::optional<Ipv4Net> net;  ///< nothing: a name, a range or IPv6
    bool negated = false;
    Place place{};
};
NetMatch net_match(const Sourced<std::string>& value);
/// "192.168.0.1/24" and "192.168.0.1/255.255.255.0" with host bits cleared, or an address alone.
std::optional<Ipv4Net> lenient_net(std::string_view text);

enum class Verdict { accept, reject, drop, masquerade, snat, other };

struct Zone {
    std::string name;
    Place place{};
    std::vector<Sourced<std::string>> networks;
    std::vector<Sourced<std::string>> devices;
    std::vector<NetMatch> subnets;
    Verdict input = Verdict::drop;
    bool masq = false;
    Place masq_place{};
    std::vector<NetMatch> masq_src;
    std::vector<NetMatch> masq_dest;
    bool has_extra = false;  ///< firewall3 adds it to each match

    /// It has nothing that packets could be matched with.
    [[nodiscard]] bool is_empty() const {
        return networks.empty() && devices.empty() && subnets.empty() && !has_extra;
    }
    [[nodiscard]] bool has_device(std::string_view device) const;
};

struct Ports {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

struct Rule {
    std::string title;  ///< "rule 'Allow-ISAKMP'"
    Place place{};
    std::string source;       ///< zone, "*" for any, empty: none
    std::string destination;  ///< the same
    Place destination_place{};
    std::vector<std::string> protocols;  ///< in small letters; empty: TCP and UDP
    std::vector<Ports> source_ports;     ///< empty: any
    Place source_ports_place{};
    std::vector<Ports> ports;
    Place ports_place{};
    std::vector<NetMatch> source_nets;
    std::vector<NetMatch> destination_nets;
    Verdict target = Verdict::other;

    [[nodiscard]] bool takes(std::string_view protocol) const;
    [[nodiscard]] bool takes_port(std::uint16_t port) const;
};

/// `config nat`.
struct NatRule {
    std::string title;
    Place place{};
    Place target_place{};
    std::string source;  ///< the zone that packets leave through; empty or "*": any
    std::vector<NetMatch> source_nets;
    std::vector<NetMatch> destination_nets;
    Verdict target = Verdict::masquerade;
};

struct Forwarding {
    std::string source;
    std::string destination;
    Place place{};
};

struct Include {
    std::string path;
    Place place{};
    bool is_nftables = false;
    std::string position;
    std::string chain;
    bool declared_compatible = false;  ///< `fw4_compatible` is written and on

    /// firewall4 runs it. It takes scripts but /etc/firewall.user to be compatible unless told otherwise
    /// (fw4.uc, parse_include).
    [[nodiscard]] bool run_by_fw4() const {
        return is_nftables || declared_compatible || compatible_by_default;
    }
    bool compatible_by_default = false;
};

/// `option extra`, iptables' arguments, which firewall4 does not support.
struct Extra {
    std::string title;
    std::string text;
    Place place{};
};

struct Firewall {
    std::vector<Zone> zones;
    std::vector<Rule> rules;
    std::vector<NatRule> nat_rules;
    std::vector<Forwarding> forwardings;
    std::vector<Include> includes;
    std::vector<Extra> extras;
    Verdict default_input = Verdict::drop;
    Verdict default_forward = Verdict::drop;
    std::optional<Place> flow_offloading;
    bool is_fw4 = false;  ///< an include says so; false: not known

    static Firewall of(const UciFile& file);

    /// Where the Internet is: the zone of that name, of the interface of that name, or the first that masquerades.
    [[nodiscard]] const Zone* wan() const;
    [[nodiscard]] const Zone* zone(std::string_view name) const;
    /// Packets may pass from one zone to the other, by a forwarding or a rule for these networks.
    [[nodiscard]] bool forwards(std::string_view from, std::string_view to, const Ipv4Net& source,
                                const Ipv4Net& destination) const;
    /// A file whose rules nobody here sees, and which is run, as far as known.
    [[nodiscard]] const Include* unseen() const;
    /// A script that firewall4 leaves out. Null where firewall3 may run it.
    [[nodiscard]] const Include* not_run() const;
    /// ", unless 'PATH' does it", or nothing.
    [[nodiscard]] std::string unless() const;
};

/// All addresses of `net` match; without a match everything does, and so does what is not understood.
bool covers(const std::vector<NetMatch>& matches, const Ipv4Net& net);

}  // namespace causeway::check
