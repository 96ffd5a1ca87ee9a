// Secrets as a type: wiped when they die, moved but never copied by accident, with no way to print them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/bytes.hpp"

namespace causeway {

/// Overwrites the octets in a way the compiler may not remove.
void wipe(std::span<std::uint8_t> octets);

/// Compares in time that depends on the lengths only. For hashes, ICVs and keys.
[[nodiscard]] bool equal_in_constant_time(ByteView a, ByteView b);

/// Key material, a pre-shared key, a Diffie-Hellman secret. Move-only; wiped on destruction and when moved
/// from.
class Secret {
 public:
    Secret() = default;
    explicit Secret(std::size_t size) : octets_(size) {}
    explicit Secret(ByteView octets) : octets_(octets.begin(), octets.end()) {}
    /// Takes over a buffer that already holds a secret.
    static Secret adopt(Bytes&& octets) {
        Secret secret;
        secret.octets_ = std::move(octets);
        return secret;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : octets_(std::exchange(other.octets_, {})) {}
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe(octets_);
            octets_ = std::exchange(other.octets_, {});
        }
        return *this;
    }
    ~Secret() { wipe(octets_); }

    /// A second owner, on purpose.
    [[nodiscard]] Secret clone() const { return Secret(view()); }
    [[nodiscard]] ByteView view() const { return octets_; }
    [[nodiscard]] std::span<std::uint8_t> writable() { return octets_; }
    [[nodiscard]] std::size_t size() const { return octets_.size(); }
    [[nodiscard]] bool empty() const { return octets_.empty(); }

    friend bool operator==(const Secret& a, const Secret& b) {
        return equal_in_constant_time(a.view(), b.view());
    }

 private:
    Bytes octets_;
};

}  // namespace causeway
