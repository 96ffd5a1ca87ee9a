#include "pair/write_ipsec_conf.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "crypto/algorithm.hpp"
#include "pair/strongswan_words.hpp"
#include "pair/words.hpp"

namespace causeway::pair {
namespace {

using config::LossAction;
using config::Peer;
using config::StartAction;
using config::Tunnel;

/// ipsec.conf(5): margintime, which is increased by up to as much again (rekeyfuzz).
constexpr std::uint32_t usual_margin = 9 * 60;

std::string_view word_of(LossAction action) {
    return action == LossAction::restart ? "restart" : action == LossAction::traffic ? "hold" : "clear";
}

bool has_md5(const config::Phase1Proposal& proposal) {
    return proposal.hash == crypto::HashId::md5;
}
bool has_md5(const config::Phase2Proposal& proposal) {
    return proposal.integrity == crypto::IntegrityId::hmac_md5_96;
}

class Writer {
 public:
    Writer(const config::Model& model, Losses& losses) : model_(model), losses_(losses) {}

    std::optional<IpsecConf> run() {
        both_.connections =
            "# IPsec tunnels for strongSwan: left is this side, right the other. The keys are in "
            "ipsec.secrets.\n"
            "config setup\n";
        both_.secrets =
            "# The keys of ipsec.conf, each with the identities of both ends. Keep the file readable for "
            "root only.\n";
        bool any = false;
        for (const auto& peer : model_.peers) {
            any = this->peer(peer) || any;
        }
        if (!any) {
            return std::nullopt;
        }
        losses_.daemon(model_);
        return std::move(both_);
    }

 private:
    void set(std::string_view name, std::string_view value) {
        both_.connections += fmt::format("\t{}={}\n", name, value);
    }

    bool peer(const Peer& peer) {
        const auto theirs = remote_identity_text(peer);
        if (!theirs) {
            losses_.say(finding<FindingId::peer_without_identity>(peer.place, field<"peer">(title_of(peer)),
                                                                  losses_.field_form()));
            return false;
        }
        if (!losses_.has_tunnel(peer)) {
            return false;
        }
        const auto name = names_.give(peer.name, peer.place);
        both_.connections += fmt::format("\nconn {}\n", name);
        const bool several = peer.tunnels.size() > 1;
        what_holds_for_all(peer, *theirs);
        if (!several) {
            tunnel(peer, peer.tunnels.front());
        } else {
            // Without `auto` it is a description for those below, one for each pair of networks
            // (ipsec.conf(5), also).
            for (const auto& one : peer.tunnels) {
                both_.connections +=
                    fmt::format("\nconn {}\n", names_.give(fmt::format("{}-{}", name, one.name), one.place));
                set("also", name);
                tunnel(peer, one);
            }
        }
        secret(peer, *theirs);
        tell_of_strongswan(peer, losses_);
        tell_of_reader(peer);
        return true;
    }

    /// What strongSwan obeys, and our own reader of the file does not (config/ipsecconf).
    void tell_of_reader(const Peer& peer) {
        if (peer.keying_tries != 0) {
            losses_.say(finding<FindingId::setting_for_strongswan>(
                peer.place, field<"peer">(title_of(peer)), losses_.field_form(),
                field<"setting">("keying_tries"),
                field<"what">(fmt::format("the limit of {} attempts", peer.keying_tries)),
                field<"instead">("keeps trying")));
        }
        const auto md5_in = [&](const auto& proposals, const Place& place, const char* phase,
                                const char* setting) {
            const auto count = std::ranges::count_if(proposals, [](const auto& one) { return has_md5(one); });
            if (count == 0) {
                return;
            }
            const bool all = static_cast<std::size_t>(count) == proposals.size();
            losses_.say(finding<FindingId::suites_for_strongswan>(
                place, field<"peer">(title_of(peer)), losses_.field_form(),
                field<"setting">(all ? "unread" : setting), field<"phase">(phase),
                field<"instead">(all ? "refuses the conn" : "leaves it out")));
        };
        md5_in(peer.proposals, peer.proposals_place, "Phase 1", "phase1_suites");
        for (const auto& tunnel : peer.tunnels) {
            md5_in(tunnel.proposals, tunnel.proposals_place, "Phase 2", "phase2_suites");
        }
    }

    void what_holds_for_all(const Peer& peer, const std::string& theirs) {
        set("keyexchange", "ikev1");
        if (peer.mode == config::ExchangeMode::aggressive) {
            for (std::string_view rest = aggressive_remark; !rest.empty();) {
                const auto end = std::min(rest.find('\n'), rest.size());
                both_.connections += fmt::format("\t# {}\n", rest.substr(0, end));
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            set("aggressive", "yes");
        }
        set("authby", "secret");
        set("left", peer.local_address ? peer.local_address->value.text() : "%any");
        if (peer.local_id) {
            set("leftid", value_text(identity_text(peer.local_id->value)));
        }
        const auto addresses = addresses_of(peer);
        set("right", addresses.empty() ? "%any" : joined(addresses, ","));
        set("rightid", value_text(theirs));
        // The mark at the end: these and no others.
        set("ike", suites_text(offered_of(peer.proposals), ",") + "!");
        set("ikelifetime", time_text(peer.lifetime.seconds));
        margin(peer);
        if (!peer.rekey) {
            set("rekey", "no");
        }
        if (peer.liveness.enabled) {
            set("dpddelay", time_text(peer.liveness.idle));
            set("dpdtimeout", time_text(silence_until_gone(peer.liveness)));
        }
        if (peer.force_encapsulation) {
            set("forceencaps", "yes");
        }
        set("keyingtries", peer.keying_tries == 0 ? "%forever" : std::to_string(peer.keying_tries));
    }

    /// For lifetimes that the usual margin would use up.
    void margin(const Peer& peer) {
        auto shortest = peer.lifetime.seconds;
        for (const auto& tunnel : peer.tunnels) {
            shortest = std::min(shortest, tunnel.lifetime.seconds);
        }
        if (shortest <= 3 * usual_margin) {
            set("margintime", time_text(std::max(shortest / 10, std::uint32_t{1})));
        }
    }

    void tunnel(const Peer& peer, const Tunnel& tunnel) {
        set("leftsubnet", tunnel.local.text());
        set("rightsubnet", tunnel.remote.text());
        set("esp", suites_text(offered_of(tunnel.proposals), ",") + "!");
        set("lifetime", time_text(tunnel.lifetime.seconds));
        if (const auto octets = tunnel.lifetime.kilobytes * 1000; octets != 0) {
            set("lifebytes", std::to_string(octets));
            set("marginbytes", std::to_string(octets / 20));
        }
        set("dpdaction", peer.liveness.enabled ? word_of(tunnel.on_silence) : "none");
        set("closeaction", word_of(tunnel.on_close));
        set("auto", tunnel.start == StartAction::start     ? "start"
                    : tunnel.start == StartAction::traffic ? "route"
                                                           : "add");
    }

    void secret(const Peer& peer, const std::string& theirs) {
        std::string owners;
        if (peer.local_id) {
            owners = value_text(identity_text(peer.local_id->value)) + " ";
        }
        if (theirs != "%any") {
            owners += value_text(theirs) + " ";
        }
        both_.secrets += fmt::format("{}: PSK {}\n", owners, key_in_quotes(peer.pre_shared_key, "\""));
    }

    const config::Model& model_;
    Losses& losses_;
    IpsecConf both_;
    Names names_{losses_, "-."};
};

}  // namespace

std::optional<IpsecConf> write_ipsec_conf(const config::Model& model, Losses& losses) {
    return Writer(model, losses).run();
}

}  // namespace causeway::pair
