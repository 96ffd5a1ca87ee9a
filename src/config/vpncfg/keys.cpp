#include "config/vpncfg/keys.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "config/vpncfg/strategies.hpp"

namespace causeway::config::vpncfg {
namespace {

using enum Use;

constexpr KeyRule table[] = {
    {"enabled", used, "`no`: the connection is left out; default yes"},
    {"conn_type", used, "`conntype_lan`; others are refused"},
    {"name", used, "the name that status shows"},
    {"always_renew", used,
     "`yes`: dialled at once and kept up; `no`: dialled by the first packet; the peer may dial always"},
    {"keepalive_ip", used,
     "an address other than 0.0.0.0: kept up, as with always_renew; liveness checks take the place of the "
     "box's ping"},
    {"localip", used, "own address to speak from; 0.0.0.0: what the route says"},
    {"remoteip", used, "the peer's fixed address; 0.0.0.0: see remotehostname"},
    {"remotehostname", used, "the peer's name, looked up again and again"},
    {"localid",
     used,
     "block with one of `fqdn`, `user_fqdn`, `ipaddr` or `key_id`; missing: own address; anything else is "
     "refused",
     {},
     Holds::block},
    {"remoteid",
     used,
     "the same of the peer; missing: every identity is accepted; what is not understood is refused",
     {},
     Holds::block},
    {"mode", used, "`phase1_mode_idp`: Main Mode; `phase1_mode_aggressive`; default Main Mode"},
    {"phase1ss", used, "security strategy of Phase 1, see below; default all/all/all"},
    {"phase2ss", used, "security strategy of Phase 2, see below; default esp-all-all/ah-none/comp-all/pfs"},
    {"keytype", used, "`connkeytype_pre_shared`; others are refused"},
    {"key", used, "the pre-shared key in clear; a `$$$$` value cannot be used"},
    {"use_nat_t", used, "`no`: no NAT traversal; default yes"},
    {"use_xauth", used, "`yes`: refused, XAUTH is for dial-in users"},
    {"use_cfgmode", used, "`yes`: refused, mode config is for dial-in users"},
    {"use_ikev2", used, "`yes`: refused"},
    {"phase2localid",
     used,
     "the network on this side: one `ipnet { ipaddr; mask; }` or `ipaddr`; a second network is refused",
     {},
     Holds::block},
    {"phase2remoteid", used, "the network on the other side", {}, Holds::block},
    {"accesslist", used, "compared with phase2remoteid; a mismatch is reported", {}, Holds::values},
    {"causeway_allow_md5", used,
     "`yes`: MD5 counts among the hashes of a strategy; default no. A box does not know this key"},
    {"causeway_own_name", used,
     "our own name as the peer looks it up: watched, and reported while it points elsewhere; `none`: not "
     "watched; default: "
     "localid's fqdn, where it looks like a public name. A box does not know this key"},
    {"editable", kept, "for the box's web pages"},
    {"boxuser_id", kept, "for dial-in users"},
    {"app_id", kept, "for dial-in users"},
    {"cert_do_server_auth", kept, "for certificates"},
    {"dont_filter_netbios", kept, "causeway filters nothing inside the tunnel"},
    {"local_virtualip", kept, "for dial-in users"},
    {"remote_virtualip", kept, "for dial-in users"},
    {"xauth", kept, "for dial-in users"},
    {"reject_not_encrypted", unsupported, "Internet traffic beside the tunnel is not blocked", "no"},
    {"dns_domains", unsupported, "names are not resolved through the tunnel"},
    {"wg_configured", kept, "for WireGuard"},
    {"wg_public_key", kept, "for WireGuard"},
    {"wg_preshared_key", kept, "for WireGuard"},
    {"wg_allowed_ips", kept, "for WireGuard"},
    {"wg_dyndns", kept, "for WireGuard"},
    {"wg_persistent_keepalive", kept, "for WireGuard"},
    {"wg_hide_network", kept, "for WireGuard"},
    {"wg_dnsserver", kept, "for WireGuard"},
    {"wg_slave_network", kept, "for WireGuard"},
    {"wg_slave_mask", kept, "for WireGuard"},
};

std::string_view use_text(Use use) {
    switch (use) {
        case used:
            return "";
        case kept:
            return "kept, without effect: ";
        case unsupported:
            return "**not supported**: ";
    }
    return "";
}

std::string list_of(Ciphers ciphers, Hashes hashes) {
    std::string text;
    constexpr std::pair<Ciphers, std::string_view> cipher_names[] = {
        {with_aes256, "aes256"}, {with_aes192, "aes192"}, {with_aes128, "aes128"}, {with_3des, "3des"}};
    for (const auto& [bit, name] : cipher_names) {
        if ((ciphers & bit) != 0) {
            text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
        }
    }
    text += " with ";
    constexpr std::pair<Hashes, std::string_view> hash_names[] = {
        {with_sha512, "sha512"}, {with_sha1, "sha1"}, {with_md5, "md5 if admitted"}};
    bool first = true;
    for (const auto& [bit, name] : hash_names) {
        if ((hashes & bit) != 0) {
            text += fmt::format("{}{}", first ? "" : ", ", name);
            first = false;
        }
    }
    return text;
}

std::string escaped(std::string_view name) {
    std::string text;
    for (const char c : name) {
        text += c == '|' ? std::string("\\|") : std::string(1, c);
    }
    return text;
}

std::vector<std::string_view> names_of(bool (*wanted)(const KeyRule&)) {
    std::vector<std::string_view> names;
    for (const auto& rule : table) {
        if (wanted(rule)) {
            names.push_back(rule.name);
        }
    }
    return names;
}

}  // namespace

std::span<const KeyRule> key_table() {
    return table;
}

const std::vector<std::string_view>& key_names() {
    static const auto names = names_of([](const KeyRule&) { return true; });
    return names;
}

const std::vector<std::string_view>& block_names() {
    static const auto names = names_of([](const KeyRule& rule) { return rule.holds == Holds::block; });
    return names;
}

const KeyRule* find_key(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &KeyRule::name);
    return found != std::end(table) ? found : nullptr;
}

std::string key_table_text() {
    std::string text = "\n| Key | What it does |\n| --- | --- |\n";
    for (const auto& rule : table) {
        text += fmt::format("| `{}` | {}{} |\n", rule.name, use_text(rule.use), rule.meaning);
    }
    return text;
}

std::string strategy_table_text() {
    std::string text =
        "\n| phase1ss | Suites | Group offered | Also accepted | Certainty | Source |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    for (const auto& row : phase1_strategies()) {
        text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", row.name, list_of(row.ciphers, row.hashes),
                            crypto::info(row.offered).name,
                            row.other_groups ? "modp1536, modp2048, modp3072" : "", name_of(row.certainty),
                            row.source);
    }
    text +=
        "\n| phase2ss | Suites | AH | PFS | Certainty | Source |\n| --- | --- | --- | --- | --- | --- |\n";
    for (const auto& row : phase2_strategies()) {
        const auto* const ah = row.ah == AhPart::none       ? "no"
                               : row.ah == AhPart::optional ? "optional"
                                                            : "wanted";
        text += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", escaped(row.name),
                            list_of(row.ciphers, row.hashes), ah, row.pfs ? "yes" : "no",
                            name_of(row.certainty), row.source);
    }
    return text;
}

}  // namespace causeway::config::vpncfg
