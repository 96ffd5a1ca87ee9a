#include "pair/write_vpncfg.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/findings.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/vpncfg/document.hpp"
#include "config/vpncfg/write.hpp"
#include "pair/strategy_choice.hpp"
#include "pair/words.hpp"

namespace causeway::pair {
namespace {

namespace vpncfg = config::vpncfg;
using config::LossAction;
using config::Peer;
using config::StartAction;
using config::Tunnel;
using vpncfg::Block;
using vpncfg::Entry;
using vpncfg::Scalar;

/// What the web pages of a box accept as a key (vpn_edit.lua of FRITZ!OS 6).
constexpr std::size_t longest_key = 128;
/// The lifetime of both phases that is seen on the wire; a file has no key for it.
constexpr std::uint32_t lifetime_of_box = 3600;

Entry word(std::string_view name, std::string_view text) {
    return {std::string(name), {{Scalar::Kind::word, std::string(text), {}}}, {}, {}};
}
Entry yes_or_no(std::string_view name, bool yes) {
    return word(name, yes ? "yes" : "no");
}
Entry text(std::string_view name, std::string_view text) {
    return {std::string(name), {{Scalar::Kind::string, std::string(text), {}}}, {}, {}};
}
Entry block(std::string_view name, std::vector<Entry> entries) {
    Entry entry{std::string(name), {}, {}, {}};
    entry.blocks.push_back(Block{std::move(entries), {}});
    return entry;
}
Entry network(std::string_view name, const Ipv4Net& net) {
    return block(name, {block("ipnet", {word("ipaddr", IpAddress::v4(net.network).text()),
                                        word("mask", IpAddress::v4(net.mask()).text())})});
}

bool is_printable(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; }) &&
           !text.starts_with("$$$$");  // how an encrypted value begins
}

/// Nothing: a block of localid or remoteid has no word for it.
std::optional<Entry> identity_entry(std::string_view name, const config::Identity& identity) {
    if (identity.pattern) {
        return std::nullopt;
    }
    const auto data = as_text(identity.data);
    switch (identity.type) {
        case isakmp::IdType::fqdn:
        case isakmp::IdType::user_fqdn:
        case isakmp::IdType::key_id:
            if (is_printable(data)) {
                return block(name, {pair::text(identity.type == isakmp::IdType::fqdn        ? "fqdn"
                                               : identity.type == isakmp::IdType::user_fqdn ? "user_fqdn"
                                                                                            : "key_id",
                                               data)});
            }
            return std::nullopt;
        case isakmp::IdType::ipv4_addr: {
            const auto address = IpAddress::from_octets(identity.data);
            if (address && address->is_v4() && !address->is_unspecified()) {
                return block(name, {word("ipaddr", address->text())});
            }
            return std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

class Writer {
 public:
    Writer(const config::Model& model, Losses& losses) : model_(model), losses_(losses) {}

    std::optional<std::string> run() {
        Entry connections{"connections", {}, {}, {}};
        for (const auto& peer : model_.peers) {
            if (auto connection = this->connection(peer)) {
                connections.blocks.push_back(std::move(*connection));
            }
        }
        if (connections.blocks.empty()) {
            return std::nullopt;
        }
        losses_.daemon(model_);
        Entry forward{"ike_forward_rules", {}, {}, {}};
        for (const auto* const rule : {"udp 0.0.0.0:500 0.0.0.0:500", "udp 0.0.0.0:4500 0.0.0.0:4500"}) {
            forward.values.push_back({Scalar::Kind::string, rule, {}});
        }
        Block document;
        document.entries.push_back(block("vpncfg", {std::move(connections), std::move(forward)}));
        return fmt::format(
            "/*\n"
            " * VPN for a FRITZ!Box, to be imported there. It holds the key in clear: delete it afterwards.\n"
            " * localid and phase2localid are the box's own name and network, remoteid and phase2remoteid "
            "the\n"
            " * other end's; accesslist is what the box sends into the tunnel.\n"
            " */\n\n{}",
            vpncfg::write(document));
    }

 private:
    /// Nothing: it cannot be expressed.
    std::optional<Block> connection(const Peer& peer) {
        const auto ids = identities(peer);
        const bool key = has_usable_key(peer);
        const auto tunnels = without_ports(peer, losses_);
        const auto first = choose_strategy(peer.proposals);
        const auto second = tunnels.empty() ? std::nullopt : choose_strategy(tunnels.front().proposals);
        if (!first) {
            no_strategy(peer, peer.proposals_place, "Phase 1", peer.proposals);
        }
        if (!tunnels.empty() && !second) {
            no_strategy(peer, tunnels.front().proposals_place, "Phase 2", tunnels.front().proposals);
        }
        if (!ids || !key || tunnels.empty() || !first || !second) {
            return std::nullopt;
        }
        const auto& tunnel = tunnels.front();
        tell_of_suites(peer, peer.proposals_place, "Phase 1", "phase1_suites", *first);
        tell_of_suites(peer, tunnel.proposals_place, "Phase 2", "phase2_suites", *second);
        tell_of_the_rest(peer, tunnels);

        // In the order of the files that boxes and AVM's program write.
        Block connection;
        auto& entries = connection.entries;
        entries = {yes_or_no("enabled", true),
                   word("conn_type", "conntype_lan"),
                   pair::text("name", peer.name),
                   yes_or_no("always_renew", tunnel.start == StartAction::start),
                   yes_or_no("reject_not_encrypted", false),
                   yes_or_no("dont_filter_netbios", true),
                   word("localip", peer.local_address ? peer.local_address->value.text() : "0.0.0.0"),
                   word("local_virtualip", "0.0.0.0")};
        addresses(entries, peer);
        std::ranges::copy(*ids, std::back_inserter(entries));
        const bool aggressive = peer.mode == config::ExchangeMode::aggressive;
        const std::string destination = IpAddress::v4(tunnel.remote.net.network).text();
        const std::string mask = IpAddress::v4(tunnel.remote.net.mask()).text();
        for (auto& entry :
             std::vector{word("mode", aggressive ? "phase1_mode_aggressive" : "phase1_mode_idp"),
                         pair::text("phase1ss", first->name), word("keytype", "connkeytype_pre_shared"),
                         pair::text("key", as_text(peer.pre_shared_key.view())),
                         yes_or_no("cert_do_server_auth", false), yes_or_no("use_nat_t", peer.nat_traversal),
                         yes_or_no("use_xauth", false), yes_or_no("use_cfgmode", false),
                         network("phase2localid", tunnel.local.net),
                         network("phase2remoteid", tunnel.remote.net), pair::text("phase2ss", second->name),
                         pair::text("accesslist", fmt::format("permit ip any {} {}", destination, mask))}) {
            entries.push_back(std::move(entry));
        }
        return connection;
    }

    void addresses(std::vector<Entry>& entries, const Peer& peer) {
        const auto wanted = std::ranges::find_if(peer.addresses, [](const auto& one) {
            return !std::holds_alternative<config::AnyAddress>(one.value);
        });
        const auto* const fixed =
            wanted != peer.addresses.end() ? std::get_if<IpAddress>(&wanted->value) : nullptr;
        const auto* const host =
            wanted != peer.addresses.end() ? std::get_if<config::HostName>(&wanted->value) : nullptr;
        entries.push_back(word("remoteip", fixed != nullptr ? fixed->text() : "0.0.0.0"));
        entries.push_back(word("remote_virtualip", "0.0.0.0"));
        if (host != nullptr) {
            entries.push_back(pair::text("remotehostname", host->name));
        }
        if (const auto all = addresses_of(peer); all.size() > 1) {
            losses_.setting(peer, peer.addresses[1].place, "addresses",
                            fmt::format("all but the first of {} addresses", all.size()),
                            "only the first is dialled");
        }
    }

    /// The blocks that there are; nothing: the peer cannot be expressed.
    std::optional<std::vector<Entry>> identities(const Peer& peer) {
        std::vector<Entry> entries;
        bool usable = true;
        const auto add = [&](std::string_view name, const Sourced<config::Identity>& identity) {
            if (auto entry = identity_entry(name, identity.value)) {
                entries.push_back(std::move(*entry));
                return;
            }
            usable = false;
            losses_.say(finding<FindingId::peer_with_odd_identity>(
                identity.place, field<"peer">(title_of(peer)), losses_.field_form(),
                field<"identity">(identity.value.text_with_type())));
        };
        if (peer.local_id) {
            add("localid", *peer.local_id);
        }
        if (peer.remote_id) {
            add("remoteid", *peer.remote_id);
        } else if (!peer.remote_id_any) {
            const auto* const only =
                peer.addresses.size() == 1 ? std::get_if<IpAddress>(&peer.addresses.front().value) : nullptr;
            if (only != nullptr) {
                add("remoteid", {config::Identity::of_address(*only), peer.addresses.front().place});
            } else {
                usable = false;
                losses_.say(finding<FindingId::peer_without_identity>(
                    peer.place, field<"peer">(title_of(peer)), losses_.field_form()));
            }
        }
        return usable ? std::optional(std::move(entries)) : std::nullopt;
    }

    bool has_usable_key(const Peer& peer) {
        const auto key = as_text(peer.pre_shared_key.view());
        const char* culprit = key.empty()                ? "there is none"
                              : key.size() > longest_key ? "more than 128 characters"
                              : key.starts_with("$$$$")  ? "the $$$$ in front, which marks an encrypted one"
                              : !is_printable(key)       ? "an octet that is no printable ASCII character"
                                                         : nullptr;
        if (culprit != nullptr) {
            losses_.say(finding<FindingId::peer_with_odd_key>(
                peer.pre_shared_key_place, field<"peer">(title_of(peer)), losses_.field_form(),
                field<"length">(std::to_string(key.size())), field<"culprit">(culprit)));
        }
        return culprit == nullptr;
    }

    template <class Proposals>
    void no_strategy(const Peer& peer, const Place& place, const char* phase, const Proposals& proposals) {
        losses_.say(finding<FindingId::peer_without_suite>(
            place, field<"peer">(title_of(peer)), field<"phase">(phase),
            field<"suites">(suites_text(offered_of(proposals)))));
    }

    template <class Choice>
    void tell_of_suites(const Peer& peer, const Place& place, const char* phase, const char* setting,
                        const Choice& choice) {
        if (!choice.missing.empty()) {
            losses_.say(finding<FindingId::suites_lost>(
                place, field<"peer">(title_of(peer)), field<"setting">(setting), field<"phase">(phase),
                field<"suites">(suites_text(choice.missing)), field<"strategy">(std::string(choice.name))));
        }
        if (!choice.only_accepted.empty()) {
            losses_.minor(peer, place, setting,
                          fmt::format("the offer of {} in {}", suites_text(choice.only_accepted), phase),
                          fmt::format("with the list '{}' a FRITZ!Box only accepts it", choice.name));
        }
        if (choice.more != 0) {
            losses_.say(finding<FindingId::suites_added>(
                place, field<"peer">(title_of(peer)), field<"setting">(setting), field<"phase">(phase),
                field<"count">(std::to_string(choice.more)), field<"strategy">(std::string(choice.name))));
        }
    }

    void tell_of_the_rest(const Peer& peer, const std::vector<Tunnel>& tunnels) {
        for (std::size_t i = 1; i < tunnels.size(); ++i) {
            losses_.say(finding<FindingId::tunnel_beside_first>(
                std::vector{tunnels[i].place, tunnels[0].place}, field<"peer">(title_of(peer)),
                field<"setting">("tunnels"), field<"local">(tunnels[i].local.text()),
                field<"remote">(tunnels[i].remote.text())));
        }
        const auto& tunnel = tunnels.front();
        const auto lifetime = [&](const Place& place, const char* setting, const char* phase,
                                  const config::Lifetime& wanted) {
            if (wanted.seconds != lifetime_of_box || wanted.kilobytes != 0) {
                losses_.minor(peer, place, setting,
                              fmt::format("the lifetime of {} ({}{})", phase, time_text(wanted.seconds),
                                          wanted.kilobytes != 0 ? " or a volume" : ""),
                              "a FRITZ!Box uses 1h");
            }
        };
        lifetime(peer.lifetime_place, "phase1_lifetime", "Phase 1", peer.lifetime);
        lifetime(tunnel.place, "lifetime", "Phase 2", tunnel.lifetime);
        actions(peer, tunnel);
        const config::Liveness usual;
        const auto& live = peer.liveness;
        if (live.enabled != usual.enabled || live.idle != usual.idle || live.misses != usual.misses) {
            losses_.minor(peer, peer.place, "liveness", "the probing of a silent peer",
                          "that is left to the box");
        }
        if (!peer.rekey) {
            losses_.minor(peer, peer.place, "rekey", "the expiry without renewal", "that is left to the box");
        }
        if (peer.keying_tries != 0) {
            losses_.minor(peer, peer.place, "keying_tries", "the number of attempts",
                          "that is left to the box");
        }
        if (peer.force_encapsulation) {
            losses_.setting(peer, peer.place, "force_encapsulation", "ESP in UDP without NAT",
                            "it is used where there is NAT, unless the other end forces it");
        }
        losses_.additions(peer);
    }

    /// always_renew is all that there is.
    void actions(const Peer& peer, const Tunnel& tunnel) {
        const bool anywhere = addresses_of(peer).empty();
        if (tunnel.start == StartAction::none && !anywhere) {
            losses_.minor(peer, tunnel.place, "start", "the waiting for the other end",
                          "the first packet dials as well");
        }
        const auto implied = anywhere                             ? LossAction::clear
                             : tunnel.start == StartAction::start ? LossAction::restart
                                                                  : LossAction::traffic;
        if (tunnel.on_close != implied || tunnel.on_silence != implied) {
            losses_.minor(peer, tunnel.place, "loss", "the reaction to a lost tunnel",
                          "it comes back the way it came up");
        }
        if (anywhere && tunnel.start != StartAction::none) {
            losses_.minor(peer, tunnel.place, "start", "the dialling of a peer without an address",
                          "the other end has to dial");
        }
    }

    const config::Model& model_;
    Losses& losses_;
};

}  // namespace

std::optional<std::string> write_vpncfg(const config::Model& model, Losses& losses) {
    return Writer(model, losses).run();
}

}  // namespace causeway::pair
