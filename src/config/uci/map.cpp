#include "config/uci/map.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "config/backups.hpp"
#include "config/naming.hpp"
#include "config/uci/foreign.hpp"
#include "config/uci/peer.hpp"
#include "config/uci/schema.hpp"
#include "config/words.hpp"

namespace causeway::config::uci {
namespace {

class Mapper {
 public:
    Mapper(const Document& document, Schema schema, FileName file)
        : document_(document), report_(file, model_) {
        model_.schema = schema;
        model_.file = *file;
    }

    Model run() {
        for (const auto& surprise : document_.surprises) {
            report_.say(here(surprise));
        }
        if (const auto other = relative_file(document_)) {
            report_.say(finding<FindingId::schema_related>(report_.place(other->at.line, other->at.column),
                                                           field<"schema">(std::string(other->whose)),
                                                           field<"remedy">(std::string(other->remedy))));
        }
        find_roles();
        for (const auto& section : document_.sections) {
            check_section(section);
        }
        model_.peers.reserve(
            static_cast<std::size_t>(std::ranges::count(document_.sections, "remote", &Section::type)));
        for (const auto& section : document_.sections) {
            if (section.type == "syslog") {
                log_groups(section);
            } else if (section.type == "ipsec" || section.type == "globals") {
                daemon_options(view(section, SectionKind::ipsec));
            } else if (section.type == "remote") {
                remote(view(section, SectionKind::remote));
            }
        }
        report_unused();
        settle_backups(model_, report_);
        give_names_and_numbers(model_, shared_tunnels());
        put_in_order(model_.findings);
        return std::move(model_);
    }

 private:
    [[nodiscard]] Finding here(Finding finding) const {
        for (auto& place : finding.places) {
            place = report_.place(place.line, place.column);
        }
        return finding;
    }

    [[nodiscard]] SectionView view(const Section& section, SectionKind kind) {
        return {section, kind, generation_of(model_.schema), report_};
    }

    /// What sections are is said by who names them, whatever their type: so the
    /// scripts found them.
    void find_roles() {
        roles_.resize(document_.sections.size());
        uses_.resize(document_.sections.size());
        users_.resize(document_.sections.size());
        for (const auto& section : document_.sections) {
            for (const auto& [option, kind] : naming_options) {
                for (const auto name : names_in(section, option)) {
                    if (const auto* const named = document_.find(name)) {
                        const auto i = index_of(*named);
                        roles_[i] = roles_[i].value_or(kind);
                        const bool tunnel = option == "tunnel" || option == "child";
                        const bool again = users_[i] == &section;
                        if (tunnel && section.type == "remote" && !again) {
                            users_[i] = &section;
                            ++uses_[i];
                        }
                    }
                }
            }
        }
    }

    [[nodiscard]] std::optional<SectionKind> role_of(const Section& section) const {
        const auto by_type = section_kind(section.type);
        if (by_type == SectionKind::remote || by_type == SectionKind::ipsec) {
            return by_type;
        }
        const auto& role = roles_[index_of(section)];
        return role ? role : by_type;
    }

    [[nodiscard]] std::size_t index_of(const Section& section) const {
        return static_cast<std::size_t>(&section - document_.sections.data());
    }

    void check_section(const Section& section) {
        if (const auto kind = role_of(section); kind && section.type != "transport") {
            view(section, *kind).check_options();
            return;
        }
        if (section.type == "syslog") {
            return;
        }
        const auto place = report_.place(section.at.line, section.at.column);
        auto type = field<"type">(printable(section.type));
        if (section.type == "transport") {
            report_.dropped(finding<FindingId::transport_section>(place, std::move(type)));
        } else if (section.type == "user" || section.type == "users" || section.type == "pools" ||
                   section.type == "mschapv2_secrets") {
            report_.dropped(finding<FindingId::dial_in_section>(place, std::move(type)));
        } else {
            constexpr std::string_view known[] = {"ipsec",       "globals",     "syslog",
                                                  "remote",      "tunnel",      "child",
                                                  "p1_proposal", "p2_proposal", "crypto_proposal"};
            const auto near = nearest(section.type, known);
            report_.dropped(near ? finding<FindingId::section_misspelt>(place, std::move(type),
                                                                        field<"meant">(std::string(*near)))
                                 : finding<FindingId::section_of_others>(place, std::move(type)));
        }
    }

    /// G4: one option for each of strongSwan's log groups; the loudest counts.
    void log_groups(const Section& syslog) {
        for (const auto& group : syslog.options) {
            const auto level = parse_number(group.values.front().text);
            if (level && *level <= 100) {
                model_.options.debug = std::max(model_.options.debug, static_cast<int>(*level));
            }
        }
    }

    void daemon_options(const SectionView& ipsec) {
        auto& options = model_.options;
        if (const auto debug = ipsec.number("debug")) {
            options.debug = static_cast<int>(debug->value);
        }
        for (const auto& device : ipsec.words("listen")) {
            options.listen_devices.push_back(device);
        }
        for (const auto& interface : ipsec.words("interface")) {
            options.listen_interfaces.push_back(interface);
        }
        if (const auto zone = ipsec.text("zone")) {
            options.zone = zone->value;
        }
        if (const auto word = ipsec.text("firewall")) {
            if (const auto firewall = firewall_named(word->value)) {
                options.firewall = *firewall;
            } else {
                ipsec.unreadable(*word, "firewall", std::string(firewall_names));
            }
        }
        if (const auto copy = ipsec.boolean("copy_dscp")) {
            options.copy_dscp = copy->value;
        }
        if (const auto probe = ipsec.boolean("probe_path")) {
            options.probe_path = probe->value;
        }
        if (const auto word = ipsec.text("dataplane")) {
            if (const auto named = data_plane_named(word->value)) {
                options.data_plane = *named;
            } else {
                ipsec.unreadable(*word, "dataplane", std::string(data_plane_names));
            }
        }
        offload(ipsec, "offload_tun", options.offloads.tun);
        offload(ipsec, "offload_udp_send", options.offloads.udp_send);
        offload(ipsec, "offload_udp_receive", options.offloads.udp_receive);
        if (const auto window = ipsec.number("replay_window")) {
            options.replay_window = static_cast<unsigned>(window->value);
        }
        if (const auto mtu = ipsec.number("tun_mtu")) {
            options.tun_mtu = static_cast<std::uint16_t>(mtu->value);
        }
        if (const auto floor = ipsec.duration("lookup_floor")) {
            options.lookup_floor = floor->value;
        }
        if (const auto ceiling = ipsec.duration("lookup_ceiling")) {
            options.lookup_ceiling = ceiling->value;
        }
        if (auto file = ipsec.text("metrics_file")) {
            if (is_absolute_path(file->value)) {
                options.metrics_file = std::move(*file);
            } else {
                ipsec.unreadable(*file, "metrics_file", std::string(absolute_path_words));
            }
        }
        options.control_group = ipsec.text("control_group");
        if (options.lookup_ceiling < options.lookup_floor) {
            std::vector places{ipsec.place("lookup_ceiling")};
            if (ipsec.has("lookup_floor")) {
                places.push_back(ipsec.place("lookup_floor"));
            }
            report_.say(finding<FindingId::ceiling_below_floor>(std::move(places)));
            options.lookup_ceiling = options.lookup_floor;
        }
    }

    static void offload(const SectionView& ipsec, const char* name, OffloadWish& wish) {
        if (const auto word = ipsec.text(name)) {
            if (const auto named = offload_wish_named(word->value)) {
                wish = *named;
            } else {
                ipsec.unreadable(*word, name, std::string(offload_wish_names));
            }
        }
    }

    void remote(const SectionView& remote) {
        const auto enabled = remote.boolean("enabled");
        if (!enabled || !enabled->value) {
            report_.dropped(finding<FindingId::remote_not_enabled>(enabled ? enabled->place : remote.place(),
                                                                   field<"section">(remote.title())));
            return;
        }
        if (!read_peer({document_, model_.schema, report_}, remote, model_.peers.emplace_back())) {
            model_.peers.pop_back();
        }
    }

    /// Tunnel sections that several remotes name, disabled ones included: switching one on must not rename
    /// another's.
    [[nodiscard]] std::unordered_set<std::string_view> shared_tunnels() const {
        std::unordered_set<std::string_view> shared;
        for (std::size_t i = 0; i < uses_.size(); ++i) {
            if (uses_[i] > 1) {
                shared.insert(document_.sections[i].name);
            }
        }
        return shared;
    }

    /// A section that nothing names is a slip of the pen somewhere else.
    void report_unused() {
        for (const auto& section : document_.sections) {
            const auto kind = section_kind(section.type);
            if (kind && *kind != SectionKind::ipsec && *kind != SectionKind::remote &&
                !roles_[index_of(section)]) {
                report_.dropped(
                    finding<FindingId::section_not_named>(report_.place(section.at.line, section.at.column),
                                                          field<"section">(view(section, *kind).title())));
            }
        }
    }

    static constexpr std::pair<std::string_view, SectionKind> naming_options[] = {
        {"tunnel", SectionKind::tunnel},           {"child", SectionKind::tunnel},
        {"transport", SectionKind::tunnel},        {"p1_proposal", SectionKind::p1_proposal},
        {"p2_proposal", SectionKind::p2_proposal}, {"crypto_proposal", SectionKind::crypto_proposal},
    };

    static std::vector<std::string_view> names_in(const Section& section, std::string_view option) {
        std::vector<std::string_view> names;
        if (const auto* const found = section.find(option)) {
            for (const auto& value : found->values) {
                std::ranges::copy(split_words(value.text, ","), std::back_inserter(names));
            }
        }
        return names;
    }

    const Document& document_;
    Model model_;
    Report report_;
    // Of each section of the document:
    std::vector<std::optional<SectionKind>> roles_;  ///< what the first that names it takes it for
    std::vector<std::uint32_t> uses_;                ///< how many remotes name it as a tunnel
    std::vector<const Section*> users_;              ///< the last of them
};

}  // namespace

Result<Model> map(const Document& document, FileName file) {
    const auto schema = CAUSEWAY_TRY(recognise_schema(document));
    return Mapper(document, schema, file).run();
}

}  // namespace causeway::config::uci
