// What the engine wants done to the SA pairs of the data plane, as values.
#pragma once

#include <memory>

#include "base/address.hpp"
#include "sa/sa.hpp"

namespace causeway::ike {

/// Inbound is live at once; outbound only when `outbound` (the responder waits for message 3).
struct InstallSa {
    std::shared_ptr<const sa::SaPair> pair;
    bool outbound = false;
};
/// From now on the tunnel sends on this pair; older pairs of the tunnel go on receiving.
struct ActivateOutbound {
    sa::SaId id{};
};
/// The peer gives no sign of life: a tunnel with the same networks carries in place of this pair while it can;
/// or it has shown life, and that is over.
struct DoubtSa {
    sa::SaId id{};
    bool doubted = false;
};
struct RemoveSa {
    sa::SaId id{};
};
/// Packets have gone into the tunnel and none has come back, though its peer answers.
struct NothingComesBack {
    sa::ReqId reqid = 0;
    IpAddress peer{};
};
/// The outer addresses of an installed pair changed.
struct MoveSa {
    sa::SaId id{};
    Endpoint local{};
    Endpoint remote{};
    sa::Encapsulation encapsulation = sa::Encapsulation::none;
};

}  // namespace causeway::ike
