#include "check/router/nat_commands.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "check/router/shell.hpp"
#include "config/words.hpp"

namespace causeway::check {
namespace {

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool is_iptables(std::string_view word) {
    const auto name = base_name(word);
    return name == "iptables" || name == "iptables-legacy" || name == "iptables-nft";
}

Verdict target_named(std::string_view name) {
    return name == "ACCEPT" || name == "accept"           ? Verdict::accept
           : name == "MASQUERADE" || name == "masquerade" ? Verdict::masquerade
           : name == "SNAT" || name == "snat"             ? Verdict::snat
                                                          : Verdict::other;
}

/// Where the program is, behind assignments and `if`, `!` and the like; nothing: another command.
std::optional<std::size_t> program(const ShellCommand& command) {
    for (std::size_t i = 0; i < command.words.size() && i < 4; ++i) {
        const auto& word = command.words[i].text;
        if (is_iptables(word) || base_name(word) == "nft") {
            return i;
        }
    }
    return {};
}

/// "10.0.0.0/8,192.168.0.0/16"
void add_nets(std::vector<NetMatch>& nets, const ShellWord& word, bool negated) {
    for (const auto one : config::split_words(word.text, ",{}")) {
        auto match = net_match({std::string(one), word.place});
        match.negated = match.negated || negated;
        nets.push_back(std::move(match));
    }
}

class Iptables {
 public:
    explicit Iptables(const std::vector<ShellWord>& words) : words_(words) {}

    /// Nothing: another table, or a command that adds no rule.
    std::optional<NatCommand> read(std::size_t from) {
        out_.place = words_[from].place;
        for (at_ = from + 1; at_ < words_.size(); ++at_) {
            option(words_[at_].text);
        }
        return out_.table == "nat" && !out_.chain.empty() ? std::optional(std::move(out_)) : std::nullopt;
    }

 private:
    const ShellWord* value() { return at_ + 1 < words_.size() ? &words_[++at_] : nullptr; }

    void option(std::string_view word) {
        if (word == "!") {
            negated_ = true;
            return;
        }
        if (word == "-t" || word == "--table") {
            take(out_.table);
        } else if (word == "-A" || word == "--append" || word == "-I" || word == "--insert") {
            out_.appended = word == "-A" || word == "--append";
            take(out_.chain);
        } else if (word == "-d" || word == "--dst" || word == "--destination") {
            take_nets(out_.destination_nets);
        } else if (word == "-s" || word == "--src" || word == "--source") {
            take_nets(out_.source_nets);
        } else if (word == "--pol") {
            const auto* const policy = value();
            out_.by_policy = policy != nullptr && policy->text == "ipsec" && !negated_;
        } else if (word == "-j" || word == "--jump") {
            if (const auto* const target = value()) {
                out_.target = target_named(target->text);
                out_.returns = target->text == "RETURN";
            }
        }
        negated_ = false;
    }

    void take(std::string& into) {
        if (const auto* const word = value()) {
            into = word->text;
        }
    }
    void take_nets(std::vector<NetMatch>& nets) {
        const auto* word = value();
        if (word != nullptr && word->text == "!") {
            negated_ = true;
            word = value();
        }
        if (word != nullptr) {
            add_nets(nets, *word, negated_);
        }
    }

    const std::vector<ShellWord>& words_;
    std::size_t at_ = 0;
    bool negated_ = false;
    NatCommand out_{};
};

/// `nft add rule inet fw4 srcnat ip daddr 192.168.0.0/24 accept`, or all of it as one quoted word.
class Nft {
 public:
    explicit Nft(std::vector<ShellWord> words) : words_(std::move(words)) {}

    std::optional<NatCommand> read(std::size_t from) {
        if (words_.size() < from + 6 ||
            (words_[from + 1].text != "add" && words_[from + 1].text != "insert") ||
            words_[from + 2].text != "rule") {
            return {};
        }
        out_.is_nft = true;
        out_.place = words_[from].place;
        out_.appended = words_[from + 1].text == "add";
        // The family may be left out.
        const std::size_t table = from + (is_family(words_[from + 3].text) ? 4 : 3);
        out_.table = words_[table].text;
        out_.chain = words_[table + 1].text;
        for (at_ = table + 2; at_ < words_.size(); ++at_) {
            expression();
        }
        return out_.chain.find("nat") != std::string::npos ||
                       out_.chain.find("ostrouting") != std::string::npos
                   ? std::optional(std::move(out_))
                   : std::nullopt;
    }

 private:
    static bool is_family(std::string_view word) { return word == "inet" || word == "ip" || word == "ip6"; }

    void expression() {
        const auto& word = words_[at_].text;
        const auto* const next = at_ + 1 < words_.size() ? &words_[at_ + 1] : nullptr;
        if ((word == "saddr" || word == "daddr") && next != nullptr) {
            nets(word == "saddr" ? out_.source_nets : out_.destination_nets);
        } else if (word == "ipsec") {
            out_.by_policy = next == nullptr || (next->text != "missing" && next->text != "in");
        } else if (word == "position" || word == "index" || word == "handle") {
            out_.appended = false;
        } else if (word == "return") {
            out_.returns = true;
        } else if (const auto target = target_named(word); target != Verdict::other) {
            out_.target = target;
        }
    }

    void nets(std::vector<NetMatch>& into) {
        bool negated = false;
        if (words_[at_ + 1].text == "!=") {
            negated = true;
            ++at_;
        }
        if (at_ + 1 >= words_.size()) {
            return;
        }
        if (words_[at_ + 1].text.starts_with('{')) {
            while (at_ + 1 < words_.size()) {
                add_nets(into, words_[++at_], negated);
                if (words_[at_].text.ends_with('}')) {
                    return;
                }
            }
            return;
        }
        add_nets(into, words_[++at_], negated);
    }

    std::vector<ShellWord> words_;
    std::size_t at_ = 0;
    NatCommand out_{};
};

/// What is quoted as a whole is taken apart.
std::vector<ShellWord> nft_words(const ShellCommand& command, std::size_t program) {
    std::vector<ShellWord> out;
    for (std::size_t i = 0; i < command.words.size(); ++i) {
        if (i <= program) {
            out.push_back(command.words[i]);
            continue;
        }
        for (const auto one : config::split_words(command.words[i].text)) {
            out.push_back({std::string(one), command.words[i].place});
        }
    }
    return out;
}

}  // namespace

std::vector<NatCommand> nat_commands(const config::NamedText& script) {
    std::vector<NatCommand> out;
    for (const auto& command : shell_commands(script)) {
        const auto at = program(command);
        if (!at) {
            continue;
        }
        auto one = is_iptables(command.words[*at].text) ? Iptables(command.words).read(*at)
                                                        : Nft(nft_words(command, *at)).read(*at);
        // Chains in front of routing have nothing to do with it.
        if (one && one->chain.find("rerouting") == std::string::npos &&
            one->chain.find("PREROUTING") == std::string::npos && !one->chain.starts_with("dstnat") &&
            one->chain != "OUTPUT") {
            out.push_back(std::move(*one));
        }
    }
    return out;
}

bool is_firewall_script(const config::NamedText& file) {
    if (file.text.starts_with("#!")) {
        return true;
    }
    const auto commands = shell_commands(file);
    return std::ranges::any_of(commands,
                               [](const ShellCommand& command) { return program(command).has_value(); });
}

}  // namespace causeway::check
