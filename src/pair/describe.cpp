#include "pair/describe.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "config/identity.hpp"
#include "config/key_strength.hpp"
#include "config/naming.hpp"

namespace causeway::pair {
namespace {

using config::AnyAddress;
using config::HostName;
using config::PeerAddress;

/// 43 of 62 characters: 62^43 > 2^256.
constexpr std::size_t key_characters = 43;
constexpr std::string_view alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

PeerAddress address_of(const Site& site) {
    return site.address ? *site.address : PeerAddress{HostName{site.name}};
}

bool can_be_called(const Site& site) {
    return !std::holds_alternative<AnyAddress>(address_of(site));
}

std::string first_label(const std::string& name) {
    return name.substr(0, name.find('.'));
}

/// What sections are called: UCI has letters, digits and '_'.
std::string section_name(const std::string& title, const Site& site) {
    std::string name;
    for (const char c : title.empty() ? first_label(site.name) : title) {
        const bool allowed =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        name += allowed ? c : '_';
    }
    return name;
}

tl::unexpected<Error> refuse(std::string what, std::string remedy) {
    return fail(Error{Errc::unacceptable, std::move(what), {}, std::move(remedy)});
}

Result<> check(const Description& description) {
    const auto& [ours, theirs, key, our_title, their_title] = description;
    CAUSEWAY_CHECK(check_site(ours));
    CAUSEWAY_CHECK(check_site(theirs));
    CAUSEWAY_CHECK(check_names_apart(ours.name, theirs.name));
    CAUSEWAY_CHECK(check_lans_apart(ours.lan, theirs.lan));
    if (!can_be_called(ours) && !can_be_called(theirs)) {
        return refuse("neither end can be called by the other", "give one of them a name that resolves");
    }
    const bool printable =
        std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
    if (key.size() < config::key_octets_wanted || key.size() > 128 || !printable) {
        return refuse(
            fmt::format("the key of {} characters is too short or too long, or has a blank, a quote or a "
                        "character that not every form can carry",
                        key.size()),
            fmt::format("use {} to 128 letters and digits", config::key_octets_wanted));
    }
    return {};
}

/// With a FRITZ!Box: published pairs with `all/all/all` connect by aes256-sha512-modp1024, and boxes that
/// have no SHA2-512 by aes256-sha1-modp1024; AVM's knowledge base of 2021 says that group 2 is offered, and
/// modp2048 accepted.
void suites(config::Peer& peer, config::Tunnel& tunnel, bool with_box) {
    using crypto::CipherId;
    using crypto::GroupId;
    using crypto::HashId;
    using crypto::IntegrityId;
    const auto add = [&](HashId hash, IntegrityId integrity, GroupId group) {
        peer.proposals.push_back({CipherId::aes_cbc_256, hash, group, true, {}});
        tunnel.proposals.push_back({CipherId::aes_cbc_256, integrity, group, true, {}});
    };
    add(HashId::sha2_512, IntegrityId::hmac_sha2_512_256, GroupId::modp2048);
    if (with_box) {
        add(HashId::sha2_512, IntegrityId::hmac_sha2_512_256, GroupId::modp1024);
        add(HashId::sha1, IntegrityId::hmac_sha1_96, GroupId::modp1024);
    }
}

/// `here` as it has to be configured towards `there`.
config::Model model_between(const Site& here, const Site& there, const std::string& key, std::string title) {
    config::Peer peer;
    peer.name = std::move(title);
    peer.addresses.push_back({address_of(there), {}});
    peer.local_id = Sourced<config::Identity>{config::Identity::fqdn(here.name), {}};
    peer.remote_id = Sourced<config::Identity>{config::Identity::fqdn(there.name), {}};
    const auto own = address_of(here);
    if (const auto* const host = std::get_if<HostName>(&own); host == nullptr || host->name != here.name) {
        peer.own_name = Sourced<std::string>{host != nullptr ? host->name : "", {}};
    }
    peer.pre_shared_key = Secret(as_bytes(key));
    config::Tunnel tunnel;
    tunnel.name = peer.name + "_lan";
    tunnel.local = {here.lan, 0, 0};
    tunnel.remote = {there.lan, 0, 0};
    const bool with_box = here.kind == Kind::fritzbox || there.kind == Kind::fritzbox;
    suites(peer, tunnel, with_box);
    // A box means one hour for both.
    peer.lifetime.seconds = with_box ? 3600 : 3 * 3600;
    tunnel.lifetime.seconds = 3600;
    if (!can_be_called(there)) {
        tunnel.start = config::StartAction::none;
        tunnel.on_close = tunnel.on_silence = config::LossAction::clear;
    }
    peer.tunnels.push_back(std::move(tunnel));
    config::Model model;
    model.schema = config::Schema::uci_g4;
    model.file = "the description";
    model.peers.push_back(std::move(peer));
    config::give_names_and_numbers(model);
    return model;
}

}  // namespace

std::string make_key(RandomSource& random) {
    // The largest multiple of 62 below 256: what is beyond would make some characters likelier.
    constexpr std::uint8_t fair = 256 / alphabet.size() * alphabet.size();
    std::string key;
    std::array<std::uint8_t, 64> octets{};
    while (key.size() < key_characters) {
        random.fill(octets);
        for (const auto octet : octets) {
            if (octet < fair && key.size() < key_characters) {
                key += alphabet[octet % alphabet.size()];
            }
        }
    }
    wipe(octets);
    return key;
}

Result<config::Model> model_of(const Description& description) {
    CAUSEWAY_CHECK(check(description));
    return model_between(description.ours, description.theirs, description.key,
                         section_name(description.their_title, description.theirs));
}

Result<config::Model> model_of_other(const Description& description) {
    CAUSEWAY_CHECK(check(description));
    return model_between(description.theirs, description.ours, description.key,
                         section_name(description.our_title, description.ours));
}

}  // namespace causeway::pair
