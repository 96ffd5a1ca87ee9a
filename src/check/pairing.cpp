#include "check/pairing.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/bytes.hpp"
#include "base/sort.hpp"
#include "config/own_name.hpp"

namespace causeway::check {
namespace {

/// What two entries can have in common, the most telling first.
enum Mark : unsigned {
    mark_networks = 1,    ///< a pair of networks, mirrored
    mark_identities = 2,  ///< an identity of one that the other expects
    mark_name = 4,        ///< the name that one calls is the other's own
    mark_key = 8,
    mark_network = 16,  ///< one network, at whichever end
    mark_title = 32,    ///< the entry's name
};
constexpr std::pair<Mark, std::string_view> words[] = {
    {mark_networks, "networks"}, {mark_identities, "identities"}, {mark_name, "names"},
    {mark_key, "key"},           {mark_network, "a network"},     {mark_title, "the entries' names"}};

unsigned weight(unsigned marks) {
    constexpr std::pair<Mark, unsigned> weights[] = {{mark_networks, 8}, {mark_identities, 6},
                                                     {mark_name, 6},     {mark_key, 5},
                                                     {mark_network, 2},  {mark_title, 1}};
    unsigned sum = 0;
    for (const auto& [mark, points] : weights) {
        sum += (marks & mark) != 0 ? points : 0;
    }
    return sum;
}

std::string in_words(unsigned marks) {
    std::vector<std::string_view> all;
    for (const auto& [mark, word] : words) {
        if ((marks & mark) != 0 && !(mark == mark_network && (marks & mark_networks) != 0)) {
            all.push_back(word);
        }
    }
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
    return result;
}

/// What is alike is found by what it hashes to. A value that many have says little, and would cost their product.
class Index {
 public:
    void add(std::string key, std::size_t entry) { entries_[std::move(key)].push_back(entry); }
    template <class Use>
    void each(const std::string& key, Use&& use) const {
        constexpr std::size_t telling = 32;
        if (const auto found = entries_.find(key);
            found != entries_.end() && found->second.size() <= telling) {
            std::ranges::for_each(found->second, std::forward<Use>(use));
        }
    }

 private:
    std::unordered_map<std::string, std::vector<std::size_t>> entries_;
};

/// Keys are compared by a hash that no output ever holds.
std::string key_of(const Secret& secret) {
    const auto octets = secret.view();
    return std::to_string(
        std::hash<std::string_view>{}({reinterpret_cast<const char*>(octets.data()), octets.size()}));
}

/// What an entry says, as `use(mark, text)`; of the other side what it would have to say to belong to it.
template <class Use>
void each_mark(const config::Peer& peer, bool mirrored, Use&& use) {
    for (const auto& tunnel : peer.tunnels) {
        const auto& local = mirrored ? tunnel.remote : tunnel.local;
        const auto& remote = mirrored ? tunnel.local : tunnel.remote;
        use(mark_networks, fmt::format("{}={}", local.text(), remote.text()));
        use(mark_network, tunnel.local.text());
        use(mark_network, tunnel.remote.text());
    }
    const auto& own_id = mirrored ? peer.remote_id : peer.local_id;
    const auto& other_id = mirrored ? peer.local_id : peer.remote_id;
    if (own_id) {
        use(mark_identities, "own " + lower(own_id->value.text()));
    }
    if (other_id) {
        use(mark_identities, "other " + lower(other_id->value.text()));
    }
    const auto own_name = config::own_name_of(peer);
    if (own_name && !own_name->empty()) {
        use(mark_name, (mirrored ? "other " : "own ") + lower(*own_name));
    }
    for (const auto& address : peer.addresses) {
        if (const auto* host = std::get_if<config::HostName>(&address.value)) {
            use(mark_name, (mirrored ? "own " : "other ") + lower(host->name));
        }
    }
    use(mark_key, key_of(peer.pre_shared_key));
    use(mark_title, lower(peer.name));
}

struct Likeness {
    std::size_t ours;
    std::size_t theirs;
    unsigned marks;
};

std::vector<Likeness> likenesses(const config::Model& ours, const config::Model& theirs) {
    std::map<unsigned, Index> indexes;
    for (std::size_t i = 0; i < theirs.peers.size(); ++i) {
        each_mark(theirs.peers[i], true,
                  [&](Mark mark, std::string text) { indexes[mark].add(std::move(text), i); });
    }
    std::vector<Likeness> all;
    for (std::size_t i = 0; i < ours.peers.size(); ++i) {
        std::map<std::size_t, unsigned> alike;
        each_mark(ours.peers[i], false, [&](Mark mark, const std::string& text) {
            indexes[mark].each(text, [&](std::size_t other) { alike[other] |= mark; });
        });
        for (const auto& [other, marks] : alike) {
            all.push_back({i, other, marks});
        }
    }
    sort_stably_by(all, [](const Likeness& one) { return ~weight(one.marks); });  // the greatest first
    return all;
}

}  // namespace

Paired pair_up(const config::Model& ours, const config::Model& theirs) {
    Paired paired;
    if (ours.peers.size() == 1 && theirs.peers.size() == 1) {
        paired.pairs.push_back({&ours.peers.front(), &theirs.peers.front(), {}});
        return paired;
    }
    std::vector<Pairing> of_ours(ours.peers.size());
    std::vector<bool> taken(theirs.peers.size());
    for (const auto& [i, other, marks] : likenesses(ours, theirs)) {
        if (of_ours[i].ours == nullptr && !taken[other]) {
            of_ours[i] = {&ours.peers[i], &theirs.peers[other], in_words(marks)};
            taken[other] = true;
        }
    }
    for (std::size_t i = 0; i < of_ours.size(); ++i) {
        if (of_ours[i].ours != nullptr) {
            paired.pairs.push_back(std::move(of_ours[i]));
        } else {
            paired.ours_alone.push_back(&ours.peers[i]);
        }
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
        if (!taken[i]) {
            paired.theirs_alone.push_back(&theirs.peers[i]);
        }
    }
    return paired;
}

}  // namespace causeway::check
