#include "control/status_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

#include "control/checked_file.hpp"
#include "control/checked_sides.hpp"

namespace causeway::control {
namespace {

constexpr std::size_t max_depth = 16;
/// Of config::StartAction.
constexpr std::array<std::string_view, 3> start_actions{"none", "traffic", "start"};
/// Of causeway::Severity.
constexpr std::array<std::string_view, 3> severities{"error", "warning", "note"};
/// Of causeway::Certainty.
constexpr std::array<std::string_view, 3> certainties{"proved", "likely", "one-of"};

}  // namespace

// Every key of causeway(8), section STATUS AS JSON, in its order.

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Location> location) {
    archive.field("file", location.file);
    archive.field("line", location.line);
    archive.field("column", location.column);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Told> told) {
    archive.field("code", told.code);
    archive.word("severity", told.severity, severities);
    archive.word("confidence", told.certainty, certainties);
    archive.field("message", told.message);
    archive.field("remedy", told.remedy);
    archive.field("fields", told.fields);
    archive.field("locations", told.locations);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Standing> standing) {
    fields(archive, standing.what);
    archive.ago("since_seconds", standing.since);
    archive.field("times", standing.times);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Stranger> stranger) {
    archive.field("address", stranger.address);
    fields(archive, stranger.why);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Lamps> lamps) {
    archive.word("tunnel", lamps.tunnel, status::tunnel_lamps);
    archive.word("route", lamps.route, status::route_lamps);
    archive.word("firewall", lamps.firewall, status::firewall_lamps);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::IsakmpSa> sa) {
    archive.field("number", sa.number);
    archive.word("state", sa.state, status::isakmp_sa_states);
    archive.field("exchange_state", sa.exchange_state);
    archive.field("initiator", sa.initiator);
    archive.endpoint("local", sa.local);
    archive.endpoint("remote", sa.remote);
    archive.field("local_id", sa.local_id);
    archive.field("remote_id", sa.remote_id);
    archive.field("cky_i", sa.cky_i);
    archive.field("cky_r", sa.cky_r);
    archive.field("mode", sa.mode);
    archive.field("suite", sa.suite);
    archive.field("nat_local", sa.nat_local);
    archive.field("nat_remote", sa.nat_remote);
    archive.field("dpd", sa.dpd);
    archive.field("vendors", sa.vendors);
    archive.ago("established_seconds_ago", sa.established);
    archive.until("rekey_in_seconds", sa.rekey_at);
    archive.until("expires_in_seconds", sa.expires_at);
}

/// Its instants have other places in the objects it stands in.
template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<sa::Usage> usage) {
    archive.field("bytes_in", usage.bytes_in);
    archive.field("bytes_out", usage.bytes_out);
    archive.field("packets_in", usage.packets_in);
    archive.field("packets_out", usage.packets_out);
    archive.field("dropped_replay", usage.dropped_replay);
    archive.field("dropped_integrity", usage.dropped_integrity);
    archive.field("dropped_policy", usage.dropped_policy);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::ChildSa> sa) {
    archive.field("number", sa.number);
    archive.word("state", sa.state, status::child_sa_states);
    archive.field("reqid", sa.reqid);
    archive.spi("spi_in", sa.spi_in);
    archive.spi("spi_out", sa.spi_out);
    archive.field("udp", sa.udp);
    archive.field("suite", sa.suite);
    archive.ago("established_seconds_ago", sa.established);
    archive.until("rekey_in_seconds", sa.rekey_at);
    archive.until("expires_in_seconds", sa.expires_at);
    fields(archive, sa.usage);
    archive.field("path_mtu", sa.path_mtu);
    archive.field("path_mtu_from", sa.path_mtu_from);
    archive.ago("last_in_seconds_ago", sa.usage.last_in);
    archive.ago("last_out_seconds_ago", sa.usage.last_out);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Tunnel> tunnel) {
    archive.field("name", tunnel.name);
    archive.field("display_name", tunnel.display_name);
    archive.field("local", tunnel.local);
    archive.field("remote", tunnel.remote);
    archive.derived("up", tunnel.up());
    archive.field("wanted", tunnel.wanted);
    archive.ago("down_seconds", tunnel.down_since);
    archive.ago("up_seconds", tunnel.up_since);
    archive.told("why_down", tunnel.why_down);
    archive.field("next", tunnel.next);
    archive.field("findings", tunnel.findings);
    archive.field("lamps", tunnel.lamps);
    archive.field("proposals", tunnel.proposals);
    archive.field("lifetime_seconds", tunnel.lifetime_seconds);
    archive.word("start", tunnel.start, start_actions);
    archive.field("not_carried", tunnel.not_carried);
    archive.field("carries_in_place_of", tunnel.carries_in_place_of);
    archive.field("stands_by_for", tunnel.stands_by_for);
    archive.field("came_up", tunnel.came_up);
    archive.field("renewals", tunnel.renewals);
    archive.field("totals", tunnel.totals);
    archive.field("sas", tunnel.sas);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<status::Peer> peer) {
    archive.field("name", peer.name);
    archive.field("display_name", peer.display_name);
    archive.field("gateway", peer.gateway);
    archive.field("own_name", peer.own_name);
    archive.word("own_name_state", peer.own_name_state, status::own_name_states);
    archive.field("own_name_note", peer.own_name_note);
    archive.field("mode", peer.mode);
    archive.field("local_id", peer.local_id);
    archive.field("remote_id", peer.remote_id);
    archive.field("proposals", peer.proposals);
    archive.field("lifetime_seconds", peer.lifetime_seconds);
    archive.field("dpd", peer.dpd);
    archive.field("dpd_idle_seconds", peer.dpd_idle_seconds);
    archive.field("place", peer.place);
    archive.field("round_trip_us", peer.round_trip_us);
    archive.field("negotiations", peer.negotiations);
    archive.field("established", peer.established);
    archive.field("unproved_aggressive", peer.unproved_aggressive);
    archive.field("failures", peer.failures);
    archive.field("lookups", peer.lookups);
    archive.field("lookups_failed", peer.lookups_failed);
    archive.told("last_error", peer.last_error);
    archive.ago("last_error_seconds_ago", peer.last_error_at);
    archive.field("findings", peer.findings);
    archive.field("ike_sas", peer.ike_sas);
    archive.field("tunnels", peer.tunnels);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<OffloadState> state) {
    archive.field("on", state.on);
    archive.field("why", state.why);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<OffloadStates> states) {
    archive.field("tun", states.tun);
    archive.field("udp_send", states.udp_send);
    archive.field("udp_receive", states.udp_receive);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<DataPlaneFacts> facts) {
    archive.field("kind", facts.kind);
    archive.field("device", facts.device);
    archive.field("mtu", facts.mtu);
    archive.field("note", facts.note);
    archive.field("offloads", facts.offloads);
    archive.field("dropped", facts.dropped);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<Status> status) {
    archive.field("version", status.daemon.version);
    archive.field("pid", status.daemon.pid);
    archive.field("uptime_seconds", status.daemon.uptime_seconds);
    archive.field("now", status.daemon.now);
    archive.field("config_file", status.daemon.config_file);
    archive.field("remarks", status.remarks);
    archive.field("findings", status.findings);
    archive.field("listening", status.daemon.listening);
    archive.field("data_plane", status.daemon.data_plane);
    archive.field("obstacles", status.daemon.obstacles);
    archive.field("messages_in", status.engine.messages_in);
    archive.field("messages_out", status.engine.messages_out);
    archive.field("messages_ignored", status.engine.messages_ignored);
    archive.field("half_open", status.engine.half_open);
    archive.field("strangers", status.engine.strangers);
    archive.field("peers", status.engine.peers);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<CheckedTunnel> tunnel) {
    archive.field("name", tunnel.name);
    archive.field("gateway", tunnel.gateway);
    archive.field("local", tunnel.local);
    archive.field("remote", tunnel.remote);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<CheckedFile> checked) {
    archive.field("file", checked.file);
    archive.field("usable", checked.usable);
    archive.field("errors", checked.errors);
    archive.field("warnings", checked.warnings);
    archive.field("notes", checked.notes);
    archive.field("findings", checked.findings);
    archive.field("tunnels", checked.tunnels);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<CheckedPhase1> phase1) {
    archive.field("up", phase1.up);
    archive.field("suite", phase1.suite);
    archive.field("mode", phase1.mode);
    archive.field("lifetime_seconds", phase1.lifetime_seconds);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<CheckedPhase2> phase2) {
    archive.field("ours", phase2.ours);
    archive.field("theirs", phase2.theirs);
    archive.field("local", phase2.local);
    archive.field("remote", phase2.remote);
    archive.field("up", phase2.up);
    archive.field("suite", phase2.suite);
    archive.field("encapsulation", phase2.encapsulation);
    archive.field("lifetime_seconds", phase2.lifetime_seconds);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<CheckedConnection> connection) {
    archive.field("ours", connection.ours);
    archive.field("theirs", connection.theirs);
    archive.field("because", connection.because);
    archive.field("initiator", connection.initiator);
    archive.known("connects", connection.connects);
    archive.field("phase1", connection.phase1);
    archive.field("phase2", connection.phase2);
}

template <class Archive>
void fields(Archive& archive, typename Archive::template Ref<CheckedSides> checked) {
    archive.known("connects", checked.connects);
    archive.field("connections", checked.connections);
    archive.field("errors", checked.errors);
    archive.field("warnings", checked.warnings);
    archive.field("notes", checked.notes);
    archive.field("findings", checked.findings);
}

Result<Json> parse_object(std::string_view text) {
    bool too_deep = false;
    const auto depth_guard = [&](int depth, Json::parse_event_t event, Json& /*parsed*/) {
        const bool opens =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        too_deep = too_deep || (opens && depth >= static_cast<int>(max_depth));
        return !too_deep;
    };
    Json json = Json::parse(text, depth_guard, false);
    if (too_deep) {
        return fail(Errc::limit, fmt::format("JSON nested deeper than {} levels", max_depth));
    }
    if (json.is_discarded()) {
        return fail(Errc::malformed, "not JSON");
    }
    if (!json.is_object()) {
        return fail(Errc::malformed, "no JSON object");
    }
    return json;
}

Result<Status> status_of(const Json& json) {
    Status status;
    Reader reader(json);
    fields(reader, status);
    if (!reader.error().empty()) {
        return fail(Errc::malformed, "status: " + reader.error());
    }
    return status;
}

std::string to_json(const CheckedFile& checked) {
    Writer writer(true);
    fields(writer, checked);
    return writer.take();
}

std::string to_json(const CheckedSides& checked) {
    Writer writer(true);
    fields(writer, checked);
    return writer.take();
}

std::string to_json(const Status& status, bool pretty) {
    Writer writer(pretty, status.taken);
    fields(writer, status);
    return writer.take();
}

void append_json(std::string& to, const status::Peer& peer, Instant taken) {
    Writer writer(false, taken, std::move(to));
    fields(writer, peer);
    to = writer.take();
}

Result<Status> status_from_json(std::string_view text) {
    return status_of(CAUSEWAY_TRY(parse_object(text)));
}

}  // namespace causeway::control
