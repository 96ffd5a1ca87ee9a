#include "config/vpncfg/connection.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "config/key_strength.hpp"
#include "config/profiles.hpp"
#include "config/vpncfg/accesslist.hpp"
#include "config/vpncfg/keys.hpp"
#include "config/vpncfg/parts.hpp"
#include "config/vpncfg/strategies.hpp"
#include "config/words.hpp"

namespace causeway::config::vpncfg {
namespace {

class ConnectionReader {
 public:
    ConnectionReader(const Block& connection, std::size_t number, Report& report)
        : connection_(connection), report_(report) {
        const auto* name = scalar(connection, "name");
        peer_.name =
            name != nullptr && !name->text.empty() ? name->text : fmt::format("connection{}", number);
        peer_.place = report.place(connection.at.line, connection.at.column);
        title_ = fmt::format("connection \"{}\"", printable(peer_.name, 60));
    }

    std::optional<Peer> read() {
        check_keys();
        if (!boolean("enabled", true)) {
            report_.dropped(finding<FindingId::connection_not_enabled>(place_of("enabled"), of_this()));
            return std::nullopt;
        }
        if (!is_of_our_kind()) {
            return std::nullopt;
        }
        peer_.quirks = quirks_when_playing_the_box();
        tunnel_.name = peer_.name;
        tunnel_.place = peer_.place;
        key();
        addresses();
        identities();
        mode();
        warn_of_short_key(peer_, title_, report_);
        peer_.nat_traversal = boolean("use_nat_t", true);
        strategies();
        networks();
        accesslist();
        actions();
        if (refused_ || parts_.refused()) {
            return std::nullopt;
        }
        peer_.tunnels.push_back(std::move(tunnel_));
        return std::move(peer_);
    }

 private:
    static const Scalar* scalar(const Block& block, std::string_view key) {
        const auto* entry = block.find(key);
        return entry != nullptr && !entry->values.empty() ? &entry->values.front() : nullptr;
    }
    [[nodiscard]] Place place_of(Position at) const { return report_.place(at.line, at.column); }
    [[nodiscard]] Place place_of(std::string_view key) const {
        const auto* entry = connection_.find(key);
        return entry == nullptr ? peer_.place
                                : place_of(entry->values.empty() ? entry->at : entry->values.front().at);
    }

    /// The field that every sentence has.
    [[nodiscard]] Field<"connection"> of_this() const { return {title_}; }
    static Field<"value"> value_of(std::string_view text, std::size_t limit) {
        return {printable(text, limit)};
    }

    void refuse(Finding finding) {
        report_.dropped(std::move(finding));
        refused_ = true;
    }

    void check_keys() {
        std::unordered_map<std::string_view, Position> seen;
        seen.reserve(connection_.entries.size());
        for (const auto& entry : connection_.entries) {
            const auto* rule = find_key(entry.name);
            const auto [known, first] = seen.emplace(entry.name, entry.at);
            if (report_.full(Severity::warning) &&
                (rule == nullptr ? !nearest(entry.name, block_names())
                                 : !first && rule->holds != Holds::block)) {
                report_.count(Severity::warning);
                continue;
            }
            if (!first) {
                again(entry, rule, known->second);
            } else if (rule == nullptr) {
                unknown(entry);
            } else if (rule->use == Use::unsupported) {
                if (entry.values.size() != 1 || entry.values.front().text != rule->quiet_value) {
                    report_.dropped(finding<FindingId::key_not_supported>(
                        place_of(entry.at), option_of(entry), of_this(),
                        field<"consequence">(std::string(rule->meaning))));
                }
            } else if (rule->use == Use::used) {
                check_shape(entry, *rule);
            }
        }
    }

    static Field<"option"> option_of(const Entry& entry) { return {printable(entry.name, 60)}; }

    /// A block says who or what is meant: of two nobody knows which. Of two values the first counts.
    void again(const Entry& entry, const KeyRule* rule, Position first) {
        const std::vector places{place_of(entry.at), place_of(first)};
        if (rule != nullptr && rule->holds == Holds::block) {
            refuse(finding<FindingId::block_again>(places, option_of(entry), of_this()));
        } else {
            report_.dropped(finding<FindingId::key_again>(places, option_of(entry), of_this()));
        }
    }

    /// A misspelt block would leave out who or what is meant.
    void unknown(const Entry& entry) {
        const auto place = place_of(entry.at);
        const auto option = option_of(entry);
        const auto kind = field<"kind">(entry.blocks.empty() ? "key" : "block");
        const auto near = nearest(entry.name, key_names());
        if (!near) {
            report_.dropped(finding<FindingId::key_of_connection_unknown>(place, kind, option, of_this()));
            return;
        }
        const auto meant = field<"meant">(std::string(*near));
        const auto* rule = find_key(*near);
        if (rule != nullptr && rule->holds == Holds::block) {
            refuse(finding<FindingId::block_of_connection_misspelt>(place, option, of_this(), meant));
        } else {
            report_.dropped(
                finding<FindingId::key_of_connection_misspelt>(place, kind, option, of_this(), meant));
        }
    }

    void check_shape(const Entry& entry, const KeyRule& rule) {
        if (rule.holds == Holds::block) {
            return;  // its reader says more
        }
        if (!entry.blocks.empty()) {
            refuse(finding<FindingId::key_with_block>(place_of(entry.at), option_of(entry), of_this()));
        } else if (rule.holds == Holds::value && entry.values.size() > 1) {
            report_.dropped(finding<FindingId::key_with_values>(
                std::vector{place_of(entry.values[1].at), place_of(entry.values[0].at)}, option_of(entry),
                of_this(), field<"count">(std::to_string(entry.values.size()))));
        }
    }

    bool boolean(std::string_view key, bool otherwise) {
        const auto* value = scalar(connection_, key);
        if (value == nullptr) {
            return otherwise;
        }
        if (value->text != "yes" && value->text != "no") {
            report_.dropped(finding<FindingId::boolean_unreadable>(
                place_of(value->at), field<"option">(std::string(key)), of_this(), value_of(value->text, 40),
                field<"taken">(otherwise ? "yes" : "no")));
            return otherwise;
        }
        return value->text == "yes";
    }

    /// LAN to LAN with a pre-shared key; the rest belongs to others.
    bool is_of_our_kind() {
        const auto* type = scalar(connection_, "conn_type");
        if (type != nullptr && type->text == "conntype_wg") {
            report_.dropped(finding<FindingId::connection_of_wireguard>(place_of(type->at), of_this()));
            return false;
        }
        if (type != nullptr && type->text != "conntype_lan") {
            refuse(finding<FindingId::connection_of_other_kind>(place_of(type->at), of_this(),
                                                                value_of(type->text, 40)));
            return false;
        }
        const auto* keytype = scalar(connection_, "keytype");
        if (keytype != nullptr && keytype->text != "connkeytype_pre_shared") {
            refuse(finding<FindingId::keytype_is_other>(place_of(keytype->at), of_this(),
                                                        value_of(keytype->text, 40)));
        }
        for (const auto& [key, what] :
             {std::pair{"use_xauth", "XAUTH"}, std::pair{"use_cfgmode", "mode config"}}) {
            if (boolean(key, false)) {
                refuse(finding<FindingId::connection_for_dial_in>(place_of(key), of_this(),
                                                                  field<"what">(what), field<"option">(key)));
            }
        }
        if (boolean("use_ikev2", false)) {
            refuse(finding<FindingId::connection_of_ikev2>(place_of("use_ikev2"), of_this()));
        }
        return !refused_;
    }

    void key() {
        const auto* key = scalar(connection_, "key");
        if (key == nullptr || key->text.empty()) {
            refuse(finding<FindingId::key_of_connection_missing>(place_of("key"), of_this()));
        } else if (is_encrypted(key->text)) {
            refuse(finding<FindingId::key_encrypted>(place_of(key->at), of_this()));
        } else {
            if (looks_like_placeholder(key->text)) {
                report_.say(finding<FindingId::key_of_template>(place_of(key->at), of_this()));
            }
            peer_.pre_shared_key = Secret(as_bytes(key->text));
            peer_.pre_shared_key_place = place_of(key->at);
        }
    }

    /// 0.0.0.0 means "not set" in these files.
    std::optional<Sourced<IpAddress>> address(const Scalar* value, std::string_view key) {
        if (value == nullptr) {
            return std::nullopt;
        }
        const auto address = IpAddress::parse(value->text);
        if (!address) {
            refuse(finding<FindingId::address_unreadable>(place_of(value->at),
                                                          field<"option">(std::string(key)),
                                                          value_of(value->text, 60), of_this()));
            return std::nullopt;
        }
        return address->is_unspecified() ? std::nullopt
                                         : std::optional(Sourced<IpAddress>{*address, place_of(value->at)});
    }

    void addresses() {
        peer_.local_address = address(scalar(connection_, "localip"), "localip");
        if (const auto fixed = address(scalar(connection_, "remoteip"), "remoteip")) {
            peer_.addresses.push_back({fixed->value, fixed->place});
        }
        if (const auto* name = scalar(connection_, "remotehostname");
            name != nullptr && !name->text.empty()) {
            if (const auto literal = IpAddress::parse(name->text)) {
                peer_.addresses.push_back({*literal, place_of(name->at)});
            } else if (is_host_name(name->text)) {
                peer_.addresses.push_back({HostName{name->text}, place_of(name->at)});
            } else {
                refuse(finding<FindingId::remotehostname_unreadable>(place_of(name->at),
                                                                     value_of(name->text, 60), of_this()));
            }
        }
        if (peer_.addresses.empty()) {
            peer_.addresses.push_back({AnyAddress{}, peer_.place});
        }
    }

    void own_name() {
        const auto* name = scalar(connection_, "causeway_own_name");
        if (name == nullptr) {
            return;
        }
        if (name->text == "none" || name->text.empty()) {
            peer_.own_name = Sourced<std::string>{{}, place_of(name->at)};
        } else if (is_host_name(name->text)) {
            peer_.own_name = Sourced<std::string>{name->text, place_of(name->at)};
        } else {
            report_.dropped(finding<FindingId::own_name_unreadable>(place_of(name->at),
                                                                    value_of(name->text, 60), of_this()));
        }
    }

    void identities() {
        own_name();
        peer_.local_id = identity("localid");
        peer_.remote_id = identity("remoteid");
        if (!peer_.remote_id && !parts_.refused()) {
            peer_.remote_id_any = true;
            report_.say(finding<FindingId::remoteid_missing>(peer_.place, of_this()));
        }
    }

    std::optional<Sourced<Identity>> identity(std::string_view key) {
        const auto* entry = connection_.find(key);
        return entry != nullptr ? parts_.identity(*entry) : std::nullopt;
    }

    void mode() {
        const auto* mode = scalar(connection_, "mode");
        if (mode == nullptr) {
            report_.say(finding<FindingId::mode_missing>(peer_.place, of_this()));
            return;
        }
        peer_.mode_place = place_of(mode->at);
        if (mode->text == "phase1_mode_aggressive") {
            peer_.mode = ExchangeMode::aggressive;
            report_.say(finding<FindingId::mode_is_aggressive>(peer_.mode_place, of_this()));
        } else if (mode->text != "phase1_mode_idp") {
            refuse(
                finding<FindingId::mode_unreadable>(peer_.mode_place, value_of(mode->text, 40), of_this()));
        }
    }

    /// The name in the file, its place, and what to say of it when no row has it.
    template <class Strategy>
    const Strategy& strategy(std::string_view key, std::string_view otherwise,
                             const Strategy* (*find)(std::string_view),
                             const Strategy& (*widest)(std::string_view), std::uint32_t& lifetime_seconds,
                             Place& place) {
        const auto* value = scalar(connection_, key);
        const std::string_view written = value != nullptr ? std::string_view(value->text) : otherwise;
        place = value != nullptr ? place_of(value->at) : peer_.place;
        const auto named = split_lifetime(written);
        lifetime_seconds = named.lifetime_seconds;
        if (named.has_prefix) {
            report_.say(finding<FindingId::lifetime_of_strategy>(
                place, value_of(written, 80),
                field<"lifetime">(in_words(std::chrono::seconds(lifetime_seconds))), of_this()));
        }
        if (value == nullptr) {
            report_.say(finding<FindingId::strategy_missing>(
                place, of_this(), field<"option">(std::string(key)), field<"taken">(std::string(otherwise))));
        }
        const auto* known = find(named.name);
        if (known == nullptr) {
            const auto& wide = widest(named.name);
            report_.dropped(finding<FindingId::strategy_not_known>(
                place, value_of(named.name, 80), field<"option">(std::string(key)),
                field<"taken">(std::string(wide.name)), of_this()));
            return wide;
        }
        return *known;
    }

    void strategies() {
        const bool md5 = boolean("causeway_allow_md5", false);
        const auto& first = strategy<Phase1Strategy>(
            "phase1ss", widest_phase1().name, find_phase1,
            [](std::string_view) -> const Phase1Strategy& { return widest_phase1(); }, peer_.lifetime.seconds,
            peer_.proposals_place);
        peer_.lifetime_place = peer_.proposals_place;
        peer_.proposals = proposals(first, md5, peer_.proposals_place);
        const auto& second =
            strategy<Phase2Strategy>("phase2ss", widest_phase2("").name, find_phase2, widest_phase2,
                                     tunnel_.lifetime.seconds, tunnel_.proposals_place);
        tunnel_.lifetime_place = tunnel_.proposals_place;
        tunnel_.proposals = proposals(second, md5, tunnel_.proposals_place);
        if (second.ah == AhPart::required) {
            report_.dropped(finding<FindingId::strategy_with_ah>(
                tunnel_.proposals_place, field<"value">(std::string(second.name)), of_this()));
        }
        for (const auto& [empty, name, place] :
             {std::tuple{peer_.proposals.empty(), first.name, peer_.proposals_place},
              std::tuple{tunnel_.proposals.empty(), second.name, tunnel_.proposals_place}}) {
            if (empty) {
                refuse(
                    finding<FindingId::strategy_of_md5>(place, field<"value">(std::string(name)), of_this()));
            }
        }
    }

    std::optional<Sourced<Ipv4Net>> network(std::string_view key) {
        const auto* entry = connection_.find(key);
        if (entry == nullptr) {
            refuse(finding<FindingId::network_of_connection_missing>(peer_.place, of_this(),
                                                                     field<"option">(std::string(key))));
            return std::nullopt;
        }
        return parts_.network(*entry);
    }

    template <FindingId id>
    [[nodiscard]] Finding overlap(const Sourced<Ipv4Net>& remote, const Sourced<Ipv4Net>& local) const {
        return finding<id>(std::vector{remote.place, local.place}, field<"remote">(remote.value.text()),
                           field<"local">(local.value.text()),
                           field<"line">(std::to_string(local.place.line)), of_this());
    }

    void networks() {
        const auto local = network("phase2localid");
        const auto remote = network("phase2remoteid");
        if (!local || !remote) {
            return;
        }
        tunnel_.local = {local->value, 0, 0};
        tunnel_.local_place = local->place;
        tunnel_.remote = {remote->value, 0, 0};
        tunnel_.remote_place = remote->place;
        if (local->value == remote->value) {
            refuse(overlap<FindingId::remote_network_of_connection_is_local>(*remote, *local));
        } else if (local->value.contains(remote->value.network) &&
                   local->value.prefix < remote->value.prefix) {
            report_.say(overlap<FindingId::remote_network_of_connection_in_local>(*remote, *local));
        }
    }

    /// It steers what the box sends into the tunnel, apart from the Phase 2 identities.
    void accesslist() {
        const auto* entry = connection_.find("accesslist");
        if (entry == nullptr || refused_ || parts_.refused()) {
            return;
        }
        for (const auto& value : entry->values) {
            const auto rule = parse_access_rule(value.text);
            if (!rule) {
                report_.dropped(finding<FindingId::access_rule_unreadable>(
                    place_of(value.at), value_of(value.text, 80), of_this()));
                return;
            }
            if (rule->destination != tunnel_.remote.net) {
                report_.say(finding<FindingId::access_rule_differs>(
                    std::vector{place_of(value.at), tunnel_.remote_place},
                    field<"destination">(rule->destination.text()),
                    field<"remote">(tunnel_.remote.net.text()), of_this()));
            }
        }
    }

    void actions() {
        const auto anywhere = std::holds_alternative<AnyAddress>(peer_.addresses.front().value);
        const auto* pinged_address = scalar(connection_, "keepalive_ip");
        const bool pinged =
            pinged_address != nullptr && !pinged_address->text.empty() && pinged_address->text != "0.0.0.0";
        const bool keep_up = boolean("always_renew", false) || pinged;
        if (anywhere && !refused_) {
            report_.say(finding<FindingId::peer_without_address>(peer_.place, of_this()));
        }
        if (const auto* const renewed = scalar(connection_, "always_renew")) {
            tunnel_.start_place = place_of(renewed->at);
        }
        tunnel_.start = anywhere ? StartAction::none : keep_up ? StartAction::start : StartAction::traffic;
        tunnel_.on_close = tunnel_.on_silence = anywhere  ? LossAction::clear
                                                : keep_up ? LossAction::restart
                                                          : LossAction::traffic;
    }

    const Block& connection_;
    Report& report_;
    std::string title_;
    Peer peer_;
    Tunnel tunnel_;
    PartReader parts_{title_, report_};
    bool refused_ = false;
};

}  // namespace

std::optional<Peer> read_connection(const Block& connection, std::size_t number, Report& report) {
    return ConnectionReader(connection, number, report).read();
}

}  // namespace causeway::config::vpncfg
