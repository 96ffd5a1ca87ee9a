#include "config/swanctl/lexer.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace causeway::config::swanctl {
namespace {

/// What no name of a section or setting has: NAME of settings_lexer.l.
constexpr std::string_view outside_names = "#{}:.,=\"\r\n\t ";
constexpr std::string_view blanks = "\t\r ";

bool is_blank(char c) {
    return blanks.find(c) != std::string_view::npos;
}

}  // namespace

void Lexer::step(std::size_t count) {
    for (; count > 0 && !at_end(); --count, ++index_) {
        if (text_[index_] == '\n') {
            ++here_.line;
            here_.column = 1;
        } else {
            ++here_.column;
        }
    }
}

std::string_view Lexer::run(std::string_view excluded) {
    const auto end = std::min(text_.find_first_of(excluded, index_), text_.size());
    const auto found = text_.substr(index_, end - index_);
    step(found.size());
    return found;
}

void Lexer::skip_blanks_and_comments() {
    while (!at_end()) {
        if (at() == '#') {
            run("\n");
        } else if (is_blank(at()) || at() == '\n') {
            step();
        } else {
            return;
        }
    }
}

Token Lexer::next() {
    skip_blanks_and_comments();
    Token token{Token::Kind::end, text_.substr(std::min(index_, text_.size()), 1), here_};
    if (at_end()) {
        return token;
    }
    constexpr std::pair<char, Token::Kind> signs[] = {{'{', Token::Kind::open},
                                                      {'}', Token::Kind::close},
                                                      {'=', Token::Kind::equals},
                                                      {':', Token::Kind::colon}};
    for (const auto& [sign, kind] : signs) {
        if (at() == sign) {
            token.kind = kind;
            step();
            return token;
        }
    }
    if (outside_names.find(at()) != std::string_view::npos) {
        token.kind = Token::Kind::other;
        step();
        return token;
    }
    token.kind = Token::Kind::name;
    token.text = run(outside_names);
    if (token.text == "include" && (at() == ' ' || at() == '\t')) {
        const auto behind = text_.find_first_not_of(" \t", index_);
        if (behind != std::string_view::npos && text_[behind] != '=') {
            token.kind = Token::Kind::include;
        }
    }
    return token;
}

Result<std::string> Lexer::string(bool& lost) {
    const auto opened = here_;
    std::string text;
    step();
    for (;;) {
        text += run("\\\"\r");
        if (at() == '"') {
            step();
            return text;
        }
        if (at() == '\r') {
            step();
            continue;
        }
        if (index_ + 1 >= text_.size()) {
            return fail(Error{Errc::malformed, "the file ends inside the string that opens here",
                              Place{{}, opened.line, opened.column}, "close the string with \""});
        }
        step();
        if (at() == '\n' || (at() == '\r' && at(1) == '\n')) {
            step(at() == '\n' ? 1 : 2);  // joins the lines
            continue;
        }
        constexpr std::string_view letters = "nrt";
        constexpr std::string_view meanings = "\n\r\t";
        const auto letter = letters.find(at());
        lost = lost || (letter == std::string_view::npos && at() != '"' && at() != '\\');
        text += letter != std::string_view::npos ? meanings[letter] : at();
        step();
    }
}

Result<Value> Lexer::value() {
    Value value;
    value.set = false;
    bool blank_before = true;
    std::size_t blanks_before = 0;
    std::size_t parts = 0;
    for (;;) {
        if (is_blank(at()) && !at_end()) {
            blanks_before += at() == ' ' ? 1 : at() == '\r' ? 0 : 2;
            blank_before = true;
            step();
            continue;
        }
        if (at_end() || at() == '\n' || at() == '#' || at() == '}') {
            value.cut_by_hash = at() == '#' && !blank_before && !at_end();
            break;
        }
        if (parts == 0) {
            value.at = here_;
        } else {
            value.text += ' ';
            value.exact = value.exact && blanks_before == 1;
            value.blanks_changed = value.blanks_changed || blanks_before != 1;
        }
        value.quoted = parts == 0 && at() == '"';
        if (at() == '"') {
            value.text += CAUSEWAY_TRY(string(value.backslash_lost));
            value.exact = false;
        } else {
            value.text += run("#}\"\r\n\t ");
        }
        ++parts;
        value.set = true;
        blank_before = false;
        blanks_before = 0;
    }
    if (!value.set) {
        value.at = here_;
    }
    value.last_line = here_.line;
    return value;
}

std::vector<Reference> Lexer::references() {
    std::vector<Reference> references;
    for (;;) {
        skip_blanks_and_comments();
        const auto begin = here_;
        constexpr std::string_view outside = "#{}:,=\"\r\n\t ";  // names with dots between them
        if (at() == ',') {
            step();
        } else if (!at_end() && outside.find(at()) == std::string_view::npos) {
            references.push_back({std::string(run(outside)), begin});
        } else {
            return references;
        }
    }
}

Result<std::string> Lexer::pattern() {
    std::string pattern;
    while (is_blank(at()) && !at_end()) {
        step();
    }
    while (!at_end() && !is_blank(at()) && at() != '\n' && at() != '#' && at() != '}') {
        if (at() == '"') {
            bool lost = false;
            return pattern + CAUSEWAY_TRY(string(lost));
        }
        if (at() == '\\') {
            constexpr std::string_view escaped = "\"#} ";
            if (at(1) != '\0' && escaped.find(at(1)) != std::string_view::npos) {
                step();
            }
            pattern += at();
            step();
            continue;
        }
        pattern += run("\"\\#}\r\n\t ");
    }
    return pattern;
}

}  // namespace causeway::config::swanctl
