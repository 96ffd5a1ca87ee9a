// From the text of a file to a model. Pure: nobody here opens a file; the caller passes the text and the name
// that messages shall use.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/limits.hpp"
#include "config/model.hpp"

namespace causeway::config {

/// Each is a row of config/formats.hpp.
enum class Format { uci, vpncfg };

/// What the content looks like (config/formats.hpp).
Format recognise(std::string_view text);

/// As --format names it.
std::optional<Format> format_named(std::string_view name);
/// "uci or vpncfg".
std::string format_names();

/// Reads and maps. An error means that the file as a whole is refused: `malformed` (its grammar),
/// `unacceptable` (nothing usable in it), `unsupported` (of no kind that is known), `limit`; everything
/// smaller is a finding in the model.
Result<Model> load(std::string_view text, std::string_view file, std::optional<Format> format = {});

/// The effective tunnels in words, for `--check-config`: several lines, ended by a newline. Never shows a
/// key.
std::string describe(const Model& model);

/// `causeway config show`: the file as it was understood. UCI: what `uci export` prints, with `package` as
/// package name. vpncfg: what the writer writes. Keys are shown: it is the user's own file, as `uci export`
/// shows it.
Result<std::string> show(std::string_view text, std::string_view file, std::optional<Format> format = {});
/// The same as JSON text: every value with its line and column.
Result<std::string> show_json(std::string_view text, std::string_view file,
                              std::optional<Format> format = {});

}  // namespace causeway::config
