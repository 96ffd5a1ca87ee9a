// `causeway convert -o FILE`: for its owner only, and nothing is overwritten unasked.
#include "cli/convert.hpp"

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sstream>
#include <string>
#include <sys/stat.h>

namespace causeway::cli {
namespace {

namespace fs = std::filesystem;

class ConvertToFile : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "causeway-convert-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    [[nodiscard]] std::string content() const {
        std::ifstream file(output());
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    [[nodiscard]] std::string output() const { return (folder_ / "swanctl").string(); }
    [[nodiscard]] Exit convert_recipe(bool force) const {
        Arguments arguments;
        arguments.word = std::string(CAUSEWAY_SOURCE_DIR) + "/tests/unit/config/data/recipe.uci";
        arguments.output = output();
        arguments.force = force;
        return convert(arguments);
    }
    [[nodiscard]] std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
    }

    fs::path folder_;
};

TEST_F(ConvertToFile, OnlyTheOwnerCanReadIt) {
    const auto before = ::umask(0);
    EXPECT_EQ(convert_recipe(false), Exit::done);
    ::umask(before);
    struct stat facts {};
    ASSERT_EQ(::stat(output().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    EXPECT_NE(content().find("config child"), std::string::npos);
    EXPECT_EQ(files(), 1U);
}

TEST_F(ConvertToFile, TheKeysBesideAnIpsecConfAreConvertedWithIt) {
    std::ofstream(folder_ / "ipsec.conf")
        << "conn office\n\tkeyexchange=ikev1\n\tauthby=secret\n\tleft=%any\n\tleftid=@home.example\n"
           "\tleftsubnet=10.0.0.0/24\n\tright=office.example\n\trightid=@office.example\n"
           "\trightsubnet=10.1.0.0/24\n\tike=aes256-sha256-modp2048!\n\tesp=aes256-sha256!\n\tauto=start\n";
    Arguments arguments;
    arguments.word = (folder_ / "ipsec.conf").string();
    arguments.output = output();
    testing::internal::CaptureStderr();
    EXPECT_EQ(convert(arguments), Exit::no);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("none of ipsec.secrets"), std::string::npos);
    std::ofstream(folder_ / "ipsec.secrets")
        << "@home.example @office.example : PSK \"nine-and-twenty-characters-it-is\"\n";
    fs::permissions(folder_ / "ipsec.secrets", fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(convert(arguments), Exit::done);
    EXPECT_NE(content().find("nine-and-twenty-characters-it-is"), std::string::npos);
}

TEST_F(ConvertToFile, NothingIsOverwrittenUnlessForced) {
    std::ofstream(output()) << "mine\n";
    EXPECT_EQ(convert_recipe(false), Exit::unusable);
    EXPECT_EQ(content(), "mine\n");
    EXPECT_EQ(files(), 1U);
    EXPECT_EQ(convert_recipe(true), Exit::done);
    EXPECT_NE(content().find("config child"), std::string::npos);
    struct stat facts {};
    ASSERT_EQ(::stat(output().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777U, 0600U);
    EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace causeway::cli
