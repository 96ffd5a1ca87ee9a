#include "pair/strongswan_words.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "pair/words.hpp"

namespace causeway::pair {

std::string key_in_quotes(const Secret& key, std::string_view no_part) {
    const auto text = as_text(key.view());
    if (!is_plain(text) || text.find_first_of(no_part) != std::string_view::npos) {
        return hexadecimal(key);
    }
    std::string quoted = "\"";
    quoted += text;
    return quoted + "\"";
}

void tell_of_strongswan(const config::Peer& peer, Losses& losses) {
    if (!peer.nat_traversal) {
        losses.setting(peer, peer.place, "nat_traversal", "the switch-off of NAT traversal",
                       "charon always negotiates it");
    }
    losses.additions(peer);
    losses.only_accepted(peer);
}

Duration silence_until_gone(const config::Liveness& liveness) {
    return liveness.idle * liveness.misses;
}

std::string value_text(std::string_view value) {
    const auto is_bare = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view("@.-_:/%*").find(c) != std::string_view::npos;
    };
    if (!value.empty() && std::ranges::all_of(value, is_bare)) {
        return std::string(value);
    }
    std::string quoted = "\"";
    for (const char c : value) {
        quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return quoted + "\"";
}

}  // namespace causeway::pair
