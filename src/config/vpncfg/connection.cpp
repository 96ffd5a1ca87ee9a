#include "config/vpncfg/connection.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "base/event.hpp"
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
            report_.dropped(Severity::note, place_of("enabled"), fmt::format("{} is not enabled", title_),
                            "it is left out", "write enabled = yes; to use it");
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

    void refuse(Place place, std::string what, std::string remedy) {
        report_.error(std::move(place), std::move(what), fmt::format("{} is refused", title_),
                      std::move(remedy));
        refused_ = true;
    }

    void check_keys() {
        std::unordered_set<std::string_view> seen;
        seen.reserve(connection_.entries.size());
        for (const auto& entry : connection_.entries) {
            const auto* rule = find_key(entry.name);
            const bool first = seen.insert(entry.name).second;
            if (report_.full(Severity::warning) &&
                (rule == nullptr ? !nearest(entry.name, block_names())
                                 : !first && rule->holds != Holds::block)) {
                report_.count(Severity::warning);
                continue;
            }
            if (!first) {
                again(entry, rule);
            } else if (rule == nullptr) {
                unknown(entry);
            } else if (rule->use == Use::unsupported) {
                if (entry.values.size() != 1 || entry.values.front().text != rule->quiet_value) {
                    report_.dropped(Severity::warning, place_of(entry.at),
                                    title_of(entry) + " is not supported", std::string(rule->meaning));
                }
            } else if (rule->use == Use::used) {
                check_shape(entry, *rule);
            }
        }
    }

    [[nodiscard]] std::string title_of(const Entry& entry) const {
        return fmt::format("'{}' of {}", printable(entry.name, 60), title_);
    }

    /// A block says who or what is meant: of two nobody knows which. Of two values the first counts.
    void again(const Entry& entry, const KeyRule* rule) {
        const auto what = title_of(entry);
        if (rule != nullptr && rule->holds == Holds::block) {
            refuse(place_of(entry.at), what + " is set twice", "remove one of them");
        } else {
            report_.dropped(Severity::warning, place_of(entry.at), what + " is set twice",
                            "the first one counts", "remove one of them");
        }
    }

    /// A misspelt block would leave out who or what is meant.
    void unknown(const Entry& entry) {
        const auto what = title_of(entry);
        const auto near = nearest(entry.name, key_names());
        const auto remedy = near ? fmt::format("did you mean '{}'?", *near) : std::string();
        const auto* meant = near ? find_key(*near) : nullptr;
        if (meant != nullptr && meant->holds == Holds::block) {
            refuse(place_of(entry.at), fmt::format("unknown block {}", what), remedy);
        } else {
            report_.dropped(Severity::warning, place_of(entry.at),
                            fmt::format("unknown {} {}", entry.blocks.empty() ? "key" : "block", what),
                            "it has no effect", remedy);
        }
    }

    void check_shape(const Entry& entry, const KeyRule& rule) {
        if (rule.holds == Holds::block) {
            return;  // its reader says more
        }
        if (!entry.blocks.empty()) {
            refuse(place_of(entry.at), title_of(entry) + " has a block and no value",
                   fmt::format("write {} = ...;", rule.name));
        } else if (rule.holds == Holds::value && entry.values.size() > 1) {
            report_.dropped(Severity::warning, place_of(entry.values[1].at),
                            fmt::format("{} has {} values", title_of(entry), entry.values.size()),
                            "the first one counts", "remove the others");
        }
    }

    bool boolean(std::string_view key, bool otherwise) {
        const auto* value = scalar(connection_, key);
        if (value == nullptr) {
            return otherwise;
        }
        if (value->text != "yes" && value->text != "no") {
            report_.dropped(
                Severity::warning, place_of(value->at),
                fmt::format("'{}' of {} is '{}'", key, title_, printable(value->text, 40)),
                fmt::format("the value is not understood and {} is taken", otherwise ? "yes" : "no"),
                "write yes or no");
            return otherwise;
        }
        return value->text == "yes";
    }

    /// LAN to LAN with a pre-shared key; the rest belongs to others.
    bool is_of_our_kind() {
        const auto* type = scalar(connection_, "conn_type");
        if (type != nullptr && type->text == "conntype_wg") {
            report_.dropped(Severity::note, place_of(type->at),
                            fmt::format("{} is a WireGuard connection", title_), "it is left out");
            return false;
        }
        if (type != nullptr && type->text != "conntype_lan") {
            refuse(place_of(type->at),
                   fmt::format("{} is of the kind '{}'", title_, printable(type->text, 40)),
                   "write conn_type = conntype_lan;");
            return false;
        }
        const auto* keytype = scalar(connection_, "keytype");
        if (keytype != nullptr && keytype->text != "connkeytype_pre_shared") {
            refuse(place_of(keytype->at), fmt::format("'keytype' is '{}'", printable(keytype->text, 40)),
                   "write keytype = connkeytype_pre_shared;");
        }
        for (const auto& [key, what] :
             {std::pair{"use_xauth", "XAUTH"}, std::pair{"use_cfgmode", "mode config"}}) {
            if (boolean(key, false)) {
                refuse(place_of(key), fmt::format("{} asks for {}, which is for dial-in users", title_, what),
                       fmt::format("write {} = no; here, and configure the peer without it", key));
            }
        }
        if (boolean("use_ikev2", false)) {
            refuse(place_of("use_ikev2"), fmt::format("{} asks for IKEv2", title_), "write use_ikev2 = no;");
        }
        return !refused_;
    }

    void key() {
        const auto* key = scalar(connection_, "key");
        if (key == nullptr || key->text.empty()) {
            refuse(place_of("key"), fmt::format("{} has no key", title_),
                   "add key = \"...\"; with the key that the peer has");
        } else if (is_encrypted(key->text)) {
            refuse(place_of(key->at),
                   fmt::format("the key of {} is encrypted by the box it comes from", title_),
                   "put the key in clear between the quotes; a box accepts it in clear as well");
        } else {
            if (key->text.find("###") != std::string::npos || key->text.starts_with("${")) {
                report_.warning(place_of(key->at), "the key looks like a placeholder that nobody filled in",
                                "it is used as it stands", "write the key that the peer has");
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
            refuse(place_of(value->at),
                   fmt::format("'{}' is '{}', which is not an IP address", key, printable(value->text, 60)),
                   fmt::format("write {} = A.B.C.D;", key));
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
                refuse(place_of(name->at),
                       fmt::format("'{}' is not a valid host name", printable(name->text, 60)),
                       "write remotehostname = \"NAME\"; with the peer's dynamic-DNS name");
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
            report_.dropped(
                Severity::warning, place_of(name->at),
                fmt::format("'causeway_own_name' is '{}', which is not a name", printable(name->text, 60)),
                "the default counts", "write a name, or none");
        }
    }

    void identities() {
        own_name();
        peer_.local_id = identity("localid");
        peer_.remote_id = identity("remoteid");
        if (!peer_.remote_id && !parts_.refused()) {
            peer_.remote_id_any = true;
            report_.note(peer_.place, fmt::format("{} has no remoteid", title_),
                         "every identity of the peer is accepted", "add remoteid { fqdn = \"...\"; }");
        }
    }

    std::optional<Sourced<Identity>> identity(std::string_view key) {
        const auto* entry = connection_.find(key);
        return entry != nullptr ? parts_.identity(*entry) : std::nullopt;
    }

    void mode() {
        const auto* mode = scalar(connection_, "mode");
        if (mode == nullptr) {
            report_.note(peer_.place, fmt::format("{} has no mode", title_), "Main Mode is taken",
                         "add mode = phase1_mode_idp;");
            return;
        }
        peer_.mode_place = place_of(mode->at);
        if (mode->text == "phase1_mode_aggressive") {
            peer_.mode = ExchangeMode::aggressive;
            report_.note(peer_.mode_place, fmt::format("{} uses Aggressive Mode", title_),
                         "anyone who captures it can brute-force the key offline; a peer set to Main Mode "
                         "does not answer",
                         "write mode = phase1_mode_idp; and set the peer to Main Mode");
        } else if (mode->text != "phase1_mode_idp") {
            refuse(peer_.mode_place, fmt::format("'mode' is '{}'", printable(mode->text, 40)),
                   "write mode = phase1_mode_idp; or phase1_mode_aggressive");
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
            report_.note(place, fmt::format("the lifetime in '{}'", printable(written, 80)),
                         fmt::format("{} is taken; what the box makes of this prefix is not confirmed",
                                     in_words(std::chrono::seconds(lifetime_seconds))));
        }
        if (value == nullptr) {
            report_.note(place, fmt::format("{} has no {}", title_, key),
                         fmt::format("\"{}\" is taken", otherwise));
        }
        const auto* known = find(named.name);
        if (known == nullptr) {
            const auto& wide = widest(named.name);
            report_.dropped(Severity::warning, place,
                            fmt::format("unknown strategy '{}'", printable(named.name, 80)),
                            fmt::format("it is taken as \"{}\", the widest known", wide.name),
                            fmt::format("write {} = \"{}\";", key, wide.name));
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
        tunnel_.proposals = proposals(second, md5, tunnel_.proposals_place);
        if (second.ah == AhPart::required) {
            report_.dropped(Severity::warning, tunnel_.proposals_place,
                            fmt::format("'{}' wants AH beside ESP", second.name),
                            "AH is not supported and ESP alone is used", "write a strategy with ah-no");
        }
        for (const auto& [empty, name, place] :
             {std::tuple{peer_.proposals.empty(), first.name, peer_.proposals_place},
              std::tuple{tunnel_.proposals.empty(), second.name, tunnel_.proposals_place}}) {
            if (empty) {
                refuse(place, fmt::format("'{}' holds nothing but MD5", name),
                       "write a strategy with SHA, or admit MD5 with causeway_allow_md5 = yes;");
            }
        }
    }

    std::optional<Sourced<Ipv4Net>> network(std::string_view key) {
        const auto* entry = connection_.find(key);
        if (entry == nullptr) {
            refuse(peer_.place, fmt::format("{} has no {}", title_, key),
                   fmt::format("add {} {{ ipnet {{ ipaddr = A.B.C.D; mask = 255.255.255.0; }} }}", key));
            return std::nullopt;
        }
        return parts_.network(*entry);
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
        if (local->value.contains(remote->value.network) && local->value.prefix <= remote->value.prefix) {
            refuse(remote->place,
                   fmt::format("{} lies in the local network {} (line {})", remote->value.text(),
                               local->value.text(), local->place.line),
                   "renumber one of the two networks");
        }
    }

    /// It steers what the box sends into the tunnel, apart from the Phase 2 identities.
    void accesslist() {
        const auto* entry = connection_.find("accesslist");
        if (entry == nullptr || refused_ || parts_.refused()) {
            return;
        }
        bool covered = false;
        for (const auto& value : entry->values) {
            const auto rule = parse_access_rule(value.text);
            if (!rule) {
                report_.dropped(Severity::note, place_of(value.at),
                                fmt::format("the accesslist \"{}\"", printable(value.text, 80)),
                                "it is not understood and not compared with phase2remoteid");
                return;
            }
            if (rule->destination == tunnel_.remote.net) {
                covered = true;
            } else {
                report_.warning(
                    place_of(value.at),
                    fmt::format("the accesslist names {}, and phase2remoteid is {}", rule->destination.text(),
                                tunnel_.remote.net.text()),
                    "a box routes by the first and negotiates the second; causeway carries the second alone",
                    "make both the same network");
            }
        }
        if (!covered && entry->values.empty()) {
            report_.note(place_of(entry->at), "the accesslist is empty");
        }
    }

    void actions() {
        const auto anywhere = std::holds_alternative<AnyAddress>(peer_.addresses.front().value);
        const auto* pinged_address = scalar(connection_, "keepalive_ip");
        const bool pinged =
            pinged_address != nullptr && !pinged_address->text.empty() && pinged_address->text != "0.0.0.0";
        const bool keep_up = boolean("always_renew", false) || pinged;
        if (anywhere && !refused_) {
            report_.note(peer_.place, fmt::format("{} has neither remotehostname nor remoteip", title_),
                         "causeway waits for the peer to dial");
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
