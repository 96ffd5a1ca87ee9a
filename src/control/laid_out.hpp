// JSON of one line, laid out for people while it arrives: as Writer does it, two blanks a level.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace causeway::control {

/// Takes an object in parts that end anywhere. It is not validated but for what a terminal must not see: no JSON has an octet
/// below 0x20 in a string, and a line none outside of one; and no message of ours is nested deeper than 16 levels.
class LaidOut {
 public:
    void feed(std::string_view json);
    /// Nothing has been fed that must not be shown.
    [[nodiscard]] bool fit() const { return !unfit_; }
    /// One object, and nothing else, has been fed to its end.
    [[nodiscard]] bool whole() const { return began_ && depth_ == 0 && !in_string_ && fit(); }
    /// Octets of text that take() would give.
    [[nodiscard]] std::size_t size() const { return text_.size(); }
    /// The text since the last time.
    [[nodiscard]] std::string take() { return std::exchange(text_, {}); }

 private:
    std::size_t string(std::string_view json, std::size_t at);
    void structure(char c);
    void line();

    std::string text_;
    std::size_t depth_ = 0;
    bool began_ = false;
    bool in_string_ = false;
    bool escaped_ = false;      ///< the octet before, in a string, was a backslash
    bool just_opened_ = false;  ///< what comes next closes an empty object, or begins a line
    bool unfit_ = false;
};

}  // namespace causeway::control
