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
#include "base/findings.hpp"
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
            refuse(finding<FindingId::network_translated>(nat->place, field<"section">(view_.title())));
        }
        tunnel_.name = view_.name();
        tunnel_.place = view_.place();
        const auto local = networks("local_subnet");
        const auto remote = networks("remote_subnet");
        actions();
        lifetime();
        proposals();
        tunnel_.backup = view_.boolean("backup");
        if (refused_) {
            return {};
        }
        return pairs(local, remote);
    }

 private:
    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }

    std::vector<Sourced<Ipv4Net>> networks(std::string_view option) {
        const auto words = view_.words(option, ",");
        if (words.empty()) {
            refuse(finding<FindingId::subnet_missing>(view_.place(), field<"section">(view_.title()),
                                                      field<"option">(std::string(option))));
        }
        std::vector<Sourced<Ipv4Net>> networks;
        for (const auto& word : words) {
            if (const auto network = read_network(word, option)) {
                networks.push_back({*network, word.place});
            }
        }
        return networks;
    }

    /// Of whichever row says what is wrong with a network.
    template <FindingId id>
    [[nodiscard]] Finding of_network(const Sourced<std::string>& word, std::string_view option) const {
        return finding<id>(word.place, field<"option">(std::string(option)), field<"section">(view_.title()),
                           field<"value">(printable(word.value)));
    }

    /// "192.168.1.0/24", with a dotted mask, or with bits of a host behind it.
    std::optional<Ipv4Net> read_network(const Sourced<std::string>& word, std::string_view option) {
        const auto slash = word.value.find('/');
        const auto address = IpAddress::parse(std::string_view(word.value).substr(0, slash));
        if (address && address->is_v6()) {
            refuse(of_network<FindingId::subnet_is_of_ipv6>(word, option));
            return std::nullopt;
        }
        const auto bits = slash == std::string::npos
                              ? std::optional<std::uint8_t>(32)
                              : prefix_of(std::string_view(word.value).substr(slash + 1));
        if (!address || !bits || address->v4_number() >= class_e) {
            refuse(word.value.find('[') != std::string::npos
                       ? of_network<FindingId::subnet_with_ports>(word, option)
                   : word.value == "%dynamic" || word.value == "dynamic"
                       ? of_network<FindingId::subnet_is_dynamic>(word, option)
                       : of_network<FindingId::subnet_unreadable>(word, option));
            return std::nullopt;
        }
        const Ipv4Net net{address->v4_number() & Ipv4Net{0, *bits}.mask(), *bits};
        if (net.network != address->v4_number()) {
            report_.say(finding<FindingId::subnet_is_host>(
                word.place, field<"option">(std::string(option)), field<"section">(view_.title()),
                field<"value">(word.value), field<"network">(net.text())));
        } else if (slash == std::string::npos && (net.network & 0xff) == 0) {
            report_.say(of_network<FindingId::subnet_without_mask>(word, option));
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
                tunnel_.start_place = text->place;
                if (std::string_view(option) == "mode" && is_swanctl(around_.schema) &&
                    !view_.has("startaction")) {
                    report_.say(finding<FindingId::start_in_mode>(
                        text->place, field<"section">(view_.title()), field<"value">(text->value),
                        field<"option">(around_.schema == Schema::uci_g4 ? "start_action" : "startaction")));
                }
            } else {
                view_.unreadable(*text, option, "start, route or add");
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
        view_.unreadable(*text, option, "clear, hold or restart");
        return otherwise;
    }

    void lifetime() {
        constexpr Duration least = std::chrono::seconds(10);
        const bool swanctl = is_swanctl(around_.schema);
        Duration lifetime = swanctl ? std::chrono::minutes(66) : std::chrono::minutes(60);
        if (const auto own = view_.duration("lifetime")) {
            lifetime = own->value;
            tunnel_.lifetime_place = own->place;
        } else if (const auto rekey = view_.duration("rekeytime")) {
            tunnel_.lifetime_place = rekey->place;
            if (rekey->value == Duration{}) {
                warn_of_no_rekeying(view_, report_);
                lifetime = std::chrono::hours(8);
            } else {
                lifetime = std::max(rekey->value + rekey->value / 10, least);
            }
        } else if (const auto peers = remote_.duration("lifetime")) {
            lifetime = peers->value;
            tunnel_.lifetime_place = peers->place;
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
            report_.say(finding<FindingId::phase2_not_proposed>(
                view_.place(), field<"section">(view_.title()),
                field<"group">(std::string(crypto::info(first_group).name)),
                field<"option">(around_.schema == Schema::uci_g0 ? "p2_proposal" : "crypto_proposal")));
        } else {
            const auto md5 = remote_.boolean("allow_md5");
            tunnel_.proposals_place = names.front().place;
            tunnel_.proposals =
                phase2_proposals(around_.document, names, kind, view_.title(), {md5 && md5->value}, report_);
            if (tunnel_.proposals.empty()) {
                refuse(finding<FindingId::phase2_not_usable>(names.front().place,
                                                             field<"section">(view_.title())));
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

    template <FindingId id>
    static Finding overlap(const Sourced<Ipv4Net>& theirs, const Sourced<Ipv4Net>& ours) {
        return finding<id>(std::vector{theirs.place, ours.place}, field<"remote">(theirs.value.text()),
                           field<"local">(ours.value.text()), field<"line">(std::to_string(ours.place.line)));
    }

    std::vector<Tunnel> pairs(const std::vector<Sourced<Ipv4Net>>& local,
                              const std::vector<Sourced<Ipv4Net>>& remote) {
        if (local.size() * remote.size() > max_pairs) {
            refuse(finding<FindingId::too_many_pairs>(
                view_.place(), field<"section">(view_.title()),
                field<"pairs">(std::to_string(local.size() * remote.size())),
                field<"most">(std::to_string(max_pairs))));
            return {};
        }
        std::vector<Tunnel> tunnels;
        for (const auto& ours : local) {
            for (const auto& theirs : remote) {
                if (ours.value == theirs.value) {
                    report_.dropped(ours.value.prefix == 0
                                        ? overlap<FindingId::everything_is_local>(theirs, ours)
                                        : overlap<FindingId::remote_network_is_local>(theirs, ours));
                    continue;
                }
                // A hub's. The longer prefix decides, both ways round; the far end of a tunnel for all traffic has
                // every network in its own, and that is no news.
                if (ours.value.contains(theirs.value.network) && ours.value.prefix < theirs.value.prefix &&
                    ours.value.prefix > 1) {
                    report_.say(overlap<FindingId::remote_network_in_local>(theirs, ours));
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
