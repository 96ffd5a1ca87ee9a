#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "runner.hpp"

namespace {

using causeway::scenarios::Runner;

std::vector<std::string> stories() {
    std::vector<std::string> names;
    const auto folder = std::filesystem::path(CAUSEWAY_SOURCE_DIR) / "tests/scenarios";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".scenario") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

class Story : public testing::TestWithParam<std::string> {};

TEST_P(Story, goes_as_written) {
    const auto path =
        std::filesystem::path(CAUSEWAY_SOURCE_DIR) / "tests/scenarios" / (GetParam() + ".scenario");
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    EXPECT_EQ(Runner().run(file), "") << path;
}

INSTANTIATE_TEST_SUITE_P(All, Story, testing::ValuesIn(stories()), [](const auto& one) { return one.param; });

}  // namespace
