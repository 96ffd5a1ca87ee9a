// Every accepted file means the same when it is written and read again.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "unit/config/reading.hpp"

namespace causeway::config {
namespace {

namespace fs = std::filesystem;

/// What is effective, without the places, which writing moves.
std::string meaning(const Model& model) {
    std::string text = describe(model);
    for (auto at = text.find("(f:"); at != std::string::npos; at = text.find("(f:", at)) {
        const auto end = text.find(')', at);
        text.erase(at, end - at + 1);
    }
    for (const auto& peer : model.peers) {
        text += as_text(peer.pre_shared_key.view()) + "\n";
    }
    text += std::to_string(model.counts().errors);
    return text;
}

std::vector<fs::path> files() {
    std::vector<fs::path> found;
    for (const char* const folder :
         {"tests/unit/config/data", "fuzz/corpus/uci", "fuzz/corpus/vpncfg", "examples"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(CAUSEWAY_SOURCE_DIR) / folder)) {
            if (entry.is_regular_file() && entry.path().extension() != ".out") {
                found.push_back(entry.path());
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

TEST(RoundTrip, EveryAcceptedFileMeansTheSameWhenItIsWritten) {
    std::size_t accepted = 0;
    for (const auto& path : files()) {
        const auto text = content(path);
        for (const auto format : {Format::uci, Format::vpncfg}) {
            const auto before = load(text, "f", format);
            const auto written = show(text, "f", format);
            if (!before) {
                continue;
            }
            ++accepted;
            ASSERT_TRUE(written.has_value()) << path;
            const auto after = load(*written, "f", format);
            ASSERT_TRUE(after.has_value()) << path << ": " << after.error().text();
            EXPECT_EQ(meaning(*after), meaning(*before)) << path;
        }
    }
    EXPECT_GT(accepted, 30U);
}

}  // namespace
}  // namespace causeway::config
