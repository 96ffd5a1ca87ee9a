#include "daemon/interface_devices.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <vector>

#include "unit/host/loop.hpp"
#include "unit/host/program.hpp"

namespace causeway::daemon {
namespace {

using std::chrono::milliseconds;
using test::Program;
using test::runs_until;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// What a stand-in for ubus prints; each call leaves a mark.
std::string prints(const std::string& interfaces) {
    return "echo >> \"${0%/*}/calls\"\ncat <<'E'\n{\"interface\": [" + interfaces + "]}\nE";
}
std::string up(const std::string& name, const std::string& device) {
    return fmt::format(R"({{"interface": "{}", "up": true, "l3_device": "{}"}})", name, device);
}
std::string down(const std::string& name) {
    return fmt::format(R"({{"interface": "{}", "up": false}})", name);
}

class InterfaceDevicesTest : public ::testing::Test {
 protected:
    void listen(InterfaceDevices& devices) {
        devices.on_change = [this] { ++changes_; };
        devices.on_report = [this](const Event& event) { said_.push_back(event.text()); };
    }
    bool answered(int times) {
        return runs_until(loop_, [&] { return changes_ >= times; });
    }
    auto calls() {
        std::ifstream file(program_.file("calls"));
        return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    }

    static constexpr InterfaceDevices::Pace quick{{}, milliseconds(0), milliseconds(1)};
    host::EventLoop loop_;
    Program program_{prints(up("lan", "br-lan") + "," + up("wan", "pppoe-wan"))};
    int changes_ = 0;
    std::vector<std::string> said_;
};

TEST_F(InterfaceDevicesTest, TellsTheDeviceOfAName) {
    InterfaceDevices devices(loop_, program_.path(), quick);
    listen(devices);
    EXPECT_TRUE(devices.settled());
    devices.follow({"wan"}, false);
    EXPECT_FALSE(devices.settled());
    ASSERT_TRUE(answered(1));
    EXPECT_TRUE(devices.settled());
    EXPECT_TRUE(devices.known());
    EXPECT_THAT(devices.devices(), ElementsAre("pppoe-wan"));
    EXPECT_THAT(said_, ElementsAre("the interface wan is device pppoe-wan"));
}

TEST_F(InterfaceDevicesTest, FollowsADeviceThatChanges) {
    InterfaceDevices devices(loop_, program_.path(), quick);
    listen(devices);
    devices.follow({"wan"}, false);
    ASSERT_TRUE(answered(1));
    program_.write(prints(down("wan")));
    devices.look_again();
    ASSERT_TRUE(answered(2));
    // Known and down: nowhere, which is not the same as everywhere.
    EXPECT_TRUE(devices.known());
    EXPECT_THAT(devices.devices(), IsEmpty());
    program_.write(prints(up("wan", "wwan0")));
    devices.look_again();
    ASSERT_TRUE(answered(3));
    EXPECT_THAT(devices.devices(), ElementsAre("wwan0"));
    devices.look_again();
    ASSERT_TRUE(answered(4));
    // What did not change is not told again.
    EXPECT_THAT(said_, ElementsAre("the interface wan is device pppoe-wan",
                                   "the interface wan is down and has no device; waiting for it",
                                   "the interface wan is device wwan0"));
}

TEST_F(InterfaceDevicesTest, ANameThatUbusDoesNotKnowRestrictsNothing) {
    InterfaceDevices devices(loop_, program_.path(), quick);
    listen(devices);
    devices.follow({"wan4"}, false);
    ASSERT_TRUE(answered(1));
    EXPECT_TRUE(devices.settled());
    EXPECT_FALSE(devices.known());
    EXPECT_THAT(said_, ElementsAre("'list interface wan4': ubus knows no such interface (it knows lan, wan); "
                                   "IKE listens on all devices"));
    said_.clear();
    devices.follow({"wan4", "wan"}, false);
    ASSERT_TRUE(answered(2));
    EXPECT_THAT(devices.devices(), ElementsAre("pppoe-wan"));
    EXPECT_THAT(said_, ElementsAre(HasSubstr("the others count"), HasSubstr("wan is device")));
    said_.clear();
    devices.follow({"wan4"}, true);
    ASSERT_TRUE(answered(3));
    EXPECT_THAT(said_, ElementsAre(HasSubstr("only the devices of 'list listen' count")));
}

TEST_F(InterfaceDevicesTest, WithoutUbusItSaysSoAtOnce) {
    InterfaceDevices devices(loop_, {}, quick);
    listen(devices);
    devices.follow({"wan", "wan6"}, false);
    EXPECT_TRUE(devices.settled());
    EXPECT_FALSE(devices.known());
    EXPECT_THAT(said_,
                ElementsAre("'list interface' names wan, wan6, but this machine has no ubus to look up their "
                            "devices; IKE listens on all devices; 'list listen' takes device names"));
    devices.look_again();
    EXPECT_EQ(said_.size(), 1U);
}

TEST_F(InterfaceDevicesTest, AFailureKeepsWhatWasKnownAndIsTriedAgain) {
    InterfaceDevices devices(loop_, program_.path(), quick);
    listen(devices);
    devices.follow({"wan"}, false);
    ASSERT_TRUE(answered(1));
    program_.write("exit 7");
    devices.look_again();
    ASSERT_TRUE(answered(4));  // it asks again by itself, and says it once
    EXPECT_THAT(devices.devices(), ElementsAre("pppoe-wan"));
    EXPECT_THAT(said_, ElementsAre(HasSubstr("pppoe-wan"),
                                   HasSubstr("it ended with status 7); what it reported before")));
    program_.write(prints(up("wan", "eth1")));
    EXPECT_TRUE(runs_until(loop_, [&] { return devices.devices() == std::vector<std::string>{"eth1"}; }));
}

TEST_F(InterfaceDevicesTest, AnAnswerThatIsNoneIsAFailure) {
    program_.write("echo Not found");
    InterfaceDevices devices(loop_, program_.path(), {{}, milliseconds(0), test::patience});
    listen(devices);
    devices.follow({"wan"}, false);
    ASSERT_TRUE(answered(1));
    EXPECT_TRUE(devices.settled());
    EXPECT_FALSE(devices.known());
    EXPECT_THAT(said_,
                ElementsAre("ubus did not report the devices of wan (its output is not a JSON object); IKE "
                            "listens on all devices"));
}

TEST_F(InterfaceDevicesTest, ManyChangesMakeFewCalls) {
    InterfaceDevices devices(loop_, program_.path(), {{}, milliseconds(200), test::patience});
    listen(devices);
    const Instant begin = host::now();
    devices.follow({"wan"}, false);
    for (int i = 0; i < 100; ++i) {
        devices.look_again();
    }
    ASSERT_TRUE(answered(2));
    for (int i = 0; i < 100; ++i) {
        devices.look_again();
    }
    ASSERT_TRUE(answered(3));
    EXPECT_EQ(calls(), 3);
    EXPECT_GE(host::now() - begin, milliseconds(400));
}

TEST_F(InterfaceDevicesTest, NamesThatAreTakenAwayAreForgotten) {
    InterfaceDevices devices(loop_, program_.path(), quick);
    listen(devices);
    devices.follow({"lan", "wan"}, false);
    ASSERT_TRUE(answered(1));
    EXPECT_THAT(devices.devices(), ElementsAre("br-lan", "pppoe-wan"));
    devices.follow({}, false);
    EXPECT_TRUE(devices.settled());
    EXPECT_FALSE(devices.known());
}

}  // namespace
}  // namespace causeway::daemon
