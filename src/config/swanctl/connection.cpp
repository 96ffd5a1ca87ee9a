#include "config/swanctl/connection.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "base/sort.hpp"
#include "base/time.hpp"
#include "config/identity_text.hpp"
#include "config/profiles.hpp"
#include "config/strongswan/proposals.hpp"
#include "config/strongswan/values.hpp"
#include "config/swanctl/child.hpp"
#include "config/swanctl/keys.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view section_names[] = {"children", "local", "remote"};

/// A local or remote section.
struct Round {
    View view;
    std::uint64_t number = 0;
};

class ConnectionReader {
 public:
    ConnectionReader(const View& connection, const Secrets& secrets, Report& report)
        : connection_(connection),
          secrets_(secrets),
          report_(report),
          title_(fmt::format("connection '{}'", printable(connection.name(), 60))) {
        peer_.name = connection.name();
        peer_.place = connection.place();
    }

    std::optional<Peer> read() {
        sections();
        if (only_shunts()) {
            return std::nullopt;
        }
        // Of a connection for another protocol or for telephones the rest is nobody's concern here.
        const bool ours = is_ikev1() && authenticates_by_key() && asks_for_no_address();
        if (!ours) {
            return std::nullopt;
        }
        if (!check_keys(connection_, In::connection, title_, report_)) {
            refused_ = true;
        }
        peer_.quirks = quirks_of_unknown_peer();
        addresses();
        identities();
        mode();
        lifetime();
        liveness();
        tries();
        peer_.force_encapsulation = boolean("encap");
        proposals();
        if (!secrets_.give_key(peer_, title_, report_)) {
            refused_ = true;
        }
        tunnels();
        if (refused_) {
            return std::nullopt;
        }
        return std::move(peer_);
    }

 private:
    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }

    [[nodiscard]] auto of_this() const { return field<"section">(title_); }

    void unreadable(const Setting& setting, std::string remedy) {
        if (setting.value.text.ends_with(';')) {
            remedy = "remove the ';': a value ends with its line";
        }
        refuse(finding<FindingId::swanctl_value_unreadable>(
            setting.place, field<"option">(setting.name), of_this(),
            field<"value">(printable(setting.value.text, 60)), field<"remedy">(std::move(remedy))));
    }

    void sections() {
        for (auto& section : connection_.sections()) {
            const auto& name = section.name();
            if (name == "children") {
                children_ = section.sections();
            } else if (name.starts_with("local")) {
                local_.push_back(round(std::move(section)));
            } else if (name.starts_with("remote")) {
                remote_.push_back(round(std::move(section)));
            } else {
                const auto near = nearest(name, section_names);
                refuse(finding<FindingId::section_of_connection_unknown>(
                    section.place(), field<"name">(printable(name, 60)), of_this(),
                    field<"remedy">(near ? fmt::format("did you mean '{}'?", *near) : std::string())));
            }
        }
        for (auto* const rounds : {&local_, &remote_}) {
            sort_stably_by(*rounds, [](const Round& round) { return round.number; });
        }
    }

    Round round(View view) {
        if (!check_keys(view, In::auth, fmt::format("'{}' of {}", printable(view.name(), 60), title_),
                        report_)) {
            refused_ = true;
        }
        Round round{std::move(view)};
        if (const auto* const number = round.view.find("round")) {
            round.number = parse_number(number->value.text).value_or(0);
        }
        return round;
    }

    /// Children that pass or drop packets need no peer.
    [[nodiscard]] bool only_shunts() const {
        return local_.empty() && remote_.empty() && !children_.empty() &&
               std::ranges::all_of(children_, [](const View& child) {
                   const auto* const mode = child.find("mode");
                   return mode != nullptr && (mode->value.text == "pass" || mode->value.text == "drop");
               });
    }

    /// swanctl.conf(5): 0 takes part in either version, and begins with IKEv2.
    bool is_ikev1() {
        const auto* const version = connection_.find("version");
        const std::string_view text = version != nullptr ? std::string_view(version->value.text) : "0";
        either_version_ = text == "0";
        if (text == "2") {
            refuse(finding<FindingId::connection_speaks_ikev2>(version->place, of_this()));
        } else if (text != "1" && !either_version_) {
            unreadable(*version, "write version = 1");
        }
        return text == "1" || either_version_;
    }

    bool authenticates_by_key() {
        const auto check = [&](const std::vector<Round>& rounds, const char* side) {
            if (rounds.empty()) {
                refuse(finding<FindingId::auth_section_missing>(peer_.place, of_this(), field<"side">(side)));
                return;
            }
            const auto* const auth = rounds.front().view.find("auth");
            if (auth == nullptr) {
                refuse(finding<FindingId::auth_not_written>(rounds.front().view.place(), of_this(),
                                                            field<"side">(rounds.front().view.name())));
            } else if (!is_psk(auth->value.text)) {
                refuse(finding<FindingId::auth_is_other>(auth->place, of_this(),
                                                         field<"side">(rounds.front().view.name()),
                                                         field<"value">(printable(auth->value.text, 60))));
            } else if (rounds.size() > 1) {
                refuse(finding<FindingId::auth_of_two_rounds>(
                    rounds[1].view.place_of("auth"), of_this(),
                    field<"side">(printable(rounds[1].view.name(), 60))));
            }
        };
        check(local_, "local");
        check(remote_, "remote");
        return !refused_;
    }

    static bool is_psk(std::string_view text) {
        return text.size() == 3 && (text[0] | 0x20) == 'p' && (text[1] | 0x20) == 's' &&
               (text[2] | 0x20) == 'k';
    }

    bool asks_for_no_address() {
        const auto* const vips = connection_.find("vips");
        if (vips != nullptr) {
            refuse(finding<FindingId::connection_wants_address>(vips->place, of_this()));
        }
        return vips == nullptr;
    }

    void addresses() {
        if (const auto* const setting = connection_.find("remote_addrs")) {
            for (const auto& word : setting->list()) {
                remote_address(word);
            }
        }
        if (peer_.addresses.empty()) {
            peer_.addresses.push_back({AnyAddress{}, connection_.place_of("remote_addrs")});
        }
        if (const auto* const setting = connection_.find("local_addrs")) {
            for (const auto& word : setting->list()) {
                own_address(word);
            }
        }
    }

    void remote_address(const Sourced<std::string>& word) {
        const auto address = strongswan::parse_address(word.value);
        if (!address) {
            refuse(finding<FindingId::remote_address_unreadable>(word.place, of_this(),
                                                                 field<"value">(printable(word.value, 60))));
            return;
        }
        if (address->wide) {
            report_.say(finding<FindingId::remote_address_wide>(word.place, of_this(),
                                                                field<"value">(printable(word.value, 60))));
        }
        peer_.addresses.push_back({address->address, word.place});
    }

    /// The first that is an address; a network or a range only says where calls are taken.
    void own_address(const Sourced<std::string>& word) {
        const auto address = strongswan::parse_address(word.value);
        const auto* const ip = address ? std::get_if<IpAddress>(&address->address) : nullptr;
        if (!address || std::holds_alternative<HostName>(address->address)) {
            report_.dropped(finding<FindingId::own_address_unreadable>(
                word.place, field<"value">(printable(word.value, 60))));
        } else if (ip != nullptr && !peer_.local_address) {
            peer_.local_address = Sourced<IpAddress>{*ip, word.place};
        }
    }

    [[nodiscard]] bool has_address_to_dial() const {
        return std::ranges::any_of(peer_.addresses, [](const auto& address) {
            return !std::holds_alternative<AnyAddress>(address.value);
        });
    }

    void identities() {
        if (const auto read = identity(local_.front().view); read && read->value.identity) {
            if (read->value.identity->pattern) {
                refuse(finding<FindingId::own_identity_is_pattern>(read->place, of_this()));
            } else {
                peer_.local_id = Sourced<Identity>{*read->value.identity, read->place};
            }
        }
        const auto read = identity(remote_.front().view);
        if (read && read->value.identity) {
            peer_.remote_id = Sourced<Identity>{*read->value.identity, read->place};
        } else {
            peer_.remote_id_any = true;  // swanctl.conf(5): remote.id defaults to %any
        }
    }

    /// Outer nothing: not written, or refused.
    std::optional<Sourced<IdentityText>> identity(const View& round) {
        const auto* const setting = round.find("id");
        if (setting == nullptr) {
            return std::nullopt;
        }
        auto option = field<"option">(fmt::format("{}.id", printable(round.name(), 60)));
        auto read = read_identity(setting->value.text);
        if (!read) {
            refuse(finding<FindingId::identity_unusable>(setting->place, std::move(option), of_this(),
                                                         field<"reason">(read.error().what),
                                                         field<"remedy">(read.error().remedy)));
            return std::nullopt;
        }
        if (!read->remark.empty()) {
            auto reading = field<"reading">(read->remark);
            auto remedy = field<"remedy">(read->remedy);
            report_.say(
                read->identity->type == isakmp::IdType::key_id
                    ? finding<FindingId::identity_is_key_id>(setting->place, std::move(option), of_this(),
                                                             std::move(reading), std::move(remedy))
                    : finding<FindingId::identity_is_address>(setting->place, std::move(option), of_this(),
                                                              std::move(reading), std::move(remedy)));
        }
        return Sourced<IdentityText>{std::move(*read), setting->place};
    }

    bool boolean(std::string_view key) {
        const auto* const setting = connection_.find(key);
        if (setting == nullptr) {
            return false;
        }
        const auto value = strongswan::parse_switch(setting->value.text);
        if (!value) {
            unreadable(*setting, "write yes or no");
        }
        return value.value_or(false);
    }

    std::optional<Duration> time(std::string_view key) {
        const auto* const setting = connection_.find(key);
        if (setting == nullptr) {
            return std::nullopt;
        }
        const auto time = parse_duration(setting->value.text);
        if (!time) {
            unreadable(*setting, "write a time, as 4h or 14400");
        }
        return time;
    }

    void mode() {
        peer_.mode_place = connection_.place_of("aggressive");
        if (boolean("aggressive")) {
            peer_.mode = ExchangeMode::aggressive;
            report_.say(finding<FindingId::connection_is_aggressive>(peer_.mode_place, of_this()));
        }
    }

    /// config_sn() of vici_config.c; main_mode.c proposes reauth_time, else rekey_time, and over_time.
    void lifetime() {
        constexpr Duration least = seconds(10);
        const auto reauth = time("reauth_time");
        const auto rekey = time("rekey_time").value_or(reauth ? Duration{} : Duration(hours(4)));
        const auto longer = std::max(rekey, reauth.value_or(Duration{}));
        const auto over = time("over_time").value_or(longer / 10);
        const auto counts = reauth.value_or(Duration{}) > Duration{} ? *reauth : rekey;
        const std::string option = reauth.value_or(Duration{}) > Duration{} ? "reauth_time" : "rekey_time";
        if (connection_.find(option) != nullptr) {
            peer_.lifetime_place = connection_.place_of(option);
        }
        auto life = counts + over;
        if (life == Duration{}) {
            // RFC 2407 4.5: what a peer assumes that is told no lifetime.
            life = hours(8);
            report_.say(finding<FindingId::swanctl_lifetime_unlimited>(peer_.lifetime_place,
                                                                       field<"option">(option), of_this()));
        }
        peer_.lifetime.seconds =
            static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(std::max(life, least)).count());
    }

    void liveness() {
        const auto delay = time("dpd_delay").value_or(Duration{});
        peer_.liveness.enabled = delay > Duration{};
        if (!peer_.liveness.enabled) {
            return;
        }
        peer_.liveness.idle = delay;
        constexpr std::int64_t most = 100;
        if (const auto timeout = time("dpd_timeout"); timeout && *timeout > Duration{}) {
            peer_.liveness.misses = static_cast<unsigned>(
                std::clamp<std::int64_t>((*timeout + delay - Duration{1}) / delay, 1, most));
        }
    }

    void tries() {
        peer_.keying_tries = 1;
        if (const auto* const setting = connection_.find("keyingtries")) {
            constexpr std::uint64_t most = 1000000;
            const auto number = parse_number(setting->value.text);
            if (number) {
                peer_.keying_tries = static_cast<unsigned>(std::min(*number, most));
            } else {
                unreadable(*setting, "write 0 to try for ever");
            }
        }
    }

    void proposals() {
        const auto* const setting = connection_.find("proposals");
        const auto words = setting != nullptr ? setting->list() : std::vector<Sourced<std::string>>{};
        if (words.empty()) {
            peer_.proposals = strongswan::default_ike_proposals();
            report_.say(finding<FindingId::ike_proposals_default>(
                peer_.place, of_this(), field<"offered">(peer_.proposals.front().text())));
            return;
        }
        peer_.proposals_place = setting->place;
        auto read = strongswan::ike_proposals(words, {"proposals", title_}, report_);
        refused_ = refused_ || read.refused;
        if (read.usable.empty() && !read.refused) {
            refuse(finding<FindingId::phase1_not_usable>(setting->place, of_this()));
        }
        peer_.proposals = std::move(read.usable);
    }

    void tunnels() {
        Place dialling;
        for (const auto& view : children_) {
            auto child = read_child(view, peer_, report_);
            refused_ = refused_ || child.refuses_connection;
            if (!child.tunnel) {
                continue;
            }
            const auto actions = actions_of(view);
            if (actions.dials() && !dialling.known()) {
                dialling = actions.place;
            }
            peer_.tunnels.push_back(std::move(*child.tunnel));
            for (auto& pair : child.answered) {
                peer_.tunnels.push_back(std::move(pair));
            }
        }
        if (peer_.tunnels.empty()) {
            refuse(children_.empty() ? finding<FindingId::connection_without_child>(peer_.place, of_this())
                                     : finding<FindingId::no_tunnel_left>(peer_.place, of_this()));
            return;
        }
        const bool reaches = has_address_to_dial();
        if (dialling.known() && !reaches) {
            report_.say(finding<FindingId::nobody_to_dial>(
                std::vector{dialling, peer_.addresses.front().place}, of_this()));
        } else if (!dialling.known()) {
            report_.say(finding<FindingId::connection_waits>(peer_.place, of_this()));
        } else {
            of_one_that_dials(dialling);
        }
        if (!reaches || either_version_) {
            for (auto& tunnel : peer_.tunnels) {
                tunnel.start = StartAction::none;
                tunnel.on_close = tunnel.on_silence = LossAction::clear;
            }
        }
    }

    /// What only matters on the side that makes the tunnel.
    void of_one_that_dials(const Place& dialling) {
        if (either_version_) {
            report_.say(finding<FindingId::connection_dials_with_ikev2>(
                std::vector{connection_.place_of("version"), dialling}, of_this()));
            return;  // its attempts are none of IKEv1's
        }
        const auto origin = [&](std::string_view option) {
            return field<"origin">(connection_.find(option) != nullptr ? "as written" : "the default");
        };
        if (peer_.keying_tries != 0) {
            report_.say(finding<FindingId::swanctl_keyingtries_finite>(
                std::vector{connection_.place_of("keyingtries"), dialling}, of_this(),
                field<"value">(std::to_string(peer_.keying_tries)), origin("keyingtries")));
        }
        // What makes a connection useless may be the very setting that is missed here.
        if (!peer_.liveness.enabled && !refused_) {
            report_.say(finding<FindingId::swanctl_dpd_off>(
                std::vector{connection_.place_of("dpd_delay"), dialling}, of_this(), origin("dpd_delay")));
        }
    }

    const View& connection_;
    const Secrets& secrets_;
    Report& report_;
    std::string title_;
    std::vector<View> children_;
    std::vector<Round> local_;
    std::vector<Round> remote_;
    Peer peer_;
    bool either_version_ = false;
    bool refused_ = false;
};

}  // namespace

std::optional<Peer> read_connection(const View& connection, const Secrets& secrets, Report& report) {
    return ConnectionReader(connection, secrets, report).read();
}

}  // namespace causeway::config::swanctl
