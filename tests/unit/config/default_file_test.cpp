// The default search: the first file with an enabled remote.
#include "config/default_file.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

namespace causeway::config {
namespace {

const std::string enabled = "config remote r\n option enabled 1\n";
/// As strongSwan's package ships it.
const std::string shipped = "config globals 'globals'\n\nconfig syslog 'syslog'\n";

TEST(DefaultFile, HoldsAnEnabledRemoteOrNot) {
    EXPECT_TRUE(holds_enabled_remote(enabled));
    EXPECT_TRUE(holds_enabled_remote("config remote r\n option enabled yes\n"));
    EXPECT_TRUE(holds_enabled_remote("vpncfg {\n}\n"));
    EXPECT_TRUE(holds_enabled_remote("config remote 'r\n"));  // its error is to be seen
    EXPECT_FALSE(holds_enabled_remote(shipped));
    EXPECT_FALSE(holds_enabled_remote("config remote r\n option enabled 0\n"));
    EXPECT_FALSE(holds_enabled_remote("config remote r\n"));
    EXPECT_FALSE(holds_enabled_remote(""));
}

TEST(DefaultFile, TheFirstWithAnEnabledRemoteCounts) {
    using Files = std::vector<Candidate>;
    EXPECT_FALSE(choose_file(Files{}));
    EXPECT_EQ(choose_file(Files{{"a", shipped}, {"b", enabled}})->path, "b");
    EXPECT_TRUE(choose_file(Files{{"a", shipped}, {"b", enabled}})->others.empty());
    EXPECT_EQ(choose_file(Files{{"a", shipped}, {"b", shipped}})->path, "a");
    const auto several = choose_file(Files{{"a", enabled}, {"b", shipped}, {"c", enabled}});
    EXPECT_EQ(several->path, "a");
    EXPECT_EQ(several->others, std::vector<std::string>{"c"});
    // One that cannot be read is not passed over in silence.
    EXPECT_EQ(choose_file(Files{{"a", std::nullopt}, {"b", enabled}})->path, "a");
}

}  // namespace
}  // namespace causeway::config
