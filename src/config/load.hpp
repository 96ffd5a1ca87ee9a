// From the text of a file to a model. Pure: nobody here opens a file; the caller passes the text and the name
// that messages shall use.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/limits.hpp"
#include "config/model.hpp"

namespace causeway::config {

/// Each is a row of config/formats.hpp.
enum class Format { uci, vpncfg, swanctl, ipsec_conf };

/// A file that another one refers to: what messages call it, and its text.
struct NamedText {
    std::string name;
    std::string text;
};
/// Opens for a reader what a file refers to: a path or a pattern of paths as it stands there (`include
/// conf.d/*.conf`), or the name of what may lie beside it. Relative ones begin where `from` is. In the order of their
/// names; none where nothing is there; an error for one that is there and cannot be read.
using Companions =
    std::function<Result<std::vector<NamedText>>(std::string_view pattern, std::string_view from)>;

/// What the content looks like (config/formats.hpp).
Format recognise(std::string_view text);

/// As --format names it.
std::optional<Format> format_named(std::string_view name);
/// "uci, ipsec.conf, swanctl.conf or vpncfg".
std::string format_names();

/// Reads and maps. An error means that the file as a whole is refused: `malformed` (its grammar),
/// `unacceptable` (nothing usable in it), `unsupported` (of no kind that is known), `limit`; everything
/// smaller is a finding in the model. Without `companions` nothing else is read, and what the file refers to is a
/// finding.
Result<Model> load(std::string_view text, std::string_view file, std::optional<Format> format = {},
                   const Companions& companions = {});

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
