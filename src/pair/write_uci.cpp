#include "pair/write_uci.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/findings.hpp"
#include "crypto/algorithm.hpp"
#include "pair/words.hpp"

namespace causeway::pair {
namespace {

using config::LossAction;
using config::Peer;
using config::StartAction;
using config::Tunnel;

/// What the options are called. Where a schema has no word of its own, causeway's is the one of the next.
struct Words {
    Form form;
    std::string_view tunnel;  ///< the type of the section, and the option that names it
    std::string_view address;
    std::string_view local_address;
    std::string_view start;
    std::string_view on_close;
    std::string_view on_silence;
    std::string_view idle;
    std::string_view lifetime;
    std::string_view octets;
    std::string_view renewal;
    std::string_view renewal_octets;
    std::string_view overtime;
};

constexpr Words words[] = {
    {Form::uci_g0, "tunnel", "gateway", "local_gateway", "mode", "closeaction", "dpdaction", "dpddelay",
     "lifetime", "lifebytes", "", "", ""},
    {Form::uci_g1, "tunnel", "gateway", "local_leftip", "mode", "closeaction", "dpdaction", "dpddelay",
     "lifetime", "lifebytes", "", "", ""},
    {Form::uci_g2, "tunnel", "gateway", "local_ip", "startaction", "closeaction", "dpdaction", "dpddelay",
     "lifetime", "lifebytes", "rekeytime", "rekeybytes", "overtime"},
    {Form::uci_g3, "tunnel", "remote_addrs", "local_addrs", "startaction", "closeaction", "dpdaction",
     "dpddelay", "lifetime", "lifebytes", "rekeytime", "rekeybytes", "overtime"},
    {Form::uci_g4, "child", "remote_addrs", "local_addrs", "start_action", "close_action", "dpd_action",
     "dpd_delay", "life_time", "life_bytes", "rekey_time", "rekey_bytes", "over_time"},
};

class Section {
 public:
    Section(std::string_view type, std::string_view name) {
        text_ = name.empty() ? fmt::format("config {}\n", type) : fmt::format("config {} '{}'\n", type, name);
    }
    void option(std::string_view name, std::string_view value) {
        text_ += fmt::format("\toption {} {}\n", name, uci_quoted(value));
        empty_ = false;
    }
    void list(std::string_view name, const std::vector<std::string>& values) {
        for (const auto& value : values) {
            text_ += fmt::format("\tlist {} {}\n", name, uci_quoted(value));
            empty_ = false;
        }
    }
    /// As a list, or as one option with blanks between the words.
    void several(std::string_view name, const std::vector<std::string>& values, bool as_list) {
        as_list ? list(name, values) : option(name, joined(values, " "));
    }
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool empty() const { return empty_; }

 private:
    std::string text_;
    bool empty_ = true;
};

class Writer {
 public:
    Writer(const config::Model& model, Losses& losses)
        : model_(model), losses_(losses), words_(words[static_cast<std::size_t>(losses.form())]) {}

    std::optional<std::string> run() {
        out_ = fmt::format("# {}: IPsec tunnels. It holds keys: keep it readable for root only.\n",
                           file_of(words_.form));
        names_.reserve("globals");
        names_.reserve("syslog");
        globals();
        bool any = false;
        for (const auto& peer : model_.peers) {
            any = this->peer(peer) || any;
        }
        if (!any) {
            return std::nullopt;
        }
        out_ += "\n# The algorithms that are named above.\n";
        for (const auto& section : proposals_) {
            out_ += section.text();
            out_ += &section == &proposals_.back() ? "" : "\n";
        }
        return std::move(out_);
    }

 private:
    [[nodiscard]] bool is(Form form) const { return words_.form == form; }
    /// strongSwan reads it as swanctl.conf.
    [[nodiscard]] bool is_swanctl() const { return !is(Form::uci_g0) && !is(Form::uci_g1); }
    [[nodiscard]] bool has_globals() const { return is(Form::uci_g3) || is(Form::uci_g4); }

    void add(std::string_view comment, const Section& section) {
        out_ += fmt::format("\n{}{}{}{}", comment.empty() ? "" : "# ", comment, comment.empty() ? "" : "\n",
                            section.text());
    }

    void globals() {
        const auto& from = model_.options;
        const config::Options usual;
        Section section(is(Form::uci_g4) ? "globals" : "ipsec", has_globals() ? "globals" : "");
        if (from.debug != 0 && !is(Form::uci_g4)) {
            section.option("debug", std::to_string(from.debug));
        }
        section.list("listen", values_of(from.listen_devices));
        section.list("interface", values_of(from.listen_interfaces));
        if (!from.zone.empty()) {
            section.option("zone", from.zone);
        }
        if (from.firewall != usual.firewall) {
            section.option("firewall", config::name_of(from.firewall));
        }
        if (!from.copy_dscp) {
            section.option("copy_dscp", "0");
        }
        if (!from.probe_path) {
            section.option("probe_path", "0");
        }
        if (from.data_plane != usual.data_plane) {
            section.option("dataplane", name_of(from.data_plane));
        }
        const auto offload = [&](const char* name, OffloadWish wish) {
            if (wish != OffloadWish::automatic) {
                section.option(name, name_of(wish));
            }
        };
        offload("offload_tun", from.offloads.tun);
        offload("offload_udp_send", from.offloads.udp_send);
        offload("offload_udp_receive", from.offloads.udp_receive);
        if (from.replay_window != usual.replay_window) {
            section.option("replay_window", std::to_string(from.replay_window));
        }
        if (from.tun_mtu != usual.tun_mtu) {
            section.option("tun_mtu", std::to_string(from.tun_mtu));
        }
        if (from.lookup_floor != usual.lookup_floor) {
            section.option("lookup_floor", time_text(from.lookup_floor));
        }
        if (from.lookup_ceiling != usual.lookup_ceiling) {
            section.option("lookup_ceiling", time_text(from.lookup_ceiling));
        }
        if (from.metrics_file) {
            section.option("metrics_file", from.metrics_file->value);
        }
        if (from.control_group) {
            section.option("control_group", from.control_group->value);
        }
        // A section of this name is what tells G3 from G2.
        if (!section.empty() || is(Form::uci_g3)) {
            add("What holds for all tunnels.", section);
        }
        if (from.debug != 0 && is(Form::uci_g4)) {
            Section log("syslog", "syslog");
            for (const auto* const group : {"dmn", "cfg", "knl", "net", "ike", "chd"}) {
                log.option(group, std::to_string(from.debug));
            }
            add("", log);
        }
    }

    static std::vector<std::string> values_of(const std::vector<Sourced<std::string>>& all) {
        std::vector<std::string> values;
        for (const auto& one : all) {
            values.push_back(one.value);
        }
        return values;
    }

    bool peer(const Peer& peer) {
        const auto theirs = remote_identity_text(peer);
        if (!theirs) {
            losses_.say(finding<FindingId::peer_without_identity>(peer.place, field<"peer">(title_of(peer)),
                                                                  losses_.field_form()));
        }
        const auto key = key_text(peer);
        const auto tunnels = without_ports(peer, losses_);
        if (!theirs || !key || tunnels.empty()) {
            return false;
        }
        Section section("remote", names_.give(peer.name, peer.place));
        section.option("enabled", "1");
        addresses(section, peer);
        if (is_swanctl()) {
            section.option("keyexchange", "ikev1");
        }
        mode(section, peer);
        if (peer.local_id) {
            section.option("local_identifier", identity_text(peer.local_id->value));
        }
        section.option("remote_identifier", *theirs);
        section.option("authentication_method", "psk");
        section.option("pre_shared_key", *key);
        switches(section, peer);
        section.several(is(Form::uci_g0) ? "p1_proposal" : "crypto_proposal",
                        named(offered_of(peer.proposals), "p1"), !is(Form::uci_g1));
        std::vector<std::string> called;
        std::vector<Section> children;
        for (const auto& group : groups(tunnels)) {
            called.push_back(names_.give(group.front().name, group.front().place));
            children.push_back(child(peer, group, called.back()));
        }
        section.list(words_.tunnel, called);
        add("A peer: where it is, who both ends are, and the key that they share.", section);
        for (const auto& one : children) {
            add("A tunnel to it: the networks on this side and on the other.", one);
        }
        losses_.only_accepted(peer);
        return true;
    }

    /// Nothing: the reader of this schema would make another key of it (config/key_text.hpp).
    std::optional<std::string> key_text(const Peer& peer) {
        const auto text = as_text(peer.pre_shared_key.view());
        if (!is_swanctl()) {
            // In ipsec.secrets it is text between quotes.
            const std::string_view no_part("\"\n\0", 3);
            if (!text.empty() && text.find_first_of(no_part) == std::string_view::npos) {
                return std::string(text);
            }
            losses_.say(finding<FindingId::peer_with_odd_key>(
                peer.pre_shared_key_place, field<"peer">(title_of(peer)), losses_.field_form(),
                field<"length">(std::to_string(text.size())),
                field<"culprit">("a quote, a line end or a NUL")));
            return std::nullopt;
        }
        // The script writes it without quotes; neither it nor strongSwan changes these.
        const bool plain = is_plain(text) && text.find_first_of(" #\"'{}=\\$") == std::string_view::npos;
        return plain ? std::string(text) : hexadecimal(peer.pre_shared_key);
    }

    void addresses(Section& section, const Peer& peer) {
        const auto all = addresses_of(peer);
        if (has_globals()) {
            section.list(words_.address, all.empty() ? std::vector<std::string>{"%any"} : all);
        } else {
            section.option(words_.address, all.empty() ? "any" : all.front());
            if (all.size() > 1) {
                losses_.setting(peer, peer.addresses[1].place, "addresses",
                                fmt::format("all but the first of {} addresses", all.size()),
                                "only the first is dialled");
            }
        }
        if (peer.local_address && !is(Form::uci_g1)) {
            section.several(words_.local_address, {peer.local_address->value.text()}, has_globals());
        }
    }

    void mode(Section& section, const Peer& peer) {
        const bool aggressive = peer.mode == config::ExchangeMode::aggressive;
        if (is(Form::uci_g0)) {
            section.option("exchange_mode", aggressive ? "aggressive" : "main");
        } else if (aggressive) {
            section.option("aggressive", "1");
        }
        if (peer.quirks.accept_any_mode_as_responder) {
            section.option("accept_either_mode", "1");
        }
    }

    void switches(Section& section, const Peer& peer) {
        if (peer.own_name) {
            section.option("own_name", peer.own_name->value.empty() ? "none" : peer.own_name->value);
        }
        if (!is_swanctl()) {
            // In G1 the tunnels have it.
            if (is(Form::uci_g0) && peer.lifetime.seconds != 3 * 3600) {
                section.option("ikelifetime", time_text(peer.lifetime.seconds));
            }
        } else if (peer.rekey) {
            const auto margin = renewal_margin(peer.lifetime.seconds);
            section.option(words_.renewal, time_text(peer.lifetime.seconds - margin));
            section.option(words_.overtime, time_text(margin));
        } else {
            section.option("ikelifetime", time_text(peer.lifetime.seconds));
        }
        if (!peer.rekey) {
            section.option("rekey", "0");
        }
        if (is_swanctl() || (is(Form::uci_g0) && !is_usual(peer.liveness))) {
            section.option(words_.idle, idle_text(peer));
        }
        if (peer.liveness.misses != config::Liveness{}.misses) {
            section.option("dpd_misses", std::to_string(peer.liveness.misses));
        }
        if (peer.force_encapsulation) {
            section.option(is_swanctl() ? "encap" : "force_encapsulation", "1");
        }
        if (!peer.nat_traversal) {
            section.option("nat_traversal", "0");
        }
        if (is_swanctl() || (is(Form::uci_g0) && peer.keying_tries != 0)) {
            section.option("keyingtries", std::to_string(peer.keying_tries));
        }
        if (peer.keying_tries != 0) {
            section.option("honour_keyingtries", "1");
        }
        if (has_md5(peer)) {
            section.option("allow_md5", "1");
        }
    }

    static bool is_usual(const config::Liveness& liveness) {
        return liveness.enabled && liveness.idle == config::Liveness{}.idle;
    }
    static std::string idle_text(const Peer& peer) {
        return peer.liveness.enabled ? time_text(peer.liveness.idle) : "0s";
    }

    static bool has_md5(const Peer& peer) {
        const auto of_tunnel = [](const Tunnel& tunnel) {
            return std::ranges::any_of(tunnel.proposals, [](const config::Phase2Proposal& proposal) {
                return proposal.integrity == crypto::IntegrityId::hmac_md5_96;
            });
        };
        return std::ranges::find(peer.proposals, crypto::HashId::md5, &config::Phase1Proposal::hash) !=
                   peer.proposals.end() ||
               std::ranges::any_of(peer.tunnels, of_tunnel);
    }

    /// ipsec.conf with IKEv1 takes the first network only (ipsec.conf(5), leftsubnet), so there every pair
    /// has a section.
    [[nodiscard]] std::vector<std::span<const Tunnel>> groups(std::span<const Tunnel> tunnels) const {
        if (is_swanctl()) {
            return groups_of(tunnels);
        }
        std::vector<std::span<const Tunnel>> each;
        for (std::size_t i = 0; i < tunnels.size(); ++i) {
            each.push_back(tunnels.subspan(i, 1));
        }
        return each;
    }

    Section child(const Peer& peer, std::span<const Tunnel> group, const std::string& called) {
        const auto& tunnel = group.front();
        Section section(words_.tunnel, called);
        section.several("local_subnet", networks_of(group, &Tunnel::local), is_swanctl());
        section.several("remote_subnet", networks_of(group, &Tunnel::remote), is_swanctl());
        if (is(Form::uci_g1)) {
            of_peer_in_tunnel(section, peer);
        }
        actions(section, tunnel);
        lifetime(section, peer, tunnel);
        const auto names = named(offered_of(tunnel.proposals), "p2");
        section.several(is(Form::uci_g0) ? "p2_proposal" : "crypto_proposal", names, is_swanctl());
        return section;
    }

    /// G1 has it in the tunnel's section.
    void of_peer_in_tunnel(Section& section, const Peer& peer) {
        section.option("keyexchange", "ikev1");
        if (peer.local_address) {
            section.option(words_.local_address, peer.local_address->value.text());
        }
        if (peer.lifetime.seconds != 3 * 3600) {
            section.option("ikelifetime", time_text(peer.lifetime.seconds));
        }
        section.option(words_.idle, idle_text(peer));
        section.option("keyingtries", std::to_string(peer.keying_tries));
    }

    void actions(Section& section, const Tunnel& tunnel) {
        const bool g4 = is(Form::uci_g4);
        const auto as_started = tunnel.start == StartAction::start     ? LossAction::restart
                                : tunnel.start == StartAction::traffic ? LossAction::traffic
                                                                       : LossAction::clear;
        // The recipe's script starts every tunnel, and has no words for what follows.
        if (!is(Form::uci_g0) || tunnel.start != StartAction::start) {
            section.option(words_.start, tunnel.start == StartAction::start     ? "start"
                                         : tunnel.start == StartAction::traffic ? g4 ? "trap" : "route"
                                         : g4                                   ? "none"
                                                                                : "add");
        }
        if (!is(Form::uci_g0) || tunnel.on_close != as_started) {
            section.option(words_.on_close, tunnel.on_close == LossAction::restart ? g4 ? "start" : "restart"
                                            : tunnel.on_close == LossAction::traffic ? g4 ? "trap" : "hold"
                                            : g4                                     ? "none"
                                                                                     : "clear");
        }
        if (!is(Form::uci_g0) || tunnel.on_silence != as_started) {
            section.option(words_.on_silence, tunnel.on_silence == LossAction::restart ? "restart"
                                              : tunnel.on_silence == LossAction::clear ? "clear"
                                              : g4                                     ? "trap"
                                                                                       : "hold");
        }
        if (tunnel.backup) {
            section.option("backup", tunnel.backup->value ? "1" : "0");
        }
    }

    void lifetime(Section& section, const Peer& peer, const Tunnel& tunnel) {
        const auto seconds = tunnel.lifetime.seconds;
        const auto octets = tunnel.lifetime.kilobytes * 1000;  // RFC 2407 4.5
        if (is_swanctl()) {
            if (peer.rekey) {
                section.option(words_.renewal, time_text(seconds - renewal_margin(seconds)));
            }
            section.option(words_.lifetime, time_text(seconds));
        } else if (seconds != 3600) {
            section.option(words_.lifetime, time_text(seconds));
        }
        if (octets != 0) {
            if (is_swanctl() && peer.rekey) {
                section.option(words_.renewal_octets, std::to_string(octets - octets / 10));
            }
            section.option(words_.octets, std::to_string(octets));
        }
    }

    /// The sections of these proposals. G0 has a kind for each phase.
    template <class Proposal>
    std::vector<std::string> named(const std::vector<const Proposal*>& all, std::string_view phase) {
        std::vector<std::string> names;
        for (const auto* proposal : all) {
            const auto wanted =
                is(Form::uci_g0) ? fmt::format("{}_{}", phase, proposal->text()) : proposal->text();
            const auto [known, fresh] = proposal_names_.try_emplace(wanted);
            if (fresh) {
                known->second = names_.make(wanted);
                add_proposal(*proposal, phase, known->second);
            }
            names.push_back(known->second);
        }
        return names;
    }

    template <class Proposal>
    void add_proposal(const Proposal& proposal, std::string_view phase, const std::string& called) {
        Section section(is(Form::uci_g0) ? fmt::format("{}_proposal", phase) : "crypto_proposal", called);
        section.option("encryption_algorithm", crypto::info(proposal.cipher).name);
        algorithms(section, proposal);
        proposals_.push_back(std::move(section));
    }

    static void algorithms(Section& section, const config::Phase1Proposal& proposal) {
        section.option("hash_algorithm", crypto::info(proposal.hash).name);
        section.option("dh_group", crypto::info(proposal.group).name);
    }
    void algorithms(Section& section, const config::Phase2Proposal& proposal) const {
        if (proposal.integrity != crypto::IntegrityId::none) {
            section.option(is(Form::uci_g0) ? "authentication_algorithm" : "hash_algorithm",
                           crypto::info(proposal.integrity).name);
        }
        if (proposal.pfs) {
            section.option(is(Form::uci_g0) ? "pfs_group" : "dh_group", crypto::info(*proposal.pfs).name);
        }
    }

    const config::Model& model_;
    Losses& losses_;
    const Words& words_;
    std::string out_;
    Names names_{losses_, ""};
    std::map<std::string, std::string> proposal_names_;  ///< by their text
    std::vector<Section> proposals_;
};

}  // namespace

std::optional<std::string> write_uci(const config::Model& model, Losses& losses) {
    return Writer(model, losses).run();
}

}  // namespace causeway::pair
