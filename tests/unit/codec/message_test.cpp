#include "codec/isakmp/message.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>

namespace causeway::isakmp {
namespace {

// A vendor ID of 5 octets, so 9 with its header, and what is put behind it.
Bytes with_tail(std::initializer_list<std::uint8_t> tail) {
    Bytes octets{0, 0, 0, 9, 'h', 'e', 'l', 'l', 'o'};
    octets.insert(octets.end(), tail);
    return octets;
}

bool accepted(const Bytes& octets, Trailing trailing) {
    const auto chain = decode_payloads(PayloadType::vendor_id, octets, trailing);
    if (chain) {
        EXPECT_EQ(chain->payloads.size(), 1U);
        EXPECT_EQ(chain->octets, 9U);
    }
    return chain.has_value();
}

TEST(BehindTheLastPayload, ZerosToAMultipleOfFourPassInClear) {
    EXPECT_TRUE(accepted(with_tail({}), Trailing::none));
    EXPECT_TRUE(accepted(with_tail({0, 0, 0}), Trailing::none));
}

TEST(BehindTheLastPayload, AnythingElseIsRefusedInClear) {
    EXPECT_FALSE(accepted(with_tail({0}), Trailing::none));
    EXPECT_FALSE(accepted(with_tail({0, 0, 1}), Trailing::none));
    EXPECT_FALSE(accepted(with_tail({0, 0, 0, 0, 0, 0, 0}), Trailing::none));
}

TEST(BehindTheLastPayload, DecryptedPaddingMayBeAnything) {
    EXPECT_TRUE(accepted(with_tail({9, 8, 7, 6, 5, 4, 7}), Trailing::padding));
}

}  // namespace
}  // namespace causeway::isakmp
