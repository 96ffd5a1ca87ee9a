#include "pair/readme.hpp"

#include <fmt/format.h>
#include <string_view>
#include <variant>

#include "config/model.hpp"
#include "pair/words.hpp"

namespace causeway::pair {
namespace {

/// FRITZ!OS: the import of a file is an access type of its own, and changes of VPN settings are confirmed at
/// the box.
void box(std::string& out) {
    out += fmt::format(
        "  1. Open http://fritz.box and go to Internet > Permit Access > VPN. Newer FRITZ!OS has two pages "
        "for VPN:\n"
        "     take the one for IPSec, not WireGuard.\n"
        "  2. Add a VPN connection and choose to import it from an existing file. Select {}.\n"
        "     It is not encrypted, so no password is needed.\n"
        "  3. FRITZ!OS may ask for a confirmation at the box: press a button of it, or dial the code that is "
        "shown.\n"
        "  4. Delete the file from the computer: the key stands in it in clear.\n"
        "  The imported connection cannot be edited at the box. To change it, delete it there and import it "
        "again.\n",
        file_of(Form::vpncfg));
}

void openwrt(std::string& out, Form form) {
    out += fmt::format(
        "  1. Copy the file to the router as {0}:\n"
        "       scp {1} root@ROUTER:{0}\n"
        "       ssh root@ROUTER chmod 600 {0}\n"
        "     A file of that name which is there already holds other tunnels: join the two by hand.\n"
        "     On Debian and the like it is /etc/causeway/causeway.conf, and the machine has to forward "
        "packets\n"
        "     (net.ipv4.ip_forward = 1).\n"
        "  2. Start the tunnel: /etc/init.d/causeway restart; on Debian systemctl enable --now causewayd\n"
        "  3. See how it is: causeway status\n"
        "  Nothing has to be added to the firewall: causeway opens it for IKE, ESP and the tunnel while it "
        "runs.\n"
        "  With OpenWrt's strongSwan in its place let them in yourself, with the lines of firewall.txt:\n"
        "       ssh root@ROUTER 'uci batch && uci commit firewall && /etc/init.d/firewall reload' < "
        "firewall.txt\n"
        "  start it by /etc/init.d/{2} restart, and see how it is by {3}.\n",
        file_of(form), file_of(form).substr(file_of(form).rfind('/') + 1),
        form == Form::uci_g0 || form == Form::uci_g1 ? "ipsec" : "swanctl",
        form == Form::uci_g0 || form == Form::uci_g1 ? "ipsec statusall" : "swanctl --list-sas");
}

void strongswan(std::string& out, Form form) {
    constexpr std::string_view let_through =
        "  2. Let UDP ports 500 and 4500 and the protocol ESP through the firewall, and forward packets "
        "between the\n"
        "     two networks: net.ipv4.ip_forward = 1, and no rule that drops or masquerades them.\n";
    if (form == Form::swanctl) {
        out += fmt::format(
            "  1. Copy swanctl.conf to {} (or into /etc/swanctl/conf.d), owned by root, mode 600.\n"
            "{}"
            "  3. swanctl --load-all\n"
            "  4. See how it is: swanctl --list-sas\n",
            file_of(form), let_through);
    } else {
        out += fmt::format(
            "  1. Copy ipsec.conf to /etc/ipsec.conf, and ipsec.secrets to /etc/ipsec.secrets, owned by "
            "root, mode 600.\n"
            "{}"
            "  3. ipsec restart\n"
            "  4. See how it is: ipsec statusall\n",
            let_through);
    }
}

/// "FRITZ!Box 7590 with FRITZ!OS 8.02".
std::string box_title(std::string_view box) {
    const auto at = box.find('@');
    return at == std::string_view::npos
               ? fmt::format("FRITZ!Box {}", box)
               : fmt::format("FRITZ!Box {} with FRITZ!OS {}", box.substr(0, at), box.substr(at + 1));
}

/// `finders`: who calls this end, as a subject with its verb.
void end(std::string& out, const Site& site, const std::string& title, Form form, std::string_view folder,
         std::string_view finders) {
    const auto heading =
        fmt::format("{} ({}, {}{}{})", title.empty() ? site.name : title, site.name, site.lan.text(),
                    site.box.empty() ? "" : ", ", site.box.empty() ? "" : box_title(site.box));
    out += fmt::format("\n{}\n{}\n", heading, std::string(heading.size(), '-'));
    if (!folder.empty()) {
        out += fmt::format("  Its files are in {}.\n", folder);
    }
    switch (form) {
        case Form::vpncfg:
            box(out);
            break;
        case Form::swanctl:
        case Form::ipsec_conf:
            strongswan(out, form);
            break;
        case Form::uci_g0:
        case Form::uci_g1:
        case Form::uci_g2:
        case Form::uci_g3:
        case Form::uci_g4:
            openwrt(out, form);
            break;
    }
    if (!site.address || std::holds_alternative<config::HostName>(*site.address)) {
        out +=
            fmt::format("  {} this one by the name {}: it has to point to this end's Internet address.\n",
                        finders, site.address ? std::get<config::HostName>(*site.address).name : site.name);
    } else if (std::holds_alternative<config::AnyAddress>(*site.address)) {
        out += "  The other end cannot call this one: the tunnel comes up when this end dials.\n";
    }
}

}  // namespace

std::string readme(const Description& description, Form ours, Form theirs) {
    const auto& [here, there, key, our_title, their_title] = description;
    std::string out = fmt::format(
        "A tunnel between {} ({}) and {} ({})\n\n"
        "IPsec with IKEv1, Main Mode and a pre-shared key. Both ends have to be set up; the order does not "
        "matter.\n"
        "The files hold the same key: whoever has one can pose as either end. Move them by scp or on a "
        "stick, not by\n"
        "mail.\n",
        here.name, here.lan.text(), there.name, there.lan.text());
    constexpr std::string_view other = "The other end finds";
    end(out, here, our_title, ours, "", other);
    end(out, there, their_title, theirs, "", other);
    return out;
}

std::string readme(const Star& star, Form openwrt) {
    const auto& hub = star.hub;
    std::string out = fmt::format(
        "A hub, {} ({}), with a tunnel to {}\n\n"
        "IPsec with IKEv1, Main Mode and pre-shared keys. The order in which the sites are set up does not "
        "matter: each\n"
        "tunnel comes up when its two ends are there. A spoke reaches the network of the hub and no other "
        "spoke's.\n"
        "Each tunnel has a key of its own. A spoke's files hold one key, the hub's all of them: whoever has "
        "a "
        "key can\n"
        "pose as either end of that tunnel. Give each site the files of its own folder only, by scp or on a "
        "stick, not\n"
        "by mail.\n",
        hub.site.name, hub.site.lan.text(),
        star.spokes.size() == 1 ? "one spoke" : fmt::format("each of {} spokes", star.spokes.size()));
    const auto folder = [](const NamedSite& one) { return one.title + "/"; };
    end(out, hub.site, hub.title, form_of(hub.site.kind, openwrt), folder(hub), "The spokes find");
    for (const auto& spoke : star.spokes) {
        end(out, spoke.site, spoke.title, form_of(spoke.site.kind, openwrt), folder(spoke), "The hub finds");
    }
    return out;
}

// The sections, names and choices of packaging/openwrt/causeway/files/firewall.sh; a test compares them.
std::string firewall_batch(const std::string& zone) {
    std::string out;
    if (!zone.empty()) {
        out += fmt::format(
            "set firewall.causeway_zone=zone\n"
            "set firewall.causeway_zone.name={0}\n"
            "add_list firewall.causeway_zone.device='causeway0'\n"
            "set firewall.causeway_zone.input='REJECT'\n"
            "set firewall.causeway_zone.output='ACCEPT'\n"
            "set firewall.causeway_zone.forward='REJECT'\n"
            "set firewall.causeway_out=forwarding\n"
            "set firewall.causeway_out.src='lan'\n"
            "set firewall.causeway_out.dest={0}\n"
            "set firewall.causeway_in=forwarding\n"
            "set firewall.causeway_in.src={0}\n"
            "set firewall.causeway_in.dest='lan'\n",
            uci_quoted(zone));
    }
    return out +
           "set firewall.causeway_ike=rule\n"
           "set firewall.causeway_ike.name='Allow-IKE-causeway'\n"
           "set firewall.causeway_ike.src='wan'\n"
           "set firewall.causeway_ike.proto='udp'\n"
           "set firewall.causeway_ike.dest_port='500 4500'\n"
           "set firewall.causeway_ike.target='ACCEPT'\n"
           "set firewall.causeway_esp=rule\n"
           "set firewall.causeway_esp.name='Allow-ESP-causeway'\n"
           "set firewall.causeway_esp.src='wan'\n"
           "set firewall.causeway_esp.proto='esp'\n"
           "set firewall.causeway_esp.target='ACCEPT'\n";
}

}  // namespace causeway::pair
