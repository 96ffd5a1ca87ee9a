// Is a pre-shared key long enough? Whoever took part in one exchange can try keys offline (RFC 2409 5.4
// derives everything from the key and values that went over the wire); with Aggressive Mode anybody can,
// after one datagram. Called by both readers once the peer is read. Says nothing of the key but that it is
// short.
#pragma once

#include <string>
#include <string_view>

#include "config/model.hpp"
#include "config/report.hpp"

namespace causeway::config {

/// Octets. The desktop program of the box makes keys of 30; twenty of its characters are beyond any search,
/// and shorter ones have been chosen by people.
inline constexpr std::size_t key_octets_wanted = 20;
/// The same of digits alone.
inline constexpr std::size_t key_octets_of_digits = 28;

/// `title` is what remarks call the peer.
void warn_of_short_key(const Peer& peer, const std::string& title, Report& report);

/// "###KEY###", "${PSK}", "<your key>", "changeme": what a template has where the key belongs.
bool looks_like_placeholder(std::string_view key);

}  // namespace causeway::config
