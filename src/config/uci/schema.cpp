#include "config/uci/schema.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/event.hpp"

namespace causeway::config::uci {
namespace {

struct Foreign {
    std::string_view type;
    std::string_view whose;
    std::string_view remedy;
};

// The same file name, another meaning (facts gathered from published packages).
constexpr Foreign foreign[] = {
    {"service", "an L2TP server's schema ('config service')",
     "causeway joins networks; describe the tunnel with 'config remote' and 'config tunnel'"},
    {"conn", "a schema with 'config conn' sections, close to ipsec.conf",
     "rewrite each conn as 'config remote' with a 'config tunnel'"},
    {"connection",
     "a schema with 'config connection' sections (TP-Link's firmware, and OpenWrt's announced package "
     "swanctl)",
     "rewrite each connection as 'config remote' with a 'config tunnel'"},
};

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

}  // namespace

Result<Schema> recognise_schema(const Document& document) {
    if (!has_type(document, "remote")) {
        for (const auto& other : foreign) {
            const auto found = std::ranges::find(document.sections, other.type, &Section::type);
            if (found != document.sections.end()) {
                return fail(Error{Errc::unsupported, fmt::format("this file follows {}", other.whose),
                                  Place{nullptr, found->at.line, found->at.column},
                                  std::string(other.remedy)});
            }
        }
        if (document.sections.empty()) {
            return fail(Error{Errc::not_found,
                              "the file has no sections, so there is no peer in it",
                              {},
                              "describe the peer with 'config remote'"});
        }
        return fail(Error{
            Errc::not_found, "there is no 'config remote' section, so there is no peer in the file",
            Place{nullptr, document.sections.front().at.line, 0}, "describe the peer with 'config remote'"});
    }
    if (has_type(document, "p1_proposal") || has_type(document, "p2_proposal") ||
        any_option(document, {"remote", "tunnel"}, {"p1_proposal", "p2_proposal"})) {
        return Schema::uci_g0;
    }
    const auto globals = std::ranges::any_of(document.sections, [](const Section& section) {
        return section.type == "ipsec" && section.name == "globals";
    });
    if (globals || any_option(document, {"remote"}, {"remote_addrs", "local_addrs", "vips"})) {
        return Schema::uci_g3;
    }
    if (any_option(
            document, {"tunnel", "transport"},
            {"keyexchange", "local_leftip", "ikelifetime", "margintime", "mode", "keyingtries", "dpddelay",
             "local_updown", "remote_updown", "local_firewall", "remote_firewall", "packet_marker"})) {
        return Schema::uci_g1;
    }
    if (!has_type(document, "crypto_proposal") &&
        any_option(document, {"remote"}, {"exchange_mode", "local_gateway", "extra_option"})) {
        return Schema::uci_g0;
    }
    return Schema::uci_g2;
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
        case Schema::vpncfg:
            return "vpncfg";
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
        case Schema::vpncfg:
            break;
    }
    return own;
}

}  // namespace causeway::config::uci
