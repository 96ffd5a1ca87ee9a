// Inner packets, trailers, MSS, ICMP and fragments: the pure helpers around sealing and opening.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <span>
#include <utility>
#include <vector>

#include "esp/acquire_queue.hpp"
#include "esp/checksum.hpp"
#include "esp/fragment.hpp"
#include "esp/icmp.hpp"
#include "esp/inner_packet.hpp"
#include "esp/mss.hpp"
#include "esp/rate_limit.hpp"
#include "esp/trailer.hpp"
#include "unit/esp/packets.hpp"

namespace causeway::esp {
namespace {

using test::get16;
using test::IpFields;

TEST(InnerPacket, LengthsAreChecked) {
    const Bytes good = test::udp_packet(60);
    ASSERT_TRUE(parse_inner(good));
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(parse_inner(ByteView(good).first(length))) << length;
    }
    Bytes bad = good;
    bad[0] = 0x65;  // version 6
    EXPECT_FALSE(parse_inner(bad));
    bad = good;
    bad[0] = 0x44;  // a header of 16 octets
    EXPECT_FALSE(parse_inner(bad));
    bad = good;
    test::put16(bad, 2, 19);  // shorter than its header
    EXPECT_FALSE(parse_inner(bad));
}

TEST(InnerPacket, OctetsBehindTheTotalLengthAreAllowed) {
    Bytes packet = test::udp_packet(60);
    packet.resize(100);
    const auto inner = parse_inner(packet);
    ASSERT_TRUE(inner);
    EXPECT_EQ(inner->total_length, 60);
}

TEST(InnerPacket, PortsOfLaterFragmentsAreOpaque) {
    IpFields fields;
    fields.offset = 1480;
    const auto later = parse_inner(test::udp_packet(60, fields));
    ASSERT_TRUE(later);
    EXPECT_FALSE(later->ports_known);
    fields.offset = 0;
    fields.more_fragments = true;
    const auto first = parse_inner(test::udp_packet(60, fields, 53, 54));
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->ports_known);
    EXPECT_EQ(first->source_port, 53);
    EXPECT_EQ(first->destination_port, 54);
}

TEST(InnerPacket, AStumpWithoutPortsIsOpaque) {
    IpFields fields;
    fields.protocol = 6;
    const auto inner = parse_inner(test::ip_packet(fields, Bytes(3)));
    ASSERT_TRUE(inner);
    EXPECT_FALSE(inner->ports_known);
}

TEST(Selectors, PortsAndProtocol) {
    const TrafficSelector local{*Ipv4Net::parse("192.168.1.0/24"), 17, 0};
    const TrafficSelector remote{*Ipv4Net::parse("192.168.0.0/24"), 17, 2000};
    auto inner = *parse_inner(test::udp_packet(60));
    EXPECT_TRUE(fits_outbound(local, remote, inner));
    EXPECT_FALSE(fits_inbound(local, remote, inner));
    inner.destination_port = 2001;
    EXPECT_FALSE(fits_outbound(local, remote, inner));
    inner.destination_port = 2000;
    inner.ports_known = false;  // a later fragment fits only a selector of any port
    EXPECT_FALSE(fits_outbound(local, remote, inner));
    inner.ports_known = true;
    inner.protocol = 6;
    EXPECT_FALSE(fits_outbound(local, remote, inner));

    std::swap(inner.source, inner.destination);
    std::swap(inner.source_port, inner.destination_port);
    inner.protocol = 17;
    EXPECT_TRUE(fits_inbound(local, remote, inner));
    inner.source_port = 1;
    EXPECT_FALSE(fits_inbound(local, remote, inner));
}

TEST(Trailer, PaddingCountsFromOne) {
    Bytes tail(7);
    write_trailer(tail, 4);
    EXPECT_EQ(tail, (Bytes{1, 2, 3, 4, 5, 5, 4}));
    Bytes none(2);
    write_trailer(none, 59);
    EXPECT_EQ(none, (Bytes{0, 59}));
}

TEST(Trailer, EveryPaddingLengthIsReadBack) {
    for (std::size_t padding = 0; padding < 256; ++padding) {
        Bytes plaintext(10 + padding + 2, 0xee);
        write_trailer(std::span(plaintext).subspan(10), 4);
        const Plaintext read = read_trailer(plaintext);
        EXPECT_TRUE(read.padding_ok);
        EXPECT_EQ(read.payload_octets, 10U);
        EXPECT_EQ(read.next_header, 4);
        if (padding != 0) {
            for (const std::size_t at : {std::size_t{0}, padding / 2, padding - 1}) {
                Bytes spoilt = plaintext;
                spoilt[10 + at] ^= 0x80;
                EXPECT_FALSE(read_trailer(spoilt).padding_ok) << padding << " " << at;
            }
        }
    }
}

TEST(Trailer, PaddingLongerThanThePlaintextIsWrong) {
    EXPECT_FALSE(read_trailer({}).padding_ok);
    EXPECT_FALSE(read_trailer(Bytes{4}).padding_ok);
    EXPECT_FALSE(read_trailer(Bytes{1, 2, 3, 4}).padding_ok);
    EXPECT_TRUE(read_trailer(Bytes{1, 2, 2, 4}).padding_ok);
}

// The TCP checksum of a packet whose header is 20 octets, computed from scratch.
bool tcp_checksum_right(const Bytes& packet, const IpFields& fields) {
    const ByteView tcp = ByteView(packet).subspan(20);
    return test::ones_sum(tcp, test::pseudo_sum(fields, tcp.size())) == 0xffff;
}

TEST(Mss, LoweredInASynAtEvenAndOddPlaces) {
    const IpFields fields;
    const Bytes even{2, 4, 0x05, 0xb4, 1, 3, 3, 7};
    const Bytes odd{1, 2, 4, 0x05, 0xb4, 3, 3, 7};
    for (const Bytes& options : {even, odd}) {
        for (const std::uint8_t flags : {std::uint8_t{0x02}, std::uint8_t{0x12}}) {
            Bytes packet = test::tcp_packet(flags, options);
            ASSERT_TRUE(tcp_checksum_right(packet, fields));
            EXPECT_TRUE(clamp_mss(packet, *parse_inner(packet), 1382));
            EXPECT_EQ(get16(packet, options == even ? 42 : 43), 1382U);
            EXPECT_TRUE(tcp_checksum_right(packet, fields));
        }
    }
}

TEST(Mss, NeverRaisedAndOnlyInASyn) {
    const Bytes options{2, 4, 0x02, 0x00};
    Bytes small = test::tcp_packet(0x02, options);
    const Bytes before = small;
    EXPECT_FALSE(clamp_mss(small, *parse_inner(small), 1382));
    EXPECT_EQ(small, before);
    Bytes ack = test::tcp_packet(0x10, {2, 4, 0x05, 0xb4});
    EXPECT_FALSE(clamp_mss(ack, *parse_inner(ack), 1382));
    EXPECT_EQ(get16(ack, 42), 1460U);
}

TEST(Mss, BrokenOptionsAreLeftAlone) {
    for (const Bytes& options : {Bytes{2, 0, 5, 0xb4}, Bytes{2, 9, 5, 0xb4}, Bytes{1, 1, 1, 2},
                                 Bytes{2, 1, 5, 0xb4}, Bytes{0, 2, 4, 5}, Bytes{3, 3, 7, 2}}) {
        Bytes packet = test::tcp_packet(0x02, options);
        const Bytes before = packet;
        EXPECT_FALSE(clamp_mss(packet, *parse_inner(packet), 1000));
        EXPECT_EQ(packet, before);
    }
    Bytes long_header = test::tcp_packet(0x02, {2, 4, 5, 0xb4});
    long_header[32] = 0xf0;  // says 60 octets, has 24
    EXPECT_FALSE(clamp_mss(long_header, *parse_inner(long_header), 1000));
}

RC_GTEST_PROP(Checksum, IncrementalUpdateEqualsRecomputation, ()) {
    Bytes octets = *rc::gen::container<Bytes>(20, rc::gen::arbitrary<std::uint8_t>());
    octets[0] |= 1;  // all zero is the one input with two representations of its sum
    test::put16(octets, 10, 0);
    test::put16(octets, 10, internet_checksum(octets));
    const auto fresh = *rc::gen::arbitrary<std::uint16_t>();
    const auto at = static_cast<std::size_t>(*rc::gen::element(2, 4, 6, 8, 12, 14));
    const auto updated = updated_checksum(static_cast<std::uint16_t>(get16(octets, 10)),
                                          static_cast<std::uint16_t>(get16(octets, at)), fresh);
    test::put16(octets, at, fresh);
    test::put16(octets, 10, updated);
    RC_ASSERT(test::ones_sum(octets) == 0xffffU);
}

TEST(Icmp, FragmentationNeededQuotesThePacket) {
    IpFields fields;
    fields.dont_fragment = true;
    const Bytes packet = test::udp_packet(1500, fields);
    const Bytes icmp = fragmentation_needed(packet, *parse_inner(packet), 1422);
    ASSERT_GE(icmp.size(), 56U);
    EXPECT_LE(icmp.size(), 576U);
    EXPECT_TRUE(test::header_checksum_right(icmp));
    EXPECT_EQ(get16(icmp, 2), icmp.size());
    EXPECT_EQ(Bytes(icmp.begin() + 12, icmp.begin() + 16), Bytes(packet.begin() + 16, packet.begin() + 20));
    EXPECT_EQ(Bytes(icmp.begin() + 16, icmp.begin() + 20), Bytes(packet.begin() + 12, packet.begin() + 16));
    EXPECT_EQ(icmp[20], 3);
    EXPECT_EQ(icmp[21], 4);
    EXPECT_EQ(get16(icmp, 26), 1422U);
    EXPECT_EQ(test::ones_sum(ByteView(icmp).subspan(20)), 0xffffU);
    EXPECT_TRUE(std::equal(icmp.begin() + 28, icmp.end(), packet.begin()));
}

TEST(Icmp, NoErrorAboutErrorsFragmentsAndGroups) {
    IpFields fields;
    fields.protocol = 1;
    for (const std::uint8_t type : Bytes{3, 4, 5, 11, 12}) {
        const Bytes error = test::ip_packet(fields, Bytes{type, 0, 0, 0, 0, 0, 0, 0});
        EXPECT_TRUE(fragmentation_needed(error, *parse_inner(error), 1000).empty()) << int{type};
    }
    const Bytes echo = test::ip_packet(fields, Bytes{8, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_FALSE(fragmentation_needed(echo, *parse_inner(echo), 1000).empty());
    fields.offset = 800;
    const Bytes later = test::ip_packet(fields, Bytes{8, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_TRUE(fragmentation_needed(later, *parse_inner(later), 1000).empty());
    fields.offset = 0;
    fields.destination = 0xe0000001;
    const Bytes group = test::ip_packet(fields, Bytes{8, 0, 0, 0, 0, 0, 0, 0});
    EXPECT_TRUE(fragmentation_needed(group, *parse_inner(group), 1000).empty());
}

// Puts fragments together again by their offsets, as a receiver does.
struct Reassembled {
    Bytes payload;
    bool complete = false;
    std::size_t pieces = 0;
};
Reassembled reassemble(const Bytes& packet, std::size_t mtu) {
    Reassembled result;
    result.payload.assign(packet.size(), 0xee);
    const auto inner = *parse_inner(packet);
    Fragmenter fragmenter(packet, inner, mtu);
    Fragment fragment;
    std::size_t expected = inner.fragment_offset;
    while (fragmenter.next(fragment)) {
        Bytes whole(fragment.header, fragment.header + fragment.header_octets);
        append(whole, fragment.payload);
        EXPECT_LE(whole.size(), mtu);
        EXPECT_TRUE(test::header_checksum_right(whole));
        const auto piece = parse_inner(whole);
        EXPECT_TRUE(piece.has_value());
        EXPECT_EQ(piece->total_length, whole.size());
        EXPECT_EQ(piece->fragment_offset, expected);
        EXPECT_EQ(get16(whole, 4), get16(packet, 4));
        std::copy(fragment.payload.begin(), fragment.payload.end(),
                  result.payload.begin() + static_cast<std::ptrdiff_t>(expected - inner.fragment_offset));
        expected += fragment.payload.size();
        result.complete = !piece->more_fragments;
        ++result.pieces;
    }
    result.payload.resize(expected - inner.fragment_offset);
    return result;
}

RC_GTEST_PROP(Fragments, PutTogetherGiveThePacket, ()) {
    IpFields fields;
    fields.options = *rc::gen::element(Bytes{}, Bytes{1, 1, 1, 0}, Bytes{0x94, 4, 0, 0, 7, 4, 4, 0},
                                       Bytes{7, 7, 4, 1, 2, 3, 4, 0});
    const Bytes payload = test::pattern(*rc::gen::inRange<std::size_t>(1, 4000));
    const std::size_t mtu = *rc::gen::inRange<std::size_t>(68, 1600);
    const auto whole = reassemble(test::ip_packet(fields, payload), mtu);
    RC_ASSERT(whole.payload == payload);
    RC_ASSERT(whole.complete);
}

TEST(Fragments, A3000OctetPingInThreePieces) {
    IpFields fields;
    const Bytes payload = test::pattern(3008);
    const auto whole = reassemble(test::ip_packet(fields, payload), 1422);
    EXPECT_EQ(whole.pieces, 3U);
    EXPECT_EQ(whole.payload, payload);
}

TEST(Fragments, AFragmentStaysOneOfItsPacket) {
    IpFields fields;
    fields.offset = 1480;
    fields.more_fragments = true;
    const auto whole = reassemble(test::ip_packet(fields, test::pattern(1480)), 1000);
    EXPECT_EQ(whole.pieces, 2U);
    EXPECT_FALSE(whole.complete);  // more fragments follow the last of ours
}

TEST(Fragments, LaterOnesRepeatOnlyCopiedOptions) {
    IpFields fields;
    fields.options = {7, 7,    4, 1, 2, 3,
                      4, 0x94, 4, 0, 0, 0};  // record route (not copied), router alert (copied)
    const Bytes packet = test::ip_packet(fields, test::pattern(200));
    Fragmenter fragmenter(packet, *parse_inner(packet), 100);
    Fragment fragment;
    ASSERT_TRUE(fragmenter.next(fragment));
    EXPECT_EQ(fragment.header_octets, 32U);
    ASSERT_TRUE(fragmenter.next(fragment));
    ASSERT_EQ(fragment.header_octets, 24U);
    EXPECT_EQ(fragment.header[20], 0x94);
}

TEST(AcquireQueue, OldestMakesRoom) {
    const Instant now{};
    AcquireQueue queue;
    std::size_t dropped = 0;
    for (unsigned i = 0; i < AcquireQueue::max_packets + 3; ++i) {
        dropped += queue.push(test::pattern(100, i), now);
    }
    EXPECT_EQ(dropped, 3U);
    EXPECT_EQ(queue.packets(), AcquireQueue::max_packets);
    const auto all = queue.take(now);
    EXPECT_EQ(all.front(), test::pattern(100, 3));
    EXPECT_EQ(queue.packets(), 0U);
    EXPECT_EQ(queue.octets(), 0U);
}

TEST(AcquireQueue, WhatIsTooOldIsNotSentAnyMore) {
    Instant now{};
    AcquireQueue queue;
    queue.push(test::pattern(100, 1), now);
    now += AcquireQueue::max_age / 2;
    queue.push(test::pattern(100, 2), now);
    now += AcquireQueue::max_age / 2;
    queue.push(test::pattern(100, 3), now);
    now += std::chrono::milliseconds(1);
    EXPECT_EQ(queue.take(now), (std::vector{test::pattern(100, 2), test::pattern(100, 3)}));
    EXPECT_EQ(queue.octets(), 0U);
}

TEST(AcquireQueue, BoundedInOctets) {
    AcquireQueue queue;
    for (unsigned i = 0; i < 20; ++i) {
        queue.push(test::pattern(10000, i), {});
        EXPECT_LE(queue.octets(), AcquireQueue::max_octets);
    }
    EXPECT_EQ(queue.packets(), AcquireQueue::max_octets / 10000);
    EXPECT_EQ(queue.push(Bytes(AcquireQueue::max_octets + 1), {}), 1U);
    EXPECT_EQ(queue.packets(), AcquireQueue::max_octets / 10000);
}

TEST(RateLimit, BurstThenRate) {
    RateLimit limit(3, 10);
    Instant now{};
    EXPECT_TRUE(limit.allow(now));
    EXPECT_TRUE(limit.allow(now));
    EXPECT_TRUE(limit.allow(now));
    EXPECT_FALSE(limit.allow(now));
    now += std::chrono::milliseconds(101);
    EXPECT_TRUE(limit.allow(now));
    EXPECT_FALSE(limit.allow(now));
    now += std::chrono::hours(1);
    int allowed = 0;
    while (limit.allow(now)) {
        ++allowed;
    }
    EXPECT_EQ(allowed, 3);
}

}  // namespace
}  // namespace causeway::esp
