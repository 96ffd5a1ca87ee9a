#include "config/ipsecconf/conn.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/ipsecconf/conn_view.hpp"
#include "config/ipsecconf/ends.hpp"
#include "config/ipsecconf/suites.hpp"
#include "config/key_strength.hpp"
#include "config/key_text.hpp"
#include "config/profiles.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

/// More than a network is joined with: `type`.
enum class Kind { tunnel, shunt, transport };
/// What it is to do by itself: `auto`.
enum class Start { off, add, route, start };
enum class Version { one, two, either };

std::uint32_t in_seconds(Duration duration) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(duration).count());
}

bool is_key(std::string_view method) {
    return method == "psk" || method == "secret";
}

class ConnReader {
 public:
    ConnReader(const ConnSurroundings& around, const Conn& conn)
        : around_(around), view_(around.document, around.conns, conn, around.report), report_(around.report) {
        peer_.name = tunnel_.name = conn.name;
        peer_.place = tunnel_.place = view_.place();
        peer_.quirks = quirks_of_unknown_peer();
    }

    std::optional<Peer> read() {
        // What all take over is no connection itself (conf_parser.c).
        if (view_.conn().name == "%default" || view_.conn().broken || !is_loaded() || !joins_networks()) {
            return std::nullopt;
        }
        ends_.choose_sides(start_ == Start::route || start_ == Start::start);
        if (!is_by_key()) {
            return std::nullopt;
        }
        // Every reason to refuse the conn is told at once, so that one round of editing mends all.
        key_exchange();
        unsupported_keys();
        ends_.read_addresses(peer_);
        ends_.read_identities(peer_);
        mode();
        key();
        lifetimes();
        proposals();
        peer_.force_encapsulation = forced_encapsulation();
        actions();
        liveness();
        keying_tries();
        peer_.tunnels = ends_.tunnels(tunnel_);
        if (view_.refused() || keyless_ || peer_.tunnels.empty()) {
            return std::nullopt;
        }
        return std::move(peer_);
    }

 private:
    template <FindingId id>
    [[nodiscard]] Finding of_conn(Place place) const {
        return finding<id>(std::move(place), view_.of_this());
    }

    [[nodiscard]] Field<"value"> value_of(const Sourced<std::string>& text) const {
        return {printable(text.value, 60)};
    }

    /// ipsec.conf(5), auto: ignore is the default.
    bool is_loaded() {
        std::vector<std::pair<std::string_view, Start>> words{
            {"add", Start::add}, {"route", Start::route}, {"start", Start::start}, {"ignore", Start::off}};
        if (view_.libreswan()) {
            words.insert(words.end(),
                         {{"ondemand", Start::route}, {"up", Start::start}, {"keep", Start::add}});
        }
        const auto written = view_.one_of<Start>("auto", words);
        if (view_.refused()) {
            return false;
        }
        start_ = written ? written->value : Start::off;
        // What others take over is there for them.
        if (start_ == Start::off && !view_.conn().taken_over) {
            report_.dropped(of_conn<FindingId::ipsec_conn_not_loaded>(view_.place("auto")));
        }
        return start_ != Start::off;
    }

    bool joins_networks() {
        const auto kind = view_.one_of<Kind>("type", {{"tunnel", Kind::tunnel},
                                                      {"transport", Kind::transport},
                                                      {"transport_proxy", Kind::transport},
                                                      {"beet", Kind::transport},
                                                      {"passthrough", Kind::shunt},
                                                      {"pass", Kind::shunt},
                                                      {"drop", Kind::shunt},
                                                      {"reject", Kind::shunt}});
        if (kind && kind->value == Kind::transport) {
            view_.refuse(of_conn<FindingId::ipsec_conn_in_transport_mode>(kind->place));
        }
        return !view_.refused() && (!kind || kind->value == Kind::tunnel);
    }

    /// How one end proves itself, and where that is said. starterstroke.c: `authby` counts where neither leftauth nor
    /// rightauth is there; stroke_config.c: certificates are the default.
    [[nodiscard]] Sourced<std::string> method_of(std::string_view side) const {
        const auto left = view_.text("leftauth");
        const auto right = view_.text("rightauth");
        if (left || right) {
            const auto& own = side == "left" ? left : right;
            return own ? *own : Sourced<std::string>{"pubkey", left ? left->place : right->place};
        }
        const auto both = view_.text("authby");
        return both ? *both : Sourced<std::string>{"pubkey", view_.place()};
    }

    bool is_by_key() {
        for (const auto* const side : {"left", "right"}) {
            const auto method = method_of(side);
            const auto second = view_.text(std::string(side) + "auth2");
            const auto words = split_words(method.value, "|,");
            // libreswan: `secret|rsasig` takes either.
            if (!second && !words.empty() && std::ranges::any_of(words, is_key)) {
                continue;
            }
            const auto& said = second ? *second : method;
            const bool dial_in = ends_.anywhere() || view_.text("leftsourceip") ||
                                 view_.text("rightsourceip") || said.value.starts_with("eap") ||
                                 said.value.starts_with("xauth");
            report_.dropped(dial_in ? finding<FindingId::ipsec_conn_for_dial_in>(said.place, view_.of_this(),
                                                                                 value_of(said))
                                    : finding<FindingId::ipsec_conn_without_key>(said.place, view_.of_this(),
                                                                                 value_of(said)));
            return false;
        }
        return true;
    }

    /// strongSwan, ipsec.conf(5): `ike`, the default, answers either version and calls with IKEv2. libreswan has one
    /// version in a conn, IKEv2 where nothing is said, and `ikev2` in older files.
    void key_exchange() {
        auto version = view_.one_of<Version>(
            "keyexchange", {{"ikev1", Version::one}, {"ike", Version::either}, {"ikev2", Version::two}});
        if (view_.libreswan()) {
            const auto older = view_.one_of<Version>("ikev2", {{"no", Version::one},
                                                               {"never", Version::one},
                                                               {"permit", Version::one},
                                                               {"yes", Version::two},
                                                               {"propose", Version::two},
                                                               {"insist", Version::two}});
            // `keyexchange=ike` says nothing to it.
            version = older && (!version || version->value == Version::either) ? older : version;
        }
        if (version && version->value == Version::one) {
            return;
        }
        const auto place = version ? version->place : view_.place();
        if (view_.libreswan() || (version && version->value == Version::two)) {
            view_.refuse(of_conn<FindingId::ipsec_conn_of_ikev2>(place));
            return;
        }
        if (start_ == Start::add) {
            report_.say(of_conn<FindingId::ipsec_conn_answers_ikev1>(place));
        } else {
            report_.say(of_conn<FindingId::ipsec_conn_calls_with_ikev2>(place));
        }
        answers_only_ = true;
    }

    void unsupported_keys() {
        if (const auto ah = view_.text("ah")) {
            view_.refuse(of_conn<FindingId::ipsec_conn_with_ah>(ah->place));
        }
        if (const auto phase2 = view_.text("phase2"); phase2 && phase2->value != "esp") {
            view_.refuse(of_conn<FindingId::ipsec_conn_with_ah>(phase2->place));
        }
        for (const auto* const side : {"left", "right"}) {
            const auto source = view_.text(std::string(side) + "sourceip");
            if (source && (source->value.starts_with('%') || side == ends_.their_side())) {
                view_.refuse(finding<FindingId::ipsec_conn_with_virtual_address>(
                    source->place, field<"option">(std::string(side) + "sourceip"), view_.of_this()));
            } else if (source) {
                report_.dropped(finding<FindingId::ipsec_sourceip_unused>(
                    source->place, field<"option">(std::string(side) + "sourceip"), view_.of_this()));
            }
            const auto protocol = view_.text(std::string(side) + "protoport");
            if (protocol && protocol->value != "%any" && protocol->value != "0" && protocol->value != "0/0") {
                view_.refuse(finding<FindingId::ipsec_conn_of_one_protocol>(
                    protocol->place, field<"option">(std::string(side) + "protoport"), view_.of_this(),
                    value_of(*protocol)));
            }
        }
    }

    void mode() {
        if (const auto aggressive = view_.boolean("aggressive")) {
            peer_.mode_place = aggressive->place;
            peer_.mode = aggressive->value ? ExchangeMode::aggressive : ExchangeMode::main;
        }
        if (peer_.mode == ExchangeMode::aggressive) {
            report_.say(of_conn<FindingId::ipsec_conn_is_aggressive>(peer_.mode_place));
        }
    }

    void key() {
        if (!around_.keys_missing_from.empty()) {
            keyless_ = true;
            if (!std::exchange(around_.told_of_missing_keys, true)) {
                report_.dropped(finding<FindingId::ipsec_secrets_missing>(
                    view_.place(), view_.of_this(), field<"names">(around_.keys_missing_from)));
            }
            return;
        }
        const auto us = ends_.us(peer_);
        const auto them = ends_.peer(peer_);
        const auto* const shared = around_.secrets.find(us, them);
        const auto words = [](const KeyOwner& one) {
            return one.identity  ? one.identity->text()
                   : one.address ? one.address->text()
                                 : std::string("%any");
        };
        if (shared == nullptr) {
            view_.refuse(finding<FindingId::ipsec_secret_not_found>(
                view_.place(), view_.of_this(), field<"local">(words(us)), field<"remote">(words(them))));
            return;
        }
        if (around_.secrets.is_a_guess(us, them)) {
            view_.report().say(finding<FindingId::ipsec_secret_for_address>(
                view_.place(), view_.of_this(), field<"local">(words(us)), field<"remote">(words(them))));
        }
        const auto& place = shared->text.place;
        if (shared->text.value.empty()) {
            view_.refuse(of_conn<FindingId::ipsec_key_empty>(place));
            return;
        }
        if (shared->written > shared->text.value.size()) {
            report_.say(finding<FindingId::ipsec_key_cut>(
                place, view_.of_this(), field<"read">(std::to_string(shared->text.value.size())),
                field<"written">(std::to_string(shared->written)),
                field<"culprit">(shared->quoted ? "a quote" : "a blank")));
        }
        if (looks_like_placeholder(shared->text.value)) {
            report_.say(finding<FindingId::key_of_template>(place, view_.of_this()));
        }
        peer_.pre_shared_key_place = place;
        if (shared->quoted) {
            peer_.pre_shared_key = Secret(as_bytes(shared->text.value));
        } else if (auto read = read_key(shared->text, KeyChain::swanctl_value, view_.title(), report_)) {
            peer_.pre_shared_key = std::move(*read);
        } else {
            keyless_ = true;
        }
        warn_of_short_key(peer_, view_.title(), report_);
    }

    /// strongSwan: confread.c, IKE_LIFETIME_DEFAULT and IPSEC_LIFETIME_DEFAULT; libreswan 4.10: ipsec.conf(5).
    void lifetimes() {
        const auto ike = view_.duration("ikelifetime");
        peer_.lifetime.seconds = in_seconds(ike ? ike->value : view_.libreswan() ? hours(8) : hours(3));
        peer_.lifetime_place = ike ? ike->place : Place{};
        const auto ipsec = view_.duration("lifetime");
        tunnel_.lifetime.seconds = in_seconds(ipsec ? ipsec->value : view_.libreswan() ? hours(8) : hours(1));
        tunnel_.lifetime_place = ipsec ? ipsec->place : Place{};
        if (const auto octets = view_.text("lifebytes")) {
            if (const auto number = parse_number(octets->value)) {
                // RFC 2407 4.5.2: a kilobyte has 1,000 octets. Less than one is one: 0 would be no limit.
                tunnel_.lifetime.kilobytes = *number == 0 ? 0 : std::max<std::uint64_t>(*number / 1000, 1);
            } else {
                view_.unreadable(*octets, "lifebytes", "a number of octets");
            }
        }
        if (const auto rekey = view_.boolean("rekey")) {
            peer_.rekey = rekey->value;
        }
    }

    void proposals() {
        const SuiteRules rules{view_.libreswan()};
        const auto ike = view_.list("ike");
        peer_.proposals_place = view_.place("ike");
        peer_.proposals = phase1_of(ike, rules, view_.title(), report_);
        const auto esp = view_.list("esp");
        tunnel_.proposals_place = view_.place("esp");
        tunnel_.proposals = phase2_of(esp, rules, view_.title(), report_);
        for (const auto& [empty, option, place] :
             {std::tuple{peer_.proposals.empty(), "ike", peer_.proposals_place},
              std::tuple{tunnel_.proposals.empty(), "esp", tunnel_.proposals_place}}) {
            if (empty) {
                view_.refuse(
                    finding<FindingId::ipsec_no_suite_left>(place, field<"option">(option), view_.of_this()));
            }
        }
        view_.libreswan() ? pfs_of_libreswan() : pfs_of_strongswan();
    }

    /// Deprecated and passed over (confread.c, KW_PFS_DEPRECATED): worth a word where it hopes for something else.
    void pfs_of_strongswan() {
        const auto pfs = view_.text("pfs");
        if (!pfs || tunnel_.proposals.empty()) {
            return;
        }
        const bool has_group = tunnel_.proposals.front().pfs.has_value();
        if (has_group != (pfs->value == "yes")) {
            report_.dropped(finding<FindingId::ipsec_pfs_unused>(
                pfs->place, view_.of_this(), value_of(*pfs),
                field<"instead">(has_group ? "the group in 'esp' asks for PFS"
                                           : "no group in 'esp' is no PFS"),
                field<"remedy">(has_group
                                    ? "remove the group from 'esp' where no PFS is wanted"
                                    : "write a group behind the suite, as esp=aes256-sha512-modp2048")));
        }
    }

    /// ipsec.conf(5), pfs and esp: on unless 'no', with the group of Phase 1 where a suite names none.
    void pfs_of_libreswan() {
        const auto pfs = view_.boolean("pfs");
        if (peer_.proposals.empty()) {
            return;
        }
        for (auto& proposal : tunnel_.proposals) {
            if (pfs && !pfs->value) {
                proposal.pfs.reset();
            } else if (!proposal.pfs) {
                proposal.pfs = peer_.proposals.front().group;
            }
        }
    }

    /// libreswan: yes, no or auto, which is by what the NAT detection finds.
    bool forced_encapsulation() {
        const auto forced = view_.text("forceencaps");
        if (forced && view_.libreswan() && forced->value == "auto") {
            return false;
        }
        const auto value = view_.boolean("forceencaps");
        return value && value->value;
    }

    void actions() {
        tunnel_.start = start_ == Start::start   ? StartAction::start
                        : start_ == Start::route ? StartAction::traffic
                                                 : StartAction::none;
        if (const auto written = view_.text("auto")) {
            tunnel_.start_place = written->place;
        }
        // Unless the file says otherwise, a lost tunnel comes back the way it came up: a trap stays where it is.
        const auto as_started = tunnel_.start == StartAction::start     ? LossAction::restart
                                : tunnel_.start == StartAction::traffic ? LossAction::traffic
                                                                        : LossAction::clear;
        const std::vector<std::pair<std::string_view, LossAction>> words{{"clear", LossAction::clear},
                                                                         {"hold", LossAction::traffic},
                                                                         {"restart", LossAction::restart},
                                                                         {"none", as_started}};
        auto silence_words = words;
        if (view_.libreswan()) {
            silence_words.emplace_back("restart_by_peer", LossAction::restart);
        }
        const auto close = view_.one_of<LossAction>("closeaction", words);
        const auto silence = view_.one_of<LossAction>("dpdaction", silence_words);
        tunnel_.on_close = close ? close->value : as_started;
        tunnel_.on_silence = silence ? silence->value : as_started;
        if (ends_.anywhere() && !view_.refused()) {
            report_.say(of_conn<FindingId::ipsec_peer_anywhere>(view_.place(ends_.their_side())));
        }
        if (answers_only_ || ends_.anywhere()) {
            tunnel_.start = StartAction::none;
            tunnel_.on_close = tunnel_.on_silence = LossAction::clear;
        }
    }

    [[nodiscard]] bool dials() const { return tunnel_.start != StartAction::none; }

    /// strongSwan: 30 s and 150 s, and off unless an action is there. libreswan: on where both times are there.
    void liveness() {
        const auto delay = view_.duration("dpddelay");
        const auto timeout = view_.duration("dpdtimeout");
        const auto action = view_.text("dpdaction");
        const auto idle = delay ? delay->value : view_.libreswan() ? Duration{} : seconds(30);
        const auto gone = timeout ? timeout->value : view_.libreswan() ? Duration{} : seconds(150);
        const bool asked_for = view_.libreswan() ? gone > Duration{} : action && action->value != "none";
        peer_.liveness.enabled = asked_for && idle > Duration{};
        if (peer_.liveness.enabled) {
            peer_.liveness.idle = idle;
            peer_.liveness.misses = static_cast<unsigned>(std::clamp<std::int64_t>(gone / idle, 1, 100));
        } else if (dials()) {
            const auto place = asked_for && delay ? delay->place : action ? action->place : view_.place();
            report_.say(of_conn<FindingId::ipsec_dpd_off>(place));
        }
    }

    /// confread.c, SA_REPLACEMENT_RETRIES_DEFAULT; libreswan goes on for ever. A trap stays when the attempts are used
    /// up, and the next packet begins new ones.
    void keying_tries() {
        const auto tries = view_.text("keyingtries");
        std::uint64_t number = view_.libreswan() ? 0 : 3;
        if (tries && tries->value != "%forever") {
            const auto read = parse_number(tries->value);
            if (!read) {
                view_.unreadable(*tries, "keyingtries", "a number, or %forever");
                return;
            }
            number = *read;
        } else if (tries) {
            number = 0;
        }
        if (number == 0 || tunnel_.start != StartAction::start) {
            return;
        }
        if (tries) {
            report_.say(finding<FindingId::ipsec_keyingtries_finite>(tries->place, view_.of_this(),
                                                                     field<"value">(std::to_string(number))));
        } else {
            report_.say(of_conn<FindingId::ipsec_keyingtries_default>(view_.place()));
        }
    }

    const ConnSurroundings& around_;
    ConnView view_;
    Report& report_;
    Ends ends_{view_};
    Peer peer_;
    Tunnel tunnel_;
    Start start_ = Start::off;
    bool answers_only_ = false;
    bool keyless_ = false;
};

}  // namespace

std::optional<Peer> read_conn(const ConnSurroundings& around, const Conn& conn) {
    return ConnReader(around, conn).read();
}

}  // namespace causeway::config::ipsecconf
