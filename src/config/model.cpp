#include "config/model.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>

namespace causeway::config {

std::string Phase1Proposal::text() const {
    return fmt::format("{}-{}-{}", crypto::info(cipher).name, crypto::info(hash).name,
                       crypto::info(group).name);
}

std::string Phase2Proposal::text() const {
    std::string text{crypto::info(cipher).name};
    if (integrity != crypto::IntegrityId::none) {
        text += fmt::format("-{}", crypto::info(integrity).name);
    }
    if (pfs) {
        text += fmt::format("-{}", crypto::info(*pfs).name);
    }
    return text;
}

bool Tunnel::same_but_networks(const Tunnel& other) const {
    return lifetime == other.lifetime && start == other.start && on_close == other.on_close &&
           on_silence == other.on_silence && backup == other.backup &&
           std::ranges::equal(proposals, other.proposals, [](const auto& a, const auto& b) {
               return a.offered == b.offered && a.text() == b.text();
           });
}

std::string text(const PeerAddress& address) {
    if (const auto* ip = std::get_if<IpAddress>(&address)) {
        return ip->text();
    }
    if (const auto* host = std::get_if<HostName>(&address)) {
        return host->name;
    }
    return "%any";
}

namespace {
constexpr std::array<std::pair<Firewall, std::string_view>, 5> firewalls{{{Firewall::automatic, "auto"},
                                                                          {Firewall::fw4, "fw4"},
                                                                          {Firewall::nftables, "nftables"},
                                                                          {Firewall::iptables, "iptables"},
                                                                          {Firewall::off, "off"}}};
}  // namespace

std::string_view name_of(Firewall firewall) {
    const auto* const at = std::find_if(firewalls.begin(), firewalls.end(),
                                        [&](const auto& one) { return one.first == firewall; });
    return at == firewalls.end() ? "" : at->second;
}

std::optional<Firewall> firewall_named(std::string_view word) {
    const auto* const at =
        std::find_if(firewalls.begin(), firewalls.end(), [&](const auto& one) { return one.second == word; });
    return at == firewalls.end() ? std::nullopt : std::optional(at->first);
}

std::string_view name_of(ExchangeMode mode) {
    return mode == ExchangeMode::main ? "Main Mode" : "Aggressive Mode";
}

void Model::keep_reqids(const Model& before) {
    std::map<std::string_view, std::uint32_t> known;
    std::set<std::uint32_t> taken;
    for (const auto& peer : before.peers) {
        for (const auto& tunnel : peer.tunnels) {
            known.emplace(tunnel.display_name, tunnel.reqid);
            // A number whose tunnel is gone is not given to another one: its policies may still be installed.
            taken.insert(tunnel.reqid);
        }
    }
    std::uint32_t next = 1;
    for (auto& peer : peers) {
        for (auto& tunnel : peer.tunnels) {
            if (const auto found = known.find(tunnel.display_name); found != known.end()) {
                tunnel.reqid = found->second;
                continue;
            }
            while (taken.contains(next)) {
                ++next;
            }
            tunnel.reqid = next++;
        }
    }
}

bool Model::usable() const {
    return !peers.empty() && std::ranges::none_of(findings, [](const Finding& finding) {
        return finding.severity == Severity::error && !finding.place().known();
    });
}

FindingCounts Model::counts() const {
    auto counts = left_out;
    for (const auto& finding : findings) {
        ++counts.of(finding.severity);
    }
    return counts;
}

}  // namespace causeway::config
