#include "config/vpncfg/parts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "config/words.hpp"

namespace causeway::config::vpncfg {
namespace {

constexpr const char* identity_wanted =
    "one of fqdn, user_fqdn or key_id with a text, or ipaddr with an address";
constexpr const char* network_wanted = "ipnet { ipaddr = A.B.C.D; mask = 255.255.255.0; }";

Position at_of(const Entry& entry) {
    return entry.values.empty() ? entry.at : entry.values.front().at;
}

}  // namespace

bool is_encrypted(std::string_view text) {
    return text.starts_with("$$$$");
}

void PartReader::refuse(Finding finding) {
    report_.dropped(std::move(finding));
    refused_ = true;
}

/// `NAME { ... }`, and not `NAME = value;` or `NAME { ... } { ... }`.
const Block* PartReader::only_block(const Entry& entry, const char* wanted) {
    if (entry.blocks.empty()) {
        refuse(finding<FindingId::part_with_value>(place_of(at_of(entry)), field<"option">(entry.name),
                                                   field<"connection">(title_), field<"wanted">(wanted)));
        return nullptr;
    }
    if (entry.blocks.size() > 1) {
        refuse(finding<FindingId::part_with_blocks>(
            std::vector{place_of(entry.blocks[1].at), place_of(entry.blocks[0].at)},
            field<"option">(entry.name), field<"connection">(title_),
            field<"count">(std::to_string(entry.blocks.size()))));
        return nullptr;
    }
    return &entry.blocks.front();
}

/// Every entry has a known name, and each stands there once.
bool PartReader::only_known(const Block& block, const std::string& where,
                            std::span<const std::string_view> known, const char* wanted) {
    bool all_known = true;
    for (const auto& entry : block.entries) {
        if (std::ranges::find(known, entry.name) != known.end()) {
            continue;
        }
        all_known = false;
        const auto at = place_of(entry.at);
        const auto kind = field<"kind">(entry.blocks.empty() ? "key" : "block");
        const auto option = field<"option">(printable(entry.name, 60));
        const auto in = field<"block">(where);
        const auto of = field<"connection">(title_);
        if (const auto near = nearest(entry.name, known)) {
            refuse(finding<FindingId::key_in_part_misspelt>(at, kind, option, in, of,
                                                            field<"meant">(std::string(*near))));
        } else {
            refuse(
                finding<FindingId::key_in_part_unknown>(at, kind, option, in, of, field<"wanted">(wanted)));
        }
    }
    return all_known;
}

/// Nothing, without a remark, when there is no such key.
const Scalar* PartReader::only_value(const Block& block, std::string_view key, const std::string& where,
                                     const char* wanted) {
    const Scalar* found = nullptr;
    for (const auto& entry : block.entries) {
        if (entry.name != key) {
            continue;
        }
        if (found == nullptr && entry.values.size() == 1) {
            found = &entry.values.front();
            continue;
        }
        const auto option = field<"option">(std::string(key));
        const auto in = field<"block">(where);
        const auto of = field<"connection">(title_);
        if (entry.values.empty()) {
            refuse(finding<FindingId::key_in_part_with_block>(place_of(entry.at), option, in, of,
                                                              field<"wanted">(wanted)));
        } else {
            const bool several = entry.values.size() > 1;
            refuse(finding<FindingId::key_in_part_with_values>(
                std::vector{place_of(several ? entry.values[1].at : entry.at),
                            place_of(found != nullptr ? found->at : entry.values[0].at)},
                option, in, of, field<"wanted">(wanted)));
        }
        return nullptr;
    }
    return found;
}

std::optional<Sourced<Identity>> PartReader::identity(const Entry& entry) {
    constexpr std::array<std::string_view, 4> kinds{"fqdn", "user_fqdn", "ipaddr", "key_id"};
    const auto* block = only_block(entry, identity_wanted);
    if (block == nullptr || !only_known(*block, entry.name, kinds, identity_wanted)) {
        return std::nullopt;
    }
    const auto of = field<"connection">(title_);
    const auto wanted = field<"wanted">(identity_wanted);
    if (block->entries.empty()) {
        refuse(finding<FindingId::no_identity_in_block>(place_of(block->at), field<"block">(entry.name), of,
                                                        wanted));
        return std::nullopt;
    }
    if (block->entries.size() > 1) {
        refuse(finding<FindingId::identities_in_block>(
            std::vector{place_of(block->entries[1].at), place_of(block->entries[0].at)},
            field<"block">(entry.name), of, field<"count">(std::to_string(block->entries.size())), wanted));
        return std::nullopt;
    }
    const auto& kind = block->entries.front().name;
    const auto* value = only_value(*block, kind, entry.name, identity_wanted);
    return value != nullptr ? identity_of(kind, *value, entry.name) : std::nullopt;
}

/// `kind` is one of the names of such a block, `where` the block's.
std::optional<Sourced<Identity>> PartReader::identity_of(const std::string& kind, const Scalar& value,
                                                         const std::string& where) {
    const auto place = place_of(value.at);
    const auto in = field<"block">(where);
    const auto of = field<"connection">(title_);
    const auto wanted = field<"wanted">(identity_wanted);
    if (is_encrypted(value.text)) {
        refuse(finding<FindingId::identity_encrypted>(place, in, of));
        return std::nullopt;
    }
    if (value.text.empty()) {
        refuse(finding<FindingId::identity_empty>(place, field<"option">(kind), in, of, wanted));
        return std::nullopt;
    }
    if (value.text.find_first_of("\r\n") != std::string::npos) {
        refuse(finding<FindingId::identity_over_lines>(place, field<"option">(kind), in, of, wanted));
        return std::nullopt;
    }
    if (kind == "fqdn") {
        return Sourced<Identity>{Identity::fqdn(value.text), place};
    }
    if (kind == "user_fqdn") {
        return Sourced<Identity>{Identity::user_fqdn(value.text), place};
    }
    if (kind == "key_id") {
        return Sourced<Identity>{Identity::key_id(as_bytes(value.text)), place};
    }
    const auto address = IpAddress::parse(value.text);
    if (!address) {
        refuse(finding<FindingId::identity_is_no_address>(place, field<"value">(printable(value.text, 60)),
                                                          in, of, wanted));
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
    const auto where = field<"block">(entry.name);
    const auto of = field<"connection">(title_);
    const auto nothing_in = [&](const Block& empty) {
        refuse(finding<FindingId::no_network_in_block>(place_of(empty.at), where, of,
                                                       field<"wanted">(network_wanted)));
    };
    if (block->entries.empty()) {
        nothing_in(*block);
        return std::nullopt;
    }
    if (block->entries.size() > 1) {
        refuse(finding<FindingId::networks_in_block>(
            std::vector{place_of(block->entries[1].at), place_of(block->entries[0].at)}, where, of,
            field<"count">(std::to_string(block->entries.size()))));
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
        nothing_in(*ipnet);
        return std::nullopt;
    }
    return masked(entry.name, *address, mask);
}

/// Without a mask: one address.
std::optional<Sourced<Ipv4Net>> PartReader::masked(const std::string& where, const Scalar& address_text,
                                                   const Scalar* mask_text) {
    const auto address = IpAddress::parse(address_text.text);
    const auto mask =
        mask_text != nullptr ? IpAddress::parse(mask_text->text) : IpAddress::v4(~std::uint32_t{0});
    if (!address || !mask || !address->is_v4() || !mask->is_v4()) {
        refuse(finding<FindingId::network_unreadable>(place_of(address_text.at), field<"block">(where),
                                                      field<"connection">(title_),
                                                      field<"wanted">(network_wanted)));
        return std::nullopt;
    }
    const auto net = Ipv4Net::from_mask(address->v4_number(), mask->v4_number());
    if (!net) {
        refuse(finding<FindingId::mask_unreadable>(
            place_of(mask_text != nullptr ? mask_text->at : address_text.at), field<"mask">(mask->text()),
            field<"connection">(title_)));
        return std::nullopt;
    }
    const auto place = place_of(address_text.at);
    if (net->network != address->v4_number()) {
        report_.say(finding<FindingId::address_in_network>(
            place, field<"address">(address->text()), field<"mask">(mask->text()),
            field<"network">(net->text()), field<"base">(IpAddress::v4(net->network).text())));
    }
    return Sourced<Ipv4Net>{*net, place};
}

}  // namespace causeway::config::vpncfg
