// What the writers have in common: identities, keys and times in words that every reader understands, names
// that are given once, and the tunnels that were one section.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "config/model.hpp"
#include "pair/losses.hpp"

namespace causeway::pair {

/// "@gw.example.org", "user@example.org", "192.0.2.1", "keyid:office"; with hexadecimal digits where the text
/// would be read as something else. Reading it (config/identity_text.hpp) gives the same identity.
std::string identity_text(const config::Identity& identity);

/// Nothing: the peer is known by the address that it comes from, and no form but the model can say so.
std::optional<std::string> remote_identity_text(const config::Peer& peer);

/// "0x6f66": all octets of a key.
std::string hexadecimal(const Secret& key);
/// Printable ASCII that no reader of strongSwan's takes for digits.
bool is_plain(std::string_view key);

/// "a, b".
std::string joined(const std::vector<std::string>& words, std::string_view separator);

/// "3h", "66m", "45s": one number and one unit, which every reader understands.
std::string time_text(std::uint32_t seconds);
std::string time_text(Duration duration);

/// Between single quotes, as libuci reads it: there are no escapes inside, so a quote ends it, stands for
/// itself and begins it again.
std::string uci_quoted(std::string_view text);

/// How long before its end to renew what lives so long: a tenth of it.
std::uint32_t renewal_margin(std::uint32_t lifetime_seconds);

/// The addresses without "anywhere", unless there is no other.
std::vector<std::string> addresses_of(const config::Peer& peer);

/// Names of sections: what the form allows, each once.
class Names {
 public:
    /// `also`: what is allowed besides letters, digits and '_'.
    Names(Losses& losses, std::string_view also) : losses_(losses), also_(also) {}

    std::string give(std::string_view wanted, const Place& place);
    /// Of something that the source does not name; a number behind it is nobody's loss.
    std::string make(std::string_view wanted);
    void reserve(std::string name) { given_.insert(std::move(name)); }

 private:
    Losses& losses_;
    std::string_view also_;
    std::set<std::string, std::less<>> given_;
};

/// Of one peer, those together that one section with several networks became, if their networks are every
/// pair of two lists.
std::vector<std::span<const config::Tunnel>> groups_of(std::span<const config::Tunnel> tunnels);
/// For forms without protocols and ports: the tunnels that need none. The others are said.
std::vector<config::Tunnel> without_ports(const config::Peer& peer, Losses& losses);
/// The networks of one side, each once.
std::vector<std::string> networks_of(std::span<const config::Tunnel> group,
                                     TrafficSelector config::Tunnel::*side);

/// The offered ones; all, where none is offered.
template <class Proposal>
std::vector<const Proposal*> offered_of(const std::vector<Proposal>& proposals) {
    std::vector<const Proposal*> all;
    std::vector<const Proposal*> offered;
    for (const auto& proposal : proposals) {
        all.push_back(&proposal);
        if (proposal.offered) {
            offered.push_back(&proposal);
        }
    }
    return offered.empty() ? all : offered;
}

/// "aes256-sha512-modp2048, aes256-sha512-modp1024".
template <class Proposals>
std::string suites_text(const Proposals& proposals, std::string_view separator = ", ") {
    std::string text;
    for (const auto* proposal : proposals) {
        text += text.empty() ? std::string_view() : separator;
        text += proposal->text();
    }
    return text;
}

}  // namespace causeway::pair
