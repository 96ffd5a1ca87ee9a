#include "esp/replay_window.hpp"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>
#include <vector>

namespace causeway::esp {
namespace {

using Verdict = ReplayWindow::Verdict;

// RFC 4303 3.4.3 written down with a set: slow and obvious.
class Reference {
 public:
    explicit Reference(std::uint64_t size) : size_(size) {}
    [[nodiscard]] bool admits(std::uint64_t n) const {
        return n != 0 && !seen_.contains(n) && (n > highest_ || n + size_ > highest_);
    }
    Verdict accept(std::uint64_t n) {
        if (!admits(n)) {
            return Verdict::replayed;
        }
        seen_.insert(n);
        const Verdict verdict = n > highest_ ? Verdict::newest : Verdict::late;
        highest_ = std::max(highest_, n);
        return verdict;
    }

 private:
    std::uint64_t size_;
    std::uint64_t highest_ = 0;
    std::set<std::uint64_t> seen_;
};

TEST(ReplayWindow, ZeroIsNoSequenceNumber) {
    ReplayWindow window;
    EXPECT_FALSE(window.admits(0));
    EXPECT_EQ(window.accept(0), Verdict::replayed);
    EXPECT_EQ(window.accept(1), Verdict::newest);
}

TEST(ReplayWindow, SizeIsKeptExactly) {
    for (const unsigned size : {32U, 33U, 64U, 100U, 1024U, 8191U, 8192U}) {
        ReplayWindow window(size);
        EXPECT_EQ(window.accept(20000), Verdict::newest);
        EXPECT_FALSE(window.admits(20000 - size)) << size;
        EXPECT_EQ(window.accept(20000 - size + 1), Verdict::late) << size;
        EXPECT_EQ(window.accept(20000 - size + 1), Verdict::replayed) << size;
    }
}

TEST(ReplayWindow, SizesOutsideTheLimitsAreBroughtIn) {
    EXPECT_EQ(ReplayWindow(0).size(), 32U);
    EXPECT_EQ(ReplayWindow(100000).size(), 8192U);
    EXPECT_EQ(ReplayWindow().size(), 1024U);
}

TEST(ReplayWindow, AdmittingChangesNothing) {
    ReplayWindow window(64);
    EXPECT_TRUE(window.admits(5000));
    EXPECT_TRUE(window.admits(1));
    EXPECT_EQ(window.highest(), 0U);
    EXPECT_EQ(window.accept(1), Verdict::newest);
}

TEST(ReplayWindow, HoldsUpToTheLastNumber) {
    ReplayWindow window(1024);
    EXPECT_EQ(window.accept(0xffff'fffe), Verdict::newest);
    EXPECT_EQ(window.accept(0xffff'ffff), Verdict::newest);
    EXPECT_EQ(window.accept(0xffff'fffe), Verdict::replayed);
    EXPECT_EQ(window.accept(0xffff'ffff), Verdict::replayed);
    EXPECT_EQ(window.accept(0xffff'fffd), Verdict::late);
}

// Every sequence of five steps over jumps around the edges of words, window and ring.
TEST(ReplayWindow, EveryShortWalkAgreesWithASet) {
    const std::int64_t jumps[] = {-65, -64, -63, -33, -32, -31, -1,  0,   1,  31,
                                  32,  33,  63,  64,  65,  127, 128, 129, 300};
    const std::size_t count = std::size(jumps);
    for (const unsigned size : {32U, 64U, 65U}) {
        for (std::size_t code = 0; code < count * count * count * count; ++code) {
            ReplayWindow window(size);
            Reference reference(size);
            std::int64_t at = 70;
            std::size_t rest = code;
            for (int step = 0; step < 5; ++step) {
                const std::uint64_t number = at > 0 ? static_cast<std::uint64_t>(at) : 0;
                ASSERT_EQ(window.admits(number), reference.admits(number))
                    << size << " " << code << " " << step;
                ASSERT_EQ(window.accept(number), reference.accept(number))
                    << size << " " << code << " " << step;
                at += jumps[rest % count];
                rest /= count;
            }
        }
    }
}

RC_GTEST_PROP(ReplayWindow, LongRandomWalksAgreeWithASet, ()) {
    const unsigned size = *rc::gen::inRange(32U, 300U);
    ReplayWindow window(size);
    Reference reference(size);
    std::uint64_t base = *rc::gen::inRange<std::uint64_t>(0, 1000);
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-400, 420));
    for (const int step : steps) {
        const std::uint64_t number = step < 0 && base < static_cast<std::uint64_t>(-step)
                                         ? 0
                                         : base + static_cast<std::uint64_t>(step);
        RC_ASSERT(window.admits(number) == reference.admits(number));
        RC_ASSERT(window.accept(number) == reference.accept(number));
        base = window.highest();
    }
}

}  // namespace
}  // namespace causeway::esp
