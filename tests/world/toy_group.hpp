// Randomness and Diffie-Hellman groups for runs that are fast and come out the same each time: for tests
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/random.hpp"
#include "crypto/dh.hpp"

namespace causeway::world {

/// A repeatable stream of octets (splitmix64).
class Random : public RandomSource {
 public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> octets) override;

 private:
    std::uint64_t state_;
};

/// A key of a group with the sizes of `group`, whose secret anybody could compute.
std::shared_ptr<const crypto::DhKey> toy_key(crypto::GroupId group, RandomSource& random);

}  // namespace causeway::world
