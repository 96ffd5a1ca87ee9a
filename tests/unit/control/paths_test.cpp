#include "control/paths.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace causeway::control {
namespace {

TEST(Paths, TheFolderIsWhatStandsBeforeTheLastSlash) {
    EXPECT_EQ(folder_of("/run/causeway/control.sock"), "/run/causeway");
    EXPECT_EQ(folder_of("/x"), "/");
    EXPECT_EQ(folder_of("x"), "");
    EXPECT_EQ(folder_of("a/b"), "a");
    EXPECT_EQ(folder_of(""), "");
}

class InAFolder : public ::testing::Test {
 protected:
    InAFolder() {
        char made[] = "/tmp/causeway-paths-XXXXXX";
        folder = ::mkdtemp(made);
    }
    ~InAFolder() override {
        std::error_code refused;
        std::filesystem::remove_all(folder, refused);
    }
    std::string folder;
};

TEST_F(InAFolder, ARelativePathIsThatOfTheWorkingFolder) {
    char before[4096];
    ASSERT_NE(::getcwd(before, sizeof before), nullptr);
    ASSERT_EQ(::chdir(folder.c_str()), 0);
    EXPECT_EQ(absolute("ipsec"), folder + "/ipsec");
    EXPECT_EQ(absolute("/etc/ipsec"), "/etc/ipsec");
    ASSERT_EQ(::chdir("/"), 0);
    EXPECT_EQ(absolute("etc"), "/etc");
    ASSERT_EQ(::chdir(before), 0);
}

TEST_F(InAFolder, FoldersAreMadeWithThoseThatTheyAreIn) {
    EXPECT_EQ(make_folders(folder + "/a/b/c"), 0);
    EXPECT_EQ(make_folders(folder + "/a/b/c"), 0);
    EXPECT_EQ(make_folders(folder + "/a//d/"), 0);
    struct stat made {};
    ASSERT_EQ(::stat((folder + "/a/b/c").c_str(), &made), 0);
    EXPECT_TRUE(S_ISDIR(made.st_mode));
    EXPECT_EQ(::stat((folder + "/a/d").c_str(), &made), 0);
}

TEST_F(InAFolder, WhatStandsInTheWayIsSaid) {
    std::ofstream{folder + "/file"}.put('\n');
    EXPECT_EQ(make_folders(folder + "/file"), ENOTDIR);
    EXPECT_EQ(make_folders(folder + "/file/below"), ENOTDIR);
    EXPECT_EQ(make_folders("/proc/nowhere"), ENOENT);
}

}  // namespace
}  // namespace causeway::control
