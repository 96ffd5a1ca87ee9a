// The prober and IKEv2: one IKE_SA_INIT, and whatever a responder of either version says to it.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "codec/writer.hpp"
#include "unit/probe/peer.hpp"

namespace causeway::probe {
namespace {

namespace version2 = isakmp::version2;

constexpr auto sa_payload = static_cast<PayloadType>(33);
constexpr auto ke_payload = static_cast<PayloadType>(34);
constexpr auto notify_payload = static_cast<PayloadType>(41);

Bytes notify(std::uint16_t type, ByteView data = {}) {
    Bytes payload{0, 0, static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)};
    payload.insert(payload.end(), data.begin(), data.end());
    return payload;
}

Bytes answer(const Seen& request, const std::vector<Payload>& payloads) {
    Header header = request.header;
    header.cky_r = {8, 8, 8, 8, 8, 8, 8, 8};
    header.flags = 0x20;
    return isakmp::encode_message(header, payloads);
}

/// ENCR_AES_CBC 256, PRF_HMAC_SHA2_256, AUTH_HMAC_SHA2_256_128, group 14 (RFC 7296 3.3).
const Bytes chosen{0, 0, 0, 44, 1, 1, 0, 4,                   // the proposal
                   3, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 1, 0,  // with its Key Length
                   3, 0, 0, 8,  2, 0, 0, 5,                   //
                   3, 0, 0, 8,  3, 0, 0, 12,                  //
                   0, 0, 0, 8,  4, 0, 0, 14};

/// Only IKEv2 is answered.
Report report_of(const std::function<std::vector<Payload>(const Seen&)>& payloads) {
    Trial trial(both_ports(), [&](const Seen& request) -> std::optional<Bytes> {
        return request.version2() ? std::optional(answer(request, payloads(request))) : std::nullopt;
    });
    return trial.finish();
}

TEST(ProbeVersion2Test, AChosenProposalIsNamedAndNatIsWhatTheHashesSay) {
    const auto with = [](const Endpoint& us, const Endpoint& them) {
        return report_of([&](const Seen& request) {
            const isakmp::Cookie cky_r{8, 8, 8, 8, 8, 8, 8, 8};
            const auto hash = [&](const Endpoint& end) {
                return crypto::nat_d_hash(crypto::HashId::sha1, request.header.cky_i, cky_r,
                                          end.address.octets(), end.port);
            };
            return std::vector<Payload>{{sa_payload, chosen},
                                        {ke_payload, Bytes(260, 1)},
                                        {notify_payload, notify(16388, hash(them))},
                                        {notify_payload, notify(16389, hash(us))}};
        });
    };
    const Report direct = with({own_address, 40500}, {peer_address, 500});
    EXPECT_EQ(direct.version2.outcome, Outcome::accepted);
    EXPECT_EQ(direct.version2.suite, "aes256-sha256-modp2048");
    EXPECT_EQ(direct.main.outcome, Outcome::silent);
    EXPECT_EQ(direct.nat, Nat::none);
    EXPECT_EQ(with({own_address, 40501}, {peer_address, 500}).nat, Nat::here);
    EXPECT_EQ(with({own_address, 40500}, {peer_address, 501}).nat, Nat::there);
}

TEST(ProbeVersion2Test, ErrorsAndACookieAreAnswersToo) {
    for (const std::uint16_t type : {std::uint16_t{14}, std::uint16_t{17}, std::uint16_t{16390}}) {
        const Report report = report_of([type](const Seen&) {
            return std::vector<Payload>{{notify_payload, notify(16430)},
                                        {notify_payload, notify(type, Bytes(8, 1))}};
        });
        EXPECT_EQ(report.version2.outcome, Outcome::refused) << type;
        EXPECT_EQ(report.version2.notify, type);
        EXPECT_TRUE(report.ike.answered);
    }
}

TEST(ProbeVersion2Test, APeerOfVersion1RefusesInItsOwnWords) {
    Trial trial(both_ports(), [](const Seen& request) -> std::optional<Bytes> {
        return request.version2() ? std::optional(notification(request, NotifyType::invalid_major_version))
                                  : std::nullopt;
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.version2.outcome, Outcome::refused);
    EXPECT_EQ(report.version2.notify, 5);
}

TEST(ProbeVersion2Test, APeerOfVersion2RefusesMainMode) {
    Trial trial(both_ports(), [](const Seen& request) -> std::optional<Bytes> {
        return request.version2() ? std::nullopt
                                  : std::optional(version2::invalid_major_version(request.header));
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::refused);
    EXPECT_EQ(report.main.notify, 5);
}

TEST(ProbeVersion2Test, WhatCannotBeReadIsNoAnswer) {
    Bytes cut = chosen;
    cut.resize(20);
    Bytes long_spi = chosen;
    long_spi[6] = 200;
    for (const Bytes& sa : {cut, long_spi, Bytes{}}) {
        const Report report = report_of([&](const Seen&) {
            return std::vector<Payload>{{sa_payload, sa}, {ke_payload, Bytes(260, 1)}};
        });
        EXPECT_EQ(report.version2.outcome, Outcome::silent);
        EXPECT_FALSE(report.answered());
        EXPECT_GT(report.ignored, 0U);
    }
    // A request with our cookie is no answer either.
    Trial trial(both_ports(), [](const Seen& request) -> std::optional<Bytes> {
        return request.version2() ? std::optional(isakmp::encode_message(request.header, request.payloads))
                                  : std::nullopt;
    });
    EXPECT_FALSE(trial.finish().answered());
}

TEST(ProbeVersion2Test, ASaWithoutAPublicValueFitsNothing) {
    const Report report = report_of([](const Seen&) { return std::vector<Payload>{{sa_payload, chosen}}; });
    EXPECT_EQ(report.version2.outcome, Outcome::odd);
}

TEST(ProbeVersion2Test, ACausewaydIsNotAsked) {
    for (const auto make : {isakmp::Vendor::causeway, isakmp::Vendor::avm}) {
        const Responder one({"aes128-sha1-modp1024"}, true, make);
        Trial trial(both_ports(), [&](const Seen& request) -> std::optional<Bytes> {
            return request.opens() ? std::optional(one.message_2(request)) : std::nullopt;
        });
        const Report report = trial.finish();
        EXPECT_EQ(report.version2.outcome,
                  make == isakmp::Vendor::causeway ? Outcome::not_asked : Outcome::silent);
        EXPECT_EQ(trial.count(&Seen::version2) == 0, make == isakmp::Vendor::causeway);
    }
}

TEST(ProbeVersion2Test, TheRequestIsWhatTheRfcSays) {
    Trial trial(both_ports(), nobody);
    trial.finish();
    const auto found = std::ranges::find_if(trial.sent, &Seen::version2);
    ASSERT_NE(found, trial.sent.end());
    EXPECT_EQ(static_cast<int>(found->header.exchange), 34);
    EXPECT_EQ(found->header.flags, 0x08);
    EXPECT_EQ(found->header.cky_r, isakmp::Cookie{});
    std::vector<int> types;
    for (const auto& payload : found->payloads) {
        types.push_back(static_cast<int>(payload.type));
    }
    EXPECT_THAT(types, testing::ElementsAre(33, 34, 40, 41, 41));
    const Bytes& ke = isakmp::find(found->payloads, ke_payload)->body;
    EXPECT_EQ(Bytes(ke.begin(), ke.begin() + 4), (Bytes{0, 14, 0, 0}));
    EXPECT_EQ(ke.size(), 4U + 256U);
}

}  // namespace
}  // namespace causeway::probe
