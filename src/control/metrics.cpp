#include "control/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <initializer_list>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/finding.hpp"
#include "sa/sa.hpp"
#include "status/status.hpp"

namespace causeway::control {
namespace {

using status::Peer;
using status::Tunnel;

/// Octets of the character that `text` begins with, as Unicode has it (table 3-7); 0: none begins there.
std::size_t character(std::string_view text) {
    const auto octet = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned lead = octet(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length < 2 || text.size() < length) {
        return length == 1 ? 1 : 0;
    }
    const unsigned least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    bool good = octet(1) >= least && octet(1) <= most;
    for (std::size_t at = 2; at < length; ++at) {
        good = good && (octet(at) & 0xc0U) == 0x80;
    }
    return good ? length : 0;
}

/// Between quotation marks. What is no UTF-8, which a collector refuses as a whole, and what has no width becomes U+FFFD.
void add_quoted(std::string& out, std::string_view value) {
    out += '"';
    while (!value.empty()) {
        const std::size_t length = character(value);
        const char c = value.front();
        if (c == '\\' || c == '"') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (length == 0 || (length == 1 && (c < ' ' || c == '\x7f'))) {
            out += "\xef\xbf\xbd";
        } else {
            out += value.substr(0, length);
        }
        value.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// The values of one metric.
class Samples {
 public:
    Samples(std::string& out, std::string_view name) : out_(out), name_(name) {}

    template <class Number>
    void add(Labels labels, Number value) {
        out_ += name_;
        char before = '{';
        for (const auto& [label, text] : labels) {
            out_ += std::exchange(before, ',');
            out_ += label;
            out_ += '=';
            add_quoted(out_, text);
        }
        if (before == ',') {
            out_ += '}';
        }
        fmt::format_to(std::back_inserter(out_), " {}\n", value);
    }
    template <class Number>
    void add(const Peer& peer, Number value) {
        add({{"peer", peer.name}}, value);
    }
    template <class Number>
    void add(const Peer& peer, const Tunnel& tunnel, std::string_view label, std::string_view word,
             Number value) {
        add({{"peer", peer.name}, {"connection", tunnel.display_name}, {label, word}}, value);
    }
    template <class Number>
    void add(const Peer& peer, const Tunnel& tunnel, Number value) {
        add({{"peer", peer.name}, {"connection", tunnel.display_name}}, value);
    }

 private:
    std::string& out_;
    std::string_view name_;
};

template <class Each>
void each_tunnel(const Status& status, Each each) {
    for (const Peer& peer : status.engine.peers) {
        for (const Tunnel& tunnel : peer.tunnels) {
            each(peer, tunnel);
        }
    }
}

bool phase1_up(const Peer& peer) {
    return std::ranges::any_of(peer.ike_sas, &status::IsakmpSa::up);
}

/// Unix time.
std::int64_t at(const Status& status, Instant when) {
    return status.daemon.now - status::seconds_ago(when, status.taken).value_or(0);
}

void lamps(Samples& to, const Status& status) {
    each_tunnel(status, [&](const Peer& peer, const Tunnel& tunnel) {
        const auto lamp = [&](std::string_view layer, bool good) {
            to.add(peer, tunnel, "layer", layer, good ? 1 : 0);
        };
        lamp("phase1", phase1_up(peer));
        lamp("tunnel", tunnel.lamps.tunnel == status::TunnelLamp::up);
        lamp("route", tunnel.lamps.route == status::RouteLamp::placed);
        if (tunnel.lamps.firewall != status::FirewallLamp::unknown) {
            lamp("firewall", tunnel.lamps.firewall == status::FirewallLamp::open);
        }
    });
}

void since(Samples& to, const Status& status) {
    each_tunnel(status, [&](const Peer& peer, const Tunnel& tunnel) {
        const auto established = std::ranges::find_if(peer.ike_sas, &status::IsakmpSa::up);
        if (established != peer.ike_sas.end() && established->established) {
            to.add(peer, tunnel, "layer", "phase1", at(status, *established->established));
        }
        if (const auto when = tunnel.up() ? tunnel.up_since : tunnel.down_since) {
            to.add(peer, tunnel, "layer", "tunnel", at(status, *when));
        }
    });
}

using Counter = std::uint64_t sa::Usage::*;
using Counters = std::initializer_list<std::pair<std::string_view, Counter>>;
void totals(Samples& to, const Status& status, std::string_view label, Counters counters) {
    each_tunnel(status, [&](const Peer& peer, const Tunnel& tunnel) {
        for (const auto& [word, counter] : counters) {
            to.add(peer, tunnel, label, word, tunnel.totals.*counter);
        }
    });
}

template <class Value>
void of_tunnels(Samples& to, const Status& status, Value value) {
    each_tunnel(status, [&](const Peer& peer, const Tunnel& tunnel) { to.add(peer, tunnel, value(tunnel)); });
}

template <class Value>
void of_peers(Samples& to, const Status& status, Value value) {
    for (const Peer& peer : status.engine.peers) {
        to.add(peer, value(peer));
    }
}

void path_mtu(Samples& to, const Status& status) {
    each_tunnel(status, [&](const Peer& peer, const Tunnel& tunnel) {
        const auto carrier = std::ranges::find_if(tunnel.sas, &status::ChildSa::up);
        if (carrier != tunnel.sas.end() && carrier->path_mtu != 0) {
            to.add(peer, tunnel, carrier->path_mtu);
        }
    });
}

void reasons(Samples& to, const Status& status) {
    each_tunnel(status, [&](const Peer& peer, const Tunnel& tunnel) {
        if (tunnel.why_down && !tunnel.up()) {
            to.add(peer, tunnel, "code", tunnel.why_down->code, 1);
        }
    });
}

void failures(Samples& to, const Status& status) {
    for (const Peer& peer : status.engine.peers) {
        for (const auto& [code, times] : peer.failures) {
            to.add({{"peer", peer.name}, {"code", code}}, times);
        }
    }
}

void findings(Samples& to, const Status& status) {
    std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> counts;
    const auto count = [&](const status::Told& told) { ++counts[{told.code, name_of(told.severity)}]; };
    std::ranges::for_each(status.findings, count);
    for (const Peer& peer : status.engine.peers) {
        std::ranges::for_each(peer.findings, count, &status::Standing::what);
        for (const Tunnel& tunnel : peer.tunnels) {
            std::ranges::for_each(tunnel.findings, count, &status::Standing::what);
        }
    }
    for (const auto& [what, number] : counts) {
        to.add({{"code", what.first}, {"severity", what.second}}, number);
    }
}

void round_trips(Samples& to, const Status& status) {
    for (const Peer& peer : status.engine.peers) {
        if (peer.round_trip_us) {
            to.add(peer, static_cast<double>(*peer.round_trip_us) / 1e6);
        }
    }
}

void last_failures(Samples& to, const Status& status) {
    for (const Peer& peer : status.engine.peers) {
        if (peer.last_error_at) {
            to.add(peer, at(status, *peer.last_error_at));
        }
    }
}

void lookups(Samples& to, const Status& status) {
    for (const Peer& peer : status.engine.peers) {
        to.add({{"peer", peer.name}, {"result", "failed"}}, peer.lookups_failed);
        to.add({{"peer", peer.name}, {"result", "found"}},
               peer.lookups - std::min(peer.lookups, peer.lookups_failed));
    }
}

void messages(Samples& to, const Status& status) {
    to.add({{"direction", "in"}}, status.engine.messages_in);
    to.add({{"direction", "out"}}, status.engine.messages_out);
}

struct Metric {
    const char* name;
    const char* type;
    const char* labels;  ///< for the manual
    const char* help;
    void (*samples)(Samples& to, const Status& status);
};

constexpr const char* up_help = "Whether causewayd runs and answers.";

constexpr std::array metrics{
    Metric{"causeway_up", "gauge", "", up_help, [](Samples& to, const Status&) { to.add({}, 1); }},
    Metric{"causeway_build_info", "gauge", "version", "Always 1; the version of causewayd.",
           [](Samples& to, const Status& status) {
               to.add({{"version", status.daemon.version}}, 1);
           }},
    Metric{"causeway_start_time_seconds", "gauge", "", "When causewayd was started, Unix time.",
           [](Samples& to, const Status& status) {
               to.add({}, status.daemon.now - status.daemon.uptime_seconds);
           }},
    Metric{"causeway_connection_up", "gauge", "peer, connection, layer",
           "Whether the layer (phase1, tunnel, route, firewall) is as it should be; none for a firewall that "
           "is not known.",
           lamps},
    Metric{
        "causeway_connection_wanted", "gauge", "peer, connection",
        "Whether the tunnel is to be up: not one that was taken down or waits for traffic or for the peer.",
        [](Samples& to, const Status& status) {
            of_tunnels(to, status, [](const Tunnel& t) { return t.wanted ? 1 : 0; });
        }},
    Metric{"causeway_connection_since_timestamp_seconds", "gauge", "peer, connection, layer",
           "Since when the tunnel is up or down, and when the ISAKMP SA was established (phase1), Unix time.",
           since},
    Metric{"causeway_connection_down_reason", "gauge", "peer, connection, code",
           "Always 1: the finding that keeps the tunnel down.", reasons},
    Metric{
        "causeway_connection_bytes_total", "counter", "peer, connection, direction",
        "Octets of inner packets that passed the tunnel (in, out).",
        [](Samples& to, const Status& status) {
            totals(to, status, "direction", {{"in", &sa::Usage::bytes_in}, {"out", &sa::Usage::bytes_out}});
        }},
    Metric{"causeway_connection_packets_total", "counter", "peer, connection, direction",
           "Inner packets that passed the tunnel (in, out).",
           [](Samples& to, const Status& status) {
               totals(to, status, "direction",
                      {{"in", &sa::Usage::packets_in}, {"out", &sa::Usage::packets_out}});
           }},
    Metric{"causeway_connection_dropped_packets_total", "counter", "peer, connection, reason",
           "ESP packets that were thrown away: seen before or too old (replay), forged or damaged "
           "(integrity), of other networks "
           "(policy).",
           [](Samples& to, const Status& status) {
               totals(to, status, "reason",
                      {{"replay", &sa::Usage::dropped_replay},
                       {"integrity", &sa::Usage::dropped_integrity},
                       {"policy", &sa::Usage::dropped_policy}});
           }},
    Metric{"causeway_data_plane_dropped_packets_total", "counter", "reason",
           "Packets of all connections that went no further, where causewayd itself encrypts; no-sa: their "
           "tunnel was down.",
           [](Samples& to, const Status& status) {
               for (const auto& [reason, count] : status.daemon.data_plane.dropped) {
                   to.add({{"reason", reason}}, count);
               }
           }},
    Metric{"causeway_connection_came_up_total", "counter", "peer, connection",
           "How often the tunnel came up after it was down.",
           [](Samples& to, const Status& status) {
               of_tunnels(to, status, [](const Tunnel& t) { return t.came_up; });
           }},
    Metric{"causeway_connection_renewals_total", "counter", "peer, connection",
           "How often the tunnel's SA was renewed.",
           [](Samples& to, const Status& status) {
               of_tunnels(to, status, [](const Tunnel& t) { return t.renewals; });
           }},
    Metric{"causeway_connection_path_mtu_bytes", "gauge", "peer, connection",
           "The largest IP packet that the way to the peer carries.", path_mtu},
    Metric{"causeway_peer_round_trip_seconds", "gauge", "peer",
           "Round trip of the last liveness check that was answered at the first try.", round_trips},
    Metric{"causeway_peer_phase1_begun_total", "counter", "peer", "How often this side has begun Phase 1.",
           [](Samples& to, const Status& status) {
               of_peers(to, status, [](const Peer& p) { return p.negotiations; });
           }},
    Metric{"causeway_peer_phase1_established_total", "counter", "peer", "How often Phase 1 was completed.",
           [](Samples& to, const Status& status) {
               of_peers(to, status, [](const Peer& p) { return p.established; });
           }},
    Metric{"causeway_peer_failures_total", "counter", "peer, code",
           "How often something went wrong with the peer, by the code of the finding.", failures},
    Metric{"causeway_peer_last_failure_timestamp_seconds", "gauge", "peer",
           "When something went wrong last, Unix time.", last_failures},
    Metric{"causeway_peer_lookups_total", "counter", "peer, result",
           "Look-ups of where the peer is (found, failed).", lookups},
    Metric{"causeway_peer_unproved_aggressive_total", "counter", "peer",
           "Aggressive Mode that was answered and never finished: whoever asked can try keys at leisure.",
           [](Samples& to, const Status& status) {
               of_peers(to, status, [](const Peer& p) { return p.unproved_aggressive; });
           }},
    Metric{"causeway_half_open_ike_sas", "gauge", "", "Callers whose Phase 1 is not finished.",
           [](Samples& to, const Status& status) { to.add({}, status.engine.half_open); }},
    Metric{"causeway_ike_messages_total", "counter", "direction", "IKE messages (in, out).", messages},
    Metric{"causeway_ike_messages_ignored_total", "counter", "", "IKE messages that were not acted upon.",
           [](Samples& to, const Status& status) { to.add({}, status.engine.messages_ignored); }},
    Metric{"causeway_findings", "gauge", "code, severity",
           "What stands against configuration, peers and tunnels.", findings},
};

void add_head(std::string& out, const Metric& metric) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name, metric.help,
                   metric.type);
}

}  // namespace

std::string metrics_text(const Status& status) {
    std::string out;
    for (const Metric& metric : metrics) {
        add_head(out, metric);
        Samples samples(out, metric.name);
        metric.samples(samples, status);
    }
    return out;
}

std::string metrics_text_of_none() {
    std::string out;
    add_head(out, metrics.front());
    Samples(out, metrics.front().name).add({}, 0);
    return out;
}

std::string metrics_list() {
    std::string out;
    for (const Metric& metric : metrics) {
        fmt::format_to(std::back_inserter(out), "  {} {}{}{}\n      {}\n", metric.name, metric.type,
                       *metric.labels == '\0' ? "" : ", by ", metric.labels, metric.help);
    }
    return out;
}

}  // namespace causeway::control
