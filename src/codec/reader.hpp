// Reading octets from the wire. A reader that has failed once fails for ever ("poisoned"), so that a decoder
// may read a whole structure and ask once, at the end, whether it was all there.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace causeway {

class Reader {
 public:
    explicit Reader(ByteView octets) : rest_(octets) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }

    /// The next `count` octets; empty, and the reader poisoned, when there are fewer.
    ByteView take(std::size_t count) {
        if (failed_ || count > rest_.size()) {
            failed_ = true;
            return {};
        }
        const ByteView taken = rest_.first(count);
        rest_ = rest_.subspan(count);
        return taken;
    }
    ByteView take_rest() { return take(failed_ ? 0 : rest_.size()); }

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::size_t left() const { return failed_ ? 0 : rest_.size(); }

 private:
    std::uint64_t number(std::size_t octets) {
        std::uint64_t value = 0;
        for (const auto octet : take(octets)) {
            value = value << 8 | octet;
        }
        return value;
    }

    ByteView rest_;
    bool failed_ = false;
};

}  // namespace causeway
