// How a struct and its JSON object correspond: one function `fields(archive, value)` names every key once,
// and a Writer or a Reader goes through it. Private to control/; throws nothing.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "status/status.hpp"
#include "status/told.hpp"

namespace causeway::control {

/// Keeps the order in which fields are named, so that people find them where the manual lists them.
using Json = nlohmann::ordered_json;

/// Text, written as it is named: of ten thousand tunnels there is never a tree. The same octets as Json::dump(), with two
/// blanks a level when it is for people. Octets that are no UTF-8 become U+FFFD: a line must stay a line whatever a peer
/// called itself.
class Writer {
 public:
    template <class T>
    using Ref = const T&;

    /// Instants are told as seen from `now`; the object is appended to `text`.
    explicit Writer(bool pretty = false, Instant now = {}, std::string text = {})
        : pretty_(pretty), now_(now), text_(std::move(text)) {
        open('{');
    }

    template <class T>
    void field(std::string_view key, const T& value) {
        name(key);
        node(value);
    }
    /// An enumerator as its word.
    template <class Enum, std::size_t size>
    void word(const char* key, Enum value, const std::array<std::string_view, size>& words) {
        field(key, words.at(static_cast<std::size_t>(value)));
    }
    /// The same, or the empty string.
    template <class Enum, std::size_t size>
    void word(const char* key, const std::optional<Enum>& value,
              const std::array<std::string_view, size>& words) {
        field(key, value ? words.at(static_cast<std::size_t>(*value)) : std::string_view{});
    }
    /// Two keys: KEY, which is its sentence or empty, and "KEY_finding", which is an object or null.
    template <class T>
    void told(const std::string& key, const std::optional<T>& value) {
        field(key, status::sentence_of(value));
        field(key + "_finding", value);
    }
    /// true, false, or "unknown".
    void known(const char* key, const std::optional<bool>& value) {
        if (value) {
            field(key, *value);
        } else {
            field(key, std::string_view("unknown"));
        }
    }
    /// Whole seconds since, or null.
    void ago(const char* key, const std::optional<Instant>& when) {
        field(key, status::seconds_ago(when, now_));
    }
    void ago(const char* key, OptionalInstant when) { ago(key, std::optional<Instant>(when)); }
    /// Whole seconds until, below 0 when overdue, or null.
    void until(const char* key, const std::optional<Instant>& when) {
        field(key, status::seconds_until(when, now_));
    }
    /// An SPI: eight hex digits, as status lines print it.
    void spi(const char* key, std::uint32_t value) { field(key, fmt::format("{:08x}", value)); }
    /// Two keys, "STEM_address" and "STEM_port".
    void endpoint(const std::string& stem, const Endpoint& value) {
        field(stem + "_address", value.address.text());
        field(stem + "_port", value.port);
    }
    /// Computed for the reader's convenience, ignored when read back.
    template <class T>
    void derived(const char* key, const T& value) {
        field(key, value);
    }
    /// JSON already, on one line.
    void text(std::string_view key, std::string_view json) {
        name(key);
        text_ += json;
    }
    [[nodiscard]] std::string take() {
        close('}');
        return std::move(text_);
    }

 private:
    void next() {
        if (!std::exchange(first_, false)) {
            text_ += ',';
        }
        line();
    }
    void line() {
        if (pretty_) {
            text_ += '\n';
            text_.append(2 * depth_, ' ');
        }
    }
    void open(char bracket) {
        text_ += bracket;
        ++depth_;
        first_ = true;
    }
    void close(char bracket) {
        --depth_;
        if (!std::exchange(first_, false)) {
            line();
        }
        text_ += bracket;
    }
    void name(std::string_view key) {
        next();
        node(key);
        text_ += pretty_ ? ": " : ":";
    }

    void node(std::string_view value) {
        const bool plain =
            std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
        if (!plain) {
            text_ += Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
            return;
        }
        text_ += '"';
        text_ += value;
        text_ += '"';
    }
    void node(const char* value) { node(std::string_view(value)); }
    void node(const std::string& value) { node(std::string_view(value)); }
    void node(bool value) { text_ += value ? "true" : "false"; }
    template <std::integral T>
    void node(T value) {
        fmt::format_to(std::back_inserter(text_), "{}", value);
    }
    void node(const Endpoint& value) {
        open('{');
        field("address", value.address.text());
        field("port", value.port);
        close('}');
    }
    template <class T>
    void node(const std::map<std::string, T>& values) {
        open('{');
        for (const auto& [key, value] : values) {
            field(key, value);
        }
        close('}');
    }
    template <class T>
    void node(const std::optional<T>& value) {
        if (value) {
            node(*value);
        } else {
            text_ += "null";
        }
    }
    template <class T>
    void node(const std::vector<T>& values) {
        open('[');
        for (const T& value : values) {
            next();
            node(value);
        }
        close(']');
    }
    template <class T>
    void node(const T& value) requires requires(Writer& writer) {
        fields(writer, value);
    }
    {
        open('{');
        fields(*this, value);
        close('}');
    }

    bool pretty_;
    Instant now_;
    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true;
};

/// Collects the first error instead of stopping; absent keys leave the value as it is. Instants are seen from
/// the clock's zero: whoever reads has another clock than whoever wrote.
class Reader {
 public:
    template <class T>
    using Ref = T&;

    explicit Reader(const Json& json) : json_(json) {
        if (!json.is_object()) {
            error_ = "not an object";
        }
    }

    template <class T>
    void field(const char* key, T& value) {
        if (const Json* found = find(key)) {
            read(*found, key, value);
        }
    }
    template <class Enum, std::size_t size>
    void word(const char* key, Enum& value, const std::array<std::string_view, size>& words) {
        std::optional<Enum> found;
        word(key, found, words);
        value = found.value_or(value);
    }
    template <class Enum, std::size_t size>
    void word(const char* key, std::optional<Enum>& value, const std::array<std::string_view, size>& words) {
        std::string text;
        field(key, text);
        if (text.empty()) {
            return;
        }
        const auto found = std::ranges::find(words, text);
        if (found == words.end()) {
            complain(key, "is not a word that this tool knows");
            return;
        }
        value = static_cast<Enum>(found - words.begin());
    }
    template <class T>
    void told(const std::string& key, std::optional<T>& value) {
        std::string sentence;
        field(key.c_str(), sentence);
        field((key + "_finding").c_str(), value);
        if (!value && !sentence.empty()) {
            value.emplace().message = std::move(sentence);  // of a daemon that knew no findings
        }
    }
    void ago(const char* key, std::optional<Instant>& when) { read_seconds(key, when, -1); }
    void ago(const char* key, OptionalInstant& when) {
        std::optional<Instant> read;
        ago(key, read);
        when = read;
    }
    void until(const char* key, std::optional<Instant>& when) { read_seconds(key, when, 1); }
    void spi(const char* key, std::uint32_t& value) {
        std::string text;
        field(key, text);
        if (text.empty()) {
            return;
        }
        const auto octets = text.size() == 8 ? from_hex(text) : std::nullopt;
        if (!octets) {
            complain(key, "is not an SPI");
            return;
        }
        value = 0;
        for (const std::uint8_t octet : *octets) {
            value = value << 8 | octet;
        }
    }
    void endpoint(const std::string& stem, Endpoint& value) {
        field((stem + "_port").c_str(), value.port);
        address((stem + "_address").c_str(), value.address);
    }
    template <class T>
    void derived(const char* /*key*/, const T& /*value*/) {}

    [[nodiscard]] const std::string& error() const { return error_; }

 private:
    const Json* find(const char* key) {
        if (!error_.empty()) {
            return nullptr;
        }
        const auto found = json_.find(key);
        return found == json_.end() ? nullptr : &*found;
    }
    void read_seconds(const char* key, std::optional<Instant>& when, int sign) {
        std::optional<std::int64_t> seconds;
        field(key, seconds);
        // A century either way: an Instant of nanoseconds holds no more than three.
        constexpr std::int64_t most = std::int64_t{100} * 366 * 86400;
        if (seconds && (*seconds < -most || *seconds > most)) {
            complain(key, "is not a whole number in its range");
        } else if (seconds) {
            when = Instant(std::chrono::seconds(*seconds * sign));
        }
    }
    void complain(const std::string& key, std::string_view what) {
        if (error_.empty()) {
            error_ = fmt::format("'{}' {}", key, what);
        }
    }
    void address(const char* key, IpAddress& value) {
        std::string text;
        field(key, text);
        if (text.empty()) {
            return;
        }
        if (const auto parsed = IpAddress::parse(text)) {
            value = *parsed;
        } else {
            complain(key, "is not an IP address");
        }
    }

    void read(const Json& json, const std::string& key, std::string& value) {
        if (!json.is_string()) {
            complain(key, "is not a string");
            return;
        }
        value = json.get_ref<const std::string&>();
    }
    void read(const Json& json, const std::string& key, bool& value) {
        if (!json.is_boolean()) {
            complain(key, "is neither true nor false");
            return;
        }
        value = json.get<bool>();
    }
    template <std::integral T>
    void read(const Json& json, const std::string& key, T& value) {
        const bool fits = json.is_number_unsigned()
                              ? std::in_range<T>(json.get<std::uint64_t>())
                              : json.is_number_integer() && std::in_range<T>(json.get<std::int64_t>());
        if (!fits) {
            complain(key, "is not a whole number in its range");
            return;
        }
        value = json.get<T>();
    }
    template <class T>
    void read(const Json& json, const std::string& key, std::optional<T>& value) {
        if (json.is_null()) {
            value.reset();
            return;
        }
        value.emplace();
        read(json, key, *value);
    }
    template <class T>
    void read(const Json& json, const std::string& key, std::vector<T>& values) {
        if (!json.is_array()) {
            complain(key, "is not a list");
            return;
        }
        values.clear();
        for (const Json& element : json) {
            const std::string place = fmt::format("{}[{}]", key, values.size());
            read(element, place, values.emplace_back());
            if (!error_.empty()) {
                return;
            }
        }
    }
    template <class T>
    void read(const Json& json, const std::string& key, std::map<std::string, T>& values) {
        if (!json.is_object()) {
            complain(key, "is not an object");
            return;
        }
        values.clear();
        for (const auto& [name, value] : json.items()) {
            read(value, fmt::format("{}.{}", key, name), values[name]);
        }
    }
    void read(const Json& json, const std::string& key, Endpoint& value) {
        Reader inner(json);
        inner.address("address", value.address);
        inner.field("port", value.port);
        adopt(inner, key);
    }
    template <class T>
    void read(const Json& json, const std::string& key, T& value) requires requires(Reader& reader) {
        fields(reader, value);
    }
    {
        Reader inner(json);
        fields(inner, value);
        adopt(inner, key);
    }
    void adopt(const Reader& inner, const std::string& key) {
        if (!inner.error_.empty()) {
            complain(key, inner.error_);
        }
    }

    const Json& json_;
    std::string error_;
};

/// The object of one line. Refuses what is deeper than any message of ours, before a parser's memory grows.
Result<Json> parse_object(std::string_view text);

}  // namespace causeway::control
