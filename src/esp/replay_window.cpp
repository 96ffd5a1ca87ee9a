#include "esp/replay_window.hpp"

#include <algorithm>
#include <bit>

namespace causeway::esp {

namespace {

constexpr unsigned word_bits = 64;

constexpr std::uint64_t bit_of(std::uint64_t sequence) {
    return std::uint64_t{1} << (sequence % word_bits);
}

}  // namespace

// A window of n packets touches at most n/64 + 2 words: both of its ends may lie inside a word.
ReplayWindow::ReplayWindow(unsigned size)
    : size_(std::clamp(size, min_size, max_size)),
      word_mask_(std::bit_ceil(std::size_t{size_ / word_bits + 2}) - 1) {}

std::size_t ReplayWindow::slot(std::uint64_t word) const {
    return static_cast<std::size_t>(word & word_mask_);
}

bool ReplayWindow::seen(std::uint64_t sequence) const {
    return (words_[slot(sequence / word_bits)] & bit_of(sequence)) != 0;
}

bool ReplayWindow::admits(std::uint64_t sequence) const {
    if (sequence == 0) {  // RFC 4303 3.3.3: the first packet carries 1
        return false;
    }
    if (sequence > highest_) {
        return true;
    }
    return highest_ - sequence < size_ && !seen(sequence);
}

ReplayWindow::Verdict ReplayWindow::accept(std::uint64_t sequence) {
    if (!admits(sequence)) {
        return Verdict::replayed;
    }
    if (words_.empty()) {
        words_.resize(word_mask_ + 1);
    }
    const bool newest = sequence > highest_;
    if (newest) {
        // Only the words that were skipped are cleared; a jump beyond the ring clears each word once.
        const std::uint64_t from = highest_ / word_bits;
        const std::uint64_t skipped = std::min<std::uint64_t>(sequence / word_bits - from, words_.size());
        for (std::uint64_t i = 1; i <= skipped; ++i) {
            words_[slot(from + i)] = 0;
        }
        highest_ = sequence;
    }
    words_[slot(sequence / word_bits)] |= bit_of(sequence);
    return newest ? Verdict::newest : Verdict::late;
}

}  // namespace causeway::esp
