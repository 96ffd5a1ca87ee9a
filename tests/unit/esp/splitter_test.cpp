// Trains are cut as Linux cuts them, and what lies about itself is not cut at all.
#include "esp/splitter.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <span>
#include <utility>
#include <vector>

#include "unit/esp/packets.hpp"
#include "unit/esp/segments.hpp"

namespace causeway::esp {
namespace {

using test::Fields;
using test::get16;
using vnet::Header;

constexpr std::size_t tcp_at = 20;

/// What comes of one frame; nothing when it is refused.
std::vector<Bytes> split(Bytes frame, const Header& header) {
    Splitter splitter;
    std::vector<Bytes> packets;
    if (!splitter.begin(frame, header)) {
        EXPECT_TRUE(splitter.done());
        return packets;
    }
    std::vector<ByteView> views;
    while (!splitter.done()) {
        splitter.release();
        views.clear();
        splitter.next(views);
        EXPECT_FALSE(views.empty());
        for (const ByteView view : views) {
            packets.push_back(to_bytes(view));
        }
    }
    return packets;
}

std::vector<Bytes> split(const Fields& fields, std::size_t payload, std::size_t segment_octets) {
    return split(test::segment(fields, test::pattern(payload), true),
                 test::header_of(fields, segment_octets));
}

bool refused(const Bytes& frame, const Header& header) {
    return split(frame, header).empty();
}

struct Train {
    Fields fields = test::tcp_fields();
    Bytes frame{};
    Header header{};

    explicit Train(Fields of = test::tcp_fields()) : fields(std::move(of)) {
        frame = test::segment(fields, test::pattern(2500), true);
        header = test::header_of(fields, 1000);
    }
};

TEST(Splitter, ATrainOfTcpIsCutIntoSegments) {
    const Fields fields = test::tcp_fields();
    const auto packets = split(fields, 2500, 1000);
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[0].size(), 1040U);
    EXPECT_EQ(packets[1].size(), 1040U);
    EXPECT_EQ(packets[2].size(), 540U);
    EXPECT_EQ(get16(packets[2], 2), 540U);
    EXPECT_EQ(get16(packets[2], 4), 0x1236U);
    EXPECT_EQ(get16(packets[2], tcp_at + 6), 0x0304U + 2000);
    EXPECT_EQ(packets, test::cut(fields, test::pattern(2500), 1000));
}

TEST(Splitter, ATrainOfUdpIsCutIntoDatagrams) {
    const Fields fields = test::udp_fields();
    const auto packets = split(fields, 2500, 1000);
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(get16(packets[0], 24), 1008U);
    EXPECT_EQ(get16(packets[2], 24), 508U);
    EXPECT_EQ(packets, test::cut(fields, test::pattern(2500), 1000));
}

TEST(Splitter, CwrStaysWithTheFirst) {
    Fields fields = test::tcp_fields();
    fields.flags = test::ack | test::cwr | test::ece;
    const auto packets = split(fields, 3000, 1000);
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[0][tcp_at + 13], test::ack | test::cwr | test::ece);
    EXPECT_EQ(packets[1][tcp_at + 13], test::ack | test::ece);
    EXPECT_EQ(packets[2][tcp_at + 13], test::ack | test::ece);
}

TEST(Splitter, FinAndPshGoToTheLast) {
    Fields fields = test::tcp_fields();
    fields.flags = test::ack | test::fin | test::psh | test::urg;
    const auto packets = split(fields, 3000, 1000);
    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[0][tcp_at + 13], test::ack | test::urg);
    EXPECT_EQ(packets[1][tcp_at + 13], test::ack | test::urg);
    EXPECT_EQ(packets[2][tcp_at + 13], fields.flags);
}

TEST(Splitter, TheRestOfTheHeadersIsCopied) {
    Fields fields = test::tcp_fields();
    fields.ip.tos = 0xb9;
    fields.ip.ttl = 3;
    fields.ip.dont_fragment = true;
    fields.ip.options = {7, 7, 4, 0, 0, 0, 0, 0};
    fields.options = test::timestamps(0x11223344, 0x55667788);
    fields.reserved = 5;
    fields.urgent = 77;
    EXPECT_EQ(split(fields, 2500, 1000), test::cut(fields, test::pattern(2500), 1000));
    fields.ip.protocol = 17;
    EXPECT_EQ(split(fields, 2500, 1000), test::cut(fields, test::pattern(2500), 1000));
}

TEST(Splitter, NumbersBeginAgainBehindTheirLast) {
    Fields fields = test::tcp_fields();
    fields.ip.id = 0xffff;
    fields.sequence = 0xffffff00;
    const auto packets = split(fields, 2000, 1000);
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(get16(packets[1], 4), 0U);
    EXPECT_EQ(get16(packets[1], tcp_at + 4), 0U);
    EXPECT_EQ(get16(packets[1], tcp_at + 6), 1000U - 256);
}

TEST(Splitter, ATrainOfOneIsAPacket) {
    for (Fields fields : {test::tcp_fields(), test::udp_fields()}) {
        fields.flags = test::ack | test::psh | test::fin | test::cwr;
        for (const std::size_t size : {500U, 501U, 65535U}) {
            EXPECT_EQ(split(fields, 500, size), test::cut(fields, test::pattern(500), 500)) << size;
        }
    }
}

TEST(Splitter, TheChecksumOfTheFrameIsNotUsed) {
    Train train;
    test::put16(train.frame, tcp_at + 16, 0xbeef);
    test::put16(train.frame, 10, 0xbeef);
    EXPECT_EQ(split(train.frame, train.header), test::cut(train.fields, test::pattern(2500), 1000));
    train.header.needs_checksum = false;  // a driver may have looked at it already
    train.header.checksum_start = train.header.checksum_offset = 0;
    EXPECT_EQ(split(train.frame, train.header), test::cut(train.fields, test::pattern(2500), 1000));
}

TEST(Splitter, AUdpChecksumOfZeroIsWrittenAsOnes) {
    Fields fields = test::udp_fields();
    Bytes payload(20);
    // What makes the sum of the rest all ones.
    const Bytes zero = test::segment(fields, ByteView(payload).first(10));
    test::put16(payload, 0, get16(zero, 26));
    test::put16(payload, 10, get16(zero, 26));
    ASSERT_EQ(get16(test::segment(fields, ByteView(payload).first(10)), 26), 0xffffU);
    const auto packets = split(test::segment(fields, payload, true), test::header_of(fields, 10));
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(get16(packets[0], 26), 0xffffU);
    EXPECT_EQ(get16(packets[1], 26), 0xffffU);
}

TEST(Splitter, LengthsOfHeadersAreReadFromThem) {
    Train train;
    for (const unsigned said : {0U, 20U, 41U, 1040U, 65535U}) {
        train.header.headers_octets = static_cast<std::uint16_t>(said);
        EXPECT_EQ(split(train.frame, train.header), test::cut(train.fields, test::pattern(2500), 1000))
            << said;
    }
}

TEST(Splitter, ATcpTrainMayLeaveItsLengthOut) {
    Train train;
    test::put16(train.frame, 2, 0);
    EXPECT_EQ(split(train.frame, train.header), test::cut(train.fields, test::pattern(2500), 1000));
    Train udp(test::udp_fields());
    test::put16(udp.frame, 2, 0);
    EXPECT_TRUE(refused(udp.frame, udp.header));
}

TEST(Splitter, ATotalLengthThatIsNotTheFramesIsRefused) {
    for (const Fields& fields : {test::tcp_fields(), test::udp_fields()}) {
        Train train(fields);
        const std::uint32_t right = get16(train.frame, 2);
        for (const std::uint32_t length : {right - 1, right + 1, 1U, 20U, 65535U}) {
            test::put16(train.frame, 2, length);
            EXPECT_TRUE(refused(train.frame, train.header)) << length;
        }
    }
}

TEST(Splitter, SegmentsOfNothingAreRefused) {
    for (const Fields& fields : {test::tcp_fields(), test::udp_fields()}) {
        Train train(fields);
        train.header.segment_octets = 0;
        EXPECT_TRUE(refused(train.frame, train.header));
        train.header.segment_octets = 1000;
        EXPECT_TRUE(refused(test::segment(fields, {}, true), train.header)) << "no payload";
    }
}

TEST(Splitter, StumpsAreRefused) {
    for (const Fields& fields : {test::tcp_fields(), test::udp_fields()}) {
        const Train train(fields);
        for (std::size_t size = 0; size <= fields.headers(); ++size) {
            Bytes stump(train.frame.begin(), train.frame.begin() + static_cast<std::ptrdiff_t>(size));
            if (size >= 4) {
                test::put16(stump, 2, static_cast<std::uint32_t>(size));
            }
            EXPECT_TRUE(refused(stump, train.header)) << size;
        }
    }
}

TEST(Splitter, HeadersThatLieAboutTheirLengthAreRefused) {
    for (const unsigned words : {0U, 4U, 15U}) {
        Train train;
        train.frame = test::segment(train.fields, test::pattern(20), true);
        train.frame[tcp_at + 12] = static_cast<std::uint8_t>(words << 4);
        EXPECT_TRUE(refused(train.frame, train.header)) << "TCP " << words;
        train.frame = test::segment(train.fields, test::pattern(19), true);
        train.frame[0] = static_cast<std::uint8_t>(0x40 | words);
        train.header.checksum_start = static_cast<std::uint16_t>(words * 4);
        EXPECT_TRUE(refused(train.frame, train.header)) << "IP " << words;
    }
}

TEST(Splitter, AChecksumElsewhereIsRefused) {
    for (const Fields& fields : {test::tcp_fields(), test::udp_fields()}) {
        const Train train(fields);
        for (const int by : {-20, -4, -1, 1, 4, 60000}) {
            Header header = train.header;
            header.checksum_start = static_cast<std::uint16_t>(header.checksum_start + by);
            EXPECT_TRUE(refused(train.frame, header)) << by;
        }
        for (const unsigned offset : {0U, fields.tcp() ? 6U : 16U, 65535U}) {
            Header header = train.header;
            header.checksum_offset = static_cast<std::uint16_t>(offset);
            EXPECT_TRUE(refused(train.frame, header)) << offset;
        }
    }
}

TEST(Splitter, FragmentsAreRefused) {
    for (Fields fields : {test::tcp_fields(), test::udp_fields()}) {
        fields.ip.more_fragments = true;
        Train first(fields);
        EXPECT_TRUE(refused(first.frame, first.header));
        fields.ip.more_fragments = false;
        fields.ip.offset = 8;
        Train last(fields);
        EXPECT_TRUE(refused(last.frame, last.header));
    }
}

TEST(Splitter, OtherProtocolsAreRefused) {
    Train train;
    train.header.segmentation = vnet::Segmentation::tcp6;
    EXPECT_TRUE(refused(train.frame, train.header));
    train.header.segmentation = vnet::Segmentation::udp;
    train.header.checksum_offset = 6;
    EXPECT_TRUE(refused(train.frame, train.header)) << "TCP as UDP";
    Train udp(test::udp_fields());
    udp.frame[20 + 12] = 0x50;
    udp.header.segmentation = vnet::Segmentation::tcp4;
    udp.header.checksum_offset = 16;
    EXPECT_TRUE(refused(udp.frame, udp.header)) << "UDP as TCP";
    udp.frame = Train(test::udp_fields()).frame;
    udp.header = test::header_of(udp.fields, 1000);
    udp.header.segmentation = vnet::Segmentation::tcp6;
    EXPECT_TRUE(refused(udp.frame, udp.header)) << "UDP as TCP over IPv6";
    Train six;
    six.frame[0] = 0x65;
    EXPECT_TRUE(refused(six.frame, six.header)) << "version 6";
}

TEST(Splitter, ASegmentThatNoLengthCanSayIsRefused) {
    Train train;
    train.frame = test::segment(train.fields, test::pattern(65496), true);
    test::put16(train.frame, 2, 0);
    train.header.segment_octets = 65535;
    EXPECT_TRUE(refused(train.frame, train.header));
    train.header.segment_octets = 65495;
    EXPECT_EQ(split(train.frame, train.header).size(), 2U);
}

TEST(Splitter, TheLargestFrameOfTheSmallestSegmentsNeedsNoMoreMemory) {
    const Fields fields = test::tcp_fields();
    const Bytes payload = test::pattern(65495);
    Bytes frame = test::segment(fields, payload, true);
    Splitter splitter;
    ASSERT_TRUE(splitter.begin(frame, test::header_of(fields, 1)));
    std::vector<ByteView> views;
    std::size_t at = 0;
    std::size_t rounds = 0;
    while (!splitter.done()) {
        views.clear();
        splitter.next(views);
        ASSERT_FALSE(views.empty());
        const auto [low, high] = std::minmax_element(
            views.begin(), views.end(), [](ByteView a, ByteView b) { return a.data() < b.data(); });
        EXPECT_LE(high->data() + high->size() - low->data(),
                  static_cast<std::ptrdiff_t>(Splitter::default_octets));
        for (const ByteView view : views) {
            ASSERT_EQ(view.size(), 41U);
            ASSERT_EQ(view[40], payload[at]);
            ASSERT_EQ(get16(view, 4), (0x1234 + at) % 65536);
            ++at;
        }
        const std::size_t before = views.size();
        if (!splitter.done()) {
            splitter.next(views);
            EXPECT_EQ(views.size(), before) << "full";
        }
        splitter.release();
        ++rounds;
    }
    EXPECT_EQ(at, payload.size());
    EXPECT_GT(rounds, 10U);
}

TEST(Splitter, SeveralFramesAreCollected) {
    Splitter splitter;
    std::vector<ByteView> views;
    const Bytes small = test::segment(test::udp_fields(), test::pattern(10));
    Bytes frame = small;
    Train one;
    Train two(test::udp_fields());
    for (auto& [octets, header] :
         {std::pair<Bytes&, Header>{frame, Header{}}, {one.frame, one.header}, {two.frame, two.header}}) {
        ASSERT_TRUE(splitter.begin(octets, header));
        splitter.next(views);
        EXPECT_TRUE(splitter.done());
    }
    std::vector<Bytes> expected{small};
    for (const Train* train : {&one, &two}) {
        for (Bytes& packet : test::cut(train->fields, test::pattern(2500), 1000)) {
            expected.push_back(std::move(packet));
        }
    }
    ASSERT_EQ(views.size(), expected.size());
    for (std::size_t i = 0; i < views.size(); ++i) {
        EXPECT_TRUE(equal(views[i], expected[i])) << i;
    }
    EXPECT_EQ(views[0].data(), frame.data()) << "no copy";
}

TEST(Splitter, AFrameThatIsNoTrainIsItself) {
    for (const std::size_t size : {0U, 1U, 19U, 60U}) {
        const Bytes any = test::pattern(size);
        const auto packets = split(any, Header{});
        ASSERT_EQ(packets.size(), 1U) << size;
        EXPECT_EQ(packets[0], any);
    }
}

TEST(Splitter, ChecksumsAreCompletedInPlace) {
    for (const Fields& fields : {test::tcp_fields(), test::udp_fields()}) {
        for (const std::size_t size : {0U, 1U, 2U, 3U, 63U, 64U, 65U, 1000U}) {
            const Bytes payload = test::pattern(size);
            Header header = test::header_of(fields, 0);
            header.segmentation = vnet::Segmentation::none;
            const auto packets = split(test::segment(fields, payload, true), header);
            ASSERT_EQ(packets.size(), 1U);
            EXPECT_EQ(packets[0], test::segment(fields, payload)) << size;
        }
    }
}

TEST(Splitter, OctetsBehindThePacketAreNotInItsChecksum) {
    const Fields fields = test::tcp_fields();
    const Bytes payload = test::pattern(100);
    Header header = test::header_of(fields, 0);
    header.segmentation = vnet::Segmentation::none;
    Bytes frame = test::segment(fields, payload, true);
    frame.resize(frame.size() + 7, 0xee);
    const auto packets = split(frame, header);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_TRUE(equal(ByteView(packets[0]).first(140), test::segment(fields, payload)));
}

TEST(Splitter, AnyProtocolsChecksumIsCompleted) {
    test::IpFields ip;
    ip.protocol = 1;
    Bytes frame = test::ip_packet(ip, test::pattern(40));
    test::put16(frame, 22, 0);
    Header header;
    header.needs_checksum = true;
    header.checksum_start = 20;
    header.checksum_offset = 2;
    const auto packets = split(frame, header);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(test::ones_sum(ByteView(packets[0]).subspan(20)), 0xffffU);
}

TEST(Splitter, ACompletedChecksumOfZeroIsWrittenAsOnes) {
    const Fields fields = test::udp_fields();
    Bytes payload(10);
    test::put16(payload, 0, get16(test::segment(fields, payload), 26));
    Header header = test::header_of(fields, 0);
    header.segmentation = vnet::Segmentation::none;
    const auto packets = split(test::segment(fields, payload, true), header);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(get16(packets[0], 26), 0xffffU);
}

TEST(Splitter, AChecksumOutsideOfThePacketIsRefused) {
    const Fields fields = test::tcp_fields();
    const Bytes frame = test::segment(fields, test::pattern(10), true);  // 50 octets
    const auto takes = [&](unsigned start, unsigned offset) {
        Header header;
        header.needs_checksum = true;
        header.checksum_start = static_cast<std::uint16_t>(start);
        header.checksum_offset = static_cast<std::uint16_t>(offset);
        return !refused(frame, header);
    };
    EXPECT_TRUE(takes(20, 28));
    EXPECT_FALSE(takes(20, 29));
    EXPECT_TRUE(takes(48, 0));
    EXPECT_FALSE(takes(49, 0));
    EXPECT_FALSE(takes(50, 0));
    EXPECT_FALSE(takes(65535, 65535));
    EXPECT_FALSE(takes(20, 65535));
    EXPECT_FALSE(takes(19, 16)) << "in the IP header";
    EXPECT_FALSE(takes(0, 10)) << "in the IP header";
}

TEST(Splitter, WhatWasLeftOfAFrameIsForgotten) {
    const Fields fields = test::tcp_fields();
    Bytes long_frame = test::segment(fields, test::pattern(60000), true);
    Splitter splitter;
    std::vector<ByteView> views;
    ASSERT_TRUE(splitter.begin(long_frame, test::header_of(fields, 10)));
    splitter.next(views);
    ASSERT_FALSE(splitter.done());
    Train bad;
    bad.header.segment_octets = 0;
    EXPECT_FALSE(splitter.begin(bad.frame, bad.header));
    EXPECT_TRUE(splitter.done());
    splitter.release();
    views.clear();
    splitter.next(views);
    EXPECT_TRUE(views.empty());
}

TEST(Splitter, RandomTrainsAreCutAsByHand) {
    test::Dice dice(1);
    for (unsigned round = 0; round < 1500; ++round) {
        Fields fields = dice.once_in(2) ? test::tcp_fields() : test::udp_fields();
        fields.ip.source = dice.word();
        fields.ip.destination = dice.word();
        fields.ip.tos = static_cast<std::uint8_t>(dice.word());
        fields.ip.ttl = static_cast<std::uint8_t>(dice.word());
        fields.ip.id = static_cast<std::uint16_t>(dice.word());
        fields.ip.dont_fragment = dice.once_in(2);
        fields.ip.options = dice.octets(std::size_t{dice.roll(4) == 0 ? dice.roll(11) : 0} * 4);
        fields.source_port = static_cast<std::uint16_t>(dice.word());
        fields.destination_port = static_cast<std::uint16_t>(dice.word());
        fields.sequence = dice.word();
        fields.acknowledgement = dice.word();
        fields.reserved = static_cast<std::uint8_t>(dice.roll(16));
        fields.flags = static_cast<std::uint8_t>(dice.word());
        fields.window = static_cast<std::uint16_t>(dice.word());
        fields.urgent = static_cast<std::uint16_t>(dice.word());
        fields.options = dice.octets(std::size_t{dice.roll(11)} * 4);
        const std::size_t most = dice.once_in(20) ? 65535 - fields.headers() : 3000;
        const Bytes payload = dice.octets(1 + dice.roll(static_cast<std::uint32_t>(most)));
        const std::size_t size = 1 + dice.roll(payload.size() > 3000 ? 2000 : 300);
        const auto packets =
            split(test::segment(fields, payload, dice.once_in(2)), test::header_of(fields, size));
        ASSERT_TRUE(packets == test::cut(fields, payload, size)) << round;
    }
}

}  // namespace
}  // namespace causeway::esp
