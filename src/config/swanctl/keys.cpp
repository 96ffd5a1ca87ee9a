#include "config/swanctl/keys.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

using enum In;
using enum Standing;

/// swanctl.conf(5) and plugins/vici/vici_config.c, peer_kv() and peer_li(), auth_kv() and auth_li(), child_kv() and
/// child_li(); load_creds.c for secrets. The keys at the end of each part are newer than 5.9.8.
constexpr KeyRule table[] = {
    {connection, "version", used, "must be `1`; 0, the default, dials with IKEv2 and answers both"},
    {connection, "remote_addrs", used,
     "addresses and names of the peer, tried in turn; a network or a range: anywhere"},
    {connection, "local_addrs", used, "the first address is the one to speak from"},
    {connection, "proposals", used, "suites of Phase 1; default: strongSwan's"},
    {connection, "aggressive", used, "Aggressive Mode; default: no"},
    {connection, "encap", used, "ESP in UDP also without NAT; default: no"},
    {connection, "dpd_delay", used, "silence after which the peer is asked; 0, the default: never"},
    {connection, "dpd_timeout", used, "how long it may leave that unanswered"},
    {connection, "keyingtries", used, "attempts before the tunnels stay down; 0: for ever; default: 1"},
    {connection, "rekey_time", used,
     "lifetime of the ISAKMP SA: `reauth_time`, else this, plus `over_time`; default: 4h"},
    {connection, "reauth_time", used, "counts before `rekey_time`"},
    {connection, "over_time", used, "default: a tenth of the longer of the two"},
    {connection, "vips", used, "refused: no virtual address is asked for"},
    {connection, "pools", unsupported, "no addresses are handed out"},
    {connection, "local_port", unsupported, "IKE is spoken on ports 500 and 4500", "500"},
    {connection, "remote_port", unsupported, "IKE is spoken on ports 500 and 4500", "500"},
    {connection, "pull", quiet, ""},
    {connection, "dscp", quiet, ""},
    {connection, "mobike", quiet, ""},
    {connection, "fragmentation", quiet, ""},
    {connection, "childless", quiet, ""},
    {connection, "send_certreq", quiet, ""},
    {connection, "send_cert", quiet, ""},
    {connection, "ppk_id", quiet, ""},
    {connection, "ppk_required", quiet, ""},
    {connection, "unique", quiet, ""},
    {connection, "rand_time", quiet, ""},
    {connection, "if_id_in", quiet, ""},
    {connection, "if_id_out", quiet, ""},
    {connection, "mediation", quiet, ""},
    {connection, "mediated_by", quiet, ""},
    {connection, "mediation_peer", quiet, ""},
    {connection, "ocsp", quiet, ""},

    {auth, "auth", used, "must be `psk`; the default is `pubkey`"},
    {auth, "id", used, "the identity; default: local: the address, remote: any"},
    {auth, "round", used, "the order of the sections"},
    {auth, "certs", quiet, ""},
    {auth, "cacerts", quiet, ""},
    {auth, "pubkeys", quiet, ""},
    {auth, "ca_id", quiet, ""},
    {auth, "aaa_id", quiet, ""},
    {auth, "eap_id", quiet, ""},
    {auth, "xauth_id", quiet, ""},
    {auth, "groups", quiet, ""},
    {auth, "cert_policy", quiet, ""},
    {auth, "revocation", quiet, ""},

    {child, "local_ts", used,
     "the network on this side; IKEv1 carries the first one; default: `dynamic`, the address"},
    {child, "remote_ts", used, "the network behind the peer; likewise"},
    {child, "esp_proposals", used, "suites of Phase 2; without a group: no PFS; default: strongSwan's"},
    {child, "ah_proposals", used, "the child is left out if it has no `esp_proposals`"},
    {child, "mode", used, "`tunnel`; a child of `transport` or `beet` is left out, as is a `pass` or `drop`"},
    {child, "start_action", used, "`start`, `trap`, both (`trap\\|start`) or `none`, the default"},
    {child, "dpd_action", used, "when the peer is gone: `clear`, the default, `trap` or `restart`"},
    {child, "close_action", used, "when the peer closes it: `none`, the default, `trap` or `start`"},
    {child, "rekey_time", used, "default: 1h"},
    {child, "life_time", used, "lifetime of the IPsec SA; default: a tenth more than `rekey_time`"},
    {child, "rekey_bytes", used, "default: none"},
    {child, "life_bytes", used, "its lifetime in octets; default: a tenth more than `rekey_bytes`"},
    {child, "sha256_96", unsupported, "SHA2-256 is cut to 128 bits, as RFC 4868 has it", "no"},
    {child, "inactivity", unsupported, "an idle tunnel stays up", "0"},
    {child, "updown", quiet, ""},
    {child, "hostaccess", quiet, ""},
    {child, "policies", quiet, ""},
    {child, "policies_fwd_out", quiet, ""},
    {child, "replay_window", quiet, ""},
    {child, "rand_time", quiet, ""},
    {child, "rand_bytes", quiet, ""},
    {child, "rekey_packets", quiet, ""},
    {child, "life_packets", quiet, ""},
    {child, "rand_packets", quiet, ""},
    {child, "ipcomp", quiet, ""},
    {child, "reqid", quiet, ""},
    {child, "mark_in", quiet, ""},
    {child, "mark_in_sa", quiet, ""},
    {child, "mark_out", quiet, ""},
    {child, "set_mark_in", quiet, ""},
    {child, "set_mark_out", quiet, ""},
    {child, "tfc_padding", quiet, ""},
    {child, "priority", quiet, ""},
    {child, "interface", quiet, ""},
    {child, "hw_offload", quiet, ""},
    {child, "copy_df", quiet, ""},
    {child, "copy_ecn", quiet, ""},
    {child, "copy_dscp", quiet, ""},
    {child, "if_id_in", quiet, ""},
    {child, "if_id_out", quiet, ""},
    {child, "label", quiet, ""},
    {child, "label_mode", quiet, ""},
    {child, "per_cpu_sas", quiet, ""},

    {secret, "secret", used, "the key; `0x`: hexadecimal digits, `0s`: Base64"},
    {secret, "id", used, "and every key that begins so: whose key it is; without one: everybody's"},
};

std::string_view name_of(In in) {
    switch (in) {
        case connection:
            return "connections.NAME";
        case auth:
            return "connections.NAME.local, connections.NAME.remote";
        case child:
            return "connections.NAME.children.NAME";
        case secret:
            return "secrets.ikeNAME";
    }
    return {};
}

const KeyRule* find(In in, std::string_view name) {
    const auto* const found =
        std::ranges::find_if(table, [&](const KeyRule& rule) { return rule.in == in && rule.name == name; });
    return found != std::end(table) ? found : nullptr;
}

/// What a slip of the pen most likely meant, as a remedy; else where the key belongs.
std::string meant(In in, std::string_view name) {
    std::vector<std::string_view> known;
    for (const auto& rule : table) {
        if (rule.in == in) {
            known.push_back(rule.name);
        }
    }
    if (const auto near = nearest(name, known)) {
        return fmt::format("did you mean '{}'?", *near);
    }
    for (const auto& rule : table) {
        if (rule.name == name) {
            return fmt::format("it belongs in {}", name_of(rule.in));
        }
    }
    return {};
}

bool asks_for_nothing(const KeyRule& rule, std::string_view text) {
    return text == rule.quiet_value || (rule.quiet_value == "no" && parse_boolean(text) == false) ||
           (rule.quiet_value == "0" && parse_duration(text) == Duration{});
}

}  // namespace

std::span<const KeyRule> key_table() {
    return table;
}

std::string key_table_text() {
    std::string text;
    std::optional<In> part;
    std::string silent;
    const auto close = [&] {
        if (!silent.empty()) {
            text += fmt::format("\nRead without a remark, and without effect: {}.\n", silent);
            silent.clear();
        }
    };
    for (const auto& rule : table) {
        if (part != rule.in) {
            close();
            part = rule.in;
            text +=
                fmt::format("\n### `{}`\n\n| Key | What becomes of it |\n| --- | --- |\n", name_of(rule.in));
        }
        if (rule.standing == quiet) {
            silent += fmt::format("{}`{}`", silent.empty() ? "" : ", ", rule.name);
        } else {
            text += fmt::format("| `{}` | {}{} |\n", rule.name,
                                rule.standing == unsupported ? "**not supported**: " : "", rule.meaning);
        }
    }
    close();
    return text;
}

bool check_keys(const View& section, In in, const std::string& title, Report& report) {
    bool all_known = true;
    for (const auto* const setting : section.settings()) {
        if (in == secret && setting->name.starts_with("id")) {
            continue;
        }
        auto option = field<"option">(printable_name(setting->name));
        auto named = field<"section">(title);
        const auto* const rule = find(in, setting->name);
        if (rule == nullptr) {
            all_known = false;
            auto remedy = field<"remedy">(meant(in, setting->name));
            report.dropped(
                in == secret
                    ? finding<FindingId::secret_option_unknown>(setting->name_place, std::move(option),
                                                                std::move(named), std::move(remedy))
                    : finding<FindingId::swanctl_option_unknown>(setting->name_place, std::move(option),
                                                                 std::move(named), std::move(remedy)));
        } else if (rule->standing == unsupported && !asks_for_nothing(*rule, setting->value.text)) {
            if (setting->name == "sha256_96") {
                report.dropped(
                    finding<FindingId::swanctl_sha256_truncated>(setting->place, std::move(named)));
                continue;
            }
            report.dropped(
                finding<FindingId::option_not_supported>(setting->place, std::move(option), std::move(named),
                                                         field<"consequence">(std::string(rule->meaning))));
        }
    }
    return all_known;
}

}  // namespace causeway::config::swanctl
