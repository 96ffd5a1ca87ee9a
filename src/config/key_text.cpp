#include "config/key_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace causeway::config {
namespace {

std::string characters(std::size_t number) {
    return number == 1 ? "1 character" : fmt::format("{} characters", number);
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// `secret = TEXT` as strongSwan's settings_lexer.l reads it, found to be so with 5.9.8: words up to a '#',
/// a '}' or the end of the line, and strings in quotes with escapes, joined by one blank each.
class SwanctlValue {
 public:
    explicit SwanctlValue(std::string_view text) : text_(text) {}

    /// Nothing when strongSwan would refuse the whole file.
    std::optional<std::string> read() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '#') {
                break;
            }
            if (c == '}' || c == '\n') {
                return std::nullopt;
            }
            if (is_blank(c)) {
                ++at_;
            } else if (c != '"') {
                const auto end = std::min(text_.find_first_of("#}\"\r\n\t ", at_), text_.size());
                add(text_.substr(at_, end - at_));
                at_ = end;
            } else if (!quoted()) {
                return std::nullopt;
            }
        }
        return value_;
    }

 private:
    void add(std::string_view part) {
        if (!std::exchange(first_, false)) {
            value_ += ' ';
        }
        value_ += part;
    }

    bool quoted() {
        std::string part;
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                add(part);
                return true;
            }
            if (c == '\\') {
                if (++at_ == text_.size()) {
                    return false;
                }
                constexpr std::string_view letters = "nrt";
                constexpr std::string_view meanings = "\n\r\t";
                const auto letter = letters.find(text_[at_]);
                part += letter != std::string_view::npos ? meanings[letter] : text_[at_];
            } else if (c != '\r') {
                part += c;
            }
        }
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string value_;
    bool first_ = true;
};

std::optional<Bytes> hexadecimal(std::string_view digits) {
    std::string packed;
    std::size_t in_group = 0;  // colons stand between octets
    for (std::size_t i = digits.size(); i-- > 0;) {
        if (digits[i] == ':') {
            if (in_group == 0 || in_group % 2 != 0 || i == 0) {
                return std::nullopt;
            }
            in_group = 0;
            continue;
        }
        packed += digits[i];
        ++in_group;
    }
    if (packed.size() % 2 != 0) {
        packed += '0';  // charon: the first digit is an octet of its own
    }
    std::ranges::reverse(packed);
    auto octets = from_hex(packed);
    return octets && !octets->empty() ? octets : std::nullopt;
}

/// With '-' and '_' for '+' and '/', as strongSwan has them too.
std::optional<Bytes> base64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto end = text.find_last_not_of('=') + 1;
    if (text.empty() || text.size() % 4 != 0 || text.size() - end > 2) {
        return std::nullopt;
    }
    Bytes octets;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text.substr(0, end)) {
        const auto digit = digits.find(c == '-' ? '+' : c == '_' ? '/' : c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            octets.push_back(static_cast<std::uint8_t>(bits >> count));
        }
    }
    return octets;
}

/// What in the key swanctl.conf's grammar reads as something else.
std::string_view culprit(std::string_view text) {
    return text.find('#') != std::string_view::npos   ? "a '#'"
           : text.find('"') != std::string_view::npos ? "a '\"'"
           : text.find('}') != std::string_view::npos ? "a '}'"
                                                      : "blanks at its ends or side by side";
}

class KeyReader {
 public:
    KeyReader(const Sourced<std::string>& written, const std::string& title, Report& report)
        : written_(written.value), place_(written.place), title_(title), report_(report) {}

    std::optional<Secret> of_ipsec_secrets() {
        const auto quote = written_.find('"');
        if (quote == std::string::npos) {
            return text(written_);
        }
        return cut("ipsec.secrets", "a '\"'", written_.substr(0, quote), "use a key without \" on both ends");
    }

    std::optional<Secret> of_swanctl_conf() {
        auto old = SwanctlValue(written_).read();
        if (old == written_) {
            return encoded(written_);
        }
        return cut("swanctl.conf", culprit(written_), std::move(old),
                   "if the peer has the key as it stands here, write it as 0x and hexadecimal digits");
    }

    std::optional<Secret> refuse(std::string_view what, std::string remedy) {
        report_.error(place_, fmt::format("the key of {} {}", title_, what),
                      fmt::format("{} is refused", title_), std::move(remedy));
        return std::nullopt;
    }

 private:
    static Secret text(std::string_view key) { return Secret(as_bytes(key)); }

    /// `old`: what strongSwan made of it; nothing: it could not load the file at all.
    std::optional<Secret> cut(std::string_view file, std::string_view because, std::optional<std::string> old,
                              const char* remedy) {
        const auto what = fmt::format("the key of {} has {}", title_, because);
        const auto as_written = characters(written_.size());
        if (!old || old->empty()) {
            report_.warning(
                place_, what,
                fmt::format("strongSwan {} from the {} that OpenWrt's script writes; here it is all "
                            "{}",
                            old ? "reads no key" : "can read nothing", file, as_written));
            return text(written_);
        }
        report_.warning(
            place_, what,
            fmt::format("strongSwan reads {} of it from the {} that OpenWrt's script writes, and so "
                        "does causeway; as it stands here it has {}",
                        characters(old->size()), file, as_written),
            remedy);
        return file == "swanctl.conf" ? encoded(*old) : text(*old);
    }

    std::optional<Secret> encoded(std::string_view key) {
        const auto has_prefix = [&](char letter) {
            return key.size() >= 2 && key[0] == '0' && (key[1] == letter || key[1] == letter - 'a' + 'A');
        };
        const bool hex = has_prefix('x');
        if (!hex && !has_prefix('s')) {
            return text(key);
        }
        auto octets = hex ? hexadecimal(key.substr(2)) : base64(key.substr(2));
        if (!octets) {
            return hex ? refuse("starts with 0x, and what follows is not hexadecimal",
                                "write 0x and two hexadecimal digits for each octet")
                       : refuse("starts with 0s, and what follows is not Base64",
                                "write 0s and whole groups of four Base64 characters, with = at the end");
        }
        report_.note(place_, fmt::format("the key of {} starts with {}", title_, hex ? "0x" : "0s"),
                     fmt::format("it is read as {}, as swanctl does: {} octets",
                                 hex ? "hexadecimal digits" : "Base64", octets->size()));
        return Secret::adopt(std::move(*octets));
    }

    const std::string& written_;
    const Place& place_;
    const std::string& title_;
    Report& report_;
};

}  // namespace

std::optional<Secret> read_key(const Sourced<std::string>& written, KeyChain chain, const std::string& title,
                               Report& report) {
    KeyReader reader(written, title, report);
    if (written.value.find('\n') != std::string::npos) {
        return reader.refuse("has more than one line", "close its quote on the line where it opens");
    }
    return chain == KeyChain::ipsec_secrets ? reader.of_ipsec_secrets() : reader.of_swanctl_conf();
}

}  // namespace causeway::config
