// The classes of faults in the history of IKE daemons, in the order of their frequency: assertions and null
// pointers in error paths, unchecked errors of the cryptographic library, lengths and array bounds, confusion
// of states, exhaustion (flood_test.cpp).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "hardening/hostile.hpp"

namespace causeway::hardening {
namespace {

class Class : public Hostile {
 protected:
    /// Every message that west gets while a tunnel is made, in order.
    static constexpr std::size_t messages_of_a_session = 9;
};

// Error paths: at every stage of both modes and of Quick Mode, each message of the session cut at every
// length and with every octet changed; each path writes its log line, and the session goes on as if nothing
// had been.
TEST_F(Class, ErrorPathsAtEveryStage) {
    for (const std::string mode : {"main", "aggressive"}) {
        for (std::size_t stage = 1; stage <= messages_of_a_session; ++stage) {
            begin({{"mode", mode}, {"esp", "aes128-sha1-modp1024"}});
            world_->input(east(), ike::CommandUp{});
            for (std::size_t i = 1; i < stage && !world_->wire().empty(); ++i) {
                const Flight flight = std::move(world_->wire().front());
                world_->wire().pop_front();
                world_->deliver(flight);
            }
            if (world_->wire().empty()) {
                break;
            }
            const Flight flight = world_->wire().front();
            Gateway& to = *world_->owner_of(flight.destination.address);
            const auto kept = world_->wire();
            const auto hand_over = [&](Bytes octets) {
                world_->input(
                    to,
                    ike::Datagram{{to.address, flight.destination.port}, flight.source, std::move(octets)});
                for (const auto& event : to.events) {
                    EXPECT_FALSE(event.text().empty());
                }
                to.events.clear();
            };
            for (std::size_t length = 0; length < flight.payload.size(); ++length) {
                hand_over(
                    {flight.payload.begin(), flight.payload.begin() + static_cast<std::ptrdiff_t>(length)});
            }
            if (flight.seen.header.encrypted()) {
                // Where the hash or the identity under it is: not all that stands behind is hashed in
                // Phase 1.
                for (std::size_t at = isakmp::header_octets; at < isakmp::header_octets + 16; ++at) {
                    Bytes bad = flight.payload;
                    bad[at] ^= 0x10U;
                    hand_over(std::move(bad));
                }
            }
            world_->wire() = kept;
            world_->settle();
            world_->pass(std::chrono::seconds(20), true);
            ASSERT_NE(west().sending(), nullptr) << mode << " stage " << stage;
            expect_up();
        }
    }
}

// The cryptographic library says no: each job of a session fails once, at either end. What was begun ends or
// is begun anew; nothing is made with keys that are not there.
TEST_F(Class, FailedDiffieHellmanJobs) {
    for (const std::string mode : {"main", "aggressive"}) {
        for (std::uint64_t job = 1; job <= 4; ++job) {
            for (const bool at_west : {true, false}) {
                begin({{"mode", mode}, {"esp", "aes128-sha1-modp1024"}});
                Gateway& failing = at_west ? west() : east();
                world_->input(east(), ike::CommandUp{});
                while (!world_->wire().empty()) {
                    const Flight flight = std::move(world_->wire().front());
                    world_->wire().pop_front();
                    ike::DhDone failed;
                    failed.job = job;
                    failed.error = "the library says no";
                    if (world_->owner_of(flight.destination.address) == &failing) {
                        // Straight to the engine, the failure before the world can answer the job.
                        failing.engine->handle(
                            world_->now(),
                            ike::Datagram{
                                {failing.address, flight.destination.port}, flight.source, flight.payload});
                        world_->input(failing, std::move(failed));
                    } else {
                        world_->deliver(flight);
                    }
                }
                for (const auto* one : {&west(), &east()}) {
                    for (const auto& [id, installed] : one->installed) {
                        EXPECT_FALSE(installed.pair->inbound.encryption_key.empty());
                    }
                }
                world_->pass(std::chrono::minutes(1), true);
                world_->input(east(), ike::CommandUp{});
                world_->settle();
                ASSERT_NE(west().sending(), nullptr) << mode << " job " << job << " at west " << at_west;
                expect_up();
            }
        }
    }
}

// A KE payload with nothing in it, in every place where one is read: no job without a peer's value passes for
// an agreed secret.
TEST_F(Class, EmptyPublicValues) {
    const auto empty_ke = [](Payloads& payloads) {
        for (auto& payload : payloads) {
            if (payload.type == PayloadType::key_exchange) {
                payload.body.clear();
            }
        }
    };
    for (const std::string mode : {"main", "aggressive"}) {
        for (std::size_t message = 1; message <= messages_of_a_session; ++message) {
            begin({{"mode", mode}, {"esp", "aes128-sha1-modp1024"}});
            until_message(message);
            const Flight flight = world_->wire().front();
            if (isakmp::find(flight.seen.payloads, PayloadType::key_exchange) == nullptr) {
                continue;
            }
            Gateway& to = *world_->owner_of(flight.destination.address);
            const auto bad = changed(empty_ke);
            ASSERT_TRUE(bad);
            world_->wire().clear();
            world_->input(to, ike::Datagram{{to.address, flight.destination.port}, flight.source, *bad});
            for (const auto& sent : world_->wire()) {
                EXPECT_EQ(sent.seen.header.exchange, ExchangeType::informational)
                    << mode << " message " << message;
            }
            EXPECT_TRUE(to.installed.empty());
            if (flight.seen.header.exchange == ExchangeType::quick && flight.from == "west") {
                break;  // the answer of Quick Mode is the last one with a KE
            }
        }
    }
}

// Lengths and bounds: the inner structures of an offer, each length octet with every value.
TEST_F(Class, EveryLengthOctetOfAnOffer) {
    until_message(1);
    const Bytes first = world_->wire().front().payload;
    const std::size_t sa = isakmp::header_octets;
    // Generic header, proposal header (length, SPI size, number of transforms), transform header, attributes.
    for (const std::size_t at : {sa + 2, sa + 3, sa + 14, sa + 15, sa + 18, sa + 19, sa + 22, sa + 23,
                                 sa + 30, sa + 31, sa + 34, sa + 35}) {
        for (unsigned value = 0; value <= 255; ++value) {
            Bytes odd = first;
            odd.at(at) = static_cast<std::uint8_t>(value);
            odd[0] = static_cast<std::uint8_t>(value);
            for (const auto& from : {stranger, east_end}) {
                std::size_t octets = 0;
                for (const auto& answer : answers_to(odd, from)) {
                    octets += answer.payload.size();
                }
                ASSERT_LE(octets, 3 * odd.size());
            }
        }
    }
    ASSERT_LE(half_open(), ike::limits::half_open_known.each);
}

TEST_F(Class, CountsBeyondEveryBound) {
    const auto offer = [](std::size_t proposals, std::size_t transforms, std::size_t attributes) {
        isakmp::SaPayload sa;
        isakmp::Transform transform;
        transform.id = 1;
        transform.attributes.assign(attributes, isakmp::Attribute::tv(1, 7));
        isakmp::Proposal proposal;
        proposal.transforms.assign(transforms, transform);
        sa.proposals.assign(proposals, proposal);
        return isakmp::encode(sa);
    };
    EXPECT_TRUE(isakmp::decode_sa(offer(1, 1, isakmp::max_attributes)));
    EXPECT_FALSE(isakmp::decode_sa(offer(1, 1, isakmp::max_attributes + 1)));
    EXPECT_FALSE(isakmp::decode_sa(offer(isakmp::max_proposals + 1, 1, 1)));
    EXPECT_FALSE(isakmp::decode_sa(offer(2, isakmp::max_transforms / 2 + 1, 1)));
    isakmp::Delete gone{isakmp::doi_ipsec, isakmp::Protocol::esp, 4, {}};
    gone.spis.assign(isakmp::max_deleted_spis + 1, Bytes(4, 1));
    EXPECT_FALSE(isakmp::decode_delete(isakmp::encode(gone)));
    const Payloads many(isakmp::max_payloads + 1, Payload{PayloadType::vendor_id, {1, 2, 3}});
    EXPECT_FALSE(isakmp::decode_payloads(PayloadType::vendor_id, isakmp::encode_payloads(many),
                                         isakmp::Trailing::none));
}

// State confusion (CVE-2014-2338 let an unfinished SA be renewed, and so authenticated): each message of a
// whole session, in every order of two, to a gateway that never saw the rest. Nothing is agreed that way.
TEST_F(Class, MessagesOutOfTheirState) {
    const auto datagrams = recorded();
    ASSERT_GE(datagrams.size(), 5U);
    for (const auto& before : datagrams) {
        for (const auto& after : datagrams) {
            ASSERT_TRUE(world_->start(west()));
            answers_to(before, east_end);
            answers_to(after, east_end);
            EXPECT_TRUE(west().installed.empty());
            EXPECT_TRUE(peer_at_west().ike_sas.empty());
        }
    }
}

// A Quick Mode, an Informational, a transaction under an SA whose peer is not authenticated yet, with the
// keys of that very exchange: a man in the middle has those, the pre-shared key he has not.
TEST_F(Class, LaterExchangesBeforePhase1IsDone) {
    for (const std::string mode : {"main", "aggressive"}) {
        begin({{"mode", mode}});
        const std::size_t last = mode == "main" ? 5 : 3;
        until_message(last);
        const Bytes& message = world_->wire().front().payload;
        for (const auto exchange : {ExchangeType::quick, ExchangeType::informational,
                                    ExchangeType::transaction, ExchangeType::new_group, ExchangeType::base}) {
            Bytes other = message;
            other[18] = static_cast<std::uint8_t>(exchange);
            other[23] = 9;
            for (const auto& answer : answers_to(other, east_end)) {
                EXPECT_LE(answer.payload.size(), 3 * other.size()) << mode;
            }
        }
        EXPECT_TRUE(west().installed.empty());
        world_->settle();
        EXPECT_NE(west().sending(), nullptr) << mode;
    }
}

// The initiator of Quick Mode takes nothing but an answer to what it offered, even under the right HASH(2).
TEST_F(Class, AnswersThatFitNoOffer) {
    using Change = std::function<void(Payloads&)>;
    const auto of_type = [](Payloads& payloads, PayloadType type) -> Bytes& {
        return std::find_if(payloads.begin(), payloads.end(),
                            [&](const Payload& one) { return one.type == type; })
            ->body;
    };
    const auto in_sa = [&](const std::function<void(isakmp::SaPayload&)>& change) {
        return [&, change](Payloads& payloads) {
            auto& body = of_type(payloads, PayloadType::sa);
            auto sa = *isakmp::decode_sa(body);
            change(sa);
            body = isakmp::encode(sa);
        };
    };
    const std::vector<Change> changes{
        [&](Payloads& all) { of_type(all, PayloadType::identification)[5] ^= 1U; },  // other networks
        [&](Payloads& all) { of_type(all, PayloadType::identification)[0] = 2; },
        [&](Payloads& all) { of_type(all, PayloadType::nonce).resize(7); },
        [&](Payloads& all) { of_type(all, PayloadType::nonce).resize(257); },
        [&](Payloads& all) {
            std::erase_if(all, [](const auto& one) { return one.type == PayloadType::key_exchange; });
        },
        in_sa([](auto& sa) { sa.proposals.push_back(sa.proposals.front()); }),
        in_sa([](auto& sa) { sa.proposals.clear(); }),
        in_sa([](auto& sa) { sa.proposals.front().transforms.clear(); }),
        in_sa([](auto& sa) { sa.proposals.front().transforms.front().id = 11; }),  // NULL encryption
        in_sa([](auto& sa) {
            sa.proposals.front().spi = {1, 2, 3};
        }),
        in_sa([](auto& sa) { sa.proposals.front().spi.clear(); }),
        in_sa([](auto& sa) { sa.proposals.front().protocol = isakmp::Protocol::ah; }),
        in_sa([](auto& sa) {
            for (auto& attribute : sa.proposals.front().transforms.front().attributes) {
                if (attribute.type == 4) {
                    attribute = isakmp::Attribute::tv(4, 2);  // transport mode
                }
            }
        }),
    };
    for (std::size_t change = 0; change < changes.size(); ++change) {
        begin({{"esp", "aes128-sha1-modp1024"}});
        until_message(8);  // six of Main Mode, one of Quick Mode
        const Flight flight = world_->wire().front();
        ASSERT_EQ(flight.from, "west");
        ASSERT_EQ(flight.seen.header.exchange, ExchangeType::quick);
        const auto bad = changed(changes[change]);
        ASSERT_TRUE(bad);
        world_->wire().clear();
        east().events.clear();
        world_->input(east(), ike::Datagram{{east().address, flight.destination.port}, flight.source, *bad});
        EXPECT_TRUE(east().installed.empty()) << change;
        EXPECT_FALSE(east().events.empty()) << change;
    }
}

// What was heard on the wire is said again from elsewhere: no sign of life, and no way to lead us astray.
TEST_F(Class, RecordedMessagesDoNotMoveThePeer) {
    up_and_known();
    std::vector<Bytes> recorded;
    world_->on_send = [&](const Flight& flight) {
        if (flight.from == "east") {
            recorded.push_back(flight.payload);
        }
    };
    world_->pass(std::chrono::seconds(60), true);  // liveness questions and answers
    ASSERT_GE(recorded.size(), 3U);
    const Endpoint remote = peer_at_west().ike_sas.front().remote;
    for (const auto& datagram : recorded) {
        answers_to(datagram, {IpAddress::v4(0xcb007107), 500});
    }
    EXPECT_EQ(peer_at_west().ike_sas.front().remote, remote);
    EXPECT_EQ(west().installed.begin()->second.remote.address, remote.address);
    expect_up();
}

TEST_F(Class, RefusedQuickModesPlayedAgainDoNotMoveThePeer) {
    up_and_known();
    Payloads refused{{PayloadType::sa, {0, 0, 0, 1, 0, 0, 0, 1}}, {PayloadType::nonce, Bytes(16, 3)}};
    const auto made = world_->observer().composed(known_, ExchangeType::quick, 77, refused);
    ASSERT_TRUE(made);
    EXPECT_EQ(answers_to(*made, east_end).size(), 1U);
    const Endpoint remote = peer_at_west().ike_sas.front().remote;
    answers_to(*made, {IpAddress::v4(0xcb007107), 500});
    EXPECT_EQ(peer_at_west().ike_sas.front().remote, remote);
}

}  // namespace
}  // namespace causeway::hardening
