#include "config/report.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/finding.hpp"

namespace causeway::config {
namespace {

/// Findings of a file that has more are no longer compared with each other.
constexpr std::size_t max_compared = std::size_t{1} << 18;

/// FNV-1a, of 64 bits on every machine: a finding must not vanish because another has its hash.
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

std::uint64_t hash_of(const Finding& finding) {
    Hash hash;
    hash.add(std::uint64_t{finding.place().line} << 32U | finding.place().column);
    hash.add(static_cast<std::uint64_t>(finding.id));
    for (const auto& [name, value] : finding.fields) {
        hash.add(value);
    }
    return hash.value();
}

}  // namespace

void Report::say(Finding finding) {
    // Two remotes may name one section, whose findings are then made twice.
    if (made_.size() < max_compared && !made_.insert(hash_of(finding)).second) {
        return;
    }
    if (full(finding.severity)) {
        count(finding.severity);
        return;
    }
    ++kept_.of(finding.severity);
    model_.findings.push_back(std::move(finding));
}

}  // namespace causeway::config
