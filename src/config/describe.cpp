// `--check-config`: what the daemon will do, in words.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "config/load.hpp"
#include "config/words.hpp"

namespace causeway::config {
namespace {

std::string_view kind_of(Schema schema) {
    switch (schema) {
        case Schema::uci_g0:
            return "UCI, schema G0: p1_proposal and p2_proposal";
        case Schema::uci_g1:
            return "UCI, schema G1: ipsec.conf";
        case Schema::uci_g2:
            return "UCI, schema G2: swanctl.conf";
        case Schema::uci_g3:
            return "UCI, schema G3: swanctl.conf, remote_addrs";
        case Schema::uci_g4:
            return "UCI, schema G4: swanctl.conf, child sections";
        case Schema::vpncfg:
            return "vpncfg: this side plays the FRITZ!Box";
        case Schema::swanctl:
            return "swanctl.conf: this side plays strongSwan";
        case Schema::ipsec_conf:
            return "ipsec.conf: this side plays strongSwan";
    }
    return "";
}

std::string_view start_in_words(StartAction action) {
    switch (action) {
        case StartAction::none:
            return "waits for the peer";
        case StartAction::traffic:
            return "dialled by the first packet, or by the peer";
        case StartAction::start:
            return "dialled at once and kept up";
    }
    return "";
}

std::string_view loss_in_words(LossAction action) {
    switch (action) {
        case LossAction::clear:
            return "wait for the peer";
        case LossAction::traffic:
            return "wait for a packet";
        case LossAction::restart:
            return "dial again at once";
    }
    return "";
}

/// "aes256 or aes128 with sha512 or sha1, modp1024" for a long list that has every combination;
/// otherwise each proposal for itself.
std::string joined(const std::vector<std::string>& proposals) {
    std::vector<std::vector<std::string_view>> parts;  // distinct, for each place in the proposals
    for (const auto& proposal : proposals) {
        const auto words = split_words(proposal, "-");
        if (parts.empty()) {
            parts.resize(words.size());
        }
        if (words.size() != parts.size()) {
            return fmt::format("{}", fmt::join(proposals, ", "));
        }
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (std::ranges::find(parts[i], words[i]) == parts[i].end()) {
                parts[i].push_back(words[i]);
            }
        }
    }
    std::size_t combinations = 1;
    for (const auto& part : parts) {
        combinations *= part.size();
    }
    const std::set<std::string_view> distinct(proposals.begin(), proposals.end());
    if (proposals.size() < 5 || parts.size() < 2 || combinations != distinct.size()) {
        return fmt::format("{}", fmt::join(proposals, ", "));
    }
    std::string text = fmt::format("{} with {}", fmt::join(parts[0], " or "), fmt::join(parts[1], " or "));
    for (std::size_t i = 2; i < parts.size(); ++i) {
        text += fmt::format(", {}", fmt::join(parts[i], " or "));
    }
    return text;
}

template <class Proposals>
std::string proposals_in_words(const Proposals& proposals) {
    std::vector<std::string> offered;
    std::vector<std::string> accepted;
    for (const auto& proposal : proposals) {
        (proposal.offered ? offered : accepted).push_back(proposal.text());
    }
    return accepted.empty() ? joined(offered)
                            : fmt::format("{}; accepted as well: {}", joined(offered), joined(accepted));
}

std::string lifetime_in_words(const Lifetime& lifetime) {
    auto text = in_words(std::chrono::seconds(lifetime.seconds));
    if (lifetime.kilobytes != 0) {
        text += fmt::format(" or {} KB", lifetime.kilobytes);
    }
    return text;
}

class Description {
 public:
    void add_peer(const Peer& peer) {
        std::string addresses;
        for (const auto& address : peer.addresses) {
            addresses += fmt::format("{}{}", addresses.empty() ? "" : ", then ", text(address.value));
        }
        line(fmt::format("\npeer {} ({})", printable(peer.name),
                         Place{peer.place.file, peer.place.line, 0}.text()));
        item("address", addresses == "%any" ? "any: it dials us" : addresses);
        if (peer.local_address) {
            item("from", peer.local_address->value.text());
        }
        item("mode",
             fmt::format("{}, pre-shared key of {} octets", name_of(peer.mode), peer.pre_shared_key.size()));
        item("we are", peer.local_id ? peer.local_id->value.text_with_type() : "known by our address");
        if (peer.own_name) {
            item("own name",
                 peer.own_name->value.empty() ? "not watched" : peer.own_name->value + ", watched");
        }
        item("it is", peer.remote_id       ? peer.remote_id->value.text_with_type()
                      : peer.remote_id_any ? "whoever knows the key"
                                           : "known by its address");
        item("Phase 1", proposals_in_words(peer.proposals));
        item("lifetime", lifetime_in_words(peer.lifetime) + (peer.rekey ? "" : ", not renewed"));
        item("NAT", !peer.nat_traversal        ? "no NAT traversal"
                    : peer.force_encapsulation ? "ESP in UDP always"
                                               : "ESP in UDP where there is NAT");
        item("liveness",
             peer.liveness.enabled
                 ? fmt::format("probed after {} of silence, considered dead after {} missed replies",
                               in_words(peer.liveness.idle), peer.liveness.misses)
                 : "not asked");
        if (peer.keying_tries != 0) {
            item("tries", fmt::format("{}, then it stays down", peer.keying_tries));
        }
        for (const auto& tunnel : peer.tunnels) {
            add_tunnel(tunnel);
        }
    }

    void line(std::string_view text) { fmt::format_to(std::back_inserter(out_), "{}\n", text); }

    std::string take() { return std::move(out_); }

 private:
    void add_tunnel(const Tunnel& tunnel) {
        line(fmt::format("  tunnel {} ({})", printable(tunnel.display_name),
                         Place{tunnel.place.file, tunnel.place.line, 0}.text()));
        tunnel_item("networks", fmt::format("{} === {}", tunnel.local.text(), tunnel.remote.text()));
        tunnel_item("start", start_in_words(tunnel.start));
        tunnel_item("if lost",
                    tunnel.on_close == tunnel.on_silence
                        ? std::string(loss_in_words(tunnel.on_close))
                        : fmt::format("{}; if the peer closes it: {}", loss_in_words(tunnel.on_silence),
                                      loss_in_words(tunnel.on_close)));
        if (tunnel.backup) {
            tunnel_item("backup", tunnel.backup->value ? "of an earlier tunnel with the same networks"
                                                       : "of no other tunnel");
        }
        tunnel_item("Phase 2", proposals_in_words(tunnel.proposals));
        tunnel_item("lifetime", lifetime_in_words(tunnel.lifetime));
    }

    void item(std::string_view name, std::string_view value) { line(fmt::format("  {:<9} {}", name, value)); }
    void tunnel_item(std::string_view name, std::string_view value) {
        line(fmt::format("    {:<9} {}", name, value));
    }

    std::string out_;
};

std::string listed(const std::vector<Sourced<std::string>>& names) {
    std::string text;
    for (const auto& name : names) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", printable(name.value));
    }
    return text;
}

/// Empty: on all devices.
std::string where_in_words(const Options& options) {
    std::string text = listed(options.listen_devices);
    if (!options.listen_interfaces.empty()) {
        text += fmt::format("{}the {} of {}, as ubus tells", text.empty() ? "" : " and ",
                            options.listen_interfaces.size() == 1 ? "device" : "devices",
                            listed(options.listen_interfaces));
    }
    return text;
}

}  // namespace

std::string describe(const Model& model) {
    Description description;
    description.line(fmt::format("{} ({})", model.file, kind_of(model.schema)));
    if (const std::string where = where_in_words(model.options); !where.empty()) {
        description.line(fmt::format("listening for IKE on {}", where));
    }
    if (model.peers.empty()) {
        description.line("no peer is usable");
    }
    for (const auto& peer : model.peers) {
        description.add_peer(peer);
    }
    return description.take();
}

}  // namespace causeway::config
