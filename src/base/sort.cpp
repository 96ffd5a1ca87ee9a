#include "base/sort.hpp"

#include <algorithm>
#include <numeric>

namespace causeway {

std::vector<std::size_t> sorted_numbers(std::size_t count,
                                        const std::function<bool(std::size_t, std::size_t)>& before) {
    std::vector<std::size_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), std::size_t{0});
    std::sort(numbers.begin(), numbers.end(), [&](std::size_t one, std::size_t other) {
        return before(one, other) || (one < other && !before(other, one));
    });
    return numbers;
}

}  // namespace causeway
