#include "negotiation/lifetime.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>

namespace causeway::negotiation {
namespace {

using config::Lifetime;

TEST(Lifetime, TheShorterOneHoldsInEachUnit) {
    const struct {
        Lifetime ours;
        Lifetime theirs;
        Lifetime agreed;
        bool adopted;
    } rows[] = {
        {{3600, 0}, {3600, 0}, {3600, 0}, false},
        {{3600, 0}, {28800, 0}, {3600, 0}, false},
        {{3600, 0}, {1800, 0}, {1800, 0}, true},
        // 0 kilobytes: no limit by volume.
        {{3600, 0}, {3600, 4096}, {3600, 4096}, false},
        {{3600, 4096}, {3600, 0}, {3600, 4096}, false},
        {{3600, 4096}, {3600, 1024}, {3600, 1024}, false},
        {{3600, 1024}, {3600, 4096}, {3600, 1024}, false},
        {{3600, 4096}, {1800, 8192}, {1800, 4096}, true},
        {{3600, 0}, {0, 0}, {0, 0}, true},
    };
    for (const auto& row : rows) {
        const auto agreed = agree_lifetime(row.ours, row.theirs);
        EXPECT_EQ(agreed.lifetime, row.agreed)
            << row.theirs.seconds << " s, " << row.theirs.kilobytes << " kB";
        EXPECT_EQ(agreed.adopted, row.adopted)
            << row.theirs.seconds << " s, " << row.theirs.kilobytes << " kB";
    }
}

TEST(Lifetime, AResponderAnnouncesItsOwnWhereTheInitiatorOffersALongerOne) {
    EXPECT_EQ(lifetime_to_announce({3600, 4096}, {28800, 0}), (Lifetime{3600, 4096}));
    EXPECT_EQ(lifetime_to_announce({3600, 0}, {3600, 0}), std::nullopt);
    EXPECT_EQ(lifetime_to_announce({3600, 0}, {1800, 0}), std::nullopt);
}

TEST(Lifetime, ALateAnnouncementCanOnlyShorten) {
    using std::chrono::milliseconds;
    using std::chrono::seconds;
    EXPECT_TRUE(shortens({3599, 0}, seconds(3600)));
    EXPECT_FALSE(shortens({3600, 0}, seconds(3600)));
    EXPECT_FALSE(shortens({3601, 0}, seconds(3600)));
    EXPECT_TRUE(shortens({3600, 0}, seconds(3600) + milliseconds(1)));
    EXPECT_FALSE(shortens({0xffffffff, 0}, seconds(3600)));
}

}  // namespace
}  // namespace causeway::negotiation
