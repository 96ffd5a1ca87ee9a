// Where two peers differ, field by field, and what a writer says it has lost.
#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/finding.hpp"
#include "config/model.hpp"
#include "config/own_name.hpp"

namespace causeway::pair {

inline std::string text_of(const std::optional<Sourced<config::Identity>>& identity) {
    return identity ? identity->value.text_with_type() + (identity->value.pattern ? " and more" : "")
                    : "none";
}

template <class Proposals>
std::string suites_of(const Proposals& proposals) {
    std::string text;
    for (const auto& proposal : proposals) {
        text += proposal.text() + (proposal.offered ? " " : "? ");
    }
    return text;
}

/// Everything that is not written in one word, as one text.
inline std::string addresses_text(const config::Peer& peer) {
    std::string text = peer.local_address ? peer.local_address->value.text() + " to" : "to";
    for (const auto& address : peer.addresses) {
        text += " " + config::text(address.value);
    }
    return text;
}

/// How the peer is known: a fixed address is as good as its identity.
inline std::string remote_id_text(const config::Peer& peer) {
    if (!peer.remote_id && !peer.remote_id_any && peer.addresses.size() == 1 &&
        std::holds_alternative<IpAddress>(peer.addresses.front().value)) {
        return "IPv4 address " + config::text(peer.addresses.front().value);
    }
    return peer.remote_id_any ? "any" : text_of(peer.remote_id);
}

/// Who binds to an address and has no identity sends that address.
inline std::string local_id_text(const config::Peer& peer) {
    return !peer.local_id && peer.local_address
               ? config::Identity::of_address(peer.local_address->value).text_with_type()
               : text_of(peer.local_id);
}

struct Difference {
    std::string setting;  ///< as the findings of a writer call it
    std::string a;
    std::string b;
};

class Comparison {
 public:
    template <class T>
    void operator()(const std::string& setting, const T& a, const T& b) {
        if (!(a == b)) {
            found.push_back({setting, fmt::format("{}", a), fmt::format("{}", b)});
        }
    }
    std::vector<Difference> found;
};

/// Names, places and numbers do not count.
inline std::vector<Difference> differences(const config::Peer& a, const config::Peer& b) {
    Comparison compare;
    compare("addresses", addresses_text(a), addresses_text(b));
    compare("mode", config::name_of(a.mode), config::name_of(b.mode));
    compare("local_id", local_id_text(a), local_id_text(b));
    compare("remote_id", remote_id_text(a), remote_id_text(b));
    compare("own_name", config::own_name_of(a).value_or("none"), config::own_name_of(b).value_or("none"));
    compare("key", to_hex(a.pre_shared_key.view()), to_hex(b.pre_shared_key.view()));
    compare("phase1_suites", suites_of(a.proposals), suites_of(b.proposals));
    compare("phase1_lifetime", a.lifetime.seconds, b.lifetime.seconds);
    compare("nat_traversal", a.nat_traversal, b.nat_traversal);
    compare("force_encapsulation", a.force_encapsulation, b.force_encapsulation);
    const auto live = [](const config::Liveness& l) {
        return l.enabled ? fmt::format("{} {}", l.idle.count(), l.misses) : fmt::format("off {}", l.misses);
    };
    compare("liveness", live(a.liveness), live(b.liveness));
    compare("rekey", a.rekey, b.rekey);
    compare("keying_tries", a.keying_tries, b.keying_tries);
    compare("either_mode", a.quirks.accept_any_mode_as_responder, b.quirks.accept_any_mode_as_responder);
    compare("tunnels", a.tunnels.size(), b.tunnels.size());
    for (std::size_t i = 0; i < std::min(a.tunnels.size(), b.tunnels.size()); ++i) {
        const auto& x = a.tunnels[i];
        const auto& y = b.tunnels[i];
        compare("networks", x.local.text() + " " + x.remote.text(), y.local.text() + " " + y.remote.text());
        compare("phase2_suites", suites_of(x.proposals), suites_of(y.proposals));
        compare("lifetime", x.lifetime.seconds, y.lifetime.seconds);
        compare("lifetime", x.lifetime.kilobytes, y.lifetime.kilobytes);
        compare("start", static_cast<int>(x.start), static_cast<int>(y.start));
        compare("loss", static_cast<int>(x.on_close), static_cast<int>(y.on_close));
        compare("loss", static_cast<int>(x.on_silence), static_cast<int>(y.on_silence));
    }
    return compare.found;
}

inline std::string field_of(const Finding& finding, std::string_view name) {
    for (const auto& [field, value] : finding.fields) {
        if (field == name) {
            return value;
        }
    }
    return {};
}

/// The settings that are said to be lost of one peer; "left out" where all of it is.
inline std::set<std::string> settings_lost(const std::vector<Finding>& lost, const std::string& peer_title) {
    std::set<std::string> settings;
    for (const auto& finding : lost) {
        if (field_of(finding, "peer") == peer_title) {
            settings.insert(finding.severity == Severity::error ? "left out" : field_of(finding, "setting"));
        }
    }
    return settings;
}

inline std::string text_of(const std::vector<Finding>& findings) {
    std::string all;
    for (const auto& finding : findings) {
        all += finding.text() + "\n";
    }
    return all;
}

}  // namespace causeway::pair
