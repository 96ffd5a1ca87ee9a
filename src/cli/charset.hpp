// Which characters the person at the terminal can see, by the environment (POSIX, 8.2 Internationalization Variables).
#pragma once

namespace causeway::cli {

/// The first of LC_ALL, LC_CTYPE and LANG that says anything names UTF-8.
bool utf8_wanted();

}  // namespace causeway::cli
