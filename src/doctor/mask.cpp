#include "doctor/mask.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/address.hpp"
#include "base/event.hpp"
#include "base/sort.hpp"

namespace causeway::doctor {
namespace {

/// Paths that every machine has.
constexpr std::array<std::string_view, 16> common_paths{"/etc/config/ipsec",
                                                        "/etc/config/swanctl",
                                                        "/etc/causeway/causeway.conf",
                                                        "/etc/hosts",
                                                        "/etc/resolv.conf",
                                                        "/etc/sysctl.d",
                                                        "/etc/init.d/causeway",
                                                        "/dev/net/tun",
                                                        "/run/causeway/control.sock",
                                                        "/etc/config/network",
                                                        "/var/run/causeway/control.sock",
                                                        "/etc/ipsec.conf",
                                                        "/etc/ipsec.secrets",
                                                        "/etc/swanctl/swanctl.conf",
                                                        "/etc/config/firewall",
                                                        "/etc/firewall.user"};
/// What ends in one of these is a file, not a host.
constexpr std::array<std::string_view, 8> endings{"conf", "cfg",    "secrets", "user",
                                                  "sock", "export", "txt",     "def"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// Of a word: a name ends where none of these follows.
bool is_of_word(char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}
bool is_of_host(char c) {
    return is_of_word(c) || c == '.';
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(
        out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// Nothing that belongs to the word follows: a full stop ends it unless a letter or digit stands behind.
bool is_end(std::string_view text, std::size_t at) {
    if (at >= text.size()) {
        return true;
    }
    const bool goes_on = text[at] == '.' && at + 1 < text.size() && is_of_word(text[at + 1]);
    return !is_of_word(text[at]) && !goes_on;
}

std::size_t run_of(std::string_view text, std::size_t at, bool (*is_of)(char)) {
    std::size_t end = at;
    while (end < text.size() && is_of(text[end])) {
        ++end;
    }
    while (end > at && (text[end - 1] == '.' || text[end - 1] == '-')) {
        --end;
    }
    return end - at;
}

/// Two labels, the last one of letters, and no file.
bool looks_like_host(std::string_view word) {
    const auto dot = word.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || word.front() == '.') {
        return false;
    }
    const auto last = word.substr(dot + 1);
    return last.size() >= 2 && std::ranges::all_of(last, is_letter) &&
           std::ranges::find(endings, last) == endings.end() && word.find("..") == std::string_view::npos &&
           word.find('_') == std::string_view::npos;
}

bool is_of_mailbox(char c) {
    return is_of_host(c) || c == '+';
}

bool is_of_path(char c) {
    return is_of_host(c) || c == '/' || c == '+' || c == '~';
}

/// DNS names have no case.
bool folds(std::string_view name, Mask::Kind kind) {
    return kind == Mask::Kind::host || name.find('.') != std::string_view::npos;
}

}  // namespace

void Mask::learn(std::string_view name, Kind kind) {
    if (name.starts_with('@')) {
        name.remove_prefix(1);
    }
    if (name.empty() || name == "%any" || IpAddress::parse(name) ||
        std::ranges::find(common_paths, name) != common_paths.end()) {
        return;
    }
    for (const std::string& form : {std::string(name), printable(name, 512)}) {
        kinds_.emplace(folds(form, kind) ? lower(form) : form, kind);
    }
}

void Mask::settle() {
    for (const auto& [name, kind] : kinds_) {
        known_.push_back(name);
    }
    sort_stably_by(known_, [](const std::string& name) { return -static_cast<long>(name.size()); });
    addresses_ = AddressMask(texts_);
}

const std::string& Mask::mask_of(const std::string& name, Kind kind) {
    const auto made = masks_.find(name);
    if (made != masks_.end()) {
        return made->second;
    }
    const bool mailbox = name.find('@') != std::string::npos;
    const bool host = kind == Kind::host || (kind == Kind::identity && looks_like_host(name));
    const auto [before, behind] = mailbox                    ? std::pair("user", "@host.example")
                                  : host                     ? std::pair("host", ".example")
                                  : kind == Kind::connection ? std::pair("peer", "")
                                  : kind == Kind::tunnel     ? std::pair("tunnel", "")
                                  : kind == Kind::file       ? std::pair("FILE", "")
                                                             : std::pair("identity", "");
    std::string mask;
    do {
        mask = fmt::format("{}{}{}", before, ++numbers_[before], behind);
    } while (kinds_.contains(mask));
    return masks_.emplace(name, std::move(mask)).first->second;
}

const std::string* Mask::known_at(std::string_view text, std::size_t at, std::size_t& length) const {
    for (const std::string& name : known_) {
        const auto word = text.substr(at, name.size());
        const bool is_word = !is_of_word(name.back()) || is_end(text, at + name.size());
        if (is_word && (word == name || (folds(name, kinds_.at(name)) && lower(word) == name))) {
            length = name.size();
            return &name;
        }
    }
    return nullptr;
}

std::size_t Mask::take(std::string_view text, std::size_t at, std::string& out) {
    std::size_t length = 0;
    if (const auto* name = known_at(text, at, length)) {
        out += mask_of(*name, kinds_.at(*name));
        return length;
    }
    if (const auto token = address_at(text, at)) {
        out += addresses_.masked(*token);
        return token->length;
    }
    const bool is_path = text[at] == '/' && at + 1 < text.size() && is_letter(text[at + 1]);
    if (is_path && (at == 0 || !is_of_path(text[at - 1]))) {
        length = run_of(text, at, is_of_path);
        const auto path = text.substr(at, length);
        const bool common = std::ranges::find(common_paths, path) != common_paths.end();
        out += common ? std::string(path) : mask_of(std::string(path), Kind::file);
        return length;
    }
    const auto local = run_of(text, at, is_of_mailbox);
    if (local > 0 && at + local + 1 < text.size() && text[at + local] == '@') {
        const auto domain = run_of(text, at + local + 1, is_of_host);
        if (domain > 0) {
            length = local + 1 + domain;
            out += mask_of(lower(text.substr(at, length)), Kind::identity);
            return length;
        }
    }
    const auto word = text.substr(at, run_of(text, at, is_of_host));
    if (looks_like_host(word)) {
        out += mask_of(lower(word), Kind::host);
        return word.size();
    }
    // No name begins inside a word; an address may, behind a dash.
    length = 1;
    while (is_of_word(text[at]) && at + length < text.size() && is_of_word(text[at + length]) &&
           !address_at(text, at + length)) {
        ++length;
    }
    out += text.substr(at, length);
    return length;
}

std::string Mask::masked(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        at += take(text, at, out);
    }
    return out;
}

}  // namespace causeway::doctor
