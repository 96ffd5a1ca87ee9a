// A stable sort by key. The library's own stable algorithms use a buffer that C++20 deprecates, and clang
// says so.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace causeway {

/// Equal keys stay in their order. `key_of` is called once for each element.
template <class T, class KeyOf>
void sort_stably_by(std::vector<T>& items, KeyOf key_of) {
    using Key = decltype(key_of(items.front()));
    std::vector<std::pair<Key, std::size_t>> order;
    order.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        order.emplace_back(key_of(items[i]), i);
    }
    std::sort(order.begin(), order.end());
    std::vector<T> sorted;
    sorted.reserve(items.size());
    for (const auto& [key, index] : order) {
        sorted.push_back(std::move(items[index]));
    }
    items = std::move(sorted);
}

}  // namespace causeway
