// Each data/NAME.uci or NAME.vpncfg is read as the daemon reads it; what it says about it stands in
// NAME.EXT.out. CAUSEWAY_ACCEPT=1 in the environment writes those anew; the difference is then looked at,
// line by line.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "unit/config/reading.hpp"

namespace {

using namespace causeway;  // NOLINT(google-build-using-namespace)
namespace fs = std::filesystem;

std::vector<std::string> inputs() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(config::data_folder())) {
        const auto extension = entry.path().extension();
        if (extension == ".uci" || extension == ".vpncfg") {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string understood(const std::string& name) {
    const std::string text = config::content(config::data_folder() / name);
    const auto model = config::load(text, name);
    if (!model) {
        return "refused: " + model.error().text() + "\n";
    }
    std::string out = config::describe(*model);
    for (const auto& remark : model->findings) {
        out += remark.text() + "\n";
    }
    out += model->usable() ? "usable\n" : "not usable\n";
    return out;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsUnderstoodAsWritten) {
    const fs::path expected = config::data_folder() / (GetParam() + ".out");
    const std::string now = understood(GetParam());
    if (std::getenv("CAUSEWAY_ACCEPT") != nullptr) {
        std::ofstream(expected, std::ios::binary) << now;
    }
    EXPECT_EQ(config::content(expected), now);
}

TEST_P(Golden, ShowsNoKeyWhenDescribed) {
    const std::string text = config::content(config::data_folder() / GetParam());
    const auto model = config::load(text, GetParam());
    if (!model) {
        GTEST_SUCCEED();
        return;
    }
    const std::string said = understood(GetParam());
    for (const auto& peer : model->peers) {
        const std::string key = as_text(peer.pre_shared_key.view());
        EXPECT_TRUE(key.empty() || said.find(key) == std::string::npos);
    }
}

TEST_P(Golden, WhatIsShownIsReadTheSame) {
    const std::string text = config::content(config::data_folder() / GetParam());
    const auto shown = config::show(text, "ipsec");
    if (!shown) {
        return;  // refused as a whole: the .out file says how
    }
    const auto again = config::show(*shown, "ipsec", config::recognise(text));
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(*again, *shown);
}

INSTANTIATE_TEST_SUITE_P(Files, Golden, testing::ValuesIn(inputs()), [](const auto& one) {
    std::string name = one.param;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
        '_');
    return name;
});

}  // namespace
