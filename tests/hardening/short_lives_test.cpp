// Lifetimes of seconds: what the peer may wish of us, and renewals that have no time to lose.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hardening/hostile.hpp"
#include "negotiation/words.hpp"

namespace causeway::hardening {
namespace {

using isakmp::NotifyType;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class ShortLives : public Hostile {
 protected:
    using Values = std::map<std::string, std::string>;
    void begin_with(const Values& of_west, const Values& of_east) {
        world_ = World::west_and_east(7, World::DiffieHellman::toy);
        west().settings.values = of_west;
        east().settings.values = of_east;
        begun_.clear();
        world_->on_send = [this](const Flight& flight) {
            const auto& header = flight.seen.header;
            const bool first = header.exchange == ExchangeType::quick ||
                               (header.message_id == 0 && header.cky_r == isakmp::Cookie{});
            if (header.encrypted()) {
                known_ = flight.payload;
            }
            if (flight.from == "west" && first && !flight.seen.repeated) {
                begun_.insert({header.cky_i, header.message_id});
            }
        };
        ASSERT_TRUE(world_->start(west()));
        ASSERT_TRUE(world_->start(east()));
    }
    std::size_t told() {
        std::size_t count = 0;
        for (const auto& event : west().events) {
            count += event.code == EventCode::lifetime_short ? 1 : 0;
        }
        return count;
    }
    std::set<std::pair<isakmp::Cookie, std::uint32_t>> begun_;
};

// By ourselves we renew once a minute at most, whatever the peer asks; its SA ends as agreed.
TEST_F(ShortLives, ThePeerWishesThemToBeSeconds) {
    for (const std::string mode : {"main", "aggressive"}) {
        for (const std::string life : {"1", "5", "50"}) {
            begin_with({{"mode", mode}, {"start", "start"}, {"dpd", "no"}},
                       {{"mode", mode}, {"esp-lifetime", life}, {"rekey", "no"}, {"dpd", "no"}});
            for (int second = 0; second < 600; ++second) {
                world_->settle();
                world_->input(west(), sa::Acquire{1});
                world_->pass(seconds(1), true);
            }
            // Two exchanges in the first minute, one in each that follows.
            EXPECT_LE(begun_.size(), 13U) << mode << life;
            EXPECT_GE(begun_.size(), 10U) << mode << life;
            EXPECT_EQ(told(), 1U) << mode << life;
        }
    }
}

TEST_F(ShortLives, ThePeerWishesItByResponderLifetime) {
    begin_with({{"start", "start"}}, {});
    world_->settle();
    for (int second = 0; second < 600; ++second) {
        Payload wish{PayloadType::notification, {}};
        const std::vector<isakmp::Attribute> one{isakmp::Attribute::tv(11, 1), isakmp::Attribute::tv(12, 1)};
        wish = notification(NotifyType::responder_lifetime, Bytes(known_.begin(), known_.begin() + 16),
                            isakmp::encode(std::span<const isakmp::Attribute>(one)));
        from_the_peer(ExchangeType::informational, {wish});
        world_->pass(seconds(1), true);
    }
    EXPECT_LE(begun_.size(), 13U);
    EXPECT_EQ(told(), 1U);
}

TEST_F(ShortLives, ThePeerWishesThemToBeAKilobyte) {
    begin_with({{"start", "start"}}, {{"esp-kilobytes", "1"}, {"esp-lifetime", "3000"}, {"rekey", "no"}});
    world_->settle();
    for (int second = 0; second < 600; ++second) {
        if (!west().installed.empty()) {
            const auto id = west().installed.rbegin()->first;
            world_->input(west(), sa::Exhausted{id, false});
            world_->input(west(), sa::Exhausted{id, true});
        }
        world_->input(west(), sa::Acquire{1});
        world_->pass(seconds(1), true);
    }
    EXPECT_LE(begun_.size(), 13U);
    EXPECT_GE(begun_.size(), 10U);
    EXPECT_EQ(told(), 1U);
}

// What we have set ourselves is renewed when it is due, without a gap.
TEST_F(ShortLives, OurOwnWishIsOurOwn) {
    begin_with({{"start", "start"}, {"ike-lifetime", "30"}, {"esp-lifetime", "20"}}, {});
    world_->settle();
    for (int second = 0; second < 600; ++second) {
        ASSERT_TRUE(world_->packet(west(), east())) << second;
        ASSERT_TRUE(world_->packet(east(), west())) << second;
        world_->pass(seconds(1), true);
    }
    EXPECT_EQ(told(), 0U);
}

// The peer has lost the ISAKMP SA without a word, its pair it has: when that is due it is known in time.
TEST_F(ShortLives, TheIsakmpSaIsLostSilentlyWhenPhase2IsDue) {
    for (const std::string mode : {"main", "aggressive"}) {
        for (const bool west_begins : {true, false}) {
            for (const bool dpd : {true, false}) {
                const std::string liveness = dpd ? "yes" : "no";
                begin_with({{"mode", mode}, {"esp-lifetime", "60"}, {"dpd", liveness}},
                           {{"mode", mode}, {"esp-lifetime", "60"}, {"rekey", "no"}, {"dpd", liveness}});
                world_->input(west_begins ? west() : east(), ike::CommandUp{});
                world_->settle();
                std::set<std::string> lost;
                for (const auto& sa : peer_at_west().ike_sas) {
                    lost.insert(sa.cky_i);
                }
                for (int step = 0; step < 4 * 100; ++step) {
                    world_->pass(milliseconds(250));
                    while (!world_->wire().empty()) {
                        const Flight flight = std::move(world_->wire().front());
                        world_->wire().pop_front();
                        if (!lost.contains(to_hex(flight.seen.header.cky_i))) {
                            world_->deliver(flight);
                        }
                    }
                    ASSERT_TRUE(world_->packet(west(), east())) << mode << west_begins << dpd << step;
                    ASSERT_TRUE(world_->packet(east(), west())) << mode << west_begins << dpd << step;
                }
            }
        }
    }
}

// Both ends dial at once, and two ISAKMP SAs stand, of which each may take another one: whichever serves is
// renewed before it ends.
TEST_F(ShortLives, AfterBothHaveDialledAtOncePhase1IsRenewedInTime) {
    std::size_t crossed = 0;
    for (const std::string mode : {"main", "aggressive"}) {
        for (unsigned order = 0; order < 12; ++order) {
            const std::map<std::string, std::string> values{{"mode", mode}, {"ike-lifetime", "600"}};
            begin_with(values, values);
            world_->input(west(), ike::CommandUp{});
            world_->input(east(), ike::CommandUp{});
            // Both first messages arrive; what follows comes in many an order.
            for (unsigned i = 0; !world_->wire().empty(); ++i) {
                const std::size_t last = world_->wire().size() - 1;
                const std::size_t at = i < 2 ? 0 : std::min<std::size_t>((order >> (i % 4)) & 1U, last);
                const Flight flight = std::move(world_->wire()[at]);
                world_->wire().erase(world_->wire().begin() + static_cast<std::ptrdiff_t>(at));
                world_->deliver(flight);
            }
            crossed += peer_at_west().ike_sas.size() - 1;
            for (int second = 0; second < 2000; ++second) {
                world_->pass(seconds(1));  // what ends in this second is not yet made anew
                for (auto* one : {&west(), &east()}) {
                    const auto status = one->engine->status(world_->now());
                    const auto& sas = status.peers.front().ike_sas;
                    ASSERT_TRUE(std::any_of(
                        sas.begin(), sas.end(),
                        [](const auto& sa) { return sa.state == status::IsakmpSaState::established; }))
                        << mode << order << one->name << second;
                }
                world_->settle();
                ASSERT_TRUE(world_->packet(west(), east()));
                ASSERT_TRUE(world_->packet(east(), west()));
            }
        }
    }
    EXPECT_GE(crossed, 12U);
}

// The responder's first answers are lost: it installs its pair long before the initiator, and would end it
// long before, too. Whichever end renews does so in time, and neither ends it sooner than the other may
// think.
TEST_F(ShortLives, TheEndsDoNotCountFromTheSameInstant) {
    for (const auto& [west_renews, east_renews] : {std::pair("yes", "yes"), {"yes", "no"}, {"no", "yes"}}) {
        begin_with({{"start", "start"}, {"esp-lifetime", "120"}, {"rekey", west_renews}},
                   {{"esp-lifetime", "120"}, {"rekey", east_renews}});
        const Instant begun = world_->now();
        const auto up = [&] { return west().sending() != nullptr && east().sending() != nullptr; };
        for (int i = 0; i < 300 && !up(); ++i) {
            while (!world_->wire().empty()) {
                const Flight flight = std::move(world_->wire().front());
                world_->wire().pop_front();
                const bool answer =
                    flight.from == "east" && flight.seen.header.exchange == ExchangeType::quick;
                if (!answer || world_->now() > begun + seconds(14)) {
                    world_->deliver(flight);
                }
            }
            world_->pass(milliseconds(100));
        }
        ASSERT_TRUE(up());
        ASSERT_GE(world_->now(), begun + seconds(14));
        for (const Gateway* end : {&west(), &east()}) {
            const auto peer = end->engine->status(world_->now()).peers.front();
            EXPECT_GE(*peer.tunnels.front().sas.back().expires_at, world_->now() + seconds(119));
        }
        for (int i = 0; i < 3000; ++i) {
            world_->settle();
            ASSERT_TRUE(world_->packet(west(), east())) << west_renews << east_renews << i;
            ASSERT_TRUE(world_->packet(east(), west())) << west_renews << east_renews << i;
            world_->pass(milliseconds(100));
        }
    }
}

// The same where message 3 never comes and the initiator's packets confirm the pair.
TEST_F(ShortLives, APairThatPacketsConfirmLivesFromThenOn) {
    begin_with({{"start", "start"}, {"esp-lifetime", "120"}}, {{"esp-lifetime", "120"}});
    const Instant begun = world_->now();
    for (int i = 0; i < 300 && west().sending() == nullptr; ++i) {
        while (!world_->wire().empty()) {
            const Flight flight = std::move(world_->wire().front());
            world_->wire().pop_front();
            const bool quick = flight.seen.header.exchange == ExchangeType::quick;
            const bool late = world_->now() > begun + seconds(14);
            if (!quick || (flight.seen.payloads.size() > 1 && (flight.from == "west" || late))) {
                world_->deliver(flight);
            }
        }
        world_->pass(milliseconds(100));
    }
    ASSERT_NE(west().sending(), nullptr);
    ASSERT_EQ(east().sending(), nullptr);
    ASSERT_TRUE(world_->packet(west(), east()));
    ASSERT_NE(east().sending(), nullptr);
    const auto peer = east().engine->status(world_->now()).peers.front();
    EXPECT_GE(*peer.tunnels.front().sas.back().expires_at, world_->now() + seconds(119));
}

}  // namespace
}  // namespace causeway::hardening
