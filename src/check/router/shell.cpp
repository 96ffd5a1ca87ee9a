#include "check/router/shell.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/file_name.hpp"

namespace causeway::check {
namespace {

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// What a variable holds; nothing: more than one value, or one that is not literal.
using Variables = std::map<std::string, std::optional<std::string>, std::less<>>;

/// "NAME" of "NAME=value".
std::string_view assigned(std::string_view word) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 ||
        !std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals), is_name_character) ||
        (word[0] >= '0' && word[0] <= '9')) {
        return {};
    }
    return word.substr(0, equals);
}

class Scanner {
 public:
    Scanner(std::string_view text, FileName file) : text_(text), file_(file) {}

    std::vector<ShellCommand> run() {
        while (at_ < text_.size()) {
            if (!separator()) {
                character();
            }
        }
        end_command("\n");
        replace_variables();
        return std::move(commands_);
    }

 private:
    [[nodiscard]] char next(std::size_t behind = 0) const {
        return at_ + behind < text_.size() ? text_[at_ + behind] : '\0';
    }
    void step(std::size_t count = 1) {
        for (; count > 0 && at_ < text_.size(); --count, ++at_) {
            if (text_[at_] == '\n') {
                ++line_;
                begin_of_line_ = at_ + 1;
            }
        }
    }
    void add(char c) {
        begin_word();
        word_->text += c;
    }
    void begin_word() {
        if (!word_) {
            word_ = ShellWord{{}, {file_, line_, static_cast<std::uint32_t>(at_ - begin_of_line_ + 1)}};
        }
    }
    void end_word() {
        if (word_) {
            command_.words.push_back(std::move(*word_));
            word_.reset();
        }
    }
    void end_command(std::string_view next_one) {
        end_word();
        if (!command_.words.empty()) {
            commands_.push_back(std::move(command_));
        }
        command_ = {next_one, {}};
    }

    /// Between words and commands; false: the character belongs to a word.
    bool separator() {
        constexpr std::string_view between[]{"&&", "||", ";;", "$(", "\n", ";", "|", "&", "(", ")", "`"};
        const auto rest = text_.substr(at_);
        if (rest.starts_with("\\\n")) {
            step(2);
            return true;
        }
        if (next() == ' ' || next() == '\t' || next() == '\r') {
            end_word();
            step();
            return true;
        }
        if (next() == '#' && !word_) {
            step(std::min(rest.find('\n'), rest.size()));
            return true;
        }
        // `2>&1` and `>&2` join nothing.
        if (next() == '&' && at_ > 0 && text_[at_ - 1] == '>') {
            return false;
        }
        for (const auto one : between) {
            if (rest.starts_with(one)) {
                step(one.size());
                end_command(one == ";;" ? ";" : one);
                return true;
            }
        }
        return false;
    }

    void character() {
        if (next() == '\'') {
            single_quoted();
        } else if (next() == '"') {
            double_quoted();
        } else if (next() == '\\') {
            add(next(1));
            step(2);
        } else {
            one_plain();
        }
    }

    void single_quoted() {
        begin_word();
        step();
        while (at_ < text_.size() && next() != '\'') {
            add(next());
            step();
        }
        step();
    }

    /// A command in it is taken apart as one, so that what it runs is seen.
    void double_quoted() {
        begin_word();
        step();
        while (at_ < text_.size() && next() != '"') {
            if (next() == '\\' && next(1) != '\0') {
                add(next(1));
                step(2);
            } else {
                one_plain();
            }
        }
        step();
    }

    /// `${NAME}` becomes `$NAME`; other forms stay as they are.
    void one_plain() {
        if (next() == '$' && next(1) == '{') {
            std::size_t length = 2;
            while (is_name_character(next(length))) {
                ++length;
            }
            if (next(length) == '}') {
                begin_word();
                word_->text += "$" + std::string(text_.substr(at_ + 2, length - 2));
                step(length + 1);
                return;
            }
        }
        add(next());
        step();
    }

    void replace_variables() {
        Variables variables;
        for (const auto& command : commands_) {
            for (const auto& word : command.words) {
                if (const auto name = assigned(word.text); !name.empty()) {
                    note(variables, name, std::string_view(word.text).substr(name.size() + 1));
                }
            }
            // What a loop, `read` or `config_get` puts there is not known.
            for (std::size_t i = 0; i + 1 < command.words.size(); ++i) {
                const auto& word = command.words[i].text;
                if (word == "for" || word == "read" || word == "config_get" || word == "local") {
                    variables[command.words[i + 1].text] = std::nullopt;
                }
            }
        }
        for (auto& command : commands_) {
            for (auto& word : command.words) {
                word.text = replaced(word.text, variables);
            }
        }
    }

    static void note(Variables& variables, std::string_view name, std::string_view value) {
        const auto [known, is_new] = variables.try_emplace(std::string(name), std::string(value));
        if ((!is_new && known->second != value) || value.empty() ||
            value.find('$') != std::string_view::npos) {
            known->second = std::nullopt;
        }
    }

    static std::string replaced(std::string_view word, const Variables& variables) {
        std::string out;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (word[i] != '$') {
                out += word[i];
                continue;
            }
            std::size_t end = i + 1;
            while (end < word.size() && is_name_character(word[end])) {
                ++end;
            }
            const auto known = variables.find(word.substr(i + 1, end - i - 1));
            if (known != variables.end() && known->second) {
                out += *known->second;
                i = end - 1;
            } else {
                out += word[i];
            }
        }
        return out;
    }

    std::string_view text_;
    FileName file_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    std::size_t begin_of_line_ = 0;
    std::optional<ShellWord> word_{};
    ShellCommand command_{"\n", {}};
    std::vector<ShellCommand> commands_{};
};

}  // namespace

bool ShellCommand::has(std::string_view text) const {
    return std::ranges::any_of(words, [&](const ShellWord& word) { return word.text == text; });
}

std::vector<ShellCommand> shell_commands(const config::NamedText& script) {
    return Scanner(script.text, FileName(script.name)).run();
}

}  // namespace causeway::check
