// `causeway config check --json`: the same findings as in words, with codes and places, and the same exit status.
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "cli/files.hpp"

namespace causeway::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class CheckJson : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "causeway-check-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { fs::remove_all(folder_); }

    Json checked(std::string_view text, Exit expected) {
        const auto file = folder_ / "ipsec";
        std::ofstream(file) << text;
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        testing::internal::CaptureStdout();
        EXPECT_EQ(config_check(file.string(), std::nullopt, Shown::json), expected);
        return Json::parse(testing::internal::GetCapturedStdout());
    }

    fs::path folder_;
};

constexpr std::string_view tunnel =
    "config remote 'r'\n option enabled 1\n option gateway 192.0.2.1\n option authentication_method psk\n"
    " option pre_shared_key 'nine and twenty characters it is'\n list p1_proposal p\n list tunnel t\n"
    "config tunnel 't'\n option local_subnet 192.168.1.0/24\n option remote_subnet 192.168.2.0/24\n"
    " option p2_proposal q\n"
    "config p1_proposal 'p'\n option encryption_algorithm aes256\n option hash_algorithm sha1\n"
    " option dh_group modp2048\n"
    "config p2_proposal 'q'\n option encryption_algorithm aes256\n option authentication_algorithm sha1\n"
    " option pfs_group modp2048\n";

TEST_F(CheckJson, AFileWithoutAFaultHasNoFindings) {
    const auto json = checked(tunnel, Exit::done);
    EXPECT_EQ(json["usable"], true);
    EXPECT_EQ(json["errors"], 0);
    EXPECT_EQ(json["warnings"], 0);
    EXPECT_EQ(json["findings"].size(), json["notes"].get<std::size_t>()) << json;
    ASSERT_EQ(json["tunnels"].size(), 1U) << json;
    EXPECT_EQ(
        json["tunnels"][0].dump(),
        R"({"gateway":"192.0.2.1","local":"192.168.1.0/24","name":"ipsec-t","remote":"192.168.2.0/24"})");
}

TEST_F(CheckJson, AFileWithoutAPeerHasACodeOfItsOwn) {
    for (const char* const text : {"", "\n# nothing yet\n", "config ipsec\n"}) {
        const auto json = checked(text, Exit::no);
        ASSERT_EQ(json["findings"].size(), 1U) << json;
        EXPECT_EQ(json["findings"][0]["code"], "nothing-configured") << text;
        EXPECT_TRUE(json["tunnels"].empty()) << json;
    }
}

TEST_F(CheckJson, AFindingHasCodePlaceAndFields) {
    const auto json = checked(std::string(tunnel) + " option gatway x\n", Exit::done);
    ASSERT_EQ(json["warnings"], 1) << json;
    const auto& finding = json["findings"].back();
    EXPECT_EQ(finding["severity"], "warning");
    EXPECT_FALSE(finding["code"].get<std::string>().empty());
    EXPECT_NE(finding["message"].get<std::string>().find("gatway"), std::string::npos);
    ASSERT_EQ(finding["locations"].size(), 1U);
    EXPECT_EQ(finding["locations"][0]["file"], (folder_ / "ipsec").string());
    EXPECT_EQ(finding["locations"][0]["line"], 20);
}

TEST_F(CheckJson, AFileThatIsRefusedAsAWholeIsAFindingToo) {
    const auto json = checked("config remote 'r\n", Exit::no);
    EXPECT_EQ(json["usable"], false);
    ASSERT_EQ(json["findings"].size(), 1U);
    EXPECT_EQ(json["findings"][0]["code"], "file-unusable");
    EXPECT_EQ(json["findings"][0]["locations"][0]["line"], 1);
}

TEST_F(CheckJson, NoKeyIsShown) {
    const auto json = checked(
        std::string(tunnel) + "config remote 'x'\n option enabled 1\n option pre_shared_key 'tunafish'\n",
        Exit::no);
    EXPECT_EQ(json.dump().find("tunafish"), std::string::npos);
    EXPECT_EQ(json.dump().find("nine and twenty"), std::string::npos);
}

}  // namespace
}  // namespace causeway::cli
