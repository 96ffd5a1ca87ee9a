#include "doctor/gateways.hpp"

#include <algorithm>

namespace causeway::doctor {

std::vector<std::string> gateways_of(const status::Peer& peer) {
    std::vector<std::string> gateways;
    std::string_view rest = peer.gateway;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(", "), rest.size());
        gateways.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return gateways;
}

}  // namespace causeway::doctor
