// Offers and answers that hold what we do not speak, or what contradicts itself: in both phases and both
// roles such a transform is passed over, and nothing is ever echoed that is not done.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hardening/hostile.hpp"

namespace causeway::hardening {
namespace {

using isakmp::Attribute;
using isakmp::NotifyType;
using isakmp::SaPayload;
using isakmp::Transform;
using Attributes = std::vector<Attribute>;

constexpr std::size_t quick_1 = 7;  ///< behind the six messages of Main Mode
constexpr std::size_t quick_2 = 8;

class Offer : public Hostile {
 protected:
    using Change = std::function<void(SaPayload&)>;
    /// The message with this number, its SA payload changed; it is off the wire then.
    Bytes with_sa(std::size_t message, const Change& change) {
        until_message(message);
        const auto made = changed([&](Payloads& payloads) {
            for (auto& payload : payloads) {
                if (payload.type == PayloadType::sa) {
                    auto sa = isakmp::decode_sa(payload.body).value_or(SaPayload{});
                    change(sa);
                    payload.body = isakmp::encode(sa);
                }
            }
        });
        world_->wire().clear();
        EXPECT_TRUE(made.has_value());
        if (made) {
            world_->observer().watch(*made);  // what comes of it is chained to it
        }
        return made.value_or(Bytes{});
    }
    static Change appending(const Attributes& more) {
        return [more](SaPayload& sa) {
            auto& attributes = sa.proposals.front().transforms.front().attributes;
            attributes.insert(attributes.end(), more.begin(), more.end());
        };
    }
    /// A transform with these attributes in front of the one that was offered.
    static Change preceding(const Attributes& more) {
        return [more](SaPayload& sa) {
            auto& transforms = sa.proposals.front().transforms;
            Transform odd = transforms.front();
            odd.attributes.insert(odd.attributes.end(), more.begin(), more.end());
            transforms.insert(transforms.begin(), odd);
            transforms.back().number = 2;
        };
    }
    /// West's answer as far as it is of this exchange.
    std::optional<SaPayload> answered(const Bytes& message, ExchangeType exchange) {
        for (const auto& flight : answers_to(message, east_end)) {
            const auto* sa = flight.seen.header.exchange == exchange
                                 ? isakmp::find(flight.seen.payloads, PayloadType::sa)
                                 : nullptr;
            if (sa != nullptr) {
                return isakmp::decode_sa(sa->body).value_or(SaPayload{});
            }
        }
        return std::nullopt;
    }
    bool west_said(const std::string& text) {
        return std::ranges::any_of(
            west().events, [&](const Event& event) { return event.text().find(text) != std::string::npos; });
    }
    void expect_refused(const Bytes& message, ExchangeType exchange, const std::string& why) {
        west().events.clear();
        EXPECT_FALSE(answered(message, exchange)) << why;
        EXPECT_TRUE(west_said(why)) << why;
        EXPECT_TRUE(west().installed.empty());
    }
};

const Attributes esn{Attribute::tv(11, 1)};

/// What makes a transform unfit in Phase 2, and words that name it.
const std::vector<std::pair<Attributes, std::string>> unfit_in_phase_2{
    {esn, "extended sequence numbers (ESN) are not supported; configure the peer without ESN"},
    {{Attribute::tv(11, 0)}, "(ESN) are not supported"},
    {{Attribute{11, false, {0, 0, 0, 1}}}, "(ESN) are not supported"},
    {{Attribute::tv(12, 1)}, "attribute 12 is unknown"},
    {{Attribute::tv(77, 0)}, "attribute 77 is unknown"},
    {{Attribute{0x7fff, false, Bytes(40, 1)}}, "attribute 32767 is unknown"},
    {{Attribute::tv(7, 12)}, "attribute 7 (Key Rounds) is not supported"},
    {{Attribute::tv(8, 1)}, "attribute 8 (Compress Dictionary Size) is not supported"},
    {{Attribute::tv(10, 1)}, "attribute 10 (ECN Tunnel) is not supported"},
    {{Attribute::tv(3, 14)}, "attribute 3 (Group Description) is given twice, as 2 and as 14"},
    {{Attribute::tv(5, 1)}, "attribute 5 (Authentication Algorithm) is given twice, as 2 and as 1"},
    {{Attribute{6, false, {0, 0, 1, 0}}}, "attribute 6 (Key Length) is given twice, as 128 and as 256"},
    {{Attribute::tv(4, 2)}, "attribute 4 (Encapsulation Mode) is given twice, as 1 and as 2"},
    {{Attribute{3, false, {}}}, "attribute 3 (Group Description) has a value of 0 octets"},
    {{Attribute{4, false, Bytes(9, 1)}}, "attribute 4 (Encapsulation Mode) has a value of 9 octets"},
    {{Attribute::tv(1, 1), Attribute::tv(2, 60)}, "two different lifetimes in seconds, 3600 and 60"},
    {{Attribute::tv(1, 9), Attribute::tv(2, 60)}, "Life Type 9 is unknown"}};

TEST_F(Offer, UnfitTransformsOfPhase2ArePassedOver) {
    for (const auto& [attributes, why] : unfit_in_phase_2) {
        begin();
        const auto second = answered(with_sa(quick_1, preceding(attributes)), ExchangeType::quick);
        ASSERT_TRUE(second) << why;
        const auto& chosen = second->proposals.at(0).transforms.at(0);
        EXPECT_EQ(chosen.number, 2U) << why;
        EXPECT_EQ(chosen.find(11), nullptr);
        EXPECT_EQ(west().installed.size(), 1U);
        begin();
        expect_refused(with_sa(quick_1, appending(attributes)), ExchangeType::quick, why);
    }
}

TEST_F(Offer, UnfitTransformsOfPhase1ArePassedOver) {
    const std::vector<std::pair<Attributes, std::string>> unfit{
        {{Attribute::tv(13, 1)}, "attribute 13 (PRF) is not supported"},
        {{Attribute::tv(5, 1)}, "attribute 5 (Group Type) is not supported"},
        {{Attribute::tv(9, 1)}, "attribute 9 (Group Curve A) is not supported"},
        {{Attribute::tv(17, 1)}, "attribute 17 is unknown"},
        {{Attribute::tv(16384, 1)}, "attribute 16384 is unknown"},
        {{Attribute::tv(4, 14)}, "attribute 4 (Group Description) is given twice, as 2 and as 14"},
        {{Attribute::tv(3, 3)}, "attribute 3 (Authentication Method) is given twice, as 1 and as 3"},
        {{Attribute{2, false, {}}}, "attribute 2 (Hash Algorithm) has a value of 0 octets"},
        {{Attribute::tv(11, 1), Attribute::tv(12, 60)}, "two different lifetimes in seconds"}};
    for (const auto& [attributes, why] : unfit) {
        begin();
        const auto second = answered(with_sa(1, preceding(attributes)), ExchangeType::main);
        ASSERT_TRUE(second) << why;
        EXPECT_EQ(second->proposals.at(0).transforms.at(0).number, 2U) << why;
        begin();
        expect_refused(with_sa(1, appending(attributes)), ExchangeType::main, why);
    }
}

// RFC 2407 4.5.2: several lifetimes, in any order of their units; and the same value again, however it is
// encoded, contradicts nothing. The answer has the transform as it was offered (RFC 2408 4.2).
TEST_F(Offer, WhatDoesNotContradictItselfIsTaken) {
    const std::vector<Attributes> fit{
        {Attribute::tv(1, 2), Attribute::number(2, 100000)},
        {Attribute::tv(1, 2), Attribute::number(2, 100000), Attribute::tv(1, 1), Attribute::tv(2, 3600)},
        {Attribute::tv(3, 2), Attribute{5, false, {0, 0, 0, 2}}, Attribute{6, false, {0, 128}}},
        {Attribute{4, false, Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}};
    for (const auto& attributes : fit) {
        begin();
        SaPayload offered;
        const auto answer = answered(with_sa(quick_1,
                                             [&](SaPayload& sa) {
                                                 appending(attributes)(sa);
                                                 offered = sa;
                                             }),
                                     ExchangeType::quick);
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->proposals.at(0).transforms.at(0), offered.proposals.at(0).transforms.at(0));
    }
    for (const bool kilobytes_first : {true, false}) {
        begin();
        const auto answer = answered(
            with_sa(quick_1,
                    [&](SaPayload& sa) {
                        auto& attributes = sa.proposals.front().transforms.front().attributes;
                        std::erase_if(attributes, [](const Attribute& one) { return one.type <= 2; });
                        Attributes lifetimes{Attribute::tv(1, 1), Attribute::tv(2, 600), Attribute::tv(1, 2),
                                             Attribute::tv(2, 5000)};
                        if (kilobytes_first) {
                            std::rotate(lifetimes.begin(), lifetimes.begin() + 2, lifetimes.end());
                        }
                        attributes.insert(attributes.end(), lifetimes.begin(), lifetimes.end());
                    }),
            ExchangeType::quick);
        ASSERT_TRUE(answer);
        EXPECT_EQ(west().installed.begin()->second.pair->hard_kilobytes, 5000U);
    }
}

// The answer to our own offer is held to the same.
TEST_F(Offer, UnfitAnswersAreRefused) {
    for (const auto& [attributes, why] : unfit_in_phase_2) {
        begin();
        const Bytes answer = with_sa(quick_2, appending(attributes));
        world_->input(east(), ike::Datagram{{east().address, 500}, {west().address, 500}, answer});
        EXPECT_TRUE(east().installed.empty()) << why;
        ASSERT_FALSE(world_->wire().empty());
        EXPECT_EQ(world_->wire().front().seen.header.exchange, ExchangeType::informational) << why;
    }
    begin();
    const Bytes answer = with_sa(2, appending({Attribute::tv(77, 1)}));
    world_->input(east(), ike::Datagram{{east().address, 500}, {west().address, 500}, answer});
    EXPECT_TRUE(world_->wire().empty());
}

// Charon, as responder, adds a life type and a duration of 0 to the transform of Phase 1 that it was offered.
TEST_F(Offer, CharonsAddedLifetimeIsNoObstacle) {
    const Bytes answer = with_sa(2, [](SaPayload& sa) {
        auto& attributes = sa.proposals.front().transforms.front().attributes;
        std::erase_if(attributes, [](const Attribute& one) { return one.type == 11 || one.type == 12; });
        attributes.push_back(Attribute::tv(11, 1));
        attributes.push_back(Attribute::tv(12, 0));
    });
    world_->input(east(), ike::Datagram{{east().address, 500}, {west().address, 500}, answer});
    ASSERT_FALSE(world_->wire().empty());
    EXPECT_EQ(world_->wire().front().seen.header.exchange, ExchangeType::main);
}

// RFC 2408 4.2: what has one number is wanted together, or not at all.
TEST_F(Offer, BundlesAreTakenTogetherOrNotAtAll) {
    for (const auto with : {isakmp::Protocol::ah, isakmp::Protocol::ipcomp, isakmp::Protocol::esp}) {
        begin();
        expect_refused(with_sa(quick_1,
                               [&](SaPayload& sa) {
                                   auto other = sa.proposals.front();
                                   other.protocol = with;
                                   sa.proposals.push_back(other);
                               }),
                       ExchangeType::quick, "no proposal for ESP alone: number 1 asks for more at once");
    }
}

// RFC 4303 2.1: SPIs up to 255 are reserved; RFC 2408 3.5: an SPI of ESP has four octets.
TEST_F(Offer, ReservedSpisOfPhase2AreRefused) {
    for (const Bytes& spi : {Bytes{0, 0, 0, 0}, Bytes{0, 0, 0, 1}, Bytes{0, 0, 0, 255}}) {
        begin();
        expect_refused(with_sa(quick_1, [&](SaPayload& sa) { sa.proposals.front().spi = spi; }),
                       ExchangeType::quick, "is reserved");
        begin();
        const Bytes answer = with_sa(quick_2, [&](SaPayload& sa) { sa.proposals.front().spi = spi; });
        world_->input(east(), ike::Datagram{{east().address, 500}, {west().address, 500}, answer});
        EXPECT_TRUE(east().installed.empty());
    }
    for (const std::size_t octets : {0U, 3U, 5U, 8U, 255U}) {
        begin();
        expect_refused(with_sa(quick_1, [&](SaPayload& sa) { sa.proposals.front().spi.assign(octets, 9); }),
                       ExchangeType::quick, "octets, expected 4");
    }
    begin();
    EXPECT_TRUE(answered(with_sa(quick_1,
                                 [](SaPayload& sa) {
                                     sa.proposals.front().spi = {0, 0, 1, 0};
                                 }),
                         ExchangeType::quick));
}

// RFC 2408 3.5: the SPI of an ISAKMP proposal has 0 to 16 octets, and no meaning.
TEST_F(Offer, SpisOfPhase1HaveAtMost16Octets) {
    for (const std::size_t octets : {0U, 4U, 8U, 16U, 17U, 255U}) {
        begin();
        const auto answer =
            answered(with_sa(1, [&](SaPayload& sa) { sa.proposals.front().spi.assign(octets, 9); }),
                     ExchangeType::main);
        EXPECT_EQ(answer.has_value(), octets <= 16) << octets;
        EXPECT_EQ(west_said("an SPI of"), octets > 16) << octets;
    }
    begin();
    const Bytes answer = with_sa(2, [](SaPayload& sa) { sa.proposals.front().spi.assign(17, 9); });
    world_->input(east(), ike::Datagram{{east().address, 500}, {west().address, 500}, answer});
    EXPECT_TRUE(world_->wire().empty());
}

}  // namespace
}  // namespace causeway::hardening
