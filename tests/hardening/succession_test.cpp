// An ISAKMP SA takes over from one that the peer still uses.
#include <optional>

#include "hardening/other_make.hpp"

namespace causeway::hardening {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Succession : public OtherMake {};

// A peer that says INITIAL-CONTACT with every Phase 1: a Quick Mode that it began under the ISAKMP SA before
// while the new one was made ends there.
TEST_F(Succession, InitialContactLetsAQuickModeEndThatIsUnderWay) {
    begin_both({{"ike-lifetime", "300"}}, {{"ike-lifetime", "300"}, {"tunnels", "2"}});
    west().settings.values["tunnels"] = "2";
    ASSERT_TRUE(world_->start(west()));
    world_->input(west(), ike::CommandUp{"east-lan"});
    ASSERT_TRUE(live(seconds(1)));
    std::optional<Flight> held;
    bool asked = false;
    bool contact_said = false;
    manner = [&](Flight& flight) {
        const auto& header = flight.seen.header;
        if (header.exchange == ExchangeType::main && !asked) {
            asked = true;
            world_->input(east(), ike::CommandUp{});
        }
        const bool message_3 = flight.from == "east" && header.exchange == ExchangeType::quick &&
                               flight.seen.payloads.size() == 1;
        if (message_3 && !held) {
            held = flight;
            return false;
        }
        return true;
    };
    afterwards = [&] {
        if (held && !contact_said && peer_at_west().ike_sas.size() == 2 &&
            peer_at_west().ike_sas.back().established) {
            contact_said = true;
            east_says(notification(isakmp::NotifyType::initial_contact));
            world_->deliver(*held);
        }
    };
    ASSERT_TRUE(live(seconds(400)));
    ASSERT_TRUE(contact_said);
    EXPECT_EQ(said(west(), EventCode::initial_contact), 1U);
    EXPECT_EQ(up_at(west(), 2), 2U);
    EXPECT_EQ(up_at(east(), 2), 2U);
    EXPECT_TRUE(world_->packet(west(), east(), 2));
    EXPECT_TRUE(world_->packet(east(), west(), 2));
}

}  // namespace
}  // namespace causeway::hardening
