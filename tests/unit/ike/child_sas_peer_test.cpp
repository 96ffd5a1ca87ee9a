// The SA pairs of one tunnel when their peer disclaims them or moves, when there are many, and whatever happens.
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <random>
#include <set>
#include <variant>

#include "ike/limits.hpp"
#include "unit/ike/child_sas_fixture.hpp"

namespace causeway::ike {
namespace {

// ---- INITIAL-CONTACT --------------------------------------------------------------------------------------

TEST_F(ChildSasTest, WhatCarriesGoesOnForSomeSecondsWhenItIsDisclaimed) {
    ours(1);
    const auto answer = sas.disclaim(at("198.51.100.1").address, now + seconds(1), now + seconds(1));
    EXPECT_EQ(words(answer.changes), Words{});
    EXPECT_TRUE(answer.kept);
    EXPECT_FALSE(answer.dropped);
    EXPECT_TRUE(answer.renew);
    EXPECT_FALSE(answer.lost);
    EXPECT_EQ(sas.find(id(1))->rekey_at, std::nullopt);
    now += seconds(1);
    EXPECT_EQ(wait(), limits::disclaimed_grace);
    EXPECT_EQ(timeout(limits::disclaimed_grace), (Words{"delete a1", "remove 1", "down", "lost in silence"}));
}

TEST_F(ChildSasTest, WhatTakesOverFromADisclaimedPairDoesSoAtOnce) {
    ours(1);
    (void)sas.disclaim(at("198.51.100.1").address, now + seconds(1), now);
    EXPECT_EQ(ours(2), (Words{"install 2 both ways", "send on 2", "renewed"}));
}

TEST_F(ChildSasTest, WhatWasMadeElsewhereIsDropped) {
    ours(1);
    const auto answer = sas.disclaim(at("198.51.100.2").address, now + seconds(1), now);
    EXPECT_EQ(words(answer.changes), (Words{"remove 1", "down", "lost in silence"}));
    EXPECT_TRUE(answer.dropped);
    EXPECT_TRUE(answer.lost);
    EXPECT_FALSE(answer.kept);
}

TEST_F(ChildSasTest, WhatWasNeverConfirmedIsDropped) {
    theirs(1);
    const auto answer = sas.disclaim(at("198.51.100.1").address, now + seconds(1), now);
    EXPECT_EQ(words(answer.changes), Words{"remove 1"});
    EXPECT_FALSE(answer.lost) << "nothing carried";
}

TEST_F(ChildSasTest, WhatWaitsForAMomentIsKept) {
    ours(1);
    ours(2);
    const auto answer = sas.disclaim(at("198.51.100.1").address, now + seconds(1), now);
    EXPECT_EQ(words(answer.changes), Words{});
    EXPECT_EQ(timeout(limits::activation_delay), (Words{"send on 2", "renewed, disclaimed"}));
}

TEST_F(ChildSasTest, WhatWasMadeWhileThatExchangeRanIsNotOfThePast) {
    ours(1);
    const auto answer = sas.disclaim(at("198.51.100.1").address, now, now + seconds(1));
    EXPECT_FALSE(answer.kept);
    EXPECT_FALSE(answer.dropped);
    EXPECT_FALSE(answer.renew);
    EXPECT_NE(sas.find(id(1))->rekey_at, std::nullopt);
}

TEST_F(ChildSasTest, WhatGoesSoonerAnywayStillDoes) {
    replace_ours();
    now += seconds(40);
    (void)sas.disclaim(at("198.51.100.1").address, now, now);
    EXPECT_EQ(wait(), seconds(5));
}

TEST_F(ChildSasTest, WhatThePeerDoesNotKnowGoesAtOnce) {
    ours(1);
    (void)sas.disclaim(at("198.51.100.1").address, now + seconds(1), now);
    EXPECT_EQ(words(sas.drop_disclaimed(0xb2, now)), Words{}) << "it has named another";
    EXPECT_EQ(words(sas.drop_disclaimed(0xb1, now)), (Words{"remove 1", "down", "lost in silence"}));
    ours(2);
    EXPECT_EQ(words(sas.drop_disclaimed(std::nullopt, now)), Words{}) << "it was never disclaimed";
}

// ---- where they send to -----------------------------------------------------------------------------------

TEST_F(ChildSasTest, AllMoveWithThePeer) {
    replace_ours();
    EXPECT_EQ(
        words(sas.move(at("192.0.2.9", 4500), at("198.51.100.9", 4500))),
        (Words{"move 1 192.0.2.9[4500] 198.51.100.9[4500]", "move 2 192.0.2.9[4500] 198.51.100.9[4500]"}));
    EXPECT_EQ(sas.find(id(1))->remote, at("198.51.100.9", 4500));
}

TEST_F(ChildSasTest, EspMovesThePeerAndNotUs) {
    ours(1);
    EXPECT_EQ(words(sas.peer_moved(at("198.51.100.9"))), Words{"move 1 192.0.2.1[500] 198.51.100.9[500]"});
}

TEST_F(ChildSasTest, Phase1BringsThoseThatAreElsewhere) {
    ours(1);
    ours(2, {.remote = at("198.51.100.2"), .encapsulation = sa::Encapsulation::udp});
    EXPECT_EQ(words(sas.bring_to(at("192.0.2.1"), at("198.51.100.1"))),
              Words{"move 2 192.0.2.1[4500] 198.51.100.1[4500]"});
    EXPECT_EQ(words(sas.bring_to(at("192.0.2.1"), at("198.51.100.1"))), Words{});
}

TEST_F(ChildSasTest, WhereALeftPairsPacketsComeFromSaysNothing) {
    replace_ours();
    EXPECT_FALSE(sas.has_been_left(id(1), usages)) << "nothing has come on its successor";
    usages.all[id(2)].packets_in = 1;
    EXPECT_TRUE(sas.has_been_left(id(1), usages));
    EXPECT_FALSE(sas.has_been_left(id(2), usages)) << "it carries";
    const auto begun = sas.find(id(2))->begun;
    theirs(3, {.begun = begun});
    EXPECT_FALSE(sas.has_been_left(id(3), usages)) << "it was not replaced";
}

// ---- how many ---------------------------------------------------------------------------------------------

TEST_F(ChildSasTest, RoomIsMadeByWhatThePeerHasNotConfirmed) {
    static_assert(limits::child_sas_per_tunnel == 6);
    ours(1);
    ours(2);
    timeout(limits::activation_delay);
    theirs(3);
    theirs(4);
    theirs(5);
    EXPECT_EQ(sas.to_make_room(), std::nullopt);
    ours(6);
    EXPECT_EQ(sas.to_make_room(), id(3)) << "6 is not confirmed either, but ours";
}

TEST_F(ChildSasTest, RoomIsMadeByTheOldestThatDoesNotCarry) {
    const auto begun = ++steps;
    for (const unsigned number : {1U, 2U, 3U, 4U, 5U, 6U}) {
        theirs(number, {.begun = begun});
        (void)sas.confirm(id(number), now);
    }
    EXPECT_EQ(sas.to_make_room(), id(1));
    (void)sas.first_inbound(id(1), now);
    EXPECT_EQ(sas.to_make_room(), id(2));
}

TEST_F(ChildSasTest, RoomIsMadeByWhatWasReplacedBeforeWhatWasNot) {
    const auto begun = ++steps;
    theirs(1, {.begun = begun});
    (void)sas.confirm(id(1), now);
    theirs(2, {.begun = begun});
    ours(3);
    (void)sas.confirm(id(2), now);  // 3, which is still to be sent on, replaces it
    EXPECT_TRUE(sas.find(id(2))->replaced);
    EXPECT_FALSE(sas.find(id(1))->replaced);
    for (const unsigned number : {4U, 5U, 6U}) {
        theirs(number, {.begun = begun});
        (void)sas.confirm(id(number), now);
    }
    EXPECT_EQ(carrier(), 6U);
    EXPECT_EQ(sas.to_make_room(), id(2));
}

TEST_F(ChildSasTest, NothingThatIsDueStaysDue) {
    replace_ours();
    ours(3, {.life = seconds(700)});
    for (int i = 0; i < 100 && sas.next_timeout(); ++i) {
        timeout(wait());
        if (sas.next_timeout()) {
            ASSERT_GT(*sas.next_timeout(), now) << "would fire for ever";
        }
    }
    EXPECT_TRUE(sas.all().empty());
}

// ---- whatever happens -------------------------------------------------------------------------------------

/// What a data plane has made of the changes, and what the engine believes.
struct Plane {
    std::set<sa::SaId> installed;
    std::optional<sa::SaId> sends_on;
    bool up = false;

    void operator()(const InstallSa& one) {
        EXPECT_TRUE(installed.insert(one.pair->id).second);
        sends_on = one.outbound ? one.pair->id : sends_on;
    }
    void operator()(const ActivateOutbound& one) {
        EXPECT_TRUE(installed.contains(one.id));
        sends_on = one.id;
    }
    void operator()(const RemoveSa& one) {
        EXPECT_EQ(installed.erase(one.id), 1U);
        sends_on = sends_on == one.id ? std::nullopt : sends_on;
    }
    void operator()(const child::Up& one) {
        // What waited for a moment follows the carrier that is gone, which was never told to be down.
        EXPECT_TRUE(up || !one.renewal);
        up = true;
    }
    void operator()(const child::Down&) {
        EXPECT_TRUE(up);
        up = false;
    }
    void operator()(const child::CarrierLost& one) { EXPECT_EQ(up, one.left_until.has_value()); }
    template <class Other>
    void operator()(const Other&) {}
};

TEST_F(ChildSasTest, ThePlaneSendsOnWhatCarriesWhateverHappens) {
    std::mt19937 dice(4711);
    const auto draw = [&](unsigned below) { return static_cast<unsigned>(dice() % below); };
    for (unsigned run = 0; run < 300; ++run) {
        sas = ChildSas();
        Plane plane;
        unsigned number = 0;
        std::uint64_t before = steps;  // a Quick Mode that began then is of the same time as what came since
        const auto apply = [&](const ChildSas::Changes& changes) {
            for (const auto& change : changes) {
                std::visit(plane, change);
            }
        };
        const auto any = [&] {
            const auto& all = sas.all();
            return all.empty() ? id(0) : all[draw(static_cast<unsigned>(all.size()))].pair->id;
        };
        for (unsigned step = 0; step < 60; ++step) {
            Made made{.begun = draw(2) != 0 ? before : 0, .nonce = static_cast<std::uint8_t>(draw(200))};
            made.initiator = draw(2) != 0;
            const auto one = any();
            switch (draw(10)) {
                case 0:
                case 1:
                case 2:
                    if (const auto victim = sas.to_make_room()) {
                        EXPECT_TRUE(sas.carrier() == nullptr || sas.carrier()->pair->id != *victim);
                        apply(sas.remove(*victim, why, Tell::peer, now));
                    }
                    apply(sas.add(pair(++number, made), made.initiator ? Outbound::now : Outbound::confirmed,
                                  now));
                    break;
                case 3:
                    if (const auto* child = sas.find(one); child != nullptr && !child->outbound) {
                        apply(sas.confirm(one, now));
                    }
                    break;
                case 4:
                    apply(sas.first_inbound(one, now));
                    break;
                case 5:
                    apply(sas.lose(one, loss, child::Cause::closed, Tell::nobody, now));
                    break;
                case 6:
                    apply(sas.disclaim(at(draw(2) != 0 ? "198.51.100.1" : "198.51.100.2").address,
                                       now - seconds(draw(20)), now)
                              .changes);
                    break;
                case 7:
                    apply(sas.set_partner(draw(2) != 0 ? Partner::causeway : Partner::other));
                    break;
                case 8:
                    before = steps;
                    break;
                default:
                    now += milliseconds(draw(60'000));
                    here.deletes_at_once = draw(2) != 0;
                    // After a long sleep several things of one pair may have become due.
                    for (int again = 0; again < 4 && sas.next_timeout() && *sas.next_timeout() <= now;
                         ++again) {
                        apply(sas.handle_timeout(now, here, usages));
                    }
                    ASSERT_TRUE(!sas.next_timeout() || *sas.next_timeout() > now);
            }
            const auto* carrier = sas.carrier();
            ASSERT_EQ(plane.up, carrier != nullptr) << "run " << run << ", step " << step;
            if (carrier != nullptr) {
                ASSERT_EQ(plane.sends_on, carrier->pair->id) << "run " << run << ", step " << step;
            }
            ASSERT_EQ(plane.installed.size(), sas.all().size());
            for (const auto& child : sas.all()) {
                ASSERT_FALSE(child.replaced && child.rekey_at) << "run " << run << ", step " << step;
            }
            ASSERT_LE(sas.all().size(), limits::child_sas_per_tunnel);
        }
    }
}

}  // namespace
}  // namespace causeway::ike
