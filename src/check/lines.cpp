#include "check/lines.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/event.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/vpncfg/strategies.hpp"

namespace causeway::check {
namespace {

using config::Schema;

bool is_uci(Schema schema) {
    return schema != Schema::vpncfg && schema != Schema::swanctl && schema != Schema::ipsec_conf;
}

/// G0 and G1 write options where the later generations write lists.
std::string_view network_word(Schema schema) {
    return schema == Schema::uci_g0 || schema == Schema::uci_g1 ? "option" : "list";
}

/// Letters that every kind of file takes as they stand.
bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7f && std::string_view("#\"'\\").find(c) == std::string_view::npos;
    });
}

/// An identity as strongSwan's files and UCI have it: a name with nothing before it would be looked up, and a key id is
/// its letters or, behind '#', its octets.
std::string id_text(const config::Identity& id) {
    if (id.type == isakmp::IdType::key_id) {
        const auto letters = as_text(id.data);
        return is_word(letters) ? fmt::format("keyid:{}", letters) : "keyid:#" + to_hex(id.data);
    }
    return id.type == isakmp::IdType::fqdn ? "@" + id.text() : id.text();
}

/// In strongSwan's files a '#' without quotes begins a comment.
std::string conf_id(const config::Identity& id) {
    const auto text = id_text(id);
    return text.find('#') == std::string::npos ? text : fmt::format("\"{}\"", text);
}

std::string box_id(std::string_view key, const config::Identity& id) {
    const auto kind = id.type == isakmp::IdType::ipv4_addr   ? "ipaddr"
                      : id.type == isakmp::IdType::user_fqdn ? "user_fqdn"
                      : id.type == isakmp::IdType::key_id    ? "key_id"
                                                             : "fqdn";
    const auto text = id.type == isakmp::IdType::key_id ? printable(as_text(id.data)) : id.text();
    return id.type == isakmp::IdType::ipv4_addr ? fmt::format("{} {{ {} = {}; }}", key, kind, text)
                                                : fmt::format("{} {{ {} = \"{}\"; }}", key, kind, text);
}

std::string box_network(std::string_view key, const TrafficSelector& network) {
    return fmt::format("{} {{ ipnet {{ ipaddr = {}; mask = {}; }} }}", key,
                       IpAddress::v4(network.net.network).text(), IpAddress::v4(network.net.mask()).text());
}

std::string option(std::string_view name, std::string_view value) {
    return fmt::format("option {} '{}'", name, value);
}

std::string joined(const std::vector<std::string>& lines) {
    return fmt::format("{}", fmt::join(lines, ", "));
}

std::string_view group_name(const std::optional<crypto::GroupId>& group) {
    return group ? crypto::info(*group).name : std::string_view();
}

template <class Strategies, class Proposal>
std::string box_line(std::string_view key, const Strategies& strategies, const Proposal& to) {
    for (const bool offered : {true, false}) {  // one that offers it before one that takes it
        for (const auto& strategy : strategies) {
            const auto all = config::vpncfg::proposals(strategy, false, Place{});
            if (std::ranges::any_of(all, [&](const auto& one) {
                    return one.text() == to.text() && one.offered == offered;
                })) {
                return fmt::format("{} = \"{}\";", key, strategy.name);
            }
        }
    }
    return {};
}

std::string connected(std::string_view word, const std::string& here, const std::string& there) {
    if (here.empty() || there.empty()) {
        return here.empty() ? (there.empty() ? "" : "there: " + there) : "here: " + here;
    }
    return fmt::format("here: {}; {} there: {}", here, word, there);
}

}  // namespace

std::string mode_line(Schema schema, config::ExchangeMode mode) {
    const bool aggressive = mode == config::ExchangeMode::aggressive;
    switch (schema) {
        case Schema::vpncfg:
            return fmt::format("mode = {};", aggressive ? "phase1_mode_aggressive" : "phase1_mode_idp");
        case Schema::swanctl:
            return fmt::format("aggressive = {}", aggressive ? "yes" : "no");
        case Schema::ipsec_conf:
            return fmt::format("aggressive={}", aggressive ? "yes" : "no");
        case Schema::uci_g0:
        case Schema::uci_g1:
            return option("exchange_mode", aggressive ? "aggressive" : "main");
        default:
            return option("aggressive", aggressive ? "1" : "0");
    }
}

std::string own_id_line(Schema schema, const config::Identity& id) {
    switch (schema) {
        case Schema::vpncfg:
            return box_id("localid", id);
        case Schema::swanctl:
            return fmt::format("local {{ id = {} }}", conf_id(id));
        case Schema::ipsec_conf:
            return fmt::format("leftid={}", conf_id(id));
        default:
            return option("local_identifier", id_text(id));
    }
}

std::string peer_id_line(Schema schema, const config::Identity& id) {
    switch (schema) {
        case Schema::vpncfg:
            return box_id("remoteid", id);
        case Schema::swanctl:
            return fmt::format("remote {{ id = {} }}", conf_id(id));
        case Schema::ipsec_conf:
            return fmt::format("rightid={}", conf_id(id));
        default:
            return option("remote_identifier", id_text(id));
    }
}

std::string own_network_line(Schema schema, const TrafficSelector& network) {
    switch (schema) {
        case Schema::vpncfg:
            return box_network("phase2localid", network);
        case Schema::swanctl:
            return fmt::format("local_ts = {}", network.net.text());
        case Schema::ipsec_conf:
            return fmt::format("leftsubnet={}", network.net.text());
        default:
            return fmt::format("{} local_subnet '{}'", network_word(schema), network.net.text());
    }
}

std::string peer_network_line(Schema schema, const TrafficSelector& network) {
    switch (schema) {
        case Schema::vpncfg:
            return box_network("phase2remoteid", network);
        case Schema::swanctl:
            return fmt::format("remote_ts = {}", network.net.text());
        case Schema::ipsec_conf:
            return fmt::format("rightsubnet={}", network.net.text());
        default:
            return fmt::format("{} remote_subnet '{}'", network_word(schema), network.net.text());
    }
}

std::string suite_line(Schema schema, const config::Phase1Proposal& from, const config::Phase1Proposal& to) {
    if (schema == Schema::swanctl) {
        return fmt::format("proposals = {}", to.text());
    }
    if (schema == Schema::ipsec_conf) {
        return fmt::format("ike={}!", to.text());
    }
    if (!is_uci(schema)) {
        return box_line("phase1ss", config::vpncfg::phase1_strategies(), to);
    }
    std::vector<std::string> lines;
    if (from.cipher != to.cipher) {
        lines.push_back(option("encryption_algorithm", crypto::info(to.cipher).name));
    }
    if (from.hash != to.hash) {
        lines.push_back(option("hash_algorithm", crypto::info(to.hash).name));
    }
    if (from.group != to.group) {
        lines.push_back(option("dh_group", crypto::info(to.group).name));
    }
    return joined(lines);
}

std::string suite_line(Schema schema, const config::Phase2Proposal& from, const config::Phase2Proposal& to) {
    if (schema == Schema::swanctl) {
        return fmt::format("esp_proposals = {}", to.text());
    }
    if (schema == Schema::ipsec_conf) {
        return fmt::format("esp={}!", to.text());
    }
    if (!is_uci(schema)) {
        return box_line("phase2ss", config::vpncfg::phase2_strategies(), to);
    }
    const bool oldest = schema == Schema::uci_g0;
    std::vector<std::string> lines;
    if (from.cipher != to.cipher) {
        lines.push_back(option("encryption_algorithm", crypto::info(to.cipher).name));
    }
    if (from.integrity != to.integrity && to.integrity != crypto::IntegrityId::none) {
        lines.push_back(
            option(oldest ? "authentication_algorithm" : "hash_algorithm", crypto::info(to.integrity).name));
    }
    if (from.pfs != to.pfs) {
        const std::string_view name = oldest ? "pfs_group" : "dh_group";
        lines.push_back(to.pfs ? option(name, group_name(to.pfs)) : fmt::format("remove option {}", name));
    }
    return joined(lines);
}

std::string start_line(Schema schema) {
    switch (schema) {
        case Schema::vpncfg:
            return "always_renew = yes;";
        case Schema::swanctl:
            return "start_action = start";
        case Schema::ipsec_conf:
            return "auto=start";
        case Schema::uci_g4:
            return option("start_action", "start");
        case Schema::uci_g0:
        case Schema::uci_g1:
            return option("mode", "start");
        default:
            return option("startaction", "start");
    }
}

std::string either(const std::string& here, const std::string& there) {
    return connected("or", here, there);
}

std::string both(const std::string& here, const std::string& there) {
    return connected("and", here, there);
}

}  // namespace causeway::check
