#include "daemon/firewall.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <variant>

#include "base/findings.hpp"
#include "control/paths.hpp"
#include "firewall/iptables.hpp"
#include "host/child.hpp"
#include "host/devices.hpp"
#include "host/legacy_iptables.hpp"
#include "host/nft.hpp"
#include "host/routes.hpp"
#include "host/sysctl.hpp"

namespace causeway::daemon {

namespace {

/// Where all peers are, when none of them may be elsewhere tomorrow.
std::vector<IpAddress> fixed_peers(const config::Model& model) {
    std::vector<IpAddress> fixed;
    for (const config::Peer& peer : model.peers) {
        if (peer.addresses.empty()) {
            return {};
        }
        for (const auto& address : peer.addresses) {
            const auto* known = std::get_if<IpAddress>(&address.value);
            if (known == nullptr || known->is_unspecified()) {
                return {};
            }
            fixed.push_back(*known);
        }
    }
    firewall::sort_unique(fixed);
    return fixed;
}

firewall::Openings openings_of(const config::Model& model, const std::string& device) {
    firewall::Openings openings;
    openings.device = device;
    for (const config::Peer& peer : model.peers) {
        for (const config::Tunnel& tunnel : peer.tunnels) {
            openings.pairs.push_back({tunnel.local.net, tunnel.remote.net});
        }
    }
    firewall::sort_unique(openings.pairs);
    openings.peers = fixed_peers(model);
    return openings;
}

bool is_fw4(const host::NftChain& chain) {
    return chain.family == "inet" && chain.table == "fw4" && chain.name == "forward";
}

/// Others than this machine: their packets are forwarded.
bool has_hosts(const Ipv4Net& local) {
    return local.prefix < 32;
}

/// A host of the network that is not ours.
IpAddress some_host(const Ipv4Net& net) {
    // The first address is often the router's own; which one it is makes no difference to a rule by network.
    return IpAddress::v4(net.prefix >= 31 ? net.network : net.network + 2);
}

}  // namespace

Firewall::Firewall(std::string folder, std::string device, std::string guard_table)
    : folder_(std::move(folder)), device_(std::move(device)), guard_table_(std::move(guard_table)) {}

config::Firewall Firewall::chosen(const config::Model& model, const Chains& chains) const {
    if (model.options.firewall != config::Firewall::automatic) {
        return model.options.firewall;
    }
    if (std::any_of(chains.begin(), chains.end(), is_fw4)) {
        return config::Firewall::fw4;
    }
    return host::find_nft() || !host::find_program("iptables-restore") ? config::Firewall::nftables
                                                                       : config::Firewall::iptables;
}

void Firewall::apply(const config::Model& model) {
    const Chains chains = host::nft_chains().value_or(Chains{});
    const config::Firewall kind = chosen(model, chains);
    if (kind != kind_) {
        remove();
    }
    firewall::Openings openings = openings_of(model, device_);
    if (kind == config::Firewall::iptables && !host::find_nft()) {
        for (const firewall::GuardedPair& pair : openings.pairs) {
            const bool holds_ours = std::any_of(openings.pairs.begin(), openings.pairs.end(),
                                                [&](const firewall::GuardedPair& other) {
                                                    return firewall::inside(other.local, pair.remote);
                                                });
            if (!holds_ours) {
                openings.closed.push_back(pair);
            }
        }
    }
    place(kind, openings, model.options.zone);
}

void Firewall::place(config::Firewall kind, const firewall::Openings& openings, const std::string& zone) {
    kind_ = kind;
    if (kind == config::Firewall::fw4) {
        apply_fw4(openings, zone);
    } else if (kind == config::Firewall::iptables) {
        apply_iptables(openings);
    }
}

void Firewall::apply_again(const config::Model& model) {
    if (kind_ != config::Firewall::off) {
        apply(model);
    }
}

void Firewall::remove() {
    zone_.clear();
    place(kind_, firewall::Openings{device_, {}, {}, {}, 0}, "");
    kind_ = config::Firewall::off;
    applied_.reset();
    placed_.clear();
}

void Firewall::failed(std::string why) {
    applied_.reset();
    if (std::exchange(failure_, why) == why || !on_report) {
        return;
    }
    on_report(
        {EventCode::firewall_failed,
         {},
         {{"what", "the firewall was not opened for the tunnels"},
          {"why", std::move(why)},
          {"next", "open it by hand: UDP 500 and 4500 and ESP come in, LAN and tunnel are forwarded"}}});
}

void Firewall::write_includes(const std::vector<firewall::ChainRules>& rules) {
    if (const int error = control::make_folders(folder_); error != 0) {
        return failed(fmt::format("{}: {}", folder_, std::strerror(error)));
    }
    for (const firewall::ChainRules& chain : rules) {
        const std::string path = fmt::format("{}/{}.nft", folder_, chain.chain);
        const std::string text = firewall::render_fw4_include(chain);
        if (text.empty()) {
            ::unlink(path.c_str());
            continue;
        }
        // fw4 may read it at any time: never half of it.
        const std::string fresh = path + ".new";
        const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        const bool written =
            fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        if (fd >= 0) {
            ::close(fd);
        }
        if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
            return failed(fmt::format("{}: {}", path, std::strerror(errno)));
        }
    }
}

void Firewall::apply_fw4(const firewall::Openings& openings, const std::string& zone) {
    const auto nft = host::find_nft();
    if (!nft) {
        return failed("nft is not installed");
    }
    const Chains chains = host::nft_chains().value_or(Chains{});
    if (std::none_of(chains.begin(), chains.end(), is_fw4)) {
        // It may come later, and reads the files then.
        write_includes(firewall::fw4_rules(openings, true));
        return openings.pairs.empty() ? failure_.clear()
                                      : failed("fw4 has loaded no rules: table inet fw4 is missing");
    }
    const auto listing = host::list_nft(*nft, {"-a", "list", "table", "inet", "fw4"});
    if (!listing) {
        return failed(listing.error().text());
    }
    zone_ = zone;
    const bool forwarded =
        std::exchange(zone_forwards_, !zone.empty() && firewall::zone_has_device(*listing, zone, device_));
    const auto rules = firewall::fw4_rules(openings, !zone_forwards_);
    const auto placed = firewall::placed_rules(*listing);
    const auto wanted =
        std::accumulate(rules.begin(), rules.end(), std::size_t{0},
                        [](std::size_t sum, const auto& chain) { return sum + chain.rules.size(); });
    if (applied_ == openings && forwarded == zone_forwards_ && placed.size() == wanted) {
        return;
    }
    placed_.clear();
    for (const firewall::ChainRules& chain : rules) {
        placed_ +=
            chain.rules.empty() ? "" : fmt::format("# in front of chain {} of table inet fw4\n", chain.chain);
        placed_ += firewall::render_fw4_include(chain);
    }
    write_includes(rules);
    const std::string script = firewall::render_fw4_live(placed, rules);
    if (const auto done = host::run_nft(*nft, script); !done) {
        return failed(done.error().text());
    }
    applied_ = openings;
    failure_.clear();
}

void Firewall::apply_iptables(const firewall::Openings& openings) {
    const auto save = host::find_program("iptables-save");
    const auto restore = host::find_program("iptables-restore");
    if (!save || !restore) {
        return failed("iptables is not installed");
    }
    const auto saved = host::run_child(*save, {}, "", host::child_answer_octets);
    if (!saved || !saved->succeeded) {
        return failed(saved ? saved->output : saved.error().text());
    }
    if (applied_ == openings && firewall::iptables_stands(saved->output)) {
        return;
    }
    const std::string text = firewall::render_iptables(openings, saved->output);
    placed_ = openings.pairs.empty() ? "" : "# iptables-restore --noflush\n" + text;
    if (text.empty()) {
        failure_.clear();
        return;
    }
    const auto done = host::run_child(*restore, {"--noflush"}, text);
    if (!done || !done->succeeded) {
        return failed(done ? done->output : done.error().text());
    }
    applied_ = openings;
    failure_.clear();
}

firewall::Ruleset Firewall::rules_of_others() {
    const auto chains = host::nft_chains();
    all_read_ = chains && host::legacy_filter() == host::LegacyRules::none;
    std::set<std::pair<std::string, std::string>> tables;
    for (const host::NftChain& chain : chains.value_or(Chains{})) {
        if (chain.type == "filter" && chain.hook == host::NftHook::forward && !chain.family.empty() &&
            chain.table != guard_table_) {
            tables.emplace(chain.family, chain.table);
        }
    }
    const auto nft = host::find_nft();
    std::string listing;
    for (const auto& [family, table] : tables) {
        const auto listed =
            nft ? host::list_nft(*nft, {"list", "table", family, table}).value_or("") : std::string();
        all_read_ = all_read_ && !listed.empty();
        listing += listed;
    }
    return firewall::parse_ruleset(listing, guard_table_);
}

// The first one is told; lamps are for each tunnel.
std::optional<Finding> Firewall::who_refuses(const config::Model& model, const firewall::Ruleset& ruleset) {
    if (ruleset.chains.empty()) {
        return std::nullopt;
    }
    auto routes = host::Routes::open();
    if (!routes) {
        all_read_ = false;
        return std::nullopt;
    }
    std::optional<Finding> first;
    const auto addresses = routes->addresses().value_or(std::vector<host::LocalAddress>{});
    for (const config::Peer& peer : model.peers) {
        for (const config::Tunnel& tunnel : peer.tunnels) {
            const auto ours = std::find_if(addresses.begin(), addresses.end(), [&](const auto& address) {
                return address.address.is_v4() && tunnel.local.net.contains(address.address.v4_number());
            });
            const std::string lan = ours == addresses.end() ? "" : host::device_name(ours->device);
            const IpAddress here = some_host(tunnel.local.net);
            const IpAddress there = some_host(tunnel.remote.net);
            auto refusal = firewall::refusal_of(ruleset, {lan, device_, here, there});
            const bool outwards = refusal.has_value();
            if (!refusal) {
                refusal = firewall::refusal_of(ruleset, {device_, lan, there, here});
            }
            if (!refusal) {
                continue;
            }
            refused_.insert({tunnel.local.net, tunnel.remote.net});
            if (!first) {
                first = finding<FindingId::forwarding_refused>(
                    Place{}, field<"where">(refusal->where), field<"rule">(refusal->rule),
                    field<"from">(outwards ? tunnel.local.net.text() : tunnel.remote.net.text()),
                    field<"to">(outwards ? tunnel.remote.net.text() : tunnel.local.net.text()),
                    field<"device">(device_));
            }
        }
    }
    return first;
}

std::vector<Finding> Firewall::find_obstacles(const config::Model& model) {
    std::vector<Finding> found;
    refused_.clear();
    all_read_ = false;
    const bool for_hosts = std::any_of(model.peers.begin(), model.peers.end(), [](const config::Peer& peer) {
        return std::any_of(peer.tunnels.begin(), peer.tunnels.end(),
                           [](const config::Tunnel& tunnel) { return has_hosts(tunnel.local.net); });
    });
    forwarding_ = host::read_sysctl("net/ipv4/ip_forward") != "0";
    if (for_hosts && !forwarding_) {
        found.push_back(finding<FindingId::nothing_is_forwarded>(Place{}));
    }
    if (for_hosts) {
        if (auto refused = who_refuses(model, rules_of_others())) {
            found.push_back(std::move(*refused));
        }
    }
    return found;
}

status::FirewallLamp Firewall::lamp(const Ipv4Net& local, const Ipv4Net& remote) const {
    if (has_hosts(local) && (!forwarding_ || refused_.contains({local, remote}))) {
        return status::FirewallLamp::blocked;
    }
    const bool known = (all_read_ || !has_hosts(local)) && failure_.empty();
    return known ? status::FirewallLamp::open : status::FirewallLamp::unknown;
}

void Firewall::look(const config::Model& model) {
    std::vector<Finding> found = find_obstacles(model);
    for (const Finding& one : found) {
        if (std::find(obstacles_.begin(), obstacles_.end(), one) == obstacles_.end() && on_report) {
            on_report({EventCode::forwarding_obstacle, {}, {{"text", one.sentence()}}});
        }
    }
    obstacles_ = std::move(found);
}

std::vector<std::string> Firewall::rules() const {
    std::string text;
    if (const auto nft = host::find_nft()) {
        text = host::list_nft(*nft, {"list", "table", "ip", guard_table_}).value_or("");
    }
    text += placed_;
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string& line = lines.emplace_back();
        for (const char c : std::string_view(text).substr(begin, end - begin)) {
            line += c == '\t' ? std::string(4, ' ') : std::string(1, c);
        }
        begin = end + 1;
    }
    return lines;
}

std::string Firewall::text() const {
    switch (kind_) {
        case config::Firewall::fw4:
            return zone_forwards_ ? fmt::format("fw4, zone {}", zone_) : "fw4";
        case config::Firewall::iptables:
            return "iptables";
        case config::Firewall::nftables:
            return "nftables";
        case config::Firewall::automatic:
        case config::Firewall::off:
            break;
    }
    return "off";
}

}  // namespace causeway::daemon
