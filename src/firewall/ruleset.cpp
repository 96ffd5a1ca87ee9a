#include "firewall/ruleset.hpp"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>

namespace causeway::firewall {

namespace {

/// Words of one rule; a string keeps its quotes, and what is in braces is one word.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = line.find_first_not_of(" \t");
        if (begin == std::string_view::npos) {
            return words;
        }
        line.remove_prefix(begin);
        std::size_t end = 0;
        if (line.front() == '"') {
            end = line.find('"', 1);
            end = end == std::string_view::npos ? line.size() : end + 1;
        } else if (line.front() == '{') {
            end = line.find('}');
            end = end == std::string_view::npos ? line.size() : end + 1;
        } else {
            end = std::min(line.find_first_of(" \t"), line.size());
        }
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// "{ a, b }" as a and b, anything else as itself.
std::vector<std::string_view> items_of(std::string_view word) {
    std::vector<std::string_view> items;
    if (!word.starts_with('{')) {
        return {word};
    }
    word.remove_prefix(1);
    word = word.substr(0, word.find('}'));
    while (!word.empty()) {
        const auto comma = word.find(',');
        items.push_back(trimmed(word.substr(0, comma)));
        word.remove_prefix(comma == std::string_view::npos ? word.size() : comma + 1);
    }
    return items;
}

enum class Fits { no, yes, unknown };

Fits device_fits(std::string_view item, const std::string& device) {
    if (item.size() >= 2 && item.front() == '"') {
        item = item.substr(1, item.size() - 2);
    }
    if (device.empty() || item.starts_with('@')) {
        return Fits::unknown;
    }
    if (item.ends_with('*')) {
        return device.starts_with(item.substr(0, item.size() - 1)) ? Fits::yes : Fits::no;
    }
    return item == device ? Fits::yes : Fits::no;
}

Fits address_fits(std::string_view item, const IpAddress& address) {
    const auto single = [](std::string_view text) { return Ipv4Net::parse(std::string(text) + "/32"); };
    const auto dash = item.find('-');
    if (dash != std::string_view::npos) {
        const auto first = single(item.substr(0, dash));
        const auto last = single(item.substr(dash + 1));
        if (!first || !last) {
            return Fits::unknown;
        }
        const auto number = address.v4_number();
        return first->network <= number && number <= last->network ? Fits::yes : Fits::no;
    }
    const auto net = item.find('/') == std::string_view::npos ? single(item) : Ipv4Net::parse(item);
    if (!net) {
        return Fits::unknown;
    }
    return net->contains(address.v4_number()) ? Fits::yes : Fits::no;
}

template <class One>
Fits any_fits(std::string_view word, One one) {
    Fits all = Fits::no;
    for (const std::string_view item : items_of(word)) {
        const Fits fits = one(item);
        if (fits == Fits::yes) {
            return Fits::yes;
        }
        if (fits == Fits::unknown) {
            all = Fits::unknown;
        }
    }
    return all;
}

/// What a chain makes of the packet.
struct Outcome {
    enum class Kind { passes, accepted, refused, unsure } kind = Kind::passes;
    Refusal refusal{};
};

constexpr int deepest_jump = 16;

class Walk {
 public:
    Walk(const Ruleset& ruleset, const Forwarded& packet) : ruleset_(ruleset), packet_(packet) {}

    Outcome chain(const RulesetChain& chain, int depth = 0) {
        if (depth > deepest_jump) {
            return {Outcome::Kind::unsure, {}};
        }
        for (const std::string& rule : chain.rules) {
            Outcome outcome = this->rule(chain, rule, depth);
            if (outcome.kind == Outcome::Kind::refused) {
                // Of a jump the place it was made from: there an accept has to stand before it.
                outcome.refusal = {where(chain), without_frills(rule)};
            }
            if (outcome.kind != Outcome::Kind::passes) {
                return outcome;
            }
            if (returned_) {
                returned_ = false;
                break;
            }
        }
        if (chain.drops) {
            return {Outcome::Kind::refused, {where(chain), "policy drop"}};
        }
        return {};
    }

 private:
    static std::string where(const RulesetChain& chain) {
        return fmt::format("chain {} of table {} {}", chain.name, chain.family, chain.table);
    }

    /// Its words but for counters and comments.
    static std::string without_frills(const std::string& rule) {
        const std::vector<std::string_view> words = words_of(rule);
        std::string text;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] == "packets" || words[i] == "bytes" || words[i] == "comment") {
                ++i;
            } else if (words[i] != "counter") {
                text += (text.empty() ? "" : " ") + std::string(words[i]);
            }
        }
        return text;
    }

    /// Whether the rule's conditions hold; `at` is moved to its verdict.
    Fits conditions(const std::vector<std::string_view>& words, std::size_t& at) const {
        Fits all = Fits::yes;
        const auto meet = [&](Fits fits, bool negated) {
            if (negated && fits != Fits::unknown) {
                fits = fits == Fits::yes ? Fits::no : Fits::yes;
            }
            if (fits == Fits::no || (fits == Fits::unknown && all == Fits::yes)) {
                all = fits;
            }
        };
        while (at < words.size() && !is_verdict(words[at])) {
            const std::string_view word = words[at];
            const auto value = [&](std::size_t names) {
                at += names;
                const bool negated = at < words.size() && words[at] == "!=";
                at += negated ? 1 : 0;
                const std::string_view text = at < words.size() ? words[at] : std::string_view();
                ++at;
                return std::pair(text, negated);
            };
            const std::string_view next = at + 1 < words.size() ? words[at + 1] : std::string_view();
            const std::string_view after = at + 2 < words.size() ? words[at + 2] : std::string_view();
            if ((word == "iifname" || word == "oifname" || word == "iif" || word == "oif") && next != "." &&
                next != "vmap") {
                const auto [text, negated] = value(1);
                const std::string& device = word.front() == 'i' ? packet_.in : packet_.out;
                meet(any_fits(text, [&](auto item) { return device_fits(item, device); }), negated);
            } else if (word == "ip" && (next == "saddr" || next == "daddr") && after != ".") {
                const auto [text, negated] = value(2);
                const IpAddress& address = next == "saddr" ? packet_.source : packet_.destination;
                meet(any_fits(text, [&](auto item) { return address_fits(item, address); }), negated);
            } else if (word == "ct" && next == "state") {
                const auto [text, negated] = value(2);
                if (text == "vmap") {
                    const std::string_view map = at < words.size() ? words[at] : std::string_view();
                    meet(map.find("new") == std::string_view::npos ? Fits::no : Fits::unknown, false);
                    ++at;
                } else {
                    meet(text.find("new") != std::string_view::npos ? Fits::yes : Fits::no, negated);
                }
            } else if (word == "counter" || word == "packets" || word == "bytes") {
                at += word == "counter" ? 1 : 2;
            } else if (word == "comment") {
                at += 2;
            } else if (word == "meta" && next == "nfproto") {
                meet(after == "ipv4" ? Fits::yes : Fits::no, false);
                at += 3;
            } else if (word == "ip6") {
                meet(Fits::no, false);
                ++at;
            } else if (only_some(word, next)) {
                // A port, a protocol: whatever it says, others of the connection's packets are not meant.
                meet(Fits::no, false);
                ++at;
            } else {
                meet(Fits::unknown, false);
                ++at;
            }
        }
        return all;
    }

    static bool is_verdict(std::string_view word) {
        return word == "accept" || word == "drop" || word == "reject" || word == "return" || word == "jump" ||
               word == "goto";
    }

    static bool only_some(std::string_view word, std::string_view next) {
        return word == "tcp" || word == "udp" || word == "icmp" || word == "icmpv6" || word == "th" ||
               word == "sctp" || (word == "ip" && next == "protocol") ||
               (word == "meta" && next == "l4proto") || word == "limit";
    }

    Outcome rule(const RulesetChain& chain, const std::string& rule, int depth) {
        const std::vector<std::string_view> words = words_of(rule);
        std::size_t at = 0;
        const Fits fits = conditions(words, at);
        if (fits == Fits::no || at == words.size()) {
            // A verdict map that is not read may end here as well.
            const bool maps = fits == Fits::unknown && rule.find(" vmap ") != std::string::npos;
            return {maps ? Outcome::Kind::unsure : Outcome::Kind::passes, {}};
        }
        const std::string_view verdict = words[at];
        if (fits == Fits::unknown) {
            // It may accept; that it may drop is no reason to say so.
            const bool may_accept = verdict != "drop" && verdict != "reject" && verdict != "return";
            return {may_accept ? Outcome::Kind::unsure : Outcome::Kind::passes, {}};
        }
        if (verdict == "accept") {
            return {Outcome::Kind::accepted, {}};
        }
        if (verdict == "drop" || verdict == "reject") {
            return {Outcome::Kind::refused, {}};
        }
        if (verdict == "return") {
            returned_ = true;
            return {};
        }
        const RulesetChain* other = at + 1 < words.size() ? ruleset_.find(chain, words[at + 1]) : nullptr;
        if (other == nullptr) {
            return {Outcome::Kind::unsure, {}};
        }
        const Outcome outcome = this->chain(*other, depth + 1);
        returned_ = outcome.kind == Outcome::Kind::passes && verdict == "goto";
        return outcome;
    }

    const Ruleset& ruleset_;
    const Forwarded& packet_;
    bool returned_ = false;
};

/// "type filter hook forward priority filter; policy drop;"
void read_base(RulesetChain& chain, std::string_view line) {
    const std::vector<std::string_view> words = words_of(line);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "type") {
            chain.type = words[i + 1];
        } else if (words[i] == "hook") {
            chain.hook = words[i + 1];
        } else if (words[i] == "policy") {
            chain.drops = words[i + 1].starts_with("drop");
        }
    }
}

/// Lines, joined where braces of a set go over several.
class Lines {
 public:
    explicit Lines(std::string_view text) : text_(text) {}

    bool next(std::string& line) {
        line.clear();
        while (!text_.empty()) {
            const auto end = text_.find('\n');
            const std::string_view part = trimmed(text_.substr(0, end));
            text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
            if (part.empty() && line.empty()) {
                continue;
            }
            line += (line.empty() ? "" : " ") + std::string(part);
            // The brace that opens a table, a chain or a set ends its line.
            const bool opens = line.ends_with('{') && line.find('=') == std::string::npos;
            const auto open = std::count(line.begin(), line.end(), '{') - (opens ? 1 : 0);
            if (line == "}" || open <= std::count(line.begin(), line.end(), '}')) {
                return true;
            }
        }
        return !line.empty();
    }

 private:
    std::string_view text_;
};

}  // namespace

const RulesetChain* Ruleset::find(const RulesetChain& beside, std::string_view name) const {
    const auto at = std::find_if(chains.begin(), chains.end(), [&](const RulesetChain& chain) {
        return chain.family == beside.family && chain.table == beside.table && chain.name == name;
    });
    return at == chains.end() ? nullptr : &*at;
}

Ruleset parse_ruleset(std::string_view listing, std::string_view own_table) {
    Ruleset ruleset;
    Lines lines(listing);
    std::string line;
    RulesetChain current;
    int depth = 0;
    bool in_chain = false;
    while (lines.next(line)) {
        const std::vector<std::string_view> words = words_of(line);
        if (line == "}") {
            --depth;
            if (in_chain && depth == 1) {
                in_chain = false;
                if (current.table != own_table) {
                    ruleset.chains.push_back(current);
                }
            }
        } else if (line.ends_with('{') && (depth == 0 || depth == 1)) {
            if (words.size() > 3 && words[0] == "table") {
                current = {};
                current.family = words[1];
                current.table = words[2];
            } else if (words.size() > 2 && words[0] == "chain") {
                current = {current.family, current.table, std::string(words[1]), {}, {}, false, {}};
                in_chain = true;
            }
            ++depth;
        } else if (in_chain && words.front() == "type") {
            read_base(current, line);
        } else if (in_chain) {
            current.rules.push_back(line);
        }
    }
    return ruleset;
}

std::optional<Refusal> refusal_of(const Ruleset& ruleset, const Forwarded& packet) {
    for (const RulesetChain& chain : ruleset.chains) {
        if (chain.type != "filter" || chain.hook != "forward" ||
            (chain.family != "ip" && chain.family != "inet")) {
            continue;
        }
        Outcome outcome = Walk(ruleset, packet).chain(chain);
        if (outcome.kind == Outcome::Kind::refused) {
            return std::move(outcome.refusal);
        }
    }
    return std::nullopt;
}

}  // namespace causeway::firewall
