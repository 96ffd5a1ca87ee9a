// One section of `children` of a swanctl.conf -> a tunnel. Used by the reader of a connection only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "config/report.hpp"
#include "config/swanctl/settings.hpp"

namespace causeway::config::swanctl {

/// What a child does without being asked by the peer.
struct Actions {
    StartAction start = StartAction::none;
    LossAction on_close = LossAction::clear;
    LossAction on_silence = LossAction::clear;
    Place place{};  ///< of what makes it dial

    [[nodiscard]] bool dials() const {
        return start != StartAction::none || on_close != LossAction::clear || on_silence != LossAction::clear;
    }
};
/// What is not understood counts as not written; read_child() says so.
Actions actions_of(const View& child);

struct Child {
    std::optional<Tunnel> tunnel;  ///< nothing: left out, which is said
    std::vector<Tunnel>
        answered{};  ///< further pairs of its networks, which strongSwan answers and never asks for
    /// strongSwan does not load the connection that has it; said.
    bool refuses_connection = false;
};

/// `peer` has its addresses; `connection` is its name. More names than `title` of messages are given later.
Child read_child(const View& child, const Peer& peer, Report& report);

}  // namespace causeway::config::swanctl
