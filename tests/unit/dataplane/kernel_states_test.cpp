// A pair as the kernel's two states, and what is configured as its policies.
#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/kernel/policies.hpp"
#include "dataplane/kernel/states.hpp"
#include "host/packet_mark.hpp"

namespace causeway::dataplane {
namespace {

const Endpoint us{*IpAddress::parse("192.0.2.1"), 4500};
const Endpoint peer{*IpAddress::parse("198.51.100.7"), 61000};
constexpr std::uint32_t if_id = 0xca051234;

TrafficSelector net(const char* text) {
    return {*Ipv4Net::parse(text), 0, 0};
}

std::unique_ptr<sa::SaPair> pair(crypto::CipherId cipher, crypto::IntegrityId integrity) {
    auto made = std::make_unique<sa::SaPair>();
    made->reqid = 7;
    made->cipher = cipher;
    made->integrity = integrity;
    const auto half = [&](std::uint32_t spi) {
        const auto& info = crypto::info(cipher);
        return sa::EspSa{spi, Secret(std::size_t{info.key_octets} + info.salt_octets),
                         Secret(crypto::info(integrity).key_octets)};
    };
    made->inbound = half(0xc0000001);
    made->outbound = half(0xd0000001);
    made->local = net("192.168.1.0/24");
    made->remote = net("10.0.0.0/8");
    return made;
}

Policy policy(sa::ReqId reqid, const char* local, const char* remote, bool acquire = false) {
    Policy made;
    made.reqid = reqid;
    made.local = net(local);
    made.remote = net(remote);
    made.acquire = acquire;
    return made;
}

TEST(KernelStates, EveryCipherAndIntegrityButTheRefusedHasAName) {
    using crypto::CipherId;
    using crypto::IntegrityId;
    const auto name = [](auto id) { return std::string(kernel_algorithm(id).name); };
    EXPECT_EQ(name(CipherId::des_cbc), "");
    EXPECT_EQ(name(CipherId::tdes_cbc), "cbc(des3_ede)");
    EXPECT_EQ(name(CipherId::aes_cbc_192), "cbc(aes)");
    EXPECT_EQ(name(CipherId::aes_gcm16_256), "rfc4106(gcm(aes))");
    EXPECT_EQ(name(IntegrityId::none), "");
    EXPECT_EQ(name(IntegrityId::hmac_md5_96), "hmac(md5)");
    EXPECT_EQ(name(IntegrityId::hmac_sha1_96), "hmac(sha1)");
    EXPECT_EQ(name(IntegrityId::hmac_sha2_256_128), "hmac(sha256)");
    EXPECT_EQ(name(IntegrityId::hmac_sha2_384_192), "hmac(sha384)");
    EXPECT_EQ(name(IntegrityId::hmac_sha2_512_256), "hmac(sha512)");
    EXPECT_EQ(packages_of(CipherId::aes_gcm16_128, IntegrityId::none),
              (std::vector<std::string>{"kmod-crypto-gcm", "kmod-crypto-seqiv"}));
    EXPECT_EQ(packages_of(CipherId::tdes_cbc, IntegrityId::hmac_sha2_256_128),
              (std::vector<std::string>{"kmod-crypto-authenc", "kmod-crypto-cbc", "kmod-crypto-des",
                                        "kmod-crypto-echainiv", "kmod-crypto-hmac", "kmod-crypto-sha256"}));
}

TEST(KernelStates, EachDirectionHasItsAddressesNetworksAndPorts) {
    const auto one = pair(crypto::CipherId::aes_cbc_256, crypto::IntegrityId::hmac_sha2_256_128);
    one->copy_dscp = false;
    const auto made = states_of(*one, {us, peer, sa::Encapsulation::udp}, if_id);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->inbound.id, (host::XfrmId{us.address, 0xc0000001}));
    EXPECT_EQ(made->inbound.source, peer.address);
    EXPECT_EQ(made->inbound.selector, (host::XfrmSelector{*Ipv4Net::parse("10.0.0.0/8"),
                                                          *Ipv4Net::parse("192.168.1.0/24"), 0, 0, 0}));
    EXPECT_EQ(made->inbound.ports, (host::XfrmPorts{61000, 4500}));
    EXPECT_EQ(made->inbound.replay_window, 1024U);
    EXPECT_FALSE(made->inbound.mark);
    EXPECT_EQ(made->outbound.id, (host::XfrmId{peer.address, 0xd0000001}));
    EXPECT_EQ(made->outbound.source, us.address);
    EXPECT_EQ(made->outbound.selector, (host::XfrmSelector{*Ipv4Net::parse("192.168.1.0/24"),
                                                           *Ipv4Net::parse("10.0.0.0/8"), 0, 0, 0}));
    EXPECT_EQ(made->outbound.ports, (host::XfrmPorts{4500, 61000}));
    // What carries a tunnel enters none.
    EXPECT_EQ(made->outbound.mark, host::packet_mark);
    EXPECT_FALSE(made->outbound.copy_dscp);
    for (const auto* state : {&made->inbound, &made->outbound}) {
        EXPECT_EQ(state->reqid, 7U);
        EXPECT_EQ(state->if_id, if_id);
        EXPECT_EQ(state->cipher_key.size(), 32U);
        EXPECT_EQ(state->aead_bits, 0U);
        EXPECT_EQ(state->integrity_key.size(), 32U);
        EXPECT_EQ(state->integrity_bits, 128U);
    }
    EXPECT_FALSE(states_of(*one, {us, peer, sa::Encapsulation::none}, if_id)->outbound.ports);
}

TEST(KernelStates, AnAeadHasItsSaltAndNoIntegrity) {
    const auto one = pair(crypto::CipherId::aes_gcm16_128, crypto::IntegrityId::none);
    const auto made = states_of(*one, {us, peer, sa::Encapsulation::none}, if_id);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->outbound.cipher_key.size(), 20U);
    EXPECT_EQ(made->outbound.aead_bits, 128U);
}

TEST(KernelStates, ASuiteThatTheKernelIsNotUsedWithIsNone) {
    const Outer outer{us, peer, sa::Encapsulation::none};
    using crypto::CipherId;
    using crypto::IntegrityId;
    EXPECT_FALSE(states_of(*pair(CipherId::des_cbc, IntegrityId::hmac_sha1_96), outer, if_id));
    EXPECT_FALSE(states_of(*pair(CipherId::aes_cbc_128, IntegrityId::none), outer, if_id));
    EXPECT_FALSE(states_of(*pair(CipherId::aes_gcm16_128, IntegrityId::hmac_sha1_96), outer, if_id));
}

TEST(KernelStates, LimitsAreTheAgreedVolumeTheNumbersAndABackstop) {
    const auto one = pair(crypto::CipherId::aes_cbc_128, crypto::IntegrityId::hmac_sha1_96);
    const Outer outer{us, peer, sa::Encapsulation::none};
    const auto bare = states_of(*one, outer, if_id)->inbound.limits;
    EXPECT_EQ(bare.hard_bytes, 0U);
    EXPECT_EQ(bare.soft_bytes, 0U);
    EXPECT_EQ(bare.hard_seconds, 0U);
    EXPECT_LT(bare.hard_packets, 0xffffffffU);
    EXPECT_LT(bare.soft_packets, bare.hard_packets);
    one->hard_kilobytes = 5000;
    one->hard_seconds = 3600;
    const auto limits = states_of(*one, outer, if_id)->inbound.limits;
    EXPECT_EQ(limits.hard_bytes, 5'000'000U);
    EXPECT_EQ(limits.soft_bytes, 4'500'000U);
    EXPECT_EQ(limits.soft_seconds, 3600U);
    EXPECT_EQ(limits.hard_seconds, 3720U);
}

TEST(KernelStates, TheInterfaceIdIsTheDevices) {
    EXPECT_EQ(interface_id("causeway0"), interface_id("causeway0"));
    EXPECT_NE(interface_id("causeway0"), interface_id("causeway1"));
    EXPECT_EQ(interface_id("causeway0") >> 16, 0xca05U);
}

TEST(KernelPolicies, TheNarrowerGoesFirst) {
    const TrafficSelector lan = net("192.168.1.0/24");
    const auto tcp = [](TrafficSelector selector, std::uint16_t port) {
        selector.protocol = 6;
        selector.port = port;
        return selector;
    };
    const std::vector<std::uint32_t> order{
        priority_of(tcp(lan, 80), tcp(net("10.1.0.0/16"), 80)), priority_of(lan, tcp(net("10.1.0.0/16"), 80)),
        priority_of(lan, tcp(net("10.1.0.0/16"), 0)),           priority_of(lan, net("10.1.0.0/16")),
        priority_of(net("192.168.0.0/16"), net("10.1.0.0/16")), priority_of(lan, net("10.0.0.0/8")),
        priority_of(net("0.0.0.0/0"), net("0.0.0.0/0"))};
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    EXPECT_EQ(std::adjacent_find(order.begin(), order.end()), order.end());
}

TEST(KernelPolicies, OutwardsProtectedAskedForOrDropped) {
    Groups groups;
    groups.set(std::vector<Policy>{policy(1, "192.168.1.0/24", "10.0.0.0/8"),
                                   policy(2, "192.168.1.0/24", "10.0.0.0/8", true),
                                   policy(3, "192.168.2.0/24", "10.0.0.0/8")});
    ASSERT_EQ(groups.all().size(), 2U);
    ASSERT_EQ(groups.around(2).size(), 2U);
    EXPECT_EQ(groups.around(2)[0].reqid, 1U);
    EXPECT_TRUE(groups.around(9).empty());

    const host::XfrmTemplate sending{us.address, peer.address, 0xd0000001, 1};
    const auto sends = outbound_policy(*groups.key_of(1), groups.around(1), sending, if_id);
    EXPECT_EQ(sends.protected_by, sending);
    EXPECT_EQ(sends.if_id, if_id);
    EXPECT_EQ(sends.id.direction, host::XfrmDirection::out);
    EXPECT_EQ(sends.id.selector.source, *Ipv4Net::parse("192.168.1.0/24"));
    EXPECT_EQ(sends.id.selector.destination, *Ipv4Net::parse("10.0.0.0/8"));

    const auto asks = outbound_policy(*groups.key_of(1), groups.around(1), {}, if_id);
    ASSERT_TRUE(asks.protected_by);
    EXPECT_EQ(asks.protected_by->reqid, 2U);
    EXPECT_TRUE(asks.protected_by->destination.is_unspecified());
    EXPECT_EQ(asks.protected_by->spi, acquire_id(if_id, 2).spi);
    EXPECT_NE(acquire_id(if_id, 2), acquire_id(if_id, 1));
    EXPECT_NE(acquire_id(if_id, 2), acquire_id(if_id + 1, 2));

    EXPECT_FALSE(outbound_policy(*groups.key_of(3), groups.around(3), {}, if_id).protected_by);
}

TEST(KernelPolicies, InwardsNothingPassesThatNoStateHasOpened) {
    const auto policies = inbound_policies(if_id);
    ASSERT_EQ(policies.size(), 2U);
    EXPECT_EQ(policies[0].id.direction, host::XfrmDirection::in);
    EXPECT_EQ(policies[1].id.direction, host::XfrmDirection::forward);
    for (const auto& one : policies) {
        EXPECT_EQ(one.if_id, if_id);
        EXPECT_EQ(one.id.selector, host::XfrmSelector{});
        EXPECT_EQ(one.protected_by, host::XfrmTemplate{});
    }
}

}  // namespace
}  // namespace causeway::dataplane
