#include "config/ipsecconf/parse.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/findings.hpp"
#include "config/limits.hpp"
#include "config/words.hpp"

namespace causeway::config::ipsecconf {
namespace {

/// A file that includes others may be included itself; deeper than this it is a mistake.
constexpr std::size_t max_depth = 16;
constexpr std::size_t max_files = 1000;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/// What goes from one file to those that it includes.
struct State {
    Document document{};
    const Companions& companions;
    std::vector<std::string> open{};  ///< the files that are being read, outermost first
    std::size_t octets = 0;           ///< of all texts
    /// The section that was read last, wherever it stands: settings behind an `include` belong to it.
    std::optional<std::size_t> section{};
    bool told_of_cr = false;
};

Result<> read_file(State& state, std::string_view text, FileName name);

/// One word, one string in quotes, or what ends a line.
struct Token {
    enum class Kind { word, string, equals, end } kind = Kind::end;
    std::string text{};
    At at{};
};

class FileParser {
 public:
    FileParser(State& state, std::string_view text, std::uint32_t file)
        : state_(state), document_(state.document), text_(text), here_{1, 1, file} {}

    Result<> run() {
        if (text_.starts_with("\xEF\xBB\xBF")) {
            return refuse(here_, "the file begins with a byte order mark, at which strongSwan stops",
                          "save it as UTF-8 without one: tail -c +4 FILE > NEW");
        }
        while (index_ < text_.size()) {
            CAUSEWAY_CHECK(line());
        }
        return {};
    }

 private:
    [[nodiscard]] char at(std::size_t ahead = 0) const {
        return index_ + ahead < text_.size() ? text_[index_ + ahead] : '\0';
    }
    [[nodiscard]] bool at_end_of_line() const {
        return index_ >= text_.size() || at() == '\n' || (at() == '\r' && at(1) == '\n');
    }

    void step(std::size_t count = 1) {
        for (; count > 0 && index_ < text_.size(); --count, ++index_) {
            if (text_[index_] == '\n') {
                ++here_.line;
                here_.column = 1;
            } else {
                ++here_.column;
            }
        }
    }

    void skip_to_end_of_line() {
        const auto end = std::min(text_.find('\n', index_), text_.size());
        here_.column += static_cast<std::uint32_t>(end - index_);
        index_ = end;
    }

    [[nodiscard]] tl::unexpected<Error> refuse(const At& where, std::string what, std::string remedy) const {
        return fail(Error{Errc::malformed, std::move(what), document_.place(where), std::move(remedy)});
    }

    /// strongSwan knows no CR: it becomes part of the last word.
    void end_of_line() {
        if (at() == '\r' && at(1) == '\n') {
            if (!std::exchange(state_.told_of_cr, true)) {
                document_.surprises.push_back(finding<FindingId::ipsec_conf_with_cr>(document_.place(here_)));
            }
            step();
        }
        step();
    }

    Result<Token> next() {
        while (is_blank(at())) {
            step();
        }
        Token token{Token::Kind::end, {}, here_};
        if (at() == '#') {
            skip_to_end_of_line();
        }
        if (at_end_of_line()) {
            return token;
        }
        if (at() == '=') {
            token.kind = Token::Kind::equals;
            step();
            return token;
        }
        if (at() == '"') {
            return string();
        }
        token.kind = Token::Kind::word;
        // A key ID, `@#6f66`: this one sign starts no comment.
        std::size_t size = at() == '@' && at(1) == '#' ? 2 : 0;
        const auto end = text_.find_first_of("\"#= \t\r\n", index_ + size);
        size = std::min(end, text_.size()) - index_;
        // A CR within a line is part of a word.
        while (at(size) == '\r' && at(size + 1) != '\n') {
            size = std::min(text_.find_first_of("\"#= \t\r\n", index_ + size + 1), text_.size()) - index_;
        }
        token.text = text_.substr(index_, size);
        step(size);
        return token;
    }

    /// It may go on in the next line; `\` takes what follows as it stands, but for n, r and t.
    Result<Token> string() {
        Token token{Token::Kind::string, {}, here_};
        step();
        while (index_ < text_.size() && at() != '"') {
            if (at() != '\\') {
                token.text += at();
                step();
                continue;
            }
            step();
            if (at_end_of_line() && index_ < text_.size()) {
                step(at() == '\r' ? 2 : 1);
                continue;
            }
            constexpr std::string_view letters = "nrt";
            constexpr std::string_view meanings = "\n\r\t";
            const auto letter = letters.find(at());
            if (index_ < text_.size()) {
                token.text += letter != std::string_view::npos ? meanings[letter] : at();
            }
            step();
        }
        if (index_ >= text_.size()) {
            return refuse(token.at, "the file ends inside the string that opens here",
                          "close it with \" in the line where it opens");
        }
        step();
        return token;
    }

    Result<> line() {
        const bool indented = is_blank(at());
        const auto first = CAUSEWAY_TRY(next());
        if (first.kind == Token::Kind::end) {
            end_of_line();
            return {};
        }
        if (first.kind == Token::Kind::equals) {
            return refuse(first.at, "a '=' without a name in front", "write NAME=VALUE");
        }
        if (first.kind == Token::Kind::word && first.text.starts_with("version")) {
            skip_to_end_of_line();  // of FreeS/WAN's days, and passed over by all
            end_of_line();
            return {};
        }
        const auto second = CAUSEWAY_TRY(next());
        if (first.kind == Token::Kind::word && first.text == "include" &&
            second.kind != Token::Kind::equals) {
            return include(first, second);
        }
        return indented ? setting(first, second) : section(first, second);
    }

    Result<> only_on_its_line(std::string_view what) {
        const auto more = CAUSEWAY_TRY(next());
        if (more.kind != Token::Kind::end) {
            return refuse(more.at, fmt::format("text behind {}", what),
                          "remove it, or put it on an indented line of its own");
        }
        end_of_line();
        return {};
    }

    void begin(Section::Kind kind, std::string name, const At& where) {
        state_.section = document_.sections.size();
        document_.sections.push_back({kind, std::move(name), where, {}});
    }

    Result<> section(const Token& first, const Token& second) {
        if (second.kind == Token::Kind::equals) {
            return refuse(
                first.at,
                fmt::format("'{}' begins its line, where a section is expected", printable_name(first.text)),
                "put a blank in front of each setting; only 'config setup', 'conn' and 'ca' begin a line");
        }
        const bool named = second.kind == Token::Kind::word || second.kind == Token::Kind::string;
        if (first.text == "config" && named && second.text == "setup") {
            begin(Section::Kind::setup, {}, first.at);
            return only_on_its_line("'config setup'");
        }
        if (first.text == "conn" || first.text == "ca") {
            if (!named || second.text.empty()) {
                return refuse(first.at, fmt::format("this '{}' has no name", first.text),
                              fmt::format("write {} NAME", first.text));
            }
            begin(first.text == "ca" ? Section::Kind::ca : Section::Kind::conn, second.text, first.at);
            return only_on_its_line("the name of a section");
        }
        constexpr std::string_view known[] = {"conn", "config", "include"};
        const auto near = nearest(first.text, known);
        return refuse(
            first.at, "no section begins so",
            near ? fmt::format("did you mean '{}'?", *near == "config" ? "config setup" : *near)
                 : "an ipsec.conf has 'config setup', 'conn NAME' and 'ca NAME'; what belongs to them "
                   "is indented");
    }

    Result<> setting(const Token& key, const Token& equals) {
        if (equals.kind != Token::Kind::equals) {
            const bool section = key.text == "conn" || key.text == "ca" || key.text == "config";
            return refuse(key.at,
                          section
                              ? fmt::format("'{}' stands behind a blank, where only settings stand", key.text)
                              : fmt::format("there is no '=' behind '{}'", printable_name(key.text)),
                          section ? "remove the blanks in front of it" : "write NAME=VALUE");
        }
        if (key.text.empty()) {
            return refuse(key.at, "a '=' without a name in front", "write NAME=VALUE");
        }
        Setting setting{key.text, {}, key.at, key.at, false};
        std::size_t words = 0;
        for (;; ++words) {
            const auto token = CAUSEWAY_TRY(next());
            if (token.kind == Token::Kind::end) {
                break;
            }
            if (token.kind == Token::Kind::equals) {
                return refuse(token.at,
                              fmt::format("a second '=' in the value of '{}'", printable_name(key.text)),
                              "put the whole value in quotes: NAME=\"A=B\"");
            }
            setting.value += words == 0 ? "" : " ";
            setting.value += token.text;
            setting.at = words == 0 ? token.at : setting.at;
            setting.plain = words == 0 && token.kind == Token::Kind::word;
        }
        end_of_line();
        // What stands before the first section is nobody's, also to strongSwan.
        if (!state_.section) {
            document_.surprises.push_back(finding<FindingId::ipsec_setting_before_sections>(
                document_.place(setting.key_at), field<"option">(printable_name(setting.key))));
            return {};
        }
        document_.sections[*state_.section].settings.push_back(std::move(setting));
        return {};
    }

    Result<> include(const Token& first, const Token& pattern) {
        if (pattern.kind == Token::Kind::end || pattern.text.empty()) {
            return refuse(first.at, "this 'include' names no file", "write include FILE, or remove the line");
        }
        CAUSEWAY_CHECK(only_on_its_line("the file of an 'include'"));
        document_.sections.push_back({Section::Kind::include, pattern.text, first.at, {}});
        const auto place = document_.place(first.at);
        const auto name = field<"file">(printable(pattern.text));
        if (!state_.companions) {
            document_.surprises.push_back(finding<FindingId::ipsec_include_not_read>(place, name));
            return {};
        }
        const auto& from = *document_.files[here_.file];
        auto found = state_.companions(pattern.text, from);
        if (!found) {
            document_.surprises.push_back(finding<FindingId::file_unusable>(
                place, field<"what">(found.error().what), field<"remedy">(found.error().remedy)));
            return {};
        }
        if (found->empty()) {
            document_.surprises.push_back(finding<FindingId::ipsec_include_finds_nothing>(place, name));
        }
        for (const auto& file : *found) {
            if (std::ranges::find(state_.open, file.name) != state_.open.end() ||
                state_.open.size() >= max_depth) {
                document_.surprises.push_back(finding<FindingId::ipsec_include_in_circle>(place, name));
                continue;
            }
            CAUSEWAY_CHECK(read_file(state_, file.text, FileName(file.name)));
        }
        return {};
    }

    State& state_;
    Document& document_;
    std::string_view text_;
    std::size_t index_ = 0;
    At here_;
};

Result<> read_file(State& state, std::string_view text, FileName name) {
    auto& files = state.document.files;
    state.octets += text.size();
    if (state.octets > max_text) {
        return fail(
            Error{Errc::limit,
                  fmt::format("the file has {} octets{}, more than the {} that are read", state.octets,
                              files.empty() ? "" : " with what is included before it", max_text),
                  Place{name, 0, 0},
                  {}});
    }
    if (files.size() >= max_files) {
        return fail(Error{
            Errc::limit, fmt::format("more than {} files are included", max_files), Place{name, 0, 0}, {}});
    }
    files.push_back(name);
    state.open.push_back(*name);
    auto result = FileParser(state, text, static_cast<std::uint32_t>(files.size() - 1)).run();
    state.open.pop_back();
    return result;
}

}  // namespace

Result<Document> parse(const Source& source) {
    State state{.companions = source.companions};
    CAUSEWAY_CHECK(read_file(state, source.text, source.file));
    return std::move(state.document);
}

}  // namespace causeway::config::ipsecconf
