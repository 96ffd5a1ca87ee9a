#include "crypto/dh.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vectors.hpp"

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

// Without a key of ours, that is, before anything is computed.
TEST_P(Group, JudgesAPublicValueAlone) {
    const auto key = fresh(group.id);
    EXPECT_TRUE(judge_public_value(group.id, key->public_value()));
    EXPECT_FALSE(judge_public_value(group.id, Bytes(group.public_octets)));
    EXPECT_FALSE(judge_public_value(group.id, key->public_value().first(group.public_octets - 1U)));
    EXPECT_FALSE(judge_public_value(group.id, {}));
}

TEST_P(Group, GivesTheKnownAnswer) {
    const nlohmann::json v = read_json("dh/dh.json").at(std::string(group.name));
    const auto a = dh_key_from_private(group.id, hex(v, "x"));
    const auto b = dh_key_from_private(group.id, hex(v, "y"));
    ASSERT_TRUE(a && b);
    EXPECT_EQ(shown((*a)->public_value()), text(v, "gx"));
    EXPECT_EQ(shown((*b)->public_value()), text(v, "gy"));
    const auto ab = (*a)->agree(hex(v, "gy"));
    const auto ba = (*b)->agree(hex(v, "gx"));
    ASSERT_TRUE(ab && ba);
    EXPECT_EQ(shown(ab->view()), text(v, "gxy"));
    EXPECT_EQ(shown(ba->view()), text(v, "gxy"));
}

TEST_P(Group, MakesAnotherKeyEachTime) {
    EXPECT_FALSE(equal(fresh(group.id)->public_value(), fresh(group.id)->public_value()));
}

INSTANTIATE_TEST_SUITE_P(Supported, Group, testing::ValuesIn(supported_groups()), name_of);

class ModpGroup : public testing::TestWithParam<GroupId> {
 protected:
    const GroupInfo& group = info(GetParam());
    const nlohmann::json v = read_json("dh/dh.json").at(std::string(group.name));
    const std::unique_ptr<DhKey> key = std::move(dh_key_from_private(group.id, hex(v, "x")).value());

    /// p plus a small number, at the length of p.
    [[nodiscard]] Bytes p_plus(int difference) const {
        Bytes octets = hex(v, "p");
        octets.back() = static_cast<std::uint8_t>(octets.back() + difference);
        return octets;
    }
    [[nodiscard]] Bytes small(std::uint8_t number) const {
        Bytes octets(group.public_octets);
        octets.back() = number;
        return octets;
    }
    void expect_refused(const Bytes& peer) const {
        const auto refused = key->agree(peer);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::unacceptable);
        EXPECT_NE(refused.error().what.find(group.name), std::string::npos) << refused.error().what;
    }
};

TEST_P(ModpGroup, RefusesValuesThatGiveTheSecretAway) {
    expect_refused(small(0));
    expect_refused(small(1));
    expect_refused(p_plus(-1));
    expect_refused(p_plus(0));
    expect_refused(Bytes(group.public_octets, 0xff));
    EXPECT_TRUE(key->agree(small(2)));
    EXPECT_TRUE(key->agree(p_plus(-2)));
}

TEST_P(ModpGroup, KeepsTheLeftPadding) {
    // g^5 is 32, and 2^5 again: all but the last octet are zeros.
    const auto five = dh_key_from_private(group.id, Bytes{5});
    ASSERT_TRUE(five);
    EXPECT_EQ(shown((*five)->public_value()), shown(small(32)));
    const auto secret = (*five)->agree(small(2));
    ASSERT_TRUE(secret);
    EXPECT_EQ(shown(secret->view()), shown(small(32)));
}

TEST_P(ModpGroup, RefusesPrivateValuesOutsideTheGroup) {
    EXPECT_FALSE(dh_key_from_private(group.id, Bytes{}));
    EXPECT_FALSE(dh_key_from_private(group.id, Bytes{0}));
    EXPECT_FALSE(dh_key_from_private(group.id, p_plus(-1)));
    EXPECT_FALSE(dh_key_from_private(group.id, p_plus(0)));
}

INSTANTIATE_TEST_SUITE_P(Supported, ModpGroup,
                         testing::Values(GroupId::modp1024, GroupId::modp1536, GroupId::modp2048,
                                         GroupId::modp3072, GroupId::modp4096),
                         name_of);

class EcpGroup : public testing::TestWithParam<GroupId> {
 protected:
    const GroupInfo& group = info(GetParam());
};

TEST_P(EcpGroup, RefusesPointsOffTheCurve) {
    const auto a = fresh(group.id);
    const Bytes good = to_bytes(fresh(group.id)->public_value());
    EXPECT_TRUE(a->agree(good));
    for (const std::size_t at : {std::size_t{group.secret_octets} - 1, good.size() - 1}) {
        Bytes off = good;
        off[at] ^= 1;
        const auto refused = a->agree(off);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::unacceptable);
        EXPECT_NE(refused.error().what.find(group.name), std::string::npos);
    }
    EXPECT_FALSE(a->agree(Bytes(group.public_octets, 0xff)));
}

TEST_P(EcpGroup, RefusesPrivateValuesOutsideTheGroup) {
    EXPECT_FALSE(dh_key_from_private(group.id, Bytes{0}));
    EXPECT_FALSE(dh_key_from_private(group.id, Bytes(group.secret_octets, 0xff)));
}

INSTANTIATE_TEST_SUITE_P(Supported, EcpGroup,
                         testing::Values(GroupId::ecp256, GroupId::ecp384, GroupId::ecp521), name_of);

TEST(X25519, RefusesPointsOfSmallOrder) {
    const auto key = fresh(GroupId::x25519);
    // 0, 1 and one of the points of order 8 (RFC 7748 6.1 asks for the check of the result).
    for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"}) {
        const auto refused = key->agree(hex(point));
        ASSERT_FALSE(refused) << point;
        EXPECT_EQ(refused.error().code, Errc::unacceptable);
        EXPECT_NE(refused.error().what.find("x25519"), std::string::npos);
    }
}

TEST(X25519, RefusesPrivateValuesOfAnotherLength) {
    EXPECT_FALSE(dh_key_from_private(GroupId::x25519, Bytes(31)));
    EXPECT_FALSE(dh_key_from_private(GroupId::x25519, Bytes(33)));
}

TEST(Dh, RefusesGroupsByName) {
    const auto refused = generate_dh_key(GroupId::modp768);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what.find("modp768"), std::string::npos);
    EXPECT_FALSE(generate_dh_key(static_cast<GroupId>(24)));
}

}  // namespace
}  // namespace causeway::crypto
