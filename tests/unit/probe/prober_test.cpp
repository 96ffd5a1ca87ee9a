// The prober against peers that are functions: what it sends, when it stops, and what it makes of each answer.

#include "probe/prober.hpp"

#include <algorithm>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "unit/probe/peer.hpp"

namespace causeway::probe {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Main Mode as `responder` answers it, on both ports; IKEv2 refused; nobody behind NAT.
Trial::Answer speaks_version1(const Responder& responder, crypto::HashId hash, const Endpoint& ike,
                              const Endpoint& own = {peer_address, 500}) {
    return [=](const Seen& request) -> std::optional<Bytes> {
        if (request.version2()) {
            return isakmp::version2::invalid_major_version(request.header);
        }
        if (request.opens()) {
            return responder.message_2(request);
        }
        if (request.is(ExchangeType::main)) {
            return Responder::message_4(request, hash, ike, own);
        }
        return std::nullopt;
    };
}

TEST(ProberTest, SilenceEndsWithEachQuestionAskedTwice) {
    Trial trial(both_ports(), nobody);
    const Report report = trial.finish();
    EXPECT_FALSE(report.answered());
    EXPECT_EQ(report.main.outcome, Outcome::silent);
    EXPECT_EQ(report.main_nat_t.outcome, Outcome::silent);
    EXPECT_EQ(report.version2.outcome, Outcome::silent);
    EXPECT_EQ(report.aggressive.outcome, Outcome::not_asked);
    EXPECT_FALSE(report.out_of_time);
    // Main Mode and IKEv2, each on both ports, each twice.
    EXPECT_EQ(report.sent, 8U);
    EXPECT_EQ(trial.count([](const Seen& one) { return one.version2(); }), 4U);
    EXPECT_EQ(trial.count([](const Seen& one) { return one.port == Port::nat_t; }), 4U);
    EXPECT_LT(report.took, seconds(8));
}

TEST(ProberTest, NothingIsSentOftenerThanFourTimesASecond) {
    const Responder all({"aes256-sha512-modp2048", "aes128-sha1-modp1024", "3des-sha1-modp1024"});
    for (const auto& answer :
         {Trial::Answer(nobody), speaks_version1(all, crypto::HashId::sha2_512, {own_address, 40500})}) {
        Trial trial(both_ports(), answer, milliseconds(1));
        trial.finish();
        ASSERT_GT(trial.sent.size(), 4U);
        for (std::size_t i = 1; i < trial.sent.size(); ++i) {
            EXPECT_GE(trial.sent[i].at - trial.sent[i - 1].at, packet_gap) << i;
        }
    }
}

/// A peer that takes whatever it is offered.
std::vector<std::string> every_suite() {
    std::vector<std::string> suites;
    for (const auto& suite : common_suites()) {
        suites.push_back(suite.text());
    }
    return suites;
}

TEST(ProberTest, EndsWithinItsBoundWhateverIsAccepted) {
    const Responder any(every_suite());
    for (const bool aggressive : {false, true}) {
        Settings settings = both_ports();
        if (aggressive) {
            settings.identity = isakmp::Identification{};
        }
        Trial trial(settings, speaks_version1(any, crypto::HashId::sha2_512, {own_address, 40500}));
        const Report report = trial.finish();
        EXPECT_LE(report.sent, packets_max);
        EXPECT_EQ(report.sent, trial.sent.size());
        EXPECT_EQ(report.suites_end, SuitesEnd::bound);
        EXPECT_GE(report.accepted.size(), 5U);
        EXPECT_EQ(report.accepted.size() + report.rest.size(), common_suites().size());
        EXPECT_EQ(report.aggressive.outcome == Outcome::not_asked, !aggressive);
    }
}

TEST(ProberTest, NoPacketFollowsTheLastOneThatItMaySend) {
    const Responder any(every_suite());
    for (const auto& answer :
         {Trial::Answer(nobody), speaks_version1(any, crypto::HashId::sha2_512, {own_address, 40500})}) {
        for (unsigned packets = 1; packets < 12; ++packets) {
            Settings settings = both_ports();
            settings.packets = packets;
            // Answers that come when the last one is out, and want a parting.
            Trial trial(settings, answer, milliseconds(600));
            const Report report = trial.finish();
            EXPECT_LE(report.sent, packets);
            EXPECT_EQ(report.sent, trial.sent.size());
            EXPECT_LE(report.took, seconds(9));
        }
    }
}

TEST(ProberTest, EndsWithinItsBoundWhereEveryOtherPacketIsLost) {
    const Responder any(every_suite());
    const auto answers = speaks_version1(any, crypto::HashId::sha2_512, {own_address, 40500});
    unsigned count = 0;
    Trial trial(both_ports(),
                [&](const Seen& request) { return ++count % 2 == 0 ? answers(request) : std::nullopt; });
    const Report report = trial.finish();
    EXPECT_LE(report.sent, packets_max);
    EXPECT_FALSE(report.accepted.empty());
}

TEST(ProberTest, TheSuitesAreFoundOneByOneUntilTheRestIsRefused) {
    const Responder two({"aes256-sha512-modp2048", "aes128-sha1-modp1024"});
    Trial trial(both_ports(), speaks_version1(two, crypto::HashId::sha2_512, {own_address, 40500}));
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::accepted);
    EXPECT_EQ(report.main.suite, "aes256-sha512-modp2048");
    EXPECT_EQ(report.main_nat_t.outcome, Outcome::accepted);
    EXPECT_THAT(report.accepted, ElementsAre("aes256-sha512-modp2048", "aes128-sha1-modp1024"));
    EXPECT_EQ(report.suites_end, SuitesEnd::refused);
    EXPECT_THAT(report.rest, SizeIs(common_suites().size() - 2));
    EXPECT_EQ(report.version2.outcome, Outcome::refused);
    EXPECT_EQ(report.version2.notify, 5);
    EXPECT_EQ(report.nat, Nat::none);
    EXPECT_EQ(report.key.outcome, Outcome::accepted);
    EXPECT_THAT(report.vendors, ElementsAre(isakmp::Vendor::nat_t_rfc3947, isakmp::Vendor::avm));
    EXPECT_EQ(report.round_trip, Duration(milliseconds(10)));
}

TEST(ProberTest, WhatAPeerHoldsForUsIsGivenUpUnlessItHasKeys) {
    const Responder two({"aes256-sha512-modp2048", "aes128-sha1-modp1024"});
    Trial trial(both_ports(), speaks_version1(two, crypto::HashId::sha2_512, {own_address, 40500}));
    trial.finish();
    std::vector<isakmp::Cookie> opened;
    std::vector<isakmp::Cookie> with_keys;
    std::vector<isakmp::Cookie> parted;
    for (const Seen& one : trial.sent) {
        if (one.opens() && two.choose(one)) {
            opened.push_back(one.header.cky_i);
        } else if (one.is(ExchangeType::main) && one.has(PayloadType::key_exchange)) {
            with_keys.push_back(one.header.cky_i);
        } else if (one.is(ExchangeType::informational)) {
            EXPECT_EQ(one.header.cky_r, (isakmp::Cookie{9, 9, 9, 9, 9, 9, 9, 9}));
            parted.push_back(one.header.cky_i);
        }
    }
    EXPECT_THAT(opened, SizeIs(3));
    EXPECT_THAT(with_keys, ElementsAre(opened.front()));
    EXPECT_THAT(parted, ElementsAre(opened.at(1), opened.at(2)));
}

TEST(ProberTest, NoMessageHasAnIdentityUnlessOneIsGiven) {
    const Responder two({"aes256-sha512-modp2048", "aes128-sha1-modp1024"});
    Trial trial(both_ports(), speaks_version1(two, crypto::HashId::sha2_512, {own_address, 40500}));
    trial.finish();
    for (const Seen& one : trial.sent) {
        EXPECT_FALSE(one.has(PayloadType::identification));
        EXPECT_FALSE(one.has(PayloadType::hash));
        EXPECT_FALSE(one.is(ExchangeType::aggressive));
        EXPECT_FALSE(one.header.encrypted());
    }
}

TEST(ProberTest, NatIsWhatTheHashesSay) {
    const Responder one({"aes128-sha1-modp1024"});
    const Endpoint us{own_address, 40500};
    const Endpoint them{peer_address, 500};
    const Endpoint elsewhere{IpAddress::v4(0x0a000001), 500};
    const auto found = [&](const Endpoint& caller, const Endpoint& own) {
        Trial trial(both_ports(), speaks_version1(one, crypto::HashId::sha1, caller, own));
        return trial.finish().nat;
    };
    EXPECT_EQ(found(us, them), Nat::none);
    EXPECT_EQ(found(elsewhere, them), Nat::here);
    EXPECT_EQ(found({own_address, 1}, them), Nat::here) << "a port is changed as well";
    EXPECT_EQ(found(us, elsewhere), Nat::there);
    EXPECT_EQ(found(elsewhere, elsewhere), Nat::both);
    // Who announces no NAT traversal is not asked for it.
    Trial without(both_ports(),
                  speaks_version1(Responder({"aes128-sha1-modp1024"}, false), crypto::HashId::sha1, us));
    EXPECT_EQ(without.finish().nat, Nat::unknown);
    EXPECT_EQ(without.count(
                  [](const Seen& seen) { return seen.has(PayloadType::key_exchange) && !seen.version2(); }),
              0U);
}

// What is hashed of an address has 16 octets then (RFC 3947 3.2, RFC 7296 2.23).
TEST(ProberTest, NatIsFoundOverIpv6AsWell) {
    const IpAddress there = *IpAddress::parse("2001:db8:a::2");
    const IpAddress here = *IpAddress::parse("2001:db8:b::2");
    Settings settings = both_ports();
    settings.remote.address = settings.nat_t->address = there;
    settings.local.address = settings.local_nat_t->address = here;
    const Responder one({"aes256-sha512-modp2048"});
    const auto told = [&](const IpAddress& seen_as) {
        Trial trial(settings, speaks_version1(one, crypto::HashId::sha2_512, {seen_as, 40500}, {there, 500}));
        const Report report = trial.finish();
        EXPECT_EQ(report.address, there);
        EXPECT_EQ(report.main.outcome, Outcome::accepted);
        EXPECT_TRUE(report.ike.answered && report.nat_t.answered);
        return report.nat;
    };
    EXPECT_EQ(told(here), Nat::none);
    EXPECT_EQ(told(*IpAddress::parse("2001:db8:b::3")), Nat::here);
    EXPECT_EQ(told(own_address), Nat::here);
}

TEST(ProberTest, ALostAnswerIsAskedForOnceMoreWithTheSameOctets) {
    const Responder one({"aes128-sha1-modp1024"});
    const auto answers = speaks_version1(one, crypto::HashId::sha1, {own_address, 40500});
    bool lost = false;
    Trial trial(both_ports(), [&](const Seen& request) -> std::optional<Bytes> {
        if (request.opens() && request.port == Port::ike && !lost) {
            lost = true;
            return std::nullopt;
        }
        return answers(request);
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::accepted);
    const auto first = trial.sent.front();
    EXPECT_EQ(trial.count([&](const Seen& seen) {
        return seen.header.cky_i == first.header.cky_i && seen.payloads == first.payloads;
    }),
              2U);
}

TEST(ProberTest, TheRoundTripOfWhatWasAskedTwiceDoesNotCount) {
    // Everything is answered after it was asked for the second time: which of the two is answered is not known.
    const Responder one({"aes128-sha1-modp1024"});
    Trial trial(both_ports(), speaks_version1(one, crypto::HashId::sha1, {own_address, 40500}),
                milliseconds(3500));
    const Report report = trial.finish();
    EXPECT_TRUE(report.answered());
    EXPECT_EQ(report.round_trip, std::nullopt);
}

TEST(ProberTest, AnAnswerThatIsRepeatedChangesNothing) {
    const Responder one({"aes128-sha1-modp1024"});
    const auto answers = speaks_version1(one, crypto::HashId::sha1, {own_address, 40500});
    Trial trial(both_ports(), answers);
    Trial twice(both_ports(), [&](const Seen& request) {
        const auto back = answers(request);
        if (back) {
            // The first of two; the other one takes its way through the trial.
            twice.prober.receive(
                twice.now, request.port,
                {peer_address, request.port == Port::ike ? std::uint16_t{500} : std::uint16_t{4500}},
                marked(request.port, *back));
        }
        return back;
    });
    const Report once = trial.finish();
    const Report both = twice.finish();
    EXPECT_EQ(once.sent, both.sent);
    EXPECT_EQ(once.accepted, both.accepted);
    EXPECT_EQ(once.nat, both.nat);
    EXPECT_EQ(both.ignored, 0U);
}

TEST(ProberTest, JunkAndStrangersAreIgnored) {
    const Responder one({"aes128-sha1-modp1024"});
    Trial trial(both_ports(), nobody);
    const auto out = trial.prober.next(trial.now);
    ASSERT_TRUE(out);
    const Seen request = seen(*out, trial.now);
    const Bytes right = one.message_2(request);
    Seen other = request;
    other.header.cky_i[0] ^= 1;
    Bytes cut = right;
    cut.pop_back();
    Bytes long_payload = right;
    long_payload[isakmp::header_octets + 2] = 0xff;
    Bytes encrypted = right;
    encrypted[19] |= isakmp::flag::encryption;
    Bytes quick = right;
    quick[18] = static_cast<std::uint8_t>(ExchangeType::quick);
    const Endpoint peer{peer_address, 500};
    unsigned ignored = 0;
    const auto expect_ignored = [&](Port port, const Endpoint& from, const Bytes& octets, const char* what) {
        trial.prober.receive(trial.now, port, from, octets);
        const Report report = trial.prober.report(trial.now);
        EXPECT_EQ(report.main.outcome, Outcome::not_asked) << what;
        EXPECT_FALSE(report.answered()) << what;
        EXPECT_EQ(report.ignored, ++ignored) << what;
    };
    expect_ignored(Port::ike, {IpAddress::v4(0x01020304), 500}, right, "another address");
    expect_ignored(Port::ike, {peer_address, 501}, right, "another port");
    expect_ignored(Port::nat_t, {peer_address, 4500}, marked(Port::nat_t, right),
                   "the other port's question");
    expect_ignored(Port::ike, peer, one.message_2(other), "another cookie");
    expect_ignored(Port::ike, peer, {}, "nothing");
    expect_ignored(Port::ike, peer, Bytes(27, 0), "less than a header");
    expect_ignored(Port::ike, peer, cut, "a datagram shorter than it says");
    expect_ignored(Port::ike, peer, long_payload, "a payload longer than the datagram");
    expect_ignored(Port::ike, peer, encrypted, "an encrypted message");
    expect_ignored(Port::ike, peer, quick, "another exchange");
    expect_ignored(Port::ike, peer, notification(request, NotifyType::initial_contact), "no error");
    expect_ignored(Port::ike, peer,
                   notification(request, NotifyType::no_proposal_chosen, ExchangeType::quick),
                   "an error of another exchange");
    trial.prober.receive(trial.now, Port::ike, peer, right);
    EXPECT_EQ(trial.prober.report(trial.now).main.outcome, Outcome::accepted) << "the right one still counts";
}

TEST(ProberTest, AnAnswerDamagedAnywhereDoesNoHarm) {
    const Responder one({"aes128-sha1-modp1024"});
    Trial whole(both_ports(), nobody);
    const auto out = whole.prober.next(whole.now);
    ASSERT_TRUE(out);
    const Bytes right = one.message_2(seen(*out, whole.now));
    for (std::size_t at = 0; at < right.size(); ++at) {
        for (const std::uint8_t with : {std::uint8_t{1}, std::uint8_t{0x80}, std::uint8_t{0xff}}) {
            Trial trial(both_ports(), nobody);
            trial.prober.next(trial.now);
            Bytes damaged = right;
            damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ with);
            trial.prober.receive(trial.now, Port::ike, {peer_address, 500}, damaged);
            const Report report = trial.finish();
            EXPECT_LE(report.sent, packets_max);
            EXPECT_EQ(report.received + report.ignored, 1U) << at;
            EXPECT_EQ(report.main.outcome == Outcome::accepted, !report.accepted.empty()) << at;
            for (const auto& suite : report.accepted) {
                EXPECT_THAT(report.offered, testing::Contains(suite)) << at;
            }
        }
    }
}

TEST(ProberTest, APortOfNatTraversalTakesNothingWithoutItsMarker) {
    const Responder one({"aes128-sha1-modp1024"});
    Trial trial(both_ports(), nobody);
    trial.prober.next(trial.now);
    trial.now += packet_gap;
    const auto out = trial.prober.next(trial.now);
    ASSERT_TRUE(out);
    ASSERT_EQ(out->port, Port::nat_t);
    const Bytes right = one.message_2(seen(*out, trial.now));
    trial.prober.receive(trial.now, Port::nat_t, {peer_address, 4500}, right);
    // ESP on the same port has its SPI there (RFC 3948 2.1).
    Bytes esp = marked(Port::nat_t, right);
    esp[3] = 1;
    trial.prober.receive(trial.now, Port::nat_t, {peer_address, 4500}, esp);
    EXPECT_FALSE(trial.prober.report(trial.now).nat_t.answered);
    trial.prober.receive(trial.now, Port::nat_t, {peer_address, 4500}, marked(Port::nat_t, right));
    EXPECT_TRUE(trial.prober.report(trial.now).nat_t.answered);
}

TEST(ProberTest, ASuiteThatWasNotOfferedIsNoAnswer) {
    const Responder one({"aes128-sha1-modp1024"});
    Trial trial(both_ports(), [&](const Seen& request) -> std::optional<Bytes> {
        if (!request.opens()) {
            return std::nullopt;
        }
        auto choice = *one.choose(request);
        choice.reply.proposals[0].transforms[0].attributes[0] = isakmp::Attribute::tv(1, 1);  // DES
        const std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(choice.reply)}};
        return isakmp::encode_message(answering(request.header, ExchangeType::main), payloads);
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::odd);
    EXPECT_TRUE(report.ike.answered);
    EXPECT_TRUE(report.accepted.empty());
    EXPECT_EQ(report.suites_end, SuitesEnd::not_asked);
}

TEST(ProberTest, ARefusalEndsTheQuestionAtOnce) {
    Trial trial(both_ports(), [](const Seen& request) -> std::optional<Bytes> {
        return request.version2() ? std::nullopt
                                  : std::optional(notification(request, NotifyType::no_proposal_chosen));
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::refused);
    EXPECT_EQ(report.main.notify, 14);
    EXPECT_EQ(report.suites_end, SuitesEnd::not_asked);
    EXPECT_TRUE(report.ike.answered);
    EXPECT_TRUE(report.nat_t.answered);
    EXPECT_EQ(trial.count([](const Seen& one) { return one.opens(); }), 2U);
}

TEST(ProberTest, APeerWithoutAKeyForUsSaysSoToMessage3) {
    const Responder one({"aes128-sha1-modp1024"});
    Trial trial(both_ports(), [&](const Seen& request) -> std::optional<Bytes> {
        if (request.opens()) {
            return one.message_2(request);
        }
        return request.is(ExchangeType::main)
                   ? std::optional(notification(request, NotifyType::invalid_key_information))
                   : std::nullopt;
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::accepted);
    EXPECT_EQ(report.key.outcome, Outcome::refused);
    EXPECT_EQ(report.key.notify, 17);
    EXPECT_EQ(report.nat, Nat::unknown);
}

TEST(ProberTest, AMessage4OfAnotherExchangeIsNone) {
    const Responder one({"aes128-sha1-modp1024"});
    const auto answers = speaks_version1(one, crypto::HashId::sha1, {own_address, 40500});
    Trial trial(both_ports(), [&](const Seen& request) -> std::optional<Bytes> {
        auto back = answers(request);
        if (back && request.is(ExchangeType::main) && !request.has(PayloadType::sa)) {
            (*back)[8] ^= 1;  // the responder's cookie
        }
        return back;
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.key.outcome, Outcome::silent);
    EXPECT_EQ(report.nat, Nat::unknown);
}

TEST(ProberTest, IcmpShortensTheWaitAndIsToldApartFromSilence) {
    Trial trial(both_ports(), nobody);
    const auto ask = [&] {
        const auto out = trial.prober.next(trial.now);
        if (out) {
            trial.prober.unreachable(trial.now, out->port);
        }
        return out.has_value();
    };
    unsigned sent = 0;
    while (const auto wake = trial.prober.wake_at()) {
        trial.now = std::max(trial.now, *wake);
        sent += ask() ? 1 : 0;
    }
    const Report report = trial.prober.report(trial.now);
    EXPECT_TRUE(report.ike.unreachable);
    EXPECT_TRUE(report.nat_t.unreachable);
    EXPECT_FALSE(report.answered());
    EXPECT_EQ(sent, report.sent);
    EXPECT_LE(report.took, seconds(3));
}

TEST(ProberTest, TimeOutEndsItWithWhatIsKnown) {
    Settings settings = both_ports();
    settings.time_max = seconds(1);
    const Responder two({"aes256-sha512-modp2048", "aes128-sha1-modp1024"});
    Trial trial(settings, speaks_version1(two, crypto::HashId::sha2_512, {own_address, 40500}));
    const Report report = trial.finish();
    EXPECT_TRUE(report.out_of_time);
    EXPECT_LE(report.took, seconds(1));
    EXPECT_EQ(report.main.outcome, Outcome::accepted);
    EXPECT_EQ(report.suites_end, SuitesEnd::not_asked);
}

TEST(ProberTest, APortInPlaceOf500IsAsked) {
    Settings settings = both_ports();
    settings.remote.port = 4500;
    settings.nat_t.reset();
    settings.local_nat_t.reset();
    Trial trial(settings, nobody);
    const auto out = trial.prober.next(trial.now);
    ASSERT_TRUE(out);
    // That of NAT traversal has its marker there too.
    EXPECT_EQ(Bytes(out->octets.begin(), out->octets.begin() + 4), Bytes(4, 0));
    EXPECT_EQ(trial.prober.report(trial.now).nat_t.port, 0);
}

/// Message 2 of Aggressive Mode.
Bytes aggressive_2(const Responder& responder, const Seen& request) {
    const auto choice = responder.choose(request);
    if (!choice) {
        return notification(request, NotifyType::no_proposal_chosen);
    }
    isakmp::Identification own;
    own.data = to_bytes(as_bytes("fritz\x1b[31m.box"));
    const std::vector<Payload> payloads{{PayloadType::sa, isakmp::encode(choice->reply)},
                                        {PayloadType::key_exchange, Bytes(128, 1)},
                                        {PayloadType::nonce, Bytes(16, 2)},
                                        {PayloadType::identification, isakmp::encode(own)},
                                        {PayloadType::hash, Bytes(20, 3)}};
    return isakmp::encode_message(answering(request.header, ExchangeType::aggressive), payloads);
}

TEST(ProberTest, AggressiveModeIsAskedWithAnIdentityOnlyAndTheOtherOneIsMadePrintable) {
    Settings settings = both_ports();
    isakmp::Identification identity;
    identity.data = to_bytes(as_bytes("office.example.org"));
    settings.identity = identity;
    const Responder one({"aes256-sha1-modp2048"});
    Trial trial(settings, [&](const Seen& request) -> std::optional<Bytes> {
        return request.is(ExchangeType::aggressive) ? std::optional(aggressive_2(one, request))
                                                    : std::nullopt;
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.main.outcome, Outcome::silent);
    EXPECT_EQ(report.aggressive.outcome, Outcome::accepted);
    EXPECT_EQ(report.aggressive.suite, "aes256-sha1-modp2048");
    EXPECT_EQ(report.aggressive_identity.find('\x1b'), std::string::npos);
    EXPECT_NE(report.aggressive_identity.find("fritz"), std::string::npos);
    // modp1024 first, which was refused: Aggressive Mode offers one group at a time.
    EXPECT_EQ(trial.count([](const Seen& seen) { return seen.is(ExchangeType::aggressive); }), 2U);
    EXPECT_EQ(trial.count([](const Seen& seen) { return seen.is(ExchangeType::informational); }), 0U);
}

TEST(ProberTest, AggressiveModeTakesTheGroupThatMainModeHasFound) {
    Settings settings = both_ports();
    settings.identity = isakmp::Identification{};
    const Responder one({"aes256-sha512-modp2048"});
    const auto answers = speaks_version1(one, crypto::HashId::sha2_512, {own_address, 40500});
    Trial trial(settings, [&](const Seen& request) -> std::optional<Bytes> {
        return request.is(ExchangeType::aggressive)
                   ? std::optional(notification(request, NotifyType::authentication_failed))
                   : answers(request);
    });
    const Report report = trial.finish();
    EXPECT_EQ(report.aggressive.outcome, Outcome::refused);
    EXPECT_EQ(report.aggressive.notify, 24);
    for (const Seen& seen : trial.sent) {
        if (seen.is(ExchangeType::aggressive)) {
            EXPECT_THAT(isakmp::find(seen.payloads, PayloadType::key_exchange)->body,
                        SizeIs(crypto::info(crypto::GroupId::modp2048).public_octets));
        }
    }
}

}  // namespace
}  // namespace causeway::probe
