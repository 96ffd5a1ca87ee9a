// Reading tests/vectors. A vector that is missing or no hexadecimal text ends the test program: an empty
// value must never pass for a right one.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/bytes.hpp"

namespace causeway::crypto {

inline Bytes hex(std::string_view text) {
    auto octets = from_hex(text);
    if (!octets) {
        std::fprintf(stderr, "no hexadecimal text: %.*s\n", static_cast<int>(text.size()), text.data());
        std::abort();
    }
    return std::move(*octets);
}

inline std::string text(const nlohmann::json& object, const char* key) {
    return object.at(key).get<std::string>();
}

inline Bytes hex(const nlohmann::json& object, const char* key) {
    return hex(text(object, key));
}

inline std::string read_vectors(const std::string& path_below_vectors) {
    std::ifstream file(CAUSEWAY_SOURCE_DIR "/tests/vectors/" + path_below_vectors, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "cannot read tests/vectors/%s\n", path_below_vectors.c_str());
        std::abort();
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

inline nlohmann::json read_json(const std::string& path_below_vectors) {
    return nlohmann::json::parse(read_vectors(path_below_vectors));
}

/// Hexadecimal, for messages a person can read.
inline std::string shown(ByteView octets) {
    return to_hex(octets);
}

}  // namespace causeway::crypto
