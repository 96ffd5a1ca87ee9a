// Writing octets for the wire, in network order.
#pragma once

#include <cstdint>
#include <utility>

#include "base/bytes.hpp"

namespace causeway {

class Writer {
 public:
    Writer& u8(std::uint8_t value) { return number(value, 1); }
    Writer& u16(std::uint16_t value) { return number(value, 2); }
    Writer& u32(std::uint32_t value) { return number(value, 4); }
    Writer& octets(ByteView view) {
        append(out_, view);
        return *this;
    }
    /// Puts a 16-bit number where room was left for it.
    void patch_u16(std::size_t at, std::uint16_t value) {
        out_[at] = static_cast<std::uint8_t>(value >> 8);
        out_[at + 1] = static_cast<std::uint8_t>(value);
    }
    [[nodiscard]] std::size_t size() const { return out_.size(); }
    [[nodiscard]] Bytes finish() && { return std::move(out_); }

 private:
    Writer& number(std::uint64_t value, unsigned octets) {
        for (unsigned i = octets; i-- > 0;) {
            out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        }
        return *this;
    }

    Bytes out_;
};

}  // namespace causeway
