// A history as octets: read as it was written, bounded, and never believed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "history/recorder.hpp"

namespace causeway::history {
namespace {

constexpr std::int64_t noon = 1'700'000'100;
const std::vector<std::string> peers{"berlin", "hub", "a peer with a longer name"};

Recorder empty() {
    Recorder recorder;
    recorder.adopt(peers);
    return recorder;
}

/// All that can be asked of it.
std::vector<Connection> all(const Recorder& recorder, std::int64_t now) {
    std::vector<Connection> connections;
    for (const auto& peer : peers) {
        connections.push_back(recorder.told(peer, max_steps, now).value());
    }
    return connections;
}

/// Whatever may happen within some days, and when it ended.
std::int64_t live(Recorder& recorder) {
    std::int64_t now = noon;
    const auto events = *rc::gen::container<std::vector<unsigned>>(rc::gen::arbitrary<unsigned>());
    for (const unsigned event : events) {
        const auto& peer = peers[event % peers.size()];
        const auto row = static_cast<Row>(event / 3 % 4);
        now += event / 12 % 4000;
        switch (event % 5) {
            case 0:
                recorder.saw(peer, row, event % 2 == 0, now);
                break;
            case 1:
                recorder.tick(peer, row, now);
                break;
            case 2:
                recorder.round_trip(peer, std::chrono::microseconds(event % 9'000'000), now);
                break;
            case 3:
                recorder.started(now);
                break;
            default:
                recorder.why(peer, "cause", std::string(event % 300, 'w') + std::to_string(event % 7),
                             Recorder::Repetition::same_words, now);
        }
    }
    return now;
}

RC_GTEST_PROP(Octets, AreReadAsTheyWereWritten, ()) {
    auto recorder = empty();
    const std::int64_t now = live(recorder);
    auto read = empty();
    const auto restored = read.restore(recorder.encode(), now);
    RC_ASSERT(restored);
    RC_ASSERT(all(read, now) == all(recorder, now));
    RC_ASSERT(read.head(max_steps, now) == recorder.head(max_steps, now));
    RC_ASSERT(read.encode() == recorder.encode());
}

RC_GTEST_PROP(Octets, ThatWereChangedAnywhereAreRefused, ()) {
    auto recorder = empty();
    const std::int64_t now = live(recorder);
    auto octets = recorder.encode();
    const auto at = *rc::gen::inRange<std::size_t>(0, octets.size());
    octets[at] ^= static_cast<std::uint8_t>(1U << *rc::gen::inRange(0U, 8U));
    auto read = empty();
    RC_ASSERT(!read.restore(octets, now));
    RC_ASSERT(read.encode() == empty().encode());
}

std::uint32_t crc32(const Bytes& octets) {
    std::uint32_t crc = 0xffffffff;
    for (const std::uint8_t octet : octets) {
        crc ^= octet;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xedb88320U : crc >> 1U;
        }
    }
    return ~crc;
}

/// With a checksum that is right.
Bytes sealed(Bytes octets) {
    const std::uint32_t crc = crc32(octets);
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        octets.push_back(static_cast<std::uint8_t>(crc >> shift));
    }
    return octets;
}

// Somebody who can write the checksum can write any length.
RC_GTEST_PROP(Octets, OfAnybodyAreReadWithinTheirBounds, ()) {
    auto recorder = empty();
    const std::int64_t now = live(recorder);
    auto octets = recorder.encode();
    octets.resize(octets.size() - 4);
    for (int times = *rc::gen::inRange(1, 6); times > 0; --times) {
        const auto at = *rc::gen::inRange<std::size_t>(18, octets.size());
        octets[at] =
            *rc::gen::element<std::uint8_t>(0, 1, 0x7f, 0xff, static_cast<std::uint8_t>(octets[at] + 1));
    }
    if (*rc::gen::arbitrary<bool>()) {
        octets.resize(*rc::gen::inRange<std::size_t>(18, octets.size() + 1));
    }
    auto read = empty();
    const auto restored = read.restore(sealed(octets), now);
    RC_CLASSIFY(restored.has_value(), "taken");
    // Taken or refused: what is kept then can be asked, and is within the bounds.
    all(read, now);
    RC_ASSERT(read.encode().size() <= max_octets);
    RC_ASSERT(read.told("hub", max_steps, now)->whys.size() <= max_whys);
    read.saw("hub", Row::phase1, true, now);
    RC_ASSERT(empty().capacity() == read.capacity());
}

RC_GTEST_PROP(Octets, OfAnythingElseAreRefused, ()) {
    const auto octets = *rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>());
    auto read = empty();
    RC_ASSERT(!read.restore(octets, noon));
    RC_ASSERT(!read.restore(sealed(octets), noon));
}

std::string refusal(const Bytes& octets) {
    auto read = empty();
    const auto restored = read.restore(octets, noon);
    return restored ? "taken" : restored.error().what;
}

TEST(Octets, AreRefusedWithTheReason) {
    Bytes octets = empty().encode();
    EXPECT_EQ(refusal(octets), "taken");
    EXPECT_EQ(refusal({}), "is no history of causewayd");
    EXPECT_EQ(refusal(Bytes(100, 'x')), "is no history of causewayd");
    EXPECT_EQ(refusal(Bytes(max_octets + 1)), "is larger than a history gets");
    octets.pop_back();
    EXPECT_EQ(refusal(octets), "is damaged");
    octets.resize(octets.size() - 3);
    octets[17] = 9;  // the version
    EXPECT_EQ(refusal(sealed(octets)), "has the version 9, and this one reads 1");
}

TEST(Octets, WithMoreStepsThanTheySayAreRefused) {
    auto before = empty();
    before.saw("hub", Row::phase1, true, noon);
    before.saw("hub", Row::phase1, true, noon + 3 * step_seconds);
    Bytes octets = before.encode();
    octets.resize(octets.size() - 4);
    octets[18] = 0;  // how many there are of each peer
    octets[19] = 3;
    EXPECT_EQ(refusal(sealed(octets)), "is damaged");
    octets[19] = 4;
    EXPECT_EQ(refusal(sealed(octets)), "taken");
    octets[18] = 0xff;
    EXPECT_EQ(refusal(sealed(octets)), "is damaged");
    octets[18] = octets[19] = 0;
    EXPECT_EQ(refusal(sealed(octets)), "is damaged");
}

TEST(Octets, OfPeersThatAreGoneAreLeftOut) {
    auto before = empty();
    before.saw("hub", Row::phase1, true, noon);
    before.saw("berlin", Row::phase1, true, noon);
    Recorder after;
    after.adopt({"berlin", "new"});
    ASSERT_TRUE(after.restore(before.encode(), noon));
    EXPECT_EQ(after.told("berlin", 1, noon)->steps.at(0).marks[1].state, State::up);
    EXPECT_EQ(after.told("new", 1, noon)->steps.at(0).marks[1].state, State::unknown);
    EXPECT_FALSE(after.told("hub", 1, noon));
}

TEST(Octets, AfterARestartTheTimeBetweenIsUnknown) {
    auto before = empty();
    before.started(noon);
    before.saw("hub", Row::phase1, true, noon);
    auto after = empty();
    const std::int64_t now = noon + 5 * step_seconds;
    ASSERT_TRUE(after.restore(before.encode(), now));
    after.started(now);
    after.saw("hub", Row::phase1, true, now);
    std::string seen;
    const auto told = after.told("hub", 7, now);
    for (const Step& step : told->steps) {
        seen += letter(step.marks[1]);
    }
    EXPECT_EQ(seen, "nunnnnu");
    EXPECT_EQ(after.head(7, now).starts, (std::vector<std::int64_t>{noon, now}));
}

TEST(Octets, OfATimeThatHasNotComeAreDropped) {
    auto before = empty();
    before.saw("hub", Row::phase1, true, noon);
    before.saw("hub", Row::phase1, true, noon + 10 * step_seconds);
    before.started(noon + 10 * step_seconds);
    auto after = empty();
    ASSERT_TRUE(after.restore(before.encode(), noon));
    EXPECT_TRUE(after.head(max_steps, noon + 20 * step_seconds).starts.empty());
    const auto steps = after.told("hub", 20, noon + 10 * step_seconds)->steps;
    EXPECT_EQ(std::ranges::count_if(steps, [](const Step& step) { return step.marks[1].state == State::up; }),
              1);
}

TEST(Octets, OfManyPeersAreReadByFew) {
    std::vector<std::string> names;
    for (int i = 0; i < 2000; ++i) {
        names.push_back(fmt::format("peer{}", i));
    }
    names.emplace_back("hub");
    Recorder before;
    before.adopt(names);
    before.saw("hub", Row::phase1, true, noon);
    auto after = empty();
    ASSERT_TRUE(after.restore(before.encode(), noon));
    EXPECT_EQ(after.capacity(), max_steps);
    EXPECT_EQ(after.told("hub", 1, noon)->steps.at(0).marks[1].state, State::up);
}

}  // namespace
}  // namespace causeway::history
