#include "pair/write_swanctl.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "pair/strongswan_words.hpp"
#include "pair/words.hpp"

namespace causeway::pair {
namespace {

using config::LossAction;
using config::Peer;
using config::StartAction;
using config::Tunnel;

/// `section { key = value }`, indented as the manual's examples are (swanctl.conf(5), strongswan.conf(5)).
class Lines {
 public:
    void open(std::string_view section) {
        line(fmt::format("{} {{", section));
        ++depth_;
    }
    void close() {
        --depth_;
        line("}");
    }
    void set(std::string_view key, std::string_view value) { line(fmt::format("{} = {}", key, value)); }
    void comment(std::string_view text) {
        while (!text.empty()) {
            const auto end = std::min(text.find('\n'), text.size());
            line(fmt::format("# {}", text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    }
    void line(std::string_view text) {
        text_.append(4 * depth_, ' ');
        text_ += text;
        text_ += '\n';
    }
    [[nodiscard]] const std::string& text() const { return text_; }

 private:
    std::string text_;
    std::size_t depth_ = 0;
};

class Writer {
 public:
    Writer(const config::Model& model, Losses& losses) : model_(model), losses_(losses) {}

    std::optional<std::string> run() {
        lines_.comment(
            "IPsec tunnels for strongSwan's swanctl. The file holds keys: keep it readable for root only.");
        lines_.open("connections");
        std::vector<std::pair<const Peer*, std::string>> written;
        for (const auto& peer : model_.peers) {
            if (const auto name = connection(peer)) {
                written.emplace_back(&peer, *name);
            }
        }
        lines_.close();
        if (written.empty()) {
            return std::nullopt;
        }
        lines_.line("");
        lines_.comment("The keys, each with the identities of both ends.");
        lines_.open("secrets");
        for (const auto& [peer, name] : written) {
            secret(*peer, name);
        }
        lines_.close();
        losses_.daemon(model_);
        return lines_.text();
    }

 private:
    /// The name of its section; nothing: it cannot be expressed.
    std::optional<std::string> connection(const Peer& peer) {
        const auto theirs = remote_identity_text(peer);
        if (!theirs) {
            losses_.say(finding<FindingId::peer_without_identity>(peer.place, field<"peer">(title_of(peer)),
                                                                  losses_.field_form()));
            return std::nullopt;
        }
        if (!losses_.has_tunnel(peer)) {
            return std::nullopt;
        }
        auto name = names_.give(peer.name, peer.place);
        lines_.open(name);
        lines_.set("version", "1");
        if (peer.mode == config::ExchangeMode::aggressive) {
            lines_.comment(aggressive_remark);
            lines_.set("aggressive", "yes");
        }
        if (peer.local_address) {
            lines_.set("local_addrs", peer.local_address->value.text());
        }
        if (const auto addresses = addresses_of(peer); !addresses.empty()) {
            lines_.set("remote_addrs", joined(addresses, ","));
        }
        lines_.set("proposals", suites_text(offered_of(peer.proposals), ","));
        switches(peer);
        side("local", peer.local_id ? std::optional(identity_text(peer.local_id->value)) : std::nullopt);
        side("remote", *theirs);
        lines_.open("children");
        // With IKEv1 a child has one pair of networks (swanctl.conf(5), local_ts).
        Names children(losses_, "-");
        for (const auto& tunnel : peer.tunnels) {
            child(peer, tunnel, children.give(tunnel.name, tunnel.place));
        }
        lines_.close();
        lines_.close();
        tell_of_strongswan(peer, losses_);
        return name;
    }

    void switches(const Peer& peer) {
        // Renewal in time, and the end if that fails: together the lifetime.
        const auto margin = renewal_margin(peer.lifetime.seconds);
        lines_.set("rekey_time", time_text(peer.lifetime.seconds - margin));
        lines_.set("over_time", time_text(margin));
        if (!peer.rekey) {
            losses_.minor(peer, peer.lifetime_place, "rekey", "the expiry of the ISAKMP SA", "it is renewed");
        }
        if (peer.liveness.enabled) {
            lines_.set("dpd_delay", time_text(peer.liveness.idle));
            lines_.set("dpd_timeout", time_text(silence_until_gone(peer.liveness)));
        }
        if (peer.force_encapsulation) {
            lines_.set("encap", "yes");
        }
        lines_.set("keyingtries", std::to_string(peer.keying_tries));
    }

    void side(std::string_view name, const std::optional<std::string>& identity) {
        lines_.open(name);
        lines_.set("auth", "psk");
        if (identity) {
            lines_.set("id", value_text(*identity));
        }
        lines_.close();
    }

    void child(const Peer& peer, const Tunnel& tunnel, std::string_view name) {
        lines_.open(name);
        lines_.set("local_ts", tunnel.local.text());
        lines_.set("remote_ts", tunnel.remote.text());
        lines_.set("esp_proposals", suites_text(offered_of(tunnel.proposals), ","));
        const auto seconds = tunnel.lifetime.seconds;
        lines_.set("rekey_time", peer.rekey ? time_text(seconds - renewal_margin(seconds)) : "0");
        lines_.set("life_time", time_text(seconds));
        if (const auto octets = tunnel.lifetime.kilobytes * 1000; octets != 0) {
            lines_.set("rekey_bytes", peer.rekey ? std::to_string(octets - octets / 10) : "0");
            lines_.set("life_bytes", std::to_string(octets));
        }
        lines_.set("start_action", tunnel.start == StartAction::start     ? "start"
                                   : tunnel.start == StartAction::traffic ? "trap"
                                                                          : "none");
        lines_.set("close_action", tunnel.on_close == LossAction::restart   ? "start"
                                   : tunnel.on_close == LossAction::traffic ? "trap"
                                                                            : "none");
        lines_.set("dpd_action", tunnel.on_silence == LossAction::restart   ? "restart"
                                 : tunnel.on_silence == LossAction::traffic ? "trap"
                                                                            : "clear");
        lines_.close();
    }

    void secret(const Peer& peer, const std::string& name) {
        lines_.open("ike-" + name);
        if (peer.local_id) {
            lines_.set("id-local", value_text(identity_text(peer.local_id->value)));
        }
        if (const auto theirs = remote_identity_text(peer); theirs && *theirs != "%any") {
            lines_.set("id-remote", value_text(*theirs));
        }
        // A quote or a backslash would need escapes.
        lines_.set("secret", key_in_quotes(peer.pre_shared_key, "\"\\"));
        lines_.close();
    }

    const config::Model& model_;
    Losses& losses_;
    Lines lines_;
    Names names_{losses_, "-"};
};

}  // namespace

std::optional<std::string> write_swanctl(const config::Model& model, Losses& losses) {
    return Writer(model, losses).run();
}

}  // namespace causeway::pair
