#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "dataplane/recording/plane.hpp"

namespace causeway::dataplane {
namespace {

std::shared_ptr<const sa::SaPair> pair(std::uint64_t id) {
    auto made = std::make_shared<sa::SaPair>();
    made->id = sa::SaId{id};
    made->remote_outer = {*IpAddress::parse("192.0.2.1"), 4500};
    return made;
}

TEST(RecordingPlane, RemembersWhatItWasTold) {
    RecordingPlane plane;
    Policy policy;
    policy.reqid = 7;
    ASSERT_TRUE(plane.set_policies({&policy, 1}));
    EXPECT_EQ(plane.policies, std::vector{policy});

    ASSERT_TRUE(plane.install(pair(1), false));
    ASSERT_TRUE(plane.install(pair(2), true));
    EXPECT_FALSE(plane.find(sa::SaId{1})->outbound);
    plane.activate_outbound(sa::SaId{1});
    EXPECT_TRUE(plane.find(sa::SaId{1})->outbound);
    const Endpoint elsewhere{*IpAddress::parse("192.0.2.2"), 1025};
    plane.move(sa::SaId{2}, {}, elsewhere, sa::Encapsulation::udp);
    EXPECT_EQ(plane.find(sa::SaId{2})->remote, elsewhere);
    EXPECT_EQ(plane.find(sa::SaId{1})->remote.port, 4500);

    EXPECT_TRUE(plane.usage(sa::SaId{1}).has_value());
    plane.usages[sa::SaId{1}].packets_in = 3;
    EXPECT_EQ(plane.usage(sa::SaId{1})->packets_in, 3U);
    EXPECT_FALSE(plane.usage(sa::SaId{9}).has_value());

    plane.remove(sa::SaId{2});
    plane.remove(sa::SaId{2});
    EXPECT_EQ(plane.removed, std::vector{sa::SaId{2}});
    EXPECT_EQ(plane.find(sa::SaId{2}), nullptr);
}

TEST(RecordingPlane, FailsOnceWhenAskedTo) {
    RecordingPlane plane;
    plane.next_error = Error{Errc::limit, "full", {}, {}};
    const auto done = plane.install(pair(1), true);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().what, "full");
    EXPECT_TRUE(plane.installed.empty());
    EXPECT_TRUE(plane.install(pair(1), true));
}

}  // namespace
}  // namespace causeway::dataplane
