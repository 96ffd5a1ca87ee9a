// What tests of readers share: the golden data, a file that has to be accepted, and what was said about it.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>
#include <utility>

#include "config/load.hpp"

namespace causeway::config {

inline std::filesystem::path data_folder() {
    return std::filesystem::path(CAUSEWAY_SOURCE_DIR) / "tests/unit/config/data";
}

inline std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

inline Model read(const std::string& text) {
    auto model = load(text, "ipsec");
    EXPECT_TRUE(model.has_value()) << (model ? "" : model.error().text()) << text;
    return model ? std::move(*model) : Model{};
}

inline std::string remarks(const Model& model) {
    std::string all;
    for (const auto& remark : model.findings) {
        all += remark.text() + "\n";
    }
    return all;
}

}  // namespace causeway::config
