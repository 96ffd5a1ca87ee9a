// Where in which file a value stands. A value keeps its place from the reader to the last message about it.
#pragma once

#include <cstdint>
#include <string>

#include "base/file_name.hpp"

namespace causeway {

/// File, line and column, both from 1; line 0 means "not from a file" (a default, or a value made by a test).
struct Place {
    FileName file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    [[nodiscard]] bool known() const { return line != 0; }
    /// "FILE:LINE", "FILE:LINE:COLUMN" when the column is known, "line N" without a file, "default" when
    /// unknown.
    [[nodiscard]] std::string text() const;

    friend bool operator==(const Place&, const Place&) = default;
};

/// A value with the place it came from.
template <class T>
struct Sourced {
    T value{};
    Place place{};

    friend bool operator==(const Sourced&, const Sourced&) = default;
};

}  // namespace causeway
