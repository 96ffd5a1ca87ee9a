// A UCI package as a tree: what libuci keeps of a file, with the place of every value. The parser and the
// mapper to other formats make it, the writer prints it, the mapper to the model reads it. It knows nothing
// of IPsec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace causeway::config::uci {

/// Line and column from 1, in octets; 0 when the value was not read from a file.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// The words of a document, of which it has views. They are wiped with it: keys are among them.
class Texts {
 public:
    Texts() = default;
    Texts(const Texts&) = delete;
    Texts& operator=(const Texts&) = delete;
    Texts(Texts&&) noexcept = default;
    Texts& operator=(Texts&&) noexcept = default;
    ~Texts();

    /// A copy that stays where it is as long as this lives.
    std::string_view keep(std::string_view text);
    /// The same, once for all that are equal: for what stands on every other line.
    std::string_view keep_once(std::string_view text);

 private:
    std::vector<std::vector<char>> blocks_;
    std::size_t used_ = 0;  ///< of the last block
    std::unordered_set<std::string_view> once_;
};

struct Value {
    std::string_view text;
    Position at{};
};

/// At least one value. A file has thousands of options and hardly a list: one value takes no memory of its
/// own.
class Values {
 public:
    Values(const Value& first) : first_(first) {}  // NOLINT(google-explicit-constructor): it is one value

    void push_back(const Value& value) {
        if (!all_) {
            all_ = std::make_unique<std::vector<Value>>(1, first_);
        }
        all_->push_back(value);
    }
    [[nodiscard]] const Value& front() const { return first_; }
    [[nodiscard]] const Value& operator[](std::size_t i) const { return begin()[i]; }
    [[nodiscard]] std::size_t size() const { return all_ ? all_->size() : 1; }
    [[nodiscard]] const Value* begin() const { return all_ ? all_->data() : &first_; }
    [[nodiscard]] const Value* end() const { return begin() + size(); }

 private:
    Value first_;
    std::unique_ptr<std::vector<Value>> all_;  ///< when there are more
};

/// `option NAME 'VALUE'`, or all `list NAME 'VALUE'` of one name.
struct Option {
    std::string_view name;
    bool is_list = false;
    Values values;  ///< one unless `is_list`
    Position at{};  ///< of the name, where it stands first
};

using IndexByName = std::unordered_map<std::string_view, std::size_t>;

struct Section {
    std::string_view type;
    std::string_view name;  ///< libuci's "cfg01b606" when anonymous
    bool anonymous = false;
    std::vector<Option> options;
    Position at{};
    /// Where in `options` a name is: the parser makes it for a section that has many. Options that are added
    /// or moved later need not be in it.
    std::unique_ptr<IndexByName> by_name{};

    [[nodiscard]] const Option* find(std::string_view option) const;
};

/// What libuci does without a word and the author of the file hardly meant.
struct Surprise {
    Position at{};
    std::string what;
    std::string consequence;
    std::string remedy;
};

struct Document {
    Texts texts;                      ///< what the views below are of
    std::vector<Section> sections;    ///< one of each name
    std::vector<Surprise> surprises;  ///< in the order of the file
    /// Where in `sections` a name is; the parser fills it. Sections that are added later need not be in it.
    IndexByName by_name;

    [[nodiscard]] const Section* find(std::string_view name) const;
};

/// The name that libuci gives to an anonymous section: its number in the package (named ones count) and a
/// hash of its type.
std::string anonymous_name(std::size_t number, std::string_view type);

/// Same sections, names, options and values; places and surprises do not count.
bool same_content(const Document& a, const Document& b);

}  // namespace causeway::config::uci
