// Peers as a configuration describes them, for the tests of this folder: each call says only what matters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "config/model.hpp"

namespace causeway::negotiation {

inline Place line(std::uint32_t number) {
    return {FileName("ipsec"), number, 0};
}

inline IpAddress at(std::string_view text) {
    return IpAddress::parse(text).value();
}

struct PeerWords {
    std::string name = "eltern";
    std::string key = "secret";
    config::ExchangeMode mode = config::ExchangeMode::main;
    std::vector<config::PeerAddress> addresses{};
    std::vector<config::Phase1Proposal> proposals{config::Phase1Proposal{}};
};

/// The section is on line 1, the mode on line 2, the proposals on line 3; an identity is on line 4.
inline config::Peer peer_of(PeerWords words) {
    config::Peer peer;
    peer.name = std::move(words.name);
    peer.place = line(1);
    peer.pre_shared_key = Secret(as_bytes(words.key));
    peer.mode = words.mode;
    peer.mode_place = line(2);
    for (auto& address : words.addresses) {
        peer.addresses.push_back({std::move(address), line(1)});
    }
    peer.proposals = std::move(words.proposals);
    peer.proposals_place = line(3);
    return peer;
}

inline config::Peer known_as(config::Peer peer, std::string_view identity) {
    peer.remote_id = Sourced<config::Identity>{config::Identity::parse(identity).value(), line(4)};
    return peer;
}

inline TrafficSelector net(std::string_view text) {
    return {Ipv4Net::parse(text).value(), 0, 0};
}

}  // namespace causeway::negotiation
