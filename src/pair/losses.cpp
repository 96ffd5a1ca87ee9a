#include "pair/losses.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

#include "config/own_name.hpp"
#include "config/words.hpp"

namespace causeway::pair {
namespace {

template <class Proposals>
std::size_t not_offered(const Proposals& proposals) {
    const auto offered = [](const auto& proposal) { return proposal.offered; };
    const auto count = std::ranges::count_if(proposals, offered);
    // A peer that offers nothing is written with what it accepts.
    return count == 0 ? 0 : proposals.size() - static_cast<std::size_t>(count);
}

}  // namespace

std::string title_of(const config::Peer& peer) {
    return fmt::format("peer '{}'", config::printable(peer.name, 60));
}

void Losses::setting(const config::Peer& peer, const Place& place, std::string setting, std::string what,
                     std::string instead) {
    say(finding<FindingId::setting_lost>(place, field<"peer">(title_of(peer)), field_form(),
                                         field<"setting">(std::move(setting)), field<"what">(std::move(what)),
                                         field<"instead">(std::move(instead))));
}

void Losses::minor(const config::Peer& peer, const Place& place, std::string setting, std::string what,
                   std::string instead) {
    say(finding<FindingId::minor_setting_lost>(
        place, field<"peer">(title_of(peer)), field_form(), field<"setting">(std::move(setting)),
        field<"what">(std::move(what)), field<"instead">(std::move(instead))));
}

void Losses::daemon(const config::Model& model) {
    const auto& options = model.options;
    const config::Options usual;
    std::string what;
    Place place;
    const auto add = [&](bool set, std::string_view name) {
        if (set) {
            what += what.empty() ? "" : ", ";
            what += name;
        }
    };
    add(options.debug != usual.debug, "debug");
    add(!options.listen_devices.empty(), "listen");
    add(!options.listen_interfaces.empty(), "interface");
    add(options.copy_dscp != usual.copy_dscp, "copy_dscp");
    add(options.probe_path != usual.probe_path, "probe_path");
    add(options.data_plane != usual.data_plane, "dataplane");
    add(options.offloads.tun != usual.offloads.tun, "offload_tun");
    add(options.offloads.udp_send != usual.offloads.udp_send, "offload_udp_send");
    add(options.offloads.udp_receive != usual.offloads.udp_receive, "offload_udp_receive");
    add(options.tun_mtu != usual.tun_mtu, "tun_mtu");
    add(options.replay_window != usual.replay_window, "replay_window");
    add(options.lookup_floor != usual.lookup_floor, "lookup_floor");
    add(options.lookup_ceiling != usual.lookup_ceiling, "lookup_ceiling");
    add(options.metrics_file.has_value(), "metrics_file");
    add(options.control_group.has_value(), "control_group");
    add(!options.zone.empty(), "zone");
    add(options.firewall != usual.firewall, "firewall");
    for (const auto* const listed : {&options.listen_interfaces, &options.listen_devices}) {
        place = listed->empty() ? place : listed->front().place;
    }
    if (!what.empty()) {
        say(finding<FindingId::daemon_settings_lost>(place, field_form(), field<"setting">("daemon"),
                                                     field<"what">(std::move(what))));
    }
}

void Losses::additions(const config::Peer& peer) {
    if (peer.own_name) {
        config::Peer plain;
        plain.local_id = peer.local_id;
        if (config::own_name_of(plain) != config::own_name_of(peer)) {
            const auto& name = peer.own_name->value;
            minor(peer, peer.own_name->place, "own_name",
                  name.empty() ? "the watching of no name"
                               : fmt::format("the own name '{}'", config::printable(name)),
                  "only causeway watches a name of its own");
        }
    }
    if (peer.quirks.accept_any_mode_as_responder) {
        minor(peer, peer.mode_place, "either_mode", "the answer to either mode",
              fmt::format("only {} Mode is answered",
                          peer.mode == config::ExchangeMode::main ? "Main" : "Aggressive"));
    }
}

bool Losses::has_tunnel(const config::Peer& peer) {
    if (peer.tunnels.empty()) {
        say(finding<FindingId::peer_without_tunnel>(peer.place, field<"peer">(title_of(peer)), field_form()));
    }
    return !peer.tunnels.empty();
}

void Losses::renamed(const Place& place, std::string_view name, std::string_view called) {
    say(finding<FindingId::name_changed>(place, field_form(), field<"setting">("name"),
                                         field<"name">(config::printable(name)),
                                         field<"called">(std::string(called))));
}

void Losses::only_accepted(const config::Peer& peer) {
    const auto tell = [&](std::size_t count, const Place& place, const char* phase, const char* setting) {
        if (count != 0) {
            say(finding<FindingId::suites_only_accepted>(
                place, field<"peer">(title_of(peer)), field_form(), field<"setting">(setting),
                field<"count">(std::to_string(count)), field<"phase">(phase)));
        }
    };
    tell(not_offered(peer.proposals), peer.proposals_place, "Phase 1", "phase1_suites");
    std::size_t most = 0;
    Place place;
    for (const auto& tunnel : peer.tunnels) {
        if (const auto count = not_offered(tunnel.proposals); count > most) {
            most = count;
            place = tunnel.proposals_place;
        }
    }
    tell(most, place, "Phase 2", "phase2_suites");
}

}  // namespace causeway::pair
