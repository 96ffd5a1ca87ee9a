#include "config/own_name.hpp"

#include <algorithm>
#include <cctype>

namespace causeway::config {
namespace {

bool is_label(std::string_view label) {
    const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), fits);
}

}  // namespace

bool looks_like_public_name(std::string_view text) {
    if (text.size() > 253) {
        return false;
    }
    std::size_t labels = 0;
    std::string_view last;
    for (std::string_view rest = text;;) {
        const auto dot = rest.find('.');
        last = rest.substr(0, dot);
        if (!is_label(last)) {
            return false;
        }
        ++labels;
        if (dot == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(dot + 1);
    }
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::string_view private_ends[] = {".local",    ".lan",      ".home",        ".home.arpa",
                                                 ".internal", ".intranet", ".localdomain", ".invalid",
                                                 ".test",     ".example",  ".localhost"};
    return labels >= 2 &&
           std::any_of(last.begin(), last.end(), [](unsigned char c) { return std::isalpha(c) != 0; }) &&
           std::none_of(std::begin(private_ends), std::end(private_ends),
                        [&](std::string_view end) { return lower.ends_with(end); });
}

std::optional<std::string> own_name_of(const Peer& peer) {
    if (peer.own_name) {
        return peer.own_name->value.empty() ? std::nullopt : std::optional(peer.own_name->value);
    }
    if (peer.local_id && peer.local_id->value.type == isakmp::IdType::fqdn) {
        std::string name = peer.local_id->value.text();
        if (looks_like_public_name(name)) {
            return name;
        }
    }
    return std::nullopt;
}

}  // namespace causeway::config
