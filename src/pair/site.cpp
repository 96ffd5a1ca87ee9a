#include "pair/site.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>
#include <variant>

#include "config/identity.hpp"
#include "config/words.hpp"

namespace causeway::pair {
namespace {

using config::printable;

tl::unexpected<Error> refuse(std::string what, std::string remedy) {
    return fail(Error{Errc::unacceptable, std::move(what), {}, std::move(remedy)});
}

constexpr std::string_view example_lan = "write a network such as 192.168.1.0/24";

Result<> check_name(std::string_view name) {
    if (!config::is_host_name(name) || IpAddress::parse(name)) {
        return refuse(fmt::format("'{}' is not a DNS name", printable(name)),
                      "write a name such as office.example.org");
    }
    return {};
}

Result<> check_lan(const Ipv4Net& lan) {
    if (lan.prefix == 0 || lan.prefix > 30) {
        return refuse(fmt::format("{} is not the network of a LAN", lan.text()), std::string(example_lan));
    }
    return {};
}

/// "192.168.1.7/24" has host bits; this is the network that it lies in.
std::optional<Ipv4Net> network_around(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto address = IpAddress::parse(text.substr(0, slash));
    const auto prefix = config::parse_number(text.substr(slash + 1));
    if (!address || !address->is_v4() || !prefix || *prefix < 1 || *prefix > 30) {
        return std::nullopt;
    }
    return Ipv4Net::from_mask(address->v4_number(), ~std::uint32_t{0} << (32 - *prefix));
}

}  // namespace

Result<std::string> name_from(std::string_view text) {
    CAUSEWAY_CHECK(check_name(text));
    return std::string(text);
}

Result<Ipv4Net> lan_from(std::string_view text) {
    if (const auto lan = Ipv4Net::parse(text)) {
        CAUSEWAY_CHECK(check_lan(*lan));
        return *lan;
    }
    if (const auto around = network_around(text)) {
        return refuse(fmt::format("'{}' is an address inside a network", printable(text)),
                      fmt::format("write the network: {}", around->text()));
    }
    return refuse(fmt::format("'{}' is not an IPv4 network", printable(text)), std::string(example_lan));
}

Result<Kind> kind_from(std::string_view text) {
    if (text == "causeway") {
        return Kind::causeway;
    }
    for (const auto kind : {Kind::causeway, Kind::fritzbox, Kind::strongswan}) {
        if (text == word_of(kind)) {
            return kind;
        }
    }
    return refuse(fmt::format("'{}' is no kind of site", printable(text)),
                  "write openwrt, fritzbox or strongswan");
}

Result<std::string> box_from(std::string_view text) {
    constexpr std::string_view make = "FRITZ!Box ";
    const auto whole = text;
    if (text.starts_with(make)) {
        text.remove_prefix(make.size());
    }
    const auto at = text.find('@');
    const auto model = text.substr(0, at);
    const auto version = at == std::string_view::npos ? "0" : text.substr(at + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool is_model = !model.empty() && model.size() <= 40 && std::ranges::all_of(model, [&](char c) {
        return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' || c == '-';
    });
    const bool is_version =
        !version.empty() && version.size() <= 20 && is_digit(version.front()) &&
        std::ranges::all_of(version, [&](char c) { return is_digit(c) || c == '.' || c == '-'; });
    if (!is_model || !is_version) {
        return refuse(fmt::format("'{}' is not a model of the FRITZ!Box", printable(whole)),
                      "write the model, and behind an @ its FRITZ!OS if you like: 7590 or 7590@8.02");
    }
    return std::string(text);
}

std::string_view word_of(Kind kind) {
    switch (kind) {
        case Kind::causeway:
            return "openwrt";
        case Kind::fritzbox:
            return "fritzbox";
        case Kind::strongswan:
            return "strongswan";
    }
    return "";
}

bool same_name(std::string_view a, std::string_view b) {
    return config::Identity::fqdn(a).same_as(config::Identity::fqdn(b));
}

Result<> check_site(const Site& site) {
    CAUSEWAY_CHECK(check_name(site.name));
    CAUSEWAY_CHECK(check_lan(site.lan));
    if (const auto* const host = site.address ? std::get_if<config::HostName>(&*site.address) : nullptr;
        host != nullptr && !config::is_host_name(host->name)) {
        return refuse(fmt::format("'{}' is not a DNS name", printable(host->name)),
                      "write a name or an address");
    }
    return {};
}

Result<> check_names_apart(std::string_view ours, std::string_view theirs) {
    if (same_name(ours, theirs)) {
        return refuse(fmt::format("both ends are called '{}'", printable(ours)),
                      "give each end a name of its own");
    }
    return {};
}

Result<> check_lans_apart(const Ipv4Net& ours, const Ipv4Net& theirs) {
    if (ours.overlaps(theirs)) {
        return refuse(fmt::format("the networks {} and {} overlap: nothing says on which side an address is",
                                  ours.text(), theirs.text()),
                      "renumber one of the two LANs");
    }
    return {};
}

}  // namespace causeway::pair
