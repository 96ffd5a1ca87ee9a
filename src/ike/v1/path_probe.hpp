// What the way to a peer carries, found out in the spirit of RFC 4821 by questions about life (RFC 3706) of the size to
// be tried: first without padding, for the round trip; then padded, from the largest size down; when none was answered
// without padding again, for the peer may have gone meanwhile. For ways that swallow larger packets without a word.
// Sizes are those of whole IP packets, in octets.
#pragma once

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "ike/session.hpp"
#include "sa/sa.hpp"

namespace causeway::ike::v1 {

namespace path_probe {

/// The next question is to be sent. Nothing: without padding.
struct Ask {
    std::optional<std::size_t> octets;
    friend bool operator==(const Ask&, const Ask&) = default;
};
struct Wait {
    friend bool operator==(const Wait&, const Wait&) = default;
};
/// It is over, and nothing is known.
struct GivenUp {
    friend bool operator==(const GivenUp&, const GivenUp&) = default;
};
/// So much has arrived. `whole`: it is all that the device lets out.
struct Carries {
    std::size_t octets = 0;
    bool whole = false;
    friend bool operator==(const Carries&, const Carries&) = default;
};
/// The peer is there, and answers nothing that is padded.
struct TakesNoPadding {
    friend bool operator==(const TakesNoPadding&, const TakesNoPadding&) = default;
};
using Next = std::variant<Ask, Wait, GivenUp, Carries, TakesNoPadding>;

}  // namespace path_probe

class PathProbe {
 public:
    /// For a pair, out of a device with this MTU. Its first question is due at once.
    PathProbe(sa::SaId id, std::size_t device, const Place& place, Instant now);

    /// No size to try is below that of the device.
    [[nodiscard]] static bool is_vain(std::size_t device);

    /// Another pair that waits for what is found.
    void join(sa::SaId id) { waiting_.push_back(id); }
    [[nodiscard]] const std::vector<sa::SaId>& waiting() const { return waiting_; }
    [[nodiscard]] std::size_t device() const { return device_; }

    [[nodiscard]] Instant next_timeout() const { return next_; }
    struct Circumstances {
        Place place{};        ///< where the peer is
        bool serves = false;  ///< things are begun under this session
        bool busy = false;    ///< something else is asked or negotiated
    };
    [[nodiscard]] path_probe::Next handle_timeout(const Circumstances& here, Instant now);
    /// The question that was asked for has left, in a packet of this size.
    void sent(std::size_t octets);
    /// Another question has left: the next answer says nothing of the path.
    void overtaken() { asked_ = false; }
    /// The last question of the session was answered.
    [[nodiscard]] path_probe::Next answered(const Circumstances& here, Instant now);

 private:
    enum class Step { alive, sizes, still_alive };

    [[nodiscard]] path_probe::Next ask_unpadded(Instant now);

    Step step_ = Step::alive;
    std::vector<sa::SaId> waiting_;
    std::size_t device_;
    Place place_;
    std::vector<std::size_t> sizes_;
    std::size_t at_ = 0;    ///< of `sizes_`, tried next
    std::size_t size_ = 0;  ///< sent last
    unsigned tries_ = 0;    ///< without padding
    bool asked_ = false;    ///< what was sent last may be answered
    Duration round_trip_{};
    Instant first_asked_{};
    Instant next_;
    Instant until_;
};

}  // namespace causeway::ike::v1
