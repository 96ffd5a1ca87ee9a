#include "firewall/fw4.hpp"

#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace causeway::firewall {

namespace {

constexpr std::string_view mark = "comment \"causeway\"";

std::string_view trimmed(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

template <class OnLine>
void each_line(std::string_view text, OnLine on_line) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        on_line(trimmed(text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

/// "chain forward {" of a listing: the name; else empty.
std::string_view chain_name(std::string_view line) {
    constexpr std::string_view word = "chain ";
    if (!line.starts_with(word)) {
        return {};
    }
    line.remove_prefix(word.size());
    return line.substr(0, line.find(' '));
}

std::vector<std::string> input_rules(const Openings& openings) {
    const auto both = [&](const std::string& from) {
        return std::vector<std::string>{
            fmt::format("iifname != \"{}\" {}udp dport {{ 500, 4500 }} accept", openings.device, from),
            fmt::format("iifname != \"{}\" {}meta l4proto esp accept", openings.device, from)};
    };
    if (openings.peers.empty()) {
        return both("");
    }
    std::vector<std::string> rules;
    for (const bool v4 : {true, false}) {
        std::string peers;
        for (const IpAddress& peer : openings.peers) {
            if (peer.is_v4() == v4) {
                peers += (peers.empty() ? "" : ", ") + peer.text();
            }
        }
        if (!peers.empty()) {
            const auto of_family = both(fmt::format("{} saddr {{ {} }} ", v4 ? "ip" : "ip6", peers));
            rules.insert(rules.end(), of_family.begin(), of_family.end());
        }
    }
    return rules;
}

std::vector<std::string> forward_rules(const Openings& openings) {
    std::vector<std::string> rules;
    for (const Layer& layer : layers_of(openings.pairs)) {
        rules.push_back(fmt::format("oifname \"{}\" ip saddr . ip daddr {{ {} }} accept", openings.device,
                                    elements(layer, true)));
        rules.push_back(fmt::format("iifname \"{}\" ip saddr . ip daddr {{ {} }} accept", openings.device,
                                    elements(layer, false)));
    }
    return rules;
}

}  // namespace

std::vector<ChainRules> fw4_rules(const Openings& openings, bool forwarding) {
    std::vector<ChainRules> chains{{"input", {}}, {"output", {}}, {"forward", {}}, {"mangle_forward", {}}};
    if (openings.pairs.empty()) {
        return chains;
    }
    chains[0].rules = input_rules(openings);
    if (forwarding) {
        chains[1].rules = {fmt::format("oifname \"{}\" accept", openings.device)};
        chains[2].rules = forward_rules(openings);
    }
    if (openings.mss != 0) {
        for (const char* way : {"iifname", "oifname"}) {
            chains[3].rules.push_back(
                fmt::format("{0} \"{1}\" tcp flags & (syn | rst) == syn tcp option maxseg size > {2} "
                            "tcp option maxseg size set {2}",
                            way, openings.device, openings.mss));
        }
    }
    return chains;
}

std::string render_fw4_include(const ChainRules& rules) {
    std::string text;
    for (const std::string& rule : rules.rules) {
        text += fmt::format("{} {}\n", rule, mark);
    }
    return text;
}

std::vector<PlacedRule> placed_rules(std::string_view listing) {
    std::vector<PlacedRule> placed;
    std::string_view chain;
    each_line(listing, [&](std::string_view line) {
        if (const auto name = chain_name(line); !name.empty()) {
            chain = name;
        }
        constexpr std::string_view behind = "# handle ";
        const auto at = line.rfind(behind);
        if (line.find(mark) == std::string_view::npos || at == std::string_view::npos) {
            return;
        }
        const std::string_view digits = line.substr(at + behind.size());
        PlacedRule rule{std::string(chain), 0};
        if (std::from_chars(digits.data(), digits.data() + digits.size(), rule.handle).ec == std::errc()) {
            placed.push_back(std::move(rule));
        }
    });
    return placed;
}

bool zone_has_device(std::string_view listing, std::string_view zone, std::string_view device) {
    const std::string jump = fmt::format("jump forward_{} ", zone);
    const std::string name = fmt::format("\"{}\"", device);
    std::string_view chain;
    bool found = false;
    each_line(listing, [&](std::string_view line) {
        if (const auto next = chain_name(line); !next.empty()) {
            chain = next;
        }
        // Several devices of a zone are a set; a jump without a device takes everybody's packets.
        found =
            found || (chain == "forward" && line.find(jump) != std::string_view::npos &&
                      line.find("iifname") != std::string_view::npos && line.find(name) < line.find(jump));
    });
    return found;
}

std::string render_fw4_live(const std::vector<PlacedRule>& placed, const std::vector<ChainRules>& rules) {
    std::string text;
    for (const PlacedRule& rule : placed) {
        text += fmt::format("delete rule inet fw4 {} handle {}\n", rule.chain, rule.handle);
    }
    for (const ChainRules& chain : rules) {
        // Each goes to the front: the last one first.
        for (auto rule = chain.rules.rbegin(); rule != chain.rules.rend(); ++rule) {
            text += fmt::format("insert rule inet fw4 {} {} {}\n", chain.chain, *rule, mark);
        }
    }
    return text;
}

}  // namespace causeway::firewall
