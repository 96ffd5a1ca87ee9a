// Packets are joined where Linux would have joined them, and stay as they are everywhere else.
#include "esp/merger.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "unit/esp/merged.hpp"
#include "unit/esp/packets.hpp"
#include "unit/esp/segments.hpp"

namespace causeway::esp {
namespace {

using test::Fields;
using test::merge;
using test::shape;
using test::Shape;
using vnet::Segmentation;

constexpr std::size_t tcp_at = 20;

/// Packets of one flow that fit one behind the other.
class Flow {
 public:
    explicit Flow(Fields fields) : fields_(std::move(fields)) {}

    /// The next one, with what `change` makes of it and nothing of that left for those that follow.
    Bytes next(std::size_t size = 100, const std::function<void(Fields&)>& change = {}) {
        Fields now = fields_;
        if (change) {
            change(now);
        }
        fields_.sequence += static_cast<std::uint32_t>(size);
        ++fields_.ip.id;
        return test::segment(now, test::pattern(size, fields_.ip.id));
    }

 private:
    Fields fields_;
};

Flow tcp() {
    return Flow(test::tcp_fields());
}
Flow udp() {
    return Flow(test::udp_fields());
}

/// Three packets of a flow, the second of them changed.
std::vector<Bytes> changed(Flow flow, const std::function<void(Fields&)>& change, std::size_t size = 100) {
    std::vector<Bytes> batch{flow.next()};
    batch.push_back(flow.next(size, change));
    batch.push_back(flow.next());
    return batch;
}

const Shape together{{0, 1, 2}};
const Shape apart{{0}, {1}, {2}};       // each for itself
const Shape other_ahead{{0}, {1, 2}};   // the second begins a run of its own
const Shape other_behind{{0, 1}, {2}};  // and ends the first one's

TEST(Merger, SegmentsInARowBecomeOneFrame) {
    Flow flow = tcp();
    const std::vector<Bytes> batch{flow.next(), flow.next(), flow.next(40)};
    const auto runs = merge(batch);
    ASSERT_EQ(test::shape_of(runs), together);
    const Bytes& frame = runs[0].frame;
    ASSERT_EQ(frame.size(), 280U);
    EXPECT_EQ(runs[0].header, test::header_of(test::tcp_fields(), 100));
    EXPECT_EQ(test::get16(frame, 2), 280U);
    EXPECT_TRUE(test::header_checksum_right(frame));
    EXPECT_EQ(test::get16(frame, tcp_at + 16),
              test::ones_sum({}, test::pseudo_sum_of(test::tcp_fields().ip, 260)));
    test::expect_splits_back(runs[0], batch);
}

TEST(Merger, DatagramsInARowBecomeOneFrame) {
    Flow flow = udp();
    const std::vector<Bytes> batch{flow.next(), flow.next(), flow.next(40)};
    const auto runs = merge(batch);
    ASSERT_EQ(test::shape_of(runs), together);
    const Bytes& frame = runs[0].frame;
    ASSERT_EQ(frame.size(), 268U);
    EXPECT_EQ(runs[0].header, test::header_of(test::udp_fields(), 100));
    EXPECT_EQ(test::get16(frame, 24), 248U);
    EXPECT_TRUE(test::header_checksum_right(frame));
    EXPECT_EQ(test::get16(frame, 26), test::ones_sum({}, test::pseudo_sum_of(test::udp_fields().ip, 248)));
    test::expect_splits_back(runs[0], batch);
}

TEST(Merger, EitherProtocolCanBeLeftAlone) {
    Flow one = tcp();
    Flow two = udp();
    const std::vector<Bytes> batch{one.next(), one.next(), two.next(), two.next()};
    EXPECT_EQ(test::shape_of(merge(batch, {true, true})), (Shape{{0, 1}, {2, 3}}));
    EXPECT_EQ(test::shape_of(merge(batch, {false, true})), (Shape{{0}, {1}, {2, 3}}));
    EXPECT_EQ(test::shape_of(merge(batch, {true, false})), (Shape{{0, 1}, {2}, {3}}));
}

TEST(Merger, AMergerIsUsedForManyBatches) {
    Merger merger;
    EXPECT_TRUE(merger.finish().empty());
    Flow flow = tcp();
    for (unsigned round = 0; round < 3; ++round) {
        EXPECT_EQ(test::shape_of(merge(merger, {flow.next(), flow.next(), flow.next()})), together);
    }
}

TEST(Merger, PushIsTheLast) {
    for (const bool at_end : {true, false}) {
        Flow flow = tcp();
        const auto push = [](Fields& fields) { fields.flags |= test::psh; };
        const std::vector<Bytes> batch{flow.next(), flow.next(100, push), flow.next(at_end ? 0 : 100)};
        const auto runs = merge(batch);
        ASSERT_EQ(test::shape_of(runs), other_behind);
        EXPECT_EQ(runs[0].frame[tcp_at + 13], test::ack | test::psh);
        test::expect_splits_back(runs[0], batch);
    }
    Flow flow = tcp();
    EXPECT_EQ(
        shape({flow.next(100, [](Fields& fields) { fields.flags |= test::psh; }), flow.next(), flow.next()}),
        other_ahead);
}

TEST(Merger, NoOtherFlagIsJoined) {
    for (const std::uint8_t flag : {test::fin, test::syn, test::rst, test::urg, test::ece, test::cwr}) {
        EXPECT_EQ(shape(changed(tcp(), [&](Fields& fields) { fields.flags |= flag; })), apart) << int{flag};
        Fields fields = test::tcp_fields();
        fields.flags |= flag;
        EXPECT_EQ(shape(changed(Flow(fields), {})), apart) << int{flag};
    }
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { fields.flags = 0; })), apart);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { fields.flags = test::psh; })), apart);
    for (std::uint8_t bit = 1; bit != 16; bit = static_cast<std::uint8_t>(bit << 1)) {
        EXPECT_EQ(shape(changed(tcp(), [&](Fields& fields) { fields.reserved = bit; })), apart);
        Fields fields = test::tcp_fields();
        fields.reserved = bit;
        EXPECT_EQ(shape(changed(Flow(fields), {})), apart);
    }
}

TEST(Merger, WhatDiffersInTheTcpHeaderIsNotJoined) {
    EXPECT_EQ(shape(changed(tcp(), {})), together);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { ++fields.acknowledgement; })), apart);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { fields.acknowledgement ^= 0x80000000; })), apart);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { ++fields.window; })), apart);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { fields.window ^= 0x8000; })), apart);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { ++fields.urgent; })), apart);
    EXPECT_EQ(shape(changed(tcp(), [](Fields& fields) { fields.options = test::timestamps(1, 2); })), apart);
}

TEST(Merger, OptionsMustBeTheSameOctetForOctet) {
    Fields fields = test::tcp_fields();
    fields.options = test::timestamps(7, 8);
    const std::vector<Bytes> batch = changed(Flow(fields), {});
    const auto runs = merge(batch);
    ASSERT_EQ(test::shape_of(runs), together);
    EXPECT_EQ(runs[0].header.headers_octets, 52);
    test::expect_splits_back(runs[0], batch);
    for (std::size_t at = 0; at < 12; ++at) {
        EXPECT_EQ(shape(changed(Flow(fields), [&](Fields& other) { other.options[at] ^= 1U; })), apart) << at;
    }
    // The same set in another order is not the same.
    EXPECT_EQ(shape(changed(Flow(fields),
                            [](Fields& other) {
                                std::rotate(other.options.begin(), other.options.begin() + 2,
                                            other.options.end());
                            })),
              apart);
}

TEST(Merger, ASequenceGapOrRepetitionBeginsAnew) {
    for (const int by : {-100, -1, 1, 100, 0x10000}) {
        EXPECT_EQ(
            shape(changed(tcp(), [&](Fields& fields) { fields.sequence += static_cast<std::uint32_t>(by); })),
            apart)
            << by;
    }
    Flow flow = tcp();
    const Bytes first = flow.next();
    const Bytes lost = flow.next();
    const Bytes third = flow.next();
    const Bytes fourth = flow.next();
    EXPECT_EQ(shape({first, third, fourth, lost}), (Shape{{0}, {1, 2}, {3}}));
    EXPECT_EQ(shape({first, first, lost}), (Shape{{0}, {1, 2}}));
}

TEST(Merger, SequenceNumbersAndIdentificationsBeginAgainBehindTheirLast) {
    Fields fields = test::tcp_fields();
    fields.sequence = 0xffffffff - 150;
    fields.ip.id = 0xfffe;
    const std::vector<Bytes> batch = changed(Flow(fields), {});
    const auto runs = merge(batch);
    ASSERT_EQ(test::shape_of(runs), together);
    test::expect_splits_back(runs[0], batch);
}

TEST(Merger, AnAcknowledgementAloneIsNotJoined) {
    Flow flow = tcp();
    EXPECT_EQ(shape({flow.next(), flow.next(0), flow.next(0), flow.next()}), (Shape{{0}, {1}, {2}, {3}}));
    Flow empty = udp();
    EXPECT_EQ(shape({empty.next(), empty.next(0), empty.next()}), apart);
}

TEST(Merger, AShorterOneIsTheLast) {
    for (const bool is_tcp : {true, false}) {
        Flow flow = is_tcp ? tcp() : udp();
        EXPECT_EQ(shape({flow.next(), flow.next(99), flow.next(99)}), other_behind);
        EXPECT_EQ(shape({flow.next(), flow.next(1), flow.next(1)}), other_behind);
    }
}

TEST(Merger, ALargerOneBeginsAnew) {
    for (const bool is_tcp : {true, false}) {
        Flow flow = is_tcp ? tcp() : udp();
        EXPECT_EQ(shape({flow.next(), flow.next(101), flow.next(101)}), other_ahead);
        EXPECT_EQ(shape({flow.next(99), flow.next(), flow.next(99)}), other_ahead);
        EXPECT_EQ(shape({flow.next(), flow.next(99), flow.next()}), other_behind);
    }
}

TEST(Merger, WhatDiffersInTheIpHeaderIsNotJoined) {
    for (const bool is_tcp : {true, false}) {
        const Flow flow = is_tcp ? tcp() : udp();
        EXPECT_EQ(shape(changed(flow, {})), together);
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { fields.ip.tos = 3; })), apart) << "congestion";
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { fields.ip.tos = 0xb8; })), apart);
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { --fields.ip.ttl; })), apart);
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { fields.ip.dont_fragment = true; })), apart);
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { fields.ip.options = {1, 1, 1, 0}; })), apart);
    }
}

TEST(Merger, PacketsWithIpOptionsAreNotJoined) {
    for (Fields fields : {test::tcp_fields(), test::udp_fields()}) {
        fields.ip.options = {1, 1, 1, 0};
        EXPECT_EQ(shape(changed(Flow(fields), {})), apart);
    }
}

TEST(Merger, IdentificationsCountUp) {
    for (Fields fields : {test::tcp_fields(), test::udp_fields()}) {
        for (const bool dont_fragment : {false, true}) {
            fields.ip.dont_fragment = dont_fragment;
            const std::vector<Bytes> batch = changed(Flow(fields), {});
            const auto runs = merge(batch);
            ASSERT_EQ(test::shape_of(runs), together);
            test::expect_splits_back(runs[0], batch);
            for (const int by : {-1, 1, 256}) {
                EXPECT_EQ(shape(changed(Flow(fields),
                                        [&](Fields& other) {
                                            other.ip.id = static_cast<std::uint16_t>(other.ip.id + by);
                                        })),
                          apart)
                    << by;
            }
        }
    }
}

TEST(Merger, ABadChecksumIsPassedOnAsItIs) {
    for (const bool is_tcp : {true, false}) {
        for (const std::size_t at : {std::size_t{10}, std::size_t{is_tcp ? 36U : 26U}, std::size_t{60}}) {
            for (std::size_t bad = 0; bad < 3; ++bad) {
                Flow flow = is_tcp ? tcp() : udp();
                std::vector<Bytes> batch{flow.next(), flow.next(), flow.next()};
                batch[bad][at] ^= 0x10U;
                EXPECT_EQ(shape(batch), bad == 0 ? other_ahead : bad == 1 ? apart : other_behind) << at;
            }
        }
    }
}

TEST(Merger, ADatagramWithoutChecksumIsNotJoined) {
    Flow flow = udp();
    std::vector<Bytes> batch{flow.next(), flow.next(), flow.next()};
    test::put16(batch[1], 26, 0);
    EXPECT_EQ(shape(batch), apart);
}

TEST(Merger, AChecksumThatSplittingWouldWriteOtherwiseIsNotJoined) {
    Fields fields = test::tcp_fields();
    Bytes payload(100);
    test::put16(payload, 0, test::get16(test::segment(fields, payload), tcp_at + 16));
    Bytes packet = test::segment(fields, payload);
    ASSERT_EQ(test::get16(packet, tcp_at + 16), 0U);
    fields.sequence += 100;
    ++fields.ip.id;
    const Bytes next = test::segment(fields, payload);
    EXPECT_EQ(shape({packet, next}), (Shape{{0, 1}}));
    test::put16(packet, tcp_at + 16, 0xffff);  // right as well
    EXPECT_EQ(shape({packet, next}), (Shape{{0}, {1}}));

    Fields ip = test::udp_fields();
    ip.ip.id = 0;
    ip.ip.id = static_cast<std::uint16_t>(test::get16(test::segment(ip, payload), 10));
    Bytes first = test::segment(ip, payload);
    ASSERT_EQ(test::get16(first, 10), 0U);
    ++ip.ip.id;
    EXPECT_EQ(shape({first, test::segment(ip, payload)}), (Shape{{0, 1}}));
    test::put16(first, 10, 0xffff);
    EXPECT_EQ(shape({first, test::segment(ip, payload)}), (Shape{{0}, {1}}));
}

TEST(Merger, AUdpChecksumOfOnesIsJoined) {
    Fields fields = test::udp_fields();
    Bytes payload(100);
    test::put16(payload, 0, test::get16(test::segment(fields, payload), 26));
    const Bytes first = test::segment(fields, payload);
    ASSERT_EQ(test::get16(first, 26), 0xffffU);
    ++fields.ip.id;
    std::vector<Bytes> batch{first, test::segment(fields, payload)};
    const auto runs = merge(batch);
    ASSERT_EQ(test::shape_of(runs), (Shape{{0, 1}}));
    test::expect_splits_back(runs[0], batch);
    test::put16(batch[0], 26, 0);  // none, although it would be right
    EXPECT_EQ(shape(batch), (Shape{{0}, {1}}));
}

TEST(Merger, FragmentsEndTheRunsOfTheirAddresses) {
    for (const bool first : {true, false}) {
        Flow one = tcp();
        Flow two = udp();
        Fields elsewhere = test::tcp_fields();
        elsewhere.ip.destination = 0xc0a80004;
        Flow three(elsewhere);
        test::IpFields fields;
        fields.protocol = 50;
        fields.more_fragments = first;
        fields.offset = first ? 0 : 800;
        EXPECT_EQ(shape({one.next(), two.next(), three.next(), test::ip_packet(fields, Bytes(80)), one.next(),
                         two.next(), three.next()}),
                  (Shape{{0}, {1}, {2, 6}, {3}, {4}, {5}}));
    }
}

TEST(Merger, FragmentsAreNotJoined) {
    for (const Flow& flow : {tcp(), udp()}) {
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { fields.ip.more_fragments = true; })), apart);
        EXPECT_EQ(shape(changed(flow, [](Fields& fields) { fields.ip.offset = 8; })), apart);
    }
    std::vector<Bytes> batch = changed(tcp(), {});
    batch[1][6] |= 0x80U;  // the reserved bit
    test::put16(batch[1], 10, 0);
    test::put16(batch[1], 10, ~test::ones_sum(ByteView(batch[1]).first(20)) & 0xffff);
    EXPECT_EQ(shape(batch), apart);
}

TEST(Merger, AFrameIsNoLongerThanItsLengthCanSay) {
    // 40 + 45 * 1455 = 65515, and 20 octets more.
    Flow flow = tcp();
    std::vector<Bytes> batch;
    for (unsigned i = 0; i < 45; ++i) {
        batch.push_back(flow.next(1455));
    }
    batch.push_back(flow.next(20));
    batch.push_back(flow.next(20));
    auto runs = merge(batch);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].frame.size(), 65535U);
    EXPECT_EQ(test::get16(runs[0].frame, 2), 65535U);
    test::expect_splits_back(runs[0], batch);
    flow = tcp();
    batch.clear();
    for (unsigned i = 0; i < 45; ++i) {
        batch.push_back(flow.next(1455));
    }
    batch.push_back(flow.next(21));
    runs = merge(batch);
    ASSERT_EQ(runs.size(), 2U);
    EXPECT_EQ(runs[0].frame.size(), 65515U);
}

TEST(Merger, ARunHasSixtyFourPackets) {
    for (const bool is_tcp : {true, false}) {
        Flow flow = is_tcp ? tcp() : udp();
        std::vector<Bytes> batch;
        for (unsigned i = 0; i < 65; ++i) {
            batch.push_back(flow.next());
        }
        const auto runs = merge(batch);
        ASSERT_EQ(runs.size(), 2U);
        EXPECT_EQ(runs[0].packets.size(), 64U);
        EXPECT_EQ(runs[1].packets.size(), 1U);
        test::expect_splits_back(runs[0], batch);
    }
}

TEST(Merger, FlowsAreTakenApart) {
    std::vector<Flow> flows;
    for (unsigned i = 0; i < 6; ++i) {
        Fields fields = i == 5 ? test::udp_fields() : test::tcp_fields();
        fields.source_port = static_cast<std::uint16_t>(fields.source_port + (i == 1 ? 1 : 0));
        fields.destination_port = static_cast<std::uint16_t>(fields.destination_port + (i == 2 ? 1 : 0));
        fields.ip.source += i == 3 ? 1 : 0;
        fields.ip.destination += i == 4 ? 1 : 0;
        flows.emplace_back(fields);
    }
    std::vector<Bytes> batch;
    for (unsigned round = 0; round < 3; ++round) {
        for (Flow& flow : flows) {
            batch.push_back(flow.next());
        }
    }
    const auto runs = merge(batch);
    ASSERT_EQ(runs.size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) {
        EXPECT_EQ(runs[i].packets, (std::vector<std::size_t>{i, i + 6, i + 12}));
        test::expect_splits_back(runs[i], batch);
    }
}

TEST(Merger, TheOldestRunEndsWhenThereAreTooMany) {
    std::vector<Flow> flows;
    std::vector<Bytes> batch;
    for (unsigned i = 0; i < 17; ++i) {
        Fields fields = test::tcp_fields();
        fields.source_port = static_cast<std::uint16_t>(1000 + i);
        flows.emplace_back(fields);
        batch.push_back(flows.back().next());
    }
    batch.push_back(flows[1].next());   // still open
    batch.push_back(flows[0].next());   // not, and takes the place of 1
    batch.push_back(flows[16].next());  // open
    const auto runs = merge(batch);
    ASSERT_EQ(runs.size(), 18U);
    EXPECT_EQ(runs[0].packets, (std::vector<std::size_t>{0}));
    EXPECT_EQ(runs[1].packets, (std::vector<std::size_t>{1, 17}));
    EXPECT_EQ(runs[16].packets, (std::vector<std::size_t>{16, 19}));
    EXPECT_EQ(runs[17].packets, (std::vector<std::size_t>{18}));
}

TEST(Merger, OtherProtocolsPassBetween) {
    Flow flow = tcp();
    test::IpFields fields;
    fields.protocol = 1;
    const Bytes icmp = test::ip_packet(fields, test::pattern(30));
    Bytes six = icmp;
    six[0] = 0x65;
    EXPECT_EQ(shape({flow.next(), icmp, six, Bytes(5), flow.next()}), (Shape{{0, 4}, {1}, {2}, {3}}));
}

TEST(Merger, OctetsBehindThePacketKeepItAlone) {
    for (const Flow& flow : {tcp(), udp()}) {
        std::vector<Bytes> batch = changed(flow, {});
        batch[1].push_back(0);
        EXPECT_EQ(shape(batch), apart);
    }
    std::vector<Bytes> batch = changed(udp(), {});
    test::put16(batch[1], 24, 107);  // one octet less than IP has, and a checksum that fits
    test::put16(batch[1], 26, 0);
    test::put16(
        batch[1], 26,
        ~test::ones_sum(ByteView(batch[1]).subspan(20), test::pseudo_sum_of(test::udp_fields().ip, 108)) &
            0xffff);
    EXPECT_EQ(shape(batch), apart);
}

TEST(Merger, StumpsEndTheRunsOfTheirAddresses) {
    for (std::size_t size = 20; size < 40; ++size) {
        Flow flow = tcp();
        std::vector<Bytes> batch{flow.next(), flow.next(), flow.next()};
        batch[1].resize(size);
        test::put16(batch[1], 2, static_cast<std::uint32_t>(size));
        test::put16(batch[1], 10, 0);
        test::put16(batch[1], 10, ~test::ones_sum(ByteView(batch[1]).first(20)) & 0xffff);
        EXPECT_EQ(shape(batch), apart) << size;
    }
    for (const unsigned words : {0U, 4U, 15U}) {
        std::vector<Bytes> batch = changed(tcp(), {}, 10);
        batch[1][tcp_at + 12] = static_cast<std::uint8_t>(words << 4);
        EXPECT_EQ(shape(batch), apart) << words;
        batch = changed(tcp(), {}, 10);
        batch[1][0] = static_cast<std::uint8_t>(0x40 | words);
        EXPECT_EQ(shape(batch), apart) << words;
    }
}

}  // namespace
}  // namespace causeway::esp
