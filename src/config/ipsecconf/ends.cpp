#include "config/ipsecconf/ends.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/findings.hpp"
#include "config/identity_text.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

/// More pairs than this are a mistake, and each costs a Quick Mode.
constexpr std::size_t max_pairs = 64;
/// Addresses from here on are nobody's: what stands there is a mask that got lost.
constexpr std::uint32_t class_e = 0xf0000000;

bool is_any(const Sourced<PeerAddress>& host) {
    return std::holds_alternative<AnyAddress>(host.value);
}

template <FindingId id>
Finding of_network(const ConnView& view, const Sourced<std::string>& word, const std::string& option) {
    return finding<id>(word.place, field<"option">(option), view.of_this(),
                       field<"value">(printable(word.value, 60)));
}

}  // namespace

std::string Ends::key(const End& end, std::string_view name) const {
    return fmt::format("{}{}", end.side, name);
}

std::optional<PeerAddress> Ends::host(std::string_view word) const {
    if (word == "%any" || word == "%any4" || word == "%any6" || word == "%defaultroute") {
        return AnyAddress{};
    }
    if (const auto address = IpAddress::parse(word)) {
        return address->is_unspecified() ? PeerAddress{AnyAddress{}} : PeerAddress{*address};
    }
    // A network or a range: it may call from any address of it.
    if (const auto end = word.find_first_of("/-");
        end != std::string_view::npos && IpAddress::parse(word.substr(0, end))) {
        return AnyAddress{};
    }
    // "192.168.1" is a slip, not a name: no top-level domain is a number.
    const auto last = word.find_last_not_of("0123456789");
    const bool number_at_end =
        last == std::string_view::npos || (last + 1 < word.size() && word[last] == '.');
    return is_host_name(word) && !number_at_end ? std::optional<PeerAddress>(HostName{std::string(word)})
                                                : std::nullopt;
}

/// ipsec.conf(5), left: %any is the default.
void Ends::read_hosts(End& end) {
    const auto words = view_.list(end.side);
    for (const auto& word : words) {
        std::string_view text = word.value;
        end.default_route |= text == "%defaultroute";
        auto address = host(text);
        // `%gw.example.org`: it is called there, and may call from anywhere (confread.c, KW_HOST).
        if (!address && text.starts_with('%') && !view_.libreswan()) {
            text.remove_prefix(1);
            address = host(text);
        }
        if (!address) {
            view_.refuse(finding<FindingId::ipsec_host_unreadable>(
                word.place, field<"option">(std::string(end.side)), view_.of_this(),
                field<"value">(printable(word.value, 60))));
            continue;
        }
        end.hosts.push_back({std::move(*address), word.place});
    }
    if (end.hosts.empty()) {
        end.hosts.push_back({AnyAddress{}, view_.place(end.side)});
    }
}

/// strongSwan takes left as ours unless an address of `right` is this machine's (stroke_config.c,
/// build_ike_cfg()), and libreswan whichever is. Without asking the machine there is a sign: what is to be called is
/// not us.
void Ends::choose_sides(bool dials) {
    read_hosts(left_);
    read_hosts(right_);
    const bool left_known = std::ranges::none_of(left_.hosts, is_any);
    const bool right_open = std::ranges::all_of(right_.hosts, is_any);
    if (!view_.refused() && left_known && right_open && (dials || right_.default_route)) {
        std::swap(ours_, theirs_);
        view_.report().say(finding<FindingId::ipsec_ends_exchanged>(
            std::vector{left_.hosts.front().place, right_.hosts.front().place}, view_.of_this()));
    }
}

bool Ends::anywhere() const {
    return std::ranges::all_of(theirs_->hosts, is_any);
}

void Ends::read_addresses(Peer& peer) const {
    peer.addresses = theirs_->hosts;
    for (const auto& own : ours_->hosts) {
        if (const auto* const address = std::get_if<IpAddress>(&own.value);
            address != nullptr && !peer.local_address) {
            peer.local_address = Sourced<IpAddress>{*address, own.place};
        }
    }
}

/// ipsec.conf(5), leftid: defaults to left, as it stands there. libreswan looks a name without an '@' up, in either
/// key, and the address is the identity.
std::optional<Sourced<Identity>> Ends::identity(const End& end, bool& any) const {
    const auto option = key(end, "id");
    const auto written = view_.text(option);
    any = false;
    if (!written) {
        const auto& only = end.hosts.front();
        if (const auto* const address = std::get_if<IpAddress>(&only.value)) {
            return Sourced<Identity>{Identity::of_address(*address), only.place};
        }
        if (const auto* const name = std::get_if<HostName>(&only.value);
            name != nullptr && !view_.libreswan()) {
            return Sourced<Identity>{Identity::fqdn(name->name), only.place};
        }
        any = is_any(only);
        return std::nullopt;
    }
    if (view_.libreswan() && is_host_name(written->value) && !IpAddress::parse(written->value)) {
        view_.report().say(finding<FindingId::ipsec_identity_looked_up>(
            written->place, field<"option">(option), view_.of_this(),
            field<"value">(printable(written->value, 60))));
        return std::nullopt;
    }
    auto read = read_identity(written->value);
    if (!read) {
        view_.refuse(finding<FindingId::ipsec_identity_unusable>(
            written->place, field<"option">(option), view_.of_this(), field<"reason">(read.error().what),
            field<"remedy">(read.error().remedy)));
        return std::nullopt;
    }
    if (!read->remark.empty()) {
        view_.report().say(finding<FindingId::ipsec_identity_read_otherwise>(
            written->place, field<"option">(option), view_.of_this(), field<"reading">(read->remark),
            field<"remedy">(read->remedy)));
    }
    any = !read->identity;
    return read->identity ? std::optional(Sourced<Identity>{std::move(*read->identity), written->place})
                          : std::nullopt;
}

void Ends::read_identities(Peer& peer) const {
    bool any = false;
    peer.local_id = identity(*ours_, any);
    if (peer.local_id && peer.local_id->value.pattern) {
        view_.refuse(finding<FindingId::ipsec_local_identity_is_pattern>(
            peer.local_id->place, field<"option">(key(*ours_, "id")), view_.of_this()));
        peer.local_id.reset();
    }
    peer.remote_id = identity(*theirs_, any);
    peer.remote_id_any = any;
}

KeyOwner Ends::us(const Peer& peer) const {
    KeyOwner owner;
    if (peer.local_id) {
        owner.identity = peer.local_id->value;
    }
    if (peer.local_address) {
        owner.address = peer.local_address->value;
    }
    return owner;
}

KeyOwner Ends::peer(const Peer& peer) const {
    KeyOwner owner;
    if (peer.remote_id) {
        owner.identity = peer.remote_id->value;
    }
    if (const auto* const address = std::get_if<IpAddress>(&peer.addresses.front().value)) {
        owner.address = *address;
    }
    return owner;
}

/// A dotted mask is a trap: of 255.255.255.0 strongSwan reads 255, which it takes for 32 (measured with 5.9.8).
std::optional<std::uint8_t> Ends::bits(const Sourced<std::string>& word, std::string_view text,
                                       const std::string& option) const {
    if (const auto number = parse_number(text)) {
        return *number <= 32 ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
    }
    const auto mask = IpAddress::parse(text);
    const auto net = mask && mask->is_v4() ? Ipv4Net::from_mask(0, mask->v4_number()) : std::nullopt;
    if (!net) {
        return std::nullopt;
    }
    if (view_.libreswan()) {
        return net->prefix;
    }
    view_.report().say(finding<FindingId::ipsec_subnet_with_mask>(
        word.place, field<"option">(option), view_.of_this(), field<"value">(word.value),
        field<"bits">(std::to_string(net->prefix))));
    return 32;
}

std::optional<Ipv4Net> Ends::network(const Sourced<std::string>& word, const std::string& option) const {
    const auto slash = word.value.find('/');
    const auto address = IpAddress::parse(std::string_view(word.value).substr(0, slash));
    if (address && address->is_v6()) {
        view_.refuse(of_network<FindingId::ipsec_subnet_is_ipv6>(view_, word, option));
        return std::nullopt;
    }
    const auto prefix = slash == std::string::npos
                            ? std::optional<std::uint8_t>(32)
                            : bits(word, std::string_view(word.value).substr(slash + 1), option);
    if (!address || !prefix || address->v4_number() >= class_e) {
        view_.refuse(of_network<FindingId::ipsec_subnet_unreadable>(view_, word, option));
        return std::nullopt;
    }
    const Ipv4Net net{address->v4_number() & Ipv4Net{0, *prefix}.mask(), *prefix};
    if (net.network != address->v4_number()) {
        view_.report().say(finding<FindingId::ipsec_subnet_is_host>(
            word.place, field<"option">(option), view_.of_this(), field<"value">(word.value),
            field<"network">(net.text())));
    } else if (slash == std::string::npos && (net.network & 0xff) == 0) {
        view_.report().say(of_network<FindingId::ipsec_subnet_without_mask>(view_, word, option));
    }
    return net;
}

std::vector<Sourced<Ipv4Net>> Ends::networks(const End& end) const {
    const auto several = key(end, "subnets");
    const bool all = view_.libreswan() && view_.text(several).has_value();
    const auto option = all ? several : key(end, "subnet");
    std::vector<Sourced<std::string>> words;
    if (all) {
        // `{10.0.0.0/24 10.0.1.0/24}`, with blanks or commas between them.
        const auto written = view_.text(several);
        for (const auto word : split_words(written->value, ",{}")) {
            words.push_back({std::string(word), written->place});
        }
    } else {
        words = view_.list(option);
    }
    if (words.empty() || (words.size() == 1 && words.front().value == "%dynamic")) {
        const auto* const address = std::get_if<IpAddress>(&end.hosts.front().value);
        if (address == nullptr || address->is_v6()) {
            view_.refuse(finding<FindingId::ipsec_subnet_missing>(view_.place(option),
                                                                  field<"option">(option), view_.of_this()));
            return {};
        }
        return {{Ipv4Net{address->v4_number(), 32}, end.hosts.front().place}};
    }
    if (!all && words.size() > 1) {
        // strongSwan, IKEv1: the others are answered, and never asked for.
        view_.report().say(finding<FindingId::ipsec_first_pair_only>(
            std::vector{words[1].place, words[0].place}, field<"option">(option), view_.of_this(),
            field<"count">(std::to_string(words.size())), field<"network">(printable(words[0].value, 60))));
    }
    std::vector<Sourced<Ipv4Net>> networks;
    for (const auto& word : words) {
        if (const auto net = network(word, option)) {
            networks.push_back({*net, word.place});
        }
    }
    return networks;
}

std::vector<Tunnel> Ends::tunnels(const Tunnel& model) const {
    const auto local = networks(*ours_);
    const auto remote = networks(*theirs_);
    if (local.size() * remote.size() > max_pairs) {
        view_.refuse(finding<FindingId::ipsec_too_many_pairs>(
            view_.place(), view_.of_this(), field<"pairs">(std::to_string(local.size() * remote.size())),
            field<"most">(std::to_string(max_pairs))));
        return {};
    }
    // libreswan asks for each; strongSwan for the first, and answers the others.
    const bool asks_for_all = view_.libreswan() && (view_.text("leftsubnets").has_value() ||
                                                    view_.text("rightsubnets").has_value());
    std::vector<Tunnel> tunnels;
    for (const auto& ours : local) {
        for (const auto& theirs : remote) {
            const auto said = [&]<FindingId id>() {
                return finding<id>(std::vector{theirs.place, ours.place},
                                   field<"remote">(theirs.value.text()), field<"local">(ours.value.text()),
                                   field<"line">(std::to_string(ours.place.line)), view_.of_this());
            };
            if (ours.value == theirs.value) {
                view_.report().dropped(said.template operator()<FindingId::ipsec_remote_network_is_local>());
                continue;
            }
            // Everything here, the far end of a tunnel for all traffic, is no news.
            if (ours.value.contains(theirs.value.network) && ours.value.prefix < theirs.value.prefix &&
                ours.value.prefix > 1) {
                view_.report().say(said.template operator()<FindingId::ipsec_remote_network_in_local>());
            }
            auto tunnel = model;
            tunnel.local = {ours.value, 0, 0};
            tunnel.local_place = ours.place;
            tunnel.remote = {theirs.value, 0, 0};
            tunnel.remote_place = theirs.place;
            if (!tunnels.empty() && !asks_for_all) {
                tunnel.start = StartAction::none;
            }
            tunnels.push_back(std::move(tunnel));
        }
    }
    return tunnels;
}

}  // namespace causeway::config::ipsecconf
