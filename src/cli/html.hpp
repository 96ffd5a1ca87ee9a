// Text in a page of HTML: whatever it holds, it stays text. Pure.
#pragma once

#include <string>
#include <string_view>

namespace causeway::cli {

/// Between tags, and between quotation marks. Control characters become U+FFFD, those that turn the direction of writing too.
std::string html(std::string_view text);

}  // namespace causeway::cli
