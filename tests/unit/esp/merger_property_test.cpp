// Batches by the dice, against the rules written down plainly: which packets leave together, in which order,
// and that splitting gives all of them back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <vector>

#include "unit/esp/merged.hpp"
#include "unit/esp/packets.hpp"
#include "unit/esp/segments.hpp"

namespace causeway::esp {
namespace {

using test::Dice;
using test::Fields;
using test::Shape;

/// A flow of the batch, as its sender goes on with it.
struct Sender {
    Fields fields{};
    std::size_t size = 0;

    Sender(Dice& dice, unsigned number) {
        fields = dice.once_in(3) ? test::udp_fields() : test::tcp_fields();
        fields.source_port = static_cast<std::uint16_t>(1000 + number / 2);
        fields.ip.source += number % 2;
        fields.ip.id = static_cast<std::uint16_t>(dice.word());
        fields.ip.dont_fragment = dice.once_in(2);
        fields.sequence = dice.word();
        if (dice.once_in(2)) {
            fields.options = test::timestamps(dice.word(), dice.word());
        }
        size = dice.once_in(10) ? 1000 + dice.roll(1800) : 1 + dice.roll(80);
    }

    Bytes send(Dice& dice, std::size_t octets, const Fields& now) {
        fields.sequence += static_cast<std::uint32_t>(octets);
        ++fields.ip.id;
        return test::segment(now, dice.octets(octets));
    }
};

// What may be said otherwise of a packet; most of it keeps it alone.
void disturb(Dice& dice, Fields& now) {
    switch (dice.roll(14)) {
        case 0:
            now.flags |= static_cast<std::uint8_t>(1U << dice.roll(8));
            break;
        case 1:
            now.sequence += dice.roll(3) - 1;
            break;
        case 2:
            now.ip.id = static_cast<std::uint16_t>(now.ip.id + dice.roll(3) - 1);
            break;
        case 3:
            now.acknowledgement += dice.roll(2);
            break;
        case 4:
            now.window = static_cast<std::uint16_t>(dice.roll(2) + 500);
            break;
        case 5:
            now.ip.tos = static_cast<std::uint8_t>(dice.roll(4));
            break;
        case 6:
            now.ip.ttl = static_cast<std::uint8_t>(62 + dice.roll(2));
            break;
        case 7:
            now.ip.dont_fragment = dice.once_in(2);
            break;
        case 8:
            now.ip.options = {1, 1, 1, 0};
            break;
        case 9:
            now.ip.more_fragments = true;
            break;
        case 10:
            now.ip.offset = 8 * dice.roll(3);
            break;
        case 11:
            now.options = dice.octets(std::size_t{dice.roll(4)} * 4);
            break;
        case 12:
            now.urgent = static_cast<std::uint16_t>(dice.roll(2));
            break;
        default:
            now.reserved = static_cast<std::uint8_t>(dice.roll(16));
            break;
    }
}

Bytes one_of(Dice& dice, Sender& sender) {
    Fields now = sender.fields;
    if (dice.once_in(8)) {
        now.flags |= test::psh;
    }
    std::size_t size = sender.size;
    if (dice.once_in(8)) {
        size = dice.roll(static_cast<std::uint32_t>(sender.size) + 3);
    }
    if (dice.once_in(8)) {
        disturb(dice, now);
    }
    if (dice.once_in(20)) {
        now.ip.protocol = 1;
    }
    Bytes packet = sender.send(dice, size, now);
    if (dice.once_in(25)) {
        packet[dice.roll(static_cast<std::uint32_t>(packet.size()))] ^=
            static_cast<std::uint8_t>(1 + dice.roll(255));
    }
    if (dice.once_in(60)) {
        packet.resize(packet.size() + 1 - dice.roll(20));
    }
    return packet;
}

std::vector<Bytes> batch_of(Dice& dice) {
    std::vector<Sender> senders;
    const unsigned flows = 1 + dice.roll(dice.once_in(3) ? 24 : 4);
    for (unsigned i = 0; i < flows; ++i) {
        senders.emplace_back(dice, i);
    }
    std::vector<Bytes> batch;
    const unsigned packets = 1 + dice.roll(150);
    while (batch.size() < packets) {
        Sender& sender = senders[dice.roll(flows)];
        for (unsigned burst = 1 + dice.roll(6); burst != 0; --burst) {
            batch.push_back(one_of(dice, sender));
        }
        if (batch.size() > 1 && dice.once_in(10)) {
            std::swap(batch.back(), batch[batch.size() - 2]);
        }
    }
    return batch;
}

// What ties packets to others before the question whether they can be joined.
struct Ties {
    bool ip = false;        ///< has addresses
    bool fragment = false;  ///< or for other reasons without ports
    std::uint64_t addresses = 0;
    std::uint64_t ports = 0;  ///< with the protocol

    explicit Ties(ByteView packet) {
        ip = packet.size() >= 20 && packet[0] >> 4 == 4;
        if (!ip) {
            return;
        }
        for (std::size_t at = 12; at < 20; ++at) {
            addresses = addresses << 8 | packet[at];
        }
        const std::size_t header = std::size_t{packet[0] & 15U} * 4;
        const bool known = packet[9] == 6 || packet[9] == 17;
        fragment = (packet[6] & 0x3f) != 0 || packet[7] != 0 ||
                   (known && (header < 20 || packet.size() < header + 4));
        if (!fragment && known) {
            ports = std::uint64_t{packet[9]} << 32 | test::get16(packet, header) << 16 |
                    test::get16(packet, header + 2);
        }
        ip = fragment || known;
    }

    /// They must leave in the order in which they came.
    [[nodiscard]] bool bound_to(const Ties& other) const {
        return ip && other.ip && addresses == other.addresses &&
               (fragment || other.fragment || ports == other.ports);
    }
};

struct Member {
    std::optional<Fields> fields;  ///< of a packet that could be in a run
    std::size_t payload = 0;
};

Member member_of(ByteView packet) {
    Member member{test::fields_of(packet)};
    if (!member.fields) {
        return member;
    }
    const Fields& fields = *member.fields;
    member.payload = packet.size() - fields.headers();
    if (!fields.ip.options.empty() || member.payload == 0 ||
        (fields.tcp() && (fields.reserved != 0 || (fields.flags | test::psh) != (test::ack | test::psh)))) {
        member.fields.reset();
    }
    return member;
}

bool alike(const Fields& a, const Fields& b) {
    return a.ip.tos == b.ip.tos && a.ip.ttl == b.ip.ttl && a.ip.dont_fragment == b.ip.dont_fragment &&
           a.acknowledgement == b.acknowledgement && a.window == b.window && a.urgent == b.urgent &&
           a.options == b.options;
}

// The rules: each packet is offered to the one run that is open for its flow.
Shape expected_shape(const std::vector<Bytes>& batch) {
    Shape shape;
    std::vector<std::size_t> open;  // runs, oldest first
    std::vector<Ties> ties;
    std::vector<Member> members;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        ties.emplace_back(batch[i]);
        members.push_back(member_of(batch[i]));
        const Member& now = members[i];
        bool joined = false;
        bool ended = !now.fields || (now.fields->tcp() && (now.fields->flags & test::psh) != 0);
        std::erase_if(open, [&](std::size_t run) {
            if (!ties[i].bound_to(ties[shape[run][0]])) {
                return false;
            }
            const Member& head = members[shape[run].front()];
            const Member& last = members[shape[run].back()];
            std::size_t total = head.fields->headers();
            for (const std::size_t member : shape[run]) {
                total += members[member].payload;
            }
            joined =
                now.fields && alike(*now.fields, *head.fields) && now.payload <= head.payload &&
                total + now.payload <= 65535 &&
                now.fields->ip.id == static_cast<std::uint16_t>(last.fields->ip.id + 1) &&
                (!now.fields->tcp() ||
                 now.fields->sequence == static_cast<std::uint32_t>(last.fields->sequence + last.payload));
            if (joined) {
                shape[run].push_back(i);
                ended = ended || now.payload < head.payload || shape[run].size() == 64;
            }
            return !joined || ended;
        });
        if (!joined) {
            shape.push_back({i});
            if (!ended) {
                if (open.size() == 16) {
                    open.erase(open.begin());
                }
                open.push_back(shape.size() - 1);
            }
        }
    }
    return shape;
}

void expect_order(const std::vector<test::MergedRun>& runs, const std::vector<Bytes>& batch) {
    std::vector<std::size_t> order;
    for (const test::MergedRun& run : runs) {
        order.insert(order.end(), run.packets.begin(), run.packets.end());
    }
    std::vector<Ties> ties(batch.begin(), batch.end());
    for (std::size_t i = 0; i < order.size(); ++i) {
        for (std::size_t k = i + 1; k < order.size(); ++k) {
            ASSERT_TRUE(order[i] < order[k] || !ties[order[i]].bound_to(ties[order[k]]))
                << order[i] << " " << order[k];
        }
    }
    std::sort(order.begin(), order.end());
    ASSERT_EQ(order.size(), batch.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        ASSERT_EQ(order[i], i);
    }
}

void expect_run(const test::MergedRun& run, const std::vector<Bytes>& batch) {
    if (run.packets.size() == 1) {
        return;  // as it came, see merge()
    }
    Fields head = *member_of(batch[run.packets[0]]).fields;
    Bytes payload;
    for (const std::size_t i : run.packets) {
        append(payload, ByteView(batch[i]).subspan(head.headers()));
    }
    head.flags |= member_of(batch[run.packets.back()]).fields->flags;
    ASSERT_EQ(run.header, test::header_of(head, member_of(batch[run.packets[0]]).payload));
    ASSERT_TRUE(run.frame == test::segment(head, payload, true));
    test::expect_splits_back(run, batch);
}

TEST(MergerProperty, BatchesBecomeTheRunsOfTheRulesAndComeBack) {
    Dice dice(2);
    Merger merger;
    std::size_t joined = 0;
    for (unsigned round = 0; round < 600; ++round) {
        SCOPED_TRACE(round);
        const std::vector<Bytes> batch = batch_of(dice);
        const auto runs = test::merge(merger, batch);
        ASSERT_EQ(test::shape_of(runs), expected_shape(batch));
        expect_order(runs, batch);
        for (const test::MergedRun& run : runs) {
            expect_run(run, batch);
            joined += run.packets.size() > 1 ? run.packets.size() : 0;
        }
        if (HasFatalFailure()) {
            return;
        }
    }
    EXPECT_GT(joined, 10000U) << "the dice should not show lone packets only";
}

}  // namespace
}  // namespace causeway::esp
