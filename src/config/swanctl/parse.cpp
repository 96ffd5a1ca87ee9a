#include "config/swanctl/parse.hpp"

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "base/place.hpp"
#include "config/limits.hpp"
#include "config/swanctl/lexer.hpp"
#include "config/words.hpp"

namespace causeway::config::swanctl {
namespace {

using Kind = Token::Kind;

tl::unexpected<Error> refuse(Position at, std::string what, std::string remedy) {
    return fail(Error{Errc::malformed, std::move(what), Place{{}, at.line, at.column}, std::move(remedy)});
}

class Parser {
 public:
    explicit Parser(std::string_view text) : lexer_(text) {}

    Result<Document> run() {
        Document document;
        CAUSEWAY_CHECK(entries(document, nullptr, 0));
        return document;
    }

 private:
    /// Until the closing brace of `section`, or the end of the file at the top.
    Result<> entries(std::vector<Entry>& read, const Entry* section, unsigned depth) {
        for (;;) {
            const auto token = lexer_.next();
            switch (token.kind) {
                case Kind::end:
                    return section == nullptr ? Result<>{} : not_closed(*section);
                case Kind::close:
                    return section != nullptr ? Result<>{} : brace_too_many(token);
                case Kind::include: {
                    Entry entry{Entry::Kind::include, {}, token.at};
                    entry.name = CAUSEWAY_TRY(lexer_.pattern());
                    read.push_back(std::move(entry));
                    break;
                }
                case Kind::name:
                    read.push_back(CAUSEWAY_TRY(statement(token, depth)));
                    break;
                default:
                    return no_statement(token);
            }
        }
    }

    Result<Entry> statement(const Token& name, unsigned depth) {
        Entry entry{Entry::Kind::setting, std::string(name.text), name.at};
        auto token = lexer_.next();
        if (token.kind == Kind::equals) {
            entry.value = CAUSEWAY_TRY(lexer_.value());
            last_setting_ = entry.name;
            last_line_ = entry.value.last_line;
            return entry;
        }
        if (token.kind == Kind::colon) {
            entry.references = lexer_.references();
            if (entry.references.empty()) {
                return refuse(token.at, fmt::format("no section is named behind '{} :'", shown(name)),
                              "write NAME : OTHER { ... }");
            }
            token = lexer_.next();
        }
        if (token.kind != Kind::open) {
            return neither(name, token);
        }
        if (depth == max_depth) {
            return refuse(name.at, fmt::format("sections are nested more than {} deep", max_depth),
                          "close the sections before this one");
        }
        entry.kind = Entry::Kind::section;
        CAUSEWAY_CHECK(entries(entry.entries, &entry, depth + 1));
        return entry;
    }

    static std::string shown(const Token& token) { return printable(token.text, 40); }

    static tl::unexpected<Error> not_closed(const Entry& section) {
        return refuse(
            section.at,
            fmt::format("the section '{}' that opens here has no closing brace", printable(section.name, 40)),
            "is the file complete? Otherwise add the missing }");
    }

    tl::unexpected<Error> brace_too_many(const Token& token) const {
        return refuse(
            token.at, "a closing brace too many",
            behind_value(token.at) ? quote_it() : "remove this }, or look for a { that is missing above");
    }

    /// A '}' ends a value without quotes: what follows on its line was meant to be part of it.
    [[nodiscard]] bool behind_value(Position at) const {
        return !last_setting_.empty() && at.line == last_line_;
    }
    [[nodiscard]] std::string quote_it() const {
        return fmt::format("a }} ends a value without quotes: put the value of '{}' in quotes",
                           printable(last_setting_, 40));
    }

    /// Neither '=' nor '{' behind a name.
    [[nodiscard]] tl::unexpected<Error> neither(const Token& name, const Token& token) const {
        if (behind_value(name.at)) {
            return refuse(name.at, fmt::format("text behind the value of '{}'", printable(last_setting_, 40)),
                          quote_it());
        }
        if (token.kind == Kind::other && token.text == ".") {
            return refuse(
                token.at,
                fmt::format("a '.' in a name, behind '{}'", printable_name(name.text.substr(0, 40))),
                "names of sections and settings have no '.'; write far-example for far.example");
        }
        const auto* const found = token.kind == Kind::end     ? "the file ends"
                                  : token.kind == Kind::close ? "there is a '}'"
                                                              : "there is something else";
        return refuse(token.kind == Kind::end ? name.at : token.at,
                      fmt::format("{} behind '{}', where '=' or '{{' belongs", found,
                                  printable_name(name.text.substr(0, 40))),
                      "write NAME = VALUE or NAME { ... }");
    }

    [[nodiscard]] tl::unexpected<Error> no_statement(const Token& token) const {
        if (behind_value(token.at)) {
            return refuse(token.at,
                          fmt::format("text behind the value of '{}'", printable(last_setting_, 40)),
                          quote_it());
        }
        if (token.kind == Kind::open) {
            return refuse(token.at, "a section without a name", "write NAME { ... }");
        }
        if (token.text == "\"") {
            return refuse(token.at, "a string where a name belongs", "write NAME = \"VALUE\"");
        }
        return refuse(token.at, fmt::format("'{}' where a name belongs", shown(token)),
                      "write NAME = VALUE or NAME { ... }");
    }

    Lexer lexer_;
    std::string last_setting_;     ///< the name of the setting that was read last
    std::uint32_t last_line_ = 0;  ///< where its value ends
};

}  // namespace

Result<Document> parse(std::string_view text) {
    if (text.size() > max_text) {
        return fail(
            Error{Errc::limit, fmt::format("the file is larger than {} MiB", max_text >> 20U), {}, {}});
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        return refuse(
            {1, 1},
            "the file begins with a byte order mark, which strongSwan takes for part of the first name",
            "save it as UTF-8 without one: tail -c +4 FILE > NEW");
    }
    return Parser(text).run();
}

}  // namespace causeway::config::swanctl
