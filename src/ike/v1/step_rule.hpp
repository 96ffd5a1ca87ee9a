// What a waiting state accepts: its RFC name, the clause, the payloads, and whether they must be encrypted. A
// message that breaks the rule leaves the state as it was. docs/states.md is generated from these rules.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/isakmp/message.hpp"

namespace causeway::ike::v1 {

enum class Protection { clear, encrypted, either };
std::string_view name_of(Protection protection);

/// A few payload types, in the order the RFC writes them.
class PayloadList {
 public:
    constexpr PayloadList() = default;
    constexpr PayloadList(std::initializer_list<isakmp::PayloadType> types) {
        for (const auto type : types) {
            types_.at(size_++) = type;
        }
    }
    [[nodiscard]] constexpr std::span<const isakmp::PayloadType> types() const {
        return {types_.data(), size_};
    }

 private:
    std::array<isakmp::PayloadType, 6> types_{};
    std::size_t size_ = 0;
};

/// Who takes the state further.
enum class Awaits { peer, diffie_hellman, nothing };

struct StepRule {
    std::string_view name{};  ///< "MM-I1"
    std::string_view sent{};  ///< on entering, as the RFC writes it; empty: nothing
    Awaits awaits = Awaits::nothing;
    std::string_view awaited{};  ///< that message as the RFC writes it, or what is computed
    std::string_view clause{};   ///< "RFC 2409 5.4"
    PayloadList required{};      ///< each exactly once
    PayloadList expected{};      ///< what else the RFC has there; others are passed over just as well
    Protection protection = Protection::clear;
};

/// False for null as well: established.
inline bool awaits_peer(const StepRule* rule) {
    return rule != nullptr && rule->awaits == Awaits::peer;
}

/// Each required payload must be there exactly once, and the protection must fit.
Result<void> check(const StepRule& rule, bool encrypted, std::span<const isakmp::Payload> payloads);

}  // namespace causeway::ike::v1
