// Stable sorts by key. The library's own stable algorithms use a buffer that C++20 deprecates, and clang says so; and one
// sort of numbers for all types is a tenth of the code.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace causeway {

/// The numbers below `count`, sorted; those of which neither is before the other ascending.
std::vector<std::size_t> sorted_numbers(std::size_t count,
                                        const std::function<bool(std::size_t, std::size_t)>& before);

/// Equal keys stay in their order. `key_of` is called once for each element.
template <class T, class KeyOf>
void sort_stably_by(std::vector<T>& items, KeyOf key_of) {
    std::vector<decltype(key_of(items.front()))> keys;
    keys.reserve(items.size());
    for (const T& item : items) {
        keys.push_back(key_of(item));
    }
    std::vector<T> sorted;
    sorted.reserve(items.size());
    for (const std::size_t number : sorted_numbers(
             items.size(), [&](std::size_t one, std::size_t other) { return keys[one] < keys[other]; })) {
        sorted.push_back(std::move(items[number]));
    }
    items = std::move(sorted);
}

/// Of equal keys only the first stays.
template <class T, class KeyOf>
void sort_uniquely_by(std::vector<T>& items, KeyOf key_of) {
    sort_stably_by(items, key_of);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (kept == 0 || key_of(items[kept - 1]) != key_of(items[i])) {
            if (kept != i) {
                items[kept] = std::move(items[i]);
            }
            ++kept;
        }
    }
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(kept), items.end());
}

}  // namespace causeway
