// A UCI package as a tree: what libuci keeps of a file, with the place of every value. The parser and the
// mapper to other formats make it, the writer prints it, the mapper to the model reads it. It knows nothing
// of IPsec.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/finding.hpp"

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
    /// What was kept so far goes with the other, and is wiped there.
    Texts& operator=(Texts&& other) noexcept {
        std::swap(blocks_, other.blocks_);
        std::swap(used_, other.used_);
        std::swap(once_, other.once_);
        return *this;
    }
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

/// Where in a vector of things with names the first of a name is. Things that were added behind the last one
/// that it was told of are looked for one by one.
class NameIndex {
 public:
    /// The number of things when none has the name.
    template <class Thing>
    [[nodiscard]] std::size_t find(const std::vector<Thing>& things, std::string_view name) const {
        if (!slots_.empty()) {
            for (auto at = slot_of(name); slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
                const std::size_t i = slots_[at] - 1;
                if (i < things.size() && things[i].name == name) {
                    return i;
                }
            }
        }
        std::size_t i = told_;
        while (i < things.size() && things[i].name != name) {
            ++i;
        }
        return std::min(i, things.size());
    }

    /// Of things that were added since. The first of a name counts.
    template <class Thing>
    void tell_of(const std::vector<Thing>& things) {
        if (2 * things.size() > slots_.size()) {
            slots_.assign(std::bit_ceil(4 * things.size()), 0);
            told_ = 0;
        }
        for (; told_ < things.size(); ++told_) {
            auto at = slot_of(things[told_].name);
            while (slots_[at] != 0 && things[slots_[at] - 1].name != things[told_].name) {
                at = (at + 1) & (slots_.size() - 1);
            }
            if (slots_[at] == 0) {
                slots_[at] = static_cast<std::uint32_t>(told_ + 1);
            }
        }
    }

 private:
    [[nodiscard]] std::size_t slot_of(std::string_view name) const {
        return std::hash<std::string_view>{}(name) & (slots_.size() - 1);
    }

    std::vector<std::uint32_t> slots_;  ///< a power of two, half of them 0; else the place, from 1
    std::size_t told_ = 0;
};

struct Section {
    std::string_view type;
    std::string_view name;  ///< libuci's "cfg01b606" when anonymous
    bool anonymous = false;
    std::vector<Option> options;
    Position at{};
    std::unique_ptr<NameIndex> by_name{};  ///< the parser makes it for a section that has many options

    [[nodiscard]] const Option* find(std::string_view option) const;
};

struct Document {
    Texts texts;                    ///< what the views below are of
    std::vector<Section> sections;  ///< one of each name
    /// What libuci does without a word and the author of the file hardly meant, in the order of the file. The
    /// places have no file.
    std::vector<Finding> surprises;
    NameIndex by_name;  ///< of the sections that the parser found

    [[nodiscard]] const Section* find(std::string_view name) const;
};

/// The name that libuci gives to an anonymous section: its number in the package (named ones count) and a
/// hash of its type.
std::string anonymous_name(std::size_t number, std::string_view type);

/// Same sections, names, options and values; places and surprises do not count.
bool same_content(const Document& a, const Document& b);

}  // namespace causeway::config::uci
