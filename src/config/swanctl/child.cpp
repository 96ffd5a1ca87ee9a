#include "config/swanctl/child.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "base/time.hpp"
#include "config/strongswan/proposals.hpp"
#include "config/strongswan/values.hpp"
#include "config/swanctl/keys.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

using strongswan::Selector;

/// parse_action() of vici_config.c: none is 0, the others may be joined with '|'.
struct Action {
    bool trap = false;
    bool start = false;
};
std::optional<Action> parse_action(std::string_view text) {
    Action action;
    for (const auto word : split_words(text, "|")) {
        if (word == "start" || word == "restart") {
            action.start = true;
        } else if (word == "trap" || word == "route") {
            action.trap = true;
        } else if (word != "none" && word != "clear") {
            return std::nullopt;
        }
    }
    return action;
}

constexpr std::string_view action_keys[] = {"start_action", "dpd_action", "close_action"};

class ChildReader {
 public:
    ChildReader(const View& child, const Peer& peer, Report& report)
        : child_(child),
          peer_(peer),
          report_(report),
          title_(fmt::format("child '{}' of '{}'", printable(child.name(), 60), printable(peer.name, 60))) {}

    Child read() {
        discarded_ = !check_keys(child_, In::child, title_, report_);
        tunnel_.name = child_.name();
        tunnel_.place = child_.place();
        const bool carries = is_tunnel() && has_esp();
        if (!carries) {
            return {std::nullopt, {}, discarded_};
        }
        actions();
        lifetime();
        proposals();
        networks();
        if (refused_ || discarded_) {
            return {std::nullopt, {}, discarded_};
        }
        return {std::move(tunnel_), std::move(answered_), false};
    }

 private:
    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }

    /// A value that strongSwan does not take costs the whole connection.
    void discard(const Setting& setting, std::string remedy) {
        report_.dropped(finding<FindingId::swanctl_value_unreadable>(
            setting.place, field<"option">(setting.name), field<"section">(title_),
            field<"value">(printable(setting.value.text, 60)), field<"remedy">(std::move(remedy))));
        discarded_ = true;
    }

    bool is_tunnel() {
        const auto* const mode = child_.find("mode");
        if (mode == nullptr || mode->value.text == "tunnel") {
            return true;
        }
        const auto& text = mode->value.text;
        if (text == "pass" || text == "drop") {
            report_.dropped(finding<FindingId::child_is_shunt>(mode->place, field<"section">(title_),
                                                               field<"value">(text)));
        } else if (text == "transport" || text == "transport_proxy" || text == "beet") {
            refuse(finding<FindingId::child_of_other_mode>(mode->place, field<"section">(title_),
                                                           field<"value">(text)));
        } else {
            discard(*mode, "write mode = tunnel");
        }
        return false;
    }

    bool has_esp() {
        const auto* const ah = child_.find("ah_proposals");
        if (ah == nullptr) {
            return true;
        }
        if (child_.find("esp_proposals") != nullptr) {
            report_.dropped(finding<FindingId::option_not_supported>(
                ah->name_place, field<"option">(ah->name), field<"section">(title_),
                field<"consequence">("AH is not done, and ESP alone is used")));
            return true;
        }
        refuse(finding<FindingId::child_of_ah>(ah->place, field<"section">(title_)));
        return false;
    }

    void actions() {
        for (const auto key : action_keys) {
            const auto* const setting = child_.find(key);
            if (setting != nullptr && !parse_action(setting->value.text)) {
                discard(*setting, "write none, trap or start");
            }
        }
        const auto read = actions_of(child_);
        tunnel_.start = read.start;
        if (const auto* const setting = child_.find("start_action")) {
            tunnel_.start_place = setting->place;
        }
        tunnel_.on_close = read.on_close;
        tunnel_.on_silence = read.on_silence;
    }

    std::optional<Duration> time(std::string_view key) {
        const auto* const setting = child_.find(key);
        if (setting == nullptr) {
            return std::nullopt;
        }
        const auto time = parse_duration(setting->value.text);
        if (!time) {
            discard(*setting, "write a time, as 1h or 3600");
        }
        return time;
    }

    std::optional<std::uint64_t> octets(std::string_view key) {
        const auto* const setting = child_.find(key);
        if (setting == nullptr) {
            return std::nullopt;
        }
        const auto octets = parse_octets(setting->value.text);
        if (!octets) {
            discard(*setting, "write a number of octets, as 500m");
        }
        return octets;
    }

    /// check_lifetimes() of vici_config.c; what is proposed is the hard limit (quick_mode.c, get_lifetimes()).
    void lifetime() {
        constexpr Duration least = std::chrono::seconds(10);
        for (const auto* const key : {"rekey_time", "life_time"}) {
            if (const auto* const setting = child_.find(key)) {
                tunnel_.lifetime_place = setting->place;
            }
        }
        const auto rekey = time("rekey_time").value_or(std::chrono::hours(1));
        auto life = time("life_time").value_or(rekey + rekey / 10);
        if (life == Duration{}) {
            // RFC 2407 4.5: what a peer assumes that is told no lifetime.
            life = std::chrono::hours(8);
            report_.say(finding<FindingId::swanctl_lifetime_unlimited>(
                child_.place_of("rekey_time"), field<"option">("rekey_time"), field<"section">(title_)));
        }
        tunnel_.lifetime.seconds = static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::seconds>(std::max(life, least)).count());
        const auto rekey_octets = octets("rekey_bytes").value_or(0);
        const auto life_octets = octets("life_bytes").value_or(rekey_octets + rekey_octets / 10);
        // RFC 2407 4.5.2: a kilobyte has 1,000 octets. Less than one is one: 0 would be no limit.
        tunnel_.lifetime.kilobytes = life_octets == 0 ? 0 : std::max<std::uint64_t>(life_octets / 1000, 1);
    }

    void proposals() {
        const auto* const setting = child_.find("esp_proposals");
        const auto words = setting != nullptr ? setting->list() : std::vector<Sourced<std::string>>{};
        if (words.empty()) {
            tunnel_.proposals = strongswan::default_esp_proposals(strongswan::EspOrder::aead_first);
            report_.say(finding<FindingId::esp_proposals_default>(child_.place(), field<"section">(title_)));
            return;
        }
        tunnel_.proposals_place = setting->place;
        auto read = strongswan::esp_proposals(words, {"esp_proposals", title_}, report_);
        discarded_ = discarded_ || read.refused;
        if (read.usable.empty() && !read.refused) {
            refuse(finding<FindingId::phase2_not_usable>(setting->place, field<"section">(title_)));
        }
        tunnel_.proposals = std::move(read.usable);
    }

    /// One side's networks, and which of them is proposed.
    struct Side {
        std::string_view option;
        std::vector<Sourced<std::string>> words;
        Selector selector{};
        Sourced<std::string> written{};
    };

    /// swanctl.conf(5): what is not written is dynamic.
    Side side(std::string_view option) {
        Side side{option, {}};
        if (const auto* const setting = child_.find(option)) {
            side.words = setting->list();
        }
        if (side.words.empty()) {
            side.words.push_back({"dynamic", child_.place()});
        }
        std::vector<Selector> selectors;
        for (const auto& word : side.words) {
            selectors.push_back(strongswan::parse_selector(word.value));
            if (selectors.back().kind == Selector::Kind::unreadable) {
                refuse(of_network<FindingId::subnet_unreadable>(word, option));
                discarded_ = true;
            } else if (const auto dotted = selectors.back().dotted.value_or(0); dotted != 0 && dotted != 32) {
                report_.say(finding<FindingId::ipsec_subnet_with_mask>(
                    word.place, field<"option">(std::string(option)), field<"conn">(title_),
                    field<"value">(word.value), field<"bits">(std::to_string(dotted))));
            }
        }
        const auto at = strongswan::proposed(selectors);
        side.selector = selectors[at];
        side.written = side.words[at];
        return side;
    }

    /// Of whichever row says what is wrong with a network.
    template <FindingId id>
    [[nodiscard]] Finding of_network(const Sourced<std::string>& word, std::string_view option) const {
        return finding<id>(word.place, field<"option">(std::string(option)), field<"section">(title_),
                           field<"value">(printable(word.value, 60)));
    }

    /// The address of one end, where the file has it: what charon puts for dynamic.
    [[nodiscard]] std::optional<Ipv4Net> host(bool local) const {
        std::optional<IpAddress> address;
        if (local && peer_.local_address) {
            address = peer_.local_address->value;
        } else if (!local && peer_.addresses.size() == 1) {
            if (const auto* const ip = std::get_if<IpAddress>(&peer_.addresses.front().value)) {
                address = *ip;
            }
        }
        return address && address->is_v4() ? std::optional(Ipv4Net{address->v4_number(), 32}) : std::nullopt;
    }

    std::optional<Ipv4Net> network(const Side& side, bool local) {
        const auto& word = side.written;
        switch (side.selector.kind) {
            case Selector::Kind::network:
                break;
            case Selector::Kind::dynamic:
                if (const auto net = host(local)) {
                    return net;
                }
                refuse(of_network<FindingId::network_is_dynamic>(word, side.option));
                return std::nullopt;
            case Selector::Kind::of_ipv6:
                refuse(of_network<FindingId::subnet_is_of_ipv6>(word, side.option));
                return std::nullopt;
            case Selector::Kind::with_ports:
                refuse(of_network<FindingId::subnet_with_ports>(word, side.option));
                return std::nullopt;
            case Selector::Kind::no_network:
                refuse(of_network<FindingId::subnet_unreadable>(word, side.option));
                return std::nullopt;
            case Selector::Kind::unreadable:
                return std::nullopt;  // said
        }
        if (side.selector.is_host) {
            report_.say(finding<FindingId::subnet_is_host>(
                word.place, field<"option">(std::string(side.option)), field<"section">(title_),
                field<"value">(word.value), field<"network">(side.selector.net.text())));
        } else if (side.selector.maskless) {
            report_.say(of_network<FindingId::subnet_without_mask>(word, side.option));
        }
        return side.selector.net;
    }

    /// A network that lies in another one of its side is none of its own (child_cfg.c).
    static bool stands_alone(const Selector& selector, const Side& side) {
        return selector.kind == Selector::Kind::network &&
               std::ranges::none_of(side.words, [&](const auto& word) {
                   const auto other = strongswan::parse_selector(word.value);
                   return other.kind == Selector::Kind::network && other.net != selector.net &&
                          other.net.prefix < selector.net.prefix && other.net.contains(selector.net.network);
               });
    }

    /// charon, IKEv1: it proposes the first pair, and takes the others when the peer proposes them.
    void further_pairs(const Side& local, const Side& remote) {
        constexpr std::size_t most = 64;
        for (const auto& ours : local.words) {
            for (const auto& theirs : remote.words) {
                const auto here = strongswan::parse_selector(ours.value);
                const auto there = strongswan::parse_selector(theirs.value);
                const bool networks = stands_alone(here, local) && stands_alone(there, remote);
                if (!networks || answered_.size() == most ||
                    (here.net == tunnel_.local.net && there.net == tunnel_.remote.net)) {
                    continue;
                }
                answered_.push_back(tunnel_);
                auto& pair = answered_.back();
                pair.local = {here.net, 0, 0};
                pair.remote = {there.net, 0, 0};
                pair.local_place = ours.place;
                pair.remote_place = theirs.place;
                pair.name = fmt::format("{}-{}", tunnel_.name, answered_.size() + 1);
                pair.start = StartAction::none;
            }
        }
    }

    void networks() {
        const auto local = side("local_ts");
        const auto remote = side("remote_ts");
        const auto ours = network(local, true);
        const auto theirs = network(remote, false);
        if (!ours || !theirs) {
            return;
        }
        tunnel_.local = {*ours, 0, 0};
        tunnel_.remote = {*theirs, 0, 0};
        tunnel_.local_place = local.written.place;
        tunnel_.remote_place = remote.written.place;
        if (local.words.size() > 1 || remote.words.size() > 1) {
            report_.say(finding<FindingId::first_pair_alone>(
                std::vector{local.written.place, remote.written.place}, field<"section">(title_),
                field<"pairs">(std::to_string(local.words.size() * remote.words.size())),
                field<"local">(ours->text()), field<"remote">(theirs->text())));
            further_pairs(local, remote);
        }
        // A larger network around ours is fine, and everything here is the far end of a tunnel for all traffic:
        // the longer prefix keeps local traffic local.
        if (*ours == *theirs) {
            refuse(ours->prefix == 0 ? overlap<FindingId::everything_is_local>()
                                     : overlap<FindingId::remote_network_is_local>());
        } else if (ours->contains(theirs->network) && ours->prefix < theirs->prefix && ours->prefix > 1) {
            report_.say(overlap<FindingId::child_network_in_local>());
        }
    }

    template <FindingId id>
    [[nodiscard]] Finding overlap() const {
        return finding<id>(std::vector{tunnel_.remote_place, tunnel_.local_place},
                           field<"remote">(tunnel_.remote.net.text()),
                           field<"local">(tunnel_.local.net.text()),
                           field<"line">(std::to_string(tunnel_.local_place.line)));
    }

    const View& child_;
    const Peer& peer_;
    Report& report_;
    std::string title_;
    Tunnel tunnel_;
    bool refused_ = false;
    bool discarded_ = false;
    std::vector<Tunnel> answered_;
};

}  // namespace

Actions actions_of(const View& child) {
    Actions actions;
    const auto read = [&](std::string_view key) {
        const auto* const setting = child.find(key);
        const auto action =
            setting != nullptr ? parse_action(setting->value.text).value_or(Action{}) : Action{};
        if ((action.start || action.trap) && !actions.place.known()) {
            actions.place = setting->place;
        }
        return action;
    };
    const auto start = read("start_action");
    actions.start = start.start ? StartAction::start : start.trap ? StartAction::traffic : StartAction::none;
    // swanctl.conf(5), dpd_action: a trap of start_action stays in place whatever becomes of the SA.
    const auto after = [&](const Action& action) {
        return action.start                ? LossAction::restart
               : action.trap || start.trap ? LossAction::traffic
                                           : LossAction::clear;
    };
    actions.on_silence = after(read("dpd_action"));
    actions.on_close = after(read("close_action"));
    return actions;
}

Child read_child(const View& child, const Peer& peer, Report& report) {
    return ChildReader(child, peer, report).read();
}

}  // namespace causeway::config::swanctl
