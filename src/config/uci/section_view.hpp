// One section as the mapper reads it: values by option name, converted, with their places; what does not
// convert is reported and counts as absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "config/report.hpp"
#include "config/uci/document.hpp"
#include "config/uci/options.hpp"

namespace causeway::config::uci {

class SectionView {
 public:
    SectionView(const Section& section, SectionKind kind, Generations generation, Report& report)
        : section_(section), kind_(kind), generation_(generation), report_(report) {}

    [[nodiscard]] std::string name() const { return std::string(section_.name); }
    [[nodiscard]] Place place() const { return place_of(section_.at); }
    /// "remote 'Site2Site'".
    [[nodiscard]] std::string title() const;
    [[nodiscard]] bool has(std::string_view option) const { return find(option) != nullptr; }
    /// As it stands in the file, which may be G4's name for it.
    [[nodiscard]] std::string_view written(std::string_view option) const {
        const auto* const found = find(option);
        return found == nullptr ? option : std::string_view(found->name);
    }
    /// Of the option's first value, or of the section when it has none.
    [[nodiscard]] Place place(std::string_view option) const;

    /// The value; of a list the first item, with a warning when there are more.
    [[nodiscard]] std::optional<Sourced<std::string>> text(std::string_view option) const;
    /// Every item; the words of an option count as items (`option crypto_proposal 'a b'`). Where the schema
    /// wants a list and finds an option, a note says so.
    [[nodiscard]] std::vector<Sourced<std::string>> words(std::string_view option,
                                                          std::string_view also = {}) const;
    [[nodiscard]] std::optional<Sourced<bool>> boolean(std::string_view option) const;
    /// Within the range of its row (uci/options.hpp).
    [[nodiscard]] std::optional<Sourced<std::uint64_t>> number(std::string_view option) const;
    [[nodiscard]] std::optional<Sourced<Duration>> duration(std::string_view option) const;

    /// Octets, or with k, m or g behind the number: strongSwan's parse_bytes().
    [[nodiscard]] std::optional<Sourced<std::uint64_t>> octets(std::string_view option) const;

    /// Reports a value that does not convert; `wanted` is what to write: "1 or 0".
    void unreadable(const Sourced<std::string>& value, std::string_view option, std::string wanted) const;

    /// Reports what nobody knows, and what is known and not used.
    void check_options() const;

 private:
    /// By either of its names (uci::other_name).
    [[nodiscard]] const Option* find(std::string_view option) const;
    [[nodiscard]] Place place_of(Position at) const { return report_.place(at.line, at.column); }
    template <FindingId id>
    [[nodiscard]] Finding of_option(const Option& option, std::string_view consequence) const;

    const Section& section_;
    SectionKind kind_;
    Generations generation_;
    Report& report_;
};

}  // namespace causeway::config::uci
