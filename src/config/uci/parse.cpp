#include "config/uci/parse.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/event.hpp"
#include "base/findings.hpp"
#include "base/sort.hpp"
#include "config/uci/line.hpp"
#include "config/words.hpp"

namespace causeway::config::uci {
namespace {

// The C locale's isspace() and isalnum(), whatever locale the program runs in.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_name(std::string_view text, bool dash_allowed = false) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_name_character(c) || (dash_allowed && c == '-');
    });
}
bool is_type(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

enum class Argument { text, name, package };

class Parser {
 public:
    explicit Parser(std::string_view text) : line_(text) {
        document_.sections.reserve(most_likely_sections(text));
    }

    Result<Document> run() {
        while (line_.next()) {
            if (line_.at(0) != '\0') {
                CAUSEWAY_CHECK(commands());
            }
        }
        keep_options();
        for (const auto& at : line_.cut_by_nul()) {
            surprise<FindingId::nul_in_line>(at);
        }
        sort_stably_by(document_.surprises, [](const Finding& one) { return one.place().line; });
        return std::move(document_);
    }

 private:
    /// Most files write one `config` to a line, from its first column.
    static std::size_t most_likely_sections(std::string_view text) {
        constexpr std::string_view begin = "\nconfig ";
        std::size_t count = 1;
        for (auto at = text.find(begin); at != std::string_view::npos;
             at = text.find(begin, at + begin.size())) {
            ++count;
        }
        return count;
    }

    /// `reason` in libuci's words, `remedy` in ours: what was expected. The line and byte of the text are
    /// libuci's, which often lie behind the culprit; the place is where to look.
    tl::unexpected<Error> refuse(std::string_view reason, std::string remedy, Position at) {
        if (swallowed_) {
            at = swallowed_->opened;
            remedy = fmt::format(
                "the quote that opens in line {}, column {} is not closed and swallows line {}; "
                "close it in line {}",
                at.line, at.column, swallowed_->line, at.line);
        }
        return fail(
            Error{Errc::malformed,
                  fmt::format("Parse error ({}) at line {}, byte {}", reason, line_.lines_read(), line_.pos),
                  Place{{}, at.line, at.column}, std::move(remedy)});
    }
    tl::unexpected<Error> refuse(std::string_view reason, std::string remedy) {
        return refuse(reason, std::move(remedy), line_.position(std::min(line_.pos, line_.filled())));
    }

    static std::string no_keyword(std::string_view word) {
        constexpr std::string_view keywords[] = {"package", "config", "option", "list"};
        const auto bare = word.substr(0, word.find_first_of("\r\n"));
        if (std::ranges::find(keywords, bare) != std::end(keywords)) {
            return fmt::format("nothing follows '{}' on its line", bare);
        }
        if (const auto near = nearest(bare, keywords)) {
            return fmt::format("did you mean '{}'?", *near);
        }
        return "a line starts with package, config, option or list, or is a comment with #";
    }

    /// The file is known to the mapper alone.
    static Place place_at(Position at) { return {{}, at.line, at.column}; }

    template <FindingId id, FieldName... names>
    void surprise(Position at, Field<names>... fields) {
        document_.surprises.push_back(finding<id>(place_at(at), std::move(fields)...));
    }
    /// `other`: the line that it has to do with; its number is a field.
    template <FindingId id, FieldName... names>
    void surprise_with(Position other, Position at, Field<names>... fields) {
        document_.surprises.push_back(finding<id>(std::vector{place_at(at), place_at(other)},
                                                  std::move(fields)...,
                                                  field<"line">(std::to_string(other.line))));
    }

    void skip_space() {
        while (is_space(line_.current())) {
            ++line_.pos;
        }
    }

    /// One logical line; commands after a ';' belong to it.
    Result<> commands() {
        skip_space();
        for (;;) {
            // The keyword ends at a blank or tab only, so that "option\n" is no keyword.
            auto start = line_.pos;
            while (line_.at(start) == ' ' || line_.at(start) == '\t') {
                ++start;
            }
            auto end = start;
            while (line_.at(end) != '\0' && line_.at(end) != ' ' && line_.at(end) != '\t') {
                ++end;
            }
            if (start == end || line_.at(start) == '#') {
                return {};
            }
            if (line_.at(end) != '\0') {
                line_.put(end, '\0');
            }
            keyword_at_ = line_.position(start);
            const auto word = line_.string(start);
            if (word == "package" || word == "p") {
                CAUSEWAY_CHECK(package(end + 1));
            } else if (word == "config" || word == "c") {
                CAUSEWAY_CHECK(config(end + 1));
            } else if (word == "option" || word == "o") {
                CAUSEWAY_CHECK(option(end + 1, false));
            } else if (word == "list" || word == "l") {
                CAUSEWAY_CHECK(option(end + 1, true));
            } else {
                return refuse("invalid command", no_keyword(word));
            }
        }
    }

    Result<> package(std::size_t arguments) {
        CAUSEWAY_CHECK(enter(arguments, "package without name", "write package NAME"));
        CAUSEWAY_CHECK(argument(true, Argument::package));
        // A file of the configuration directory is named by its path; the statement is checked and has no
        // effect.
        return end_of_command();
    }

    Result<> config(std::size_t arguments) {
        CAUSEWAY_CHECK(enter(arguments, "config without name", "write config TYPE 'NAME'"));
        const auto type_at = CAUSEWAY_TRY(argument(true, Argument::text));
        if (!is_type(line_.string(type_at))) {
            return refuse("invalid character in type field", "a type has no blanks and only ASCII characters",
                          argument_at_);
        }
        const auto name_at = CAUSEWAY_TRY(argument(false, Argument::name));
        CAUSEWAY_CHECK(end_of_command());
        const auto type = line_.string(type_at);
        const auto name = line_.string(name_at);
        auto& sections = document_.sections;
        const auto given = document_.texts.keep(name.empty() ? anonymous_name(sections.size() + 1, type)
                                                             : std::string(name));
        const auto known = name.empty() ? sections.size() : document_.by_name.find(sections, given);
        keep_options();
        if (known < sections.size()) {
            return again(sections[known], type);
        }
        current_ = sections.size();
        sections.push_back({document_.texts.keep_once(type), given, name.empty(), {}, keyword_at_});
        document_.by_name.tell_of(sections);
        is_new_ = true;
        in_section_ = true;
        return {};
    }

    /// The name of a section that stands in the file already.
    Result<> again(const Section& first, std::string_view type) {
        if (first.type != type) {
            return refuse("section of different type overwrites prior section with same name",
                          fmt::format("line {} has '{}' as a '{}'; give one of them another name",
                                      first.at.line, first.name, printable(first.type, 40)),
                          keyword_at_);
        }
        surprise_with<FindingId::section_again>(first.at, keyword_at_,
                                                field<"section">(std::string(first.name)));
        current_ = static_cast<std::size_t>(&first - document_.sections.data());
        is_new_ = false;
        return {};
    }

    /// What a new section has is gathered beside it, and takes then as much room as it needs.
    std::vector<Option>& options() { return is_new_ ? options_ : document_.sections[current_].options; }
    void keep_options() {
        constexpr std::size_t many = 1024;
        if (is_new_ && options_.size() < many) {
            document_.sections[current_].options.assign(std::make_move_iterator(options_.begin()),
                                                        std::make_move_iterator(options_.end()));
        } else if (is_new_) {
            document_.sections[current_].options = std::move(options_);
        }
        options_.clear();
        is_new_ = false;
    }

    Result<> option(std::size_t arguments, bool is_list) {
        if (!in_section_) {
            return refuse("option/list command found before the first section",
                          "begin with a line like config remote 'NAME'");
        }
        CAUSEWAY_CHECK(enter(arguments, "option without name", "write option NAME 'VALUE'"));
        const auto name_at = CAUSEWAY_TRY(argument(true, Argument::name));
        const auto value_at = CAUSEWAY_TRY(argument(false, Argument::text));
        const auto value_position = argument_at_;
        const auto value_end = line_.position(line_.pos).line;
        CAUSEWAY_CHECK(end_of_command());
        const auto text = line_.string(value_at);
        const auto name = line_.string(name_at);
        if (text.find('\n') != std::string_view::npos) {
            surprise<FindingId::value_spans_lines>(value_position, field<"option">(printable_name(name)),
                                                   field<"first">(std::to_string(value_position.line)),
                                                   field<"last">(std::to_string(value_end)));
        }
        if (text.empty() && !is_list) {
            // libuci neither sets nor deletes anything here. The name is not quoted: where the blank between
            // name and value is missing, it has the value in it, which may be a key.
            surprise<FindingId::option_without_value>(keyword_at_);
            return {};
        }
        store(name, {document_.texts.keep(text), value_position}, is_list);
        return {};
    }

    void store(std::string_view name, const Value& value, bool is_list) {
        auto& index = document_.sections[current_].by_name;
        auto& all = options();
        const auto known = place_of(index, all, name);
        if (known == all.size()) {
            all.push_back({document_.texts.keep_once(name), is_list, value, keyword_at_});
            if (index) {
                index->tell_of(all);
            }
            return;
        }
        auto& option = all[known];
        if (!is_list) {
            if (option.is_list || option.values.front().text != value.text) {
                surprise_with<FindingId::option_again>(option.at, keyword_at_,
                                                       field<"option">(printable_name(name)));
            }
            option.is_list = false;
            option.values = value;
            return;
        }
        if (!option.is_list) {
            surprise_with<FindingId::list_after_option>(option.at, keyword_at_,
                                                        field<"option">(printable_name(name)));
        }
        option.is_list = true;
        option.values.push_back(value);
    }

    /// Of the option of that name, or the number of options for one that is added next.
    static std::size_t place_of(std::unique_ptr<NameIndex>& index, const std::vector<Option>& options,
                                std::string_view name) {
        constexpr std::size_t few = 32;
        if (options.size() < few) {
            return static_cast<std::size_t>(std::ranges::find(options, name, &Option::name) -
                                            options.begin());
        }
        if (!index) {
            index = std::make_unique<NameIndex>();
            index->tell_of(options);
        }
        return index->find(options, name);
    }

    Result<> enter(std::size_t arguments, std::string_view reason, const char* remedy) {
        if (arguments > line_.filled()) {
            return refuse(reason, remedy);
        }
        line_.pos = arguments;
        return {};
    }

    /// Unquotes the next word in place and returns where it starts in the buffer; an empty word when there is
    /// none.
    Result<std::size_t> argument(bool required, Argument kind) {
        skip_space();
        const auto start = line_.pos;
        argument_at_ = line_.position(start);
        if (line_.current() == ';') {
            line_.put(line_.pos++, '\0');
        } else {
            CAUSEWAY_CHECK(word(start));
        }
        if (line_.at(start) == '\0') {
            if (required) {
                return refuse("insufficient arguments", "a word is missing behind the keyword", keyword_at_);
            }
            return start;
        }
        if (kind != Argument::text && !is_name(line_.string(start), kind == Argument::package)) {
            return refuse("invalid character in name field",
                          "a name has letters, digits and underscores only", argument_at_);
        }
        return start;
    }

    Result<> end_of_command() {
        const auto extra = CAUSEWAY_TRY(argument(false, Argument::text));
        if (!line_.string(extra).empty()) {
            return refuse("too many arguments", "put a value that has blanks in quotes", argument_at_);
        }
        return {};
    }

    /// `to` follows behind `pos` as quotes and backslashes are dropped.
    Result<> word(std::size_t to) {
        const auto start = to;
        bool skip_terminator = true;
        do {
            const char c = line_.current();
            if (c == '\'') {
                CAUSEWAY_CHECK(single_quoted(to));
            } else if (c == '"') {
                CAUSEWAY_CHECK(double_quoted(to));
            } else if (c == '#') {
                if (line_.pos > start) {
                    surprise<FindingId::comment_in_word>(line_.position(line_.pos));
                }
                line_.put(line_.pos, '\0');
            } else if (c == ';') {
                skip_terminator = false;
                if (to == line_.pos) {
                    lost_behind_semicolon();
                }
                break;
            } else if (c == '\\') {
                if (backslash()) {
                    copy(to);
                }
            } else if (c != '\0') {
                copy(to);
            }
        } while (line_.current() != '\0' && !is_space(line_.current()));
        if (skip_terminator && line_.current() != '\0') {
            ++line_.pos;
        }
        line_.put(to, '\0');
        return {};
    }

    /// The NUL that ends a bare word takes the place of the ';', and with it goes the rest of the line. What
    /// is lost is not quoted: it may be half a key.
    void lost_behind_semicolon() {
        if (!std::ranges::all_of(line_.string(line_.pos + 1), is_space)) {
            surprise<FindingId::semicolon_behind_word>(line_.position(line_.pos));
        }
    }

    Result<> single_quoted(std::size_t& to) {
        const auto opened = line_.position(line_.pos);
        ++line_.pos;
        while (line_.current() != '\'') {
            if (line_.current() == '\0') {
                CAUSEWAY_CHECK(continued("EOF with unterminated '", opened));
            } else {
                line_.move_to(to, "'");
            }
        }
        ++line_.pos;
        return {};
    }

    Result<> double_quoted(std::size_t& to) {
        const auto opened = line_.position(line_.pos);
        ++line_.pos;
        while (line_.current() != '"') {
            if (line_.current() == '\0') {
                CAUSEWAY_CHECK(continued("EOF with unterminated \"", opened));
            } else if (line_.current() != '\\') {
                line_.move_to(to, "\"\\");
            } else if (backslash()) {
                copy(to);
            }
        }
        ++line_.pos;
        return {};
    }

    Result<> continued(std::string_view reason, Position opened) {
        line_.extend();
        if (!swallowed_ && begins_with_keyword(line_.string(line_.pos))) {
            swallowed_ = Swallowed{opened, line_.position(line_.pos).line};
        }
        if (line_.current() == '\0') {
            return refuse(reason,
                          fmt::format("the quote that opens in line {}, column {} is not closed", opened.line,
                                      opened.column),
                          opened);
        }
        return {};
    }

    /// True when the character behind the backslash is to be copied; at a line end the next line is joined.
    bool backslash() {
        const auto behind = ++line_.pos;
        const bool crlf_at_end =
            line_.at(behind) == '\r' && line_.at(behind + 1) == '\n' && line_.at(behind + 2) == '\0';
        if (line_.at(behind) == '\0' || line_.at(behind) == '\n' || crlf_at_end) {
            line_.extend();
            return false;
        }
        return true;
    }

    void copy(std::size_t& to) { line_.put(to++, line_.at(line_.pos++)); }

    static bool begins_with_keyword(std::string_view text) {
        const auto words = text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
        return std::ranges::any_of(std::initializer_list<std::string_view>{"option", "list", "config"},
                                   [&](std::string_view keyword) {
                                       return words.starts_with(keyword) && words.size() > keyword.size() &&
                                              is_space(words[keyword.size()]);
                                   });
    }

    LogicalLine line_;
    Document document_;
    /// The first quote that has a line in it which was hardly meant as text. Behind a quote that is missing,
    /// every other opens where it should close, and libuci stops far away.
    struct Swallowed {
        Position opened;
        std::uint32_t line = 0;
    };
    std::optional<Swallowed> swallowed_;
    Position keyword_at_{};
    Position argument_at_{};
    bool in_section_ = false;
    std::size_t current_ = 0;  ///< section
    bool is_new_ = false;      ///< it stands in the file for the first time
    std::vector<Option> options_;
};

}  // namespace

Result<Document> parse(std::string_view text) {
    if (text.size() > max_text) {
        return fail(Errc::limit, fmt::format("the file has {} octets, more than the {} that are read",
                                             text.size(), max_text));
    }
    return Parser(text).run();
}

}  // namespace causeway::config::uci
