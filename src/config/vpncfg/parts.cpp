#include "config/vpncfg/parts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "base/event.hpp"
#include "config/words.hpp"

namespace causeway::config::vpncfg {
namespace {

constexpr const char* identity_wanted =
    "write one of fqdn, user_fqdn or key_id with a text, or ipaddr with an address";
constexpr const char* network_wanted = "write ipnet { ipaddr = A.B.C.D; mask = 255.255.255.0; }";

Position at_of(const Entry& entry) {
    return entry.values.empty() ? entry.at : entry.values.front().at;
}

}  // namespace

bool is_encrypted(std::string_view text) {
    return text.starts_with("$$$$");
}

void PartReader::refuse(Position at, std::string what, std::string remedy) {
    report_.error(place_of(at), std::move(what), fmt::format("{} is refused", title_), std::move(remedy));
    refused_ = true;
}

/// `NAME { ... }`, and not `NAME = value;` or `NAME { ... } { ... }`.
const Block* PartReader::only_block(const Entry& entry, const char* remedy) {
    if (entry.blocks.empty()) {
        refuse(at_of(entry), fmt::format("'{}' of {} has a value and no block", entry.name, title_), remedy);
        return nullptr;
    }
    if (entry.blocks.size() > 1) {
        refuse(entry.blocks[1].at,
               fmt::format("'{}' of {} has {} blocks", entry.name, title_, entry.blocks.size()),
               "leave one of them, and write a connection of its own for what is in another");
        return nullptr;
    }
    return &entry.blocks.front();
}

/// Every entry has a known name, and each stands there once.
bool PartReader::only_known(const Block& block, std::string_view where,
                            std::span<const std::string_view> known, const char* remedy) {
    bool all_known = true;
    for (const auto& entry : block.entries) {
        if (std::ranges::find(known, entry.name) == known.end()) {
            const auto near = nearest(entry.name, known);
            refuse(entry.at,
                   fmt::format("unknown {} '{}' in {} of {}", entry.blocks.empty() ? "key" : "block",
                               printable(entry.name, 60), where, title_),
                   near ? fmt::format("did you mean '{}'?", *near) : remedy);
            all_known = false;
        }
    }
    return all_known;
}

/// Nothing, without a remark, when there is no such key.
const Scalar* PartReader::only_value(const Block& block, std::string_view key, std::string_view where,
                                     const char* remedy) {
    const Scalar* found = nullptr;
    for (const auto& entry : block.entries) {
        if (entry.name != key) {
            continue;
        }
        if (found != nullptr || entry.values.size() != 1) {
            refuse(entry.values.size() > 1 ? entry.values[1].at : entry.at,
                   fmt::format("'{}' in {} of {} has {}", key, where, title_,
                               entry.values.empty() ? "a block and no value" : "more than one value"),
                   remedy);
            return nullptr;
        }
        found = &entry.values.front();
    }
    return found;
}

std::optional<Sourced<Identity>> PartReader::identity(const Entry& entry) {
    constexpr std::array<std::string_view, 4> kinds{"fqdn", "user_fqdn", "ipaddr", "key_id"};
    const auto* block = only_block(entry, identity_wanted);
    if (block == nullptr || !only_known(*block, entry.name, kinds, identity_wanted)) {
        return std::nullopt;
    }
    if (block->entries.size() != 1) {
        refuse(block->entries.empty() ? block->at : block->entries[1].at,
               fmt::format("{} of {} names {} identities", entry.name, title_, block->entries.size()),
               identity_wanted);
        return std::nullopt;
    }
    const auto& named = block->entries.front();
    const auto* value = only_value(*block, named.name, entry.name, identity_wanted);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto place = place_of(value->at);
    if (is_encrypted(value->text)) {
        refuse(value->at,
               fmt::format("the {} of {} is encrypted by the box it comes from", entry.name, title_),
               "put it in clear between the quotes");
        return std::nullopt;
    }
    if (value->text.empty() || value->text.find_first_of("\r\n") != std::string::npos) {
        refuse(value->at,
               fmt::format("'{}' in {} of {} {}", named.name, entry.name, title_,
                           value->text.empty() ? "is empty" : "has more than one line"),
               identity_wanted);
        return std::nullopt;
    }
    if (named.name == "fqdn") {
        return Sourced<Identity>{Identity::fqdn(value->text), place};
    }
    if (named.name == "user_fqdn") {
        return Sourced<Identity>{Identity::user_fqdn(value->text), place};
    }
    if (named.name == "key_id") {
        return Sourced<Identity>{Identity::key_id(as_bytes(value->text)), place};
    }
    const auto address = IpAddress::parse(value->text);
    if (!address) {
        refuse(
            value->at,
            fmt::format("'ipaddr = {}' in {} is not an IP address", printable(value->text, 60), entry.name),
            identity_wanted);
        return std::nullopt;
    }
    return address->is_unspecified()
               ? std::nullopt
               : std::optional(Sourced<Identity>{Identity::of_address(*address), place});
}

std::optional<Sourced<Ipv4Net>> PartReader::network(const Entry& entry) {
    constexpr std::array<std::string_view, 2> in_block{"ipnet", "ipaddr"};
    constexpr std::array<std::string_view, 2> in_ipnet{"ipaddr", "mask"};
    const auto* block = only_block(entry, network_wanted);
    if (block == nullptr || !only_known(*block, entry.name, in_block, network_wanted)) {
        return std::nullopt;
    }
    if (block->entries.size() != 1) {
        if (block->entries.empty()) {
            refuse(block->at, fmt::format("{} of {} names no network", entry.name, title_), network_wanted);
        } else {
            refuse(block->entries[1].at,
                   fmt::format("{} of {} names {} networks", entry.name, title_, block->entries.size()),
                   "leave one of them, and write a connection of its own for each further network");
        }
        return std::nullopt;
    }
    const auto& named = block->entries.front();
    if (named.name == "ipaddr") {
        const auto* address = only_value(*block, "ipaddr", entry.name, network_wanted);
        return address != nullptr ? masked(entry.name, *address, nullptr) : std::nullopt;
    }
    const auto* ipnet = only_block(named, network_wanted);
    if (ipnet == nullptr || !only_known(*ipnet, "ipnet", in_ipnet, network_wanted)) {
        return std::nullopt;
    }
    const bool refused_before = std::exchange(refused_, false);
    const auto* address = only_value(*ipnet, "ipaddr", entry.name, network_wanted);
    const auto* mask = only_value(*ipnet, "mask", entry.name, network_wanted);
    const bool said = std::exchange(refused_, refused_ || refused_before);
    if (said) {
        return std::nullopt;
    }
    if (address == nullptr || mask == nullptr) {
        refuse(ipnet->at, fmt::format("{} of {} names no network", entry.name, title_), network_wanted);
        return std::nullopt;
    }
    return masked(entry.name, *address, mask);
}

/// Without a mask: one address.
std::optional<Sourced<Ipv4Net>> PartReader::masked(std::string_view where, const Scalar& address_text,
                                                   const Scalar* mask_text) {
    const auto address = IpAddress::parse(address_text.text);
    const auto mask =
        mask_text != nullptr ? IpAddress::parse(mask_text->text) : IpAddress::v4(~std::uint32_t{0});
    if (!address || !mask || !address->is_v4() || !mask->is_v4()) {
        refuse(address_text.at, fmt::format("{} of {} is not an IPv4 network", where, title_),
               network_wanted);
        return std::nullopt;
    }
    const auto net = Ipv4Net::from_mask(address->v4_number(), mask->v4_number());
    if (!net) {
        refuse(mask_text != nullptr ? mask_text->at : address_text.at,
               fmt::format("{} is not a network mask", mask->text()),
               "write ones followed by zeros, as 255.255.255.0");
        return std::nullopt;
    }
    const auto place = place_of(address_text.at);
    if (net->network != address->v4_number()) {
        report_.note(place,
                     fmt::format("{} with mask {} is an address inside {}", address->text(), mask->text(),
                                 net->text()),
                     "the network is taken",
                     fmt::format("write ipaddr = {};", IpAddress::v4(net->network).text()));
    }
    return Sourced<Ipv4Net>{*net, place};
}

}  // namespace causeway::config::vpncfg
