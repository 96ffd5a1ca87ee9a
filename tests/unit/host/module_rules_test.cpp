// Lines of modprobe.d that keep a module from being loaded.
#include "host/module_rules.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

namespace causeway::host {
namespace {

class ModuleRules : public ::testing::Test {
 protected:
    void SetUp() override { std::filesystem::create_directories(folder_); }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ + "/" + name) << text;
    }
    [[nodiscard]] std::optional<ModuleRule> find(std::string_view module) const {
        const std::array<std::string_view, 2> folders{"/nonexistent", folder_};
        return rule_against(module, folders);
    }
    std::string folder_ = ::testing::TempDir() + "causeway-modprobe-" + std::to_string(::getpid());
};

TEST_F(ModuleRules, AnInstallThatDoesNothingAndABlacklist) {
    write("10-cve.conf", "# CVE-2026-43284\n\n  install esp4 /bin/false  \ninstall esp6 /usr/bin/true\n");
    write("20-more.conf", "blacklist xfrm-user\nblacklist rxrpc\n");
    const auto esp4 = find("esp4");
    ASSERT_TRUE(esp4);
    EXPECT_EQ(esp4->file, folder_ + "/10-cve.conf");
    EXPECT_EQ(esp4->line, 3U);
    EXPECT_EQ(esp4->text, "  install esp4 /bin/false");
    EXPECT_TRUE(find("esp6"));
    ASSERT_TRUE(find("xfrm_user"));
    EXPECT_EQ(find("xfrm_user")->line, 1U);
}

TEST_F(ModuleRules, OtherLinesForbidNothing) {
    write("a.conf",
          "#install esp4 /bin/false\ninstall esp4 /sbin/modprobe --ignore-install esp4\noptions esp4 x=1\n"
          "install esp4\nblacklist esp\nalias esp4 off\ninstall\n");
    write("b.txt", "blacklist esp4\n");
    EXPECT_FALSE(find("esp4"));
    EXPECT_FALSE(find(""));
}

}  // namespace
}  // namespace causeway::host
