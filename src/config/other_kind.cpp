#include "config/other_kind.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace causeway::config {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto begin = std::min(text.find_first_not_of(blanks), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(blanks) + 1);
}

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

/// The words before and behind the first '=' of a line; nothing when what stands before is no single word.
struct Setting {
    std::string_view name;
    std::string_view value;
};
std::optional<Setting> setting(std::string_view line) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    const auto name = trimmed(line.substr(0, equals));
    if (name.empty() || !std::ranges::all_of(name, is_name_character)) {
        return std::nullopt;
    }
    return Setting{name, trimmed(line.substr(equals + 1))};
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, word) != words.end();
}

/// `NAME {`, and what follows the brace counts no more.
bool opens_block(std::string_view line, std::string_view name) {
    return line.starts_with(name) && trimmed(line.substr(name.size())).starts_with('{');
}

bool is_uci_show(std::string_view line) {
    const auto dot = line.find('.');
    const auto equals = line.find('=');
    if (dot == std::string_view::npos || dot == 0 || equals == std::string_view::npos || equals < dot + 2) {
        return false;
    }
    const auto path = line.substr(dot + 1, equals - dot - 1);
    return std::ranges::all_of(line.substr(0, dot), is_name_character) &&
           std::ranges::all_of(path, [](char c) {
               return is_name_character(c) || c == '.' || c == '@' || c == '[' || c == ']';
           });
}

bool is_ipsec_conf(std::string_view line, std::string_view words) {
    return (line.starts_with("conn ") || line.starts_with("conn\t")) &&
           words.find('=') == std::string_view::npos;
}

bool is_part_of_ipsec_conf(std::string_view words) {
    constexpr std::array<std::string_view, 8> names{"left",   "right",   "leftsubnet", "rightsubnet",
                                                    "leftid", "rightid", "authby",     "keyexchange"};
    const auto set = setting(words);
    return set && is_one_of(set->name, names);
}

bool is_ipsec_secrets(std::string_view words) {
    const auto colon = words.find(':');
    const auto kind = colon == std::string_view::npos ? std::string_view() : trimmed(words.substr(colon + 1));
    return kind.starts_with("PSK ") || kind.starts_with("PSK\t") || kind.starts_with("XAUTH ") ||
           kind.starts_with("RSA ") || kind.starts_with("EAP ");
}

bool is_swanctl_conf(std::string_view words) {
    constexpr std::array<std::string_view, 8> names{"remote_addrs", "local_addrs", "local_ts",
                                                    "remote_ts",    "proposals",   "esp_proposals",
                                                    "start_action", "dpd_delay"};
    const auto set = setting(words);
    return opens_block(words, "secrets") || opens_block(words, "children") ||
           (set && is_one_of(set->name, names) && !set->value.ends_with(';'));
}

bool is_part_of_vpncfg(std::string_view words) {
    constexpr std::array<std::string_view, 8> names{"conn_type",    "phase1ss",  "phase2ss",
                                                    "keytype",      "use_nat_t", "remotehostname",
                                                    "always_renew", "accesslist"};
    const auto set = setting(words);
    return set && is_one_of(set->name, names) && set->value.ends_with(';');
}

std::optional<OtherKind> kind_of(std::string_view line, std::string_view words) {
    if (words == "[Interface]" || words == "[Peer]") {
        return OtherKind{"this is a WireGuard configuration",
                         "causeway speaks IPsec; use wg-quick or OpenWrt's WireGuard for it"};
    }
    if (is_part_of_vpncfg(words)) {
        return OtherKind{"this is part of a vpncfg, without its first line",
                         "put 'vpncfg {' before 'connections {', and '}' at the end"};
    }
    if (is_uci_show(words)) {
        return OtherKind{"this is what 'uci show' prints",
                         "use the file itself, /etc/config/ipsec, or what 'uci export ipsec' prints"};
    }
    if (is_swanctl_conf(words)) {
        return OtherKind{
            "this is a swanctl.conf of strongSwan",
            "leave out --format, or write --format swanctl.conf; its first line is a comment, an include "
            "or NAME {"};
    }
    if (is_ipsec_conf(line, words)) {
        return OtherKind{"this is an ipsec.conf of strongSwan or libreswan",
                         "give it without --format, or with --format ipsec.conf"};
    }
    if (is_part_of_ipsec_conf(words)) {
        return OtherKind{"this is part of an ipsec.conf, without the line that begins its section",
                         "put 'conn NAME' before it, and a blank in front of each of its lines"};
    }
    if (is_ipsec_secrets(words)) {
        return OtherKind{"this is an ipsec.secrets: it has keys and no tunnels",
                         "give the ipsec.conf that it lies beside: its keys are read with it"};
    }
    return std::nullopt;
}

/// Every second octet is 0 in what Windows calls Unicode, as far as it is ASCII.
bool is_utf16(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return true;
    }
    const auto start = text.substr(0, 64);
    const auto zeros = static_cast<std::size_t>(std::ranges::count(start, '\0'));
    return start.size() >= 16 && zeros * 5 >= start.size() * 2;
}

}  // namespace

std::optional<OtherKind> other_kind(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    constexpr std::string_view no_break_space = "\xC2\xA0";
    if (is_utf16(text)) {
        return OtherKind{"the file is in UTF-16", "save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE", 1};
    }
    const bool marked = text.starts_with(byte_order_mark);
    if (marked) {
        text.remove_prefix(byte_order_mark.size());
    }
    std::uint32_t number = 0;
    std::optional<OtherKind> spaces;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        ++number;
        const auto words = trimmed(line);
        if (words.empty() || words.starts_with('#') || words.starts_with("//")) {
            continue;
        }
        if (auto kind = kind_of(line, words)) {
            kind->line = number;
            return kind;
        }
        if (!spaces &&
            words.substr(0, words.find_first_of("'\"")).find(no_break_space) != std::string_view::npos) {
            spaces =
                OtherKind{"a no-break space (U+00A0) stands where a blank belongs, as copied from a web page",
                          "type the blanks of this line, and of others like it, anew", number};
        }
    }
    if (!spaces && marked) {
        return OtherKind{"the file begins with a byte order mark, at which UCI stops",
                         "save it as UTF-8 without one: tail -c +4 FILE > NEW", 1};
    }
    return spaces;
}

}  // namespace causeway::config
