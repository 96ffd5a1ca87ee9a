// The file of metrics: always whole, readable for a collector, and a fault is said once.
#include "daemon/metrics_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace causeway::daemon {
namespace {

namespace fs = std::filesystem;

class MetricsFileTest : public ::testing::Test {
 protected:
    void SetUp() override {
        std::string name = ::testing::TempDir() + "causeway-metrics-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        file_.on_report = [this](const Event& event) { said_.push_back(event); };
        file_.follow(path());
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string path() const { return (folder_ / "causeway.prom").string(); }
    [[nodiscard]] std::string text() const {
        std::stringstream all;
        all << std::ifstream(path()).rdbuf();
        return all.str();
    }
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
    }

    fs::path folder_;
    MetricsFile file_;
    std::vector<Event> said_;
};

TEST_F(MetricsFileTest, IsReplacedAndReadableForAll) {
    const mode_t before = ::umask(0077);
    file_.write("causeway_up 1\n");
    ::umask(before);
    struct stat first {};
    ASSERT_EQ(::stat(path().c_str(), &first), 0);
    EXPECT_EQ(first.st_mode & 07777U, 0644U);
    EXPECT_EQ(text(), "causeway_up 1\n");
    std::ifstream reader(path());  // whoever has the old one open reads it to its end
    file_.write("causeway_up 0\n");
    EXPECT_EQ(text(), "causeway_up 0\n");
    std::stringstream old;
    old << reader.rdbuf();
    EXPECT_EQ(old.str(), "causeway_up 1\n");
    EXPECT_EQ(files(), 1U);
    EXPECT_TRUE(said_.empty());
}

TEST_F(MetricsFileTest, SaysOnceThatItCannotBeWritten) {
    fs::remove_all(folder_);
    file_.write("a\n");
    file_.write("b\n");
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(said_[0].code, EventCode::metrics_unwritten);
    EXPECT_EQ(said_[0].field("file"), path());
    EXPECT_EQ(said_[0].field("why"), "No such file or directory");
    fs::create_directories(folder_);
    file_.write("c\n");
    EXPECT_EQ(text(), "c\n");
    fs::remove_all(folder_);
    file_.write("d\n");
    EXPECT_EQ(said_.size(), 2U);
}

TEST_F(MetricsFileTest, ReplacesNoDeviceAndNoLink) {
    const std::string other = (folder_ / "other").string();
    std::ofstream(other) << "kept";
    fs::create_symlink(other, path());
    file_.write("a\n");
    EXPECT_TRUE(fs::is_symlink(path()));
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(said_[0].field("why"), "it is no plain file");
    // One that lies where the fresh one is made is not written through.
    fs::remove(path());
    fs::create_symlink(other, path() + ".new");
    file_.write("b\n");
    EXPECT_EQ(text(), "b\n");
    std::stringstream kept;
    kept << std::ifstream(other).rdbuf();
    EXPECT_EQ(kept.str(), "kept");
}

TEST_F(MetricsFileTest, WritesNothingWhereNoneIsWanted) {
    file_.follow(std::nullopt);
    EXPECT_FALSE(file_.wanted());
    file_.write("a\n");
    EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace causeway::daemon
