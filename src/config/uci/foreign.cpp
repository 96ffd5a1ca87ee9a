#include "config/uci/foreign.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace causeway::config::uci {
namespace {

/// What gives a file away: sections of a type, with one of the options where
/// options are named.
struct Trait {
    std::string_view type;
    std::array<std::string_view, 5> options;  ///< empty names at the end; none: the type alone
    std::string_view whose;
    std::string_view remedy;
};

constexpr std::string_view libreswan_remedy =
    "make 'right' the 'gateway' of a 'config remote', 'psk' its 'pre_shared_key', 'leftid' and 'rightid' its "
    "'local_identifier' and 'remote_identifier', and keep 'leftsubnets' and 'rightsubnets' as 'local_subnet' "
    "and 'remote_subnet' of the tunnel";

// Sources: the programs' published init scripts, LuCI pages and default files.
constexpr Trait without_remote[] = {
    {"service",
     {"clientip", "clientdns", "account", "", ""},
     "the schema of luci-app-ipsec-vpnd and its like ('config service'), a server for dial-in users with "
     "XAuth",
     "causeway joins networks and knows no dial-in users; describe a tunnel with 'config remote' and 'config "
     "tunnel'"},
    {"service",
     {},
     "an L2TP server's schema ('config service')",
     "causeway joins networks; describe the tunnel with 'config remote' and 'config tunnel'"},
    {"libreswan", {}, "libreswan's schema", libreswan_remedy},
    {"tunnel",
     {"leftsubnets", "rightsubnets", "leftid", "rightid", "psk"},
     "libreswan's schema",
     libreswan_remedy},
    {"conn",
     {},
     "a schema with 'config conn' sections, close to ipsec.conf",
     "rewrite each conn as 'config remote' with a 'config tunnel'"},
    {"connection",
     {"ike_stage1", "ike_stage2", "remote_peer", "local_binding", ""},
     "TP-Link's schema ('config connection' with 'remote_peer')",
     "rewrite each connection as 'config remote' with a 'config tunnel'"},
    {"connection",
     {},
     "a schema with 'config connection' sections and no remote",
     "rewrite each connection as 'config remote' with a 'config tunnel'"},
};

constexpr Trait with_remote[] = {
    {"remote",
     {"acceptable_kmp", "kmp_enc_alg", "kmp_hash_alg", "remote_ip", "conn_ifname"},
     "the schema of Lantiq's firmware ('config remote' with 'acceptable_kmp')",
     "make 'remote_ip' the 'gateway', 'src' and 'dst' the 'local_subnet' and 'remote_subnet' of a 'config "
     "tunnel', and the algorithms 'config crypto_proposal' sections"},
};

constexpr Trait relatives[] = {
    {"tunnel",
     {"esp_ah_mode", "pingcount", "backup_tunnel", "passthrough_lan", "allow_lan"},
     "AnexGATE's",
     "its own options, as 'track_ip' and 'passthrough_lan', have no effect here; 'config p1_proposal' and "
     "'config p2_proposal' may become 'config crypto_proposal'"},
    {"remote",
     {"local_public_cert", "local_private_cert", "shared_ca", "", ""},
     "SDEWAN's",
     "'config proposal' may become 'config crypto_proposal'; certificates are not supported"},
    {"connection",
     {},
     "of the first LuCI app for strongSwan, as Teltonika's RUTOS has it,",
     "'config connection' may become 'config tunnel', and 'config proposal' 'config crypto_proposal'"},
    {"proposal", {}, "SDEWAN's or RUTOS's", "'config proposal' may become 'config crypto_proposal'"},
};

bool fits(const Trait& trait, const Section& section) {
    if (section.type != trait.type) {
        return false;
    }
    return trait.options.front().empty() || std::ranges::any_of(trait.options, [&](std::string_view option) {
               return !option.empty() && section.find(option) != nullptr;
           });
}

template <class Traits>
std::optional<Foreign> find(const Document& document, const Traits& traits) {
    for (const auto& trait : traits) {
        const auto found = std::ranges::find_if(document.sections,
                                                [&](const Section& section) { return fits(trait, section); });
        if (found != document.sections.end()) {
            return Foreign{trait.whose, trait.remedy, found->at};
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Foreign> foreign_file(const Document& document) {
    const bool remote =
        std::ranges::find(document.sections, "remote", &Section::type) != document.sections.end();
    return remote ? find(document, with_remote) : find(document, without_remote);
}

std::optional<Foreign> relative_file(const Document& document) {
    return find(document, relatives);
}

}  // namespace causeway::config::uci
