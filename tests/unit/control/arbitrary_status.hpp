// Arbitrary status values for property tests.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "base/offload.hpp"
#include "base/time.hpp"
#include "config/model.hpp"
#include "control/status.hpp"
#include "sa/sa.hpp"
#include "status/status.hpp"
#include "status/told.hpp"

namespace causeway::control::testing {

/// Text with everything that JSON has to escape, and a letter of two octets.
inline std::string text() {
    static const std::vector<std::string> pieces{"a",  "Z",    "0", " ", "\"", "\\",
                                                 "\n", "\x01", "ö", "/", "{",  "}"};
    std::string all;
    for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) {
        all += piece;
    }
    return all;
}

template <class T>
T any() {
    return *rc::gen::arbitrary<T>();
}

/// Whole seconds within a century of the clock's zero, from which a status that was JSON is seen.
inline std::optional<Instant> maybe_instant(std::int64_t latest) {
    constexpr std::int64_t century = std::int64_t{100} * 365 * 86400;
    return any<bool>() ? std::optional(Instant(std::chrono::seconds(*rc::gen::inRange(-century, latest))))
                       : std::nullopt;
}
inline std::optional<Instant> maybe_past() {
    return maybe_instant(1);
}
inline std::optional<Instant> maybe_any_time() {
    return maybe_instant(std::int64_t{100} * 365 * 86400);
}

template <class Enum>
Enum enumerator(int count) {
    return static_cast<Enum>(*rc::gen::inRange(0, count));
}

inline std::vector<std::string> texts() {
    std::vector<std::string> list(*rc::gen::inRange<std::size_t>(0, 3));
    for (auto& entry : list) {
        entry = text();
    }
    return list;
}

inline Endpoint endpoint() {
    const auto port = any<std::uint16_t>();
    if (any<bool>()) {
        return {IpAddress::v4(any<std::uint32_t>()), port};
    }
    std::array<std::uint8_t, 16> octets{};
    for (auto& octet : octets) {
        octet = any<std::uint8_t>();
    }
    return {IpAddress::v6(octets), port};
}

inline status::IsakmpSa ike_sa() {
    return {.number = any<unsigned>(),
            .state = enumerator<status::IsakmpSaState>(3),
            .exchange_state = text(),
            .initiator = any<bool>(),
            .local = endpoint(),
            .remote = endpoint(),
            .local_id = text(),
            .remote_id = text(),
            .cky_i = text(),
            .cky_r = text(),
            .suite = text(),
            .mode = text(),
            .nat_local = any<bool>(),
            .nat_remote = any<bool>(),
            .dpd = any<bool>(),
            .vendors = texts(),
            .established = maybe_past(),
            .rekey_at = maybe_any_time(),
            .expires_at = maybe_any_time()};
}

/// Without instants, which are told of an SA only.
inline sa::Usage counters() {
    return {.bytes_in = any<std::uint64_t>(),
            .bytes_out = any<std::uint64_t>(),
            .packets_in = any<std::uint64_t>(),
            .packets_out = any<std::uint64_t>(),
            .dropped_replay = any<std::uint64_t>(),
            .dropped_integrity = any<std::uint64_t>(),
            .dropped_policy = any<std::uint64_t>(),
            .last_in = std::nullopt,
            .last_out = std::nullopt};
}

inline sa::Usage used() {
    auto usage = counters();
    usage.last_in = maybe_past();
    usage.last_out = maybe_past();
    return usage;
}

inline std::map<std::string, std::uint64_t> counts() {
    std::map<std::string, std::uint64_t> times;
    for (const auto& code : texts()) {
        times[code] = any<std::uint64_t>();
    }
    return times;
}

inline status::ChildSa child_sa() {
    return {.number = any<unsigned>(),
            .state = enumerator<status::ChildSaState>(3),
            .id = {},
            .reqid = any<std::uint32_t>(),
            .spi_in = any<std::uint32_t>(),
            .spi_out = any<std::uint32_t>(),
            .udp = any<bool>(),
            .suite = text(),
            .established = maybe_past(),
            .rekey_at = maybe_any_time(),
            .expires_at = maybe_any_time(),
            .usage = used(),
            .path_mtu = any<std::uint16_t>(),
            .path_mtu_from = text()};
}

template <class Make>
auto some(Make make) {
    std::vector<decltype(make())> list;
    for (auto count = *rc::gen::inRange(0, 3); count > 0; --count) {
        list.push_back(make());
    }
    return list;
}

inline status::Told told() {
    status::Told told{.code = text(),
                      .severity = enumerator<Severity>(3),
                      .certainty = enumerator<Certainty>(3),
                      .message = text(),
                      .remedy = text(),
                      .fields = {},
                      .locations = some([] {
                          return status::Location{text(), any<std::uint32_t>(), any<std::uint32_t>()};
                      })};
    for (const auto& name : texts()) {
        told.fields[name] = text();
    }
    return told;
}
inline std::optional<status::Told> maybe_told() {
    return any<bool>() ? std::optional(told()) : std::nullopt;
}

inline status::Standing standing() {
    return {.what = told(), .since = maybe_past(), .times = any<std::uint64_t>()};
}

inline status::Lamps lamps() {
    return {.tunnel = enumerator<status::TunnelLamp>(3),
            .route = enumerator<status::RouteLamp>(3),
            .firewall = enumerator<status::FirewallLamp>(3)};
}

inline status::Tunnel tunnel() {
    return {.name = text(),
            .display_name = text(),
            .local = text(),
            .remote = text(),
            .wanted = any<bool>(),
            .sas = some(child_sa),
            .down_since = maybe_past(),
            .up_since = maybe_past(),
            .came_up = any<std::uint64_t>(),
            .renewals = any<std::uint64_t>(),
            .totals = counters(),
            .why_down = maybe_told(),
            .next = text(),
            .findings = some(standing),
            .lamps = lamps(),
            .proposals = texts(),
            .lifetime_seconds = any<std::uint32_t>(),
            .start = any<bool>() ? std::optional(enumerator<config::StartAction>(3)) : std::nullopt,
            .not_carried = text(),
            .carries_in_place_of = text(),
            .stands_by_for = text()};
}

inline status::Peer peer() {
    return {.name = text(),
            .display_name = text(),
            .gateway = text(),
            .own_name = text(),
            .own_name_state = any<bool>() ? std::optional(enumerator<status::OwnNameState>(5)) : std::nullopt,
            .own_name_note = text(),
            .ike_sas = some(ike_sa),
            .tunnels = some(tunnel),
            .last_error = maybe_told(),
            .last_error_at = maybe_past(),
            .findings = some(standing),
            .round_trip_us = any<bool>() ? std::optional(any<std::uint64_t>()) : std::nullopt,
            .negotiations = any<std::uint64_t>(),
            .established = any<std::uint64_t>(),
            .unproved_aggressive = any<std::uint64_t>(),
            .failures = counts(),
            .lookups = any<std::uint64_t>(),
            .lookups_failed = any<std::uint64_t>(),
            .mode = text(),
            .local_id = text(),
            .remote_id = text(),
            .proposals = texts(),
            .lifetime_seconds = any<std::uint32_t>(),
            .dpd = any<bool>(),
            .dpd_idle_seconds = any<std::uint32_t>(),
            .place = text()};
}

inline OffloadState offload() {
    return {any<bool>(), text()};
}

inline Status status() {
    return {.daemon = {.version = text(),
                       .pid = any<std::int64_t>(),
                       .uptime_seconds = any<std::int64_t>(),
                       .now = any<std::int64_t>(),
                       .config_file = text(),
                       .listening = some(endpoint),
                       .data_plane = {.kind = text(),
                                      .device = text(),
                                      .mtu = any<unsigned>(),
                                      .note = text(),
                                      .offloads = {offload(), offload(), offload()},
                                      .dropped = counts()},
                       .obstacles = texts()},
            .remarks = texts(),
            .findings = some(told),
            .engine = {.peers = some(peer),
                       .strangers = some([] {
                           return status::Stranger{text(), standing()};
                       }),
                       .messages_in = any<std::uint64_t>(),
                       .messages_out = any<std::uint64_t>(),
                       .messages_ignored = any<std::uint64_t>(),
                       .half_open = any<std::uint64_t>()},
            .taken = {}};
}

}  // namespace causeway::control::testing
