// What options name on this machine: a group and a folder that are not there are errors with their places.
#include "control/machine_options.hpp"

#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "base/place.hpp"
#include "config/model.hpp"

namespace causeway::control {
namespace {

config::Model model_with(const std::string& group, const std::string& file) {
    const FileName name("ipsec");
    config::Model model;
    model.options.control_group = Sourced<std::string>{group, {name, 3, 5}};
    model.options.metrics_file = Sourced<std::string>{file, {name, 2, 5}};
    return model;
}

TEST(MachineOptions, FindAGroup) {
    EXPECT_EQ(group_named("root"), gid_t{0});
    EXPECT_FALSE(group_named("no-such-group"));
    EXPECT_FALSE(group_named(""));
    EXPECT_FALSE(group_named(std::string(10'000, 'g')));
}

TEST(MachineOptions, KeepWhatIsThere) {
    auto model = model_with("root", ::testing::TempDir() + "causeway.prom");
    look_at_machine(model);
    EXPECT_TRUE(model.findings.empty());
    EXPECT_TRUE(model.options.control_group);
    EXPECT_TRUE(model.options.metrics_file);
}

TEST(MachineOptions, AreErrorsWithTheirPlaces) {
    auto model = model_with("no-such-group\n", "/no/such/folder/causeway.prom");
    look_at_machine(model);
    ASSERT_EQ(model.findings.size(), 2U);
    EXPECT_EQ(
        model.findings[0].text(),
        "ipsec:2: error: 'metrics_file' is '/no/such/folder/causeway.prom', and /no/such/folder does not "
        "exist: no metrics are "
        "written there; mkdir -p /no/such/folder, or write a file in the folder that the collector reads");
    EXPECT_EQ(model.findings[1].text(),
              "ipsec:3: error: 'control_group' is 'no-such-group\\x0a', and this machine has no such group: "
              "only root can use the "
              "control socket; make it (groupadd no-such-group\\x0a; OpenWrt: a line in /etc/group), or "
              "write a group that is there");
    EXPECT_FALSE(model.options.control_group);
    EXPECT_TRUE(model.options.metrics_file) << "its folder may come";
}

TEST(MachineOptions, KnowAFileFromAFolder) {
    auto model = model_with("root", "/etc/passwd/causeway.prom");
    look_at_machine(model);
    ASSERT_EQ(model.findings.size(), 1U);
    EXPECT_NE(model.findings[0].text().find("/etc/passwd is no folder"), std::string::npos)
        << model.findings[0].text();
}

}  // namespace
}  // namespace causeway::control
