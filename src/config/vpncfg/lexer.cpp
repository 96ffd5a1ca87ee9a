#include "config/vpncfg/lexer.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

namespace causeway::config::vpncfg {
namespace {

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_octal(char c) {
    return c >= '0' && c <= '7';
}
bool is_word_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '.' || c == ':' || c == '-';
}

tl::unexpected<Error> refuse(Position at, std::string what, std::string remedy) {
    return fail(Error{Errc::malformed, std::move(what), Place{{}, at.line, at.column}, std::move(remedy)});
}

}  // namespace

void Lexer::step(std::size_t count) {
    for (; count > 0 && index_ < text_.size(); --count, ++index_) {
        if (text_[index_] == '\n') {
            ++here_.line;
            here_.column = 1;
        } else {
            ++here_.column;
        }
    }
}

std::string_view Lexer::rest_of_line() const {
    const auto rest = text_.substr(index_);
    return rest.substr(0, rest.find_first_of("\r\n"));
}

Result<> Lexer::skip_blanks_and_comments() {
    for (;;) {
        if (index_ < text_.size() && is_blank(at())) {
            step();
        } else if (at() == '/' && at(1) == '/') {
            step(rest_of_line().size());
        } else if (at() == '/' && at(1) == '*') {
            const auto opened = here_;
            const auto end = text_.find("*/", index_ + 2);
            if (end == std::string_view::npos) {
                return refuse(opened, "the comment that opens here has no end", "close it with */");
            }
            step(end + 2 - index_);
        } else {
            return {};
        }
    }
}

Result<Token> Lexer::next() {
    CAUSEWAY_CHECK(skip_blanks_and_comments());
    Token token;
    token.at = here_;
    if (index_ >= text_.size()) {
        token.behind = here_;
        return token;
    }
    if (at() == '"') {
        return string();
    }
    constexpr std::pair<char, Token::Kind> signs[] = {{'{', Token::Kind::open},
                                                      {'}', Token::Kind::close},
                                                      {'=', Token::Kind::equals},
                                                      {',', Token::Kind::comma},
                                                      {';', Token::Kind::semicolon}};
    token.kind = Token::Kind::other;
    for (const auto& [sign, kind] : signs) {
        if (at() == sign) {
            token.kind = kind;
        }
    }
    std::size_t size = 1;
    if (is_word_character(at())) {
        token.kind = Token::Kind::word;
        while (index_ + size < text_.size() && is_word_character(at(size))) {
            ++size;
        }
    }
    token.text = text_.substr(index_, size);
    index_ += size;
    here_.column += static_cast<std::uint32_t>(size);
    token.behind = here_;
    return token;
}

Result<Token> Lexer::string() {
    Token token{Token::Kind::string, {}, here_, {}};
    step();
    while (at() != '"') {
        if (index_ >= text_.size()) {
            return refuse(token.at, "the file ends inside the string that opens here",
                          "is the file complete? Otherwise close the string with \"");
        }
        if (at() == '\n' || at() == '\r') {
            return refuse(token.at, "the string that opens here is not closed on its line",
                          fmt::format("put the missing \" into line {}", token.at.line));
        }
        if (at() != '\\') {
            const auto plain = std::min(text_.find_first_of("\"\\\r\n", index_), text_.size()) - index_;
            token.text += text_.substr(index_, plain);
            index_ += plain;
            here_.column += static_cast<std::uint32_t>(plain);
            continue;
        }
        step();
        if (is_octal(at())) {
            unsigned octet = 0;
            for (int digits = 0; digits < 3 && is_octal(at()); ++digits) {
                octet = octet * 8 + static_cast<unsigned>(at() - '0');
                step();
            }
            token.text.push_back(static_cast<char>(octet & 0xff));
            continue;
        }
        constexpr std::string_view letters = "btnfr";
        constexpr std::string_view meanings = "\b\t\n\f\r";
        const auto letter = letters.find(at());
        if (index_ < text_.size() && at() != '\n' && at() != '\r') {
            token.text.push_back(letter != std::string_view::npos ? meanings[letter] : at());
            step();
        }
    }
    step();
    token.behind = here_;
    return token;
}

}  // namespace causeway::config::vpncfg
