#include "cli/status_text.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/finding.hpp"
#include "base/time.hpp"
#include "cli/strongswan_suite.hpp"
#include "cli/words.hpp"
#include "cli/wrap.hpp"
#include "config/model.hpp"
#include "sa/sa.hpp"
#include "status/status.hpp"

namespace causeway::cli {
namespace {

using control::Status;
using status::ChildSa;
using status::IsakmpSa;
using status::Peer;
using status::seconds_ago;
using status::seconds_until;
using status::Tunnel;

enum class Detail { brief, full };

/// Lines of text, one call a line, about instants seen from `now`.
class Page {
 public:
    explicit Page(Instant seen_from, Dialect spoken = Dialect::causeway) : now(seen_from), dialect(spoken) {}

    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        text_ += '\n';
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

    const Instant now;
    const Dialect dialect;

 private:
    std::string text_;
};

/// A peer chose its identity: what it says must not steer the terminal.
std::string shown_id(const std::string& id) {
    return id.empty() ? "%any" : printable(id);
}

/// In strongSwan's way; with a place to break the line where it would be too long (IPv6, long names).
std::string ends(const IsakmpSa& sa, Dialect dialect) {
    const std::string here = fmt::format("{}[{}]", sa.local.address.text(), shown_id(sa.local_id));
    const std::string there = fmt::format("{}[{}]", sa.remote.address.text(), shown_id(sa.remote_id));
    const bool fits = here.size() + there.size() < columns_max - 20;
    return fmt::format("{}{}...{}", here, dialect == Dialect::strongswan || fits ? "" : " ", there);
}

/// An IsakmpSa's or a ChildSa's.
std::string lifetime(const auto& sa, Instant now) {
    std::string text;
    if (const auto rekey_in = seconds_until(sa.rekey_at, now)) {
        text += ", rekeying " + in(*rekey_in);
    }
    if (const auto expires_in = seconds_until(sa.expires_at, now)) {
        text += ", expires " + in(*expires_in);
    }
    return text;
}

std::string nat(const IsakmpSa& sa) {
    if (sa.nat_local && sa.nat_remote) {
        return "both ends are behind NAT";
    }
    if (sa.nat_local) {
        return "we are behind NAT";
    }
    return sa.nat_remote ? "the peer is behind NAT" : "no NAT";
}

void ike_sa_lines(Page& page, const Peer& peer, const IsakmpSa& sa, Detail detail) {
    const std::string head = fmt::format("  {}[{}]:", peer.display_name, sa.number);
    const auto age = seconds_ago(sa.established, page.now);
    if (sa.up() && age) {
        page.line("{} {} {} ago, {}", head, word(sa.state), delta(*age), ends(sa, page.dialect));
    } else {
        page.line("{} {}, {}", head, word(sa.state), ends(sa, page.dialect));
    }
    if (detail == Detail::brief) {
        return;
    }
    // The asterisk marks our own SPI: the initiator's when we began.
    page.line("{} IKEv1 SPIs: {}_i{} {}_r{}, {}{}", head, sa.cky_i, sa.initiator ? "*" : "", sa.cky_r,
              sa.initiator ? "" : "*", sa.mode.empty() ? "mode unknown" : sa.mode, lifetime(sa, page.now));
    if (!sa.up() && !sa.exchange_state.empty()) {
        page.line("{} state: {}", head, sa.exchange_state);
    }
    if (!sa.suite.empty()) {
        page.line("{} IKE proposal: {}", head,
                  page.dialect == Dialect::strongswan ? strongswan_ike_suite(sa.suite) : sa.suite);
    }
    if (sa.up()) {
        page.line("{} {}, ports {} and {}, {}", head, nat(sa), sa.local.port, sa.remote.port,
                  sa.dpd ? "the peer answers DPD" : "the peer does not know DPD");
    }
    if (!sa.vendors.empty()) {
        std::string vendors;
        for (const std::string& vendor : sa.vendors) {
            vendors += (vendors.empty() ? "" : ", ") + printable(vendor);
        }
        page.line("{} vendor IDs: {}", head, vendors);
    }
}

std::string traffic(std::uint64_t bytes, std::uint64_t packets, std::optional<std::int64_t> last,
                    char direction) {
    if (packets == 0) {
        return fmt::format("{} bytes_{}", bytes, direction);
    }
    return fmt::format("{} bytes_{} ({}{})", bytes, direction, counted(packets, "packet"),
                       last ? fmt::format(", {} ago", delta(*last)) : "");
}

std::string dropped(const sa::Usage& usage) {
    std::string text;
    const auto add = [&](std::uint64_t count, std::string_view what) {
        if (count > 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, what);
        }
    };
    add(usage.dropped_replay, "replayed or too old");
    add(usage.dropped_integrity, "forged or damaged");
    add(usage.dropped_policy, "for other networks");
    return text;
}

void child_sa_lines(Page& page, const Tunnel& tunnel, const ChildSa& sa, Detail detail) {
    const std::string head = fmt::format("  {}{{{}}}:", tunnel.display_name, sa.number);
    if (sa.up()) {
        page.line("{}  {}, TUNNEL, reqid {}, ESP{} SPIs: {:08x}_i {:08x}_o", head, word(sa.state), sa.reqid,
                  sa.udp ? " in UDP" : "", sa.spi_in, sa.spi_out);
    } else {
        const auto expires_in = seconds_until(sa.expires_at, page.now);
        page.line("{}  {}, TUNNEL, reqid {}{}", head, word(sa.state), sa.reqid,
                  expires_in ? ", expires " + in(*expires_in) : "");
    }
    if (detail == Detail::full && sa.up()) {
        page.line(
            "{}  {}, {}, {}{}", head,
            page.dialect == Dialect::strongswan ? strongswan_esp_suite(sa.suite) : sa.suite,
            traffic(sa.usage.bytes_in, sa.usage.packets_in, seconds_ago(sa.usage.last_in, page.now), 'i'),
            traffic(sa.usage.bytes_out, sa.usage.packets_out, seconds_ago(sa.usage.last_out, page.now), 'o'),
            lifetime(sa, page.now));
        if (sa.path_mtu != 0) {
            page.line("{}  path MTU {} octets ({})", head, sa.path_mtu,
                      sa.path_mtu_from == "probed" ? "probed" : "of the device");
        }
        if (const std::string lost = dropped(sa.usage); !lost.empty()) {
            page.line("{}  dropped: {}", head, lost);
        }
    }
    page.line("{}   {} === {}", head, tunnel.local, tunnel.remote);
}

/// How well what was seen proves it; nothing when it does.
std::string doubt(const status::Told& told) {
    if (told.certainty == Certainty::proved) {
        return "";
    }
    const auto codes = told.fields.find("candidates");
    if (told.certainty == Certainty::likely || codes == told.fields.end() || codes->second.empty()) {
        return told.certainty == Certainty::likely ? "likely" : "one of several causes";
    }
    std::string list;
    for (const char c : printable(codes->second, 256)) {
        list += c == ' ' ? std::string(", ") : std::string(1, c);
    }
    return "one of " + list;
}

/// "why", "why, likely": the word in front of a sentence.
std::string labelled(std::string_view label, const status::Told& told, Dialect dialect) {
    const std::string how = dialect == Dialect::causeway ? doubt(told) : "";
    return how.empty() ? std::string(label) : fmt::format("{}, {}", label, how);
}

/// " (3 times in 5 minutes)", " (for 5 minutes)".
std::string seen(const status::Standing& standing, Instant now) {
    const auto age = seconds_ago(standing.since, now);
    if (standing.times > 1) {
        return fmt::format(" ({}{})", counted(standing.times, "time"), age ? " in " + delta(*age) : "");
    }
    return age ? fmt::format(" (for {})", delta(*age)) : "";
}

/// Of a peer or a tunnel; `shown`: a line says it already.
void finding_lines(Page& page, const std::string& name, const std::vector<status::Standing>& findings,
                   const std::optional<status::Told>& shown) {
    if (page.dialect == Dialect::strongswan) {
        return;
    }
    for (const status::Standing& standing : findings) {
        const status::Told& what = standing.what;
        if (shown && shown->code == what.code && shown->message == what.message) {
            continue;
        }
        page.line("  {}:   {}: {}{}", name, labelled(name_of(what.severity), what, page.dialect),
                  printable(what.sentence(), 512), seen(standing, page.now));
    }
}

/// "tunnel up, route placed, firewall open"
void lamp_line(Page& page, const Tunnel& tunnel) {
    if (page.dialect == Dialect::causeway) {
        const auto word_of = [](const auto& words, auto lamp) {
            return words.at(static_cast<std::size_t>(lamp));
        };
        page.line("  {}:   tunnel {}, route {}, firewall {}", tunnel.display_name,
                  word_of(status::tunnel_lamps, tunnel.lamps.tunnel),
                  word_of(status::route_lamps, tunnel.lamps.route),
                  word_of(status::firewall_lamps, tunnel.lamps.firewall));
    }
}

/// Who called and is none of our peers.
void stranger_lines(Page& page, const Status& status) {
    constexpr std::size_t lines_max = 5;
    const auto& strangers = status.engine.strangers;
    if (page.dialect == Dialect::strongswan || strangers.empty()) {
        return;
    }
    page.line("Unknown callers ({}):", strangers.size());
    for (std::size_t i = 0; i < std::min(strangers.size(), lines_max); ++i) {
        const std::string how = doubt(strangers[i].why.what);
        page.line("  {}:  {}{}{}", printable(strangers[i].address), how.empty() ? "" : how + ": ",
                  printable(strangers[i].why.what.sentence(), 512), seen(strangers[i].why, page.now));
    }
    if (strangers.size() > lines_max) {
        page.line("  and {} more; --json has all", strangers.size() - lines_max);
    }
}

void down_lines(Page& page, const Tunnel& tunnel, std::int64_t wall_clock) {
    const std::string head = fmt::format("  {}:", tunnel.display_name);
    std::string since;
    if (const auto down = seconds_ago(tunnel.down_since, page.now)) {
        since = " for " + delta(*down);
        if (wall_clock > 0) {
            since += fmt::format(" (since {})", local_time(wall_clock - *down));
        }
    }
    page.line("{}  DOWN{}, {} === {}", head, since, tunnel.local, tunnel.remote);
    if (tunnel.why_down) {
        page.line("{}   {}: {}", head, labelled("why", *tunnel.why_down, page.dialect),
                  printable(tunnel.why_down->sentence(), 512));
    } else if (!tunnel.wanted) {
        page.line("{}   why: taken down by command", head);
    }
    if (!tunnel.next.empty()) {
        page.line("{}   next: {}", head, printable(tunnel.next, 512));
    }
}

/// What there is to say about a tunnel beside its SAs.
void tunnel_lines(Page& page, const Tunnel& tunnel, std::int64_t wall_clock) {
    lamp_line(page, tunnel);
    if (!tunnel.up()) {
        down_lines(page, tunnel, wall_clock);
    }
    finding_lines(page, tunnel.display_name, tunnel.findings, tunnel.up() ? std::nullopt : tunnel.why_down);
    if (!tunnel.carries_in_place_of.empty()) {
        page.line("  {}:   carries in place of {}", tunnel.display_name, tunnel.carries_in_place_of);
    }
    if (!tunnel.stands_by_for.empty()) {
        page.line("  {}:   stands by for {}", tunnel.display_name, tunnel.stands_by_for);
    }
    if (!tunnel.not_carried.empty()) {
        page.line("  {}:   {}", tunnel.display_name, printable(tunnel.not_carried, 512));
    }
}

/// "Security Associations (1 up, 0 connecting):" and all below it.
void association_lines(Page& page, const Status& status, Detail detail) {
    std::size_t up = 0;
    std::size_t connecting = 0;
    bool any = false;
    for (const Peer& peer : status.engine.peers) {
        for (const IsakmpSa& sa : peer.ike_sas) {
            up += sa.up() ? 1 : 0;
            connecting += sa.state == status::IsakmpSaState::connecting ? 1 : 0;
        }
        any = any || !peer.ike_sas.empty() ||
              std::any_of(peer.tunnels.begin(), peer.tunnels.end(),
                          [](const Tunnel& tunnel) { return !tunnel.sas.empty(); });
    }
    page.line("Security Associations ({} up, {} connecting):", up, connecting);
    if (!any) {
        page.line("  none");
    }
    for (const Peer& peer : status.engine.peers) {
        for (const IsakmpSa& sa : peer.ike_sas) {
            ike_sa_lines(page, peer, sa, detail);
        }
        for (const Tunnel& tunnel : peer.tunnels) {
            for (const ChildSa& sa : tunnel.sas) {
                child_sa_lines(page, tunnel, sa, detail);
            }
        }
    }
    for (const Peer& peer : status.engine.peers) {
        if (detail == Detail::brief && peer.own_name_state == status::OwnNameState::elsewhere) {
            page.line("  {}:  {}", peer.display_name, printable(peer.own_name_note, 512));
        }
        finding_lines(page, peer.display_name, peer.findings,
                      detail == Detail::full ? peer.last_error : std::nullopt);
        for (const Tunnel& tunnel : peer.tunnels) {
            tunnel_lines(page, tunnel, status.daemon.now);
        }
    }
    stranger_lines(page, status);
}

std::string_view start_words(const std::optional<config::StartAction>& start) {
    if (!start) {
        return "";
    }
    switch (*start) {
        case config::StartAction::start:
            return "kept up";
        case config::StartAction::traffic:
            return "started by traffic";
        case config::StartAction::none:
            return "started by the peer or by hand";
    }
    return "";
}

void connection_lines(Page& page, const Peer& peer) {
    const std::string& name = peer.display_name;
    page.line("  {}:  {}, IKEv1{}{}", name, peer.gateway, peer.mode.empty() ? "" : " " + peer.mode,
              peer.place.empty() ? "" : fmt::format(" ({})", peer.place));
    page.line("  {}:   local:  [{}], remote: [{}], pre-shared key", name, shown_id(peer.local_id),
              shown_id(peer.remote_id));
    if (!peer.own_name.empty()) {
        page.line("  {}:   own name: {}", name,
                  printable(peer.own_name_note.empty() ? peer.own_name : peer.own_name_note, 512));
    }
    if (!peer.proposals.empty()) {
        page.line("  {}:   Phase 1: {}; lifetime {}", name, fmt::join(peer.proposals, ", "),
                  delta(peer.lifetime_seconds));
    }
    page.line("  {}:   DPD: {}", name,
              peer.dpd ? "after " + delta(peer.dpd_idle_seconds) + " of silence" : "off");
    for (const Tunnel& tunnel : peer.tunnels) {
        const std::string_view start = start_words(tunnel.start);
        page.line("  {}:   child:  {} === {} TUNNEL{}{}", tunnel.display_name, tunnel.local, tunnel.remote,
                  start.empty() ? "" : ", ", start);
        if (!tunnel.proposals.empty()) {
            page.line("  {}:   Phase 2: {}; lifetime {}", tunnel.display_name,
                      fmt::join(tunnel.proposals, ", "), delta(tunnel.lifetime_seconds));
        }
    }
    page.line("  {}:   Phase 1 begun {}, completed {}", name, counted(peer.negotiations, "time"),
              counted(peer.established, "time"));
    if (peer.unproved_aggressive != 0) {
        page.line(
            "  {}:   Aggressive Mode begun by others and not finished: {}; our answers let "
            "them brute-force the key offline",
            name, counted(peer.unproved_aggressive, "time"));
    }
    if (peer.last_error) {
        const auto age = seconds_ago(peer.last_error_at, page.now);
        page.line("  {}:   {}{}: {}", name, labelled("last error", *peer.last_error, page.dialect),
                  age ? fmt::format(", {} ago", delta(*age)) : "",
                  printable(peer.last_error->sentence(), 512));
    }
}

/// Behind the tunnels, which may all be up.
void obstacle_lines(Page& page, const Status& status) {
    for (const std::string& obstacle : status.daemon.obstacles) {
        page.line("  {}", printable(obstacle, 512));
    }
}

std::string text(std::string_view name, const OffloadState& state) {
    return fmt::format("{} {}{}", name, state.on ? "on" : "off",
                       state.why.empty() ? "" : fmt::format(" ({})", printable(state.why, 128)));
}

/// Not for a daemon that says nothing of them: older ones have none.
void offload_line(Page& page, const OffloadStates& offloads) {
    if (page.dialect == Dialect::causeway && offloads != OffloadStates{}) {
        page.line("  offloads: {}, {}, {}", text("TUN", offloads.tun), text("UDP send", offloads.udp_send),
                  text("UDP receive", offloads.udp_receive));
    }
}

void daemon_lines(Page& page, const Status& status) {
    const control::DaemonFacts& daemon = status.daemon;
    page.line("Status of IKE daemon causewayd (causeway {}, process {}):", daemon.version, daemon.pid);
    page.line("  uptime: {}, since {}", delta(daemon.uptime_seconds),
              local_time(daemon.now - daemon.uptime_seconds));
    page.line("  configuration: {}", daemon.config_file);
    for (const std::string& remark : status.remarks) {
        page.line("    {}", printable(remark, 512));
    }
    const control::DataPlaneFacts& plane = daemon.data_plane;
    page.line("  data plane: {}{}{}{}", plane.kind.empty() ? "none" : plane.kind,
              plane.device.empty() ? "" : ", device " + plane.device,
              plane.mtu == 0 ? "" : fmt::format(", MTU {}", plane.mtu),
              plane.note.empty() ? "" : ", " + plane.note);
    offload_line(page, plane.offloads);
    page.line("  IKE messages: {} received, {} sent, {} ignored; {} half-open", status.engine.messages_in,
              status.engine.messages_out, status.engine.messages_ignored,
              counted(status.engine.half_open, "exchange"));
    page.line("Listening IP addresses:");
    if (daemon.listening.empty()) {
        page.line("  none");
    }
    for (const Endpoint& endpoint : daemon.listening) {
        page.line("  {}", endpoint.text());
    }
}

}  // namespace

std::optional<Status> select(const Status& status, std::string_view name) {
    if (name.empty()) {
        return status;
    }
    Status selected = status;
    selected.engine.peers.clear();
    selected.engine.strangers.clear();
    for (const Peer& peer : status.engine.peers) {
        Peer part = peer;
        // A peer is shown under the name of its first tunnel: that name means the tunnel, the section's the
        // peer.
        if (name != peer.name) {
            std::erase_if(part.tunnels, [&](const Tunnel& tunnel) {
                return tunnel.name != name && tunnel.display_name != name;
            });
        }
        if (name == peer.name || !part.tunnels.empty() || name == peer.display_name) {
            selected.engine.peers.push_back(std::move(part));
        }
    }
    return selected.engine.peers.empty() ? std::nullopt : std::optional(std::move(selected));
}

bool all_up(const Status& status) {
    std::size_t tunnels = 0;
    for (const Peer& peer : status.engine.peers) {
        tunnels += peer.tunnels.size();
        if (!std::all_of(peer.tunnels.begin(), peer.tunnels.end(),
                         [](const Tunnel& tunnel) { return tunnel.up(); })) {
            return false;
        }
    }
    return tunnels > 0;
}

std::string known_names(const Status& status) {
    std::string names;
    for (const Peer& peer : status.engine.peers) {
        for (const Tunnel& tunnel : peer.tunnels) {
            names += (names.empty() ? "" : ", ") + tunnel.display_name;
        }
    }
    return names;
}

std::string status_text(const Status& status, Dialect dialect) {
    Page page(status.taken, dialect);
    association_lines(page, status, Detail::brief);
    obstacle_lines(page, status);
    return page.take();
}

std::string statusall_text(const Status& status, Dialect dialect) {
    Page page(status.taken, dialect);
    daemon_lines(page, status);
    page.line("Connections:");
    if (status.engine.peers.empty()) {
        page.line("  none");
    }
    for (const Peer& peer : status.engine.peers) {
        connection_lines(page, peer);
    }
    association_lines(page, status, Detail::full);
    obstacle_lines(page, status);
    return page.take();
}

}  // namespace causeway::cli
