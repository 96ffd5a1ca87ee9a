#include "config/naming.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/sort.hpp"

namespace causeway::config {
namespace {

void finish(Model& model) {
    std::unordered_set<std::string_view> taken;
    std::unordered_map<std::string, unsigned> last;  // number given to each name that was taken
    std::uint32_t reqid = 0;
    for (auto& peer : model.peers) {
        for (auto& tunnel : peer.tunnels) {
            const auto wanted = tunnel.display_name;
            while (!taken.insert(tunnel.display_name).second) {
                auto& number = last.try_emplace(wanted, 1).first->second;
                tunnel.display_name = fmt::format("{}-{}", wanted, ++number);
            }
            tunnel.reqid = ++reqid;
        }
        peer.display_name = peer.tunnels.empty() ? peer.name : peer.tunnels.front().display_name;
    }
}

}  // namespace

void give_names_and_numbers(Model& model, const std::unordered_set<std::string_view>& shared) {
    for (auto& peer : model.peers) {
        for (auto& tunnel : peer.tunnels) {
            // A section's further pairs of networks are called NAME-2, NAME-3; '-' occurs in no section name.
            const bool unique =
                !shared.contains(std::string_view(tunnel.name).substr(0, tunnel.name.find('-')));
            tunnel.display_name = fmt::format("{}-{}", unique ? "ipsec" : peer.name, tunnel.name);
        }
    }
    finish(model);
}

void give_names_and_numbers(Model& model) {
    for (auto& peer : model.peers) {
        for (auto& tunnel : peer.tunnels) {
            tunnel.display_name = tunnel.name;
        }
    }
    finish(model);
}

void put_in_order(std::vector<Finding>& findings) {
    sort_stably_by(findings,
                   [](const Finding& one) { return std::tuple(one.place().line, one.place().column); });
}

}  // namespace causeway::config
