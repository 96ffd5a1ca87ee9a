#include "firewall/tunnels.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace causeway::firewall {

bool Layer::contains(const Ipv4Net& net, bool strictly) const {
    if (strictly ? net.prefix <= prefix : net.prefix < prefix) {
        return false;
    }
    Ipv4Net around{net.network, static_cast<std::uint8_t>(prefix)};
    around.network &= around.mask();
    return std::binary_search(remotes.begin(), remotes.end(), around);
}

std::vector<Layer> layers_of(const std::vector<GuardedPair>& pairs) {
    std::map<int, std::map<Ipv4Net, std::vector<Ipv4Net>>> by_prefix;  // prefix, remote, locals
    for (const GuardedPair& pair : pairs) {
        by_prefix[-pair.remote.prefix][pair.remote].push_back(pair.local);
    }
    std::vector<Layer> layers;
    for (auto& [prefix, remotes] : by_prefix) {
        Layer& layer = layers.emplace_back();
        layer.prefix = -prefix;
        for (auto& [remote, locals] : remotes) {
            sort_unique(locals);
            layer.remotes.push_back(remote);
            for (const Ipv4Net& local : locals) {
                // Many networks of ours for one remote network are rare; many remote networks are not.
                if (std::none_of(locals.begin(), locals.end(), [&](const Ipv4Net& other) {
                        return other != local && inside(local, other);
                    })) {
                    layer.pairs.push_back({local, remote});
                }
            }
        }
    }
    return layers;
}

std::string elements(const Layer& layer, bool local_first) {
    std::string text;
    for (const GuardedPair& pair : layer.pairs) {
        const auto& [first, second] =
            local_first ? std::tie(pair.local, pair.remote) : std::tie(pair.remote, pair.local);
        text += fmt::format("{}{} . {}", text.empty() ? "" : ", ", first.text(), second.text());
    }
    return text;
}

}  // namespace causeway::firewall
