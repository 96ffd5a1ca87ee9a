// Our own names: what is looked up and when, what is told, and when peers can recognise us again.
#include "ike/engine/own_names.hpp"

#include <chrono>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "ike/limits.hpp"

namespace causeway::ike {
namespace {

using status::OwnNameState;
using std::chrono::seconds;

const std::string name = "home.example.org";
const LookupBounds bounds{seconds(5), seconds(300)};
const Instant start{std::chrono::hours(1)};

IpAddress at(const char* text) {
    return IpAddress::parse(text).value();
}

OurEnds ends(const std::vector<const char*>& addresses, OurEnds::Nat nat = OurEnds::Nat::none_seen) {
    OurEnds ends;
    for (const auto* address : addresses) {
        ends.add(at(address), nat);
    }
    return ends;
}

/// Each change as a word: "look up NAME", the event's name, "again NAME".
std::vector<std::string> words(const OwnNames::Changes& changes) {
    std::vector<std::string> words;
    for (const auto& change : changes) {
        if (const auto* lookup = std::get_if<LookupName>(&change)) {
            words.push_back("look up " + lookup->name);
        } else if (const auto* event = std::get_if<Event>(&change)) {
            words.emplace_back(describe(event->code).name);
        } else {
            words.push_back("again " + std::get<OwnNames::RecognisableAgain>(change).name);
        }
    }
    return words;
}

using Words = std::vector<std::string>;

/// One name that is watched, and the time.
class OwnNamesTest : public testing::Test {
 protected:
    OwnNamesTest() { names.set_names({name}, bounds, now); }

    Words wake() { return words(names.handle_timeout(now)); }
    Words answer(const std::vector<const char*>& addresses, const OurEnds& our_ends, Duration ttl = {}) {
        NameDone done{name, {}, ttl, {}};
        for (const auto* address : addresses) {
            done.addresses.push_back(at(address));
        }
        return words(names.answered(std::move(done), our_ends, now));
    }
    Words fail(const std::string& why = "no such name") {
        return words(names.answered({name, {}, {}, why}, {}, now));
    }
    /// Looks up and answers, `times` times, each when it is due.
    void answer_again(int times, const std::vector<const char*>& addresses, const OurEnds& our_ends) {
        for (int i = 0; i < times; ++i) {
            now = names.next_timeout().value();
            EXPECT_EQ(wake(), Words{"look up " + name});
            answer(addresses, our_ends);
        }
    }
    [[nodiscard]] Duration pause() const { return names.next_timeout().value() - now; }
    [[nodiscard]] OwnNameState state() const { return names.verdict(name).state; }

    Instant now = start;
    OwnNames names;
};

TEST_F(OwnNamesTest, ANewNameIsLookedUpAtOnceAndOnce) {
    names.set_names({name, "other.example.org", name}, bounds, now);
    EXPECT_EQ(names.next_timeout(), now);
    EXPECT_EQ(wake(), (Words{"look up " + name, "look up other.example.org"}));
    EXPECT_EQ(wake(), Words{});
    EXPECT_EQ(pause(), limits::lookup_timeout) << "an answer is awaited";
}

TEST_F(OwnNamesTest, WhatIsKnownOfANameOutlastsAReload) {
    wake();
    answer({"198.51.100.1"}, ends({"198.51.100.1"}));
    names.set_names({name}, {seconds(5), seconds(60)}, now);
    EXPECT_EQ(state(), OwnNameState::right);
    EXPECT_EQ(wake(), Words{}) << "it is not looked up again for that";
    names.set_names({}, bounds, now);
    EXPECT_EQ(names.next_timeout(), std::nullopt);
    EXPECT_EQ(state(), OwnNameState::unknown);
}

TEST_F(OwnNamesTest, AReloadSetsTheBounds) {
    names.set_names({name}, {seconds(5), seconds(60)}, now);
    wake();
    answer({"198.51.100.1"}, ends({"198.51.100.1"}), seconds(100));
    EXPECT_EQ(pause(), seconds(60));
}

TEST_F(OwnNamesTest, ARightNameIsLookedUpWhenItsAnswerHasGrownOldWithinTheBounds) {
    const std::pair<Duration, Duration> cases[] = {{seconds(1), seconds(5)},
                                                   {seconds(100), seconds(100)},
                                                   {seconds(4000), seconds(300)},
                                                   {seconds(0), seconds(300)}};
    for (const auto& [ttl, expected] : cases) {
        answer({"198.51.100.1"}, ends({"198.51.100.1"}), ttl);
        EXPECT_EQ(pause(), expected) << "an answer with the age " << seconds_of(ttl);
    }
}

TEST_F(OwnNamesTest, ANameThatPointsToUsIsToldOnceAndNobodyIsTriedForIt) {
    EXPECT_EQ(answer({"198.51.100.1"}, ends({"198.51.100.1"})), Words{"own_name_right"});
    EXPECT_EQ(answer({"198.51.100.1"}, ends({"198.51.100.1"})), Words{});
    EXPECT_EQ(names.verdict(name).note, "home.example.org points to 198.51.100.1");
}

TEST_F(OwnNamesTest, ANameThatPointsElsewhereIsToldOnceForEachWrongAnswer) {
    EXPECT_EQ(answer({"198.51.100.9"}, ends({"198.51.100.1"})), Words{"own_name_elsewhere"});
    EXPECT_EQ(answer({"198.51.100.9"}, ends({"198.51.100.1"})), Words{});
    EXPECT_EQ(answer({"198.51.100.8"}, ends({"198.51.100.1"})), Words{"own_name_elsewhere"});
    EXPECT_EQ(
        names.verdict(name).note,
        "home.example.org points to 198.51.100.8, but our address is 198.51.100.1: a peer that knows us by "
        "this name cannot match us until it points to 198.51.100.1");
}

TEST_F(OwnNamesTest, EachOfOurPublicAddressesIsMissed) {
    EXPECT_EQ(answer({"198.51.100.1"}, ends({"198.51.100.1", "203.0.113.1"})), Words{"own_name_elsewhere"});
    EXPECT_EQ(answer({"198.51.100.1", "203.0.113.1"}, ends({"198.51.100.1", "203.0.113.1"})),
              (Words{"own_name_right", "again " + name}));
}

TEST_F(OwnNamesTest, PeersCanRecogniseUsAgainWhenAWrongNameHasFollowed) {
    answer({"198.51.100.9"}, ends({"198.51.100.1"}));
    EXPECT_EQ(answer({"198.51.100.1"}, ends({"198.51.100.1"})), (Words{"own_name_right", "again " + name}));
}

TEST_F(OwnNamesTest, PeersCanRecogniseUsAgainWhenTheNameCanBeResolvedAgain) {
    fail();
    EXPECT_EQ(answer({"198.51.100.1"}, ends({"198.51.100.1"})), (Words{"own_name_right", "again " + name}));
}

TEST_F(OwnNamesTest, AWrongNameIsLookedUpLikeASilentPeersLessOftenWithTime) {
    const auto ours = ends({"198.51.100.1"});
    answer({"198.51.100.9"}, ours, seconds(300));
    EXPECT_EQ(pause(), limits::lookup_eager);
    now = start + limits::lookup_eager_time - seconds(1);
    answer({"198.51.100.8"}, ours);
    EXPECT_EQ(pause(), limits::lookup_eager) << "another wrong answer, but the same time";
    now = start + limits::lookup_eager_time;
    answer({"198.51.100.8"}, ours);
    EXPECT_EQ(pause(), limits::lookup_lazy);
    now = start + limits::own_name_hope;
    answer({"198.51.100.8"}, ours, seconds(1));
    EXPECT_EQ(pause(), limits::retry_max) << "it is so by intention";
    answer({"198.51.100.8"}, ours, seconds(200));
    EXPECT_EQ(pause(), seconds(200));
}

TEST_F(OwnNamesTest, TheTimeOfAWrongNameBeginsAnewWhenItWasRightMeanwhile) {
    const auto ours = ends({"198.51.100.1"});
    answer({"198.51.100.9"}, ours);
    now += limits::own_name_hope;
    answer({"198.51.100.1"}, ours);
    answer({"198.51.100.9"}, ours);
    EXPECT_EQ(pause(), limits::lookup_eager);
}

TEST_F(OwnNamesTest, ANameThatWasNeverRightIsNoNameOfTheDns) {
    EXPECT_EQ(fail(), Words{"own_name_unresolved"});
    EXPECT_EQ(pause(), bounds.ceiling);
    EXPECT_EQ(fail("the resolver says something else"), Words{});
    EXPECT_EQ(words(names.answered({name, {}, seconds(10), "gone"}, {}, now)), Words{});
    EXPECT_EQ(pause(), bounds.ceiling) << "whatever age the failure has";
}

TEST_F(OwnNamesTest, ANameThatWasRightAndIsGoneIsLookedForEagerly) {
    answer({"198.51.100.1"}, ends({"198.51.100.1"}));
    EXPECT_EQ(fail(), Words{"own_name_unresolved"});
    EXPECT_EQ(pause(), limits::lookup_eager);
    EXPECT_EQ(fail(), Words{});
    EXPECT_EQ(fail("the resolver says something else"), Words{"own_name_unresolved"});
    EXPECT_EQ(names.verdict(name).note,
              "home.example.org cannot be resolved: the resolver says something else");
}

TEST_F(OwnNamesTest, ANameWithoutAddressIsNotResolved) {
    EXPECT_EQ(fail(""), Words{"own_name_unresolved"});
    EXPECT_EQ(names.verdict(name).note, "home.example.org cannot be resolved: it has no address");
}

TEST_F(OwnNamesTest, BehindNatNobodyHereKnowsWhereItOughtToPoint) {
    EXPECT_EQ(answer({"198.51.100.9"}, ends({"192.168.1.2"})), Words{});
    EXPECT_EQ(state(), OwnNameState::behind_nat);
    EXPECT_EQ(names.verdict(name).note,
              "home.example.org points to 198.51.100.9; we are behind NAT, so only the peer can tell whether "
              "that is "
              "us");
    EXPECT_EQ(pause(), bounds.ceiling);
    answer({"198.51.100.9"}, ends({"203.0.113.7"}, OurEnds::Nat::found));
    EXPECT_EQ(state(), OwnNameState::behind_nat) << "a public address that is translated all the same";
}

TEST_F(OwnNamesTest, WhereSomePeersSeeAPublicAddressThatOneCounts) {
    auto ours = ends({"192.168.1.2"});
    ours.add(at("198.51.100.1"), OurEnds::Nat::none_seen);
    answer({"198.51.100.9"}, ours);
    EXPECT_EQ(state(), OwnNameState::elsewhere);
    answer({"198.51.100.1"}, ours);
    EXPECT_EQ(state(), OwnNameState::right);
}

TEST_F(OwnNamesTest, TheNextTimeoutIsTheFirstOfAllNames) {
    names.set_names({name, "other.example.org"}, bounds, now);
    answer({"198.51.100.1"}, ends({"198.51.100.1"}));
    EXPECT_EQ(names.next_timeout(), now) << "the other one has not been looked up";
    EXPECT_EQ(wake(), Words{"look up other.example.org"});
    EXPECT_EQ(pause(), limits::lookup_timeout);
}

TEST_F(OwnNamesTest, AGatewayThatTalksToItselfHasNoEndToCompareWith) {
    EXPECT_EQ(answer({"198.51.100.9"}, ends({"127.0.0.1"})), Words{});
    EXPECT_EQ(state(), OwnNameState::unknown);
}

TEST_F(OwnNamesTest, AResolverThatDoesNotAnswerDoesNotStopTheAsking) {
    wake();
    now += limits::lookup_timeout;
    EXPECT_EQ(wake(), Words{"own_name_unresolved"});
    EXPECT_EQ(names.verdict(name).note, "home.example.org cannot be resolved: the resolver does not answer");
    now += bounds.ceiling;
    EXPECT_EQ(wake(), Words{"look up " + name});
}

TEST_F(OwnNamesTest, AnAnswerThatHasComeIsNotMissed) {
    wake();
    answer({"198.51.100.1"}, ends({"198.51.100.1"}));
    now += limits::lookup_timeout;
    EXPECT_EQ(wake(), Words{});
}

TEST_F(OwnNamesTest, ItIsLookedUpWhenOurAddressesChangeUnlessThatIsUnderWay) {
    EXPECT_EQ(words(names.our_addresses_changed(now)), Words{"look up " + name});
    EXPECT_EQ(words(names.our_addresses_changed(now)), Words{});
    answer({"198.51.100.1"}, ends({"198.51.100.1"}));
    EXPECT_EQ(words(names.our_addresses_changed(now)), Words{"look up " + name});
}

TEST_F(OwnNamesTest, WhenOurEndsChangeTheNamesAreComparedOnceEach) {
    names.set_names({name, "other.example.org"}, bounds, now);
    EXPECT_EQ(names.doubted(), std::nullopt);
    names.doubt();
    EXPECT_EQ(names.doubted(), name);
    EXPECT_EQ(words(names.compare(name, ends({"198.51.100.1"}), now)), Words{})
        << "nothing is known of it yet";
    EXPECT_EQ(names.doubted(), "other.example.org");
    EXPECT_EQ(words(names.compare("other.example.org", {}, now)), Words{});
    EXPECT_EQ(names.doubted(), std::nullopt);
}

TEST_F(OwnNamesTest, ANameThatWeHaveMovedAwayFromIsSoonLookedUp) {
    answer({"198.51.100.1"}, ends({"198.51.100.1"}));
    names.doubt();
    EXPECT_EQ(words(names.compare(name, ends({"203.0.113.1"}), now)), Words{"own_name_elsewhere"});
    EXPECT_EQ(pause(), limits::lookup_eager);
}

TEST_F(OwnNamesTest, AComparisonPutsNoLookUpOff) {
    wake();
    answer({"198.51.100.1"}, ends({"198.51.100.1"}), seconds(5));
    now += seconds(4);
    EXPECT_EQ(words(names.compare(name, ends({"203.0.113.1"}), now)), Words{"own_name_elsewhere"});
    EXPECT_EQ(pause(), seconds(1));
}

TEST_F(OwnNamesTest, WhatNobodyAskedIsNoAnswer) {
    EXPECT_EQ(words(names.answered({"foreign.example.org", {at("198.51.100.1")}, {}, {}}, {}, now)), Words{});
    EXPECT_EQ(names.verdict("foreign.example.org").state, OwnNameState::unknown);
}

TEST_F(OwnNamesTest, NoDeadlineStaysInThePast) {
    const auto ours = ends({"198.51.100.1"});
    answer_again(100, {"198.51.100.9"}, ours);
    for (int i = 0; i < 100; ++i) {
        now = names.next_timeout().value();
        wake();
        EXPECT_GT(names.next_timeout().value(), now);
    }
}

}  // namespace
}  // namespace causeway::ike
