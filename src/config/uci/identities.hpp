// local_identifier and remote_identifier of a `config remote` -> the peer's identities. Used by the reader of
// a peer only.
#pragma once

#include "config/model.hpp"
#include "config/uci/peer.hpp"

namespace causeway::config::uci {

/// Wants the peer's addresses to be read. False: the remote is refused, and an error remark says why.
bool read_identities(const Surroundings& around, const SectionView& remote, Peer& peer);

}  // namespace causeway::config::uci
