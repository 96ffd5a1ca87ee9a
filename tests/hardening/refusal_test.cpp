// A peer's no, whenever it comes and however it is protected: it ends what it is about, it is the reason that
// status shows, and nothing is repeated in vain.
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
            EXPECT_NE(peer.tunnels.front().why_down.find(name_of(type)), std::string::npos)
                << peer.tunnels.front().why_down;
            EXPECT_NE(peer.last_error.find(name_of(type)), std::string::npos) << peer.last_error;
            EXPECT_TRUE(std::ranges::any_of(west().events, [&](const Event& event) {
                return event.code == EventCode::phase2_refused &&
                       event.text().find(name_of(type)) != std::string::npos;
            }));
            EXPECT_EQ(sent_by_west(std::chrono::seconds(20)), 0U) << name_of(type);
        }
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
