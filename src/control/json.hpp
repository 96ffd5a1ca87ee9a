// How a struct and its JSON object correspond: one function `fields(archive, value)` names every key once,
// and a Writer or a Reader goes through it. Private to control/; throws nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/address.hpp"
#include "base/result.hpp"

namespace causeway::control {

/// Keeps the order in which fields are named, so that people find them where the manual lists them.
using Json = nlohmann::ordered_json;

class Writer {
 public:
    template <class T>
    using Ref = const T&;

    template <class T>
    void field(const char* key, const T& value) {
        json_[key] = node(value);
    }
    /// An SPI: eight hex digits, as status lines print it.
    void spi(const char* key, std::uint32_t value) { json_[key] = fmt::format("{:08x}", value); }
    /// Two keys, "STEM_address" and "STEM_port".
    void endpoint(const std::string& stem, const Endpoint& value) {
        json_[stem + "_address"] = value.address.text();
        json_[stem + "_port"] = value.port;
    }
    /// Computed for the reader's convenience, ignored when read back.
    template <class T>
    void derived(const char* key, const T& value) {
        json_[key] = value;
    }
    [[nodiscard]] Json take() { return std::move(json_); }

 private:
    template <class T>
    static Json node(const T& value) {
        if constexpr (requires { Json(value); }) {
            return Json(value);
        } else {
            Writer inner;
            fields(inner, value);
            return inner.take();
        }
    }
    static Json node(const Endpoint& value) {
        Writer inner;
        inner.json_["address"] = value.address.text();
        inner.json_["port"] = value.port;
        return inner.take();
    }
    template <class T>
    static Json node(const std::optional<T>& value) {
        return value ? node(*value) : Json(nullptr);
    }
    template <class T>
    static Json node(const std::vector<T>& values) {
        Json list = Json::array();
        for (const T& value : values) {
            list.push_back(node(value));
        }
        return list;
    }

    Json json_ = Json::object();
};

/// Collects the first error instead of stopping; absent keys leave the value as it is.
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

/// Octets that are no UTF-8 become U+FFFD: a line must stay a line whatever a peer called itself.
inline std::string text_of(const Json& json, bool pretty) {
    return json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

/// The object of one line. Refuses what is deeper than any message of ours, before a parser's memory grows.
Result<Json> parse_object(std::string_view text);

}  // namespace causeway::control
