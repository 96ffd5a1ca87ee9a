// Colour for the states that `status` and `history` print, where a person reads them. Called by the commands that talk to
// the daemon only; what a script reads stays as it is.
#pragma once

#include <string>
#include <string_view>

namespace causeway::cli {

/// stdout is a terminal that knows colours, and nobody asked for none (NO_COLOR, as no-color.org says: any
/// value but an empty one).
bool colour_wanted();

/// The same text; the state behind the name in front of a line, or each of the lamps there, is green when all
/// is well, yellow on the way there or in doubt, red when down. Pure.
std::string coloured(std::string_view status);

/// How well something is: green, yellow, red.
enum class Shade { good, half, bad };
/// The text in its colour. Pure.
std::string painted(std::string_view text, Shade shade);

}  // namespace causeway::cli
