// What there is to say about a fault, wherever it is found: in a file, on the wire, on this machine. Made
// with base/findings.hpp, the catalogue; put into words at the edge: for a person, or as JSON. A field never
// holds a secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/place.hpp"

namespace causeway {

enum class Severity {
    error,    ///< it will not connect, or what is named is not used
    warning,  ///< it works, but differently from what seems to be wanted
    note,     ///< worth knowing
};
std::string_view name_of(Severity severity);

/// How well what was seen proves the cause.
enum class Certainty {
    proved,  ///< protected by keys, or read from our own files and this machine
    likely,  ///< said in clear, which anybody could: a hint, though each repetition is answered alike
    one_of,  ///< several causes look like this; the field "candidates" has their codes, the likeliest first
};
/// "proved", "likely", "one-of".
std::string_view name_of(Certainty certainty);

// Declared in base/findings.hpp, which only those need who make findings: a new one is not everybody's news.
enum class Code : std::uint16_t;
enum class FindingId : std::uint16_t;

struct Finding {
    FindingId id{};
    std::vector<std::pair<std::string_view, std::string>> fields;  ///< what the placeholders stand for
    /// Where it shows, the place to look at first; then the other end's, if known.
    std::vector<Place> places;
    Severity severity = Severity::warning;
    Certainty certainty = Certainty::proved;
    bool dropped = false;  ///< what stands at the place has no effect: it is nowhere in the model

    [[nodiscard]] Code code() const;
    /// The first one, or one that is not known.
    [[nodiscard]] const Place& place() const;
    /// The sentence, its placeholders replaced.
    [[nodiscard]] std::string message() const;
    /// What to change; may be empty.
    [[nodiscard]] std::string remedy() const;
    /// "MESSAGE; REMEDY".
    [[nodiscard]] std::string sentence() const;
    /// "FILE:LINE: warning: MESSAGE; REMEDY".
    [[nodiscard]] std::string text() const;

    friend bool operator==(const Finding&, const Finding&) = default;
};

}  // namespace causeway
