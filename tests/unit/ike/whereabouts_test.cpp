// Where a peer is: what is looked up and when, which address is tried next, and what an answer changes.
#include "ike/engine/whereabouts.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/limits.hpp"
#include "unit/ike/whereabouts_words.hpp"

namespace causeway::ike {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Caller = Whereabouts::Caller;

const LookupBounds bounds{seconds(5), seconds(300)};
const Instant start{std::chrono::hours(1)};
const Whereabouts::Situation calm{};
const Whereabouts::Situation search{Whereabouts::Need::reach, {}};

IpAddress at(const char* text) {
    return IpAddress::parse(text).value();
}
const IpAddress a = at("203.0.113.1");
const IpAddress b = at("203.0.113.2");
const IpAddress c = at("203.0.113.3");
const IpAddress ours = at("198.51.100.1");
const IpAddress ours_too = at("198.51.100.2");

config::PeerAddress named(const char* text) {
    return config::HostName{text};
}

/// A peer with a name, and the time.
class WhereaboutsTest : public testing::Test {
 protected:
    WhereaboutsTest() {
        config.name = "Site";
        set_addresses({named("peer.example.org")});
        where.configure(config, bounds);
    }

    void set_addresses(const std::vector<config::PeerAddress>& addresses) {
        config.addresses.clear();
        for (const auto& address : addresses) {
            config.addresses.push_back({address, {}});
        }
    }
    static LookupDone found(const std::vector<IpAddress>& addresses, Duration ttl = {}) {
        LookupDone done{"Site", {}, ttl, {}};
        for (const auto& address : addresses) {
            done.paths.push_back({address, ours});
        }
        return done;
    }
    static LookupDone failure(const std::string& why = "no such name") { return {"Site", {}, {}, why}; }

    Words look_up(const Whereabouts::Situation& situation = calm) {
        return words(where.look_up(situation, now));
    }
    Words answer(LookupDone done, const Whereabouts::Situation& situation = calm) {
        return words(where.answered(std::move(done), own, situation, now));
    }
    Words wake(const Whereabouts::Situation& situation = calm) {
        return words(where.handle_timeout(own, situation, now));
    }
    Words phase1_with(const Path& path, Whereabouts::Caller caller) {
        return words(where.is_at(path, caller, calm));
    }
    /// Asks and answers.
    void look_up_and_find(const std::vector<IpAddress>& addresses) {
        look_up();
        answer(found(addresses));
    }
    [[nodiscard]] std::optional<Duration> pause() const {
        const auto next = where.next_timeout();
        return next ? std::optional(*next - now) : std::nullopt;
    }
    [[nodiscard]] IpAddress next() const { return where.next_path().value().remote; }

    Instant now = start;
    config::Peer config;
    OwnAddresses own;
    Whereabouts where;
};

// ---- who can be called, what is asked

TEST_F(WhereaboutsTest, WhoMayComeFromAnywhereAndHasNoAddressIsNotLookedUp) {
    set_addresses({config::AnyAddress{}});
    EXPECT_FALSE(where.can_be_called());
    EXPECT_EQ(look_up(search), Words{});
    EXPECT_EQ(pause(), std::nullopt);
    set_addresses({config::AnyAddress{}, named("peer.example.org")});
    EXPECT_TRUE(where.can_be_called());
    EXPECT_EQ(look_up(search), Words{"look up peer.example.org"}) << "anywhere is no address";
}

TEST_F(WhereaboutsTest, OnlyWhoIsNeededAndCanBeCalledIsSearchedFor) {
    EXPECT_TRUE(where.searching(search));
    EXPECT_FALSE(where.searching(calm));
    set_addresses({config::AnyAddress{}});
    EXPECT_FALSE(where.searching(search));
}

TEST_F(WhereaboutsTest, TheQuestionSaysWhichOfOurAddressesIsWantedAndWhichIsInUse) {
    config.local_address = Sourced<IpAddress>{ours_too, {}};
    const auto changes = where.look_up({Whereabouts::Need::none, ours}, now);
    const auto& question = std::get<Lookup>(changes.at(0));
    EXPECT_EQ(question.peer, "Site");
    EXPECT_EQ(question.local, ours_too);
    EXPECT_EQ(question.current, ours);
    EXPECT_FALSE(question.way_only);
}

TEST_F(WhereaboutsTest, OneLookUpAtATime) {
    EXPECT_FALSE(where.lookup_under_way());
    look_up();
    EXPECT_TRUE(where.lookup_under_way());
    EXPECT_EQ(look_up(), Words{});
    answer(found({a}));
    EXPECT_FALSE(where.lookup_under_way());
    EXPECT_EQ(look_up(), Words{"look up peer.example.org"});
}

TEST_F(WhereaboutsTest, AnotherNameIsAskedAfterOneThatFailed) {
    set_addresses({named("one.example.org"), named("two.example.org")});
    EXPECT_EQ(look_up(), Words{"look up one.example.org"});
    answer(failure());
    EXPECT_EQ(look_up(), Words{"look up two.example.org"});
    answer(found({a}));
    EXPECT_EQ(look_up(), Words{"look up two.example.org"});
}

TEST_F(WhereaboutsTest, AResolverThatDoesNotAnswerDoesNotStopTheAsking) {
    look_up();
    EXPECT_EQ(pause(), limits::lookup_timeout);
    now += limits::lookup_timeout;
    EXPECT_EQ(
        wake(search),
        (Words{"name_unresolved",
               "not found: peer.example.org cannot be resolved: the resolver does not answer", "answered"}));
    EXPECT_FALSE(where.lookup_under_way());
}

// ---- the search for a peer that is silent

TEST_F(WhereaboutsTest, ASilentPeersNameIsLookedUpEagerlyAndThenLazily) {
    look_up(search);
    const auto next_pause = [&] {
        answer(found({a}), search);
        const Instant before = now;
        now = where.next_timeout().value();
        EXPECT_EQ(wake(search), Words{"look up peer.example.org"});
        return now - before;
    };
    while (now < start + limits::lookup_eager_time) {
        ASSERT_EQ(next_pause(), limits::lookup_eager);
    }
    Duration last = limits::lookup_eager;
    for (int i = 0; i < 3; ++i) {
        const Duration pause = next_pause();
        EXPECT_GT(pause, i == 0 ? last : last - Duration{1}) << "it grows";
        last = pause;
    }
    EXPECT_EQ(last, limits::lookup_lazy);
    EXPECT_EQ(next_pause(), limits::lookup_lazy) << "and no further";
}

TEST_F(WhereaboutsTest, NobodyIsSearchedForWhoIsNotNeededAnyMore) {
    look_up(search);
    answer(found({a}), search);
    now += limits::lookup_eager;
    EXPECT_EQ(wake(calm), Words{});
    EXPECT_EQ(pause(), bounds.ceiling - limits::lookup_eager) << "its name's refresh";
}

TEST_F(WhereaboutsTest, ALookUpForAnotherReasonEndsTheSearchForWhoIsNotNeeded) {
    look_up(search);
    answer(found({a}), search);
    look_up(calm);
    answer(found({a}), calm);
    EXPECT_EQ(pause(), bounds.ceiling);
}

TEST_F(WhereaboutsTest, AnotherSearchInTheSameSilenceIsNotLazyFromItsBeginning) {
    where.fell_silent(now);
    now += limits::lookup_eager_time;
    for (int i = 0; i < 3; ++i) {
        where.called(search, now);
        now = where.next_timeout().value();
        wake(search);
        answer(failure(), search);
    }
    ASSERT_EQ(pause(), limits::lookup_lazy);
    now += limits::lookup_lazy;
    wake(calm);
    where.called(search, now);
    EXPECT_EQ(pause(), limits::lookup_eager * 2);
}

TEST_F(WhereaboutsTest, TheSearchBeginsAnewWhenSomethingHasChanged) {
    where.fell_silent(now);
    now += limits::lookup_eager_time + seconds(1);
    where.called(search, now);
    EXPECT_EQ(pause(), limits::lookup_eager * 2) << "it has been silent for long";
    where.search_anew(now);
    now += limits::lookup_eager * 2;
    wake(search);
    answer(found({a}), search);
    EXPECT_EQ(pause(), limits::lookup_eager);
}

TEST_F(WhereaboutsTest, ASilenceIsCountedFromItsBeginning) {
    where.fell_silent(now);
    now += limits::lookup_eager_time;
    where.fell_silent(now);
    where.called(search, now);
    EXPECT_EQ(pause(), limits::lookup_eager * 2);
}

TEST_F(WhereaboutsTest, ASilenceEndsWithASignOfLife) {
    where.fell_silent(now);
    where.showed_life();
    now += limits::lookup_eager_time;
    where.called(search, now);
    EXPECT_EQ(pause(), limits::lookup_eager);
}

TEST_F(WhereaboutsTest, ACallPutsNoSearchOff) {
    where.called(search, now);
    now += seconds(1);
    where.called(search, now);
    EXPECT_EQ(pause(), limits::lookup_eager - seconds(1));
}

// ---- the refresh of a name that was found

TEST_F(WhereaboutsTest, ANameIsLookedUpWhenItsAnswerHasGrownOldWithinTheBounds) {
    const std::pair<Duration, Duration> cases[] = {{seconds(1), seconds(5)},
                                                   {seconds(100), seconds(100)},
                                                   {seconds(4000), seconds(300)},
                                                   {seconds(0), seconds(300)}};
    for (const auto& [ttl, expected] : cases) {
        answer(found({a}, ttl));
        EXPECT_EQ(pause(), expected) << "an answer with the age " << seconds_of(ttl);
    }
    now += bounds.ceiling;
    EXPECT_EQ(wake(), Words{"look up peer.example.org"});
}

TEST_F(WhereaboutsTest, ANameThatWasFoundIsAskedForAgainSoonAfterAFailure) {
    answer(failure());
    EXPECT_EQ(pause(), std::nullopt) << "it has never been found";
    answer(found({a}));
    answer(failure());
    EXPECT_EQ(pause(), limits::retry_max);
}

TEST_F(WhereaboutsTest, AnAddressDoesNotGrowOld) {
    set_addresses({a});
    answer(found({a}, seconds(10)));
    EXPECT_EQ(pause(), std::nullopt);
}

// ---- what an answer changes

TEST_F(WhereaboutsTest, ANewAnswerIsToldAndTriedFromItsFirstAddress) {
    EXPECT_EQ(answer(found({a, b})),
              (Words{"found at 203.0.113.1", "name_resolved", "found at 203.0.113.2", "name_resolved",
                     "changed, fresh 203.0.113.1", "ways 203.0.113.1 203.0.113.2", "answered"}));
    EXPECT_EQ(next(), a);
}

TEST_F(WhereaboutsTest, NameServersShuffleTheirAnswers) {
    answer(found({a, b}));
    where.attempt_failed();
    EXPECT_EQ(answer(found({b, a})), (Words{"ways 203.0.113.2 203.0.113.1", "answered"}));
    EXPECT_EQ(next(), b) << "the turn stays";
}

TEST_F(WhereaboutsTest, OnlyWhatIsNewIsFresh) {
    answer(found({a, b}));
    where.attempt_failed();
    EXPECT_EQ(answer(found({b, c})),
              (Words{"found at 203.0.113.3", "name_resolved", "changed, fresh 203.0.113.3",
                     "ways 203.0.113.2 203.0.113.3", "answered"}));
    EXPECT_EQ(next(), b) << "from the first one again";
    EXPECT_EQ(answer(found({b})), (Words{"changed", "ways 203.0.113.2", "answered"}));
}

TEST_F(WhereaboutsTest, AnAddressIsNoNameThatIsResolved) {
    set_addresses({a});
    EXPECT_EQ(answer(found({a})),
              (Words{"found at 203.0.113.1", "changed, fresh 203.0.113.1", "ways 203.0.113.1", "answered"}));
}

TEST_F(WhereaboutsTest, WhereAPeerIsKnownToBe) {
    EXPECT_TRUE(where.may_be_at(a)) << "nothing says that it is elsewhere";
    EXPECT_FALSE(where.is_known_at(a));
    look_up_and_find({b});
    EXPECT_FALSE(where.may_be_at(a));
    EXPECT_TRUE(where.may_be_at(b));
    EXPECT_TRUE(where.is_known_at(b));
}

// ---- odd answers

TEST_F(WhereaboutsTest, APeerIsNeverAtOurOwnAddress) {
    own.set({ours, b});
    const auto changes = where.answered(found({a, b, ours}), own, calm, now);
    EXPECT_EQ(words(changes), (Words{"name_is_ours", "name_is_ours", "found at 203.0.113.1", "name_resolved",
                                     "changed, fresh 203.0.113.1", "ways 203.0.113.1", "answered"}));
    EXPECT_FALSE(where.is_known_at(b));
    EXPECT_FALSE(where.is_known_at(ours)) << "the way to it begins where it ends";
}

TEST_F(WhereaboutsTest, AnAnswerWithNothingButOurAddressIsNone) {
    EXPECT_EQ(answer(found({ours}), search),
              (Words{"name_is_ours", "name_unresolved",
                     "not found: peer.example.org cannot be resolved: it is 198.51.100.1, our own address",
                     "answered"}));
}

TEST_F(WhereaboutsTest, NobodyIsAtAnAddressThatNoHostHas) {
    const auto loopback = where.answered(found({at("127.0.0.1")}), own, search, now);
    EXPECT_EQ(field_of(loopback, "kind"), "this machine itself");
    EXPECT_EQ(field_of(loopback, "why"), "it is 127.0.0.1, this machine itself");
    EXPECT_EQ(words(loopback).back(), "answered");
    EXPECT_FALSE(where.next_path());
    const auto nobody = where.answered(found({at("0.0.0.0"), a}), own, search, now);
    EXPECT_EQ(field_of(nobody, "kind"), "an address that no host can have");
    EXPECT_EQ(next(), a);
}

TEST_F(WhereaboutsTest, APrivateAddressIsToldAndUsed) {
    const auto private_one = at("192.168.178.1");
    EXPECT_EQ(answer(found({private_one})).front(), "name_private");
    EXPECT_TRUE(where.is_known_at(private_one));
}

TEST_F(WhereaboutsTest, EachWrongAnswerIsToldOnce) {
    const auto odd = found({at("192.168.178.1"), ours});
    EXPECT_EQ(answer(odd).front(), "name_private");
    EXPECT_EQ(answer(odd).front(), "ways 192.168.178.1");
    EXPECT_EQ(answer(found({at("192.168.178.2"), ours})).front(), "name_private") << "another one";
    answer(found({a}));
    EXPECT_EQ(answer(odd).front(), "name_private") << "it was right meanwhile";
}

TEST_F(WhereaboutsTest, AnAddressOfTheConfigurationIsMeantAsItIs) {
    set_addresses({ours});
    own.set({ours});
    EXPECT_EQ(answer(found({ours})).front(), "found at 198.51.100.1");
}

// ---- look-ups that fail

TEST_F(WhereaboutsTest, AFailedLookUpChangesNothingWhileThePeerIsThere) {
    EXPECT_EQ(answer(failure()), Words{"answered"}) << "nobody will try again, so nothing is told";
    answer(found({a}));
    EXPECT_EQ(answer(failure("another reason")), (Words{"name_unresolved", "answered"}));
    EXPECT_TRUE(where.is_known_at(a));
}

TEST_F(WhereaboutsTest, AnAddressIsNotCalledANameThatCannotBeResolved) {
    const std::pair<config::PeerAddress, std::string> rows[] = {{named("box.example.org"), "resolved"},
                                                                {a, "dialled"}};
    for (const auto& [address, what] : rows) {
        set_addresses({address});
        look_up(search);
        const auto changes = where.answered(failure("no way: " + what), own, search, now);
        EXPECT_EQ(field_of(changes, "what"), what);
        EXPECT_EQ(words(changes),
                  (Words{"name_unresolved",
                         "not found: " + config::text(address) + " cannot be " + what + ": no way: " + what,
                         "answered"}));
    }
}

TEST_F(WhereaboutsTest, WhoIsSearchedForAndWasNeverFoundIsNotThere) {
    const auto changes = where.answered(failure(), own, search, now);
    EXPECT_EQ(words(changes),
              (Words{"name_unresolved", "not found: peer.example.org cannot be resolved: no such name",
                     "answered"}));
    EXPECT_EQ(std::get<Whereabouts::NotFound>(changes.at(1)).next, now + limits::lookup_eager);
    EXPECT_EQ(field_of(changes, "next"), "retrying in 2 s");
}

TEST_F(WhereaboutsTest, TheLastAddressKnownIsBetterThanNone) {
    answer(found({a}));
    EXPECT_EQ(answer(failure(), search), (Words{"name_unresolved", "answered"}));
    EXPECT_EQ(next(), a);
}

TEST_F(WhereaboutsTest, AFailedLookUpPutsNoSearchOff) {
    look_up(search);
    now += seconds(1);
    answer(failure(), search);
    EXPECT_EQ(pause(), limits::lookup_eager - seconds(1));
}

TEST_F(WhereaboutsTest, EachReasonOfAFailureIsToldOnce) {
    EXPECT_EQ(answer(failure("one"), search).front(), "name_unresolved");
    EXPECT_NE(answer(failure("one"), search).front(), "name_unresolved");
    EXPECT_EQ(answer(failure("two"), search).front(), "name_unresolved");
}

TEST_F(WhereaboutsTest, ThatANameCanBeResolvedAgainIsSaidOnce) {
    answer(found({a}));
    answer(failure());
    EXPECT_EQ(answer(found({a})).front(), "resolved again");
    EXPECT_EQ(answer(found({a})).front(), "ways 203.0.113.1");
}

// ---- ways

TEST_F(WhereaboutsTest, TheAnswerAboutAWayBringsItUpToDateAndEndsNoLookUp) {
    look_up_and_find({a, b});
    look_up();
    LookupDone way{"Site", {{b, ours_too}}, {}, {}, true};
    EXPECT_EQ(answer(way), (Words{"ways 203.0.113.2", "answered"}));
    EXPECT_TRUE(where.lookup_under_way());
    where.attempt_failed();
    EXPECT_EQ(where.next_path(), (Path{b, ours_too}));
}

TEST_F(WhereaboutsTest, AWayToAnAddressThatNoLookUpGaveIsTriedNext) {
    look_up_and_find({a, b});
    where.attempt_failed();
    answer({"Site", {{c, ours}}, {}, {}, true});
    EXPECT_EQ(next(), c);
}

TEST_F(WhereaboutsTest, TheAnswerAboutAWayMayBeThatThereIsNone) {
    EXPECT_EQ(answer({"Site", {}, {}, "no route", true}), Words{"answered"});
}

TEST_F(WhereaboutsTest, WhenOurAddressesChangeTheWayToWhereItStandsIsAskedFirst) {
    const auto changes = where.our_addresses_changed(a, {Whereabouts::Need::none, ours}, now);
    EXPECT_EQ(words(changes), (Words{"way to 203.0.113.1", "look up peer.example.org"}));
    EXPECT_EQ(std::get<Lookup>(changes.front()).current, ours);
}

TEST_F(WhereaboutsTest, WhenOurAddressesChangeTheWayToWhereItWouldBeCalledIsAskedFirst) {
    EXPECT_EQ(words(where.our_addresses_changed({}, search, now)), Words{"look up peer.example.org"})
        << "nothing is known";
    answer(found({a}));
    EXPECT_EQ(words(where.our_addresses_changed({}, search, now)),
              (Words{"way to 203.0.113.1", "look up peer.example.org"}));
    EXPECT_EQ(words(where.our_addresses_changed({}, {Whereabouts::Need::none, ours}, now)),
              Words{"way to 203.0.113.1"})
        << "something goes by an address of ours; the name is being looked up";
    EXPECT_EQ(words(where.our_addresses_changed({}, calm, now)), Words{});
}

TEST_F(WhereaboutsTest, WhereAPeerReallyIsComesBeforeWhatItsNameSays) {
    look_up_and_find({a, b});
    where.attempt_failed();
    EXPECT_EQ(phase1_with({c, ours}, Caller::we), Words{});
    EXPECT_EQ(next(), c);
    EXPECT_EQ(where.best_path(), (Path{c, ours}));
    where.attempt_failed();
    phase1_with({b, ours}, Caller::we);
    EXPECT_EQ(next(), a) << "it was known there: the turn stays";
}

TEST_F(WhereaboutsTest, APeerThatHasCalledIsReachedFromWhereTheMachineSays) {
    EXPECT_EQ(phase1_with({a, ours}, Caller::peer_itself), Words{"way to 203.0.113.1"});
    phase1_with({a, ours}, Caller::we);
    EXPECT_EQ(phase1_with({a, ours}, Caller::peer_itself), Words{}) << "that is known";
    EXPECT_EQ(phase1_with({b, ours}, Caller::peer_itself), Words{"way to 203.0.113.2"});
}

TEST_F(WhereaboutsTest, OurEndHasChangedWhenPacketsLeaveByAnotherAddressThanTheSaGoesBy) {
    phase1_with({a, ours}, Caller::we);
    EXPECT_EQ(where.take_way({a, ours}, ours, now), std::nullopt);
    EXPECT_FALSE(where.our_end_has_just_changed(now));
    EXPECT_EQ(where.take_way({a, ours_too}, ours, now), ours);
    EXPECT_TRUE(where.our_end_has_just_changed(now));
    EXPECT_EQ(where.take_way({a, ours_too}, ours, now), std::nullopt) << "it is said once";
}

TEST_F(WhereaboutsTest, APeerMayHaveCalledAnAddressOfOursThatIsNoneOfItsWays) {
    phase1_with({a, ours}, Caller::we);
    EXPECT_EQ(where.take_way({a, ours_too}, at("198.51.100.3"), now), std::nullopt);
}

TEST_F(WhereaboutsTest, AWayToElsewhereOrTheFirstOneIsNoChange) {
    EXPECT_EQ(where.take_way({a, ours_too}, ours, now), std::nullopt);
    EXPECT_EQ(where.take_way({b, ours}, ours_too, now), std::nullopt);
    where.forget_way();
    EXPECT_EQ(where.take_way({b, ours_too}, ours, now), std::nullopt);
}

TEST_F(WhereaboutsTest, OurEndHasChangedForAShortTime) {
    where.our_end_changed(now);
    EXPECT_TRUE(where.our_end_has_just_changed(now + limits::own_change_time - Duration{1}));
    EXPECT_FALSE(where.our_end_has_just_changed(now + limits::own_change_time));
    where.reached();
    EXPECT_FALSE(where.our_end_has_just_changed(now)) << "the peer knows us there";
}

// ---- which address is called next

TEST_F(WhereaboutsTest, AfterTheLastAddressTheNextNamesTurnComes) {
    set_addresses({named("one.example.org"), named("two.example.org")});
    look_up_and_find({a, b});
    where.attempt_failed();
    EXPECT_EQ(next(), b);
    EXPECT_EQ(look_up(), Words{"look up one.example.org"});
    answer(found({a, b}));
    where.attempt_failed();
    EXPECT_EQ(next(), a);
    EXPECT_EQ(look_up(), Words{"look up two.example.org"});
}

TEST_F(WhereaboutsTest, WhatIsPreferredIsNextAndTheOthersFollow) {
    look_up_and_find({a, b, c});
    where.prefer({b, ours});
    EXPECT_EQ(next(), b);
    EXPECT_EQ(where.other_paths(), (std::vector<Path>{{c, ours}, {a, ours}}));
    where.prefer({ours_too, ours});
    EXPECT_EQ(next(), b) << "that is none of them";
}

TEST_F(WhereaboutsTest, AnotherAddressOfTheNameIsCalledWhenTheFirstIsSilent) {
    look_up_and_find({a, b});
    where.called(calm, now);
    EXPECT_EQ(pause(), limits::next_address_after);
    now += limits::next_address_after;
    EXPECT_EQ(wake(), Words{"another address"});
    where.called(calm, now);
    where.reached();
    EXPECT_GT(pause(), limits::next_address_after) << "one has answered";
}

TEST_F(WhereaboutsTest, OneAddressHasNoOther) {
    set_addresses({a});
    look_up_and_find({a});
    where.called(calm, now);
    EXPECT_EQ(pause(), std::nullopt);
}

// ---- callers, and what was overtaken

TEST_F(WhereaboutsTest, ACallersNameMayHaveMovedUnlessItWasJustLookedUp) {
    EXPECT_TRUE(where.name_may_have_moved(now));
    look_up();
    EXPECT_FALSE(where.name_may_have_moved(now + minutes(1))) << "it is being looked up";
    answer(found({a}));
    EXPECT_FALSE(where.name_may_have_moved(now + bounds.floor - Duration{1}));
    EXPECT_TRUE(where.name_may_have_moved(now + bounds.floor));
    set_addresses({a});
    EXPECT_FALSE(where.name_may_have_moved(now + bounds.floor)) << "an address does not move";
}

TEST_F(WhereaboutsTest, WhatComesFromWhereThePeerWasMayHaveBeenOvertaken) {
    const Endpoint before{a, 4500};
    EXPECT_FALSE(where.has_just_left(before, now));
    where.left(before, now);
    EXPECT_TRUE(where.has_just_left(before, now + limits::overtaken_time - Duration{1}));
    EXPECT_FALSE(where.has_just_left(before, now + limits::overtaken_time));
    EXPECT_FALSE(where.has_just_left({a, 4501}, now));
}

// ---- time

TEST_F(WhereaboutsTest, OneThingAtATimeIsDueAndNoneStaysInThePast) {
    look_up_and_find({a, b});
    where.called(search, now);
    now += bounds.ceiling;
    EXPECT_EQ(wake(search), Words{"look up peer.example.org"}) << "the search";
    EXPECT_LE(pause(), Duration{});
    EXPECT_EQ(wake(search), Words{}) << "the refresh: it is being looked up";
    EXPECT_EQ(wake(search), Words{"another address"});
    EXPECT_GT(pause(), Duration{});
    EXPECT_EQ(wake(search), Words{});
}

TEST_F(WhereaboutsTest, WhatIsKnownOutlastsAReload) {
    look_up_and_find({a});
    config::Peer reloaded;
    reloaded.name = "Site";
    reloaded.addresses.push_back({named("peer.example.org"), {}});
    where.configure(reloaded, {seconds(5), seconds(60)});
    EXPECT_TRUE(where.is_known_at(a));
    answer(found({a}));
    EXPECT_EQ(pause(), seconds(60));
}

}  // namespace
}  // namespace causeway::ike
