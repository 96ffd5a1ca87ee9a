#include "world/toy_group.hpp"

#include <algorithm>

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
        if (peer_public.size() != value_.size()) {
            return fail(Errc::unacceptable, "the value has the wrong length");
        }
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

}  // namespace

std::shared_ptr<const crypto::DhKey> toy_key(crypto::GroupId group, RandomSource& random) {
    return std::make_shared<ToyKey>(group, random.octets(crypto::info(group).public_octets));
}

}  // namespace causeway::world
