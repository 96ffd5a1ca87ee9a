#include "pair/words.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "base/bytes.hpp"
#include "codec/isakmp/payloads.hpp"
#include "config/identity.hpp"
#include "config/identity_text.hpp"

namespace causeway::pair {
namespace {

/// Reading the text gives this identity, without a remark.
bool means(const std::string& text, const config::Identity& identity) {
    const auto read = config::read_identity(text);
    return read && read->identity && *read->identity == identity && read->remark.empty();
}

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

bool is_product(std::span<const config::Tunnel> group) {
    const auto local = networks_of(group, &config::Tunnel::local);
    const auto remote = networks_of(group, &config::Tunnel::remote);
    if (local.size() * remote.size() != group.size()) {
        return false;
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!group[i].same_but_networks(group.front()) || group[i].local.text() != local[i / remote.size()] ||
            group[i].remote.text() != remote[i % remote.size()]) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string identity_text(const config::Identity& identity) {
    const std::string text(as_text(identity.data));
    std::string type = fmt::format("{{{}}}:", static_cast<unsigned>(identity.type));
    switch (identity.type) {
        case isakmp::IdType::ipv4_addr:
        case isakmp::IdType::ipv6_addr:
            if (means(identity.text(), identity)) {
                return identity.text();
            }
            break;
        case isakmp::IdType::fqdn:
            type = "fqdn:";
            if (is_word(text) && means("@" + text, identity)) {
                return "@" + text;
            }
            break;
        case isakmp::IdType::user_fqdn:
            type = "userfqdn:";
            if (is_word(text) && means(text, identity)) {
                return text;
            }
            break;
        case isakmp::IdType::key_id:
            type = "keyid:";
            break;
        default:
            break;
    }
    // The asterisk of a pattern has no digits.
    const bool readable = identity.pattern || is_word(text);
    return readable && means(type + text, identity) ? type + text : type + "#" + to_hex(identity.data);
}

std::optional<std::string> remote_identity_text(const config::Peer& peer) {
    if (peer.remote_id) {
        return identity_text(peer.remote_id->value);
    }
    if (peer.remote_id_any) {
        return "%any";
    }
    const auto* const address =
        peer.addresses.size() == 1 ? std::get_if<IpAddress>(&peer.addresses.front().value) : nullptr;
    return address != nullptr ? std::optional(address->text()) : std::nullopt;
}

std::string hexadecimal(const Secret& key) {
    return "0x" + to_hex(key.view());
}

bool is_plain(std::string_view key) {
    const bool encoded =
        key.starts_with("0x") || key.starts_with("0X") || key.starts_with("0s") || key.starts_with("0S");
    return !key.empty() && !encoded && std::ranges::all_of(key, [](char c) { return c >= ' ' && c < 0x7f; });
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const auto& word : words) {
        text += &word == &words.front() ? std::string_view() : separator;
        text += word;
    }
    return text;
}

std::string time_text(std::uint32_t seconds) {
    constexpr std::pair<std::uint32_t, char> units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
    for (const auto& [unit, letter] : units) {
        if (seconds != 0 && seconds % unit == 0) {
            return fmt::format("{}{}", seconds / unit, letter);
        }
    }
    return fmt::format("{}s", seconds);
}

std::string time_text(Duration duration) {
    return time_text(
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count()));
}

std::string uci_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string_view("'\\''") : std::string_view(&c, 1);
    }
    return out + "'";
}

std::uint32_t renewal_margin(std::uint32_t lifetime_seconds) {
    return std::max(lifetime_seconds / 10, std::uint32_t{1});
}

std::vector<std::string> addresses_of(const config::Peer& peer) {
    std::vector<std::string> addresses;
    for (const auto& address : peer.addresses) {
        if (!std::holds_alternative<config::AnyAddress>(address.value)) {
            addresses.push_back(config::text(address.value));
        }
    }
    return addresses;
}

std::string Names::make(std::string_view wanted) {
    std::string text;
    for (const char c : wanted) {
        const bool allowed = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                             c == '_' || also_.find(c) != std::string_view::npos;
        text += allowed ? c : '_';
    }
    text = text.empty() ? "peer" : text;
    auto free = text;
    for (unsigned i = 2; !given_.insert(free).second; ++i) {
        free = fmt::format("{}_{}", text, i);
    }
    return free;
}

std::string Names::give(std::string_view wanted, const Place& place) {
    auto called = make(wanted);
    if (called != wanted) {
        losses_.renamed(place, wanted, called);
    }
    return called;
}

std::vector<std::span<const config::Tunnel>> groups_of(std::span<const config::Tunnel> tunnels) {
    std::vector<std::span<const config::Tunnel>> groups;
    for (std::size_t i = 0; i < tunnels.size();) {
        const auto& place = tunnels[i].place;
        std::size_t end = i + 1;
        while (end < tunnels.size() && place.known() && tunnels[end].place == place) {
            ++end;
        }
        const auto size = is_product(tunnels.subspan(i, end - i)) ? end - i : 1;
        groups.push_back(tunnels.subspan(i, size));
        i += size;
    }
    return groups;
}

std::vector<config::Tunnel> without_ports(const config::Peer& peer, Losses& losses) {
    std::vector<config::Tunnel> kept;
    for (const auto& tunnel : peer.tunnels) {
        const auto plain = [](const TrafficSelector& one) { return one.protocol == 0 && one.port == 0; };
        if (plain(tunnel.local) && plain(tunnel.remote)) {
            kept.push_back(tunnel);
        } else {
            losses.say(finding<FindingId::tunnel_with_ports>(
                std::vector{tunnel.local_place, tunnel.remote_place}, field<"peer">(title_of(peer)),
                losses.field_form(), field<"setting">("tunnels"), field<"local">(tunnel.local.text()),
                field<"remote">(tunnel.remote.text())));
        }
    }
    if (kept.empty()) {
        losses.say(finding<FindingId::peer_without_tunnel>(peer.place, field<"peer">(title_of(peer)),
                                                           losses.field_form()));
    }
    return kept;
}

std::vector<std::string> networks_of(std::span<const config::Tunnel> group,
                                     TrafficSelector config::Tunnel::*side) {
    std::vector<std::string> all;
    for (const auto& tunnel : group) {
        auto network = (tunnel.*side).text();
        if (std::ranges::find(all, network) == all.end()) {
            all.push_back(std::move(network));
        }
    }
    return all;
}

}  // namespace causeway::pair
