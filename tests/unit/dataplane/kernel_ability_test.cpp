// What the kernel's plane finds out when it is opened; on a kernel that has ESP, each suite passes its own test.
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crypto/algorithm.hpp"
#include "dataplane/kernel/ability.hpp"
#include "dataplane/kernel/states.hpp"
#include "dataplane/open.hpp"
#include "unit/dataplane/namespaces.hpp"

namespace causeway::dataplane {
namespace {

using crypto::CipherId;
using crypto::IntegrityId;

std::vector<EspSuite> all_suites() {
    std::vector<EspSuite> suites;
    for (const auto& cipher : crypto::all_ciphers()) {
        for (const auto& integrity : crypto::all_integrities()) {
            if (!kernel_algorithm(cipher.id).name.empty() &&
                cipher.is_aead() == (integrity.id == IntegrityId::none)) {
                suites.push_back({cipher.id, integrity.id});
            }
        }
    }
    return suites;
}

Options options() {
    Options made;
    made.clock = [] { return Instant{}; };
    return made;
}

class KernelAbility : public ::testing::Test {
 protected:
    void SetUp() override {
        if (const std::string why = test::no_namespaces(); !why.empty()) {
            GTEST_SKIP() << why;
        }
        ns_.emplace(test::Namespace::make());
        within_.emplace(*ns_);
        if (const auto opened = open(DataPlaneKind::kernel, options()); !opened) {
            GTEST_SKIP() << opened.error().text();
        }
    }
    std::optional<test::Namespace> ns_;
    std::optional<test::Within> within_;
};

TEST_F(KernelAbility, EverySuitePassesItsTestAndLeavesNothing) {
    for (const EspSuite& suite : all_suites()) {
        Options wanted = options();
        wanted.suites = {suite};
        const auto opened = open(DataPlaneKind::kernel, std::move(wanted));
        EXPECT_TRUE(opened) << opened.error().text();
        EXPECT_EQ(test::output_of("ip xfrm state; ip xfrm policy"), "");
        std::string words(crypto::info(suite.cipher).name);
        words += fmt::format(" {}", crypto::info(suite.integrity).name);
        std::printf("%s: passed over loopback\n", words.c_str());
    }
    EXPECT_EQ(test::output_of("ip link show causeway0 2> /dev/null"), "");
}

// The address of somebody in the network, as a router has one: what is masqueraded gets it.
TEST_F(KernelAbility, AFirewallThatMasqueradesEverythingIsNoFault) {
    ASSERT_TRUE(test::shell(
        "ip link add lan type dummy && ip address add 192.168.1.1/24 dev lan && ip link set lan up"));
    ASSERT_TRUE(test::shell(
        "nft 'table ip nat { chain c { type nat hook postrouting priority 100; masquerade; }; }'"));
    Options wanted = options();
    wanted.suites = {{CipherId::aes_cbc_128, IntegrityId::hmac_sha1_96}};
    const auto opened = open(DataPlaneKind::kernel, std::move(wanted));
    EXPECT_TRUE(opened) << opened.error().text();
}

TEST_F(KernelAbility, WhatAKilledRunLeftGoesAndWhatIsOthersStays) {
    const std::string foreign =
        "src 192.0.2.8 dst 192.0.2.9 proto esp spi 0x5555 reqid 1 mode tunnel enc 'cbc(aes)' "
        "0x000102030405060708090a0b0c0d0e0f auth-trunc 'hmac(sha1)' "
        "0x0001020304050607080910111213141516171819 96";
    ASSERT_TRUE(test::shell("ip xfrm state add " + foreign));
    ASSERT_TRUE(
        test::shell("ip xfrm policy add src 172.31.1.0/24 dst 172.31.2.0/24 dir out tmpl src 192.0.2.8 "
                    "dst 192.0.2.9 proto esp reqid 1 mode tunnel"));
    const std::string before = test::output_of("ip xfrm state; ip xfrm policy");
    const std::string id = fmt::format("if_id {:#x}", interface_id("causeway0"));
    ASSERT_TRUE(test::shell("ip link add causeway0 type xfrm " + id));
    ASSERT_TRUE(test::shell("ip xfrm state add " + id +
                            " src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x7777 reqid 1 mode tunnel "
                            "enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f auth-trunc 'hmac(sha1)' "
                            "0x0001020304050607080910111213141516171819 96"));
    ASSERT_TRUE(
        test::shell("ip xfrm policy add src 10.0.0.0/8 dst 10.0.0.0/8 dir out " + id + " action block"));
    for (const DataPlaneKind kind : {DataPlaneKind::userspace, DataPlaneKind::kernel}) {
        const auto opened = open(kind, options());
        ASSERT_TRUE(opened) << opened.error().text();
        EXPECT_EQ(test::output_of("ip xfrm state; ip xfrm policy"), before);
    }
    EXPECT_EQ(test::output_of("ip xfrm state; ip xfrm policy"), before);
}

TEST(KernelRefusal, NamesWhatIsMissingAndThePackage) {
    const auto why = [](int error) {
        return why_refused({error, {}}, CipherId::aes_cbc_128, IntegrityId::hmac_sha2_256_128).text();
    };
    EXPECT_NE(why(EPROTONOSUPPORT).find("esp4"), std::string::npos) << why(EPROTONOSUPPORT);
    for (const int error : {ENOSYS, ENOENT}) {
        EXPECT_NE(why(error).find("aes128-sha256"), std::string::npos) << why(error);
        EXPECT_NE(why(error).find("kmod-crypto-sha256"), std::string::npos) << why(error);
    }
    EXPECT_NE(why(EPERM).find("CAP_NET_ADMIN"), std::string::npos) << why(EPERM);
}

}  // namespace
}  // namespace causeway::dataplane
