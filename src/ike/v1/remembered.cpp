#include "ike/v1/remembered.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "ike/limits.hpp"

namespace causeway::ike::v1 {

namespace {

std::uint64_t fingerprint(ByteView datagram) {
    const Bytes digest = crypto::hash(crypto::HashId::sha1, {datagram});
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) {
        number = number << 8U | digest[i];
    }
    return number;
}

/// 0 stands for a message that was not sent (yet).
std::uint32_t brief(std::uint64_t print) {
    return static_cast<std::uint32_t>(print) | 1U;
}

/// By an eighth, not by doubling: there is one of these for every tunnel.
template <class T>
void make_room(std::vector<T>& all, std::size_t size) {
    if (size > all.capacity()) {
        all.reserve(size + std::max<std::size_t>(3, size / 8));
    }
}

}  // namespace

bool SentMessages::add(const MessageIds& ids, std::uint32_t message_id, ByteView datagram) {
    const std::uint64_t print = fingerprint(datagram);
    if (message_id == 0) {
        if (std::ranges::find(phase1_, print) == phase1_.end()) {
            phase1_.push_back(print);
        }
        return false;
    }
    const auto ordinal = ids.ordinal(message_id);
    if (ordinal && *ordinal < limits::remembered_datagrams) {
        if (*ordinal >= begun_.size()) {
            // The ids between are those of Quick Modes that still wait for their key.
            make_room(begun_, *ordinal + 1);
            begun_.resize(*ordinal + 1);
        }
        if (begun_[*ordinal] == 0) {
            begun_[*ordinal] = brief(print);
            return true;
        }
    }
    if (contains(ids, message_id, datagram)) {
        return false;
    }
    if (later_.size() < limits::remembered_later_messages) {
        make_room(later_, later_.size() + 1);
        later_.push_back(print);
    } else {
        later_[next_] = print;
        next_ = (next_ + 1) % later_.size();
    }
    return false;
}

bool SentMessages::contains(const MessageIds& ids, std::uint32_t message_id, ByteView datagram) const {
    const std::uint64_t print = fingerprint(datagram);
    if (message_id == 0) {
        return std::ranges::find(phase1_, print) != phase1_.end();
    }
    if (const auto ordinal = ids.ordinal(message_id);
        ordinal && (*ordinal >= limits::remembered_datagrams ||
                    (*ordinal < begun_.size() && begun_[*ordinal] == brief(print)))) {
        return true;
    }
    return std::ranges::find(later_, print) != later_.end();
}

bool SeenMessageIds::contains(std::uint32_t id) const {
    return std::ranges::binary_search(sorted_, id);
}

bool SeenMessageIds::add(std::uint32_t id) {
    const auto at = std::ranges::lower_bound(sorted_, id);
    if (full() || (at != sorted_.end() && *at == id)) {
        return false;
    }
    const auto index = at - sorted_.begin();
    make_room(sorted_, sorted_.size() + 1);
    sorted_.insert(sorted_.begin() + index, id);
    return true;
}

bool SeenMessageIds::full() const {
    return sorted_.size() >= limits::remembered_message_ids;
}

}  // namespace causeway::ike::v1
