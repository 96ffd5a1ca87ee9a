#include "config/uci/schema.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <string>
#include <string_view>

#include "config/uci/foreign.hpp"

namespace causeway::config::uci {
namespace {

bool has_type(const Document& document, std::string_view type) {
    return std::ranges::find(document.sections, type, &Section::type) != document.sections.end();
}

bool any_option(const Document& document, std::initializer_list<std::string_view> types,
                std::initializer_list<std::string_view> options) {
    return std::ranges::any_of(document.sections, [&](const Section& section) {
        return std::ranges::find(types, section.type) != types.end() &&
               std::ranges::any_of(options,
                                   [&](std::string_view option) { return section.find(option) != nullptr; });
    });
}

/// How many options of the sections of these types only the one side's script
/// read.
std::size_t count_options(const Document& document, std::initializer_list<std::string_view> types,
                          SectionKind kind, Generations known, Generations unknown) {
    std::size_t count = 0;
    for (const auto& section : document.sections) {
        if (std::ranges::find(types, section.type) == types.end()) {
            continue;
        }
        for (const auto& option : section.options) {
            const auto* const rule = find_rule(kind, option.name);
            count +=
                rule != nullptr && (rule->known_to & known) != 0 && (rule->known_to & unknown) == 0 ? 1 : 0;
        }
    }
    return count;
}

/// ipsec.conf's or swanctl.conf's: where `keyexchange` stands decides, else
/// what most other options belong to.
Schema of_crypto_proposals(const Document& document) {
    const bool at_tunnel = any_option(document, {"tunnel", "transport", "connection"}, {"keyexchange"});
    const bool at_remote = any_option(document, {"remote"}, {"keyexchange"});
    if (at_tunnel != at_remote) {
        return at_tunnel ? Schema::uci_g1 : Schema::uci_g2;
    }
    const auto count = [&](Generations known, Generations unknown) {
        return count_options(document, {"remote"}, SectionKind::remote, known, unknown) +
               count_options(document, {"tunnel", "transport", "connection"}, SectionKind::tunnel, known,
                             unknown);
    };
    const auto ipsec_conf = count(g1, g2);
    const auto swanctl_conf = count(g2, g1);
    if (ipsec_conf > swanctl_conf) {
        return Schema::uci_g1;
    }
    if (swanctl_conf == 0 && !has_type(document, "crypto_proposal") &&
        any_option(document, {"remote"}, {"exchange_mode", "local_gateway", "extra_option"})) {
        return Schema::uci_g0;
    }
    return Schema::uci_g2;
}

/// No remote: what else it may be.
Error no_remote(const Document& document) {
    if (document.sections.empty()) {
        return {Errc::not_found,
                "the file has no sections, so there is no peer in it",
                {},
                "describe the peer with 'config remote'"};
    }
    return {Errc::not_found, "there is no 'config remote' section, so there is no peer in the file",
            Place{{}, document.sections.front().at.line, 0}, "describe the peer with 'config remote'"};
}

}  // namespace

// The rule is told in docs/configuration.md, "Five schemas".
Result<Schema> recognise_schema(const Document& document) {
    if (const auto other = foreign_file(document)) {
        return fail(Error{Errc::unsupported, fmt::format("this file follows {}", other->whose),
                          Place{{}, other->at.line, other->at.column}, std::string(other->remedy)});
    }
    if (!has_type(document, "remote")) {
        return fail(no_remote(document));
    }
    if (has_type(document, "child") || any_option(document, {"remote"}, {"child"})) {
        return Schema::uci_g4;
    }
    const bool by_name = any_option(document, {"remote", "tunnel"}, {"p1_proposal", "p2_proposal"});
    if (by_name || ((has_type(document, "p1_proposal") || has_type(document, "p2_proposal")) &&
                    !any_option(document, {"remote", "tunnel"}, {"crypto_proposal"}))) {
        return Schema::uci_g0;
    }
    const auto globals = std::ranges::any_of(document.sections, [](const Section& section) {
        return section.type == "globals" || (section.type == "ipsec" && section.name == "globals");
    });
    if (globals || any_option(document, {"remote"}, {"remote_addrs", "remote_gateway", "local_addrs"})) {
        return Schema::uci_g3;
    }
    return of_crypto_proposals(document);
}

std::string_view name_of(Schema schema) {
    switch (schema) {
        case Schema::uci_g0:
            return "G0";
        case Schema::uci_g1:
            return "G1";
        case Schema::uci_g2:
            return "G2";
        case Schema::uci_g3:
            return "G3";
        case Schema::uci_g4:
            return "G4";
        case Schema::vpncfg:
            return "vpncfg";
        case Schema::swanctl:
            return "swanctl.conf";
        case Schema::ipsec_conf:
            return "ipsec.conf";
    }
    return "";
}

Generations generation_of(Schema schema) {
    switch (schema) {
        case Schema::uci_g0:
            return g0;
        case Schema::uci_g1:
            return g1;
        case Schema::uci_g2:
            return g2;
        case Schema::uci_g3:
            return g3;
        case Schema::uci_g4:
            return g4;
        case Schema::vpncfg:
        case Schema::swanctl:
        case Schema::ipsec_conf:
            break;
    }
    return own;
}

bool is_swanctl(Schema schema) {
    return schema == Schema::uci_g2 || schema == Schema::uci_g3 || schema == Schema::uci_g4;
}

}  // namespace causeway::config::uci
