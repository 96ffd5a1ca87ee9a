#include "config/key_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/findings.hpp"

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

bool has_prefix(std::string_view key, char letter) {
    return key.size() >= 2 && key[0] == '0' && (key[1] == letter || key[1] == letter - 'a' + 'A');
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
        if (quote == 0) {
            not_carried<FindingId::key_lost>("ipsec.secrets", "a '\"'", 0);
            return text(written_);
        }
        not_carried<FindingId::key_cut_by_quote>("ipsec.secrets", "a '\"'", quote);
        return text(std::string_view(written_).substr(0, quote));
    }

    std::optional<Secret> of_swanctl_conf() {
        const auto old = SwanctlValue(written_).read();
        if (old == written_) {
            return encoded(written_);
        }
        if (!old) {
            not_carried<FindingId::key_breaks_file>("swanctl.conf", culprit(written_), 0);
            return text(written_);
        }
        if (old->empty()) {
            not_carried<FindingId::key_lost>("swanctl.conf", culprit(written_), 0);
            return text(written_);
        }
        not_carried<FindingId::key_changed>("swanctl.conf", culprit(written_), old->size());
        return encoded(*old);
    }

    std::optional<Secret> of_swanctl_value() { return encoded(written_); }

    template <FindingId id>
    std::optional<Secret> refuse() {
        report_.dropped(finding<id>(place_, field<"peer">(title_)));
        return std::nullopt;
    }

 private:
    static Secret text(std::string_view key) { return Secret(as_bytes(key)); }

    /// `read`: how many characters strongSwan made of it.
    template <FindingId id>
    void not_carried(std::string file, std::string_view because, std::size_t read) {
        report_.say(finding<id>(place_, field<"peer">(title_), field<"culprit">(std::string(because)),
                                field<"file">(std::move(file)), field<"read">(characters(read)),
                                field<"written">(characters(written_.size()))));
    }

    template <FindingId id>
    void tell_of_encoding(std::size_t octets) {
        report_.say(finding<id>(place_, field<"peer">(title_), field<"octets">(std::to_string(octets))));
    }

    std::optional<Secret> encoded(std::string_view key) {
        const bool hex = has_prefix(key, 'x');
        if (!hex && !has_prefix(key, 's')) {
            return text(key);
        }
        auto octets = hex ? hexadecimal(key.substr(2)) : base64(key.substr(2));
        if (!octets) {
            return hex ? refuse<FindingId::key_not_hexadecimal>() : refuse<FindingId::key_not_base64>();
        }
        hex ? tell_of_encoding<FindingId::key_in_hexadecimal>(octets->size())
            : tell_of_encoding<FindingId::key_in_base64>(octets->size());
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
        return reader.refuse<FindingId::key_over_lines>();
    }
    switch (chain) {
        case KeyChain::ipsec_secrets:
            return reader.of_ipsec_secrets();
        case KeyChain::swanctl_conf:
            return reader.of_swanctl_conf();
        case KeyChain::swanctl_value:
            return reader.of_swanctl_value();
    }
    return std::nullopt;
}

std::optional<Secret> decoded_key(std::string_view written) {
    const bool hex = has_prefix(written, 'x');
    if (!hex && !has_prefix(written, 's')) {
        return std::nullopt;
    }
    auto octets = hex ? hexadecimal(written.substr(2)) : base64(written.substr(2));
    return octets ? std::optional(Secret::adopt(std::move(*octets))) : std::nullopt;
}

}  // namespace causeway::config
