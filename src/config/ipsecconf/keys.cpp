#include "config/ipsecconf/keys.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

using enum Home;
using enum Use;

constexpr bool L = true;  // libreswan's alone
constexpr std::string_view by_networks = "packets are chosen by their networks alone";
constexpr std::string_view truncated = "SHA2-256 in ESP is cut to 128 bits, never to 96";

constexpr KeyRule table[] = {
    {"keyexchange", conn, used},
    {"ikev2", conn, used, {}, {}, {}, L},
    {"type", conn, used},
    {"auto", conn, used},
    {"also", conn, used},
    {"authby", conn, used},
    {"aggressive", conn, used},
    {"aggrmode", conn, used, {}, {}, "aggressive", L},
    {"ike", conn, used},
    {"esp", conn, used},
    {"phase2alg", conn, used, {}, {}, "esp", L},
    {"ah", conn, used},
    {"phase2", conn, used, {}, {}, {}, L},
    {"auth", conn, unsupported, "AH is not done", "esp"},
    {"ikelifetime", conn, used},
    {"lifetime", conn, used},
    {"keylife", conn, used, {}, {}, "lifetime"},
    {"salifetime", conn, used, {}, {}, "lifetime", L},
    {"ipsec-lifetime", conn, used, {}, {}, "lifetime", L},
    {"lifebytes", conn, used},
    {"keyingtries", conn, used},
    {"rekey", conn, used},
    {"dpddelay", conn, used},
    {"dpdtimeout", conn, used},
    {"dpdaction", conn, used},
    {"closeaction", conn, used},
    {"forceencaps", conn, used},
    {"encapsulation", conn, used, {}, {}, "forceencaps", L},
    {"pfs", conn, used},
    {"pfsgroup", conn, unsupported,
     "no program of today reads it; the group of PFS stands behind the suite in 'esp'"},
    {"sha256_96", conn, unsupported, truncated, "no"},
    {"sha2-truncbug", conn, unsupported, truncated, "no", {}, L},
    {"sha2_truncbug", conn, unsupported, truncated, "no", {}, L},
    {"mark", conn, unsupported, by_networks},
    {"mark_in", conn, unsupported, by_networks},
    {"mark_out", conn, unsupported, by_networks},
    {"mark-in", conn, unsupported, by_networks, {}, {}, L},
    {"mark-out", conn, unsupported, by_networks, {}, {}, L},
    {"vti-interface", conn, unsupported, by_networks, {}, {}, L},
    {"ipsec-interface", conn, unsupported, by_networks, "no", {}, L},
    {"mediation", conn, kept},
    {"mediated_by", conn, kept},
    {"me_peerid", conn, kept},
    {"installpolicy", conn, kept},
    {"compress", conn, kept},
    {"mobike", conn, kept},
    {"fragmentation", conn, kept},
    {"margintime", conn, kept},
    {"rekeymargin", conn, kept},
    {"rekeyfuzz", conn, kept},
    {"marginbytes", conn, kept},
    {"lifepackets", conn, kept},
    {"marginpackets", conn, kept},
    {"reauth", conn, kept},
    {"inactivity", conn, kept},
    {"ikedscp", conn, kept},
    {"replay_window", conn, kept},
    {"reqid", conn, kept},
    {"tfc", conn, kept},
    {"modeconfig", conn, kept},
    {"xauth", conn, kept},
    {"xauth_identity", conn, kept},
    {"eap", conn, kept},
    {"eap_identity", conn, kept},
    {"aaa_identity", conn, kept},
    {"ike-frag", conn, kept, {}, {}, {}, L},
    {"ike_frag", conn, kept, {}, {}, {}, L},
    {"ikepad", conn, kept, {}, {}, {}, L},
    {"replay-window", conn, kept, {}, {}, {}, L},
    {"esn", conn, kept, {}, {}, {}, L},
    {"overlapip", conn, kept, {}, {}, {}, L},
    {"connalias", conn, kept, {}, {}, {}, L},
    {"initial-contact", conn, kept, {}, {}, {}, L},
    {"initial_contact", conn, kept, {}, {}, {}, L},
    {"nat-keepalive", conn, kept, {}, {}, {}, L},
    {"nat_keepalive", conn, kept, {}, {}, {}, L},
    {"nat-ikev1-method", conn, kept, {}, {}, {}, L},
    {"failureshunt", conn, kept, {}, {}, {}, L},
    {"negotiationshunt", conn, kept, {}, {}, {}, L},
    {"narrowing", conn, kept, {}, {}, {}, L},
    {"metric", conn, kept, {}, {}, {}, L},
    {"mtu", conn, kept, {}, {}, {}, L},
    {"priority", conn, kept, {}, {}, {}, L},
    {"cisco-unity", conn, kept, {}, {}, {}, L},
    {"remote-peer-type", conn, kept, {}, {}, {}, L},
    {"remote_peer_type", conn, kept, {}, {}, {}, L},
    {"send-vendorid", conn, kept, {}, {}, {}, L},
    {"retransmit-timeout", conn, kept, {}, {}, {}, L},
    {"retransmit-interval", conn, kept, {}, {}, {}, L},
    {"nopmtudisc", conn, kept, {}, {}, {}, L},
    {"decap-dscp", conn, kept, {}, {}, {}, L},
    {"hostaddrfamily", conn, kept, {}, {}, {}, L},
    {"clientaddrfamily", conn, kept, {}, {}, {}, L},
    {"nm-configured", conn, kept, {}, {}, {}, L},
    {"nic-offload", conn, kept, {}, {}, {}, L},
    {"vti-routing", conn, kept, {}, {}, {}, L},
    {"vti-shared", conn, kept, {}, {}, {}, L},
    {"modecfgpull", conn, kept, {}, {}, {}, L},
    {"fake-strongswan", conn, kept, {}, {}, {}, L},
    {"ipsec-max-bytes", conn, kept, {}, {}, {}, L},
    {"ipsec-max-packets", conn, kept, {}, {}, {}, L},
    {"encap-dscp", conn, kept, {}, {}, {}, L},
    {"debug", conn, kept, {}, {}, {}, L},
    {"enable-tcp", conn, kept, {}, {}, {}, L},
    {"tcp-remoteport", conn, kept, {}, {}, {}, L},
    {"intermediate", conn, kept, {}, {}, {}, L},
    {"ppk", conn, kept, {}, {}, {}, L},
    {"session-resumption", conn, kept, {}, {}, {}, L},
    {"reject-simultaneous-ike-auth", conn, kept, {}, {}, {}, L},
    {"sec-label", conn, kept, {}, {}, {}, L},
    {"share-lease", conn, kept, {}, {}, {}, L},
    {"ignore-peer-dns", conn, kept, {}, {}, {}, L},
    {"ms-dh-downgrade", conn, kept, {}, {}, {}, L},
    {"dns-match-id", conn, kept, {}, {}, {}, L},
    {"nflog-group", conn, kept, {}, {}, {}, L},
    {"pam-authorize", conn, kept, {}, {}, {}, L},
    {"iptfs", conn, kept, {}, {}, {}, L},

    {"", end, used},  // left, right
    {"subnet", end, used},
    {"subnetwithin", end, used, {}, {}, "subnet"},
    {"subnets", end, used, {}, {}, {}, L},
    {"id", end, used},
    {"auth", end, used},
    {"auth2", end, used},
    {"sourceip", end, used},
    {"addresspool", end, used, {}, {}, "sourceip", L},
    {"protoport", end, used},
    {"allowany", end, used},
    {"ikeport", end, unsupported, "IKE is spoken from and to the ports 500 and 4500", "500"},
    {"updown", end, unsupported, "the script is not run"},
    {"xauthserver", end, unsupported, "XAUTH is not done", "no", {}, L},
    {"xauthclient", end, unsupported, "XAUTH is not done", "no", {}, L},
    {"modecfgserver", end, unsupported, "Mode Config is not done", "no", {}, L},
    {"modecfgclient", end, unsupported, "Mode Config is not done", "no", {}, L},
    {"vti", end, unsupported, by_networks, {}, {}, L},
    {"firewall", end, kept},
    {"hostaccess", end, kept},
    {"nexthop", end, kept},
    {"dns", end, kept},
    {"id2", end, kept},
    {"cert", end, kept},
    {"cert2", end, kept},
    {"certpolicy", end, kept},
    {"sendcert", end, kept},
    {"ca", end, kept},
    {"ca2", end, kept},
    {"groups", end, kept},
    {"groups2", end, kept},
    {"sigkey", end, kept},
    {"rsasigkey", end, kept},
    {"ckaid", end, kept, {}, {}, {}, L},
    {"autheap", end, kept, {}, {}, {}, L},
    {"interface-ip", end, kept, {}, {}, {}, L},
    {"xauthusername", end, kept, {}, {}, {}, L},
    {"username", end, kept, {}, {}, {}, L},

    {"uniqueids", setup, kept},
    {"charondebug", setup, kept},
    {"cachecrls", setup, kept},
    {"strictcrlpolicy", setup, kept},
    {"interfaces", setup, kept},
    {"dumpdir", setup, kept},
    {"charonstart", setup, kept},
    {"plutostart", setup, kept},
    {"klipsdebug", setup, kept},
    {"plutodebug", setup, kept},
    {"prepluto", setup, kept},
    {"postpluto", setup, kept},
    {"plutostderrlog", setup, kept},
    {"fragicmp", setup, kept},
    {"packetdefault", setup, kept},
    {"hidetos", setup, kept},
    {"overridemtu", setup, kept},
    {"crlcheckinterval", setup, kept},
    {"nocrsend", setup, kept},
    {"nat_traversal", setup, kept},
    {"keep_alive", setup, kept},
    {"keep-alive", setup, kept},
    {"force_keepalive", setup, kept},
    {"virtual_private", setup, kept},
    {"virtual-private", setup, kept, {}, {}, {}, L},
    {"pkcs11module", setup, kept},
    {"pkcs11initargs", setup, kept},
    {"pkcs11keepstate", setup, kept},
    {"pkcs11proxy", setup, kept},
    {"oe", setup, kept},
    {"nhelpers", setup, kept},
    {"protostack", setup, kept},
    {"logfile", setup, kept, {}, {}, {}, L},
    {"logtime", setup, kept, {}, {}, {}, L},
    {"logappend", setup, kept, {}, {}, {}, L},
    {"logip", setup, kept, {}, {}, {}, L},
    {"audit-log", setup, kept, {}, {}, {}, L},
    {"listen", setup, kept, {}, {}, {}, L},
    {"ikeport", setup, kept, {}, {}, {}, L},
    {"ikev1-policy",
     setup,
     unsupported,
     "libreswan takes no IKEv1 unless this is 'accept', whatever its conns say",
     "accept",
     {},
     L},
    {"ipsecdir", setup, kept, {}, {}, {}, L},
    {"secretsfile", setup, kept, {}, {}, {}, L},
    {"seedbits", setup, kept, {}, {}, {}, L},
    {"secctx-attr-type", setup, kept, {}, {}, {}, L},
    {"dnssec-enable", setup, kept, {}, {}, {}, L},
    {"crl-strict", setup, kept, {}, {}, {}, L},
    {"curl-timeout", setup, kept, {}, {}, {}, L},
    {"ocsp-enable", setup, kept, {}, {}, {}, L},
    {"ddos-mode", setup, kept, {}, {}, {}, L},
    {"myvendorid", setup, kept, {}, {}, {}, L},
    {"statsbin", setup, kept, {}, {}, {}, L},
    {"syslog", setup, kept, {}, {}, {}, L},

    {"also", ca, kept},
    {"auto", ca, kept},
    {"cacert", ca, kept},
    {"crluri", ca, kept},
    {"crluri1", ca, kept},
    {"crluri2", ca, kept},
    {"ocspuri", ca, kept},
    {"ocspuri1", ca, kept},
    {"ocspuri2", ca, kept},
    {"certuribase", ca, kept},
    {"ldaphost", ca, kept},
    {"ldapbase", ca, kept},
};

constexpr std::array sides{std::string_view("left"), std::string_view("right")};

/// How long `left` or `right` in front of a key is; 0: it has neither.
std::size_t side_of(std::string_view key) {
    for (const auto side : sides) {
        if (key.starts_with(side)) {
            return side.size();
        }
    }
    return 0;
}

const KeyRule* find(Home home, std::string_view name) {
    static const auto index = [] {
        std::unordered_map<std::string, const KeyRule*> rules;
        for (const auto& rule : table) {
            rules.emplace(fmt::format("{} {}", static_cast<int>(rule.home), rule.name), &rule);
        }
        return rules;
    }();
    const auto found = index.find(fmt::format("{} {}", static_cast<int>(home), name));
    return found != index.end() ? found->second : nullptr;
}

Home home_of(Section::Kind kind) {
    return kind == Section::Kind::setup ? setup : kind == Section::Kind::ca ? ca : conn;
}

std::vector<std::string> names_of(Home home) {
    std::vector<std::string> names;
    for (const auto& rule : table) {
        if (rule.home == home) {
            names.emplace_back(rule.name);
        } else if (rule.home == end && home == conn) {
            for (const auto side : sides) {
                names.push_back(fmt::format("{}{}", side, rule.name));
            }
        }
    }
    return names;
}

/// Names of that kind of section, for "did you mean".
const std::vector<std::string>& known_names(Home home) {
    static const std::array names{names_of(conn), names_of(end), names_of(setup), names_of(ca)};
    return names.at(static_cast<std::size_t>(home));
}

}  // namespace

const KeyRule* find_key(Section::Kind kind, std::string_view key) {
    const auto home = home_of(kind);
    const auto side = home == conn ? side_of(key) : 0;
    if (side != 0) {
        if (const auto* const rule = find(end, key.substr(side))) {
            return rule;
        }
    }
    return find(home, key);
}

std::string first_name(std::string_view key, const KeyRule& rule) {
    if (rule.same_as.empty()) {
        return std::string(key);
    }
    return fmt::format("{}{}", rule.home == end ? key.substr(0, side_of(key)) : std::string_view(),
                       rule.same_as);
}

std::string_view other_home(Section::Kind kind, std::string_view key) {
    for (const auto& [other, title] :
         {std::pair(Section::Kind::setup, "'config setup'"), std::pair(Section::Kind::conn, "a 'conn'"),
          std::pair(Section::Kind::ca, "a 'ca'")}) {
        const auto* const rule = other != kind ? find_key(other, key) : nullptr;
        if (rule != nullptr && !rule->libreswan) {
            return title;
        }
    }
    return {};
}

std::string suggestion(Section::Kind kind, std::string_view key) {
    const auto& names = known_names(home_of(kind));
    const std::vector<std::string_view> known(names.begin(), names.end());
    const auto near = nearest(key, known);
    return near ? fmt::format("did you mean '{}'?", *near) : std::string();
}

}  // namespace causeway::config::ipsecconf
