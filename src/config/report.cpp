#include "config/report.hpp"

#include <cstdint>
#include <string_view>

namespace causeway::config {
namespace {

/// Remarks of a file that has more are no longer compared with each other.
constexpr std::size_t max_compared = std::size_t{1} << 18;

/// FNV-1a, of 64 bits on every machine: a remark must not vanish because another has its hash.
class Hash {
 public:
    void add(std::string_view text) {
        for (const char c : text) {
            add(static_cast<unsigned char>(c));
        }
        add(0x100);
    }
    void add(std::uint64_t number) { value_ = (value_ ^ number) * 0x100000001b3U; }
    [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
    std::uint64_t value_ = 0xcbf29ce484222325U;
};

std::uint64_t hash_of(const Place& place, std::string_view what, std::string_view consequence) {
    Hash hash;
    hash.add(std::uint64_t{place.line} << 32U | place.column);
    hash.add(what);
    hash.add(consequence);
    return hash.value();
}

}  // namespace

void Report::add(Severity severity, Place place, std::string what, std::string consequence,
                 std::string remedy, bool dropped) {
    // Two remotes may name one section, whose remarks are then made twice.
    if (made_.size() < max_compared && !made_.insert(hash_of(place, what, consequence)).second) {
        return;
    }
    if (full(severity)) {
        count(severity);
        return;
    }
    ++kept_.of(severity);
    model_.remarks.push_back(
        {severity, std::move(place), std::move(what), std::move(consequence), std::move(remedy), dropped});
}

}  // namespace causeway::config
