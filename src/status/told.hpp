// A finding as programs are told it: rendered, with its code and its places as text. What the tool reads back
// from the daemon, which may be of another version: a code that is not known here is carried like any other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/finding.hpp"

namespace causeway::status {

struct Location {
    std::string file;
    std::uint32_t line = 0;    ///< from 1; 0: the file as a whole
    std::uint32_t column = 0;  ///< from 1; 0: the line as a whole

    friend bool operator==(const Location&, const Location&) = default;
};

struct Told {
    std::string code;  ///< "psk-missing"
    Severity severity = Severity::warning;
    Certainty certainty = Certainty::proved;
    std::string message;
    std::string remedy;                         ///< may be empty
    std::map<std::string, std::string> fields;  ///< what the message was made of
    std::vector<Location> locations;            ///< the place to look at first; then the other end's

    /// "MESSAGE; REMEDY".
    [[nodiscard]] std::string sentence() const { return remedy.empty() ? message : message + "; " + remedy; }
    friend bool operator==(const Told&, const Told&) = default;
};

Told told(const Finding& finding);
/// Its sentence, or nothing.
inline std::string sentence_of(const std::optional<Told>& told) {
    return told ? told->sentence() : std::string{};
}

}  // namespace causeway::status
