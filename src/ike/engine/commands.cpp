#include "ike/engine/commands.hpp"

#include <algorithm>

namespace causeway::ike {

bool means(std::string_view command, const TunnelNames& tunnel) {
    return command.empty() || command == tunnel.display || command == tunnel.section ||
           command == tunnel.peer;
}

void Commands::wait(const CommandUp& command) {
    waiting_.push_back(command);
}

Commands::Outcomes Commands::settle(std::span<const TunnelState> tunnels) {
    Outcomes outcomes;
    std::erase_if(waiting_, [&](const CommandUp& command) {
        const bool done = std::ranges::all_of(tunnels, [&](const TunnelState& tunnel) {
            return tunnel.carries || !means(command.name, tunnel.names);
        });
        if (done) {
            outcomes.push_back({.name = command.name, .up = true, .done = true, .id = command.id});
        }
        return done;
    });
    return outcomes;
}

Commands::Outcomes Commands::fail(std::span<const TunnelState> tunnels, const std::string& why) {
    Outcomes outcomes;
    std::erase_if(waiting_, [&](const CommandUp& command) {
        const bool failed = std::ranges::any_of(tunnels, [&](const TunnelState& tunnel) {
            return tunnel.concerned && !tunnel.carries && means(command.name, tunnel.names);
        });
        if (failed) {
            outcomes.push_back({.name = command.name, .up = true, .why = why, .id = command.id});
        }
        return failed;
    });
    return outcomes;
}

}  // namespace causeway::ike
