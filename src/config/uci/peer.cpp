#include "config/uci/peer.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
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
        if (looks_like_placeholder({reinterpret_cast<const char*>(peer_.pre_shared_key.view().data()),
                                    peer_.pre_shared_key.size()})) {
            report_.say(finding<FindingId::key_of_template>(peer_.pre_shared_key_place));
        }
        tunnels();
        return !refused_;
    }

 private:
    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }

    /// Of a row that names the remote and nothing else.
    template <FindingId id>
    [[nodiscard]] Finding of_remote(Place place) const {
        return finding<id>(std::move(place), field<"section">(remote_.title()));
    }

    void collect_tunnel_sections() {
        for (const auto* const option : {"tunnel", "child"}) {
            for (const auto& name : remote_.words(option, ",")) {
                const auto* section = find_section(around_.document, name.value);
                if (section == nullptr) {
                    report_.dropped(finding<FindingId::tunnel_section_missing>(
                        name.place, field<"section">(remote_.title()), field<"option">(option),
                        field<"name">(printable(name.value))));
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
        std::vector places{name.place};
        if (const auto* const named = find_section(around_.document, name.value)) {
            places.push_back(report_.place(named->at.line, named->at.column));
        }
        auto section = field<"section">(remote_.title());
        auto named = field<"name">(printable(name.value));
        report_.dropped(around_.schema == Schema::uci_g4
                            ? finding<FindingId::transport_named_as_child>(
                                  std::move(places), std::move(section), std::move(named))
                            : finding<FindingId::transport_named>(std::move(places), std::move(section),
                                                                  std::move(named)));
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
            refuse(finding<FindingId::keyexchange_unreadable>(version->place,
                                                              field<"value">(printable(version->value)),
                                                              field<"section">(remote_.title())));
        } else if (version) {
            refuse(finding<FindingId::keyexchange_is_other>(version->place, field<"value">(version->value),
                                                            field<"section">(remote_.title())));
        } else if (around_.schema != Schema::uci_g0) {
            refuse(finding<FindingId::keyexchange_missing>(remote_.place(), field<"section">(remote_.title()),
                                                           field<"where">(where)));
        }
    }

    void authentication() {
        const auto method = remote_.text("authentication_method");
        const auto key = remote_.text("pre_shared_key");
        if (method && method->value != "psk") {
            refuse(finding<FindingId::authentication_not_by_key>(
                method->place, field<"value">(printable(method->value)), field<"section">(remote_.title())));
            return;
        }
        if (!key) {
            refuse(of_remote<FindingId::pre_shared_key_missing>(remote_.place()));
            return;
        }
        if (!method) {
            report_.say(of_remote<FindingId::authentication_unsaid>(remote_.place()));
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
            report_.say(finding<FindingId::gateway_missing>(
                remote_.place(), field<"section">(remote_.title()), field<"option">(option)));
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
                refuse(finding<FindingId::gateway_unreadable>(
                    text.place, field<"value">(printable(text.value)), field<"section">(remote_.title())));
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
            report_.dropped(finding<FindingId::own_address_unreadable>(
                first.place, field<"value">(printable(first.value))));
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
                refuse(finding<FindingId::exchange_mode_unreadable>(
                    mode->place, field<"value">(printable(mode->value)), field<"section">(remote_.title())));
            }
        } else if (const auto aggressive = remote_.boolean("aggressive")) {
            peer_.mode_place = aggressive->place;
            peer_.mode = aggressive->value ? ExchangeMode::aggressive : ExchangeMode::main;
        }
        if (peer_.mode == ExchangeMode::aggressive) {
            report_.say(of_remote<FindingId::aggressive_mode_used>(peer_.mode_place));
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
                report_.say(finding<FindingId::keyingtries_honoured>(
                    std::vector{tries->place, honoured->place},
                    field<"value">(std::to_string(peer_.keying_tries))));
            } else if (peer_.keying_tries != 0) {
                report_.dropped(finding<FindingId::keyingtries_ignored>(
                    tries->place, field<"value">(std::to_string(peer_.keying_tries))));
                peer_.keying_tries = 0;
            } else if (!number) {
                report_.dropped(finding<FindingId::keyingtries_unreadable>(
                    tries->place, field<"value">(printable(tries->value))));
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
            if (!peer_.liveness.enabled) {
                report_.say(finding<FindingId::liveness_never_asked>(delay->place));
            }
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
            report_.say(finding<FindingId::liveness_off>(
                quiet->place("dpdaction"), field<"option">(std::string(quiet->written("dpdaction")))));
        } else if (peer_.liveness.enabled) {
            const auto other = std::ranges::find_if_not(sections_, says_none);
            report_.say(finding<FindingId::liveness_off_in_part>(
                std::vector{quiet->place("dpdaction"), other->place("dpdaction")},
                field<"option">(std::string(quiet->written("dpdaction"))), field<"section">(quiet->title()),
                field<"remote">(remote_.title())));
        }
    }

    void switches() {
        if (const auto either = remote_.boolean("accept_either_mode")) {
            peer_.quirks.accept_any_mode_as_responder = either->value;
        }
        Place forced;
        for (const auto* const option : {"force_encapsulation", "encap"}) {
            if (const auto value = remote_.boolean(option)) {
                peer_.force_encapsulation = value->value;
                forced = value->place;
            }
        }
        if (const auto value = remote_.boolean("nat_traversal")) {
            peer_.nat_traversal = value->value;
            if (!peer_.nat_traversal && peer_.force_encapsulation) {
                report_.say(finding<FindingId::encapsulation_without_nat_traversal>(
                    std::vector{value->place, forced}));
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
            report_.say(finding<FindingId::phase1_not_proposed>(
                remote_.place(), field<"section">(remote_.title()),
                field<"keyword">(around_.schema == Schema::uci_g1 ? "option" : "list"),
                field<"option">(around_.schema == Schema::uci_g0 ? "p1_proposal" : "crypto_proposal")));
            return;
        }
        peer_.proposals_place = names.front().place;
        peer_.proposals =
            phase1_proposals(around_.document, names, kind, remote_.title(), admitted(), report_);
        if (peer_.proposals.empty()) {
            refuse(of_remote<FindingId::phase1_not_usable>(names.front().place));
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
            refuse(sections_.empty()
                       ? finding<FindingId::no_tunnel_named>(
                             remote_.place(), field<"section">(remote_.title()),
                             field<"option">(around_.schema == Schema::uci_g4 ? "child" : "tunnel"))
                       : of_remote<FindingId::no_tunnel_left>(remote_.place()));
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
    report.say(finding<FindingId::rekeying_off>(section.place("rekeytime"),
                                                field<"option">(std::string(section.written("rekeytime"))),
                                                field<"section">(section.title())));
}

bool read_peer(const Surroundings& around, const SectionView& remote, Peer& peer) {
    return PeerReader(around, remote, peer).read();
}

}  // namespace causeway::config::uci
