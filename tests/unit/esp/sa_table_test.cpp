// Two tables back to back: what one seals the other opens, and everything that must not pass.
#include "esp/sa_table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "crypto/esp_cipher.hpp"
#include "unit/esp/suites.hpp"

namespace causeway::esp {
namespace {

using test::all_suites;
using test::Gateway;
using test::IpFields;
using test::SuiteCase;

const Endpoint outer_a{*IpAddress::parse("203.0.113.56"), 4500};

template <class T>
std::vector<T> events_of(SaTable& table) {
    std::vector<T> found;
    for (const sa::Event& event : table.take_events()) {
        if (const T* one = std::get_if<T>(&event)) {
            found.push_back(*one);
        }
    }
    return found;
}

IpFields b_to_a() {
    IpFields fields;
    std::swap(fields.source, fields.destination);
    return fields;
}

std::vector<Bytes> packets_of(std::size_t count, std::size_t smallest = 28) {
    std::vector<Bytes> packets;
    packets.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        packets.push_back(test::udp_packet(smallest + i * 37 % (1400 - smallest)));
    }
    return packets;
}

TEST(BackToBack, EverySuiteAndLength) {
    for (const SuiteCase& suite : all_suites()) {
        SCOPED_TRACE(crypto::info(suite.cipher).name);
        SCOPED_TRACE(crypto::info(suite.integrity).name);
        Gateway a(true, suite);
        Gateway b(false, suite);
        ASSERT_TRUE(a.installed && b.installed);
        for (std::size_t size = 28; size <= 1400; size += size < 80 ? 1 : 61) {
            const Bytes packet = test::udp_packet(size);
            const Bytes sealed = a.seal_one(packet);
            EXPECT_EQ(sealed.size(), sealed_octets(suite_of(suite.cipher, suite.integrity), size));
            EXPECT_EQ(b.open_one(sealed).inner, packet) << size;
        }
    }
}

TEST(BackToBack, EveryBatchSize) {
    for (const SuiteCase& suite :
         {SuiteCase{}, SuiteCase{crypto::CipherId::aes_gcm16_128, crypto::IntegrityId::none}}) {
        Gateway a(true, suite);
        Gateway b(false, suite);
        for (std::size_t size = 1; size <= 128; ++size) {
            const auto packets = packets_of(size);
            const auto sealed = a.seal(packets);
            ASSERT_EQ(sealed.size(), size);
            const auto opened = b.open(sealed);
            for (std::size_t i = 0; i < size; ++i) {
                ASSERT_EQ(opened[i].inner, packets[i]) << size << " " << i;
            }
        }
    }
}

TEST(BackToBack, ThePatternIsNowhereInTheSealedPacket) {
    Gateway a(true);
    const Bytes packet = test::udp_packet(600);
    const Bytes sealed = a.seal_one(packet);
    const ByteView part = ByteView(packet).subspan(100, 16);
    EXPECT_EQ(std::search(sealed.begin(), sealed.end(), part.begin(), part.end()), sealed.end());
}

TEST(BackToBack, SpisAndSequenceNumbersOnTheWire) {
    Gateway a(true);
    for (std::uint8_t n = 1; n <= 3; ++n) {
        const Bytes sealed = a.seal_one(test::udp_packet(60));
        EXPECT_EQ(Bytes(sealed.begin(), sealed.begin() + 8), (Bytes{0xc0, 0, 0, 1, 0, 0, 0, n}));
    }
}

TEST(BackToBack, DescriptorsSayWhereTo) {
    Gateway a(true);
    IpFields fields;
    fields.tos = 0xb9;  // EF, ECT(1)
    const Bytes packet = test::udp_packet(100, fields);
    const ByteView view = packet;
    a.table.seal({&view, 1}, a.batch, a.now);
    ASSERT_EQ(a.batch.packets().size(), 1U);
    const Sealed& sealed = a.batch.packets()[0];
    EXPECT_EQ(sealed.local.text(), "203.0.113.56[4500]");
    EXPECT_EQ(sealed.remote.text(), "198.51.100.112[4500]");
    EXPECT_EQ(sealed.encapsulation, sa::Encapsulation::none);
    EXPECT_EQ(sealed.tos, 0xb8);
    EXPECT_EQ(sealed.sa, sa::SaId{1});
}

TEST(Seal, AFullArenaStopsAndGoesOn) {
    Gateway a(true);
    Gateway b(false);
    SealBatch small(4000);
    const auto packets = packets_of(40, 700);
    const std::vector<ByteView> views(packets.begin(), packets.end());
    std::span<const ByteView> left(views);
    std::size_t rounds = 0;
    std::size_t at = 0;
    while (!left.empty()) {
        ASSERT_LT(++rounds, 100U);
        small.clear();
        const std::size_t taken = a.table.seal(left, small, a.now);
        ASSERT_GT(taken, 0U);
        left = left.subspan(taken);
        for (const Sealed& sealed : small.packets()) {
            EXPECT_EQ(b.open_one(to_bytes(sealed.packet)).inner, packets[at++]);
        }
    }
    EXPECT_EQ(at, packets.size());
    EXPECT_GT(rounds, 5U);
}

TEST(Seal, NoPolicyNoPacket) {
    Gateway a(true);
    IpFields elsewhere;
    elsewhere.destination = 0x08080808;
    EXPECT_TRUE(a.seal({test::udp_packet(60, elsewhere)}).empty());
    EXPECT_EQ(a.table.drops().of(Drop::no_policy), 1U);
    Bytes six(60);
    six[0] = 0x60;
    EXPECT_TRUE(a.seal({six, Bytes{}}).empty());
    EXPECT_EQ(a.table.drops().of(Drop::not_ipv4), 2U);
}

TEST(Seal, TheSasOwnSelectorsCount) {
    Gateway a(true, {}, false);
    sa::SaPair narrow = test::pair_of(true);
    narrow.remote.net = *Ipv4Net::parse("192.168.0.0/28");
    ASSERT_TRUE(a.table.install(test::shared(std::move(narrow)), true));
    EXPECT_EQ(a.seal({test::udp_packet(60)}).size(), 1U);
    IpFields outside;
    outside.destination = 0xc0a80014;
    EXPECT_TRUE(a.seal({test::udp_packet(60, outside)}).empty());
    EXPECT_EQ(a.table.usage(sa::SaId{1})->dropped_policy, 1U);
}

TEST(Seal, FirstPacketsWaitForTheSa) {
    Gateway a(true, {}, false);
    const auto packets = packets_of(3);
    EXPECT_TRUE(a.seal(packets).empty());
    EXPECT_EQ(events_of<sa::Acquire>(a.table).size(), 1U);
    EXPECT_FALSE(a.table.has_sendable_queue(1));
    ASSERT_TRUE(a.table.install(test::shared(test::pair_of(true)), false));
    EXPECT_FALSE(a.table.has_sendable_queue(1));  // inbound only: the responder waits for message 3
    a.table.activate_outbound(sa::SaId{1});
    ASSERT_TRUE(a.table.has_sendable_queue(1));
    const auto queued = a.table.take_queued(1, a.now);
    ASSERT_EQ(queued.size(), 3U);
    const auto sealed = a.seal(queued);
    Gateway b(false);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(b.open_one(sealed[i]).inner, packets[i]);
    }
}

TEST(Seal, AcquireAtMostOnceASecond) {
    Gateway a(true, {}, false);
    std::size_t acquires = 0;
    for (int i = 0; i < 25; ++i) {
        a.seal(packets_of(2));
        acquires += events_of<sa::Acquire>(a.table).size();
        a.now += std::chrono::milliseconds(100);
    }
    EXPECT_EQ(acquires, 3U);
}

TEST(Seal, ATunnelThatDoesNotAskDropsInSilence) {
    Gateway a(true, {}, false);
    const Tunnel tunnel = test::tunnel_of(test::pair_of(true), false);
    a.table.set_tunnels({&tunnel, 1});
    a.seal(packets_of(3));
    EXPECT_TRUE(a.table.take_events().empty());
    EXPECT_EQ(a.table.drops().of(Drop::no_sa), 3U);
    EXPECT_TRUE(a.table.take_queued(1, a.now).empty());
}

TEST(Drop, EachReasonHasItsOwnName) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Drop::count); ++i) {
        names.insert(drop_name(static_cast<Drop>(i)));
    }
    EXPECT_EQ(names.size(), static_cast<std::size_t>(Drop::count));
    EXPECT_EQ(names.count(""), 0U);
    EXPECT_EQ(drop_name(Drop::queue_full), "queue-full");
}

TEST(Seal, TooBigWithDfIsAnswered) {
    Gateway a(true);
    IpFields fields;
    fields.dont_fragment = true;
    const std::size_t mtu = *a.table.inner_mtu(sa::SaId{1});
    EXPECT_EQ(mtu, 1438U);
    EXPECT_EQ(a.seal({test::udp_packet(mtu, fields)}).size(), 1U);
    const Bytes packet = test::udp_packet(mtu + 1, fields);
    const ByteView view = packet;
    a.batch.clear();
    a.table.seal({&view, 1}, a.batch, a.now);
    EXPECT_TRUE(a.batch.packets().empty());
    ASSERT_EQ(a.batch.replies().size(), 1U);
    EXPECT_EQ(test::get16(a.batch.replies()[0], 26), mtu);
    EXPECT_EQ(a.table.drops().of(Drop::too_big), 1U);
}

TEST(Seal, IcmpIsLimited) {
    Gateway a(true);
    IpFields fields;
    fields.dont_fragment = true;
    const Bytes packet = test::udp_packet(1490, fields);
    const std::vector<ByteView> views(1000, packet);
    a.batch.clear();
    a.table.seal(views, a.batch, a.now);
    EXPECT_EQ(a.batch.replies().size(), 32U);
    EXPECT_EQ(a.table.drops().of(Drop::too_big), 1000U);
}

TEST(Seal, TooBigWithoutDfIsFragmented) {
    for (const SuiteCase& suite : all_suites()) {
        Gateway a(true, suite);
        Gateway b(false, suite);
        const std::size_t mtu = *a.table.inner_mtu(sa::SaId{1});
        const Bytes packet = test::udp_packet(3028);
        const auto sealed = a.seal({packet});
        ASSERT_EQ(sealed.size(), 3U);
        Bytes together;
        for (const auto& piece : b.open(sealed)) {
            ASSERT_FALSE(piece.inner.empty());
            EXPECT_LE(piece.inner.size(), mtu);
            append(together, ByteView(piece.inner).subspan(20));
        }
        EXPECT_EQ(together, to_bytes(ByteView(packet).subspan(20)));
        for (const Bytes& piece : sealed) {
            EXPECT_LE(piece.size() + 20, 1500U);
        }
    }
}

TEST(Seal, MssIsClampedBothWays) {
    Gateway a(true);
    Gateway b(false);
    const Bytes syn = test::tcp_packet(0x02, {2, 4, 0x05, 0xb4});
    const Bytes opened = b.open_one(a.seal_one(syn)).inner;
    ASSERT_FALSE(opened.empty());
    EXPECT_EQ(test::get16(opened, 42), 1438U - 40);

    SaTable unclamped({1500, false});
    const Tunnel tunnel = test::tunnel_of(test::pair_of(true));
    unclamped.set_tunnels({&tunnel, 1});
    ASSERT_TRUE(unclamped.install(test::shared(test::pair_of(true)), true));
    Gateway b2(false);
    SealBatch batch;
    const ByteView view = syn;
    unclamped.seal({&view, 1}, batch, Instant{});
    const Bytes inbound = b2.open_one(to_bytes(batch.packets()[0].packet)).inner;
    EXPECT_EQ(test::get16(inbound, 42), 1438U - 40);
}

TEST(Seal, CopyingDscpCanBeSwitchedOff) {
    Gateway a(true, {}, false);
    sa::SaPair pair = test::pair_of(true);
    pair.copy_dscp = false;
    ASSERT_TRUE(a.table.install(test::shared(std::move(pair)), true));
    IpFields fields;
    fields.tos = 0xb8;
    const Bytes packet = test::udp_packet(60, fields);
    const ByteView view = packet;
    a.table.seal({&view, 1}, a.batch, a.now);
    EXPECT_EQ(a.batch.packets()[0].tos, 0);
}

TEST(Seal, KilobytesEndThePair) {
    Gateway a(true, {}, false);
    sa::SaPair pair = test::pair_of(true);
    pair.hard_kilobytes = 10;
    ASSERT_TRUE(a.table.install(test::shared(std::move(pair)), true));
    std::vector<sa::Exhausted> events;
    std::size_t sealed = 0;
    for (int i = 0; i < 20; ++i) {
        sealed += a.seal({test::udp_packet(1000)}).size();
        const auto fresh = events_of<sa::Exhausted>(a.table);
        if (!fresh.empty()) {
            EXPECT_EQ(a.table.usage(sa::SaId{1})->packets_out, fresh[0].hard ? 10U : 9U);
        }
        events.insert(events.end(), fresh.begin(), fresh.end());
    }
    EXPECT_EQ(sealed, 10U);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_FALSE(events[0].hard);
    EXPECT_TRUE(events[1].hard);
}

// One kilobyte has 1,000 octets (RFC 2407 4.5.2), and the largest number of them is no small one.
TEST(Seal, ExtremeKilobytes) {
    for (const std::uint64_t kilobytes : {std::uint64_t{1}, ~std::uint64_t{0}, std::uint64_t{1} << 62}) {
        Gateway a(true, {}, false);
        sa::SaPair pair = test::pair_of(true);
        pair.hard_kilobytes = kilobytes;
        ASSERT_TRUE(a.table.install(test::shared(std::move(pair)), true));
        a.seal({test::udp_packet(899)});
        EXPECT_TRUE(events_of<sa::Exhausted>(a.table).empty()) << kilobytes;
        a.seal({test::udp_packet(101)});
        EXPECT_EQ(events_of<sa::Exhausted>(a.table).empty(), kilobytes != 1) << kilobytes;
    }
}

TEST(Seal, SequenceNumbersNeverWrap) {
    Gateway a(true);
    a.table.resume_outbound(sa::SaId{1}, (std::uint64_t{1} << 31) - 3);
    EXPECT_EQ(a.seal(packets_of(2)).size(), 2U);
    EXPECT_TRUE(events_of<sa::Exhausted>(a.table).empty());
    EXPECT_EQ(a.seal(packets_of(1)).size(), 1U);
    auto events = events_of<sa::Exhausted>(a.table);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_FALSE(events[0].hard);
    a.table.resume_outbound(sa::SaId{1}, 7);  // never back
    EXPECT_EQ(a.seal_one(test::udp_packet(60))[4], 0x80);

    a.table.resume_outbound(sa::SaId{1}, 0xffff'fffc);
    const auto sealed = a.seal(packets_of(8));  // one batch across the end
    ASSERT_EQ(sealed.size(), 3U);
    EXPECT_EQ(Bytes(sealed[2].begin() + 4, sealed[2].begin() + 8), (Bytes{0xff, 0xff, 0xff, 0xff}));
    events = events_of<sa::Exhausted>(a.table);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_TRUE(events[0].hard);
    EXPECT_TRUE(a.seal(packets_of(3)).empty());
    // What came too late waits for the successor.
    ASSERT_TRUE(a.table.install(test::shared(test::pair_of(true, {}, 1)), true));
    EXPECT_EQ(a.table.take_queued(1, a.now).size(), 8U);
    EXPECT_EQ(a.seal(packets_of(1)).size(), 1U);
}

TEST(Open, AReplayIsDroppedAlsoWithinOneBatch) {
    Gateway a(true);
    Gateway b(false);
    const auto sealed = a.seal(packets_of(3));
    const auto opened = b.open({sealed[0], sealed[0], sealed[2], sealed[1], sealed[2]});
    EXPECT_EQ(opened[0].why, Drop::none);
    EXPECT_EQ(opened[1].why, Drop::replayed);
    EXPECT_EQ(opened[2].why, Drop::none);
    EXPECT_EQ(opened[3].why, Drop::none);
    EXPECT_EQ(opened[4].why, Drop::replayed);
    EXPECT_EQ(b.open_one(sealed[1]).why, Drop::replayed);
    const auto usage = *b.table.usage(sa::SaId{1});
    EXPECT_EQ(usage.dropped_replay, 3U);
    EXPECT_EQ(usage.packets_in, 3U);
}

TEST(Open, AForgedPacketDoesNotMoveTheWindow) {
    Gateway a(true);
    Gateway b(false);
    const auto sealed = a.seal(packets_of(2));
    Bytes forged = sealed[1];
    forged[4] = 0xff;  // a sequence number far ahead
    EXPECT_EQ(b.open_one(forged).why, Drop::integrity);
    EXPECT_EQ(b.open_one(sealed[0]).why, Drop::none);
    EXPECT_EQ(b.open_one(sealed[1]).why, Drop::none);
}

TEST(Open, EveryOctetIsProtected) {
    for (const SuiteCase& suite : all_suites()) {
        Gateway a(true, suite);
        Gateway b(false, suite);
        const Bytes sealed = a.seal_one(test::udp_packet(60));
        for (std::size_t at = 4; at < sealed.size(); ++at) {
            Bytes forged = sealed;
            forged[at] ^= 0x01;
            const Drop why = b.open_one(forged).why;
            ASSERT_TRUE(why == Drop::integrity || (at < 8 && why == Drop::replayed)) << at;
        }
        EXPECT_EQ(b.open_one(sealed).why, Drop::none);
    }
}

TEST(Open, EveryLengthIsSafe) {
    for (const SuiteCase& suite : all_suites()) {
        Gateway a(true, suite);
        Gateway b(false, suite);
        const Bytes sealed = a.seal_one(test::udp_packet(100));
        for (std::size_t length = 0; length < sealed.size(); ++length) {
            const auto opened =
                b.open_one(Bytes(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(length)));
            ASSERT_TRUE(opened.inner.empty());
            ASSERT_EQ(opened.why, length < 8 ? Drop::runt : Drop::integrity) << length;
        }
    }
}

// An ESP packet for b with any plaintext and sequence number, as a peer that follows other rules would make
// it.
Bytes crafted(const Bytes& plaintext, std::uint32_t sequence) {
    const sa::SaPair pair = test::pair_of(true);
    auto cipher = crypto::make_esp_cipher(pair.cipher, pair.integrity, pair.outbound.encryption_key.view(),
                                          pair.outbound.integrity_key.view());
    Bytes packet(8 + 16 + plaintext.size() + 12);
    test::put32(packet, 0, test::spi_ab);
    test::put32(packet, 4, sequence);
    std::copy(plaintext.begin(), plaintext.end(), packet.begin() + 24);
    crypto::SealOp op{packet.data(), packet.size(), sequence};
    EXPECT_TRUE((*cipher)->seal({&op, 1}));
    return packet;
}

Bytes with_trailer(Bytes payload, std::size_t padding, std::uint8_t next_header = 4) {
    for (std::size_t i = 1; i <= padding; ++i) {
        payload.push_back(static_cast<std::uint8_t>(i));
    }
    payload.push_back(static_cast<std::uint8_t>(padding));
    payload.push_back(next_header);
    EXPECT_EQ(payload.size() % 16, 0U);
    return payload;
}

TEST(Open, LongPaddingAndTrafficFlowConfidentialityAreAccepted) {
    Gateway b(false);
    const Bytes packet = test::udp_packet(62);
    EXPECT_EQ(b.open_one(crafted(with_trailer(packet, 240), 1)).inner, packet);
    Bytes with_tfc = packet;
    with_tfc.resize(62 + 64, 0x55);
    EXPECT_EQ(b.open_one(crafted(with_trailer(with_tfc, 0), 2)).inner, packet);
}

TEST(Open, WrongPlaintextIsDroppedAndItsNumberUsedUp) {
    Gateway b(false);
    struct Row {
        Bytes plaintext;
        Drop why;
    };
    Bytes bad_padding = with_trailer(test::udp_packet(60), 2);
    bad_padding[61] ^= 1;
    Bytes pad_too_long(16);
    pad_too_long[14] = 15;
    Bytes longer = test::udp_packet(62);
    test::put16(longer, 2, 63);
    Bytes six = test::udp_packet(62);
    six[0] = 0x65;
    IpFields stranger;
    stranger.source = 0x0a000001;
    IpFields not_for_us;
    not_for_us.destination = 0xc0a80201;
    const Row rows[] = {
        {bad_padding, Drop::padding},
        {pad_too_long, Drop::padding},
        {with_trailer(Bytes(62), 0, 59), Drop::dummy},
        {with_trailer(Bytes(62), 0, 41), Drop::next_header},
        {with_trailer(Bytes(62), 0, 6), Drop::next_header},
        {with_trailer(longer, 0), Drop::malformed},
        {with_trailer(six, 0), Drop::malformed},
        {with_trailer(Bytes{}, 14), Drop::malformed},
        {with_trailer(test::udp_packet(62, stranger), 0), Drop::selectors},
        {with_trailer(test::udp_packet(62, not_for_us), 0), Drop::selectors},
    };
    std::uint32_t sequence = 0;
    for (const Row& row : rows) {
        const Bytes packet = crafted(row.plaintext, ++sequence);
        const auto opened = b.open_one(packet);
        EXPECT_EQ(drop_text(opened.why), drop_text(row.why)) << sequence;
        EXPECT_TRUE(opened.inner.empty());
        EXPECT_EQ(b.open_one(packet).why, Drop::replayed);
    }
    EXPECT_EQ(b.table.usage(sa::SaId{1})->dropped_policy, 2U);
    EXPECT_EQ(b.table.usage(sa::SaId{1})->packets_in, 0U);
    EXPECT_TRUE(b.table.usage(sa::SaId{1})->last_in.has_value());  // authentic all the same: the peer lives
}

TEST(Open, SequenceZeroIsInvalid) {
    Gateway b(false);
    EXPECT_EQ(b.open_one(crafted(with_trailer(test::udp_packet(62), 0), 0)).why, Drop::replayed);
}

TEST(Open, EcnIsMerged) {
    Gateway a(true);
    Gateway b(false);
    IpFields ect0;
    ect0.tos = 0xba;
    const auto marked = b.open_one(a.seal_one(test::udp_packet(60, ect0)), 0x03);
    ASSERT_EQ(marked.why, Drop::none);
    EXPECT_EQ(marked.inner[1], 0xbb);
    EXPECT_TRUE(test::header_checksum_right(marked.inner));
    EXPECT_EQ(b.open_one(a.seal_one(test::udp_packet(60)), 0x03).why, Drop::congestion);
}

TEST(Open, FirstInboundOnce) {
    Gateway a(true);
    Gateway b(false);
    Bytes forged = a.seal_one(test::udp_packet(60));
    forged.back() ^= 1;
    b.open_one(forged);
    EXPECT_TRUE(events_of<sa::FirstInbound>(b.table).empty());
    b.open(a.seal(packets_of(5)));
    EXPECT_EQ(events_of<sa::FirstInbound>(b.table).size(), 1U);
    b.open(a.seal(packets_of(5)));
    EXPECT_TRUE(events_of<sa::FirstInbound>(b.table).empty());
}

TEST(Open, OnlyTheNewestAuthenticPacketMovesThePeer) {
    Gateway a(true);
    Gateway b(false);
    const auto sealed = a.seal(packets_of(4));
    const Endpoint elsewhere{*IpAddress::parse("192.0.2.7"), 4500};
    EXPECT_EQ(b.open({sealed[1]}, outer_a)[0].why, Drop::none);
    EXPECT_TRUE(events_of<sa::PeerMoved>(b.table).empty());
    EXPECT_EQ(b.open({sealed[0]}, elsewhere)[0].why, Drop::none);  // late
    EXPECT_TRUE(events_of<sa::PeerMoved>(b.table).empty());
    b.open({sealed[1]}, elsewhere);  // replayed
    Bytes forged = sealed[2];
    forged.back() ^= 1;
    b.open({forged}, elsewhere);
    EXPECT_TRUE(events_of<sa::PeerMoved>(b.table).empty());
    b.open({sealed[2]}, elsewhere);
    const auto moved = events_of<sa::PeerMoved>(b.table);
    ASSERT_EQ(moved.size(), 1U);
    EXPECT_EQ(moved[0].remote, elsewhere);
    b.open({sealed[3]}, elsewhere);
    EXPECT_TRUE(events_of<sa::PeerMoved>(b.table).empty());  // said a moment ago
    b.now += std::chrono::seconds(2);
    b.open(a.seal(packets_of(1)), elsewhere);
    EXPECT_EQ(events_of<sa::PeerMoved>(b.table).size(), 1U);  // nobody listened
    b.table.move(sa::SaId{1}, {}, elsewhere, sa::Encapsulation::none);
    b.now += std::chrono::seconds(2);
    b.open(a.seal(packets_of(1)), elsewhere);
    EXPECT_TRUE(events_of<sa::PeerMoved>(b.table).empty());
}

TEST(Open, ThePortCountsInUdpOnly) {
    Gateway a(true);
    Gateway b(false);
    b.table.move(sa::SaId{1}, {}, outer_a, sa::Encapsulation::udp);
    const Endpoint other_port{outer_a.address, 1025};
    b.open(a.seal(packets_of(1)), other_port, 0, sa::Encapsulation::udp);
    EXPECT_EQ(events_of<sa::PeerMoved>(b.table).size(), 1U);
    b.table.move(sa::SaId{1}, {}, outer_a, sa::Encapsulation::none);
    b.open(a.seal(packets_of(1)), {outer_a.address, 0}, 0, sa::Encapsulation::none);
    EXPECT_TRUE(events_of<sa::PeerMoved>(b.table).empty());
}

TEST(Open, UnknownSpisAreReportedSparingly) {
    Gateway b(false);
    Bytes stray(40);
    stray[0] = 0x77;
    std::size_t events = 0;
    for (int i = 0; i < 30; ++i) {
        EXPECT_EQ(b.open({stray, stray}, outer_a)[0].why, Drop::unknown_spi);
        events += events_of<sa::UnknownSpi>(b.table).size();
        b.now += std::chrono::milliseconds(100);
    }
    EXPECT_EQ(events, 3U);
    for (std::uint32_t i = 0; i < 1000; ++i) {
        b.open({stray}, {IpAddress::v4(0x0a000000 + i), 0});
    }
    EXPECT_LE(events_of<sa::UnknownSpi>(b.table).size(), 64U);
}

TEST(Seal, UnansweredTrafficIsToldAfterThreeSecondsAndOnceASecond) {
    Gateway a(true);
    Gateway b(false);
    const auto told_in = [&](int half_seconds) {
        std::size_t told = 0;
        for (int i = 0; i < half_seconds; ++i) {
            a.seal(packets_of(1));
            told += events_of<sa::Unanswered>(a.table).size();
            a.now += std::chrono::milliseconds(500);
        }
        return told;
    };
    EXPECT_EQ(told_in(6), 0U);
    EXPECT_EQ(told_in(4), 2U);
    // One packet that comes back begins the count anew.
    test::IpFields back;
    std::swap(back.source, back.destination);
    a.open(b.seal({test::udp_packet(60, back)}));
    EXPECT_EQ(told_in(6), 0U);
    EXPECT_EQ(told_in(1), 1U);
}

TEST(Rekey, OldPairsGoOnReceiving) {
    Gateway a(true);
    Gateway b(false);
    const Bytes before = a.seal_one(test::udp_packet(60));
    ASSERT_TRUE(b.table.install(test::shared(test::pair_of(false, {}, 1)), false));
    ASSERT_TRUE(a.table.install(test::shared(test::pair_of(true, {}, 1)), true));
    const Bytes after = a.seal_one(test::udp_packet(61));
    EXPECT_NE(ByteView(before)[3], ByteView(after)[3]);
    EXPECT_EQ(b.open_one(after).why, Drop::none);
    EXPECT_EQ(b.open_one(before).why, Drop::none);
    // b still sends on the old one until it is told otherwise.
    EXPECT_EQ(b.seal_one(test::udp_packet(60, b_to_a()))[3], 0x02);
    b.table.activate_outbound(sa::SaId{2});
    EXPECT_EQ(b.seal_one(test::udp_packet(60, b_to_a()))[3], 0x12);
    b.table.remove(sa::SaId{2});
    EXPECT_EQ(b.seal_one(test::udp_packet(60, b_to_a()))[3], 0x02);
    b.table.remove(sa::SaId{1});
    EXPECT_TRUE(b.seal_one(test::udp_packet(60, b_to_a())).empty());
    EXPECT_EQ(b.open_one(before).why, Drop::unknown_spi);
    EXPECT_EQ(b.table.size(), 0U);
}

TEST(Install, RefusesWhatCannotBe) {
    Gateway a(true);
    EXPECT_FALSE(a.table.install(test::shared(test::pair_of(true)), true));  // same id, same SPI
    sa::SaPair same_spi = test::pair_of(true, {}, 3);
    same_spi.inbound.spi = test::spi_ba;
    EXPECT_FALSE(a.table.install(test::shared(std::move(same_spi)), true));
    sa::SaPair reserved = test::pair_of(true, {}, 4);
    reserved.outbound.spi = 255;
    EXPECT_FALSE(a.table.install(test::shared(std::move(reserved)), true));
    sa::SaPair short_key = test::pair_of(true, {}, 5);
    short_key.inbound.encryption_key = Secret(15);
    EXPECT_FALSE(a.table.install(test::shared(std::move(short_key)), true));
    EXPECT_EQ(a.table.size(), 1U);
}

TEST(Tunnels, OthersAreNotTouchedByAChange) {
    Gateway a(true, {}, false);
    Tunnel first = test::tunnel_of(test::pair_of(true));
    Tunnel second = first;
    second.reqid = 2;
    second.remote.net = *Ipv4Net::parse("10.0.0.0/8");
    a.seal(packets_of(2));
    const Tunnel both[] = {first, second};
    a.table.set_tunnels(both);
    IpFields fields;
    fields.destination = 0x0a000001;
    a.seal({test::udp_packet(60, fields)});
    a.table.set_tunnels({&first, 1});
    EXPECT_EQ(a.table.take_queued(1, a.now).size(), 2U);
    EXPECT_TRUE(a.table.take_queued(2, a.now).empty());
}

TEST(Tunnels, AreFoundWhateverTheirNumbersAndOrder) {
    SaTable table;
    SealBatch batch;
    // The numbers fall while the networks rise, and they are listed in another order again.
    const auto pair_to = [](unsigned net) {
        sa::SaPair pair = test::pair_of(true, {}, net);
        pair.reqid = 100 - net;
        pair.remote.net.network += net << 8U;
        pair.remote_outer = {IpAddress::v4(0xc6336400 + net % 3), 4500};
        return pair;
    };
    constexpr unsigned count = 40;
    std::vector<Tunnel> tunnels;
    for (unsigned net = 0; net < count; ++net) {
        tunnels.push_back(test::tunnel_of(pair_to((net * 11 + 5) % count), false));
    }
    table.set_tunnels(tunnels);
    for (unsigned net = 0; net < count; ++net) {
        ASSERT_TRUE(table.install(test::shared(pair_to((net * 7) % count)), true));
    }
    const auto carries = [&](unsigned net) {
        IpFields fields;
        fields.destination += net << 8U;
        const Bytes packet = test::udp_packet(60, fields);
        const ByteView view = packet;
        batch.clear();
        table.seal({&view, 1}, batch, Instant{});
        return batch.packets().empty() ? 0 : static_cast<unsigned>(batch.packets().front().sa);
    };
    for (unsigned net = 0; net < count; net += 2) {
        table.remove(sa::SaId{1 + net});
        table.remove(sa::SaId{1 + net});  // twice is once
    }
    for (unsigned net = 0; net < count; ++net) {
        EXPECT_EQ(carries(net), net % 2 == 0 ? 0 : 1 + net);
        EXPECT_EQ(table.way_of(sa::SaId{1 + net}).has_value(), net % 2 != 0);
    }
    // All between the same addresses, and those alone.
    EXPECT_EQ(table.set_path_mtu(sa::SaId{2}, 1300, Instant{}).size(), 7U);
    table.move(sa::SaId{2}, pair_to(1).local_outer, pair_to(2).remote_outer, sa::Encapsulation::udp);
    EXPECT_EQ(table.way_of(sa::SaId{2})->remote, pair_to(2).remote_outer.address);
    EXPECT_EQ(table.set_path_mtu(sa::SaId{2}, 1300, Instant{}).size(), 7U);
}

TEST(Tunnels, OneThatIsConfiguredNoMoreLivesAsLongAsItsPairs) {
    Gateway a(true);
    Gateway b(false);
    const Bytes sealed = b.seal_one(test::udp_packet(60, b_to_a()));
    ASSERT_TRUE(a.table.install(test::shared(test::pair_of(true, {}, 1)), false));
    a.table.set_tunnels({});
    EXPECT_TRUE(a.seal_one(test::udp_packet(60)).empty());
    a.table.remove(sa::SaId{1});
    EXPECT_EQ(a.open_one(sealed).why, Drop::unknown_spi);
    ASSERT_TRUE(b.table.install(test::shared(test::pair_of(false, {}, 1)), true));
    EXPECT_EQ(a.open_one(b.seal_one(test::udp_packet(60, b_to_a()))).why, Drop::none);
    a.table.remove(sa::SaId{2});
    const Tunnel again = test::tunnel_of(test::pair_of(true), false);
    a.table.set_tunnels({&again, 1});
    EXPECT_TRUE(a.seal_one(test::udp_packet(60)).empty());
    ASSERT_TRUE(a.table.install(test::shared(test::pair_of(true, {}, 2)), true));
    EXPECT_FALSE(a.seal_one(test::udp_packet(60)).empty());
}

TEST(Usage, CountsInnerOctets) {
    Gateway a(true);
    Gateway b(false);
    b.open(a.seal({test::udp_packet(100), test::udp_packet(200)}));
    const auto out = *a.table.usage(sa::SaId{1});
    const auto in = *b.table.usage(sa::SaId{1});
    EXPECT_EQ(out.bytes_out, 300U);
    EXPECT_EQ(out.packets_out, 2U);
    EXPECT_EQ(in.bytes_in, 300U);
    EXPECT_EQ(in.packets_in, 2U);
    EXPECT_EQ(in.last_in, b.now);
    EXPECT_FALSE(in.last_out.has_value());
    EXPECT_FALSE(a.table.usage(sa::SaId{77}).has_value());
}

RC_GTEST_PROP(BackToBack, AnyOrderAnyBatchesAnyLosses, ()) {
    const auto suites = all_suites();
    const SuiteCase suite = *rc::gen::elementOf(suites);
    Gateway a(true, suite);
    Gateway b(false, suite);
    const auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(28, 1300));
    std::vector<Bytes> packets;
    packets.reserve(sizes.size());
    for (const std::size_t size : sizes) {
        packets.push_back(test::udp_packet(size));
    }
    const auto sealed = a.seal(packets);
    RC_ASSERT(sealed.size() == packets.size());
    // Each packet arrives zero, one or two times, anywhere.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const int copies = *rc::gen::inRange(0, 3);
        order.insert(order.end(), static_cast<std::size_t>(copies), i);
    }
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    std::vector<bool> seen(packets.size());
    for (std::size_t at = 0; at < order.size();) {
        const std::size_t count = std::min(order.size() - at, *rc::gen::inRange<std::size_t>(1, 20));
        std::vector<Bytes> batch;
        batch.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            batch.push_back(sealed[order[at + i]]);
        }
        const auto opened = b.open(batch);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t which = order[at + i];
            RC_ASSERT(opened[i].why == (seen[which] ? Drop::replayed : Drop::none));
            if (!seen[which]) {
                RC_ASSERT(opened[i].inner == packets[which]);
            }
            seen[which] = true;
        }
        at += count;
    }
}

}  // namespace
}  // namespace causeway::esp
