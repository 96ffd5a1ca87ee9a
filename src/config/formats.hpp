// The kinds of file that describe tunnels, as a table: how each is recognised, read, mapped and shown.
// Another kind is another row, and a folder of its own.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/file_name.hpp"
#include "config/load.hpp"

namespace causeway::config {

/// What is to be read.
struct Source {
    std::string_view text;
    FileName file;            ///< as messages call it
    bool named = false;       ///< the user said that it is of this kind
    Companions companions{};  ///< may be empty
};

struct FormatRules {
    Format format;
    std::string_view name;     ///< of --format, and in JSON
    std::string_view example;  ///< how such a file begins, for who gave another one
    /// What the content looks like. The first row that says yes has it; the last one takes what is left.
    bool (*recognise)(std::string_view text);
    Result<Model> (*load)(const Source& source);
    Result<std::string> (*show)(const Source& source);
    /// Adds every value with its line and column.
    Result<> (*show_json)(const Source& source, nlohmann::ordered_json& json);
};

std::span<const FormatRules> formats();
const FormatRules& rules_of(Format format);

// For the rows.

/// Readers know lines; the name of the file is added here.
template <class T>
Result<T> in_file(Result<T> result, FileName file) {
    if (!result) {
        result.error().place.file = file;
    }
    return result;
}

/// Nothing that can be used was found in a file that could be read.
Result<Model> nothing_usable(Result<Model> result);

/// What the file is instead, where its text says so; else `error`.
Error judged(Error error, const Source& source);

tl::unexpected<Error> of_no_known_kind(const Source& source);

}  // namespace causeway::config
