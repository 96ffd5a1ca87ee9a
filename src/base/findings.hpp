// The catalogue of findings: base/findings/*.def as C++. Included by whoever makes findings or knows a code;
// a finding itself is a value of base/finding.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/finding.hpp"
#include "base/place.hpp"

namespace causeway {

/// A cause. Several findings may have one: a key is missing in a UCI file and in a vpncfg.
enum class Code : std::uint16_t {
#define CAUSEWAY_CODE(name, text) name,
#include "base/findings/codes.def"
#undef CAUSEWAY_CODE
};

/// "psk-missing": stable, for scripts, tests and `causeway explain`.
std::string text(Code code);
/// What it means, how it comes about, how to fix it.
std::string_view explanation(Code code);
/// Every code, in the order of its topics.
const std::vector<Code>& all_codes();
std::optional<Code> code_named(std::string_view text);

enum class FindingId : std::uint16_t {
#define CAUSEWAY_FINDING(name, code, severity, sentence, remedy) name,
#define CAUSEWAY_HINT(name, code, severity, certainty, sentence, remedy) name,
#include "base/findings.def"
#undef CAUSEWAY_HINT
#undef CAUSEWAY_FINDING
};

struct FindingDescription {
    Code code;
    Severity severity;
    Certainty certainty;
    std::string_view sentence;  ///< with {field} placeholders
    std::string_view remedy;    ///< the same; may be empty
};

// std::array's own deduction folds over its arguments, which clang limits to 256.
inline constexpr auto finding_descriptions = std::to_array<FindingDescription>({
#define CAUSEWAY_FINDING(name, code, severity, sentence, remedy) \
    {Code::code, Severity::severity, Certainty::proved, sentence, remedy},
#define CAUSEWAY_HINT(name, code, severity, certainty, sentence, remedy) \
    {Code::code, Severity::severity, Certainty::certainty, sentence, remedy},
#include "base/findings.def"
#undef CAUSEWAY_HINT
#undef CAUSEWAY_FINDING
});

constexpr const FindingDescription& describe(FindingId id) {
    return finding_descriptions.at(static_cast<std::size_t>(id));
}

/// A field of this name holds what has been seen since: "MESSAGE; since then VALUE". What was said before silence is
/// what helps.
inline constexpr std::string_view since = "since";

/// A field of this name holds the address that a call came from where no peer is: "MESSAGE; the call comes from VALUE, an
/// address of no peer".
inline constexpr std::string_view called_from = "called_from";

/// A field of this name holds the codes of the causes that look alike, the likeliest first, with blanks between them.
inline constexpr std::string_view candidates = "candidates";

/// The name of a field as a template argument.
template <std::size_t size>
struct FieldName {
    // NOLINTNEXTLINE(google-explicit-constructor): field<"remote">
    consteval FieldName(const char (&name)[size]) { std::copy_n(name, size, text); }
    [[nodiscard]] constexpr std::string_view view() const { return {text, size - 1}; }
    char text[size]{};
};

template <FieldName name>
struct Field {
    static constexpr FieldName own_name = name;
    std::string value;
};

/// field<"remote">(text)
template <FieldName name>
Field<name> field(std::string value) {
    return {std::move(value)};
}

/// The length of the placeholder that begins at the opening brace `at`, braces included; 0: it is a mere
/// brace.
constexpr std::size_t placeholder_at(std::string_view pattern, std::size_t at) {
    const auto close = pattern.find('}', at);
    if (close == std::string_view::npos || close == at + 1) {
        return 0;
    }
    for (const char c : pattern.substr(at + 1, close - at - 1)) {
        if (c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9')) {
            return 0;
        }
    }
    return close - at + 1;
}

/// Each placeholder of `pattern` is among `names`.
template <std::size_t count>
constexpr bool names_all(std::string_view pattern, const std::array<std::string_view, count>& names) {
    for (auto at = pattern.find('{'); at != std::string_view::npos; at = pattern.find('{', at + 1)) {
        const auto length = placeholder_at(pattern, at);
        if (length != 0 &&
            std::find(names.begin(), names.end(), pattern.substr(at + 1, length - 2)) == names.end()) {
            return false;
        }
    }
    return true;
}

namespace detail {
/// Not a template: there are hundreds of findings, and one way to put them together.
Finding put_together(FindingId id, std::vector<Place> places, const std::string_view* names,
                     std::string* values, std::size_t count);
Finding put_together(FindingId id, Place place, const std::string_view* names, std::string* values,
                     std::size_t count);
}  // namespace detail

/// finding<FindingId::name_unresolved>(place, field<"name">(name), field<"why">(why)): a placeholder that gets no
/// value does not compile. A field that no sentence has is for scripts. `where`: a place, or several, the first
/// one to be looked at first.
template <FindingId id, class Where, FieldName... names>
requires std::constructible_from<Place, Where> || std::constructible_from<std::vector<Place>, Where> Finding
finding(Where where, Field<names>... fields) {
    static constexpr std::array<std::string_view, sizeof...(names)> given{Field<names>::own_name.view()...};
    static_assert(names_all(describe(id).sentence, given) && names_all(describe(id).remedy, given),
                  "a placeholder of the sentence or the remedy has no field");
    std::array<std::string, sizeof...(names)> values{std::move(fields.value)...};
    return detail::put_together(id, std::move(where), given.data(), values.data(), values.size());
}
/// Of something that stands in no file.
template <FindingId id, FieldName... names>
Finding finding(Field<names>... fields) {
    return finding<id>(std::vector<Place>{}, std::move(fields)...);
}

}  // namespace causeway
