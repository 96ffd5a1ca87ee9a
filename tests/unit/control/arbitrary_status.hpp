// Arbitrary status values for property tests.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <rapidcheck.h>
#include <string>
#include <vector>

#include "control/status.hpp"

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

inline std::optional<std::int64_t> maybe_seconds() {
    return any<bool>() ? std::optional(any<std::int64_t>()) : std::nullopt;
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

inline IkeSa ike_sa() {
    return {.number = any<unsigned>(),
            .state = text(),
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
            .established_seconds_ago = maybe_seconds(),
            .rekey_in_seconds = maybe_seconds(),
            .expires_in_seconds = maybe_seconds()};
}

inline ChildSa child_sa() {
    return {.number = any<unsigned>(),
            .state = text(),
            .reqid = any<std::uint32_t>(),
            .spi_in = any<std::uint32_t>(),
            .spi_out = any<std::uint32_t>(),
            .udp = any<bool>(),
            .suite = text(),
            .established_seconds_ago = maybe_seconds(),
            .rekey_in_seconds = maybe_seconds(),
            .expires_in_seconds = maybe_seconds(),
            .bytes_in = any<std::uint64_t>(),
            .bytes_out = any<std::uint64_t>(),
            .packets_in = any<std::uint64_t>(),
            .packets_out = any<std::uint64_t>(),
            .dropped_replay = any<std::uint64_t>(),
            .dropped_integrity = any<std::uint64_t>(),
            .dropped_policy = any<std::uint64_t>(),
            .last_in_seconds_ago = maybe_seconds(),
            .last_out_seconds_ago = maybe_seconds()};
}

template <class Make>
auto some(Make make) {
    std::vector<decltype(make())> list;
    for (auto count = *rc::gen::inRange(0, 3); count > 0; --count) {
        list.push_back(make());
    }
    return list;
}

inline Tunnel tunnel() {
    return {.name = text(),
            .display_name = text(),
            .local = text(),
            .remote = text(),
            .wanted = any<bool>(),
            .sas = some(child_sa),
            .down_seconds = maybe_seconds(),
            .why_down = text(),
            .next = text(),
            .proposals = texts(),
            .lifetime_seconds = any<std::uint32_t>(),
            .start = text(),
            .not_carried = text()};
}

inline Peer peer() {
    return {.name = text(),
            .display_name = text(),
            .gateway = text(),
            .own_name = text(),
            .own_name_state = text(),
            .own_name_note = text(),
            .ike_sas = some(ike_sa),
            .tunnels = some(tunnel),
            .last_error = text(),
            .last_error_seconds_ago = maybe_seconds(),
            .negotiations = any<std::uint64_t>(),
            .established = any<std::uint64_t>(),
            .unproved_aggressive = any<std::uint64_t>(),
            .mode = text(),
            .local_id = text(),
            .remote_id = text(),
            .proposals = texts(),
            .lifetime_seconds = any<std::uint32_t>(),
            .dpd = any<bool>(),
            .dpd_idle_seconds = any<std::uint32_t>(),
            .place = text()};
}

inline Status status() {
    return {
        .daemon = {.version = text(),
                   .pid = any<std::int64_t>(),
                   .uptime_seconds = any<std::int64_t>(),
                   .now = any<std::int64_t>(),
                   .config_file = text(),
                   .listening = some(endpoint),
                   .data_plane = {.kind = text(), .device = text(), .mtu = any<unsigned>(), .note = text()}},
        .peers = some(peer),
        .remarks = texts(),
        .messages_in = any<std::uint64_t>(),
        .messages_out = any<std::uint64_t>(),
        .messages_ignored = any<std::uint64_t>(),
        .half_open = any<std::uint64_t>()};
}

}  // namespace causeway::control::testing
