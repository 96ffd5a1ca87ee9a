// One test for each IKEv1 fault that other daemons had and that is about messages and states.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hardening/hostile.hpp"

namespace causeway::hardening {
namespace {

class Cve : public Hostile {};

// CVE-2013-4564 (libreswan 3.6): datagrams shorter than a header, unknown major versions.
TEST_F(Cve, DatagramsShorterThanAHeaderAndUnknownVersions) {
    world::Random random(1);
    for (std::size_t length = 0; length <= isakmp::header_octets; ++length) {
        EXPECT_TRUE(answers_to(random.octets(length), stranger).empty()) << length;
        EXPECT_TRUE(answers_to(Bytes(length, 0), east_end).empty()) << length;
    }
    for (unsigned version = 0; version <= 255; ++version) {
        begin();
        until_message(1);
        Bytes first = world_->wire().front().payload;
        first[17] = static_cast<std::uint8_t>(version);
        const auto answers = answers_to(first, east_end);
        ASSERT_EQ(answers.size(), version >> 4U == 1 || version >> 4U == 2 ? 1U : 0U) << version;
        if (version >> 4U == 2) {
            // RFC 5996 2.5: the version is refused, nothing is begun.
            EXPECT_EQ(header_of(answers.front().payload).version, 0x20);
            EXPECT_EQ(half_open(), 0U);
        }
    }
}

// CVE-2022-23094 (libreswan): the log line about a rejected malformed packet asked a state that was not
// there.
TEST_F(Cve, MalformedPacketWithoutStateIsLoggedWithoutState) {
    until_message(1);
    const Bytes first = world_->wire().front().payload;
    for (std::size_t at = isakmp::header_octets; at < first.size(); ++at) {
        for (const std::uint8_t value : Bytes{0x00, 0x7f, 0x80, 0xff}) {
            Bytes bad = first;
            bad[at] = value;
            bad[0] = static_cast<std::uint8_t>(at);
            for (const auto& from : {stranger, east_end}) {
                for (const auto& answer : answers_to(bad, from)) {
                    EXPECT_LE(answer.payload.size(), 3 * bad.size());
                }
            }
            for (const auto& event : west().events) {
                EXPECT_FALSE(event.text().empty());
            }
            west().events.clear();
        }
    }
    EXPECT_TRUE(peer_at_west().ike_sas.empty());
}

// CVE-2020-1763 (libreswan): an encrypted Informational for which there is no state.
TEST_F(Cve, EncryptedInformationalWithoutState) {
    up_and_known();
    Bytes unknown = known_;
    unknown[3] = static_cast<std::uint8_t>(unknown[3] ^ 1U);
    unknown[18] = static_cast<std::uint8_t>(ExchangeType::informational);
    for (const auto& from : {stranger, east_end}) {
        const auto answers = answers_to(unknown, from);
        EXPECT_EQ(west().events.back().code, EventCode::message_ignored);
        EXPECT_FALSE(west().events.back().text().empty());
        if (from == stranger) {
            EXPECT_TRUE(answers.empty());
            continue;
        }
        // A peer that goes on under what we have forgotten: first a question under the SA that stands, then
        // it is told so, in clear and seldom.
        ASSERT_EQ(answers.size(), 1);
        EXPECT_TRUE(answers.front().seen.header.encrypted());
        EXPECT_LE(answers.front().payload.size(), 3 * unknown.size());
        const auto told = answers_to(unknown, from);
        ASSERT_EQ(told.size(), 1);
        EXPECT_FALSE(told.front().seen.header.encrypted());
        EXPECT_LT(told.front().payload.size(), unknown.size());
        EXPECT_TRUE(answers_to(unknown, from).empty());
    }
    expect_up();
}

// CVE-2009-0790 (all *swan): a single R-U-THERE in clear, with and without a state it could belong to.
TEST_F(Cve, LivenessQuestionInClearWithAndWithoutState) {
    const auto question = [&](isakmp::Header header) {
        header.exchange = ExchangeType::informational;
        header.flags = 0;
        header.message_id = 5;
        for (const auto type : {isakmp::NotifyType::r_u_there, isakmp::NotifyType::r_u_there_ack}) {
            for (const std::size_t octets : {0U, 3U, 4U, 40U}) {
                const Payloads payloads{notification(type, Bytes(16, 1), Bytes(octets, 2))};
                const auto made = isakmp::encode_message(header, std::span<const Payload>(payloads));
                for (const auto& answer : answers_to(made, stranger)) {
                    // At most a question of our own, to the peer and not to whoever spoke.
                    EXPECT_EQ(answer.destination.address, east().address);
                }
            }
        }
    };
    isakmp::Header nobody;
    nobody.cky_i = {1};
    question(nobody);
    until_message(3);
    question(header_of(world_->wire().front().payload));
    world_->settle();
    up_and_known();
    question(header_of(known_));
    expect_up();
}

// CVE-2019-10155 (libreswan, openswan, strongSwan): the HASH of an Informational was not verified.
TEST_F(Cve, InformationalWithAWrongHashHasNoEffect) {
    up_and_known();
    const auto east_sas = east().installed;
    world_->input(east(), ike::CommandDown{});  // sends deletes
    ASSERT_FALSE(world_->wire().empty());
    auto flights = world_->wire();
    world_->wire().clear();
    for (const auto& flight : flights) {
        auto payloads = flight.seen.payloads;
        ASSERT_EQ(payloads.front().type, PayloadType::hash);
        for (const std::size_t at : {std::size_t{0}, payloads.front().body.size() - 1}) {
            auto wrong = payloads;
            wrong.front().body[at] ^= 1U;
            const auto forged =
                world_->observer().rewritten(flight.payload, wrong, world::Observer::Hash::keep);
            ASSERT_TRUE(forged);
            answers_to(*forged, east_end);
        }
        // Shorter, empty, and none at all.
        for (const std::size_t size : {std::size_t{19}, std::size_t{1}, std::size_t{0}}) {
            auto wrong = payloads;
            wrong.front().body.resize(size);
            answers_to(*world_->observer().rewritten(flight.payload, wrong, world::Observer::Hash::keep),
                       east_end);
        }
        answers_to(*world_->observer().rewritten(flight.payload, {payloads.begin() + 1, payloads.end()},
                                                 world::Observer::Hash::keep),
                   east_end);
    }
    EXPECT_EQ(west().installed.size(), 1U);
    EXPECT_EQ(peer_at_west().ike_sas.size(), 1U);
    // The real ones do have their effect: the test could have seen it.
    for (const auto& flight : flights) {
        world_->deliver(flight);
    }
    EXPECT_TRUE(west().installed.empty());
}

// CVE-2023-38712 (libreswan): two deletes of the ISAKMP SA in one Informational, and notifies behind them.
TEST_F(Cve, TwoDeletesOfOneSaInOneMessage) {
    up_and_known();
    from_the_peer(ExchangeType::informational,
                  {delete_isakmp(), delete_isakmp(), notification(isakmp::NotifyType::initial_contact),
                   notification(isakmp::NotifyType::r_u_there, Bytes(16, 0), Bytes(4, 0)),
                   notification(isakmp::NotifyType::no_proposal_chosen)});
    EXPECT_TRUE(peer_at_west().ike_sas.empty());
    // RFC 2408 3.15: what was made under it lives on.
    EXPECT_EQ(west().installed.size(), 1U);
}

// The same with one payload that names the SA twice, and with ESP SAs that are named twice, by both SPIs.
TEST_F(Cve, DeleteThatNamesOneSaTwice) {
    up_and_known();
    const auto& pair = *west().installed.begin()->second.pair;
    const auto octets = [](std::uint32_t spi) {
        return Bytes{static_cast<std::uint8_t>(spi >> 24U), static_cast<std::uint8_t>(spi >> 16U),
                     static_cast<std::uint8_t>(spi >> 8U), static_cast<std::uint8_t>(spi)};
    };
    const isakmp::Delete esp{
        isakmp::doi_ipsec,
        isakmp::Protocol::esp,
        4,
        {octets(pair.outbound.spi), octets(pair.outbound.spi), octets(pair.inbound.spi)}};
    const Payload twice{PayloadType::delete_, isakmp::encode(esp)};
    from_the_peer(ExchangeType::informational, {twice, twice, delete_isakmp(), twice});
    EXPECT_TRUE(west().installed.empty());
    EXPECT_TRUE(peer_at_west().ike_sas.empty());
}

// CVE-2023-30570 (libreswan): Aggressive Mode is refused, and the refusal leaks a cookie that opens a state.
TEST_F(Cve, RefusedAggressiveModeLeavesNoCookieBehind) {
    begin({{"mode", "aggressive"}});
    east().settings.values["ike"] = "aes256-sha512-modp2048";
    ASSERT_TRUE(world_->start(east()));
    until_message(1);
    const Bytes first = world_->wire().front().payload;
    const auto refusals = answers_to(first, east_end);
    ASSERT_EQ(refusals.size(), 1U);
    EXPECT_EQ(header_of(refusals.front().payload).cky_r, isakmp::Cookie{});
    for (const std::uint8_t fill : Bytes{0x01, 0xff}) {
        Bytes second = first;
        std::fill(second.begin() + 8, second.begin() + 16, fill);
        EXPECT_TRUE(answers_to(second, east_end).empty());
    }
    EXPECT_EQ(half_open(), 0U);
    EXPECT_TRUE(peer_at_west().ike_sas.empty());
}

// CVE-2016-5361 (CERT VU#419128): the responder repeats its answer by timer, to a source that is forged.
TEST_F(Cve, ResponderRepeatsNothingByTimerBeforeItsPeerIsProved) {
    for (const std::string mode : {"main", "aggressive"}) {
        begin({{"mode", mode}});
        until_message(1);
        Bytes first = world_->wire().front().payload;
        ASSERT_EQ(answers_to(first, east_end).size(), 1U) << mode;
        east().engine.reset();
        world_->wire().clear();
        world_->pass(std::chrono::minutes(5));
        EXPECT_TRUE(world_->wire().empty()) << mode;
        EXPECT_EQ(half_open(), 0U);
    }
    // Nor after message 3 of Main Mode: who sent it has our cookie, and may still not be the peer.
    begin();
    until_message(3);
    ASSERT_EQ(answers_to(world_->wire().front().payload, east_end).size(), 1U);
    east().engine.reset();
    world_->wire().clear();
    world_->pass(std::chrono::minutes(5));
    EXPECT_TRUE(world_->wire().empty());
}

// CVE-2016-6415 "BENIGNCERTAIN" (Cisco): answers that hold what happened to lie in memory. What we send is a
// function of what we were given: the same twice, whatever the heap held before.
TEST_F(Cve, AnswersHoldOnlyWhatWasWritten) {
    const auto transcript = [&](std::uint8_t dirt) {
        {
            std::vector<Bytes> heap;
            for (std::size_t size = 8; size < 6000; size += 24) {
                heap.emplace_back(size, dirt);
            }
        }
        begin();
        std::vector<Bytes> all;
        world_->on_send = [&](const Flight& flight) { all.push_back(flight.payload); };
        world_->input(east(), ike::CommandUp{});
        world_->settle();
        world_->on_send = {};
        // And a refusal, to a message whose inner lengths promise more than there is.
        Bytes odd = all.front();
        odd[0] ^= 0x55U;
        odd[30] = 0x0f;
        for (const auto& answer : answers_to(odd, stranger)) {
            all.push_back(answer.payload);
        }
        return all;
    };
    const auto once = transcript(0x00);
    ASSERT_GE(once.size(), 9U);
    EXPECT_EQ(once, transcript(0xaa));
}

// CVE-2008-3651, CVE-2009-1632 (racoon): memory of exchanges that never end. 2004-0164, 2004-0403: deletes
// without authority, header lengths. 2005-0398, 2005-3732: crashes in Aggressive Mode.
TEST_F(Cve, UnfinishedExchangesAreForgotten) {
    for (const std::string mode : {"main", "aggressive"}) {
        begin({{"mode", mode}});
        for (int round = 0; round < 20; ++round) {
            ASSERT_TRUE(world_->start(east()));
            until_message(1);
            answers_to(world_->wire().front().payload, east_end);
            world_->wire().clear();
            world_->pass(ike::limits::half_open_time + std::chrono::seconds(1));
            world_->wire().clear();
            EXPECT_EQ(half_open(), 0U);
        }
        EXPECT_TRUE(peer_at_west().ike_sas.empty());
    }
}

TEST_F(Cve, DeletesInClearAreWithoutAuthority) {
    up_and_known();
    const auto& pair = *west().installed.begin()->second.pair;
    isakmp::Header header = header_of(known_);
    header.exchange = ExchangeType::informational;
    header.flags = 0;
    for (const std::uint32_t spi : {pair.inbound.spi, pair.outbound.spi}) {
        const isakmp::Delete esp{
            isakmp::doi_ipsec,
            isakmp::Protocol::esp,
            4,
            {{static_cast<std::uint8_t>(spi >> 24U), static_cast<std::uint8_t>(spi >> 16U),
              static_cast<std::uint8_t>(spi >> 8U), static_cast<std::uint8_t>(spi)}}};
        const Payloads payloads{{PayloadType::delete_, isakmp::encode(esp)}, delete_isakmp()};
        answers_to(isakmp::encode_message(header, std::span<const Payload>(payloads)), east_end);
    }
    EXPECT_EQ(west().installed.size(), 1U);
    EXPECT_EQ(peer_at_west().ike_sas.size(), 1U);
    expect_up();
}

TEST_F(Cve, HeaderLengthsThatLie) {
    const auto datagrams = recorded();
    for (const auto& datagram : datagrams) {
        for (const std::uint32_t length : {0U, 1U, 27U, 28U, 29U, 0x7fffffffU, 0x80000000U, 0xffffffffU,
                                           static_cast<std::uint32_t>(datagram.size()) + 1U,
                                           static_cast<std::uint32_t>(datagram.size()) - 1U}) {
            Bytes lying = datagram;
            for (unsigned i = 0; i < 4; ++i) {
                lying[24 + i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
            }
            answers_to(lying, east_end);
        }
    }
    EXPECT_EQ(west().installed.size(), 1U);
    expect_up();
}

}  // namespace
}  // namespace causeway::hardening
