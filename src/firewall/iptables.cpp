#include "firewall/iptables.hpp"

#include <array>
#include <fmt/format.h>
#include <vector>

namespace causeway::firewall {

namespace {

/// The part of iptables-save's text that is about one table.
std::string_view table_in(std::string_view saved, std::string_view table) {
    const auto begin = saved.find(fmt::format("*{}\n", table));
    if (begin == std::string_view::npos) {
        return {};
    }
    const auto end = saved.find("\nCOMMIT", begin);
    return saved.substr(begin, end == std::string_view::npos ? end : end + 1 - begin);
}

bool has_line(std::string_view text, const std::string& line) {
    return text.find("\n" + line) != std::string_view::npos;
}

std::vector<std::string> input(const Openings& openings) {
    std::vector<std::string> rules;
    if (openings.pairs.empty()) {
        return rules;
    }
    const auto let_in = [&](const std::string& from) {
        for (const char* what : {"udp -m udp --dport 500", "udp -m udp --dport 4500", "esp"}) {
            rules.push_back(fmt::format("! -i {}{} -p {} -j ACCEPT", openings.device, from, what));
        }
    };
    for (const IpAddress& peer : openings.peers) {
        if (peer.is_v4()) {
            let_in(fmt::format(" -s {}", peer.text()));
        }
    }
    if (openings.peers.empty()) {
        let_in("");
    }
    // Behind them: IKE and ESP of a peer inside its own network are no clear text.
    for (const GuardedPair& pair : openings.closed) {
        rules.push_back(fmt::format("! -i {} -s {} -d {} -j DROP", openings.device, pair.remote.text(),
                                    pair.local.text()));
    }
    return rules;
}

std::vector<std::string> forward(const Openings& openings) {
    std::vector<std::string> rules;
    for (const Layer& layer : layers_of(openings.pairs)) {
        for (const GuardedPair& pair : layer.pairs) {
            rules.push_back(fmt::format("-o {} -s {} -d {} -j ACCEPT", openings.device, pair.local.text(),
                                        pair.remote.text()));
            rules.push_back(fmt::format("-i {} -s {} -d {} -j ACCEPT", openings.device, pair.remote.text(),
                                        pair.local.text()));
        }
    }
    for (const GuardedPair& pair : openings.closed) {
        rules.push_back(fmt::format("! -i {} -s {} -d {} -j DROP", openings.device, pair.remote.text(),
                                    pair.local.text()));
    }
    return rules;
}

std::vector<std::string> leaving(const Openings& openings) {
    std::vector<std::string> rules;
    for (const GuardedPair& pair : openings.closed) {
        rules.push_back(fmt::format("! -o {} -s {} -d {} -j DROP", openings.device, pair.local.text(),
                                    pair.remote.text()));
    }
    return rules;
}

std::vector<std::string> mss(const Openings& openings) {
    std::vector<std::string> rules;
    for (const char* way : {"-i", "-o"}) {
        if (openings.mss != 0 && !openings.pairs.empty()) {
            rules.push_back(fmt::format("{} {} -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {}",
                                        way, openings.device, openings.mss));
        }
    }
    return rules;
}

std::vector<std::string> source(const Openings& openings) {
    std::vector<std::string> rules;
    for (const GuardedPair& pair : openings.pairs) {
        rules.push_back(fmt::format("-s {} -d {} -j ACCEPT", pair.local.text(), pair.remote.text()));
    }
    return rules;
}

struct OwnChain {
    std::string_view table;
    std::string_view name;
    std::string_view parent;
    std::string_view fw3_parent;  ///< fw3's chain for what a user adds; empty: it has none
    std::vector<std::string> (*rules)(const Openings&);  ///< none of no tunnels
};

constexpr std::array<OwnChain, 5> own_chains{{
    {"filter", "CAUSEWAY_INPUT", "INPUT", "input_rule", input},
    {"filter", "CAUSEWAY_FORWARD", "FORWARD", "forwarding_rule", forward},
    {"mangle", "CAUSEWAY_LEAVING", "POSTROUTING", "", leaving},
    {"mangle", "CAUSEWAY_MSS", "FORWARD", "", mss},
    {"nat", "CAUSEWAY_SOURCE", "POSTROUTING", "postrouting_rule", source},
}};

std::string lines_of_table(std::string_view table, const Openings& openings, std::string_view there) {
    std::string chains;
    std::string rules;
    std::string jumps;
    for (const OwnChain& chain : own_chains) {
        if (chain.table != table) {
            continue;
        }
        for (const std::string_view parent : {chain.parent, chain.fw3_parent}) {
            if (has_line(there, fmt::format("-A {} -j {}\n", parent, chain.name))) {
                jumps += fmt::format("-D {} -j {}\n", parent, chain.name);
            }
        }
        const std::vector<std::string> own = chain.rules(openings);
        const bool known = has_line(there, fmt::format(":{} ", chain.name));
        if (!own.empty()) {
            const bool fw3 =
                !chain.fw3_parent.empty() && has_line(there, fmt::format(":{} ", chain.fw3_parent));
            jumps += fmt::format("-I {} 1 -j {}\n", fw3 ? chain.fw3_parent : chain.parent, chain.name);
        } else if (known) {
            jumps += fmt::format("-X {}\n", chain.name);
        }
        if (!own.empty() || known) {
            chains += fmt::format(":{} - [0:0]\n", chain.name);  // made, or emptied
        }
        for (const std::string& rule : own) {
            rules += fmt::format("-A {} {}\n", chain.name, rule);
        }
    }
    return chains + rules + jumps;
}

}  // namespace

std::string render_iptables(const Openings& openings, std::string_view saved) {
    std::string text;
    for (const std::string_view table : {"filter", "mangle", "nat"}) {
        const std::string lines = lines_of_table(table, openings, table_in(saved, table));
        if (!lines.empty()) {
            text += fmt::format("*{}\n{}COMMIT\n", table, lines);
        }
    }
    return text;
}

bool iptables_stands(std::string_view saved) {
    for (const OwnChain& chain : own_chains) {
        const std::string_view there = table_in(saved, chain.table);
        const bool jump = has_line(there, fmt::format("-A {} -j {}\n", chain.parent, chain.name)) ||
                          (!chain.fw3_parent.empty() &&
                           has_line(there, fmt::format("-A {} -j {}\n", chain.fw3_parent, chain.name)));
        // Only these are always there: the others may have nothing to say.
        const bool always = chain.name == "CAUSEWAY_INPUT" || chain.name == "CAUSEWAY_FORWARD" ||
                            chain.name == "CAUSEWAY_SOURCE";
        if (always && !jump) {
            return false;
        }
    }
    return true;
}

}  // namespace causeway::firewall
