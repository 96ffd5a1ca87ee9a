// The message ids of one ISAKMP SA (RFC 2408 3.1, RFC 2409 5.7).
#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <unordered_set>

#include "ike/v1/protection.hpp"

namespace causeway::ike::v1 {
namespace {

/// Draws the same number always.
class Fixed final : public RandomSource {
 public:
    explicit Fixed(std::uint32_t number) : number_(number) {}
    void fill(std::span<std::uint8_t> octets) override {
        unsigned shift = 32;
        for (auto& octet : octets) {
            octet = static_cast<std::uint8_t>(number_ >> (shift -= 8));
        }
    }

 private:
    std::uint32_t number_;
};

TEST(MessageIds, NoneComesTwice) {
    Fixed random{0x12345678};
    MessageIds ids{random};
    std::unordered_set<std::uint32_t> seen;
    for (unsigned i = 0; i < 200'000; ++i) {
        ASSERT_TRUE(seen.insert(ids.next()).second) << "number " << i;
    }
}

TEST(MessageIds, TheFirstIsRandom) {
    Fixed one{1};
    Fixed two{2};
    EXPECT_EQ(MessageIds{one}.next(), 1U);
    EXPECT_EQ(MessageIds{two}.next(), 2U);
}

TEST(MessageIds, NoneIsZeroWhichIsPhase1) {
    constexpr unsigned steps = 5;
    constexpr std::uint32_t step = 0x9e3779b9;
    Fixed random{0U - steps * step};
    MessageIds ids{random};
    for (unsigned i = 0; i < steps; ++i) {
        EXPECT_NE(ids.next(), 0U);
    }
    EXPECT_EQ(ids.next(), step) << "the number that was left out is zero";
}

}  // namespace
}  // namespace causeway::ike::v1
