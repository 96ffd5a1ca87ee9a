#include "world/toy_group.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "crypto/hash.hpp"

namespace causeway::world {

void Random::fill(std::span<std::uint8_t> octets) {
    for (auto& octet : octets) {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
        octet = static_cast<std::uint8_t>(z ^ (z >> 31U));
    }
}

namespace {

/// A group whose secret anybody could compute: for speed and for repeatable runs.
class ToyKey : public crypto::DhKey {
 public:
    ToyKey(crypto::GroupId group, Bytes value) : group_(group), value_(std::move(value)) {}
    [[nodiscard]] crypto::GroupId group() const override { return group_; }
    [[nodiscard]] ByteView public_value() const override { return value_; }
    [[nodiscard]] Result<Secret> agree(ByteView peer_public) const override {
        CAUSEWAY_CHECK(crypto::judge_public_value(group_, peer_public));
        const bool ordered = std::lexicographical_compare(value_.begin(), value_.end(), peer_public.begin(),
                                                          peer_public.end());
        Bytes secret;
        while (secret.size() < crypto::info(group_).secret_octets) {
            const std::uint8_t counter = static_cast<std::uint8_t>(secret.size());
            append(secret, crypto::hash(crypto::HashId::sha1,
                                        {ByteView(&counter, 1), ordered ? ByteView(value_) : peer_public,
                                         ordered ? peer_public : ByteView(value_)}));
        }
        secret.resize(crypto::info(group_).secret_octets);
        return Secret::adopt(std::move(secret));
    }

 private:
    crypto::GroupId group_;
    Bytes value_;
};

/// A few points of the curve: values that are none are refused before anything is computed.
std::vector<Bytes> points_of(crypto::GroupId group) {
    std::vector<Bytes> points;
    for (std::uint8_t i = 1; i <= 32; ++i) {
        points.push_back(to_bytes((*crypto::dh_key_from_private(group, Bytes{i, i})).get()->public_value()));
    }
    return points;
}

const std::vector<Bytes>& known_points_of(crypto::GroupId group) {
    static const auto p256 = points_of(crypto::GroupId::ecp256);
    static const auto p384 = points_of(crypto::GroupId::ecp384);
    static const auto p521 = points_of(crypto::GroupId::ecp521);
    return group == crypto::GroupId::ecp256 ? p256 : group == crypto::GroupId::ecp384 ? p384 : p521;
}

}  // namespace

std::shared_ptr<const crypto::DhKey> toy_key(crypto::GroupId group, RandomSource& random) {
    Bytes value = random.octets(crypto::info(group).public_octets);
    if (group == crypto::GroupId::ecp256 || group == crypto::GroupId::ecp384 ||
        group == crypto::GroupId::ecp521) {
        const auto& points = known_points_of(group);
        value = points[value.front() % points.size()];
    }
    return std::make_shared<ToyKey>(group, std::move(value));
}

}  // namespace causeway::world
