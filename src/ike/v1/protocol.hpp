// IKEv1 as the engine uses it: how a session begins, and what is said where there is none.
#pragma once

#include <memory>

#include "ike/session.hpp"

namespace causeway::ike::v1 {

class Protocol final : public ike::Protocol {
 public:
    [[nodiscard]] unsigned major_version() const override { return 1; }
    [[nodiscard]] Unclaimed classify(const Datagram& datagram) const override;
    [[nodiscard]] std::unique_ptr<ike::Session> make(SessionOwner& owner, Role role,
                                                     const Place& place) const override;
    [[nodiscard]] Bytes refusal(const isakmp::Header& about, const negotiation::Reason& reason,
                                RandomSource& random) const override;
    [[nodiscard]] Bytes session_unknown(const isakmp::Header& about, RandomSource& random) const override;
};

}  // namespace causeway::ike::v1
