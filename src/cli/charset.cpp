#include "cli/charset.hpp"

#include <cctype>
#include <cstdlib>
#include <string>

namespace causeway::cli {

bool utf8_wanted() {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* const value = std::getenv(name);
        if (value == nullptr || *value == '\0') {
            continue;
        }
        std::string letters;
        for (const char* at = value; *at != '\0'; ++at) {
            if (*at != '-') {
                letters += static_cast<char>(std::tolower(static_cast<unsigned char>(*at)));
            }
        }
        return letters.find("utf8") != std::string::npos;
    }
    return false;
}

}  // namespace causeway::cli
