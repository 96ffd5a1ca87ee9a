// The lists of JSON keys in causeway(8), which are made from what is written. CAUSEWAY_ACCEPT=1 writes them anew.
#pragma once

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

namespace causeway::manual {

using Json = nlohmann::ordered_json;

inline std::string type_of(const Json& value, const Json& sparse) {
    if (value.is_array()) {
        return value.at(0).is_object()    ? "list of objects"
               : !value.at(0).is_number() ? "list of strings"
               : sparse.at(0).is_null()   ? "list of numbers or null"
                                          : "list of numbers";
    }
    const std::string or_null = sparse.is_null() ? " or null" : "";
    if (value.is_number()) {
        return "number" + or_null;
    }
    if (value.is_boolean()) {
        return sparse.is_string() ? "true, false or \"unknown\"" : "true or false";
    }
    return value.is_object()   ? (value.empty() ? "object of strings" : "object" + or_null)
           : value.is_string() ? "string"
                               : "?";
}

/// The keys of one object, then those of the objects in it. What is `told` elsewhere has a type of its own.
inline void list_keys(std::string& text, const std::string& title, const Json& whole, const Json& sparse,
                      const std::map<std::string, std::string>& told, const std::string& path = {}) {
    text += fmt::format("{}\n", title);
    std::string below;
    for (const auto& [key, value] : whole.items()) {
        const auto known = told.find(key);
        text += fmt::format("  {:<24} {}\n", key,
                            known != told.end() ? known->second : type_of(value, sparse.at(key)));
        if (known != told.end()) {
            continue;
        }
        const bool list = value.is_array() && value.at(0).is_object();
        if (list || (value.is_object() && !value.empty())) {
            const auto& inner = list ? value.at(0) : value;
            const std::string at = path.empty() ? key : path + "." + key;
            const auto& absent = sparse.at(key);
            list_keys(below, list ? fmt::format("each of {}", at) : at, inner,
                      absent.is_null() ? inner
                      : list           ? absent.at(0)
                                       : absent,
                      told, at);
        }
    }
    text += below;
}

/// Behind the line `start` the manual has these lines.
inline void expect_in_manual(const std::string& start, const std::string& keys) {
    const std::string path = std::string(CAUSEWAY_SOURCE_DIR) + "/docs/man/causeway.8";
    std::stringstream page;
    page << std::ifstream(path).rdbuf();
    const std::string text = page.str();
    const auto begin = text.find(start);
    ASSERT_NE(begin, std::string::npos);
    const auto end = text.find(".fi\n", begin);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(keys.find('?'), std::string::npos) << keys;
    const std::string fresh = text.substr(0, begin) + start + keys + text.substr(end);
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(path) << fresh;
        return;
    }
    EXPECT_EQ(text, fresh) << "docs/man/causeway.8 is behind the code; CAUSEWAY_ACCEPT=1 writes it anew";
}

}  // namespace causeway::manual
