#include "config/vpncfg/parse.hpp"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "config/vpncfg/lexer.hpp"
#include "config/words.hpp"

namespace causeway::config::vpncfg {
namespace {

using Kind = Token::Kind;

/// Values of these names are never quoted in a message: it may end up in a log.
bool holds_secret(std::string_view name) {
    return name == "key" || name.ends_with("_key") || name.ends_with("sharedkey") ||
           name.starts_with("passw");
}

class Parser {
 public:
    Parser(std::string_view text, std::uint32_t first_line) : lexer_(text, first_line) {}

    Result<Document> run() {
        CAUSEWAY_CHECK(advance());
        Document document;
        CAUSEWAY_CHECK(entries(document, 0));
        return document;
    }

 private:
    /// The next token becomes the current one.
    Result<> advance() {
        previous_ = std::move(current_);
        current_ = CAUSEWAY_TRY(lexer_.next());
        return {};
    }

    static tl::unexpected<Error> refuse(Position at, std::string what, std::string remedy) {
        return fail(
            Error{Errc::malformed, std::move(what), Place{{}, at.line, at.column}, std::move(remedy)});
    }

    /// The current token, as part of a statement about `name`.
    [[nodiscard]] std::string shown(std::string_view name) const {
        return holds_secret(name) && current_.kind != Kind::end ? "something" : shown();
    }
    [[nodiscard]] std::string shown() const {
        switch (current_.kind) {
            case Kind::end:
                return "the end of the file";
            case Kind::string:
                return "a string";  // never quoted: whatever slip led here, it may be the key
            default:
                return fmt::format("'{}'", printable(current_.text, 40));
        }
    }

    /// Until the closing brace of the block that stands open, or the end of the file at the top.
    Result<> entries(Block& block, unsigned depth) {
        auto& read = entries_[depth];
        read.clear();
        for (;;) {
            if (current_.kind == Kind::end && depth == 0) {
                keep(block, read);
                return {};
            }
            if (current_.kind == Kind::end) {
                return refuse(block.at, "the block that opens here has no closing brace",
                              "is the file complete? Otherwise add the missing }");
            }
            if (current_.kind == Kind::close) {
                if (depth > 0) {
                    keep(block, read);
                    return advance();
                }
                return refuse(current_.at, "a closing brace too many",
                              "remove this }, or look for a { that is missing above");
            }
            read.push_back(CAUSEWAY_TRY(entry(depth)));
        }
    }

    /// As many as there are, and no room for more.
    static void keep(Block& block, std::vector<Entry>& read) {
        block.entries.assign(std::make_move_iterator(read.begin()), std::make_move_iterator(read.end()));
        read.clear();
    }

    Result<Entry> entry(unsigned depth) {
        const auto first = current_;
        const auto before = previous_;
        if (current_.kind != Kind::word || !is_name(current_.text)) {
            return no_statement(before);
        }
        CAUSEWAY_CHECK(advance());
        Entry entry{first.text, {}, {}, first.at};
        if (current_.kind == Kind::equals) {
            CAUSEWAY_CHECK(values(entry));
            return entry;
        }
        if (current_.kind == Kind::open) {
            CAUSEWAY_CHECK(blocks(entry, depth));
            return entry;
        }
        if (before.kind == Kind::semicolon && before.at.line == first.at.line) {
            return prose(first.at);
        }
        if (current_.kind == Kind::word || current_.kind == Kind::string) {
            return refuse(first.behind,
                          fmt::format("there is no '=' between '{}' and {}", printable(first.text, 40),
                                      shown(first.text)),
                          "write NAME = VALUE;");
        }
        return refuse(
            current_.at,
            fmt::format("{} behind '{}', where '=' or '{{' belongs", shown(), printable(first.text, 40)),
            "write NAME = VALUE; or NAME { ... }");
    }

    /// A statement cannot start with the current token: what did the author mean?
    Result<Entry> no_statement(const Token& before) {
        if (before.kind == Kind::semicolon && current_.kind == Kind::semicolon) {
            return refuse(current_.at, "a second ';'", "remove it");
        }
        if (before.kind == Kind::semicolon && before.at.line == current_.at.line) {
            return prose(current_.at);
        }
        if (current_.kind == Kind::semicolon && before.kind == Kind::close) {
            return refuse(current_.at, "a ';' behind a closing brace", "remove the ';'");
        }
        if (current_.kind == Kind::open) {
            return refuse(current_.at, "a block without a name", "write NAME { ... }");
        }
        if (current_.kind == Kind::other) {
            return stray_octet();
        }
        return refuse(current_.at, fmt::format("{} where a name belongs", shown()),
                      "write NAME = VALUE; or NAME { ... }");
    }

    static Result<Entry> prose(Position at) {
        return refuse(at, "text behind the ';'", "remove it, or put // in front to make it a comment");
    }

    Result<Entry> stray_octet() {
        const char c = current_.text.front();
        if (c == '<') {
            return refuse(current_.at, "'<' where a name belongs: this looks like a tag of a web page",
                          "remove the tag, or copy the file from the page's source");
        }
        if (c == '/') {
            return refuse(current_.at, "a single '/'", "a comment starts with // or /*");
        }
        if (c == '#') {
            return refuse(current_.at, "'#' does not start a comment here", "a comment starts with // or /*");
        }
        if (static_cast<unsigned char>(c) >= 0x80 || c == '\0') {
            return refuse(current_.at,
                          fmt::format("the octet '{}' outside a string", printable(current_.text)),
                          "remove it; is this a text file?");
        }
        return refuse(current_.at, fmt::format("{} where a name belongs", shown()),
                      "write NAME = VALUE; or NAME { ... }");
    }

    Result<> values(Entry& entry) {
        for (;;) {
            CAUSEWAY_CHECK(advance());
            const auto separator = previous_;  // '=' or ','
            entry.values.push_back(CAUSEWAY_TRY(value(entry, separator)));
            if (current_.kind == Kind::semicolon) {
                return advance();
            }
            if (current_.kind != Kind::comma) {
                return no_end_of_statement(entry);
            }
        }
    }

    Result<Scalar> value(const Entry& entry, const Token& separator) {
        const auto token = current_;
        if (token.kind == Kind::string) {
            CAUSEWAY_CHECK(advance());
            return Scalar{Scalar::Kind::string, token.text, token.at};
        }
        if (token.kind == Kind::word) {
            CAUSEWAY_CHECK(advance());
            if (separator.kind == Kind::comma &&
                (current_.kind == Kind::equals || current_.kind == Kind::open)) {
                return refuse(
                    separator.at,
                    fmt::format("a comma between the value of '{}' and {}", entry.name,
                                holds_secret(entry.name) ? "what follows"
                                                         : fmt::format("'{}'", printable(token.text, 40))),
                    "write ';' instead of ','");
            }
            if (current_.kind == Kind::equals ||
                (current_.kind == Kind::open && token.at.line != separator.at.line)) {
                return refuse(separator.behind, fmt::format("'{}' has no value", entry.name),
                              "write NAME = VALUE;");
            }
            if (!is_word(token.text) && holds_secret(entry.name)) {
                return refuse(token.at, fmt::format("the value of '{}' without quotes", entry.name),
                              fmt::format("write {} = \"...\";", entry.name));
            }
            if (!is_word(token.text)) {
                return refuse(token.at, fmt::format("'{}' without quotes", printable(token.text, 60)),
                              fmt::format("write {} = \"{}\";", entry.name, printable(token.text, 60)));
            }
            return Scalar{Scalar::Kind::word, token.text, token.at};
        }
        if (token.kind == Kind::other && (token.text == "$" || token.text == "#")) {
            return refuse(
                token.at,
                fmt::format("the value of '{}' looks like a placeholder that nobody filled in", entry.name),
                "write the value itself");
        }
        if (token.kind == Kind::other && token.text == "'") {
            return refuse(token.at, fmt::format("the value of '{}' stands in single quotes", entry.name),
                          "use double quotes");
        }
        if (token.kind == Kind::other) {
            return refuse(token.at, fmt::format("{} in the value of '{}'", shown(entry.name), entry.name),
                          "put the value in double quotes");
        }
        if (token.kind == Kind::end) {
            return refuse(token.at, fmt::format("the file ends before the value of '{}'", entry.name),
                          "is the file complete?");
        }
        return refuse(separator.behind, fmt::format("'{}' has no value", entry.name), "write NAME = VALUE;");
    }

    /// Behind a value stands neither ',' nor ';'.
    Result<> no_end_of_statement(const Entry& entry) {
        const auto& value = entry.values.back();
        const bool touches =
            current_.at.line == previous_.behind.line && current_.at.column == previous_.behind.column;
        if (value.kind == Scalar::Kind::string && value.text.empty() && touches &&
            (current_.kind == Kind::word || current_.kind == Kind::string || current_.kind == Kind::other)) {
            return refuse(value.at, fmt::format("doubled quotes around the value of '{}'", entry.name),
                          fmt::format("write {} = \"...\"; with one quote on each side", entry.name));
        }
        if (current_.at.line == previous_.behind.line && current_.kind != Kind::close &&
            current_.kind != Kind::end) {
            return refuse(
                current_.at,
                fmt::format("{} behind the value of '{}', where ';' belongs", shown(entry.name), entry.name),
                value.kind == Scalar::Kind::word
                    ? "put the value in quotes, or end it with ';'"
                    : "end the value with ';'; a quote inside it is written \\\"");
        }
        return refuse(previous_.behind,
                      fmt::format("the ';' behind the value of '{}' is missing", entry.name),
                      fmt::format("put ';' at the end of line {}", previous_.behind.line));
    }

    Result<> blocks(Entry& entry, unsigned depth) {
        if (depth + 1 >= max_depth) {
            return fail(Error{Errc::limit,
                              fmt::format("blocks are nested more than {} deep", max_depth),
                              Place{{}, current_.at.line, current_.at.column},
                              {}});
        }
        while (current_.kind == Kind::open) {
            Block block{{}, current_.at};
            CAUSEWAY_CHECK(advance());
            CAUSEWAY_CHECK(entries(block, depth + 1));
            entry.blocks.push_back(std::move(block));
        }
        return {};
    }

    Lexer lexer_;
    std::array<std::vector<Entry>, max_depth> entries_;  ///< of the block that is open at each depth
    Token previous_;
    Token current_;
};

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

bool is_export(std::string_view text) {
    const auto first = text.substr(0, text.find('\n'));
    // The section alone, cut out of an export, is as good.
    return first.starts_with("**** CFGFILE:") ||
           (first.starts_with("**** ") && first.find("CONFIGURATION EXPORT") != std::string_view::npos);
}

std::optional<Exported> vpncfg_of_export(std::string_view text) {
    Exported part;
    bool inside = false;
    std::uint32_t line = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const auto whole = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
        text.remove_prefix(whole.size());
        ++line;
        if (!inside) {
            auto content = whole.substr(0, whole.find_first_of("\r\n"));
            inside = content == "**** CFGFILE:vpn.cfg" || content == "**** CFGFILE: vpn.cfg";
            part.first_line = line + 1;
            continue;
        }
        if (whole.starts_with("**** END OF ")) {
            return part;
        }
        // The export doubles every backslash once more.
        for (std::size_t i = 0; i < whole.size(); ++i) {
            part.text.push_back(whole[i]);
            if (whole[i] == '\\' && i + 1 < whole.size() && whole[i + 1] == '\\') {
                ++i;
            }
        }
    }
    return inside ? std::optional(part) : std::nullopt;
}

Result<Document> parse(std::string_view text) {
    if (text.size() > max_text) {
        return fail(Errc::limit, fmt::format("the file has {} octets, more than the {} that are read",
                                             text.size(), max_text));
    }
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    if (!is_export(text)) {
        return Parser(text, 1).run();
    }
    const auto part = vpncfg_of_export(text);
    if (!part) {
        return fail(Errc::not_found, "this settings export has no section CFGFILE:vpn.cfg");
    }
    return Parser(part->text, part->first_line).run();
}

}  // namespace causeway::config::vpncfg
