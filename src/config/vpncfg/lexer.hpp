// Text of a vpncfg -> tokens with places. Strings first: a brace or semicolon inside one is text. Used by the
// parser only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/vpncfg/document.hpp"

namespace causeway::config::vpncfg {

struct Token {
    enum class Kind {
        end,
        open,       ///< {
        close,      ///< }
        equals,     ///< =
        comma,      ///< ,
        semicolon,  ///< ;
        string,
        word,   ///< letters, digits and _ . : -
        other,  ///< an octet that belongs nowhere; the parser knows best what to say of it
    };
    Kind kind = Kind::end;
    std::string text{};  ///< of strings: without quotes and escapes
    Position at{};
    Position behind{};  ///< just behind its last octet
};

class Lexer {
 public:
    /// `first_line`: the number of the text's first line, for a part of a larger file.
    Lexer(std::string_view text, std::uint32_t first_line) : text_(text), here_{first_line, 1} {}

    /// An error for a string or comment without end.
    Result<Token> next();
    /// From a place in the text to the end of its line, for messages.
    [[nodiscard]] std::string_view rest_of_line() const;

 private:
    Result<> skip_blanks_and_comments();
    Result<Token> string();
    void step(std::size_t count = 1);
    [[nodiscard]] char at(std::size_t ahead = 0) const {
        return index_ + ahead < text_.size() ? text_[index_ + ahead] : '\0';
    }

    std::string_view text_;
    std::size_t index_ = 0;
    Position here_;
};

}  // namespace causeway::config::vpncfg
