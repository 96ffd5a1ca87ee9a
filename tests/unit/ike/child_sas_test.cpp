// The SA pairs of one tunnel: which one carries it, which goes, in whose favour, and when.
#include "ike/engine/child_sas.hpp"

#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

using Words = std::vector<std::string>;
using Tell = ChildSas::Tell;
using Outbound = ChildSas::Outbound;
using Partner = ChildSas::Partner;

const Loss loss{finding<FindingId::peer_deleted>(), finding<FindingId::deletes_each_sa>(field<"count">({}))};
const Finding why = finding<FindingId::taken_down>();

constexpr sa::SaId id(unsigned number) {
    return sa::SaId{number};
}

/// What is to be done, in short.
struct Word {
    std::string operator()(const InstallSa& one) const {
        return fmt::format("install {}{}", number(one.pair->id), one.outbound ? " both ways" : "");
    }
    std::string operator()(const ActivateOutbound& one) const {
        return fmt::format("send on {}", number(one.id));
    }
    std::string operator()(const RemoveSa& one) const { return fmt::format("remove {}", number(one.id)); }
    std::string operator()(const MoveSa& one) const {
        return fmt::format("move {} {} {}", number(one.id), one.local.text(), one.remote.text());
    }
    std::string operator()(const child::TellPeer& one) const { return fmt::format("delete {:x}", one.spi); }
    std::string operator()(const child::Up& one) const {
        return std::string(one.renewal ? "renewed" : "up") + (one.disclaimed ? ", disclaimed" : "");
    }
    std::string operator()(const child::FellBack& one) const {
        return one.initiator ? "fell back to ours" : "fell back to the peer's";
    }
    std::string operator()(const child::Down&) const { return "down"; }
    std::string operator()(const child::CarrierLost& one) const {
        return fmt::format("lost{}{}", one.cause == child::Cause::silence ? " in silence" : "",
                           one.left_until ? ", not all" : "");
    }
    std::string operator()(const child::RenewalDue&) const { return "renewal due"; }

    static std::uint64_t number(sa::SaId one) { return static_cast<std::uint64_t>(one); }
};

Words words(const ChildSas::Changes& changes) {
    Words all;
    for (const auto& change : changes) {
        all.push_back(std::visit(Word{}, change));
    }
    return all;
}

struct Usages final : sa::UsageSource {
    std::map<sa::SaId, sa::Usage> all;
    [[nodiscard]] std::optional<sa::Usage> usage(sa::SaId one) const override {
        const auto found = all.find(one);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    }
};

Endpoint at(const char* address, std::uint16_t port = 500) {
    return {*IpAddress::parse(address), port};
}

struct Made {
    bool initiator = true;
    std::uint64_t begun = 0;  ///< 0: just now
    std::uint8_t nonce = 1;
    Endpoint local = at("192.0.2.1");
    Endpoint remote = at("198.51.100.1");
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
    Duration life = seconds(3600);
};

class ChildSasTest : public ::testing::Test {
 protected:
    /// Pair N has the SPIs 0xaN for us and 0xbN for the peer.
    MadePair pair(unsigned number, const Made& made) {
        auto pair = std::make_shared<sa::SaPair>();
        pair->id = id(number);
        pair->inbound.spi = 0xa0 + number;
        pair->outbound.spi = 0xb0 + number;
        pair->local_outer = made.local;
        pair->remote_outer = made.remote;
        pair->encapsulation = made.encapsulation;
        MadePair one;
        one.number = number;
        one.pair = pair;
        one.initiator = made.initiator;
        one.begun = made.begun != 0 ? made.begun : ++steps;
        one.installed = ++steps;
        one.nonces = {made.nonce};
        one.established = now;
        one.expires = now + made.life;
        one.rekey_at = now + made.life - seconds(600);
        return one;
    }
    Words ours(unsigned number, Made made = {}) {
        made.initiator = true;
        return words(sas.add(pair(number, made), Outbound::now, now));
    }
    Words theirs(unsigned number, Made made = {}) {
        made.initiator = false;
        return words(sas.add(pair(number, made), Outbound::confirmed, now));
    }
    /// One of ours carries, and one that the peer has begun has replaced it.
    void replace_ours() {
        ours(1);
        theirs(2);
        (void)sas.confirm(id(2), now);
    }
    Words timeout(Duration later = {}) {
        now += later;
        return words(sas.handle_timeout(now, here, usages));
    }
    [[nodiscard]] Duration wait() const { return *sas.next_timeout() - now; }
    [[nodiscard]] unsigned carrier() const { return sas.carrier() != nullptr ? sas.carrier()->number : 0; }

    ChildSas sas;
    Instant now{seconds(1000)};
    std::uint64_t steps = 10;
    ChildSas::Circumstances here{.wanted = true, .deletes_at_once = true};
    Usages usages;
};

TEST_F(ChildSasTest, OursIsSentOnAtOnceWhenNothingCarries) {
    EXPECT_EQ(ours(1), (Words{"install 1 both ways", "send on 1", "up"}));
    EXPECT_EQ(carrier(), 1U);
}

TEST_F(ChildSasTest, ThePeersWaitsForMessage3) {
    EXPECT_EQ(theirs(1), Words{"install 1"});
    EXPECT_EQ(carrier(), 0U);
    EXPECT_EQ(words(sas.confirm(id(1), now)), (Words{"send on 1", "up"}));
    EXPECT_EQ(carrier(), 1U);
}

TEST_F(ChildSasTest, TheFirstPacketStandsForMessage3) {
    theirs(1);
    EXPECT_EQ(words(sas.first_inbound(id(1), now)), (Words{"send on 1", "up"}));
    EXPECT_EQ(words(sas.first_inbound(id(1), now)), Words{}) << "and is nothing new the second time";
}

TEST_F(ChildSasTest, ThePeersLivesFromMessage3On) {
    theirs(1);
    const Instant before = sas.find(id(1))->expires;
    now += seconds(5);
    (void)sas.confirm(id(1), now);
    EXPECT_EQ(sas.find(id(1))->expires, before + seconds(5));
    ours(2);
    const Instant of_ours = sas.find(id(2))->expires;
    timeout(seconds(1));
    EXPECT_EQ(sas.find(id(2))->expires, of_ours) << "ours counts from the beginning";
}

TEST_F(ChildSasTest, ARenewalOfOursWaitsForItsMessage3ToArrive) {
    ours(1);
    EXPECT_EQ(ours(2), Words{"install 2"});
    EXPECT_EQ(carrier(), 1U);
    EXPECT_EQ(wait(), limits::activation_delay);
    EXPECT_EQ(timeout(limits::activation_delay), (Words{"send on 2", "renewed"}));
    EXPECT_EQ(carrier(), 2U);
}

TEST_F(ChildSasTest, ARenewalIsSentOnAtOnceWhenTheOldPairIsInDoubt) {
    ours(1);
    sas.doubt_carrier();
    EXPECT_EQ(ours(2), (Words{"install 2 both ways", "send on 2", "renewed"}));
    EXPECT_EQ(ours(3), Words{"install 3"}) << "the doubt is over with what it was about";
}

TEST_F(ChildSasTest, ARenewalIsSentOnAtOnceWhenTheOldPairGoesAnotherWay) {
    ours(1);
    EXPECT_EQ(ours(2, {.remote = at("198.51.100.2")}).size(), 3U);
    EXPECT_EQ(ours(3, {.local = at("192.0.2.3"), .remote = at("198.51.100.2")}).size(), 3U);
}

TEST_F(ChildSasTest, ARenewalIsSentOnAtOnceWhenTheOldPairIsDeleted) {
    (void)sas.set_partner(Partner::causeway);
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    timeout(limits::replaced_grace * 2);  // the peer is told that the first goes
    (void)sas.remove(id(2), why, Tell::nobody, now);
    EXPECT_EQ(carrier(), 1U);
    EXPECT_TRUE(sas.carrier()->deleted);
    EXPECT_EQ(ours(3), (Words{"install 3 both ways", "send on 3", "renewed"}));
}

// ---- which of two goes ------------------------------------------------------------------------------------

TEST_F(ChildSasTest, TheOldOneGoesHalfAMinuteAfterOurRenewal) {
    ours(1);
    ours(2);
    timeout(limits::activation_delay);
    EXPECT_TRUE(sas.find(id(1))->replaced);
    EXPECT_EQ(sas.find(id(1))->rekey_at, std::nullopt);
    EXPECT_EQ(wait(), limits::replaced_grace);
}

TEST_F(ChildSasTest, WhoDidNotBeginTheRenewalWaitsLonger) {
    replace_ours();
    EXPECT_EQ(wait(), limits::replaced_grace * 3 / 2);
}

TEST_F(ChildSasTest, TheOlderOneIsReplacedWhicheverIsConfirmedLast) {
    theirs(1);
    ours(2);
    EXPECT_EQ(carrier(), 2U);
    EXPECT_EQ(words(sas.confirm(id(1), now)), (Words{"send on 1", "send on 2", "renewed"}));
    EXPECT_TRUE(sas.find(id(1))->replaced);
    EXPECT_EQ(carrier(), 2U);
}

TEST_F(ChildSasTest, OfTwoAtOnceTheGreaterNoncesCarryBetweenCauseways) {
    EXPECT_EQ(words(sas.set_partner(Partner::causeway)), Words{});
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 9});
    theirs(2, {.begun = begun, .nonce = 5});
    EXPECT_EQ(words(sas.confirm(id(2), now)), (Words{"send on 2", "send on 1", "renewed"}));
    EXPECT_EQ(carrier(), 1U);
    EXPECT_FALSE(sas.find(id(2))->replaced);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt) << "its initiator deletes it";
}

TEST_F(ChildSasTest, OfTwoAtOnceTheInitiatorOfTheLesserDeletesIt) {
    (void)sas.set_partner(Partner::causeway);
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(carrier(), 2U);
    EXPECT_EQ(sas.find(id(1))->remove_at, now + limits::replaced_grace * 2);
    EXPECT_EQ(sas.find(id(1))->in_favour_of, id(2));
    EXPECT_EQ(timeout(limits::replaced_grace * 2), Words{"delete a1"});
}

TEST_F(ChildSasTest, OfTwoAtOnceBothStayWithAnotherMake) {
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 5});
    theirs(2, {.begun = begun, .nonce = 9});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(sas.find(id(1))->remove_at, std::nullopt);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt);
    EXPECT_EQ(carrier(), 2U) << "begun to send on last";
    EXPECT_EQ(words(sas.first_inbound(id(1), now)), Words{"send on 1"}) << "the peer sends on that one";
    EXPECT_EQ(carrier(), 1U);
}

TEST_F(ChildSasTest, AnotherPartnerMayMeanAnotherCarrier) {
    const auto begun = ++steps;
    ours(1, {.begun = begun, .nonce = 9});
    theirs(2, {.begun = begun, .nonce = 5});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(carrier(), 2U);
    EXPECT_EQ(words(sas.set_partner(Partner::causeway)), Words{"send on 1"});
}

// ---- the end of what was replaced -------------------------------------------------------------------------

TEST_F(ChildSasTest, APairThatWasReplacedIsDeletedAndThenReceivesForAWhile) {
    replace_ours();
    EXPECT_EQ(timeout(seconds(45)), Words{"delete a1"});
    EXPECT_EQ(wait(), limits::deleted_linger);
    EXPECT_EQ(timeout(limits::deleted_linger), Words{"remove 1"});
    EXPECT_EQ(carrier(), 2U);
}

TEST_F(ChildSasTest, ThePeerIsToldAgainWhileItGoesOnSending) {
    replace_ours();
    timeout(seconds(45));
    usages.all[id(1)].last_in = now + seconds(4);
    EXPECT_EQ(timeout(limits::deleted_linger), Words{"delete a1"});
    EXPECT_EQ(wait(), limits::deleted_linger * 2);
    EXPECT_EQ(timeout(limits::deleted_linger * 2), Words{"remove 1"});
}

TEST_F(ChildSasTest, ItJustGoesWhereDeletesAreNotWanted) {
    here.deletes_at_once = false;
    replace_ours();
    EXPECT_EQ(timeout(seconds(45)), Words{"remove 1"});
}

TEST_F(ChildSasTest, ItStaysWhenWhatReplacedItHasGone) {
    replace_ours();
    EXPECT_EQ(words(sas.remove(id(2), why, Tell::nobody, now)),
              (Words{"remove 2", "send on 1", "fell back to ours"}));
    EXPECT_EQ(sas.find(id(1))->remove_at, std::nullopt);
    EXPECT_EQ(wait(), seconds(3600)) << "it lives to its end";
}

TEST_F(ChildSasTest, ItGoesInFavourOfWhatCarriesNow) {
    replace_ours();  // 1 goes in favour of 2
    now += seconds(1);
    theirs(3);
    (void)sas.confirm(id(3), now);  // so does 2 of 3
    EXPECT_EQ(words(sas.remove(id(2), why, Tell::nobody, now)), Words{"remove 2"});
    EXPECT_EQ(sas.find(id(1))->in_favour_of, id(3));
    EXPECT_EQ(timeout(seconds(44)), Words{"delete a1"});
}

TEST_F(ChildSasTest, ItIsRenewedWhenItsSuccessorIsNeverConfirmed) {
    ours(1);
    ours(2);
    theirs(3);
    timeout(limits::activation_delay);
    EXPECT_TRUE(sas.find(id(2))->replaced) << "in favour of 3, which the peer has begun";
    EXPECT_EQ(carrier(), 2U);
    timeout(seconds(30));
    timeout(limits::deleted_linger);  // 1 has gone
    EXPECT_EQ(timeout(seconds(10)), Words{"renewal due"});
    EXPECT_FALSE(sas.find(id(2))->replaced);
    EXPECT_EQ(sas.find(id(2))->remove_at, std::nullopt);
}

// ---- losing what carries ----------------------------------------------------------------------------------

TEST_F(ChildSasTest, WhatWasToFollowInAMomentFollowsNow) {
    ours(1);
    ours(2);
    EXPECT_EQ(words(sas.lose(id(1), loss, child::Cause::closed, Tell::nobody, now)),
              (Words{"remove 1", "send on 2", "up"}));
}

TEST_F(ChildSasTest, ThePairBeforeIsBetterThanNothing) {
    replace_ours();
    EXPECT_EQ(words(sas.lose(id(2), loss, child::Cause::closed, Tell::nobody, now)),
              (Words{"remove 2", "send on 1", "fell back to ours", "lost, not all"}));
    EXPECT_EQ(ours(3), (Words{"install 3 both ways", "send on 3", "renewed"})) << "it is in doubt";
}

TEST_F(ChildSasTest, WhoMadeItIsToRenewWhatIsFallenBackTo) {
    theirs(1);
    (void)sas.confirm(id(1), now);
    theirs(2);
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(words(sas.remove(id(2), why, Tell::nobody, now)),
              (Words{"remove 2", "send on 1", "fell back to the peer's"}));
}

TEST_F(ChildSasTest, AnotherThatWasNotReplacedIsNoLoss) {
    const auto begun = ++steps;
    ours(1, {.begun = begun});
    theirs(2, {.begun = begun});
    (void)sas.confirm(id(2), now);
    EXPECT_EQ(words(sas.lose(id(2), loss, child::Cause::closed, Tell::nobody, now)),
              (Words{"remove 2", "send on 1"}));
}

TEST_F(ChildSasTest, TheLastOneIsTheTunnel) {
    ours(1);
    const auto changes = sas.lose(id(1), loss, child::Cause::negotiation, Tell::peer, now + seconds(7));
    EXPECT_EQ(words(changes), (Words{"delete a1", "remove 1", "down", "lost"}));
    const auto& lost = std::get<child::CarrierLost>(changes.back());
    EXPECT_EQ(lost.made, now);
    EXPECT_EQ(lost.cause, child::Cause::negotiation);
    EXPECT_EQ(lost.loss.habit, loss.habit);
    EXPECT_EQ(std::get<child::Down>(changes[2]).why, loss.why);
}

TEST_F(ChildSasTest, WhatDidNotCarryIsNoLoss) {
    replace_ours();
    EXPECT_EQ(words(sas.lose(id(1), loss, child::Cause::closed, Tell::nobody, now)), Words{"remove 1"});
    theirs(3);
    EXPECT_EQ(words(sas.lose(id(3), loss, child::Cause::closed, Tell::nobody, now)), Words{"remove 3"});
    EXPECT_EQ(words(sas.lose(id(3), loss, child::Cause::closed, Tell::peer, now)), Words{});
}

TEST_F(ChildSasTest, AllGoOneAfterTheOther) {
    replace_ours();
    EXPECT_EQ(words(sas.remove_all(why, Tell::peer, now)),
              (Words{"delete a1", "remove 1", "delete a2", "remove 2", "down"}));
    EXPECT_EQ(sas.next_timeout(), std::nullopt);
}

TEST_F(ChildSasTest, ItsLifeEndsWithADelete) {
    ours(1);
    sas.doubt_carrier();
    here.wanted = false;
    now += seconds(3599);
    EXPECT_EQ(timeout(), Words{});
    EXPECT_EQ(timeout(seconds(1)), (Words{"delete a1", "remove 1", "down", "lost"}));
}

// ---- renewal ----------------------------------------------------------------------------------------------

TEST_F(ChildSasTest, ATunnelThatIsWantedIsRenewed) {
    ours(1);
    EXPECT_EQ(wait(), seconds(3000));
    EXPECT_EQ(timeout(seconds(3000)), Words{"renewal due"});
    EXPECT_EQ(wait(), seconds(600)) << "once";
}

TEST_F(ChildSasTest, OneThatOnlyTrafficAsksForIsRenewedWhenThereWasSome) {
    here.wanted = false;
    ours(1);
    EXPECT_EQ(timeout(seconds(3000)), Words{});
    EXPECT_EQ(wait(), seconds(300)) << "there may be some yet";
    usages.all[id(1)].packets_out = 1;
    EXPECT_EQ(timeout(seconds(300)), Words{"renewal due"});
}

TEST_F(ChildSasTest, PacketsFromThePeerAreTrafficAsWell) {
    here.wanted = false;
    ours(1);
    usages.all[id(1)].packets_in = 1;
    EXPECT_EQ(timeout(seconds(3000)), Words{"renewal due"});
}

TEST_F(ChildSasTest, LookingForTrafficEndsBeforeTheEnd) {
    here.wanted = false;
    ours(1);
    timeout(seconds(3000));
    for (int i = 0; i < 20 && wait() > Duration{}; ++i) {
        if (now + wait() == sas.find(id(1))->expires) {
            break;
        }
        EXPECT_EQ(timeout(wait()), Words{});
    }
    EXPECT_EQ(now + wait(), sas.find(id(1))->expires);
    EXPECT_EQ(sas.find(id(1))->rekey_at, std::nullopt);
}

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

}  // namespace
}  // namespace causeway::ike
