// Whether a line of a configuration may be shown to its reader. Pure. A key under a misspelt name is a key still, so a line is
// shown only where every setting in it is known and holds none.
#pragma once

#include <string_view>

namespace causeway::config {

/// Of whichever kind of file that is read here. What cannot be made out is not shown.
bool is_quotable(std::string_view line);

}  // namespace causeway::config
