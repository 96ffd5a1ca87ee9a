#include "config/convert.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "base/event.hpp"
#include "base/finding.hpp"
#include "config/uci/write.hpp"

namespace causeway::config {
namespace {

std::string seconds_text(Duration duration) {
    return fmt::format("{}s", std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

std::vector<std::string> values_of(const std::vector<Sourced<std::string>>& all) {
    std::vector<std::string> values;
    for (const auto& one : all) {
        values.push_back(one.value);
    }
    return values;
}

/// A form that reads back as this identity (config/identity_text.hpp).
std::string written(const Identity& identity) {
    const auto text = as_text(identity.data);
    // An asterisk in front makes a pattern of it, which must not come about here.
    const bool plain = (identity.pattern || !text.starts_with('*')) &&
                       std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
    switch (identity.type) {
        case isakmp::IdType::ipv4_addr:
        case isakmp::IdType::ipv6_addr:
            return identity.text();
        case isakmp::IdType::fqdn:
            return plain && !text.empty() ? "fqdn:" + text : "fqdn:#" + to_hex(identity.data);
        case isakmp::IdType::user_fqdn:
            return plain && !text.empty() ? "userfqdn:" + text : "userfqdn:#" + to_hex(identity.data);
        default:
            return fmt::format("{{{}}}:#{}", static_cast<unsigned>(identity.type), to_hex(identity.data));
    }
}

/// Digits, unless strongSwan and UCI leave every octet of it alone.
std::string written(const Secret& key) {
    const auto text = as_text(key.view());
    const bool plain =
        !text.empty() && !text.starts_with("0x") && !text.starts_with("0X") && !text.starts_with("0s") &&
        !text.starts_with("0S") && std::ranges::all_of(text, [](char c) {
            return c > ' ' && c < 0x7f && std::string_view("#\"'{}=\\$").find(c) == std::string_view::npos;
        });
    return plain ? text : "0x" + to_hex(key.view());
}

std::string_view word(StartAction action) {
    return action == StartAction::start ? "start" : action == StartAction::traffic ? "trap" : "none";
}

std::string_view word_on_close(LossAction action) {
    return action == LossAction::restart ? "start" : action == LossAction::traffic ? "trap" : "none";
}

std::string_view word_on_silence(LossAction action) {
    return action == LossAction::restart ? "restart" : action == LossAction::traffic ? "trap" : "clear";
}

class Converter {
 public:
    explicit Converter(const Model& model) : model_(model) {}

    Result<Conversion> run() {
        globals();
        std::size_t carried = 0;
        for (const auto& peer : model_.peers) {
            carried += remote(peer) ? 1 : 0;
        }
        if (carried == 0) {
            std::string why;
            for (const auto& one : lost_) {
                why += "; " + one;
            }
            for (const auto& finding : model_.findings) {
                why += finding.severity == Severity::error ? "; " + finding.message() : "";
            }
            return fail(Errc::unacceptable,
                        fmt::format("{} holds no connection that can be converted{}", model_.file, why));
        }
        for (auto& section : proposals_) {
            document_.sections.push_back(std::move(section));
        }
        for (const auto& finding : model_.findings) {
            if (finding.dropped) {
                lost_.push_back(finding.text());
            }
        }
        const auto& more = model_.left_out;
        if (const auto count = more.errors + more.warnings + more.notes; count != 0) {
            lost_.push_back(
                fmt::format("of {} there are {} further findings; 'causeway config check' counts them",
                            model_.file, count));
        }
        return Conversion{uci::write(document_), std::move(lost_)};
    }

 private:
    /// A section's name: what UCI allows, and once.
    std::string name(std::string_view wanted) {
        std::string text;
        for (const char c : wanted) {
            const bool allowed =
                (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
            text += allowed ? c : '_';
        }
        text = text.empty() ? "peer" : text;
        auto free = text;
        for (unsigned i = 2; !names_.insert(free).second; ++i) {
            free = fmt::format("{}_{}", text, i);
        }
        if (free != wanted) {
            lost_.push_back(
                fmt::format("'{}' is called '{}', as UCI's names want it", printable(wanted), free));
        }
        return free;
    }

    uci::Section& add_section(std::string_view type, std::string_view name) {
        return document_.sections.emplace_back(new_section(type, name));
    }

    uci::Section new_section(std::string_view type, std::string_view name) {
        return {document_.texts.keep_once(type), document_.texts.keep(name), false, {}, {}, {}};
    }

    void option(uci::Section& section, std::string_view name, std::string_view value) {
        section.options.push_back(
            {document_.texts.keep_once(name), false, uci::Value{document_.texts.keep(value), {}}, {}});
    }

    void list(uci::Section& section, std::string_view name, const std::vector<std::string>& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            const uci::Value value{document_.texts.keep(values[i]), {}};
            if (i == 0) {
                section.options.push_back({document_.texts.keep_once(name), true, value, {}});
            } else {
                section.options.back().values.push_back(value);
            }
        }
    }

    void globals() {
        names_ = {"globals", "syslog"};
        const auto& from = model_.options;
        const Options usual;
        auto& section = add_section("globals", "globals");
        list(section, "listen", values_of(from.listen_devices));
        list(section, "interface", values_of(from.listen_interfaces));
        if (!from.zone.empty()) {
            option(section, "zone", from.zone);
        }
        if (from.firewall != usual.firewall) {
            option(section, "firewall", name_of(from.firewall));
        }
        if (!from.copy_dscp) {
            option(section, "copy_dscp", "0");
        }
        if (!from.probe_path) {
            option(section, "probe_path", "0");
        }
        if (from.data_plane != usual.data_plane) {
            option(section, "dataplane", name_of(from.data_plane));
        }
        const auto offload = [&](std::string_view name, OffloadWish wish) {
            if (wish != OffloadWish::automatic) {
                option(section, name, name_of(wish));
            }
        };
        offload("offload_tun", from.offloads.tun);
        offload("offload_udp_send", from.offloads.udp_send);
        offload("offload_udp_receive", from.offloads.udp_receive);
        if (from.replay_window != usual.replay_window) {
            option(section, "replay_window", fmt::format("{}", from.replay_window));
        }
        if (from.tun_mtu != 0) {
            option(section, "tun_mtu", fmt::format("{}", from.tun_mtu));
        }
        if (from.lookup_floor != usual.lookup_floor) {
            option(section, "lookup_floor", seconds_text(from.lookup_floor));
        }
        if (from.lookup_ceiling != usual.lookup_ceiling) {
            option(section, "lookup_ceiling", seconds_text(from.lookup_ceiling));
        }
        if (from.metrics_file) {
            option(section, "metrics_file", from.metrics_file->value);
        }
        if (from.control_group) {
            option(section, "control_group", from.control_group->value);
        }
        auto& syslog = add_section("syslog", "syslog");
        if (from.debug != 0) {
            for (const auto* const group :
                 {"dmn", "mgr", "job", "cfg", "knl", "net", "asn", "enc", "lib", "esp", "tls", "tnc", "imc",
                  "imv", "pts", "app", "wch", "ike", "chd"}) {
                option(syslog, group, fmt::format("{}", from.debug));
            }
        }
    }

    /// G4 has no word for "the address that it comes from": absent means everybody there.
    static std::optional<std::string> remote_identifier(const Peer& peer) {
        if (peer.remote_id) {
            return written(peer.remote_id->value);
        }
        if (peer.remote_id_any) {
            return "%any";
        }
        const auto* const address =
            peer.addresses.size() == 1 ? std::get_if<IpAddress>(&peer.addresses.front().value) : nullptr;
        return address != nullptr ? std::optional(address->text()) : std::nullopt;
    }

    bool remote(const Peer& peer) {
        const auto theirs = remote_identifier(peer);
        if (!theirs) {
            lost_.push_back(
                fmt::format("peer '{}' is left out: it is known by the address that it comes from, which "
                            "this schema cannot say; give it a 'remote_identifier'",
                            printable(peer.name)));
            return false;
        }
        auto section = new_section("remote", name(peer.name));
        option(section, "enabled", "1");
        std::vector<std::string> addresses;
        for (const auto& address : peer.addresses) {
            if (!std::holds_alternative<AnyAddress>(address.value)) {
                addresses.push_back(text(address.value));
            }
        }
        list(section, "remote_addrs", addresses);
        if (peer.local_address) {
            list(section, "local_addrs", {peer.local_address->value.text()});
        }
        option(section, "keyexchange", "ikev1");
        option(section, "authentication_method", "psk");
        option(section, "pre_shared_key", written(peer.pre_shared_key));
        if (peer.local_id) {
            option(section, "local_identifier", written(peer.local_id->value));
        }
        option(section, "remote_identifier", *theirs);
        switches(section, peer);
        list(section, "crypto_proposal", proposals(peer.proposals, peer.name));
        const auto at = document_.sections.size();
        std::vector<std::string> children;
        for (const auto& group : groups_of(peer)) {
            children.push_back(child(group, peer));
        }
        list(section, "child", children);
        document_.sections.insert(document_.sections.begin() + static_cast<std::ptrdiff_t>(at),
                                  std::move(section));
        return true;
    }

    void switches(uci::Section& section, const Peer& peer) {
        if (peer.mode == ExchangeMode::aggressive) {
            option(section, "aggressive", "1");
        }
        if (peer.own_name) {
            option(section, "own_name", peer.own_name->value.empty() ? "none" : peer.own_name->value);
        }
        option(section, "ikelifetime", fmt::format("{}s", peer.lifetime.seconds));
        option(section, "dpd_delay", peer.liveness.enabled ? seconds_text(peer.liveness.idle) : "0s");
        if (peer.liveness.misses != Liveness{}.misses) {
            option(section, "dpd_misses", fmt::format("{}", peer.liveness.misses));
        }
        if (peer.force_encapsulation) {
            option(section, "encap", "1");
        }
        if (!peer.nat_traversal) {
            option(section, "nat_traversal", "0");
        }
        if (!peer.rekey) {
            option(section, "rekey", "0");
        }
        option(section, "keyingtries", fmt::format("{}", peer.keying_tries));
        if (peer.keying_tries != 0) {
            option(section, "honour_keyingtries", "1");
        }
        if (peer.quirks.accept_any_mode_as_responder) {
            option(section, "accept_either_mode", "1");
        }
        const auto md5 = [](const Phase1Proposal& proposal) { return proposal.hash == crypto::HashId::md5; };
        const auto md5_of_tunnel = [](const Tunnel& tunnel) {
            return std::ranges::any_of(tunnel.proposals, [](const Phase2Proposal& proposal) {
                return proposal.integrity != crypto::IntegrityId::none &&
                       crypto::info(proposal.integrity).hash == crypto::HashId::md5;
            });
        };
        if (std::ranges::any_of(peer.proposals, md5) || std::ranges::any_of(peer.tunnels, md5_of_tunnel)) {
            option(section, "allow_md5", "1");
        }
    }

    using Group = std::span<const Tunnel>;

    /// What one section with several networks became stands together, and becomes one section again if its
    /// networks are every pair of two lists.
    static std::vector<Group> groups_of(const Peer& peer) {
        std::vector<Group> groups;
        const std::span<const Tunnel> all(peer.tunnels);
        for (std::size_t i = 0; i < all.size();) {
            std::size_t end = i + 1;
            while (end < all.size() && all[end].place.line == all[i].place.line && all[i].place.line != 0) {
                ++end;
            }
            if (is_product(all.subspan(i, end - i))) {
                groups.push_back(all.subspan(i, end - i));
                i = end;
            } else {
                groups.push_back(all.subspan(i, 1));
                ++i;
            }
        }
        return groups;
    }

    static std::vector<std::string> networks(Group group, TrafficSelector Tunnel::*side) {
        std::vector<std::string> all;
        for (const auto& tunnel : group) {
            const auto network = (tunnel.*side).net.text();
            if (std::ranges::find(all, network) == all.end()) {
                all.push_back(network);
            }
        }
        return all;
    }

    static bool is_product(Group group) {
        const auto local = networks(group, &Tunnel::local);
        const auto remote = networks(group, &Tunnel::remote);
        if (local.size() * remote.size() != group.size()) {
            return false;
        }
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (!group[i].same_but_networks(group.front()) ||
                group[i].local.net.text() != local[i / remote.size()] ||
                group[i].remote.net.text() != remote[i % remote.size()]) {
                return false;
            }
        }
        return true;
    }

    std::string child(Group group, const Peer& peer) {
        const auto& tunnel = group.front();
        auto called = name(tunnel.name);
        auto& section = add_section("child", called);
        option(section, "mode", "tunnel");
        list(section, "local_subnet", networks(group, &Tunnel::local));
        list(section, "remote_subnet", networks(group, &Tunnel::remote));
        option(section, "start_action", word(tunnel.start));
        if (tunnel.backup) {
            option(section, "backup", tunnel.backup->value ? "1" : "0");
        }
        option(section, "close_action", word_on_close(tunnel.on_close));
        option(section, "dpd_action", word_on_silence(tunnel.on_silence));
        option(section, "life_time", fmt::format("{}s", tunnel.lifetime.seconds));
        if (tunnel.lifetime.kilobytes != 0) {
            option(section, "life_bytes", fmt::format("{}", tunnel.lifetime.kilobytes * 1000));
        }
        list(section, "crypto_proposal", proposals(tunnel.proposals, peer.name));
        return called;
    }

    template <class Proposals>
    std::vector<std::string> proposals(const Proposals& all, std::string_view owner) {
        std::vector<std::string> called;
        std::size_t accepted = 0;
        for (const auto& proposal : all) {
            accepted += proposal.offered ? 0 : 1;
            if (proposal.offered) {
                called.push_back(section_of(proposal));
            }
        }
        if (accepted != 0) {
            lost_.push_back(
                fmt::format("peer '{}': {} proposals that are accepted and not offered are left out",
                            printable(owner), accepted));
        }
        return called;
    }

    template <class Proposal>
    std::string section_of(const Proposal& proposal) {
        const auto known = proposal_names_.find(proposal.text());
        if (known != proposal_names_.end()) {
            return known->second;
        }
        auto wanted = proposal.text();
        std::ranges::replace(wanted, '-', '_');
        auto called = wanted;
        for (unsigned i = 2; !names_.insert(called).second; ++i) {
            called = fmt::format("{}_{}", wanted, i);
        }
        auto section = new_section("crypto_proposal", called);
        option(section, "encryption_algorithm", crypto::info(proposal.cipher).name);
        algorithms(section, proposal);
        proposals_.push_back(std::move(section));
        proposal_names_.emplace(proposal.text(), called);
        return called;
    }

    void algorithms(uci::Section& section, const Phase1Proposal& proposal) {
        option(section, "hash_algorithm", crypto::info(proposal.hash).name);
        option(section, "dh_group", crypto::info(proposal.group).name);
    }
    void algorithms(uci::Section& section, const Phase2Proposal& proposal) {
        if (proposal.integrity != crypto::IntegrityId::none) {
            option(section, "hash_algorithm", crypto::info(proposal.integrity).name);
        }
        if (proposal.pfs) {
            option(section, "dh_group", crypto::info(*proposal.pfs).name);
        }
    }

    const Model& model_;
    uci::Document document_;
    std::vector<uci::Section> proposals_;
    std::map<std::string, std::string> proposal_names_;  ///< by their text
    std::set<std::string, std::less<>> names_;
    std::vector<std::string> lost_;
};

}  // namespace

Result<Conversion> convert_to_g4(std::string_view text, std::string_view file, std::optional<Format> format,
                                 const Companions& companions) {
    const auto model = CAUSEWAY_TRY(load(text, file, format, companions));
    return Converter(model).run();
}

}  // namespace causeway::config
