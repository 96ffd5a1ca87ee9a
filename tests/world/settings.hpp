// One gateway's configuration in a few words, for scenarios: "mode aggressive", "psk swordfish", "esp
// aes256gcm16". Made into the same config::Model that the readers of real files make.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "config/model.hpp"

namespace causeway::world {

/// What differs from the defaults. Every gateway has one peer with one tunnel, unless `tunnels` says more.
struct Settings {
    std::string peer = "east";        ///< name of the other gateway
    std::string address = "0.0.0.0";  ///< the peer's: an address, a name, or "any"
    std::string local_net = "10.1.0.0/16";
    std::string remote_net = "10.2.0.0/16";
    /// mode, psk, id, peer-id, ike, esp (lists with spaces), ike-lifetime, esp-lifetime, start, encap, nat-t,
    /// dpd, rekey, tunnels, delete-on-rekey, loss, either-mode
    std::map<std::string, std::string> values;
};

/// The peer alone, its tunnels numbered from `first_reqid` on.
Result<config::Peer> make_peer(const Settings& settings, unsigned first_reqid = 1);

/// A model with this one peer. Fails with the words that are not understood.
Result<std::shared_ptr<const config::Model>> make_model(const Settings& settings);

}  // namespace causeway::world
