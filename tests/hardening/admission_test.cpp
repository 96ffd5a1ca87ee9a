// Who may begin an exchange: forged first messages beside real ones, values that no group admits, messages
// that no key reads, the mode that is not configured, IKEv2.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "codec/isakmp/version2.hpp"
#include "hardening/hostile.hpp"
#include "world/allocated.hpp"

namespace causeway::hardening {
namespace {

namespace limits = ike::limits;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Admission : public Hostile {
 protected:
    /// Message 1 of a gateway, or of one of the same settings, with another cookie each time.
    Bytes forged(const Bytes& first) {
        Bytes one = first;
        ++forgeries_;
        for (unsigned i = 0; i < 4; ++i) {
            one[i] = static_cast<std::uint8_t>(forgeries_ >> (8 * i));
        }
        one[4] = 0x5a;
        return one;
    }
    Bytes first_of(Gateway& gateway) {
        world_->input(gateway, ike::CommandUp{});
        Bytes first = world_->wire().front().payload;
        world_->wire().clear();
        return first;
    }
    /// Ten milliseconds on a line with a round trip of 200 ms.
    void step() {
        auto& wire = world_->wire();
        while (!wire.empty()) {
            under_way_.emplace_back(world_->now() + milliseconds(100), std::move(wire.front()));
            wire.pop_front();
        }
        world_->pass(milliseconds(10));
        while (!under_way_.empty() && under_way_.front().first <= world_->now()) {
            world_->deliver(under_way_.front().second);
            under_way_.pop_front();
        }
    }
    bool is_up(Gateway& gateway) {
        return gateway.engine->status(world_->now()).peers.front().tunnels.front().down_since == std::nullopt;
    }
    /// Both ends are flooded, 100 times a second, through two lifetimes and more.
    void flood(const std::function<Endpoint(const Gateway&)>& source) {
        begin({{"ike-lifetime", "100"}, {"esp-lifetime", "100"}});
        const Bytes first_of_east = first_of(east());
        const Bytes first_of_west = first_of(west());
        begin({{"ike-lifetime", "100"}, {"esp-lifetime", "100"}, {"start", "start"}});
        std::size_t down = 0;
        for (unsigned i = 0; i < 21'000; ++i) {
            world_->input(west(),
                          ike::Datagram{{west().address, 500}, source(east()), forged(first_of_east)});
            world_->input(east(),
                          ike::Datagram{{east().address, 500}, source(west()), forged(first_of_west)});
            step();
            if (i > 1000) {
                down += is_up(west()) && is_up(east()) ? 0 : 1;
            }
        }
        EXPECT_EQ(down, 0U);
        EXPECT_TRUE(world_->packet(west(), east()));
        EXPECT_TRUE(world_->packet(east(), west()));
        EXPECT_LE(half_open(), limits::half_open_total);
    }
    /// An IKE_SA_INIT request.
    static isakmp::Header ikev2_request() {
        isakmp::Header request;
        request.cky_i = {1, 2, 3, 4, 5, 6, 7, 8};
        request.version = isakmp::version2::version_2_0;
        request.exchange = static_cast<ExchangeType>(34);
        request.flags = 0x08;
        return request;
    }
    static Bytes with_ikev2(const isakmp::Header& header) {
        const Payloads payloads{{static_cast<PayloadType>(33), Bytes(40, 1)}};
        return isakmp::encode_message(header, std::span<const Payload>(payloads));
    }
    std::size_t count(Gateway& gateway, EventCode code) {
        return static_cast<std::size_t>(std::ranges::count(gateway.events, code, &Event::code));
    }
    /// So many peers that may come from anywhere, each with its own key; the last one is east.
    void many_dynamic_peers(unsigned number) {
        auto model = std::make_shared<config::Model>();
        for (unsigned i = 1; i <= number; ++i) {
            auto settings = west().settings;
            settings.peer = i == number ? "east" : fmt::format("peer{}", i);
            settings.address = "any";
            if (i != number) {
                settings.values["psk"] = fmt::format("a key of number {}", i);
            }
            settings.values["peer-id"] = "any";
            model->peers.push_back(*world::make_peer(settings, i));
        }
        west().engine = std::make_unique<ike::Engine>(world_->now(), model, west().random, west());
    }
    static Endpoint v4(std::uint32_t address) { return {IpAddress::v4(address), 500}; }

    unsigned forgeries_ = 0;
    std::deque<std::pair<Instant, Flight>> under_way_;
};

TEST_F(Admission, AFloodFromThePeersAddressKeepsNobodyOut) {
    flood([](const Gateway& peer) { return Endpoint{peer.address, 500}; });
}

TEST_F(Admission, AFloodFromRandomSourcesKeepsNobodyOut) {
    world::Random random(3);
    flood([&](const Gateway&) { return v4(random.u32() | 0x01000000U); });
}

TEST_F(Admission, AForgedFirstMessageDoesNotSuppressInitialContact) {
    const Bytes first = first_of(east());
    begin();
    answers_to(forged(first), east_end);
    bool said = false;
    world_->on_send = [&](const Flight& flight) {
        for (const auto& payload : flight.seen.payloads) {
            const auto notified = payload.type == PayloadType::notification
                                      ? isakmp::decode_notification(payload.body)
                                      : Result<isakmp::Notification>(fail(Errc::malformed, ""));
            said = said || (flight.from == "west" && notified &&
                            notified->type == isakmp::NotifyType::initial_contact);
        }
    };
    world_->input(west(), ike::CommandUp{});
    world_->pass(seconds(5), true);
    expect_up();
    EXPECT_TRUE(said);
}

TEST_F(Admission, ForgedAggressiveModeCostsFewComputationsAndOthersNone) {
    begin({{"mode", "aggressive"}});
    const Bytes first = first_of(east());
    std::size_t computed = 0;
    for (unsigned i = 0; i < 1000; ++i) {
        computed += answers_to(forged(first), east_end).size();
        world_->pass(milliseconds(10));
        world_->wire().clear();
    }
    EXPECT_GE(computed, 8U);
    EXPECT_LE(computed, limits::aggressive_computations.burst + 11U);
    EXPECT_LE(half_open(), limits::half_open_aggressive.each);
    EXPECT_GE(peer_at_west().unproved_aggressive, 1U);
    // From another address, which is nobody's: not possible here, for the peer has its own.
}

TEST_F(Admission, RefusedValuesKeepTheirPlaceAndCostNothing) {
    begin({{"mode", "aggressive"}});
    until_message(1);
    const Bytes refused = *changed([](Payloads& payloads) {
        for (auto& payload : payloads) {
            if (payload.type == PayloadType::key_exchange) {
                std::ranges::fill(payload.body, 0);
            }
        }
    });
    for (unsigned i = 0; i < 5; ++i) {
        EXPECT_TRUE(answers_to(forged(refused), east_end).empty());
    }
    EXPECT_EQ(half_open(), 5U);
    world_->settle();
    EXPECT_NE(west().sending(), nullptr);
}

TEST_F(Admission, ThreeRefusedValuesEndAnExchangeOfMainMode) {
    until_message(3);
    const Bytes refused =
        *changed([](Payloads& payloads) { std::ranges::fill(payloads.front().body, 0xff); });
    for (unsigned i = 0; i < limits::refused_values; ++i) {
        EXPECT_EQ(half_open(), 1U);
        EXPECT_TRUE(answers_to(refused, east_end).empty());
    }
    EXPECT_EQ(half_open(), 0U);
}

TEST_F(Admission, RefusedValuesInAnswersDoNotEndOurAttempt) {
    until_message(4);
    const Bytes refused = *changed([](Payloads& payloads) { std::ranges::fill(payloads.front().body, 0); });
    for (unsigned i = 0; i < 10; ++i) {
        world_->input(east(), ike::Datagram{east_end, {west().address, 500}, refused});
    }
    world_->settle();
    expect_up();
}

TEST_F(Admission, UnreadableMessages5AreReadWithFewKeys) {
    many_dynamic_peers(256);
    until_message(5);
    const Bytes message_5 = world_->wire().front().payload;
    world_->wire().clear();
    const auto before = west().engine->status(world_->now()).key_trials;
    for (unsigned i = 0; i < 2000; ++i) {
        Bytes unreadable = message_5;
        for (std::size_t at = isakmp::header_octets; at < unreadable.size(); ++at) {
            unreadable[at] = static_cast<std::uint8_t>(unreadable[at] + i + 1);
        }
        answers_to(unreadable, east_end);
    }
    EXPECT_LE(west().engine->status(world_->now()).key_trials - before, 256U);
    EXPECT_LE(count(west(), EventCode::phase1_wrong_psk), 1U);
    // The peer repeats its message after a second: it is read.
    world_->pass(seconds(2), true);
    EXPECT_NE(west().sending(256), nullptr);
}

TEST_F(Admission, TheLikelyKeyReadsAMessage5BehindAnyNumberOfForgedOnes) {
    until_message(5);
    const Bytes message_5 = world_->wire().front().payload;
    const auto before = west().engine->status(world_->now()).key_trials;
    for (unsigned i = 0; i < 2000; ++i) {
        Bytes unreadable = message_5;
        unreadable[isakmp::header_octets + 5] = static_cast<std::uint8_t>(i);
        unreadable[isakmp::header_octets] = static_cast<std::uint8_t>(unreadable[isakmp::header_octets] + 1);
        answers_to(unreadable, east_end);
    }
    EXPECT_EQ(west().engine->status(world_->now()).key_trials, before);
    world_->settle();
    expect_up();
}

TEST_F(Admission, TheOtherModeIsAnsweredOnlyWhereAnOptionSaysSo) {
    for (const std::string mode : {"main", "aggressive"}) {
        for (const bool either : {false, true}) {
            begin({{"mode", mode}});
            west().settings.values["mode"] = mode == "main" ? "aggressive" : "main";
            west().settings.values["either-mode"] = either ? "yes" : "no";
            ASSERT_TRUE(world_->start(west()));
            for (unsigned i = 0; i < 3; ++i) {
                world_->input(east(), ike::CommandUp{});
                world_->pass(seconds(5), true);
            }
            EXPECT_EQ(west().sending() != nullptr, either) << mode;
            EXPECT_EQ(count(west(), EventCode::phase1_mode_mismatch), either ? 0U : 1U) << mode;
        }
    }
}

TEST_F(Admission, AnUnfinishedAggressiveExchangeIsCountedAndTold) {
    begin({{"mode", "aggressive"}});
    until_message(2);
    world_->wire().clear();
    EXPECT_EQ(peer_at_west().unproved_aggressive, 0U);
    world_->input(east(), ike::CommandDown{});
    world_->pass(limits::half_open_time + seconds(1));
    EXPECT_EQ(peer_at_west().unproved_aggressive, 1U);
    EXPECT_EQ(count(west(), EventCode::aggressive_unproved), 1U);
}

TEST_F(Admission, ACallerWithIkev2IsToldInItsOwnWords) {
    isakmp::Header request = ikev2_request();
    const Bytes datagram = with_ikev2(request);
    const auto answers = answers_to(datagram, east_end);
    ASSERT_EQ(answers.size(), 1U);
    const auto header = header_of(answers[0].payload);
    EXPECT_EQ(header.cky_i, request.cky_i);
    EXPECT_EQ(header.version, 0x20);
    EXPECT_EQ(header.exchange, request.exchange);
    EXPECT_EQ(header.flags, 0x20);
    EXPECT_EQ(header.message_id, request.message_id);
    EXPECT_TRUE(isakmp::version2::says_invalid_major_version(header, answers[0].payload));
    EXPECT_TRUE(answers_to(datagram, east_end).empty());
    EXPECT_EQ(count(west(), EventCode::caller_speaks_ikev2), 1U);
    EXPECT_NE(status::sentence_of(peer_at_west().last_error).find("IKEv2"), std::string::npos);
    // An answer is never answered.
    EXPECT_TRUE(answers_to(answers[0].payload, stranger).empty());
    request.flags = 0x20;
    EXPECT_TRUE(answers_to(with_ikev2(request), stranger).empty());
}

/// A peer that is known by name only and that nobody calls: who has called is looked up, for status.
TEST_F(Admission, StatusNamesTheCallerWithIkev2ThatALookUpLeadsTo) {
    world_ = World::west_and_east(7, World::DiffieHellman::toy);
    west().settings.values = {{"address", "east.example"}};
    world_->publish("east.example", "198.51.100.1");
    ASSERT_TRUE(world_->start(west()));
    const auto waits = [&] { return status::sentence_of(peer_at_west().tunnels.front().why_down); };
    ASSERT_EQ(waits(), "nothing has asked for it yet");
    answers_to(with_ikev2(ikev2_request()), stranger);
    EXPECT_EQ(waits(), "nothing has asked for it yet");
    EXPECT_EQ(status::sentence_of(peer_at_west().last_error), "");
    world_->pass(std::chrono::minutes(5));
    answers_to(with_ikev2(ikev2_request()), east_end);
    EXPECT_EQ(waits(), "198.51.100.1 speaks IKEv2, and causeway speaks IKEv1 only");
    EXPECT_EQ(status::sentence_of(peer_at_west().last_error), waits());
}

/// Anybody can say so in the peer's name: what the peer itself has refused is not hidden by it.
TEST_F(Admission, ACallerWithIkev2HidesNoRefusal) {
    world_ = World::west_and_east(7, World::DiffieHellman::toy);
    east().settings.values = {{"esp", "aes256-sha512-modp2048"}};
    ASSERT_TRUE(world_->start(west()));
    ASSERT_TRUE(world_->start(east()));
    const auto why = [&] { return status::sentence_of(peer_at_west().tunnels.front().why_down); };
    world_->on_send = [this](const Flight& flight) {
        if (flight.seen.header.encrypted()) {
            known_ = flight.payload;
        }
    };
    world_->input(west(), ike::CommandUp{});
    world_->settle();
    ASSERT_NE(why().find("NO-PROPOSAL-CHOSEN"), std::string::npos) << why();
    EXPECT_EQ(peer_at_west().tunnels.front().why_down->code, "phase2-refused");
    from_the_peer(ExchangeType::informational, {delete_isakmp()});
    ASSERT_TRUE(peer_at_west().ike_sas.empty());
    const auto before = why();
    answers_to(with_ikev2(ikev2_request()), east_end);
    EXPECT_EQ(why(), before);
    EXPECT_NE(status::sentence_of(peer_at_west().last_error).find("IKEv2"), std::string::npos);
}

TEST_F(Admission, APeerThatAnswersWithIkev2OnlyIsTheReason) {
    const auto refuse = [&] {
        while (!world_->wire().empty()) {
            isakmp::Header request = header_of(world_->wire().front().payload);
            world_->wire().pop_front();
            request.exchange = static_cast<ExchangeType>(37);  // INFORMATIONAL, as strongSwan 6.1.0 answers
            world_->input(west(), ike::Datagram{{west().address, 500},
                                                east_end,
                                                isakmp::version2::invalid_major_version(request)});
        }
    };
    world_->input(west(), ike::CommandUp{});
    EXPECT_EQ(status::sentence_of(peer_at_west().tunnels.front().why_down), "not negotiated yet");
    refuse();
    // At once, not only when the attempt has failed.
    EXPECT_EQ(status::sentence_of(peer_at_west().tunnels.front().why_down),
              status::sentence_of(peer_at_west().last_error));
    for (unsigned i = 0; i < 30; ++i) {
        refuse();
        world_->pass(seconds(1));
    }
    const auto peer = peer_at_west();
    EXPECT_EQ(status::sentence_of(peer.last_error),
              "the peer speaks IKEv2 only: it may have been upgraded to strongSwan 6.1");
    EXPECT_EQ(peer.last_error->code, "ike-version-differs");
    EXPECT_EQ(status::sentence_of(peer.tunnels.front().why_down), status::sentence_of(peer.last_error));
    EXPECT_EQ(count(west(), EventCode::peer_refuses_ikev1), 1U);
}

TEST_F(Admission, HarmlessPayloadsInMessage1AreNoReasonForSilence) {
    for (const auto type : {PayloadType::certificate_request, PayloadType::notification, PayloadType::nat_d,
                            static_cast<PayloadType>(77)}) {
        begin();
        until_message(1);
        const Bytes more = *changed([&](Payloads& payloads) { payloads.push_back({type, Bytes{4}}); });
        EXPECT_EQ(answers_to(more, east_end).size(), 1U) << static_cast<int>(type);
    }
}

TEST_F(Admission, TooManyPayloadsAreTold) {
    until_message(1);
    const Bytes many = *changed([&](Payloads& payloads) {
        payloads.insert(payloads.end(), 70, {PayloadType::vendor_id, Bytes(4)});
    });
    EXPECT_TRUE(answers_to(many, east_end).empty());
    EXPECT_EQ(count(west(), EventCode::limit_reached), 1U);
}

TEST_F(Admission, TooManyPayloadsUnderTheKeysAreTold) {
    up_and_known();
    const Payloads many(70, {PayloadType::vendor_id, Bytes(4)});
    EXPECT_TRUE(from_the_peer(ExchangeType::informational, many).empty());
    EXPECT_EQ(count(west(), EventCode::limit_reached), 1U);
    EXPECT_TRUE(from_the_peer(ExchangeType::informational, many).empty());
    EXPECT_EQ(count(west(), EventCode::limit_reached), 1U);  // once a minute
    world_->pass(std::chrono::minutes(2), true);
    EXPECT_TRUE(from_the_peer(ExchangeType::quick, many).empty());
    EXPECT_EQ(count(west(), EventCode::limit_reached), 2U);
    expect_up();
}

// Octets on the heap for each unfinished exchange, of usual offers (all of them then have 1.5 MB), and of the
// longest ones that are read.
TEST_F(Admission, AnUnfinishedExchangeCostsThreeKilobytesAtMost) {
    west().settings.values["address"] = "any";
    ASSERT_TRUE(world_->start(west()));
    until_message(1);
    const Bytes usual = world_->wire().front().payload;
    const Bytes longest = *changed([&](Payloads& payloads) {
        auto sa = isakmp::decode_sa(payloads.front().body);
        auto& all = sa->proposals.front().transforms;
        all.insert(all.end(), 52, all.back());
        payloads.front().body = isakmp::encode(*sa);
    });
    ASSERT_LE(longest.size(), limits::first_message_octets);
    for (const Bytes& first : {usual, longest}) {
        ASSERT_TRUE(world_->start(west()));
        // The engine alone: the world's observer remembers too.
        const auto call = [&](std::uint32_t source) {
            west().engine->handle(world_->now(),
                                  ike::Datagram{{west().address, 500}, v4(source), forged(first)});
            while (west().engine->poll()) {
            }
        };
        call(0x0a000001);
        constexpr unsigned exchanges = 150;
        const std::size_t before = test::allocated();
        for (unsigned i = 0; i < exchanges; ++i) {
            call(0x0b000001 + (i << 8U));
        }
        const std::size_t each = (test::allocated() - before) / exchanges;
        RecordProperty(first == usual ? "usual" : "longest", static_cast<int>(each));
        EXPECT_LE(each, (first == usual ? 3U : 5U) * 1024U) << first.size();
    }
}

/// After a power cut: nobody's exchange is forgotten for another peer's, so nothing has to be repeated.
TEST_F(Admission, AHubAnswersAllItsPeersThatCallAtOnce) {
    constexpr unsigned peers = 300;
    static_assert(peers > 2 * limits::half_open_known.all);
    begin();
    auto model = std::make_shared<config::Model>();
    std::vector<Gateway*> branches;
    for (unsigned i = 1; i <= peers; ++i) {
        const auto address = fmt::format("198.18.{}.{}", i / 250, 1 + i % 250);
        auto& branch = world_->add(fmt::format("branch{}", i), address);
        branch.settings = east().settings;
        auto settings = west().settings;
        settings.peer = branch.name;
        settings.address = address;
        for (auto* const ends : {&branch.settings, &settings}) {
            ends->values["psk"] = fmt::format("key of branch {}", i);
        }
        ASSERT_TRUE(world_->start(branch));
        auto peer = world::make_peer(settings, i);
        ASSERT_TRUE(peer);
        model->peers.push_back(std::move(*peer));
        branches.push_back(&branch);
    }
    world_->input(west(), ike::Reload{std::move(model)});
    for (auto* const branch : branches) {
        world_->input(*branch, ike::CommandUp{});
    }
    world_->settle();
    EXPECT_EQ(std::ranges::count_if(branches, [](const auto* one) { return one->sending() != nullptr; }),
              peers);
    EXPECT_EQ(half_open(), 0U);
    // Forged in the names of all of them, again and again: a place for each, and no more.
    const Bytes first = first_of(east());
    for (unsigned i = 0; i < 3 * peers; ++i) {
        answers_to(forged(first), {branches[i % peers]->address, 500});
    }
    EXPECT_EQ(half_open(), peers);
}

}  // namespace
}  // namespace causeway::hardening
