// A peer's no, whenever it comes and however it is protected: it ends what it is about, it is the reason that
// status shows, and nothing is repeated in vain.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "hardening/hostile.hpp"

namespace causeway::hardening {
namespace {

using isakmp::NotifyType;

class Refusal : public Hostile {
 protected:
    /// East begins; west has answered its Quick Mode, and message 2 was lost.
    void until_west_replied() {
        world_->on_send = [this](const Flight& flight) {
            if (flight.seen.header.encrypted()) {
                known_ = flight.payload;
            }
        };
        until_message(8);
        answer_ = isakmp::decode_sa(isakmp::find(world_->wire().front().seen.payloads, PayloadType::sa)->body)
                      .value_or(isakmp::SaPayload{});
        world_->wire().clear();
    }
    std::size_t sent_by_west(Duration time) {
        std::size_t count = 0;
        world_->on_send = [&](const Flight& flight) { count += flight.from == "west" ? 1 : 0; };
        // East is not there any more.
        for (Duration passed{}; passed < time; passed += std::chrono::seconds(1)) {
            world_->pass(std::chrono::seconds(1));
            world_->wire().clear();
        }
        return count;
    }
    isakmp::SaPayload answer_;
};

TEST_F(Refusal, ProtectedErrorsAfterMessage2EndTheExchange) {
    for (const auto type :
         {NotifyType::no_proposal_chosen, NotifyType::invalid_id_information, NotifyType::payload_malformed,
          NotifyType::invalid_hash_information, NotifyType::attributes_not_supported}) {
        for (const bool with_spi : {true, false}) {
            begin({{"dpd", "no"}});
            until_west_replied();
            from_the_peer(ExchangeType::informational,
                          {notification(type, with_spi ? answer_.proposals.at(0).spi : Bytes{}, {},
                                        isakmp::Protocol::esp)});
            EXPECT_TRUE(west().installed.empty()) << name_of(type);
            const auto peer = peer_at_west();
            EXPECT_NE(status::sentence_of(peer.tunnels.front().why_down).find(name_of(type)),
                      std::string::npos)
                << status::sentence_of(peer.tunnels.front().why_down);
            EXPECT_NE(status::sentence_of(peer.last_error).find(name_of(type)), std::string::npos)
                << status::sentence_of(peer.last_error);
            EXPECT_EQ(peer.tunnels.front().why_down->code, "peer-refuses");
            EXPECT_TRUE(std::ranges::any_of(west().events, [&](const Event& event) {
                return event.code == EventCode::phase2_refused &&
                       event.text().find(name_of(type)) != std::string::npos;
            }));
            EXPECT_EQ(sent_by_west(std::chrono::seconds(20)), 0U) << name_of(type);
        }
    }
}

// It is about the Quick Mode; heard on the wire and said again in the same instant by somebody elsewhere it
// is not about who we are.
TEST_F(Refusal, ARefusalThatIsSaidAgainAtOnceDoesNotEndPhase1) {
    until_west_replied();
    const auto refusal = world_->observer().composed(known_, ExchangeType::informational, 4711,
                                                     {notification(NotifyType::invalid_id_information)});
    ASSERT_TRUE(refusal);
    answers_to(*refusal, east_end);
    EXPECT_TRUE(west().installed.empty());
    answers_to(*refusal, stranger);
    ASSERT_EQ(peer_at_west().ike_sas.size(), 1U);
    EXPECT_TRUE(peer_at_west().ike_sas.front().established);
    EXPECT_EQ(std::ranges::count(west().events, EventCode::phase1_closed, &Event::code), 0);
}

// An encrypted refusal of who we are, behind our message 5 (we called) or our message 6 (the peer did), under
// the usual IV or under libreswan 4.10's, the hash of the message id alone: told as what it is.
TEST_F(Refusal, IdentitiesRefusedUnderEitherIv) {
    for (const std::size_t message : {5U, 7U}) {
        for (const auto iv : {world::Observer::Iv::chained, world::Observer::Iv::id_alone}) {
            for (const std::string mode : {"main", "aggressive"}) {
                if (mode == "aggressive" && (message == 5 || iv == world::Observer::Iv::chained)) {
                    continue;  // it has no message but the third that an IV could be chained to
                }
                begin({{"id", "@somebody.example"}, {"peer-id", "any"}, {"mode", mode}, {"dpd", "no"}});
                until_message(mode == "main" ? message : 3);
                Gateway& refused = mode == "aggressive" || message == 7 ? west() : east();
                Gateway& other = &refused == &west() ? east() : west();
                const Flight flight = world_->wire().front();
                world_->wire().clear();
                const auto refusal =
                    world_->observer().composed(flight.payload, ExchangeType::informational, 0x77,
                                                {notification(NotifyType::invalid_id_information)}, iv);
                ASSERT_TRUE(refusal);
                // Under no key of ours: nothing ends by it.
                Bytes forged = *refusal;
                forged[forged.size() - 20] ^= 1U;
                refused.events.clear();
                world_->input(refused, ike::Datagram{{refused.address, 500}, {other.address, 500}, forged});
                const auto says = [&](const std::string& text) {
                    return std::ranges::any_of(refused.events, [&](const Event& event) {
                        return event.code == EventCode::phase1_failed &&
                               event.text().find(text) != std::string::npos;
                    });
                };
                EXPECT_FALSE(says(""));
                refused.events.clear();
                world_->input(refused, ike::Datagram{{refused.address, 500}, {other.address, 500}, *refusal});
                EXPECT_TRUE(says("INVALID-ID-INFORMATION to our identity FQDN somebody.example"))
                    << mode << message;
                const auto status = refused.engine->status(world_->now()).peers.front();
                EXPECT_NE(status::sentence_of(status.last_error).find("INVALID-ID-INFORMATION"),
                          std::string::npos)
                    << status::sentence_of(status.last_error);
                EXPECT_NE(status::sentence_of(status.tunnels.front().why_down).find("INVALID-ID-INFORMATION"),
                          std::string::npos)
                    << status::sentence_of(status.tunnels.front().why_down);
            }
        }
    }
}

// Message 6 is lost, and what the peer says under the new SA arrives: that is not about keys. Where message 6
// does not come when it is asked for again, it is.
TEST_F(Refusal, WhatCannotBeReadBeforeMessage6IsNotTakenForAnotherKeyAtOnce) {
    for (const bool comes_again : {true, false}) {
        begin({{"dpd", "no"}});
        world_->input(west(), ike::CommandUp{});
        std::optional<Bytes> sixth;
        for (int i = 0; i < 40; ++i) {
            while (!world_->wire().empty()) {
                const Flight flight = std::move(world_->wire().front());
                world_->wire().pop_front();
                const bool is_sixth = flight.from == "east" && flight.seen.header.encrypted() &&
                                      flight.seen.header.exchange == ExchangeType::main;
                if (!is_sixth || (sixth && comes_again)) {
                    world_->deliver(flight);
                } else if (!sixth) {
                    sixth = flight.payload;
                    const auto said =
                        world_->observer().composed(*sixth, ExchangeType::informational, 4711,
                                                    {notification(NotifyType::initial_contact)});
                    ASSERT_TRUE(said);
                    answers_to(*said, east_end);
                }
            }
            world_->pass(std::chrono::milliseconds(100));
        }
        ASSERT_TRUE(sixth);
        const auto told = std::ranges::count(west().events, EventCode::phase1_wrong_psk, &Event::code);
        EXPECT_EQ(told, comes_again ? 0 : 1);
        EXPECT_EQ(west().sending() != nullptr, comes_again);
    }
}

// Which of several is meant has to be said; what is said of a pair in use is about that one.
TEST_F(Refusal, ErrorsAboutSomethingElseEndNothing) {
    until_west_replied();
    from_the_peer(ExchangeType::informational, {notification(NotifyType::r_u_there_ack)});
    EXPECT_EQ(west().installed.size(), 1U);
    EXPECT_GT(sent_by_west(std::chrono::seconds(5)), 0U);
}

}  // namespace
}  // namespace causeway::hardening
