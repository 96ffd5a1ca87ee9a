#include "crypto/dh.hpp"

#include <gtest/gtest.h>

namespace causeway::crypto {
namespace {

std::vector<GroupId> supported_groups() {
    std::vector<GroupId> groups;
    for (const GroupInfo& group : all_groups()) {
        if (group.supported) {
            groups.push_back(group.id);
        }
    }
    return groups;
}

std::string name_of(const testing::TestParamInfo<GroupId>& group) {
    return std::string(info(group.param).name);
}

std::unique_ptr<DhKey> fresh(GroupId group) {
    auto key = generate_dh_key(group);
    EXPECT_TRUE(key) << key.error().text();
    return key ? std::move(*key) : nullptr;
}

class Group : public testing::TestWithParam<GroupId> {
 protected:
    const GroupInfo& group = info(GetParam());
};

TEST_P(Group, GivesBothSidesTheSameSecret) {
    const auto a = fresh(group.id);
    const auto b = fresh(group.id);
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->group(), group.id);
    EXPECT_EQ(a->public_value().size(), group.public_octets);
    EXPECT_FALSE(equal(a->public_value(), b->public_value()));
    const auto ab = a->agree(b->public_value());
    const auto ba = b->agree(a->public_value());
    ASSERT_TRUE(ab && ba);
    EXPECT_EQ(ab->size(), group.secret_octets);
    EXPECT_TRUE(*ab == *ba);
}

TEST_P(Group, RefusesAPublicValueOfAnotherLength) {
    const auto a = fresh(group.id);
    const auto b = fresh(group.id);
    ASSERT_TRUE(a && b);
    Bytes value = to_bytes(b->public_value());
    value.push_back(0);
    EXPECT_FALSE(a->agree(value));
    value.pop_back();
    EXPECT_TRUE(a->agree(value));
    value.pop_back();
    const auto refused = a->agree(value);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::malformed);
    EXPECT_FALSE(a->agree({}));
    // Left padding belongs to the value: without it, it is another length even when the number is the same.
    value.assign(std::size_t{group.public_octets} + 1, 0);
    EXPECT_FALSE(a->agree(value));
}

TEST_P(Group, RefusesZero) {
    const auto refused = fresh(group.id)->agree(Bytes(group.public_octets));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unacceptable);
}

INSTANTIATE_TEST_SUITE_P(Supported, Group, testing::ValuesIn(supported_groups()), name_of);

TEST(Dh, RefusesGroupsByName) {
    const auto refused = generate_dh_key(GroupId::modp768);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("modp768"), std::string::npos);
    EXPECT_FALSE(generate_dh_key(static_cast<GroupId>(24)));
}

}  // namespace
}  // namespace causeway::crypto
