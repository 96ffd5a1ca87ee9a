// Text of a swanctl.conf -> tokens with places, by the rules of strongSwan's settings_lexer.l: what stands behind
// a '=', a ':' or the word include follows rules of its own, so the parser asks for each. Used by the parser only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/swanctl/document.hpp"

namespace causeway::config::swanctl {

struct Token {
    enum class Kind {
        end,
        open,     ///< {
        close,    ///< }
        equals,   ///< =
        colon,    ///< :
        name,     ///< of a setting or a section
        include,  ///< the word, with something behind it that is no '='
        other,    ///< a '.', a ',' or a '"', which belong nowhere here
    };
    Kind kind = Kind::end;
    std::string_view text{};
    Position at{};
};

class Lexer {
 public:
    /// `text` must outlive the lexer and its tokens.
    explicit Lexer(std::string_view text) : text_(text) {}

    Token next();
    /// Behind a '='. An error for a string without end.
    Result<Value> value();
    /// Behind a ':', up to the '{'.
    std::vector<Reference> references();
    /// Behind the word include. An error for a string without end.
    Result<std::string> pattern();
    /// Where the next token is looked for.
    [[nodiscard]] Position here() const { return here_; }

 private:
    void step(std::size_t count = 1);
    void skip_blanks_and_comments();
    /// From the opening quote on; `lost` is set when a '\' has no meaning of its own.
    Result<std::string> string(bool& lost);
    /// The longest run of octets that are not among `excluded`.
    std::string_view run(std::string_view excluded);
    [[nodiscard]] bool at_end() const { return index_ >= text_.size(); }
    [[nodiscard]] char at(std::size_t ahead = 0) const {
        return index_ + ahead < text_.size() ? text_[index_ + ahead] : '\0';
    }

    std::string_view text_;
    std::size_t index_ = 0;
    Position here_{1, 1};
};

}  // namespace causeway::config::swanctl
