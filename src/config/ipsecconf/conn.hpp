// One conn -> a peer with its tunnels, where it joins networks with a pre-shared key.
#pragma once

#include <optional>
#include <string>

#include "config/ipsecconf/conns.hpp"
#include "config/ipsecconf/document.hpp"
#include "config/ipsecconf/secrets.hpp"
#include "config/model.hpp"
#include "config/report.hpp"

namespace causeway::config::ipsecconf {

struct ConnSurroundings {
    const Document& document;
    const Conns& conns;
    const Secrets& secrets;
    /// Where the keys were looked for, as messages say it; empty: a file was there.
    const std::string& keys_missing_from;
    bool& told_of_missing_keys;  ///< one message does for all conns
    Report& report;
};

/// Nothing when it is left out or refused, or is nothing that negotiates; what there is to say is said.
std::optional<Peer> read_conn(const ConnSurroundings& around, const Conn& conn);

}  // namespace causeway::config::ipsecconf
