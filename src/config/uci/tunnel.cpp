// A `config tunnel` or `config child` section -> tunnels of its peer, one for each pair of networks.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "config/uci/peer.hpp"
#include "config/uci/proposals.hpp"
#include "config/uci/schema.hpp"
#include "config/words.hpp"

namespace causeway::config::uci {
namespace {

/// More pairs than this are a mistake, and each costs a Quick Mode.
constexpr std::size_t max_pairs = 64;

/// Addresses from here on are nobody's: what stands there is a mask that got
/// lost.
constexpr std::uint32_t class_e = 0xf0000000;

class TunnelReader {
 public:
    TunnelReader(const Surroundings& around, const SectionView& tunnel, const SectionView& remote,
                 const Peer& peer)
        : around_(around), view_(tunnel), remote_(remote), peer_(peer), report_(around.report) {}

    std::vector<Tunnel> read() {
        if (const auto nat = view_.text("local_nat")) {
            refuse(nat->place,
                   fmt::format("'local_nat' of {} asks to translate the local network", view_.title()),
                   "translating networks is not supported: remove 'local_nat', and let the peer use the "
                   "local_subnet");
        }
        tunnel_.name = view_.name();
        tunnel_.place = view_.place();
        const auto local = networks("local_subnet");
        const auto remote = networks("remote_subnet");
        actions();
        lifetime();
        proposals();
        if (refused_) {
            return {};
        }
        return pairs(local, remote);
    }

 private:
    void refuse(Place place, std::string what, std::string remedy) {
        report_.error(std::move(place), std::move(what), fmt::format("{} is refused", view_.title()),
                      std::move(remedy));
        refused_ = true;
    }

    std::vector<Sourced<Ipv4Net>> networks(std::string_view option) {
        const auto words = view_.words(option, ",");
        if (words.empty()) {
            refuse(view_.place(), fmt::format("{} has no '{}'", view_.title(), option),
                   fmt::format("add 'option {} NETWORK/BITS'", option));
        }
        std::vector<Sourced<Ipv4Net>> networks;
        for (const auto& word : words) {
            if (const auto network = read_network(word, option)) {
                networks.push_back({*network, word.place});
            }
        }
        return networks;
    }

    /// "192.168.1.0/24", with a dotted mask, or with bits of a host behind it.
    std::optional<Ipv4Net> read_network(const Sourced<std::string>& word, std::string_view option) {
        const auto slash = word.value.find('/');
        const auto address = IpAddress::parse(std::string_view(word.value).substr(0, slash));
        if (address && address->is_v6()) {
            refuse(word.place,
                   fmt::format("'{}' of {} is the IPv6 network {}", option, view_.title(),
                               printable(word.value)),
                   "only IPv4 networks are carried: write an IPv4 network");
            return std::nullopt;
        }
        const auto bits = slash == std::string::npos
                              ? std::optional<std::uint8_t>(32)
                              : prefix_of(std::string_view(word.value).substr(slash + 1));
        if (!address || !bits || address->v4_number() >= class_e) {
            refuse(word.place,
                   fmt::format("'{}' of {} is '{}'", option, view_.title(), printable(word.value)),
                   word.value.find('[') != std::string::npos
                       ? "tunnels carry every protocol and port: write the network alone, as 192.168.1.0/24"
                   : word.value == "%dynamic" || word.value == "dynamic"
                       ? "strongSwan puts the peer's own address there; write it, as 192.0.2.1/32, or the "
                         "network"
                       : "write an IPv4 network as 192.168.1.0/24");
            return std::nullopt;
        }
        const Ipv4Net net{address->v4_number() & Ipv4Net{0, *bits}.mask(), *bits};
        if (net.network != address->v4_number()) {
            report_.note(word.place,
                         fmt::format("'{}' of {} is {}, an address in the network {}", option, view_.title(),
                                     word.value, net.text()),
                         "the network is meant", fmt::format("write {}", net.text()));
        } else if (slash == std::string::npos && (net.network & 0xff) == 0) {
            report_.warning(
                word.place,
                fmt::format("'{}' of {} is {}, without a mask", option, view_.title(), word.value),
                "it is read as that one address",
                fmt::format("write {}/24 if the network is meant", word.value));
        }
        return net;
    }

    /// "24", "255.255.255.0".
    static std::optional<std::uint8_t> prefix_of(std::string_view text) {
        if (const auto number = parse_number(text)) {
            return *number <= 32 ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
        }
        const auto mask = IpAddress::parse(text);
        const auto net = mask && mask->is_v4() ? Ipv4Net::from_mask(0, mask->v4_number()) : std::nullopt;
        return net ? std::optional(net->prefix) : std::nullopt;
    }

    void actions() {
        tunnel_.start = around_.schema == Schema::uci_g0 ? StartAction::start : StartAction::traffic;
        for (const auto* const option : {"mode", "startaction"}) {
            const auto text = view_.text(option);
            // G4's mode is another thing; transport has been refused.
            if (!text || (text->value == "tunnel" && std::string_view(option) == "mode")) {
                continue;
            }
            if (const auto action = parse_start_action(text->value)) {
                tunnel_.start = *action;
                if (std::string_view(option) == "mode" && is_swanctl(around_.schema) &&
                    !view_.has("startaction")) {
                    report_.note(
                        text->place, fmt::format("'mode' of {} is '{}'", view_.title(), text->value),
                        "it counts; the script of this schema did not read it and would have waited for a "
                        "packet",
                        fmt::format("write 'option {} {}'",
                                    around_.schema == Schema::uci_g4 ? "start_action" : "startaction",
                                    text->value));
                }
            } else {
                report_.dropped(Severity::warning, text->place,
                                fmt::format("'{}' of {} is '{}'", view_.written(option), view_.title(),
                                            printable(text->value)),
                                "the value is not understood and the default counts",
                                "write start, route or add");
            }
        }
        // Unless the file says otherwise, a lost tunnel comes back the way it came up.
        const auto as_started = tunnel_.start == StartAction::start     ? LossAction::restart
                                : tunnel_.start == StartAction::traffic ? LossAction::traffic
                                                                        : LossAction::clear;
        tunnel_.on_close = loss_action("closeaction", as_started);
        tunnel_.on_silence = loss_action("dpdaction", as_started);
    }

    LossAction loss_action(std::string_view option, LossAction otherwise) {
        const auto text = view_.text(option);
        // dpdaction none is about asking, not about what follows (ipsec.conf: it "disables the active
        // sending").
        if (!text || (text->value == "none" && option == "dpdaction")) {
            return otherwise;
        }
        if (const auto action = parse_loss_action(text->value)) {
            return *action;
        }
        report_.dropped(
            Severity::warning, text->place,
            fmt::format("'{}' of {} is '{}'", view_.written(option), view_.title(), printable(text->value)),
            "the value is not understood and the default counts", "write clear, hold or restart");
        return otherwise;
    }

    void lifetime() {
        constexpr Duration least = std::chrono::seconds(10);
        const bool swanctl = is_swanctl(around_.schema);
        Duration lifetime = swanctl ? std::chrono::minutes(66) : std::chrono::minutes(60);
        if (const auto own = view_.duration("lifetime")) {
            lifetime = own->value;
        } else if (const auto rekey = view_.duration("rekeytime")) {
            if (rekey->value == Duration{}) {
                warn_of_no_rekeying(view_, report_);
                lifetime = std::chrono::hours(8);
            } else {
                lifetime = std::max(rekey->value + rekey->value / 10, least);
            }
        } else if (const auto peers = remote_.duration("lifetime")) {
            lifetime = peers->value;
        }
        tunnel_.lifetime.seconds =
            static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(lifetime).count());
        auto octets = view_.octets("lifebytes");
        if (!octets) {
            octets = view_.octets("rekeybytes");
            if (octets) {
                octets->value += octets->value / 10;
            }
        }
        if (octets) {
            // RFC 2407 4.5.2: a kilobyte has 1,000 octets. Less than one is one: 0
            // would be no limit.
            tunnel_.lifetime.kilobytes =
                octets->value == 0 ? 0 : std::max<std::uint64_t>(octets->value / 1000, 1);
        }
    }

    void proposals() {
        const bool old = view_.has("p2_proposal");
        const auto* const option = old ? "p2_proposal" : "crypto_proposal";
        const auto kind = old ? SectionKind::p2_proposal : SectionKind::crypto_proposal;
        const auto names = view_.words(option, ",");
        const auto first_group =
            peer_.proposals.empty() ? crypto::GroupId::modp2048 : peer_.proposals.front().group;
        if (names.empty()) {
            tunnel_.proposals = default_phase2_proposals(first_group);
            report_.note(
                view_.place(), fmt::format("{} names no proposal for Phase 2", view_.title()),
                fmt::format("aes256 and aes128 with sha512, sha256 and sha1 and PFS with {} are offered",
                            crypto::info(first_group).name),
                fmt::format("add 'option {}' to say which",
                            around_.schema == Schema::uci_g0 ? "p2_proposal" : "crypto_proposal"));
        } else {
            const auto md5 = remote_.boolean("allow_md5");
            tunnel_.proposals_place = names.front().place;
            tunnel_.proposals =
                phase2_proposals(around_.document, names, kind, view_.title(), {md5 && md5->value}, report_);
            if (tunnel_.proposals.empty()) {
                refuse(names.front().place, fmt::format("no Phase 2 proposal of {} is usable", view_.title()),
                       "fix its proposals; each has a message of its own");
            }
        }
        pfs(first_group);
    }

    void pfs(crypto::GroupId first_group) {
        const auto text = view_.text("pfs");
        if (!text) {
            return;
        }
        // Before the switch: "1" and "2" would be group numbers too.
        const auto wanted = parse_boolean(text->value);
        std::optional<crypto::GroupId> group;
        if (!wanted) {
            group = usable_group(*text, fmt::format("'pfs' of {}", view_.title()), report_);
            if (!group) {
                return;
            }
        }
        for (auto& proposal : tunnel_.proposals) {
            if (!wanted) {
                proposal.pfs = group;
            } else if (!*wanted) {
                proposal.pfs = std::nullopt;
            } else if (!proposal.pfs) {
                proposal.pfs = first_group;
            }
        }
    }

    std::vector<Tunnel> pairs(const std::vector<Sourced<Ipv4Net>>& local,
                              const std::vector<Sourced<Ipv4Net>>& remote) {
        if (local.size() * remote.size() > max_pairs) {
            refuse(view_.place(),
                   fmt::format("{} has {} pairs of networks, more than {}", view_.title(),
                               local.size() * remote.size(), max_pairs),
                   "join neighbouring networks into larger ones");
            return {};
        }
        std::vector<Tunnel> tunnels;
        for (const auto& ours : local) {
            for (const auto& theirs : remote) {
                // A larger network around ours is fine: the longer prefix keeps local traffic local.
                if (ours.value.contains(theirs.value.network) && ours.value.prefix <= theirs.value.prefix) {
                    report_.error(
                        theirs.place,
                        fmt::format("{} lies in the local network {} (line {})", theirs.value.text(),
                                    ours.value.text(), ours.place.line),
                        "packets could not tell the two sides apart, and this pair is left out",
                        ours.value.prefix == 0
                            ? "write the networks of the two sides: causeway routes by them, and by no mark "
                              "or interface"
                            : "renumber one of the two networks");
                    continue;
                }
                auto tunnel = tunnel_;
                if (!tunnels.empty()) {
                    tunnel.name = fmt::format("{}-{}", tunnel_.name, tunnels.size() + 1);
                }
                tunnel.local = {ours.value, 0, 0};
                tunnel.remote = {theirs.value, 0, 0};
                tunnel.local_place = ours.place;
                tunnel.remote_place = theirs.place;
                tunnels.push_back(std::move(tunnel));
            }
        }
        return tunnels;
    }

    const Surroundings& around_;
    const SectionView& view_;
    const SectionView& remote_;
    const Peer& peer_;
    Report& report_;
    Tunnel tunnel_;
    bool refused_ = false;
};

}  // namespace

std::optional<StartAction> parse_start_action(std::string_view text) {
    if (text == "start") {
        return StartAction::start;
    }
    if (text == "route" || text == "trap" || text == "traffic") {
        return StartAction::traffic;
    }
    if (text == "add" || text == "none" || text == "ignore") {
        return StartAction::none;
    }
    return std::nullopt;
}

std::optional<LossAction> parse_loss_action(std::string_view text) {
    if (text == "restart" || text == "start" || text == "restart_by_peer") {
        return LossAction::restart;
    }
    if (text == "hold" || text == "trap" || text == "route" || text == "traffic") {
        return LossAction::traffic;
    }
    if (text == "clear" || text == "none") {
        return LossAction::clear;
    }
    return std::nullopt;
}

std::vector<Tunnel> read_tunnel(const Surroundings& around, const SectionView& tunnel,
                                const SectionView& remote, const Peer& peer) {
    return TunnelReader(around, tunnel, remote, peer).read();
}

}  // namespace causeway::config::uci
