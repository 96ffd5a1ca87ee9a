// A batch of packets through the merger, and what became of each.
#pragma once

#include <cstddef>
#include <gtest/gtest.h>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "codec/vnet/header.hpp"
#include "esp/merger.hpp"
#include "esp/splitter.hpp"

namespace causeway::test {

struct MergedRun {
    vnet::Header header{};
    std::vector<std::size_t> packets{};  ///< which of the batch, in their order
    Bytes frame{};                       ///< as it would be written
};

inline std::vector<MergedRun> merge(esp::Merger& merger, const std::vector<Bytes>& batch) {
    std::vector<Bytes> packets = batch;
    for (Bytes& packet : packets) {
        merger.add(packet);
    }
    std::vector<MergedRun> runs;
    for (const esp::Merger::Run& run : merger.finish()) {
        MergedRun& merged = runs.emplace_back();
        merged.header = run.header;
        for (const ByteView piece : run.pieces) {
            append(merged.frame, piece);
            for (std::size_t i = 0; i < packets.size(); ++i) {
                if (piece.data() >= packets[i].data() &&
                    piece.data() < packets[i].data() + packets[i].size()) {
                    merged.packets.push_back(i);
                    EXPECT_EQ(piece.data() + piece.size(), packets[i].data() + packets[i].size());
                }
            }
        }
        EXPECT_EQ(merged.packets.size(), run.pieces.size());
        if (merged.packets.size() == 1) {
            EXPECT_EQ(run.header, vnet::Header{});
            EXPECT_EQ(merged.frame, batch[merged.packets[0]]);
        }
    }
    merger.clear();
    return runs;
}

inline std::vector<MergedRun> merge(const std::vector<Bytes>& batch, esp::Merger::Options options = {}) {
    esp::Merger merger(options);
    return merge(merger, batch);
}

using Shape = std::vector<std::vector<std::size_t>>;

inline Shape shape_of(const std::vector<MergedRun>& runs) {
    Shape shape;
    for (const MergedRun& run : runs) {
        shape.push_back(run.packets);
    }
    return shape;
}

/// Which packets of the batch leave together.
inline Shape shape(const std::vector<Bytes>& batch) {
    return shape_of(merge(batch));
}

/// Splitting the run gives back its packets.
inline void expect_splits_back(const MergedRun& run, const std::vector<Bytes>& batch) {
    esp::Splitter splitter;
    Bytes frame = run.frame;
    std::vector<ByteView> packets;
    ASSERT_TRUE(splitter.begin(frame, run.header));
    splitter.next(packets);
    ASSERT_TRUE(splitter.done());
    ASSERT_EQ(packets.size(), run.packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
        ASSERT_TRUE(equal(packets[i], batch[run.packets[i]])) << i;
    }
}

}  // namespace causeway::test
