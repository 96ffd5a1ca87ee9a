#include "base/file_name.hpp"

#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace causeway {

namespace {

/// Never destroyed: a place may be told until the very end.
struct Names {
    std::mutex mutex;
    std::map<std::string, std::uint32_t, std::less<>> numbers;
    std::deque<const std::string*> by_number;  ///< keys of the former, which stay where they are
};

Names& names() {
    static auto& all = *new Names;
    return all;
}

}  // namespace

FileName::FileName(std::string_view name) {
    Names& all = names();
    const std::lock_guard lock(all.mutex);
    auto at = all.numbers.find(name);
    if (at == all.numbers.end()) {
        at = all.numbers.emplace(name, static_cast<std::uint32_t>(all.by_number.size() + 1)).first;
        all.by_number.push_back(&at->first);
    }
    number_ = at->second;
}

const std::string& FileName::operator*() const {
    Names& all = names();
    const std::lock_guard lock(all.mutex);
    return *all.by_number.at(number_ - 1);
}

}  // namespace causeway
