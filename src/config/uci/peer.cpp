#include "config/uci/peer.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/event.hpp"
#include "config/key_strength.hpp"
#include "config/key_text.hpp"
#include "config/profiles.hpp"
#include "config/uci/identities.hpp"
#include "config/uci/proposals.hpp"
#include "config/uci/schema.hpp"
#include "config/words.hpp"

namespace causeway::config::uci {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration shortest_lifetime = seconds(10);

std::uint32_t in_seconds(Duration duration) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(duration).count());
}

class PeerReader {
 public:
    PeerReader(const Surroundings& around, const SectionView& remote, Peer& peer)
        : around_(around), remote_(remote), report_(around.report), peer_(peer) {}

    bool read() {
        peer_.name = remote_.name();
        peer_.place = remote_.place();
        peer_.quirks = quirks_of_unknown_peer();
        collect_tunnel_sections();
        // Every reason to refuse the remote is told at once, so that one round of editing mends all.
        key_exchange();
        authentication();
        addresses();
        if (!read_identities(around_, remote_, peer_)) {
            refused_ = true;
        }
        mode();
        lifetimes();
        liveness();
        switches();
        proposals();
        warn_of_short_key(peer_, remote_.title(), report_);
        tunnels();
        return !refused_;
    }

 private:
    void refuse(Place place, std::string what, std::string remedy) {
        report_.error(std::move(place), std::move(what), fmt::format("{} is refused", remote_.title()),
                      std::move(remedy));
        refused_ = true;
    }

    void collect_tunnel_sections() {
        for (const auto* const option : {"tunnel", "child"}) {
            for (const auto& name : remote_.words(option, ",")) {
                const auto* section = find_section(around_.document, name.value);
                if (section == nullptr) {
                    report_.error(name.place,
                                  fmt::format("{} names the {} '{}', and there is no such section",
                                              remote_.title(), option, printable(name.value)),
                                  "this tunnel is missing",
                                  fmt::format("add 'config {} {}'", option, printable(name.value)));
                } else if (is_transport(*section)) {
                    refuse_transport(name);
                } else {
                    sections_.emplace_back(*section, SectionKind::tunnel, generation_of(around_.schema),
                                           report_);
                }
            }
        }
        for (const auto& name : remote_.words("transport", ",")) {
            refuse_transport(name);
        }
    }

    /// `config transport`, or G4's `option mode transport`.
    static bool is_transport(const Section& section) {
        const auto* const mode = section.find("mode");
        return section.type == "transport" || (mode != nullptr && mode->values.front().text == "transport");
    }

    void refuse_transport(const Sourced<std::string>& name) {
        report_.error(
            name.place,
            fmt::format("{} names '{}' for transport mode", remote_.title(), printable(name.value)),
            "transport mode is not supported and this child is left out",
            fmt::format("describe the two networks in a 'config {}'",
                        around_.schema == Schema::uci_g4 ? "child' with 'option mode tunnel" : "tunnel"));
    }

    /// G1 keeps in the tunnel what belongs to the peer; its first tunnel counts.
    template <class Read>
    auto of_peer_or_tunnel(Read read) {
        auto value = read(remote_);
        for (const auto& tunnel : sections_) {
            if (!value) {
                value = read(tunnel);
            }
        }
        return value;
    }

    void key_exchange() {
        const auto version =
            of_peer_or_tunnel([](const SectionView& view) { return view.text("keyexchange"); });
        const auto* const where = around_.schema == Schema::uci_g1 ? "tunnel" : "remote";
        if (version && version->value == "ikev1") {
            return;
        }
        if (version && version->value != "ike" && version->value != "ikev2") {
            refuse(version->place, fmt::format("'keyexchange' is '{}'", printable(version->value)),
                   "write 'option keyexchange ikev1'");
        } else if (version) {
            refuse(version->place, fmt::format("'keyexchange' is '{}', which asks for IKEv2", version->value),
                   "causeway speaks IKEv1: write 'option keyexchange ikev1', at the peer as well");
        } else if (around_.schema != Schema::uci_g0) {
            refuse(remote_.place(),
                   fmt::format("{} has no 'keyexchange', which means IKEv2 in this schema", remote_.title()),
                   fmt::format("causeway speaks IKEv1: add 'option keyexchange ikev1' to the {}", where));
        }
    }

    void authentication() {
        const auto method = remote_.text("authentication_method");
        const auto key = remote_.text("pre_shared_key");
        if (method && method->value != "psk") {
            refuse(method->place, fmt::format("'authentication_method' is '{}'", printable(method->value)),
                   "causeway authenticates with a pre-shared key: write 'option authentication_method psk' "
                   "and set "
                   "'pre_shared_key'");
            return;
        }
        if (!key) {
            refuse(remote_.place(), fmt::format("{} has no 'pre_shared_key'", remote_.title()),
                   "add 'option pre_shared_key' with the key that the peer has");
            return;
        }
        if (!method) {
            report_.note(
                remote_.place(), fmt::format("{} has no 'authentication_method'", remote_.title()),
                "psk is taken, as there is a key; the old script would never have started this tunnel",
                "add 'option authentication_method psk'");
        }
        peer_.pre_shared_key_place = key->place;
        const bool secrets = around_.schema == Schema::uci_g0 || around_.schema == Schema::uci_g1;
        if (auto read = read_key(*key, secrets ? KeyChain::ipsec_secrets : KeyChain::swanctl_conf,
                                 remote_.title(), report_)) {
            peer_.pre_shared_key = std::move(*read);
        } else {
            refused_ = true;
        }
    }

    void addresses() {
        const auto* const option = remote_.has("remote_addrs")     ? "remote_addrs"
                                   : remote_.has("remote_gateway") ? "remote_gateway"
                                   : is_g3_or_later()              ? "remote_addrs"
                                                                   : "gateway";
        if (std::string_view(option) == "remote_addrs" && !remote_.has(option)) {
            read_addresses("gateway");
        }
        read_addresses(option);
        if (peer_.addresses.empty() && !refused_) {
            peer_.addresses.push_back({AnyAddress{}, remote_.place()});
            report_.note(remote_.place(), fmt::format("{} has no '{}'", remote_.title(), option),
                         "causeway waits for the peer to dial",
                         fmt::format("add 'option {}' to dial the peer", option));
        }
        for (const auto* const name : {"local_gateway", "local_ip", "local_addrs", "local_leftip"}) {
            own_address(remote_.words(name, ","));
        }
        for (const auto& tunnel : sections_) {
            own_address(tunnel.words("local_leftip", ","));
        }
    }

    [[nodiscard]] bool is_g3_or_later() const {
        return around_.schema == Schema::uci_g3 || around_.schema == Schema::uci_g4;
    }

    void read_addresses(std::string_view option) {
        for (const auto& text : remote_.words(option, ",")) {
            if (const auto address = peer_address(text)) {
                peer_.addresses.push_back({*address, text.place});
            } else {
                refuse(text.place,
                       fmt::format("'{}' is neither an address nor a host name", printable(text.value)),
                       "write the peer's public address or its dynamic-DNS name, or 'any' if it dials us");
            }
        }
    }

    static std::optional<PeerAddress> peer_address(const Sourced<std::string>& text) {
        if (text.value == "any" || text.value == "%any" || text.value == "%any4" || text.value == "%any6") {
            return AnyAddress{};
        }
        if (const auto address = IpAddress::parse(text.value)) {
            return address->is_unspecified() ? PeerAddress{AnyAddress{}} : PeerAddress{*address};
        }
        // "192.168.1" is a slip, not a name: no top-level domain is a number.
        const auto last = text.value.find_last_not_of("0123456789");
        const bool number_at_end =
            last == std::string::npos || (last + 1 < text.value.size() && text.value[last] == '.');
        if (is_host_name(text.value) && !number_at_end) {
            return HostName{text.value};
        }
        return std::nullopt;
    }

    void own_address(const std::vector<Sourced<std::string>>& words) {
        if (words.empty() || peer_.local_address) {
            return;
        }
        const auto& first = words.front();
        if (first.value.starts_with("%")) {
            return;
        }
        const auto address = IpAddress::parse(first.value);
        if (!address) {
            report_.dropped(Severity::warning, first.place,
                            fmt::format("'{}' is not an address of this machine", printable(first.value)),
                            "the route to the peer decides which one is used",
                            "write an address, or remove the line");
        } else if (!address->is_unspecified()) {
            peer_.local_address = Sourced<IpAddress>{*address, first.place};
        }
    }

    void mode() {
        if (const auto mode = remote_.text("exchange_mode")) {
            peer_.mode_place = mode->place;
            if (mode->value == "aggressive") {
                peer_.mode = ExchangeMode::aggressive;
            } else if (mode->value != "main") {
                refuse(mode->place, fmt::format("'exchange_mode' is '{}'", printable(mode->value)),
                       "write main or aggressive, as the other end has it");
            }
        } else if (const auto aggressive = remote_.boolean("aggressive")) {
            peer_.mode_place = aggressive->place;
            peer_.mode = aggressive->value ? ExchangeMode::aggressive : ExchangeMode::main;
        }
        if (peer_.mode == ExchangeMode::aggressive) {
            report_.note(peer_.mode_place, fmt::format("{} uses Aggressive Mode", remote_.title()),
                         "anyone who captures it can brute-force the key offline, and sees the identities",
                         "set main on both ends where the peer allows it");
        }
    }

    void lifetimes() {
        const bool swanctl = is_swanctl(around_.schema);
        // charon's defaults: 3h for ipsec.conf; 4h and a tenth more for swanctl.conf.
        peer_.lifetime.seconds = in_seconds(swanctl ? minutes(264) : hours(3));
        const auto read = [](const SectionView& view) { return view.duration("ikelifetime"); };
        // RFC 2407 4.5: what a peer assumes that is told no lifetime, as strongSwan
        // tells none.
        constexpr Duration assumed = hours(8);
        if (const auto lifetime = of_peer_or_tunnel(read)) {
            peer_.lifetime.seconds = in_seconds(lifetime->value);
            peer_.lifetime_place = lifetime->place;
        } else if (const auto rekey = remote_.duration("rekeytime"); rekey && rekey->value == Duration{}) {
            peer_.lifetime.seconds = in_seconds(assumed);
            peer_.lifetime_place = rekey->place;
            warn_of_no_rekeying(remote_, report_);
        } else if (rekey) {
            peer_.lifetime.seconds =
                in_seconds(std::max(rekey->value + overtime(rekey->value), shortest_lifetime));
            peer_.lifetime_place = rekey->place;
        }
        const auto tries =
            of_peer_or_tunnel([](const SectionView& view) { return view.text("keyingtries"); });
        if (tries && tries->value != "%forever") {
            const auto number = parse_number(tries->value);
            if (number && *number <= 1000) {
                peer_.keying_tries = static_cast<unsigned>(*number);
            }
            const auto honoured = remote_.boolean("honour_keyingtries");
            if (peer_.keying_tries != 0 && honoured && honoured->value) {
                report_.warning(
                    tries->place, fmt::format("'keyingtries' is {}", peer_.keying_tries),
                    "after so many failures in a row the tunnel stays down for good, until somebody "
                    "raises it by hand",
                    "write 0 to keep trying for ever");
            } else if (peer_.keying_tries != 0) {
                report_.dropped(
                    Severity::warning, tries->place, fmt::format("'keyingtries' is {}", peer_.keying_tries),
                    "it would leave the tunnel down for good after an outage of minutes, so causeway "
                    "keeps trying for ever",
                    "write 0, or 'option honour_keyingtries 1' if that is meant");
                peer_.keying_tries = 0;
            } else if (!number) {
                report_.dropped(Severity::warning, tries->place,
                                fmt::format("'keyingtries' is '{}'", printable(tries->value)),
                                "the value is not understood; causeway keeps trying for ever",
                                "write a number");
            }
        }
    }

    /// A duration, or a percentage of the time until rekeying; swanctl's default is a tenth.
    [[nodiscard]] Duration overtime(Duration rekey) const {
        const auto text = remote_.text("overtime");
        if (text && text->value.ends_with('%')) {
            const auto percent =
                parse_number(std::string_view(text->value).substr(0, text->value.size() - 1));
            if (percent && *percent <= 100) {
                return rekey * static_cast<int>(*percent) / 100;
            }
        }
        const auto more = remote_.duration("overtime");
        return more ? more->value : rekey / 10;
    }

    void liveness() {
        const auto read = [](const SectionView& view) { return view.duration("dpddelay"); };
        if (const auto delay = of_peer_or_tunnel(read)) {
            peer_.liveness.enabled = delay->value > Duration{};
            peer_.liveness.idle = peer_.liveness.enabled ? delay->value : peer_.liveness.idle;
        }
        if (const auto misses = remote_.number("dpd_misses")) {
            peer_.liveness.misses = static_cast<unsigned>(misses->value);
        }
        const auto says_none = [](const SectionView& tunnel) {
            const auto action = tunnel.text("dpdaction");
            return action && action->value == "none";
        };
        const auto quiet = std::ranges::find_if(sections_, says_none);
        if (quiet == sections_.end()) {
            return;
        }
        if (std::ranges::all_of(sections_, says_none)) {
            peer_.liveness.enabled = false;
            report_.warning(quiet->place("dpdaction"),
                            fmt::format("'{}' is none", quiet->written("dpdaction")),
                            "nobody asks whether the peer still lives, and a dead tunnel is noticed only at "
                            "the next rekeying",
                            "write restart, or remove the line");
        } else if (peer_.liveness.enabled) {
            report_.note(quiet->place("dpdaction"),
                         fmt::format("'{}' of {} is none, and not of all tunnels of {}",
                                     quiet->written("dpdaction"), quiet->title(), remote_.title()),
                         "the peer is asked whether it lives for the sake of the others",
                         "write none in all of them, or in none");
        }
    }

    void switches() {
        if (const auto either = remote_.boolean("accept_either_mode")) {
            peer_.quirks.accept_any_mode_as_responder = either->value;
        }
        for (const auto* const option : {"force_encapsulation", "encap"}) {
            if (const auto value = remote_.boolean(option)) {
                peer_.force_encapsulation = value->value;
            }
        }
        if (const auto value = remote_.boolean("nat_traversal")) {
            peer_.nat_traversal = value->value;
            if (!peer_.nat_traversal && peer_.force_encapsulation) {
                report_.warning(value->place, "ESP in UDP is forced, and NAT traversal is switched off",
                                "without NAT traversal ESP is not put into UDP", "remove one of the two");
                peer_.force_encapsulation = false;
            }
        }
        if (const auto value = remote_.boolean("rekey")) {
            peer_.rekey = value->value;
        }
    }

    void proposals() {
        const bool old = remote_.has("p1_proposal");
        const auto* const option = old ? "p1_proposal" : "crypto_proposal";
        const auto kind = old ? SectionKind::p1_proposal : SectionKind::crypto_proposal;
        const auto names = remote_.words(option, ",");
        if (names.empty()) {
            peer_.proposals = default_phase1_proposals();
            report_.note(
                remote_.place(), fmt::format("{} names no proposal for Phase 1", remote_.title()),
                "aes256 and aes128 with sha512, sha256 and sha1, modp2048 and modp1024 are offered",
                fmt::format("add '{} {}' to say which", around_.schema == Schema::uci_g1 ? "option" : "list",
                            around_.schema == Schema::uci_g0 ? "p1_proposal" : "crypto_proposal"));
            return;
        }
        peer_.proposals_place = names.front().place;
        peer_.proposals =
            phase1_proposals(around_.document, names, kind, remote_.title(), admitted(), report_);
        if (peer_.proposals.empty()) {
            refuse(names.front().place, fmt::format("no Phase 1 proposal of {} is usable", remote_.title()),
                   "fix its proposals; each has a message of its own");
        }
    }

    [[nodiscard]] Admitted admitted() const {
        const auto md5 = remote_.boolean("allow_md5");
        return {md5 && md5->value};
    }

    void tunnels() {
        for (const auto& section : sections_) {
            auto read = read_tunnel(around_, section, remote_, peer_);
            std::ranges::move(read, std::back_inserter(peer_.tunnels));
        }
        const auto anywhere = [](const auto& address) {
            return std::holds_alternative<AnyAddress>(address.value);
        };
        if (std::ranges::all_of(peer_.addresses, anywhere)) {
            // There is nobody to dial, whatever the file asks for.
            for (auto& tunnel : peer_.tunnels) {
                tunnel.start = StartAction::none;
                tunnel.on_close = tunnel.on_silence = LossAction::clear;
            }
        }
        if (peer_.tunnels.empty()) {
            refuse(remote_.place(), fmt::format("{} has no usable tunnel", remote_.title()),
                   sections_.empty() ? fmt::format("add 'list {0}' with the name of a 'config {0}' section",
                                                   around_.schema == Schema::uci_g4 ? "child" : "tunnel")
                                     : "fix its tunnels; each has a message of its own");
        }
    }

    const Surroundings& around_;
    const SectionView& remote_;
    Report& report_;
    std::vector<SectionView> sections_;
    Peer& peer_;
    bool refused_ = false;
};

}  // namespace

const Section* find_section(const Document& document, std::string_view name) {
    return document.find(name);
}

void warn_of_no_rekeying(const SectionView& section, Report& report) {
    report.warning(section.place("rekeytime"),
                   fmt::format("'{}' of {} is 0, which asks for an SA that is never renewed",
                               section.written("rekeytime"), section.title()),
                   "it is renewed within 8h, which is what a peer assumes when no lifetime is negotiated",
                   "write a time, or 'option rekey 0' in the remote to let SAs expire");
}

bool read_peer(const Surroundings& around, const SectionView& remote, Peer& peer) {
    return PeerReader(around, remote, peer).read();
}

}  // namespace causeway::config::uci
