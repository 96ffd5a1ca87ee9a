// Peers that keep what belongs to few message ids, as charon does: one thing is begun at a time. And Quick
// Modes that the peer begins and never finishes.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "hardening/other_make.hpp"

namespace causeway::hardening {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Turns : public OtherMake {
 protected:
    /// East remembers the latest three message ids, whoever's, and cannot read what belongs to another
    /// exchange.
    void east_keeps_three() {
        manner = [this](Flight& flight) {
            const auto& header = flight.seen.header;
            const bool phase1 = header.message_id == 0;
            if (phase1 || !header.encrypted()) {
                return true;
            }
            const auto known = std::find(kept_.begin(), kept_.end(), header.message_id);
            const bool later = flight.from == "west" && header.exchange == ExchangeType::quick &&
                               flight.seen.payloads.size() == 1;
            if (later && known == kept_.end()) {
                ++forgotten_;
                malformed_ = true;
                return false;
            }
            if (known != kept_.end()) {
                kept_.erase(known);
            }
            kept_.push_back(header.message_id);
            if (kept_.size() > 3) {
                kept_.pop_front();
            }
            return true;
        };
        afterwards = [this] {
            if (std::exchange(malformed_, false)) {
                east_says(notification(isakmp::NotifyType::payload_malformed));
            }
        };
    }
    /// Its liveness question is on the wire.
    void west_asks() {
        const auto asked = [this] {
            return std::ranges::any_of(world_->wire(), [](const Flight& flight) {
                return flight.from == "west" && flight.seen.header.exchange == ExchangeType::informational;
            });
        };
        for (int i = 0; i < 300 && !asked(); ++i) {
            ASSERT_TRUE(deliver_all());
            world_->pass(seconds(1));
        }
        ASSERT_TRUE(asked());
    }
    std::deque<std::uint32_t> kept_;
    std::size_t forgotten_ = 0;
    bool malformed_ = false;
};

TEST_F(Turns, ManyNetworksOneAfterTheOther) {
    for (const unsigned networks : {2U, 4U, 6U, 12U}) {
        for (const bool one_refused : {false, true}) {
            kept_.clear();
            begin_both({{"start", "start"}, {"tunnels", std::to_string(networks)}},
                       {{"tunnels", std::to_string(networks - (one_refused ? 1 : 0))}});
            east_keeps_three();
            ASSERT_TRUE(live(seconds(10)));
            const std::size_t expected = networks - (one_refused ? 1 : 0);
            EXPECT_EQ(up_at(west(), networks), expected) << networks;
            EXPECT_EQ(up_at(east(), networks), expected) << networks;
            EXPECT_EQ(most_running_, 1U);
            EXPECT_EQ(informationals_between_, 0U);
            EXPECT_EQ(forgotten_, 0U);
        }
    }
}

// A network that is refused in silence does not keep the others waiting.
TEST_F(Turns, AnUnansweredQuickModeMakesRoom) {
    begin_both({{"start", "start"}, {"tunnels", "6"}}, {{"tunnels", "6"}});
    std::uint32_t deaf = 0;
    manner = [&](Flight& flight) {
        if (flight.from == "west" && flight.seen.header.exchange == ExchangeType::quick && deaf == 0) {
            deaf = flight.seen.header.message_id;
        }
        return deaf == 0 || flight.seen.header.message_id != deaf;
    };
    ASSERT_TRUE(live(seconds(10)));
    EXPECT_EQ(up_at(west(), 6), 6U);
    EXPECT_EQ(most_running_, 2U);  // the one that was given up is never confirmed
}

// The deletes of older pairs and the questions about life wait for Quick Modes, and are not forgotten.
TEST_F(Turns, NothingElseBeginsMeanwhile) {
    begin_both({{"start", "start"}, {"tunnels", "8"}, {"esp-lifetime", "120"}}, {{"tunnels", "8"}});
    east_keeps_three();
    ASSERT_TRUE(live(minutes(8), std::chrono::milliseconds(20)));
    EXPECT_EQ(up_at(west(), 8), 8U);
    EXPECT_EQ(most_running_, 1U);
    EXPECT_EQ(informationals_between_, 0U);
    EXPECT_EQ(forgotten_, 0U);
    EXPECT_LE(west().installed.size(), 24U);
    EXPECT_LE(east().installed.size(), 24U) << "the deletes were lost";
}

// Liveness does not starve: a Quick Mode that nobody answers does not keep it from asking.
TEST_F(Turns, LivenessIsAskedBesideAnUnansweredQuickMode) {
    begin_both({{"start", "start"}}, {});
    ASSERT_TRUE(live(seconds(1)));
    world_->input(west(), sa::Exhausted{west().installed.begin()->first, false});
    manner = [](Flight&) { return false; };
    ASSERT_TRUE(live(minutes(2)));
    EXPECT_GE(said(west(), EventCode::peer_silent) + said(west(), EventCode::peer_suspected), 1U);
}

// Both have dialled and one has been renewed: the peer loses three ISAKMP SAs. They are not tried one after
// the other until the pair has ended.
TEST_F(Turns, SeveralForgottenIsakmpSasDoNotOutliveThePair) {
    const std::map<std::string, std::string> lives{{"ike-lifetime", "600"}, {"esp-lifetime", "40"}};
    auto of_east = lives;
    of_east["rekey"] = "no";  // nobody mends it but west
    begin_both(lives, of_east);
    std::set<isakmp::Cookie> forgotten;
    manner = [&](Flight& flight) {
        forgotten.insert(flight.seen.header.cky_i);
        return true;
    };
    world_->input(west(), ike::CommandUp{});
    world_->input(east(), ike::CommandUp{});
    const auto isakmp_sas = [&] {
        const auto peer = peer_at_west();
        return std::ranges::count_if(peer.ike_sas, [](const auto& sa) { return sa.established.has_value(); });
    };
    for (int i = 0; i < 600 && isakmp_sas() < 3; ++i) {
        ASSERT_TRUE(live(seconds(1)));
    }
    ASSERT_EQ(isakmp_sas(), 3);
    bool made_anew = false;
    manner = [&](Flight& flight) {
        const bool known = !forgotten.contains(flight.seen.header.cky_i);
        made_anew = made_anew || known;
        return known;
    };
    for (int i = 0; i < 600; ++i) {
        ASSERT_TRUE(live(milliseconds(50)));
        ASSERT_NE(west().sending(), nullptr) << i;
    }
    EXPECT_TRUE(made_anew);
}

TEST_F(Turns, AnErrorBehindMessage3IsAFailedQuickMode) {
    for (const auto type : {isakmp::NotifyType::payload_malformed, isakmp::NotifyType::invalid_message_id,
                            isakmp::NotifyType::invalid_hash_information}) {
        begin_both({{"start", "start"}, {"tunnels", "3"}}, {{"tunnels", "3"}});
        bool told = false;
        manner = [&](Flight& flight) {
            // Message 3 of the second one.
            const bool third = flight.from == "west" && flight.seen.header.exchange == ExchangeType::quick &&
                               flight.seen.payloads.size() == 1 && west().installed.size() == 2;
            if (third && !told) {
                told = true;
                east_says(notification(type));
                return false;
            }
            return true;
        };
        ASSERT_TRUE(live(seconds(10)));
        EXPECT_TRUE(told);
        EXPECT_GE(said(west(), EventCode::phase2_refused, "to the last message of Quick Mode"), 1U);
        EXPECT_EQ(up_at(west(), 3), 3U);
        EXPECT_EQ(up_at(east(), 3), 3U);
    }
}

// With two of them either may be good: both stay until they are renewed.
TEST_F(Turns, AnErrorThatMayBeAboutSeveralRenewsThem) {
    begin_both({{"start", "start"}, {"tunnels", "2"}}, {{"tunnels", "2"}});
    std::size_t third = 0;
    manner = [&](Flight& flight) {
        if (flight.from == "west" && flight.seen.header.exchange == ExchangeType::quick &&
            flight.seen.payloads.size() == 1) {
            if (++third == 1) {
                return false;
            }
            if (third == 2) {
                east_says(notification(isakmp::NotifyType::payload_malformed));
            }
        }
        return true;
    };
    ASSERT_TRUE(live(milliseconds(50)));
    EXPECT_NE(west().sending(1), nullptr);
    EXPECT_NE(west().sending(2), nullptr);
    EXPECT_EQ(up_at(east(), 2), 1U);
    ASSERT_TRUE(live(seconds(5)));
    EXPECT_EQ(up_at(east(), 2), 2U);
    EXPECT_EQ(quick_modes_, 4U);
    EXPECT_EQ(said(west(), EventCode::phase2_closed), 0U);
}

// Message 2, repeated by a peer that cannot read message 3, is not answered for ever: that would be an error
// each time, and the next pair's.
TEST_F(Turns, AFailedQuickModeIsNotConfirmedAgain) {
    begin_both({{"start", "start"}}, {});
    std::uint32_t failed = 0;
    std::size_t confirmed = 0;
    manner = [&](Flight& flight) {
        const auto id = flight.seen.header.message_id;
        if (flight.from != "west" || flight.seen.header.exchange != ExchangeType::quick ||
            flight.seen.payloads.size() != 1 || (failed != 0 && id != failed)) {
            return true;
        }
        failed = id;
        ++confirmed;
        east_says(notification(isakmp::NotifyType::payload_malformed));
        return false;
    };
    ASSERT_TRUE(live(minutes(1)));
    EXPECT_EQ(confirmed, 1U);
    EXPECT_EQ(said(west(), EventCode::phase2_refused), 1U);
    expect_up();
}

// Our message 3 came and was forgotten; a message 2 that was held back makes us repeat it. The error about
// that does not say that the pair is not there.
TEST_F(Turns, AnErrorToARepeatedMessage3TakesNoPair) {
    begin_both({{"start", "start"}}, {});
    std::optional<Flight> second;
    std::size_t third = 0;
    manner = [&](Flight& flight) {
        const bool quick = flight.seen.header.exchange == ExchangeType::quick;
        if (quick && flight.from == "east" && !second) {
            second = flight;
        }
        if (quick && flight.from == "west" && flight.seen.payloads.size() == 1 && ++third == 2) {
            east_says(notification(isakmp::NotifyType::payload_malformed));
            return false;
        }
        return true;
    };
    ASSERT_TRUE(live(seconds(5)));
    ASSERT_TRUE(second);
    world_->deliver(*second);
    ASSERT_TRUE(deliver_all());
    ASSERT_EQ(third, 2U);
    EXPECT_EQ(said(west(), EventCode::phase2_closed), 0U);
    expect_up();
    ASSERT_TRUE(live(seconds(10)));
    EXPECT_EQ(quick_modes_, 2U) << "it is made anew, once";
    expect_up();
}

// Two tunnels, neither of which is answered under an ISAKMP SA that the peer has forgotten and that it cannot
// be asked about: they make room for each other, and Phase 1 is made anew all the same.
TEST_F(Turns, TunnelsThatMakeRoomForEachOtherDoNotHideADeafPeer) {
    begin_both({{"start", "start"}, {"tunnels", "3"}, {"dpd", "no"}}, {{"tunnels", "3"}, {"dpd", "no"}});
    std::optional<isakmp::Cookie> forgotten;
    manner = [&](Flight& flight) {
        const auto& header = flight.seen.header;
        if (!forgotten && header.exchange == ExchangeType::quick) {
            forgotten = header.cky_i;
        }
        return forgotten != header.cky_i;
    };
    ASSERT_TRUE(live(minutes(1)));
    EXPECT_EQ(up_at(west(), 3), 3U);
    EXPECT_LE(phase1s_, 3U);
}

// The answer to a liveness question has a message id of its own: it is waited for, a second at most.
TEST_F(Turns, QuickModeWaitsForTheAnswerToAQuestion) {
    begin_both({{"start", "start"}}, {});
    ASSERT_TRUE(live(milliseconds(100)));
    expect_up();
    for (const bool answered : {true, false}) {
        manner = [&](Flight& flight) {
            return answered || flight.from == "west" ||
                   flight.seen.header.exchange != ExchangeType::informational;
        };
        west_asks();
        const auto before = quick_modes_;
        world_->input(west(), sa::Exhausted{west().sending()->pair->id, false});
        EXPECT_EQ(said(west(), EventCode::phase2_initiating), before);
        ASSERT_TRUE(deliver_all());
        EXPECT_EQ(quick_modes_, before + (answered ? 1 : 0));
        ASSERT_TRUE(live(milliseconds(1'100)));
        EXPECT_EQ(quick_modes_, before + 1);
        ASSERT_TRUE(live(seconds(20)));
    }
}

// Who already sends on a pair has message 3.
TEST_F(Turns, AnErrorDoesNotTakeAPairThatCarries) {
    begin_both({{"start", "start"}}, {});
    ASSERT_TRUE(live(std::chrono::milliseconds(100)));
    expect_up();
    const auto id = west().installed.begin()->first;
    east_says(notification(isakmp::NotifyType::payload_malformed));
    EXPECT_TRUE(west().installed.contains(id));
}

class Unfinished : public Turns {
 protected:
    /// West has its first tunnel up, and what east offers for it is known.
    void up_with_offer() {
        begin_both({}, {});
        manner = [this](Flight& flight) {
            if (offer_.empty() && flight.from == "east" &&
                flight.seen.header.exchange == ExchangeType::quick) {
                offer_ = {flight.seen.payloads.begin() + 1, flight.seen.payloads.end()};
            }
            return true;
        };
        world_->input(east(), ike::CommandUp{});
        ASSERT_TRUE(live(seconds(1)));
        ASSERT_NE(west().sending(), nullptr);
        manner = [](Flight&) { return true; };
    }
    std::size_t negotiating() {
        const auto peer = peer_at_west();
        const auto& sas = peer.tunnels[0].sas;
        return static_cast<std::size_t>(std::count_if(sas.begin(), sas.end(), [](const auto& sa) {
            return sa.state == status::ChildSaState::negotiating;
        }));
    }
    Payloads offer_;
};

// The peer has forgotten the Quick Mode that it began, and complains about each repetition of our answer:
// that one ends, and the pair which was made beside it stays.
TEST_F(Unfinished, AnErrorToMessage2IsNotTakenForOneToMessage3) {
    up_with_offer();
    begin_both({{"tunnels", "2"}}, {{"tunnels", "2"}});
    world_->input(east(), ike::CommandUp{"west-lan"});
    ASSERT_TRUE(live(seconds(1)));
    from_the_peer(ExchangeType::quick, offer_);
    std::size_t repeated = 0;
    manner = [&](Flight& flight) {
        if (flight.from != "west" || flight.seen.header.message_id != message_id_) {
            return true;
        }
        if (++repeated > 1) {
            east_says(notification(isakmp::NotifyType::payload_malformed));
        }
        return false;
    };
    world_->input(west(), ike::CommandUp{});
    ASSERT_TRUE(live(minutes(1)));
    EXPECT_EQ(repeated, 2U);
    EXPECT_EQ(said(west(), EventCode::phase2_closed), 0U);
    EXPECT_EQ(up_at(west(), 2), 2U);
    EXPECT_EQ(up_at(east(), 2), 2U);
}

TEST_F(Unfinished, ThePairThatCarriesIsNeverTaken) {
    up_with_offer();
    const auto carrier = west().sending()->pair->id;
    for (int i = 0; i < 12; ++i) {
        from_the_peer(ExchangeType::quick, offer_);
        ASSERT_TRUE(west().installed.contains(carrier)) << i;
        EXPECT_LE(negotiating(), limits::unfinished_per_tunnel);
    }
    EXPECT_EQ(west().sending()->pair->id, carrier);
    expect_up();
    ASSERT_TRUE(live(minutes(1)));
    EXPECT_EQ(negotiating(), 0U);
    EXPECT_TRUE(west().installed.contains(carrier));
}

TEST_F(Unfinished, TheyEndWithTheirIsakmpSa) {
    up_with_offer();
    for (int i = 0; i < 3; ++i) {
        from_the_peer(ExchangeType::quick, offer_);
    }
    EXPECT_GE(negotiating(), 1U);
    east_says(delete_isakmp());
    EXPECT_EQ(negotiating(), 0U);
    EXPECT_NE(west().sending(), nullptr);
    EXPECT_EQ(west().installed.size(), 1U);
}

}  // namespace
}  // namespace causeway::hardening
