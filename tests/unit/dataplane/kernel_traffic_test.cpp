// What follows from the kernel's counters, look by look.
#include <gtest/gtest.h>
#include <variant>
#include <vector>

#include "dataplane/kernel/traffic.hpp"

namespace causeway::dataplane {
namespace {

constexpr sa::SaId one{1};
constexpr sa::SaId other{2};

class KernelTraffic : public ::testing::Test {
 protected:
    void SetUp() override { traffic_.add(one, 7); }
    void look(sa::SaId id = one) {
        events_.clear();
        traffic_.look(id, id == one ? usage_ : other_usage_, now_, events_);
    }
    Traffic traffic_;
    sa::Usage usage_;
    sa::Usage other_usage_;
    Instant now_{std::chrono::hours(1)};
    std::vector<sa::Event> events_;
};

TEST_F(KernelTraffic, TheFirstPacketThatComesIsToldOnce) {
    look();
    EXPECT_TRUE(events_.empty());
    EXPECT_TRUE(traffic_.waits(one));
    usage_.packets_in = 2;
    look();
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_EQ(std::get<sa::FirstInbound>(events_[0]).id, one);
    EXPECT_FALSE(traffic_.waits(one));
    usage_.packets_in = 3;
    look();
    EXPECT_TRUE(events_.empty());
    EXPECT_EQ(traffic_.before(one).packets_in, 3U);
}

TEST_F(KernelTraffic, PacketsWithoutAnswerAreToldInIntervals) {
    const Instant first = now_;
    usage_.packets_out = 1;
    look();
    now_ += sa::unanswered_first - std::chrono::milliseconds(1);
    usage_.packets_out = 2;
    look();
    EXPECT_TRUE(events_.empty());
    now_ += std::chrono::milliseconds(1);
    look();  // nothing has left
    EXPECT_TRUE(events_.empty());
    usage_.packets_out = 3;
    look();
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_EQ(std::get<sa::Unanswered>(events_[0]).reqid, 7U);
    EXPECT_EQ(std::get<sa::Unanswered>(events_[0]).since, first);
    now_ += sa::unanswered_interval - std::chrono::milliseconds(1);
    usage_.packets_out = 4;
    look();
    EXPECT_TRUE(events_.empty());
    now_ += std::chrono::milliseconds(1);
    usage_.packets_out = 5;
    look();
    EXPECT_EQ(events_.size(), 1U);
}

TEST_F(KernelTraffic, AnAnswerOnAnotherPairOfTheTunnelIsOne) {
    traffic_.add(other, 7);
    usage_.packets_out = 1;
    look();
    now_ += sa::unanswered_first;
    other_usage_.packets_in = 1;
    look(other);
    usage_.packets_out = 2;
    look();
    EXPECT_TRUE(events_.empty());
    now_ += sa::unanswered_first;
    usage_.packets_out = 3;
    look();
    EXPECT_EQ(events_.size(), 1U);
}

TEST_F(KernelTraffic, PacketsThatNobodyOpensAreToldBeforeTheFirstGoodOne) {
    usage_.dropped_integrity = sa::unauthentic_first - 1;
    look();
    EXPECT_TRUE(events_.empty());
    usage_.dropped_integrity = sa::unauthentic_first;
    look();
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_EQ(std::get<sa::Unauthentic>(events_[0]).count, sa::unauthentic_first);
    usage_.dropped_integrity += 1;
    look();
    EXPECT_TRUE(events_.empty());
    now_ += sa::misfit_interval;
    look();  // no more of them
    EXPECT_TRUE(events_.empty());
    usage_.dropped_integrity += 1;
    look();
    EXPECT_EQ(events_.size(), 1U);
    now_ += sa::misfit_interval;
    usage_.packets_in = 1;
    usage_.dropped_integrity += 1;
    look();
    ASSERT_EQ(events_.size(), 1U);
    EXPECT_TRUE(std::holds_alternative<sa::FirstInbound>(events_[0]));
}

TEST_F(KernelTraffic, APairThatIsGoneTellsNothing) {
    traffic_.remove(one);
    traffic_.remove(other);
    usage_.packets_in = 1;
    look();
    EXPECT_TRUE(events_.empty());
    EXPECT_FALSE(traffic_.waits(one));
}

}  // namespace
}  // namespace causeway::dataplane
