// What is known of the way's MTU to a peer: what the own device says, and what was found out by asking the
// peer with messages of that size (RFC 4821), for a way that swallows larger packets and says nothing. Pure;
// held by each SA pair. Sizes are those of whole IP packets, in octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace causeway::esp {

/// Every way carries so much: the least of IPv6 (RFC 8200 5), and of tunnels below it as a rule.
inline constexpr std::size_t safe_outer_mtu = 1280;

class PathMtu {
 public:
    /// A reduced way may have become a better one (RFC 4821 7.7), and any a worse one.
    static constexpr Duration again_after = std::chrono::minutes(10);
    /// Whoever was asked to find out has not answered.
    static constexpr Duration unheard_after = std::chrono::seconds(30);

    explicit PathMtu(std::size_t device_octets) : device_(device_octets) {}

    /// The MTU that the machine knows. When more than before, it proves nothing any more.
    void set_device(std::size_t octets);
    /// The way is another one from now on.
    void forget();
    /// What came of asking; nothing: it cannot be found out, and the device is believed.
    void set_found(std::optional<std::size_t> octets, Instant now);

    /// TCP begins: somebody ought to find out. True once until set_found(), or again when that does not come.
    bool ask(Instant now);

    [[nodiscard]] std::size_t device() const { return device_; }
    /// What packets may have.
    [[nodiscard]] std::size_t octets() const;
    /// What TCP that begins now is told to keep to: until the way is proven, less than octets().
    [[nodiscard]] std::size_t octets_of_tcp() const;
    [[nodiscard]] bool probed() const { return found_.has_value(); }

 private:
    [[nodiscard]] bool needs_proof() const { return device_ > safe_outer_mtu && !answered_; }

    std::size_t device_;
    std::size_t asked_for_ = 0;         ///< the device's, when it was asked last
    std::optional<std::size_t> found_;  ///< the largest that arrived
    OptionalInstant asked_;
    OptionalInstant answered_;
};

}  // namespace causeway::esp
