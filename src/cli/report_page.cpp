#include "cli/report_page.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <set>
#include <utility>
#include <vector>

#include "base/finding.hpp"
#include "cli/html.hpp"
#include "cli/report_plots.hpp"
#include "cli/report_style.hpp"
#include "cli/words.hpp"
#include "doctor/mask.hpp"
#include "doctor/mask_status.hpp"
#include "status/status.hpp"

namespace causeway::cli {
namespace {

using history::Row;
using status::Peer;
using status::Told;
using status::Tunnel;

/// The last ones; `causeway history` has all.
constexpr std::size_t whys_shown = 10;

/// "1.2 GiB".
std::string octets(std::uint64_t count) {
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto rest = static_cast<double>(count);
    std::size_t at = 0;
    while (rest >= 1024 && at + 1 < units.size()) {
        rest /= 1024;
        ++at;
    }
    return rest >= 10 || at == 0 ? fmt::format("{:.0f} {}", rest, units.at(at))
                                 : fmt::format("{:.1f} {}", rest, units.at(at));
}

std::string milliseconds(std::uint64_t microseconds) {
    return microseconds >= 10'000 ? fmt::format("{} ms", (microseconds + 500) / 1000)
                                  : fmt::format("{:.1f} ms", static_cast<double>(microseconds) / 1000);
}

std::string_view severity_word(Severity severity) {
    return severity == Severity::error ? "Error" : severity == Severity::warning ? "Warning" : "Note";
}

class Page {
 public:
    Page(const control::Status& status, const std::optional<history::History>& history,
         const Written& written)
        : status_(status), history_(history), written_(written) {}

    std::string made() {
        for (const Peer& peer : status_.engine.peers) {
            for (const Tunnel& tunnel : peer.tunnels) {
                ++tunnels_;
                up_ += tunnel.up() ? 1 : 0;
                most_ = std::max({most_, tunnel.totals.bytes_in, tunnel.totals.bytes_out});
            }
        }
        head();
        general();
        for (const Peer& peer : status_.engine.peers) {
            card(peer);
        }
        foot();
        return std::move(out_);
    }

 private:
    /// Text that comes from the daemon.
    [[nodiscard]] std::string said(std::string_view text) const { return html(written_(text)); }
    template <class... Values>
    void put(fmt::format_string<Values...> format, Values&&... values) {
        fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
    }

    void head() {
        const std::string time = local_time(status_.daemon.now);
        put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'unsafe-inline'\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"referrer\" content=\"no-referrer\">\n<title>IPsec tunnels, "
            "{}</title>\n<style>{}</style>\n"
            "</head>\n<body>\n<h1>IPsec tunnels</h1>\n",
            html(time), report_style);
        const std::string summary = tunnels_ == 0   ? "No connection is configured."
                                    : tunnels_ == 1 ? (up_ == 1 ? "The tunnel is up." : "The tunnel is down.")
                                                    : fmt::format("{} of {} tunnels are up.", up_, tunnels_);
        put("<p><strong>{}</strong> As of {}.</p>\n", summary, html(time));
    }

    void finding(const Told& told, const std::string& also = {}) {
        const auto kind = told.severity == Severity::error     ? "error"
                          : told.severity == Severity::warning ? "warning"
                                                               : "note";
        put("<li class=\"finding {}\"><strong>{}:</strong> {}{}", kind, severity_word(told.severity),
            said(told.message), html(also));
        if (!told.remedy.empty()) {
            put("<span>{}</span>", said(told.remedy));
        }
        put("</li>\n");
    }

    void general() {
        const auto& strangers = status_.engine.strangers;
        if (status_.findings.empty() && strangers.empty()) {
            return;
        }
        put("<section>\n<h2>About this router and unknown callers</h2>\n<ul>\n");
        for (const Told& told : status_.findings) {
            finding(told);
        }
        for (const auto& stranger : strangers) {
            finding(stranger.why.what, seen(stranger.why));
        }
        put("</ul>\n</section>\n");
    }

    [[nodiscard]] std::string seen(const status::Standing& standing) const {
        const auto since = status::seconds_ago(standing.since, status_.taken);
        return fmt::format("{}{}", standing.times > 1 ? fmt::format(" ({} times)", standing.times) : "",
                           since ? fmt::format(", first {} ago", delta(*since)) : "");
    }

    void lamp(std::string_view name, std::string_view word, std::string_view level) {
        put("<li><span class=\"lamp {}\" aria-hidden=\"true\"></span>{}: {}</li>", level, name, word);
    }

    void lamps(const status::Lamps& lamps) {
        constexpr std::array<std::string_view, 3> tunnel_levels{"good", "busy", "bad"};
        constexpr std::array<std::string_view, 3> route_levels{"good", "bad", "bad"};
        constexpr std::array<std::string_view, 3> firewall_levels{"good", "bad", "unknown"};
        constexpr std::array<std::string_view, 3> routes{"placed", "taken by another", "absent"};
        constexpr std::array<std::string_view, 3> firewalls{"open", "blocked", "not known"};
        const auto tunnel = static_cast<std::size_t>(lamps.tunnel);
        const auto route = static_cast<std::size_t>(lamps.route);
        const auto firewall = static_cast<std::size_t>(lamps.firewall);
        put("<ul class=\"lamps\">");
        lamp("Tunnel", status::tunnel_lamps.at(tunnel), tunnel_levels.at(tunnel));
        lamp("Route", routes.at(route), route_levels.at(route));
        lamp("Firewall", firewalls.at(firewall), firewall_levels.at(firewall));
        put("</ul>\n");
    }

    void condition(const Tunnel& tunnel) {
        std::string text;
        if (tunnel.up()) {
            const auto since = status::seconds_ago(tunnel.up_since, status_.taken);
            text = since ? fmt::format("up for {}", delta(*since)) : "up";
            const auto carrier = std::ranges::find_if(tunnel.sas, &status::ChildSa::up);
            text += carrier->suite.empty() ? "" : " · " + said(carrier->suite);
            text += fmt::format(" · renewed {}", counted(tunnel.renewals, "time"));
        } else {
            const auto since = status::seconds_ago(tunnel.down_since, status_.taken);
            text = since ? fmt::format("down for {}", delta(*since)) : "down";
            text += tunnel.wanted ? "" : " · not wanted now";
            text += tunnel.next.empty() ? "" : " · " + said(tunnel.next);
        }
        put("<div>{}</div>\n", text);
    }

    void findings(const Peer& peer, const Tunnel& tunnel) {
        std::set<std::pair<std::string_view, std::string_view>> told;
        std::vector<std::pair<const Told*, std::string>> all;
        const auto add = [&](const Told& one, std::string also) {
            if (told.emplace(one.code, one.message).second) {
                all.emplace_back(&one, std::move(also));
            }
        };
        if (tunnel.why_down && !tunnel.up()) {
            add(*tunnel.why_down, {});
        }
        for (const auto* standing : {&tunnel.findings, &peer.findings}) {
            for (const auto& one : *standing) {
                add(one.what, seen(one));
            }
        }
        if (all.empty()) {
            return;
        }
        put("<ul>\n");
        for (const auto& [one, also] : all) {
            finding(*one, also);
        }
        put("</ul>\n");
    }

    void traffic(const Tunnel& tunnel) {
        const auto& totals = tunnel.totals;
        if (totals.bytes_in + totals.bytes_out == 0) {
            return;
        }
        put("<div class=\"plots\">\n");
        for (const auto& [way, count] :
             {std::pair("in", totals.bytes_in), std::pair("out", totals.bytes_out)}) {
            const std::string label = fmt::format("Traffic {}: {}", way, octets(count));
            put("<span>{}</span>{}", label, bar_svg(count, most_, way, label));
        }
        put("</div>\n");
    }

    void tunnel(const Peer& peer, const Tunnel& tunnel) {
        put("<div class=\"tunnel\">\n<div class=\"head\"><h3><bdi>{}</bdi> <small>{} ⇄ {}</small></h3>\n",
            said(tunnel.display_name), said(tunnel.local), said(tunnel.remote));
        lamps(tunnel.lamps);
        put("</div>\n");
        condition(tunnel);
        findings(peer, tunnel);
        traffic(tunnel);
        put("</div>\n");
    }

    void card(const Peer& peer) {
        std::string place = peer.gateway;
        const auto sa = std::ranges::find_if(peer.ike_sas, &status::IsakmpSa::up);
        if (sa != peer.ike_sas.end() && sa->remote.address.text() != peer.gateway) {
            place += fmt::format(" ({})", sa->remote.address.text());
        }
        put("<section>\n<h2><bdi>{}</bdi> <small>{}</small></h2>\n", said(peer.name), said(place));
        for (const Tunnel& one : peer.tunnels) {
            tunnel(peer, one);
        }
        if (history_) {
            const auto past = std::ranges::find(history_->connections, peer.name, &history::Connection::name);
            if (past != history_->connections.end()) {
                hours(peer, *past);
            }
        }
        put("</section>\n");
    }

    void hours(const Peer& peer, const history::Connection& past) {
        constexpr std::array<std::string_view, history::rows.size()> labels{"Name and address", "Phase 1",
                                                                            "Phase 2", "Far end answers"};
        const std::string length = counted(past.steps.size() / history::steps_of_an_hour, "hour");
        put("<div class=\"plots\">\n");
        for (std::size_t row = 0; row < labels.size(); ++row) {
            const int share = up_share(past, static_cast<Row>(row));
            const std::string label =
                share < 0 ? fmt::format("{}: nobody watched", labels[row])
                          : fmt::format("{}: up {} % of the watched time", labels[row], share);
            put("<span>{}</span>{}", labels[row], strip_svg(past, static_cast<Row>(row), label));
        }
        std::uint32_t most = 0;
        for (const auto& step : past.steps) {
            most = std::max(most, step.round_trip_us.value_or(0));
        }
        if (most != 0) {
            const std::string caption =
                peer.round_trip_us
                    ? fmt::format("Round trip: {}, at most {}", milliseconds(*peer.round_trip_us),
                                  milliseconds(std::max<std::uint64_t>(most, *peer.round_trip_us)))
                    : fmt::format("Round trip: at most {}", milliseconds(most));
            put("<span>{}</span>{}", caption, round_trip_svg(past, caption));
        }
        put("<div class=\"axis\"><span>{} ago</span><span>now</span></div>\n</div>\n", length);
        whys(past);
    }

    void whys(const history::Connection& past) {
        if (past.whys.empty()) {
            return;
        }
        put("<ul class=\"why\">\n");
        for (std::size_t i = past.whys.size() - std::min(past.whys.size(), whys_shown); i < past.whys.size();
             ++i) {
            const history::Why& why = past.whys[i];
            put("<li><small>{}</small> {}{}</li>\n", html(local_time(why.last)), said(why.message),
                why.times > 1 ? fmt::format(" ({} times since {})", why.times, html(local_time(why.since)))
                              : "");
        }
        put("</ul>\n");
    }

    void foot() {
        const auto& daemon = status_.daemon;
        put("<footer>\n<p>causewayd {}, running for {}, {}; packets: {}{}. Bars of traffic count since then, "
            "on one scale.</p>\n</footer>\n</body>\n</html>\n",
            said(daemon.version), delta(daemon.uptime_seconds), said(daemon.config_file),
            said(daemon.data_plane.kind),
            daemon.data_plane.device.empty() ? "" : " on " + said(daemon.data_plane.device));
    }

    const control::Status& status_;
    const std::optional<history::History>& history_;
    const Written& written_;
    std::string out_;
    std::size_t tunnels_ = 0;
    std::size_t up_ = 0;
    std::uint64_t most_ = 0;  ///< octets of a tunnel one way
};

}  // namespace

std::string report_page(const control::Status& status, const std::optional<history::History>& history,
                        const Written& written) {
    return Page(status, history, written).made();
}

std::string masked_report_page(const control::Status& status,
                               const std::optional<history::History>& history) {
    doctor::Mask mask;
    doctor::learn(mask, status);
    // What is masked has to be known before the first of it is.
    static_cast<void>(report_page(status, history, [&mask](std::string_view text) {
        mask.read(std::string(text));
        return std::string();
    }));
    mask.settle();
    return report_page(status, history, [&mask](std::string_view text) { return mask.masked(text); });
}

}  // namespace causeway::cli
