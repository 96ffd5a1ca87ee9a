// The anti-replay window of one inbound SA (RFC 4303 3.4.3), as a ring of words that never shifts (RFC 6479).
// Called twice for each packet: admits() before the ICV is checked, accept() after it was found right, in
// packet order, because a batch may hold the same number twice. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace causeway::esp {

class ReplayWindow {
 public:
    static constexpr unsigned min_size = 32;
    static constexpr unsigned max_size = 8192;
    static constexpr unsigned default_size = 1024;

    enum class Verdict {
        newest,    ///< higher than every number before it
        late,      ///< within the window and not seen before
        replayed,  ///< seen before, left of the window, or zero
    };

    /// `size` in packets; brought into [min_size, max_size].
    explicit ReplayWindow(unsigned size = default_size);

    /// True when the number may be new. Changes nothing.
    [[nodiscard]] bool admits(std::uint64_t sequence) const;
    /// The verdict, and the number is remembered.
    Verdict accept(std::uint64_t sequence);

    [[nodiscard]] std::uint64_t highest() const { return highest_; }
    [[nodiscard]] unsigned size() const { return size_; }

 private:
    [[nodiscard]] bool seen(std::uint64_t sequence) const;
    /// Of the ring, for the word that counts from the first packet's.
    [[nodiscard]] std::size_t slot(std::uint64_t word) const;

    unsigned size_;
    std::size_t word_mask_;
    std::uint64_t highest_ = 0;
    std::vector<std::uint64_t> words_;  ///< made with the first packet: most of a hub's tunnels carry nothing
};

}  // namespace causeway::esp
